/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every body and query that the server takes.  The validator, the hints for
 * misspelt names, the defaults and the API description come from here.
 *
 * SCHEMA(symbol, name, about)  FIELD(name, type, members...)  SCHEMA_END
 * A schema stands before those that use it.
 */
#define INT_MAX_WIRE	2147483647.0
#define SEQ_MAX_WIRE	9007199254740991.0	/* what a double holds exactly */

/* Training types, for FIELD(.applies): bit of the type's position. */
#define V_INCREMENTAL	0x1u
#define V_FULL		0x2u
#define V_FINE		0x4u
#define V_VALIDATION	0x8u
#define V_TRAINS	(V_INCREMENTAL | V_FULL | V_FINE)

/* Hosted training ---------------------------------------------------------*/

SCHEMA(ref, "ArtifactRef", "an artifact by name and version")
FIELD("name", F_STR, .flags = F_REQUIRED, .min = 1, .max = 200,
    .format = format_ref_name, .doc = "name or organization/name")
FIELD("version", F_STR, .flags = F_REQUIRED, .min = 1, .max = 64,
    .format = format_ref_version, .doc = "exact version; not latest")
SCHEMA_END(ref)

SCHEMA(recipe, "RewardRecipe", "how completions are rewarded")
FIELD("name", F_STR, .flags = F_REQUIRED, .min = 1, .max = 100,
    .doc = "a recipe of GET /api/v1/training/reward-recipes")
FIELD("params", F_MAP, .dflt = "{}", .doc = "the recipe's parameters")
SCHEMA_END(recipe)

SCHEMA(world_reward, "WorldRewardPolicy", "how a world's events are rewarded")
FIELD("name", F_STR, .flags = F_REQUIRED, .min = 1, .max = 100,
    .doc = "a preset; an unknown one runs as heuristic_v1")
FIELD("params", F_MAP, .dflt = "{}", .doc = "overrides, or components")
SCHEMA_END(world_reward)

SCHEMA(tinker_sft, "TinkerSFTJobConfig", "supervised fine-tuning on Tinker")
FIELD("dataset_ref", F_OBJ, .sub = &schema_ref, .doc = "training rows")
FIELD("trajectory_dataset_refs", F_LIST, .max = 32, .sub = &schema_ref,
    .dflt = "[]", .doc = "trajectories to imitate")
FIELD("eval_dataset_ref", F_OBJ, .sub = &schema_ref,
    .doc = "rows for the loss after training")
FIELD("max_sequence_length", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "tokens; 2048 when absent; longer rows are cut from the left")
FIELD("batch_size", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "16 when absent")
FIELD("gradient_accumulation_steps", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "1 when absent")
FIELD("learning_rate", F_NUM, .flags = F_GT, .min = 0,
    .doc = "1e-4 when absent")
FIELD("steps", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "no limit when absent")
FIELD("epochs", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "1 when steps is absent too")
FIELD("lora_rank", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "16 when absent")
FIELD("lora_alpha", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "handed to the runner")
FIELD("checkpoint_interval", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "steps; 10 when absent")
SCHEMA_END(tinker_sft)

SCHEMA(tinker_rl, "TinkerRLJobConfig", "reinforcement learning on Tinker")
FIELD("algorithm", F_WORD, .flags = F_REQUIRED,
    .words = WORDS("importance_sampling", "ppo"), .doc = "the loss")
FIELD("task_ref", F_STR, .min = 1, .max = 200,
    .format = format_task_ref, .doc = "name (newest) or name@version")
FIELD("world_manifest_id", F_STR, .min = 1, .max = 200,
    .doc = "name of a world manifest")
FIELD("world_runtime_id", F_STR, .min = 1, .max = 200,
    .doc = "runtime in the world")
FIELD("world_agent_name", F_STR, .min = 1, .max = 200,
    .doc = "agent in the runtime")
FIELD("world_goal", F_STR, .min = 1, .max = 4000, .doc = "what to reach")
FIELD("prompt_dataset_ref", F_OBJ, .sub = &schema_ref, .doc = "prompts")
FIELD("eval_dataset_ref", F_OBJ, .sub = &schema_ref,
    .doc = "prompts for evaluation")
FIELD("trajectory_dataset_refs", F_LIST, .max = 32, .sub = &schema_ref,
    .dflt = "[]", .doc = "trajectories")
FIELD("reward_recipe", F_OBJ, .sub = &schema_recipe, .doc = "the reward")
FIELD("world_reward", F_OBJ, .sub = &schema_world_reward,
    .doc = "the reward in a world")
FIELD("execution_mode", F_WORD, .dflt = "\"sync\"",
    .words = WORDS("sync", "one_step_off_async", "fully_async"),
    .doc = "how rollouts and updates interleave")
FIELD("prompt_split", F_STR, .min = 1, .max = 100,
    .doc = "rows of this split only")
FIELD("eval_split", F_STR, .min = 1, .max = 100,
    .doc = "rows of this split only, for evaluation")
FIELD("steps", F_INT, .min = 1, .max = INT_MAX_WIRE, .doc = "1 when absent")
FIELD("lora_rank", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "16 when absent")
FIELD("num_rollouts", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "8 when absent")
FIELD("batch_size", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "min(num_rollouts, 8) when absent")
FIELD("max_turns", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "the runner's own when absent")
FIELD("max_episode_steps", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "the runner's own when absent")
FIELD("learning_rate", F_NUM, .flags = F_GT, .min = 0,
    .doc = "1e-4 when absent")
FIELD("weight_sync_interval", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "1 when absent")
FIELD("max_steps_off_policy", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "1 when absent; required for async modes")
FIELD("max_new_tokens", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "128 when absent")
FIELD("temperature", F_NUM, .min = 0, .max = 0, .doc = "0.0 when absent")
FIELD("stop", F_LIST, .max = 16,
    .item = ITEM(F_STR, .min = 1, .max = 64), .doc = "ends a completion")
FIELD("checkpoint_interval", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "steps; max(steps, 1) when absent")
FIELD("eval_interval", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "steps; 10 when absent")
FIELD("eval_max_rollouts", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "batch_size when absent")
SCHEMA_END(tinker_rl)

SCHEMA(ray_grpo, "RayGRPOJobConfig", "GRPO on Ray")
FIELD("algorithm", F_WORD, .dflt = "\"grpo\"", .words = WORDS("grpo"),
    .doc = "grpo")
FIELD("task_ref", F_STR, .flags = F_REQUIRED, .min = 1, .max = 200,
    .format = format_task_ref, .doc = "name (newest) or name@version")
FIELD("prompt_dataset_ref", F_OBJ, .flags = F_REQUIRED, .sub = &schema_ref,
    .doc = "prompts")
FIELD("reward_recipe", F_OBJ, .sub = &schema_recipe,
    .doc = "row_reward_v1 when absent")
FIELD("execution_mode", F_WORD, .dflt = "\"async\"",
    .words = WORDS("async", "colocated", "distributed"),
    .doc = "where rollouts run")
FIELD("max_turns", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "the runner's own when absent")
FIELD("max_episode_steps", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "the runner's own when absent")
FIELD("num_rollouts", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "8 when absent")
FIELD("batch_size", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "min(num_rollouts, 8) when absent")
FIELD("num_rollout_workers", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "1 when absent")
FIELD("buffer_size", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "2 * batch_size when absent")
FIELD("learning_rate", F_NUM, .flags = F_GT, .min = 0,
    .doc = "1e-4 when absent")
FIELD("checkpoint_interval", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "steps; one checkpoint at the end when absent")
SCHEMA_END(ray_grpo)

/* The wrapper, once for each variant: only config differs. */
#define HOSTED_WRAPPER(backends, trainers, config_schema) \
FIELD("name", F_STR, .min = 1, .max = 200, .doc = "display name") \
FIELD("model", F_STR, .flags = F_REQUIRED, .min = 1, .max = 200, \
    .doc = "a model of the catalog") \
FIELD("project_ref", F_STR, \
    .doc = "project key; the workspace's default when absent") \
FIELD("run_ref", F_STR, .min = 1, .max = 200, .doc = "lineage only") \
FIELD("capability_ref", F_OBJ, .flags = F_REQUIRED, .sub = &schema_ref, \
    .doc = "what is trained") \
FIELD("tags", F_LIST, .max = 32, .dflt = "[]", \
    .item = ITEM(F_STR, .min = 1, .max = 64), .doc = "labels") \
FIELD("backend", F_WORD, .words = backends, .doc = "where it trains") \
FIELD("trainer_type", F_WORD, .words = trainers, .doc = "how it trains") \
FIELD("config", F_OBJ, .flags = F_REQUIRED, .sub = config_schema, \
    .doc = "the variant's settings")

SCHEMA(create_tinker_sft, "CreateTinkerSFTJob", "a Tinker SFT job")
HOSTED_WRAPPER(WORDS("tinker"), WORDS("sft"), &schema_tinker_sft)
SCHEMA_END(create_tinker_sft)

SCHEMA(create_tinker_rl, "CreateTinkerRLJob", "a Tinker RL job")
HOSTED_WRAPPER(WORDS("tinker"), WORDS("rl"), &schema_tinker_rl)
SCHEMA_END(create_tinker_rl)

SCHEMA(create_ray_grpo, "CreateRayGRPOJob", "a Ray GRPO job")
HOSTED_WRAPPER(WORDS("ray"), WORDS("rl"), &schema_ray_grpo)
SCHEMA_END(create_ray_grpo)

SCHEMA(validate_query, "ValidateQuery", "query of the create calls")
FIELD("validate_only", F_BOOL, .dflt = "false",
    .doc = "check everything, write nothing")
SCHEMA_END(validate_query)

#define LOG_FIELDS \
FIELD("after", F_INT, .min = 0, .max = 9007199254740991.0, \
    .doc = "only lines with a greater seq") \
FIELD("limit", F_INT, .min = 1, .max = 5000, \
    .doc = "at most so many; 1000 once any of these is given, else all") \
FIELD("level", F_WORD, .words = WORDS("debug", "info", "warning", "error"), \
    .doc = "this level and above") \
FIELD("attempt", F_INT, .min = 1, .max = INT_MAX_WIRE, \
    .doc = "only of this attempt") \
FIELD("wait", F_INT, .min = 0, .max = 20, \
    .doc = "seconds to wait for a line of a job that is not over")

SCHEMA(judge_logs_query, "JudgeLogsQuery", "which lines of a judge job's log")
LOG_FIELDS
SCHEMA_END(judge_logs_query)

SCHEMA(logs_query, "LogsQuery", "which lines of a job's log")
LOG_FIELDS
FIELD("format", F_WORD, .words = WORDS("json", "text"), .dflt = "\"json\"",
    .doc = "text: lines for people")
SCHEMA_END(logs_query)

SCHEMA(metrics_query, "MetricsQuery", "which metrics of a job")
FIELD("after", F_INT, .min = 0, .max = 9007199254740991.0, .dflt = "0",
    .doc = "only events with a greater seq")
FIELD("limit", F_INT, .min = 1, .max = 1000, .dflt = "200",
    .doc = "at most so many")
FIELD("attempt", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .doc = "of this attempt; the current one when absent")
SCHEMA_END(metrics_query)

/* Members as progress.c takes them apart; exact, whatever the site says. */
SCHEMA(progress, "TrainingProgress", "what a worker reports")
FIELD("event_type", F_WORD, .flags = F_REQUIRED,
    .words = WORDS("training_start", "step_complete", "eval_complete",
    "checkpoint_saved", "training_error", "training_end"),
    .doc = "the last two end the attempt")
FIELD("message", F_STR, .max = 16384, .doc = "becomes a log line")
FIELD("level", F_WORD, .dflt = "\"info\"",
    .words = WORDS("debug", "info", "warning", "error"),
    .doc = "of the log line")
FIELD("metrics", F_MAP, .max = 1000, .dflt = "{}",
    .doc = "arrays are appended, anything else replaces")
FIELD("data", F_MAP, .max = 1000, .dflt = "{}",
    .doc = "goes with the log line; step: of the metrics")
FIELD("artifacts", F_MAP, .max = 1000, .doc = "members replace stored ones")
FIELD("error", F_STR, .max = 16384, .doc = "why training_error ends it")
SCHEMA_END(progress)

SCHEMA(no_body, "NoBody", "the empty body of an action")
SCHEMA_END(no_body)

SCHEMA(jobs_query, "TrainingJobsQuery", "filters of the list of jobs")
FIELD("page", F_INT, .min = 1, .max = INT_MAX_WIRE, .dflt = "1",
    .doc = "which page; page * page_size is at most 10000")
FIELD("page_size", F_INT, .min = 1, .max = 100, .dflt = "20",
    .doc = "items on a page")
FIELD("status", F_WORD, .words = WORDS("queued", "running", "completed",
    "failed", "cancelled"), .doc = "where the job stands")
FIELD("backend", F_WORD, .words = WORDS("tinker", "ray"),
    .doc = "where it trains")
FIELD("trainer_type", F_WORD, .words = WORDS("sft", "rl"),
    .doc = "how it trains")
FIELD("project_ref", F_STR, .min = 1, .max = 200, .doc = "project's key")
FIELD("cursor", F_STR, .min = 1, .max = 200, .doc = "next_cursor of a page")
FIELD("tag", F_LIST, .max = 32, .item = ITEM(F_STR, .min = 1, .max = 64),
    .doc = "a tag of the job; repeated: all of them")
FIELD("name", F_STR, .min = 1, .max = 200,
    .doc = "substring, upper and lower case alike")
FIELD("model", F_STR, .min = 1, .max = 200, .doc = "base model")
FIELD("created_after", F_TIME, .doc = "created then or later")
FIELD("created_before", F_TIME, .doc = "created before")
FIELD("sort", F_WORD, .words = WORDS("created_at", "-created_at",
    "updated_at", "-updated_at"), .dflt = "\"-created_at\"",
    .doc = "order; with - the newest first")
SCHEMA_END(jobs_query)

#define EVENT_FIELDS \
FIELD("after", F_INT, .min = 0, .max = SEQ_MAX_WIRE, .dflt = "0", \
    .doc = "only events with a greater seq") \
FIELD("limit", F_INT, .min = 1, .max = 1000, .dflt = "100", \
    .doc = "at most so many")

SCHEMA(job_events_query, "JobEventsQuery", "which events of a job")
EVENT_FIELDS
SCHEMA_END(job_events_query)

SCHEMA(judge_events_query, "JudgeEventsQuery", "which events of a judge job")
EVENT_FIELDS
FIELD("wait", F_INT, .min = 0, .max = 20, .dflt = "0",
    .doc = "seconds to wait for an event of a job that is not over")
SCHEMA_END(judge_events_query)

SCHEMA(catalog_query, "CatalogQuery", "filters of the catalog")
FIELD("query", F_STR, .min = 1, .max = 200,
    .doc = "every word must occur in id or display name")
FIELD("family", F_WORD, .words = WORDS("llama", "qwen"),
    .doc = "model family")
FIELD("algorithm", F_WORD,
    .words = WORDS("sft", "importance_sampling", "ppo"),
    .doc = "models that support it")
FIELD("min_size_b", F_NUM, .min = 0, .doc = "billions, inclusive")
FIELD("max_size_b", F_NUM, .min = 0, .doc = "billions, inclusive")
FIELD("limit", F_INT, .min = 1, .max = 100, .dflt = "20",
    .doc = "most models in the reply")
SCHEMA_END(catalog_query)

SCHEMA(artifacts_query, "ArtifactsQuery", "filters of the list of artifacts")
FIELD("kind", F_WORD, .words = WORDS("capability", "dataset",
    "trajectory_dataset", "task", "model", "checkpoint", "other"),
    .doc = "what they are")
FIELD("name", F_STR, .min = 1, .max = 128, .format = format_artifact_name,
    .doc = "exact name")
FIELD("version", F_STR, .min = 1, .max = 64, .format = format_ref_version,
    .doc = "exact version")
FIELD("q", F_STR, .min = 1, .max = 128, .doc = "substring of the name")
FIELD("page", F_INT, .min = 1, .max = INT_MAX_WIRE, .dflt = "1",
    .doc = "page number; page * page_size is at most 10000")
FIELD("page_size", F_INT, .min = 1, .max = 100, .dflt = "20",
    .doc = "most items in the reply")
FIELD("cursor", F_STR, .min = 1, .max = 200, .doc = "next_cursor of a page")
SCHEMA_END(artifacts_query)

SCHEMA(audit_query, "AuditQuery", "filters of the audit trail")
FIELD("actor", F_STR, .min = 1, .max = 200,
    .doc = "user id, command:<user> or policy:<judge>")
FIELD("action", F_STR, .min = 1, .max = 100, .doc = "such as job.create")
FIELD("target", F_STR, .min = 1, .max = 400, .doc = "what was changed")
FIELD("request_id", F_STR, .min = 1, .max = 64,
    .doc = "X-Request-Id of the reply")
FIELD("created_after", F_TIME, .doc = "inclusive")
FIELD("created_before", F_TIME, .doc = "exclusive")
FIELD("page_size", F_INT, .min = 1, .max = 100, .dflt = "20",
    .doc = "most items in the reply")
FIELD("cursor", F_STR, .min = 1, .max = 200, .doc = "next_cursor of a page")
SCHEMA_END(audit_query)

SCHEMA(artifact_reference, "ArtifactReference", "something kept elsewhere")
FIELD("uri", F_STR, .flags = F_REQUIRED, .min = 1, .max = 2048,
    .doc = "absolute URI")
FIELD("size", F_INT, .min = 0, .max = 9007199254740991.0, .doc = "bytes")
FIELD("sha256", F_STR, .min = 64, .max = 64, .doc = "lower-case hex")
FIELD("media_type", F_STR, .min = 1, .max = 200, .doc = "type of the bytes")
SCHEMA_END(artifact_reference)

#include "domain/schema_reward.tbl.h"

/* Judges ------------------------------------------------------------------*/

SCHEMA(criterion, "Criterion", "one thing that a judge grades")
FIELD("name", F_STR, .flags = F_REQUIRED, .min = 1, .max = 100,
    .doc = "unique in the judge")
FIELD("description", F_STR, .max = 2000, .doc = "for people")
FIELD("id", F_STR, .min = 1, .max = 100, .format = format_criterion_id,
    .doc = "crit_...; made from the name when absent")
FIELD("weight", F_NUM, .flags = F_GT, .min = 0, .max = 1000, .dflt = "1",
    .doc = "share in the overall score")
SCHEMA_END(criterion)

SCHEMA(create_judge, "CreateJudge", "a judge")
FIELD("id", F_STR, .min = 1, .max = 100, .format = format_judge_id,
    .doc = "jdg_...; made by the server when absent")
FIELD("name", F_STR, .flags = F_REQUIRED, .min = 1, .max = 200,
    .doc = "display name")
FIELD("description", F_STR, .flags = F_REQUIRED, .min = 1, .max = 2000,
    .doc = "for people")
FIELD("content_type", F_WORD, .flags = F_REQUIRED,
    .words = WORDS("text", "video", "audio", "image"),
    .doc = "what is judged")
FIELD("criteria", F_LIST, .flags = F_REQUIRED, .min = 1, .max = 50,
    .sub = &schema_criterion, .doc = "what is graded")
SCHEMA_END(create_judge)

SCHEMA(update_judge, "UpdateJudge", "what is to change of a judge")
FIELD("name", F_STR, .min = 1, .max = 200, .doc = "display name")
FIELD("description", F_STR, .min = 1, .max = 2000, .doc = "for people")
FIELD("criteria", F_LIST, .min = 1, .max = 50, .sub = &schema_criterion,
    .doc = "the whole new list; matched to the old one by id, else by name")
FIELD("is_active", F_BOOL, .doc = "true brings an archived judge back")
SCHEMA_END(update_judge)

SCHEMA(deploy_version, "DeployVersion", "why a version is deployed")
FIELD("reason", F_STR, .min = 1, .max = 1000, .doc = "for the record")
SCHEMA_END(deploy_version)

SCHEMA(rollback_version, "RollbackVersion", "why a judge is rolled back")
FIELD("reason", F_STR, .flags = F_REQUIRED, .min = 1, .max = 1000,
    .doc = "for the record")
SCHEMA_END(rollback_version)

SCHEMA(retraining_policy, "SetRetrainingPolicy",
    "when a judge is retrained by itself")
FIELD("enabled", F_BOOL, .flags = F_REQUIRED, .doc = "whether at all")
FIELD("min_new_feedback", F_INT, .min = 1, .max = 1000000, .dflt = "50",
    .doc = "usable entries that no job has used")
FIELD("min_interval_hours", F_NUM, .min = 0, .max = 8760, .dflt = "24",
    .doc = "between two runs")
FIELD("auto_deploy", F_BOOL, .dflt = "false",
    .doc = "deploy what is not worse")
SCHEMA_END(retraining_policy)

SCHEMA(deliveries_query, "DeliveriesQuery", "filters of the deliveries")
FIELD("job_id", F_STR, .min = 1, .max = 100, .doc = "about this job")
FIELD("run_id", F_STR, .min = 1, .max = 100, .doc = "about this run")
FIELD("status", F_WORD, .words = DELIVERY_STATUSES, .doc = "this far")
FIELD("event", F_WORD, .words = DELIVERY_EVENTS, .doc = "that tell of it")
FIELD("limit", F_INT, .min = 1, .max = 100, .dflt = "25", .doc = "page size")
FIELD("offset", F_INT, .min = 0, .max = INT_MAX_WIRE, .dflt = "0",
    .doc = "items to skip")
FIELD("cursor", F_STR, .min = 1, .max = 200, .doc = "next_cursor of a page")
SCHEMA_END(deliveries_query)

SCHEMA(judges_query, "JudgesQuery", "filters of the list of judges")
FIELD("content_type", F_WORD, .words = WORDS("text", "video", "audio",
    "image"), .doc = "what is judged")
FIELD("is_active", F_BOOL, .dflt = "true", .doc = "false: archived ones")
FIELD("status", F_WORD, .words = WORDS("ready", "learning", "training"),
    .doc = "the judge's status")
FIELD("name", F_STR, .min = 1, .max = 200, .doc = "substring")
FIELD("sort_by", F_WORD, .words = WORDS("created_at", "name"),
    .dflt = "\"created_at\"", .doc = "order")
FIELD("sort_order", F_WORD, .words = WORDS("desc", "asc"),
    .dflt = "\"desc\"", .doc = "direction")
FIELD("limit", F_INT, .min = 1, .max = 100, .dflt = "25", .doc = "page size")
FIELD("offset", F_INT, .min = 0, .max = INT_MAX_WIRE, .dflt = "0",
    .doc = "items to skip")
FIELD("cursor", F_STR, .min = 1, .max = 200, .doc = "next_cursor of a page")
SCHEMA_END(judges_query)

SCHEMA(versions_query, "VersionsQuery", "filters of a judge's versions")
FIELD("include_metrics", F_BOOL, .dflt = "true",
    .doc = "false leaves performance_metrics out")
FIELD("status_filter", F_WORD,
    .words = WORDS("active", "deployed", "draft", "archived"),
    .doc = "versions of this status")
FIELD("limit", F_INT, .min = 1, .max = 100, .dflt = "25", .doc = "page size")
FIELD("offset", F_INT, .min = 0, .max = INT_MAX_WIRE, .dflt = "0",
    .doc = "items to skip")
FIELD("cursor", F_STR, .min = 1, .max = 200, .doc = "next_cursor of a page")
SCHEMA_END(versions_query)

/* The table of POST /evaluations, without and with judge_id. */
#define EVALUATION_FIELDS \
FIELD("content", F_STR, .min = 1, .max = 200000, .doc = "the text judged") \
FIELD("content_ref", F_STR, .min = 1, .max = 2048, \
    .doc = "opaque key or URL, never fetched") \
FIELD("criteria_scores", F_SCORES, .flags = F_REQUIRED, .min = 1, .max = 50, \
    .doc = "criterion id to raw score 0..100") \
FIELD("external_id", F_STR, .min = 1, .max = 200, .doc = "the caller's id") \
FIELD("metadata", F_STRMAP, .max = 16, .doc = "up to 16 pairs") \
FIELD("criteria_feedback", F_MAP, .item = ITEM(F_STR, .max = 10000), \
    .doc = "criterion id to words; echoed") \
FIELD("summary", F_STR, .max = 10000, .doc = "echoed") \
FIELD("strengths", F_LIST, .max = 50, .item = ITEM(F_STR, .max = 2000), \
    .doc = "echoed") \
FIELD("weaknesses", F_LIST, .max = 50, .item = ITEM(F_STR, .max = 2000), \
    .doc = "echoed") \
FIELD("suggestions", F_LIST, .max = 50, .item = ITEM(F_STR, .max = 2000), \
    .doc = "echoed")

SCHEMA(evaluation_item, "EvaluationItem", "one item of a batch")
EVALUATION_FIELDS
SCHEMA_END(evaluation_item)

SCHEMA(create_evaluation, "CreateEvaluation", "one scored item")
FIELD("judge_id", F_STR, .flags = F_REQUIRED, .min = 1, .max = 100,
    .doc = "who scored it")
EVALUATION_FIELDS
SCHEMA_END(create_evaluation)

SCHEMA(create_evaluations, "CreateEvaluationBatch", "up to 1000 scored items")
FIELD("judge_id", F_STR, .flags = F_REQUIRED, .min = 1, .max = 100,
    .doc = "who scored them")
FIELD("items", F_LIST, .flags = F_REQUIRED, .min = 1, .max = 1000,
    .item = ITEM(F_VALUE, .sub = &schema_evaluation_item),
    .doc = "each as in POST /evaluations")
FIELD("name", F_STR, .min = 1, .max = 200, .doc = "of the batch")
SCHEMA_END(create_evaluations)

SCHEMA(evaluation_query, "EvaluationQuery", "query of one evaluation")
FIELD("include_content", F_BOOL, .dflt = "false", .doc = "with the text")
SCHEMA_END(evaluation_query)

/* The original knows two more; here nothing ever has them. */
SCHEMA(evaluations_query, "EvaluationsQuery", "filters of evaluations")
FIELD("judge_id", F_STR, .min = 1, .max = 100, .doc = "who scored them")
FIELD("content_id", F_STR, .min = 1, .max = 2048, .doc = "their content_ref")
FIELD("status", F_WORD, .words = WORDS("completed", "processing", "failed"),
    .doc = "all are completed")
FIELD("since", F_TIME, .doc = "evaluated then or later")
FIELD("before", F_TIME, .doc = "evaluated earlier")
FIELD("batch_id", F_STR, .min = 1, .max = 100, .doc = "the batch they came in")
FIELD("external_id", F_STR, .min = 1, .max = 200, .doc = "the caller's id")
FIELD("limit", F_INT, .min = 1, .max = 100, .dflt = "50", .doc = "page size")
FIELD("offset", F_INT, .min = 0, .max = INT_MAX_WIRE, .dflt = "0",
    .doc = "items to skip")
FIELD("cursor", F_STR, .min = 1, .max = 200, .doc = "next_cursor of a page")
SCHEMA_END(evaluations_query)

SCHEMA(feedback_content, "FeedbackContent", "what the reviewer says")
FIELD("corrected_scores", F_SCORES, .min = 1, .max = 50,
    .doc = "criterion id to the right score")
FIELD("rating", F_NUM, .min = 1, .max = 5, .doc = "of the content; 5 is best")
FIELD("comment", F_STR, .min = 1, .max = 10000, .doc = "words")
FIELD("explanation", F_STR, .min = 1, .max = 10000, .doc = "why")
FIELD("approved", F_BOOL, .doc = "false is a rejection")
SCHEMA_END(feedback_content)

SCHEMA(feedback_entry, "FeedbackEntry", "one entry of feedback")
FIELD("evaluation_id", F_STR, .flags = F_REQUIRED, .min = 1, .max = 100,
    .doc = "what it is about")
FIELD("type", F_WORD, .flags = F_REQUIRED,
    .words = WORDS("correction", "rating", "comment", "approval"),
    .doc = "what counts of it")
FIELD("content", F_OBJ, .flags = F_REQUIRED, .sub = &schema_feedback_content,
    .doc = "the entry")
FIELD("criterion_specific", F_BOOL, .doc = "target_criteria is not empty")
FIELD("target_criteria", F_LIST, .flags = F_UNIQUE, .max = 50,
    .item = ITEM(F_STR, .min = 1, .max = 100), .doc = "criterion ids")
FIELD("submitted_by", F_STR, .min = 1, .max = 200,
    .doc = "the reviewer; the token's user when absent")
SCHEMA_END(feedback_entry)

SCHEMA(feedback_options, "FeedbackOptions", "options of a feedback batch")
FIELD("submitted_by", F_STR, .min = 1, .max = 200,
    .doc = "for entries without one")
FIELD("atomic", F_BOOL, .dflt = "false",
    .doc = "one bad entry rejects all")
FIELD("skip_impact_analysis", F_BOOL, .dflt = "false",
    .doc = "leave impact_analysis out")
SCHEMA_END(feedback_options)

SCHEMA(create_feedbacks, "CreateFeedbackBatch", "up to 1000 entries")
FIELD("feedback_entries", F_LIST, .flags = F_REQUIRED, .min = 1, .max = 1000,
    .item = ITEM(F_VALUE, .sub = &schema_feedback_entry),
    .doc = "each as in POST /feedback")
FIELD("feedback_options", F_OBJ, .sub = &schema_feedback_options,
    .doc = "for the whole call")
SCHEMA_END(create_feedbacks)

SCHEMA(feedback_query, "FeedbackQuery", "query of an evaluation's feedback")
FIELD("feedback_type", F_WORD,
    .words = WORDS("correction", "rating", "comment", "approval"),
    .doc = "entries of this type")
FIELD("include_metadata", F_BOOL, .dflt = "true",
    .doc = "false leaves submitted_by and submitted_at out")
FIELD("limit", F_INT, .min = 1, .max = 100, .dflt = "50", .doc = "page size")
FIELD("offset", F_INT, .min = 0, .max = INT_MAX_WIRE, .dflt = "0",
    .doc = "items to skip")
FIELD("cursor", F_STR, .min = 1, .max = 200, .doc = "next_cursor of a page")
SCHEMA_END(feedback_query)

SCHEMA(feedbacks_query, "FeedbacksQuery", "filters of feedback")
FIELD("judge_id", F_STR, .min = 1, .max = 100, .doc = "whose evaluations")
FIELD("evaluation_id", F_STR, .min = 1, .max = 100, .doc = "on this one")
FIELD("batch_id", F_STR, .min = 1, .max = 100,
    .doc = "on evaluations of this batch")
FIELD("feedback_type", F_WORD,
    .words = WORDS("correction", "rating", "comment", "approval"),
    .doc = "entries of this type")
FIELD("criterion_id", F_STR, .min = 1, .max = 100,
    .doc = "in target_criteria")
FIELD("submitted_by", F_STR, .min = 1, .max = 200, .doc = "the reviewer")
FIELD("processed", F_BOOL, .doc = "needs judge_id")
FIELD("submitted_after", F_TIME, .doc = "submitted then or later")
FIELD("submitted_before", F_TIME, .doc = "submitted earlier")
FIELD("limit", F_INT, .min = 1, .max = 100, .dflt = "50", .doc = "page size")
FIELD("offset", F_INT, .min = 0, .max = INT_MAX_WIRE, .dflt = "0",
    .doc = "items to skip")
FIELD("cursor", F_STR, .min = 1, .max = 200, .doc = "next_cursor of a page")
SCHEMA_END(feedbacks_query)

#include "domain/schema_train.tbl.h"
