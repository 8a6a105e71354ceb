/* SPDX-License-Identifier: BSD-2-Clause */
/* Judge training's part of shape.tbl.h, which see. */

SHAPE(selection, "FeedbackDataSummary",
    "the feedback that a job uses, frozen when it was created")
MEMBER("total_feedback_count", M_INT, .doc = "all selected entries")
MEMBER("correction_count", M_INT, .doc = "corrections")
MEMBER("rating_count", M_INT, .doc = "ratings")
MEMBER("approved_count", M_INT, .doc = "approved")
MEMBER("rejected_count", M_INT, .doc = "not approved")
MEMBER("comment_count", M_INT, .doc = "comments")
MEMBER("usable_count", M_INT, .doc = "those that make a label")
MEMBER("date_range", M_OBJ, .shape = &shape_date_range, .doc = "when")
MEMBER("high_water_mark", M_INT, .doc = "the newest entry's number")
SHAPE_END(selection)

SHAPE(config_in_effect, "JudgeTrainingConfigInEffect",
    "what is learned, defaults filled in; what does not apply is left out")
MEMBER("feedback_cutoff_date", M_TIME, .flags = M_NULL,
    .doc = "only feedback since then")
MEMBER("minimum_feedback_count", M_INT, .doc = "usable entries needed")
MEMBER("validation_split", M_NUM, .flags = M_ABSENT, .doc = "share held out")
MEMBER("learning_rate", M_NUM, .flags = M_ABSENT, .doc = "step")
MEMBER("max_epochs", M_INT, .flags = M_ABSENT, .doc = "most passes")
MEMBER("early_stopping", M_BOOL, .flags = M_ABSENT,
    .doc = "stop when it gets no better")
MEMBER("target_criteria", M_LIST, .flags = M_ABSENT | M_NULL,
    .item = EACH(M_STR), .doc = "criterion ids")
MEMBER("seed", M_INT, .doc = "order of examples")
MEMBER("optimize", M_WORD, .flags = M_ABSENT,
    .words = WORDS("mae", "rmse", "qwk", "spearman"),
    .doc = "by what the form of the correction is chosen")
SHAPE_END(config_in_effect)

SHAPE(options_in_effect, "ExecutionOptionsInEffect",
    "how the job runs, defaults filled in; what does not apply is left out")
MEMBER("priority", M_WORD, .words = WORDS("low", "normal", "high"),
    .doc = "higher first")
MEMBER("auto_deploy", M_BOOL, .flags = M_ABSENT, .doc = "deploy the version")
MEMBER("backup_current_version", M_BOOL, .flags = M_ABSENT,
    .doc = "the replaced version can be deployed again")
MEMBER("require_improvement", M_BOOL, .flags = M_ABSENT,
    .doc = "deploy only what is not worse")
MEMBER("notification_email", M_STR, .flags = M_NULL,
    .doc = "told when the job ends")
MEMBER("webhook_url", M_STR, .flags = M_NULL, .doc = "told of each change")
MEMBER("webhook_secret_set", M_BOOL, .doc = "a secret was given")
MEMBER("timeout_seconds", M_INT, .doc = "per attempt")
MEMBER("auto_start", M_BOOL, .doc = "false leaves the job created")
SHAPE_END(options_in_effect)

SHAPE(column, "ValidationColumn", "how well one way of scoring does")
MEMBER("mae", M_NUM, .flags = M_NULL, .doc = "mean error, points")
MEMBER("rmse", M_NUM, .flags = M_NULL, .doc = "root mean square, points")
MEMBER("spearman", M_NUM, .flags = M_NULL, .doc = "rank correlation")
MEMBER("quadratic_weighted_kappa", M_NUM, .flags = M_NULL,
    .doc = "agreement of grades")
MEMBER("pairwise_accuracy", M_NUM, .flags = M_NULL,
    .doc = "pairs in the right order")
SHAPE_END(column)

SHAPE(columns, "ValidationColumns",
    "the new version beside the active one and two controls")
MEMBER("count", M_INT, .doc = "held-out labels")
MEMBER("trained", M_OBJ, .flags = M_ABSENT, .shape = &shape_column,
    .doc = "the new version; absent in a validation job")
MEMBER("active", M_OBJ, .shape = &shape_column, .doc = "the active version")
MEMBER("raw", M_OBJ, .shape = &shape_column,
    .doc = "the caller's scores unchanged")
MEMBER("bias", M_OBJ, .shape = &shape_column,
    .doc = "raw plus one constant per criterion")
SHAPE_END(columns)

SHAPE(pooled, "ValidationPooled", "one metric over all labels")
MEMBER("trained", M_NUM, .flags = M_ABSENT | M_NULL,
    .doc = "the new version; absent in a validation job")
MEMBER("active", M_NUM, .flags = M_NULL, .doc = "the active version")
MEMBER("raw", M_NUM, .flags = M_NULL, .doc = "the caller's scores unchanged")
MEMBER("bias", M_NUM, .flags = M_NULL,
    .doc = "raw plus one constant per criterion")
SHAPE_END(pooled)

SHAPE(validation, "ValidationResults", "what the held-out part says")
MEMBER("holdout_count", M_INT, .doc = "held-out evaluations")
MEMBER("label_count", M_INT, .doc = "labels on them")
MEMBER("accuracy_score", M_NUM, .flags = M_NULL, .doc = "1 - MAE / 100")
MEMBER("consistency_score", M_NUM, .flags = M_NULL,
    .doc = "how alike the same content is graded")
MEMBER("consistency_groups", M_INT, .doc = "repeated contents")
MEMBER("pooled_mae", M_OBJ, .shape = &shape_pooled, .doc = "points")
MEMBER("pooled_pairwise_accuracy", M_OBJ, .shape = &shape_pooled,
    .doc = "pairs in the right order")
MEMBER("overall", M_OBJ, .shape = &shape_columns, .doc = "overall scores")
MEMBER("criteria", M_MAP, .shape = &shape_columns, .doc = "by criterion id")
MEMBER("seen_count", M_INT, .doc = "evaluations seen in training before")
SHAPE_END(validation)

#define JUDGE_JOB_MEMBERS \
MEMBER("job_id", M_ID, .prefix = "train_job_", \
    .doc = "its id; all zero after a dry run") \
MEMBER("judge_id", M_STR, .doc = "what is trained") \
MEMBER("training_type", M_WORD, .words = WORDS("incremental", \
    "full_retrain", "fine_tune", "validation"), .doc = "how") \
MEMBER("status", M_STATUS, .face = FACE_JUDGE, .doc = "where it stands") \
MEMBER("feedback_data_summary", M_OBJ, .shape = &shape_selection, \
    .doc = "what it learns from") \
MEMBER("estimated_duration", M_INT, .doc = "minutes") \
MEMBER("created_at", M_TIME, .doc = "when it was created") \
MEMBER("created_by", M_UUID, .flags = M_NULL, .doc = "user id") \
MEMBER("judge_name", M_STR, .doc = "the judge's name") \
MEMBER("progress_percentage", M_INT, .doc = "0..100") \
MEMBER("training_config", M_OBJ, .shape = &shape_config_in_effect, \
    .doc = "in effect") \
MEMBER("execution_options", M_OBJ, .shape = &shape_options_in_effect, \
    .doc = "in effect") \
MEMBER("execution_id", M_ID, .flags = M_NULL, .prefix = "exec_", \
    .doc = "null until it is started") \
MEMBER("attempt", M_INT, .doc = "the one it is in, or will start next") \
MEMBER("base_version_number", M_INT, .doc = "active version at creation") \
MEMBER("version_number", M_INT, .flags = M_NULL, \
    .doc = "the version it made") \
MEMBER("version_id", M_ID, .flags = M_NULL, .prefix = "ver_", \
    .doc = "the version it made") \
MEMBER("deployment", M_OBJ, .flags = M_NULL, .shape = &shape_deployment, \
    .doc = "once completed")

#define JUDGE_JOB_END \
MEMBER("error", M_STR, .flags = M_NULL, .doc = "why it failed") \
MEMBER("error_type", M_WORD, .flags = M_NULL, .words = WORDS( \
    "internal_error", "timeout_error", "worker_lost_error", \
    "insufficient_feedback_error"), .doc = "for programs") \
MEMBER("retraining_run_id", M_ID, .flags = M_NULL, .prefix = "run_", \
    .doc = "the run that made it") \
MEMBER("queued_at", M_TIME, .flags = M_NULL, .doc = "when it was started") \
MEMBER("started_at", M_TIME, .flags = M_NULL, .doc = "when work began") \
MEMBER("completed_at", M_TIME, .flags = M_NULL, \
    .doc = "when it ended, whatever the end") \
MEMBER("cancel_requested_at", M_TIME, .flags = M_NULL, \
    .doc = "first request to cancel it") \
MEMBER("updated_at", M_TIME, .doc = "last change")

SHAPE(judge_job, "JudgeTrainingJob", "a judge training job")
JUDGE_JOB_MEMBERS
MEMBER("validation_results", M_OBJ, .flags = M_NULL,
    .shape = &shape_validation, .doc = "once completed")
JUDGE_JOB_END
MEMBER("validate_only", M_BOOL, .flags = M_ABSENT,
    .doc = "true in the reply of a dry run")
SHAPE_END(judge_job)

SHAPE(judge_job_item, "JudgeTrainingJobItem", "a job in a list")
JUDGE_JOB_MEMBERS
JUDGE_JOB_END
SHAPE_END(judge_job_item)

SHAPE(judge_job_list, "JudgeTrainingJobList", "judge training jobs")
MEMBER("jobs", M_LIST, .shape = &shape_judge_job_item, .doc = "the jobs")
MEMBER("pagination", M_OBJ, .shape = &shape_pagination, .doc = "the page")
SHAPE_END(judge_job_list)

SHAPE(resources, "ResourceAllocation", "what a job runs on")
MEMBER("compute_tier", M_WORD, .words = WORDS("standard"), .doc = "standard")
MEMBER("gpu_count", M_INT, .doc = "0: the learner needs none")
MEMBER("memory_gb", M_NUM, .doc = "setting of the site")
MEMBER("estimated_cost", M_NUM, .doc = "minutes times the site's price")
MEMBER("currency", M_WORD, .words = WORDS("USD"), .doc = "of the cost")
SHAPE_END(resources)

SHAPE(milestone, "Milestone", "a point on the way")
MEMBER("name", M_STR, .doc = "the status that is reached")
MEMBER("percent", M_INT, .doc = "the progress there")
MEMBER("expected_at", M_TIME, .doc = "an estimate")
MEMBER("reached_at", M_TIME, .flags = M_NULL, .doc = "by this attempt")
SHAPE_END(milestone)

SHAPE(timeline, "ExecutionTimeline", "when to expect what")
MEMBER("queue_position", M_INT, .doc = "1 is next, 0 is taken")
MEMBER("estimated_start_time", M_TIME, .doc = "an estimate")
MEMBER("estimated_completion_time", M_TIME, .doc = "an estimate")
MEMBER("milestone_schedule", M_LIST, .shape = &shape_milestone,
    .doc = "in order")
SHAPE_END(timeline)

SHAPE(monitoring, "MonitoringInfo", "where to look")
MEMBER("progress_url", M_STR, .doc = "path of the job")
MEMBER("webhook_configured", M_BOOL, .doc = "changes are told to a URL")
MEMBER("log_retention_days", M_INT, .doc = "how long its log is kept")
SHAPE_END(monitoring)

SHAPE(execution, "JudgeTrainingExecution", "a job's start or retry")
MEMBER("job_id", M_ID, .prefix = "train_job_", .doc = "the job")
MEMBER("execution_id", M_ID, .prefix = "exec_", .doc = "the execution")
MEMBER("status", M_WORD, .words = WORDS("queued", "preparing", "training"),
    .doc = "validating is shown as training here")
MEMBER("estimated_duration", M_INT, .doc = "minutes")
MEMBER("resource_allocation", M_OBJ, .shape = &shape_resources,
    .doc = "what it runs on")
MEMBER("execution_timeline", M_OBJ, .shape = &shape_timeline,
    .doc = "when to expect what")
MEMBER("monitoring_info", M_OBJ, .shape = &shape_monitoring,
    .doc = "where to look")
MEMBER("executed_at", M_TIME, .doc = "when it was started")
MEMBER("executed_by", M_STR, .doc = "user id, or command:<user>")
SHAPE_END(execution)

SHAPE(started, "JudgeTrainingStart", "a job's start, in short")
MEMBER("job_id", M_ID, .prefix = "train_job_", .doc = "the job")
MEMBER("status", M_WORD, .words = WORDS("queued", "started", "processing"),
    .doc = "GET tells the real one")
MEMBER("started_at", M_TIME, .doc = "when it was started")
MEMBER("estimated_completion", M_TIME, .doc = "an estimate")
SHAPE_END(started)

SHAPE(run_feedback, "RunFeedback", "the feedback that a run uses")
MEMBER("total_feedback_count", M_INT, .doc = "all selected entries")
MEMBER("approved_count", M_INT, .doc = "approved")
MEMBER("rejected_count", M_INT, .doc = "not approved")
MEMBER("correction_count", M_INT, .doc = "corrections")
MEMBER("date_range", M_OBJ, .shape = &shape_date_range, .doc = "when")
SHAPE_END(run_feedback)

SHAPE(run_progress, "RunProgress", "where to look")
MEMBER("progress_url", M_STR, .doc = "path of the run")
MEMBER("webhook_configured", M_BOOL, .doc = "changes are told to a URL")
MEMBER("expected_milestones", M_LIST, .shape = &shape_milestone,
    .doc = "in order")
SHAPE_END(run_progress)

SHAPE(run, "RetrainingRun", "a retraining run")
MEMBER("run_id", M_ID, .prefix = "run_", .doc = "its id")
MEMBER("judge_id", M_STR, .doc = "what is trained")
MEMBER("status", M_WORD, .words = WORDS("started", "analyzing_feedback",
    "generating_proposals", "validating", "applying_changes", "completed",
    "failed", "cancelled"), .doc = "mirrors its job")
MEMBER("trigger_source", M_WORD, .words = WORDS("manual", "scheduled",
    "feedback_threshold", "performance_degradation"), .doc = "why")
MEMBER("feedback_summary", M_OBJ, .shape = &shape_run_feedback,
    .doc = "what it learns from")
MEMBER("estimated_duration", M_INT, .doc = "minutes")
MEMBER("progress_tracking", M_OBJ, .shape = &shape_run_progress,
    .doc = "where to look")
MEMBER("created_at", M_TIME, .doc = "when")
MEMBER("created_by", M_UUID, .flags = M_NULL, .doc = "null: the server")
MEMBER("job_id", M_ID, .prefix = "train_job_", .doc = "its job")
MEMBER("version_number", M_INT, .flags = M_NULL,
    .doc = "the version it made")
MEMBER("deployment", M_OBJ, .flags = M_NULL, .shape = &shape_deployment,
    .doc = "once completed")
MEMBER("error", M_STR, .flags = M_NULL, .doc = "why it failed")
MEMBER("error_type", M_STR, .flags = M_NULL, .doc = "for programs")
MEMBER("started_at", M_TIME, .flags = M_NULL, .doc = "when work began")
MEMBER("completed_at", M_TIME, .flags = M_NULL, .doc = "when it ended")
MEMBER("cancel_requested_at", M_TIME, .flags = M_NULL,
    .doc = "first request to cancel it")
SHAPE_END(run)

SHAPE(run_list, "RetrainingRunList", "retraining runs, newest first")
MEMBER("runs", M_LIST, .shape = &shape_run, .doc = "the runs")
MEMBER("pagination", M_OBJ, .shape = &shape_pagination, .doc = "the page")
SHAPE_END(run_list)

SHAPE(judge_attempt, "JudgeTrainingAttempt", "one attempt of a judge job")
MEMBER("attempt", M_INT, .doc = "its number")
MEMBER("execution_id", M_ID, .flags = M_NULL, .prefix = "exec_",
    .doc = "the start or retry that it belongs to")
MEMBER("status", M_WORD, .words = WORDS("queued", "running", "completed",
    "failed", "cancelled", "lost"), .doc = "how it stands")
MEMBER("engine", M_STR, .flags = M_NULL, .doc = "what ran it")
MEMBER("queued_at", M_TIME, .flags = M_NULL, .doc = "when it was queued")
MEMBER("started_at", M_TIME, .flags = M_NULL, .doc = "when work began")
MEMBER("completed_at", M_TIME, .flags = M_NULL, .doc = "when it ended")
MEMBER("error", M_STR, .flags = M_NULL, .doc = "why it failed")
MEMBER("metrics", M_MAP, .doc = "what it reported")
MEMBER("artifacts", M_MAP, .doc = "what it left behind")
SHAPE_END(judge_attempt)

SHAPE(judge_attempt_list, "JudgeTrainingAttemptList", "attempts, by number")
MEMBER("items", M_LIST, .shape = &shape_judge_attempt, .doc = "the attempts")
MEMBER("total", M_INT, .doc = "how many")
SHAPE_END(judge_attempt_list)

SHAPE(job_event, "JobEvent", "something that happened to a job")
MEMBER("seq", M_INT, .doc = "rising")
MEMBER("event", M_STR, .doc = "training.job.<status> and others")
MEMBER("from", M_STR, .flags = M_NULL, .doc = "status before")
MEMBER("to", M_STR, .flags = M_NULL, .doc = "status after")
MEMBER("attempt", M_INT, .flags = M_NULL, .doc = "the attempt")
MEMBER("message", M_STR, .flags = M_NULL, .doc = "for people")
MEMBER("data", M_MAP, .doc = "more of it")
MEMBER("timestamp", M_TIME, .doc = "when")
SHAPE_END(job_event)

SHAPE(job_event_list, "JobEventList", "what happened, oldest first")
MEMBER("items", M_LIST, .shape = &shape_job_event, .doc = "the events")
MEMBER("next_after", M_INT, .doc = "give it as after to go on")
SHAPE_END(job_event_list)

SHAPE(job_report, "JudgeJobReport", "what a judge job learned, for people")
MEMBER("schema_version", M_STR, .doc = "1")
MEMBER("job_id", M_ID, .prefix = "train_job_", .doc = "the job")
MEMBER("judge_id", M_STR, .doc = "the judge")
MEMBER("training_type", M_WORD, .words = WORDS("incremental",
    "full_retrain", "fine_tune", "validation"), .doc = "how")
MEMBER("base_version_number", M_INT, .doc = "the version it began with")
MEMBER("criteria", M_LIST, .item = EACH(M_ANY),
    .doc = "id, name, held_out_labels")
MEMBER("data", M_MAP, .doc = "counts of evaluations, labels and raters")
MEMBER("chosen", M_MAP, .flags = M_NULL,
    .doc = "what was tried and chosen, and why; null in a validation job")
MEMBER("learning_curve", M_MAP, .flags = M_NULL,
    .doc = "mean error by epoch; null in a validation job")
MEMBER("validation_results", M_OBJ, .shape = &shape_validation,
    .doc = "as in the job")
MEMBER("calibration", M_MAP,
    .doc = "scores against people, in bins: pooled and by criterion")
MEMBER("errors", M_MAP, .doc = "histograms of score less people's")
MEMBER("disagreements", M_LIST, .item = EACH(M_ANY),
    .doc = "the largest errors: ids and scores")
SHAPE_END(job_report)

#undef VERSION_MEMBERS
#undef JUDGE_JOB_MEMBERS
#undef JUDGE_JOB_END
