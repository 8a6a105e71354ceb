/* SPDX-License-Identifier: BSD-2-Clause */
/* Judge training's part of schema.tbl.h, which see. */

#define LEARNING_FIELDS \
FIELD("minimum_feedback_count", F_INT, .flags = F_LATER, .min = 1, \
    .max = 1000000, .doc = "10; validation 1") \
FIELD("validation_split", F_NUM, .flags = F_LATER, .min = 0, .max = 0.9, \
    .applies = V_TRAINS, .doc = "share held out; 0.2") \
FIELD("learning_rate", F_NUM, .flags = F_GT | F_LATER, .min = 0, .max = 1, \
    .applies = V_TRAINS, .doc = "0.001; fine_tune 0.0005") \
FIELD("max_epochs", F_INT, .flags = F_LATER, .min = 1, .max = 1000, \
    .applies = V_TRAINS, .doc = "50; fine_tune 30") \
FIELD("early_stopping", F_BOOL, .flags = F_LATER, .applies = V_TRAINS, \
    .doc = "true") \
FIELD("target_criteria", F_LIST, .flags = F_UNIQUE, .min = 1, .max = 50, \
    .item = ITEM(F_STR, .min = 1, .max = 100), \
    .applies = V_FINE | V_VALIDATION, .needed = V_FINE, \
    .doc = "criterion ids; fine_tune needs them") \
FIELD("seed", F_INT, .flags = F_LATER, .min = 0, .max = INT_MAX_WIRE, \
    .doc = "order of examples; 0") \
FIELD("optimize", F_WORD, .flags = F_LATER, \
    .words = WORDS("mae", "rmse", "qwk", "spearman"), .applies = V_TRAINS, \
    .doc = "by what the form of the correction is chosen; mae")

SCHEMA(training_config, "JudgeTrainingConfig", "what to learn, and how")
FIELD("feedback_cutoff_date", F_TIME, .format = format_past,
    .doc = "only feedback since then, inclusive")
LEARNING_FIELDS
SCHEMA_END(training_config)

SCHEMA(report_query, "ReportQuery", "query of a judge job's report")
FIELD("format", F_WORD, .words = WORDS("json", "html"),
    .doc = "as Accept says when absent")
SCHEMA_END(report_query)

#define EXECUTION_FIELDS \
FIELD("priority", F_WORD, .flags = F_LATER, \
    .words = WORDS("low", "normal", "high"), .doc = "normal") \
FIELD("auto_deploy", F_BOOL, .flags = F_LATER, .doc = "false") \
FIELD("backup_current_version", F_BOOL, .flags = F_LATER, \
    .doc = "true: the replaced version can be deployed again") \
FIELD("require_improvement", F_BOOL, .flags = F_LATER, \
    .doc = "true: deploy only what is not worse") \
FIELD("notification_email", F_STR, .min = 3, .max = 254, \
    .format = format_email, .doc = "told when the job ends") \
FIELD("webhook_url", F_STR, .min = 1, .max = 2048, \
    .format = format_webhook_url, .refusal = "url_parsing", \
    .doc = "told of each change; the organization's when absent") \
FIELD("webhook_secret", F_STR, .min = 16, .max = 255, \
    .format = format_visible, .doc = "signs webhooks; never shown again") \
FIELD("timeout_seconds", F_INT, .flags = F_LATER, .min = 10, .max = 86400, \
    .doc = "per attempt; 3600")

SCHEMA(execution_options, "ExecutionOptions", "how a judge job runs")
EXECUTION_FIELDS
FIELD("auto_start", F_BOOL, .flags = F_LATER,
    .doc = "false leaves the job created")
SCHEMA_END(execution_options)

#define TRAINING_TYPES \
    WORDS("incremental", "full_retrain", "fine_tune", "validation")

SCHEMA(judge_jobs_query, "JudgeJobsQuery", "filters of the list of judge jobs")
FIELD("status", F_WORD, .words = WORDS("created", "queued", "preparing",
    "training", "validating", "completed", "failed", "cancelled"),
    .doc = "where they stand")
FIELD("judge_id", F_STR, .min = 1, .max = 100, .doc = "what is trained")
FIELD("training_type", F_WORD, .words = TRAINING_TYPES, .doc = "how")
FIELD("created_after", F_TIME, .doc = "created then or later")
FIELD("created_before", F_TIME, .doc = "created before")
FIELD("sort_by", F_WORD, .words = WORDS("created_at", "completed_at",
    "progress_percentage"), .dflt = "\"created_at\"", .doc = "order")
FIELD("sort_order", F_WORD, .words = WORDS("desc", "asc"),
    .dflt = "\"desc\"", .doc = "direction")
FIELD("limit", F_INT, .min = 1, .max = 100, .dflt = "25", .doc = "page size")
FIELD("offset", F_INT, .min = 0, .max = INT_MAX_WIRE, .dflt = "0",
    .doc = "items to skip")
FIELD("cursor", F_STR, .min = 1, .max = 200, .doc = "next_cursor of a page")
SCHEMA_END(judge_jobs_query)

SCHEMA(execution_override, "ExecutionOverride",
    "what is to differ from the job as it was created")
EXECUTION_FIELDS
FIELD("max_epochs", F_INT, .flags = F_LATER, .min = 1, .max = 1000,
    .applies = V_TRAINS, .doc = "most passes")
SCHEMA_END(execution_override)

SCHEMA(confirmation, "ExecutionConfirmation", "for the record")
FIELD("confirmed", F_BOOL, .flags = F_LATER, .doc = "false starts nothing")
FIELD("acknowledge_cost", F_BOOL, .flags = F_LATER, .doc = "kept")
FIELD("confirmed_by", F_STR, .min = 1, .max = 200, .doc = "kept")
SCHEMA_END(confirmation)

SCHEMA(execute_job, "ExecuteJudgeTrainingJob", "starts a judge job")
FIELD("execution_override", F_OBJ, .sub = &schema_execution_override,
    .doc = "for a job that is not started")
FIELD("confirmation", F_OBJ, .sub = &schema_confirmation,
    .doc = "for the record")
SCHEMA_END(execute_job)

SCHEMA(create_judge_job, "CreateJudgeTrainingJob", "a judge training job")
FIELD("judge_id", F_STR, .flags = F_REQUIRED, .min = 1, .max = 100,
    .doc = "what is trained")
FIELD("training_type", F_WORD, .flags = F_REQUIRED, .words = TRAINING_TYPES,
    .doc = "how")
FIELD("training_config", F_OBJ, .flags = F_REQUIRED,
    .sub = &schema_training_config, .doc = "what to learn")
FIELD("execution_options", F_OBJ, .sub = &schema_execution_options,
    .doc = "how to run")
SCHEMA_END(create_judge_job)

#define TRIGGERS	WORDS("manual", "scheduled", "feedback_threshold", \
	"performance_degradation")

SCHEMA(run_config, "RetrainingConfig", "what is to differ in a run")
FIELD("training_type", F_WORD, .flags = F_LATER,
    .words = WORDS("incremental", "full_retrain", "fine_tune"),
    .doc = "incremental")
LEARNING_FIELDS
FIELD("auto_deploy", F_BOOL, .flags = F_LATER, .doc = "true")
FIELD("require_improvement", F_BOOL, .flags = F_LATER,
    .doc = "true: deploy only what is not worse")
FIELD("backup_current_version", F_BOOL, .flags = F_LATER,
    .doc = "true: the replaced version can be deployed again")
FIELD("priority", F_WORD, .flags = F_LATER,
    .words = WORDS("low", "normal", "high"), .doc = "normal")
FIELD("timeout_seconds", F_INT, .flags = F_LATER, .min = 10, .max = 86400,
    .doc = "per attempt; 3600")
SCHEMA_END(run_config)

SCHEMA(run_notify, "RetrainingNotification", "who is told")
FIELD("notification_email", F_STR, .min = 3, .max = 254,
    .format = format_email, .doc = "told when the run ends")
FIELD("webhook_url", F_STR, .min = 1, .max = 2048,
    .format = format_webhook_url, .refusal = "url_parsing",
    .doc = "told of each change; the organization's when absent")
FIELD("webhook_secret", F_STR, .min = 16, .max = 255,
    .format = format_visible, .doc = "signs webhooks; never shown again")
SCHEMA_END(run_notify)

SCHEMA(create_run, "CreateRetrainingRun", "a retraining run")
FIELD("judge_id", F_STR, .flags = F_REQUIRED, .min = 1, .max = 100,
    .doc = "what is trained")
FIELD("trigger_source", F_WORD, .flags = F_REQUIRED, .words = TRIGGERS,
    .doc = "why")
FIELD("since_timestamp", F_TIME, .format = format_past,
    .doc = "only feedback since then, inclusive")
FIELD("config_overrides", F_OBJ, .sub = &schema_run_config,
    .doc = "what to learn, and how")
FIELD("notification_preferences", F_OBJ, .sub = &schema_run_notify,
    .doc = "who is told")
SCHEMA_END(create_run)

SCHEMA(runs_query, "RetrainingRunsQuery", "filters of retraining runs")
FIELD("judge_id", F_STR, .min = 1, .max = 100, .doc = "what is trained")
FIELD("status", F_WORD, .words = WORDS("started", "analyzing_feedback",
    "generating_proposals", "validating", "applying_changes", "completed",
    "failed", "cancelled"), .doc = "where they stand")
FIELD("trigger_source", F_WORD, .words = TRIGGERS, .doc = "why")
FIELD("created_after", F_TIME, .doc = "created then or later")
FIELD("created_before", F_TIME, .doc = "created before")
FIELD("limit", F_INT, .min = 1, .max = 100, .dflt = "25", .doc = "page size")
FIELD("offset", F_INT, .min = 0, .max = INT_MAX_WIRE, .dflt = "0",
    .doc = "items to skip")
FIELD("cursor", F_STR, .min = 1, .max = 200, .doc = "next_cursor of a page")
SCHEMA_END(runs_query)
