/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every reply that the server gives, in the order of its members.  The API
 * description comes from here; tests hold real replies against it.
 *
 * SHAPE(symbol, name, about)  MEMBER(name, type, members...)  SHAPE_END
 * A member is always there and never null unless its flags say so: M_NULL,
 * M_ABSENT.  A shape stands before those that use it.
 */

/* Both faces --------------------------------------------------------------*/

SHAPE(fault, "Fault", "one thing that is wrong with a request")
MEMBER("loc", M_LIST, .item = EACH(M_ANY),
    .doc = "where: body, query, path or header, then names and positions")
MEMBER("msg", M_STR, .doc = "for people")
MEMBER("type", M_STR, .doc = "for programs")
SHAPE_END(fault)

SHAPE(error, "Error", "every error, whoever made it")
MEMBER("code", M_INT, .doc = "the HTTP status")
MEMBER("detail", M_STR, .doc = "one line for people")
MEMBER("errors", M_LIST, .flags = M_ABSENT, .shape = &shape_fault,
    .doc = "at most 20; left out when there are none")
MEMBER("type", M_STR, .doc = "stable name for programs")
MEMBER("request_id", M_STR, .doc = "equal to X-Request-Id")
SHAPE_END(error)

SHAPE(health, "Health", "how the server is")
MEMBER("status", M_WORD, .words = WORDS("ok", "ready"), .doc = "all is well")
SHAPE_END(health)

SHAPE(log_line, "LogLine", "a line of a job's log")
MEMBER("seq", M_INT, .doc = "rising")
MEMBER("timestamp", M_TIME, .doc = "when")
MEMBER("level", M_WORD, .words = WORDS("debug", "info", "warning", "error"),
    .doc = "how grave")
MEMBER("message", M_STR, .doc = "the line")
MEMBER("data", M_MAP, .doc = "what came with it")
MEMBER("attempt", M_INT, .doc = "the attempt that wrote it")
SHAPE_END(log_line)

SHAPE(log_list, "LogList", "lines, oldest first")
MEMBER("items", M_LIST, .shape = &shape_log_line, .doc = "the lines")
MEMBER("next_after", M_INT, .doc = "give it as after to go on")
SHAPE_END(log_list)

SHAPE(metric_event, "MetricEvent", "metrics as they were reported")
MEMBER("seq", M_INT, .doc = "rising")
MEMBER("timestamp", M_TIME, .doc = "when")
MEMBER("event_type", M_STR, .doc = "the event that brought them")
MEMBER("step", M_INT, .flags = M_NULL, .doc = "of the training")
MEMBER("metrics", M_MAP, .doc = "names to values or series")
SHAPE_END(metric_event)

SHAPE(metric_list, "MetricList", "an attempt's metrics, oldest first")
MEMBER("attempt", M_INT, .doc = "whose")
MEMBER("items", M_LIST, .shape = &shape_metric_event, .doc = "the events")
MEMBER("next_after", M_INT, .doc = "give it as after to go on")
SHAPE_END(metric_list)

/* Hosted training ---------------------------------------------------------*/

SHAPE(capability, "PinnedCapability", "the capability that a job trains")
MEMBER("artifact_id", M_UUID, .doc = "the artifact")
MEMBER("name", M_STR, .doc = "as submitted")
MEMBER("version", M_STR, .doc = "as submitted")
MEMBER("runtime_digest", M_STR, .flags = M_NULL, .doc = "sha256:<hex>")
SHAPE_END(capability)

SHAPE(creator, "Creator", "who created it")
MEMBER("id", M_UUID, .doc = "user id")
MEMBER("email", M_STR, .doc = "address")
MEMBER("username", M_STR, .doc = "login name")
MEMBER("full_name", M_STR, .flags = M_ABSENT, .doc = "display name")
SHAPE_END(creator)

SHAPE(training_job, "TrainingJob", "a hosted training job")
MEMBER("id", M_UUID, .doc = "its id; all zero after a dry run")
MEMBER("organization_id", M_UUID, .doc = "owner")
MEMBER("workspace_id", M_UUID, .doc = "where it lives")
MEMBER("name", M_STR, .flags = M_NULL, .doc = "display name")
MEMBER("status", M_STATUS, .face = FACE_HOSTED, .doc = "where it stands")
MEMBER("backend", M_WORD, .words = WORDS("tinker", "ray"),
    .doc = "where it trains")
MEMBER("trainer_type", M_WORD, .words = WORDS("sft", "rl"),
    .doc = "how it trains")
MEMBER("algorithm", M_WORD, .flags = M_NULL,
    .words = WORDS("grpo", "importance_sampling", "ppo"),
    .doc = "null for SFT")
MEMBER("model", M_STR, .doc = "base model")
MEMBER("project_ref", M_STR, .flags = M_NULL, .doc = "project key in effect")
MEMBER("run_ref", M_STR, .flags = M_NULL, .doc = "lineage")
MEMBER("dataset_ref", M_OBJ, .flags = M_NULL, .body = BODIES(&schema_ref),
    .doc = "lifted out of config")
MEMBER("prompt_dataset_ref", M_OBJ, .flags = M_NULL,
    .body = BODIES(&schema_ref), .doc = "lifted out of config")
MEMBER("trajectory_dataset_refs", M_LIST, .body = BODIES(&schema_ref),
    .doc = "lifted out of config")
MEMBER("task_ref", M_STR, .flags = M_NULL, .doc = "lifted out of config")
MEMBER("world_manifest_id", M_STR, .flags = M_NULL,
    .doc = "lifted out of config")
MEMBER("world_runtime_id", M_STR, .flags = M_NULL,
    .doc = "lifted out of config")
MEMBER("world_agent_name", M_STR, .flags = M_NULL,
    .doc = "lifted out of config")
MEMBER("world_goal", M_STR, .flags = M_NULL, .doc = "lifted out of config")
MEMBER("capability", M_OBJ, .shape = &shape_capability,
    .doc = "what is trained, pinned at creation")
MEMBER("config", M_OBJ, .body = BODIES(&schema_tinker_sft,
    &schema_tinker_rl, &schema_ray_grpo),
    .doc = "as submitted, without nulls, with defaults")
MEMBER("metrics", M_MAP, .doc = "of the current attempt")
MEMBER("artifacts", M_MAP, .doc = "of the current attempt")
MEMBER("tags", M_LIST, .item = EACH(M_STR), .doc = "labels")
MEMBER("error", M_STR, .flags = M_NULL, .doc = "why it failed")
MEMBER("created_at", M_TIME, .doc = "when it was created")
MEMBER("created_by", M_UUID, .flags = M_NULL, .doc = "user id")
MEMBER("created_by_email", M_STR, .flags = M_NULL, .doc = "address")
MEMBER("created_by_user", M_OBJ, .flags = M_NULL, .shape = &shape_creator,
    .doc = "who created it")
MEMBER("started_at", M_TIME, .flags = M_NULL, .doc = "when work began")
MEMBER("completed_at", M_TIME, .flags = M_NULL,
    .doc = "when it ended, whatever the end")
MEMBER("cancel_requested_at", M_TIME, .flags = M_NULL,
    .doc = "first request to cancel it")
MEMBER("updated_at", M_TIME, .doc = "last change")
MEMBER("attempt", M_INT, .doc = "the one it is in, or will start next")
MEMBER("validate_only", M_BOOL, .flags = M_ABSENT,
    .doc = "true in the reply of a dry run")
SHAPE_END(training_job)

SHAPE(training_job_list, "TrainingJobList", "jobs, newest first")
MEMBER("items", M_LIST, .shape = &shape_training_job,
    .doc = "without the series of metrics")
MEMBER("total", M_INT, .doc = "all matches, at most 10000")
MEMBER("page", M_INT, .doc = "as asked for")
MEMBER("page_size", M_INT, .doc = "as asked for")
MEMBER("next_cursor", M_STR, .flags = M_NULL, .doc = "null on the last page")
MEMBER("total_is_exact", M_BOOL, .doc = "false beyond 10000")
SHAPE_END(training_job_list)

SHAPE(job_artifacts, "TrainingJobArtifacts", "what a job left behind")
MEMBER("artifacts", M_MAP, .doc = "names to texts or lists of texts")
SHAPE_END(job_artifacts)

SHAPE(job_attempt, "TrainingJobAttempt", "one attempt of a hosted job")
MEMBER("attempt", M_INT, .doc = "its number")
MEMBER("status", M_WORD, .words = WORDS("queued", "running", "completed",
    "failed", "cancelled", "lost"), .doc = "how it stands")
MEMBER("engine", M_STR, .flags = M_NULL, .doc = "what ran it")
MEMBER("queued_at", M_TIME, .doc = "when it was queued")
MEMBER("started_at", M_TIME, .flags = M_NULL, .doc = "when work began")
MEMBER("completed_at", M_TIME, .flags = M_NULL, .doc = "when it ended")
MEMBER("error", M_STR, .flags = M_NULL, .doc = "why it failed")
MEMBER("metrics", M_MAP, .doc = "what it reported")
MEMBER("artifacts", M_MAP, .doc = "what it left behind")
SHAPE_END(job_attempt)

SHAPE(job_attempt_list, "TrainingJobAttemptList", "attempts, by number")
MEMBER("items", M_LIST, .shape = &shape_job_attempt, .doc = "the attempts")
MEMBER("total", M_INT, .doc = "how many")
SHAPE_END(job_attempt_list)

SHAPE(rl_task, "TrainingRLTask", "the task of an RL job")
MEMBER("id", M_UUID, .doc = "the artifact")
MEMBER("reference", M_STR, .doc = "name@version")
MEMBER("name", M_STR, .doc = "its name")
MEMBER("version", M_STR, .doc = "its version")
MEMBER("sandbox_provider", M_STR, .doc = "setting of the site")
MEMBER("s3_key", M_STR, .doc = "sha256/<hex>")
MEMBER("instruction", M_STR, .flags = M_ABSENT, .doc = "what to do")
MEMBER("ports", M_ANY, .flags = M_ABSENT, .doc = "as in the task")
MEMBER("verification", M_ANY, .flags = M_ABSENT, .doc = "as in the task")
SHAPE_END(rl_task)

SHAPE(rl_world, "TrainingRLWorld", "the world of an RL job")
MEMBER("id", M_STR, .doc = "its id")
MEMBER("server_url", M_STR, .doc = "where it runs")
MEMBER("name", M_STR, .flags = M_ABSENT, .doc = "its name")
MEMBER("manifest_backend_id", M_STR, .flags = M_ABSENT, .doc = "backend")
MEMBER("artifact_refs", M_MAP, .flags = M_ABSENT, .doc = "as in the manifest")
MEMBER("stats", M_MAP, .flags = M_ABSENT, .doc = "as in the manifest")
SHAPE_END(rl_world)

SHAPE(rl_context, "TrainingRLContext", "what a worker needs for an RL job")
MEMBER("capability_entry_prompt", M_STR, .flags = M_ABSENT,
    .doc = "system text")
MEMBER("task", M_OBJ, .flags = M_ABSENT, .shape = &shape_rl_task,
    .doc = "the task")
MEMBER("world", M_OBJ, .flags = M_ABSENT, .shape = &shape_rl_world,
    .doc = "the world")
MEMBER("reward_recipe", M_OBJ, .flags = M_ABSENT,
    .body = BODIES(&schema_recipe), .doc = "the recipe in effect")
SHAPE_END(rl_context)

SHAPE(pricing, "TrainingModelPricing", "USD a million tokens")
MEMBER("prefill", M_NUM, .flags = M_ABSENT | M_NULL, .doc = "reading")
MEMBER("sample", M_NUM, .flags = M_ABSENT | M_NULL, .doc = "writing")
MEMBER("train", M_NUM, .flags = M_ABSENT | M_NULL, .doc = "training")
SHAPE_END(pricing)

SHAPE(model, "TrainingModel", "a base model")
MEMBER("tinker_id", M_STR, .doc = "what to give as model")
MEMBER("display_name", M_STR, .doc = "for people")
MEMBER("family", M_WORD, .words = WORDS("llama", "qwen"), .doc = "family")
MEMBER("type", M_WORD, .words = WORDS("dense", "moe"), .doc = "architecture")
MEMBER("size_b", M_NUM, .doc = "billions of (active) parameters")
MEMBER("context_length", M_INT, .doc = "tokens")
MEMBER("extended_context", M_BOOL, .doc = "a :peft: variant exists")
MEMBER("supported_algorithms", M_LIST, .item = EACH(M_WORD,
    .words = WORDS("sft", "importance_sampling", "ppo")),
    .doc = "what it can be trained with")
MEMBER("pricing", M_OBJ, .flags = M_NULL, .shape = &shape_pricing,
    .doc = "null when not known")
SHAPE_END(model)

SHAPE(catalog, "TrainingCatalogResponse", "base models")
MEMBER("models", M_LIST, .shape = &shape_model, .doc = "the models")
MEMBER("total", M_INT, .doc = "all matches")
MEMBER("limit", M_INT, .doc = "most models in the reply")
SHAPE_END(catalog)

/* Members of recipes, presets and components. */
#define REWARD_MEMBERS \
MEMBER("name", M_STR, .doc = "what to give as name") \
MEMBER("description", M_STR, .doc = "what is rewarded") \
MEMBER("parameters", M_LIST, .shape = &shape_reward_parameter, \
    .doc = "what params may hold; further keys are handed on")

SHAPE(reward_parameter, "RewardParameter", "a parameter of a reward")
MEMBER("name", M_STR, .doc = "key in params")
MEMBER("type", M_WORD, .words = WORDS("string", "integer", "number"),
    .doc = "checked when a job is created")
MEMBER("default", M_ANY, .doc = "when it is absent; null: none")
MEMBER("required", M_BOOL, .doc = "there is no job without it")
MEMBER("description", M_STR, .doc = "for people")
SHAPE_END(reward_parameter)

SHAPE(reward_recipe, "RewardRecipeInfo", "a way to reward completions")
REWARD_MEMBERS
MEMBER("needs", M_LIST, .item = EACH(M_WORD, .words = WORDS(
    "row.expected_output", "row.reward", "task.verification",
    "task.environment", "capability.agent")),
    .doc = "what it reads besides its parameters")
SHAPE_END(reward_recipe)

SHAPE(world_reward_info, "WorldRewardInfo", "a preset or a component")
REWARD_MEMBERS
SHAPE_END(world_reward_info)

SHAPE(reward_recipes, "RewardRecipeList", "how jobs can be rewarded")
MEMBER("items", M_LIST, .shape = &shape_reward_recipe, .doc = "the recipes")
MEMBER("world_presets", M_LIST, .shape = &shape_world_reward_info,
    .doc = "names of world_reward")
MEMBER("world_components", M_LIST, .shape = &shape_world_reward_info,
    .doc = "names in world_reward.params.components")
SHAPE_END(reward_recipes)

#undef REWARD_MEMBERS

/* Artifacts ---------------------------------------------------------------*/

SHAPE(dataset_fault, "DatasetFault", "a row that no runner can use")
MEMBER("line", M_INT, .doc = "where it begins, from 1, unpacked")
MEMBER("message", M_STR, .doc = "what is wrong with it")
SHAPE_END(dataset_fault)

SHAPE(dataset, "DatasetSummary", "what the rows of a dataset are")
MEMBER("format", M_WORD, .flags = M_NULL, .words = WORDS("jsonl", "json"),
    .doc = "null when there are no rows")
MEMBER("compression", M_WORD, .flags = M_NULL, .words = WORDS("gzip"),
    .doc = "null when there is none")
MEMBER("checked", M_WORD, .words = WORDS("complete", "partial"),
    .doc = "partial: the numbers are of a part only")
MEMBER("row_count", M_INT, .doc = "rows")
MEMBER("fault_count", M_INT, .doc = "rows that fit no form")
MEMBER("faults", M_LIST, .shape = &shape_dataset_fault,
    .doc = "the first ten")
MEMBER("splits", M_MAP, .item = EACH(M_INT),
    .doc = "rows of each split, 32 of them")
MEMBER("shapes", M_MAP, .item = EACH(M_INT), .doc = "rows of each form")
SHAPE_END(dataset)

SHAPE(artifact, "Artifact", "an immutable version of a named thing")
MEMBER("id", M_UUID, .doc = "its id")
MEMBER("kind", M_WORD, .words = WORDS("capability", "dataset",
    "trajectory_dataset", "task", "model", "checkpoint", "other"),
    .doc = "what it is")
MEMBER("name", M_STR, .doc = "its name")
MEMBER("version", M_STR, .doc = "its version")
MEMBER("media_type", M_STR, .doc = "type of the bytes")
MEMBER("size", M_INT, .flags = M_NULL, .doc = "bytes")
MEMBER("sha256", M_STR, .flags = M_NULL, .doc = "of the bytes, hex")
MEMBER("uri", M_STR, .flags = M_ABSENT, .doc = "where it is kept, if not here")
MEMBER("created_at", M_TIME, .doc = "when it was published")
MEMBER("created_by", M_UUID, .flags = M_NULL, .doc = "user id")
MEMBER("dataset", M_OBJ, .flags = M_ABSENT, .shape = &shape_dataset,
    .doc = "of datasets whose bytes are here")
SHAPE_END(artifact)

SHAPE(artifact_list, "ArtifactList", "artifacts, newest first")
MEMBER("items", M_LIST, .shape = &shape_artifact, .doc = "the artifacts")
MEMBER("total", M_INT, .doc = "all matches, at most 10000")
MEMBER("page", M_INT, .doc = "as asked for")
MEMBER("page_size", M_INT, .doc = "as asked for")
MEMBER("next_cursor", M_STR, .flags = M_NULL, .doc = "null on the last page")
MEMBER("total_is_exact", M_BOOL, .doc = "false beyond 10000")
SHAPE_END(artifact_list)

/* Who and where -----------------------------------------------------------*/

#define LEVELS	WORDS("platform", "organization")

SHAPE(organization, "Organization", "an organization")
MEMBER("id", M_UUID, .doc = "its id")
MEMBER("name", M_STR, .doc = "display name")
MEMBER("key", M_STR, .doc = "its name in paths")
MEMBER("description", M_STR, .flags = M_NULL | M_ABSENT, .doc = "for people")
MEMBER("is_active", M_BOOL, .flags = M_ABSENT, .doc = "true")
MEMBER("effective_max_sandbox_runtime_seconds", M_INT,
    .doc = "longest run of a job")
MEMBER("max_sandbox_runtime_source_level", M_WORD, .words = LEVELS,
    .doc = "who says so")
MEMBER("effective_default_sandbox_runtime_seconds", M_INT, .doc = "default")
MEMBER("default_sandbox_runtime_source_level", M_WORD, .words = LEVELS,
    .doc = "who says so")
MEMBER("platform_max_sandbox_runtime_seconds", M_INT, .doc = "the site's")
MEMBER("platform_default_sandbox_runtime_seconds", M_INT, .doc = "the site's")
MEMBER("max_members", M_INT, .flags = M_ABSENT, .doc = "0: no limit")
MEMBER("member_count", M_INT, .flags = M_ABSENT, .doc = "how many")
MEMBER("plan_type", M_STR, .flags = M_NULL | M_ABSENT, .doc = "plan")
MEMBER("created_at", M_TIME, .doc = "when it was made")
MEMBER("updated_at", M_TIME, .doc = "last change")
SHAPE_END(organization)

SHAPE(workspace, "Workspace", "a workspace of an organization")
MEMBER("id", M_UUID, .doc = "its id")
MEMBER("name", M_STR, .doc = "display name")
MEMBER("key", M_STR, .doc = "its name in paths")
MEMBER("org_id", M_UUID, .doc = "owner")
MEMBER("org_name", M_STR, .flags = M_ABSENT, .doc = "the owner's name")
MEMBER("is_default", M_BOOL, .flags = M_ABSENT, .doc = "the default one")
MEMBER("created_at", M_TIME, .doc = "when it was made")
MEMBER("updated_at", M_TIME, .doc = "last change")
SHAPE_END(workspace)

SHAPE(workspace_list, "WorkspaceList", "workspaces")
MEMBER("workspaces", M_LIST, .shape = &shape_workspace, .doc = "all of them")
SHAPE_END(workspace_list)

SHAPE(project, "Project", "a project of a workspace")
MEMBER("id", M_UUID, .doc = "its id")
MEMBER("key", M_STR, .doc = "what to give as project_ref")
MEMBER("name", M_STR, .doc = "display name")
MEMBER("workspace_id", M_UUID, .flags = M_ABSENT, .doc = "where it lives")
MEMBER("is_default", M_BOOL, .flags = M_ABSENT, .doc = "the default one")
MEMBER("created_at", M_TIME, .doc = "when it was made")
MEMBER("updated_at", M_TIME, .doc = "last change")
SHAPE_END(project)

SHAPE(user, "User", "the token's user")
MEMBER("id", M_UUID, .doc = "user id")
MEMBER("email_address", M_STR, .doc = "address")
MEMBER("username", M_STR, .doc = "login name")
MEMBER("full_name", M_STR, .flags = M_NULL | M_ABSENT, .doc = "display name")
MEMBER("features", M_LIST, .flags = M_ABSENT, .item = EACH(M_STR),
    .doc = "none")
MEMBER("groups", M_LIST, .flags = M_ABSENT, .item = EACH(M_STR),
    .doc = "none")
MEMBER("teams", M_LIST, .flags = M_ABSENT, .item = EACH(M_STR),
    .doc = "none")
SHAPE_END(user)

#undef LEVELS

SHAPE(audit_entry, "AuditEntry", "one change")
MEMBER("seq", M_INT, .doc = "its number; rising, with gaps")
MEMBER("created_at", M_TIME, .doc = "when")
MEMBER("actor", M_STR,
    .doc = "user id, command:<user> or policy:<judge>")
MEMBER("action", M_STR, .doc = "what was done")
MEMBER("target", M_STR, .doc = "to what")
MEMBER("request_id", M_STR, .flags = M_NULL,
    .doc = "of the HTTP request; null for the command")
SHAPE_END(audit_entry)

SHAPE(audit_list, "AuditList", "changes, newest first")
MEMBER("items", M_LIST, .shape = &shape_audit_entry, .doc = "the changes")
MEMBER("page_size", M_INT, .doc = "as asked for")
MEMBER("next_cursor", M_STR, .flags = M_NULL, .doc = "null on the last page")
SHAPE_END(audit_list)

#include "domain/shape_judge.tbl.h"
