/* SPDX-License-Identifier: BSD-2-Clause */
/* The judge face's part of shape.tbl.h, which see. */

SHAPE(pagination, "Pagination", "where a page stands in its list")
MEMBER("total_count", M_INT, .doc = "all matches, at most 10000")
MEMBER("total_is_exact", M_BOOL, .doc = "false beyond 10000")
MEMBER("limit", M_INT, .doc = "as asked for")
MEMBER("offset", M_INT, .doc = "as asked for")
MEMBER("has_next", M_BOOL, .doc = "there are items behind this page")
MEMBER("has_previous", M_BOOL, .doc = "there are items before it")
MEMBER("next_cursor", M_STR, .flags = M_NULL,
    .doc = "cursor of the next page; null on the last")
SHAPE_END(pagination)

SHAPE(date_range, "DateRange", "first and last")
MEMBER("earliest", M_TIME, .flags = M_NULL, .doc = "null when there is none")
MEMBER("latest", M_TIME, .flags = M_NULL, .doc = "null when there is none")
SHAPE_END(date_range)

SHAPE(deployment, "Deployment", "what became of a new version")
MEMBER("requested", M_BOOL, .doc = "auto_deploy was set")
MEMBER("deployed", M_BOOL, .doc = "it is active now")
MEMBER("reason", M_WORD, .words = WORDS("not_requested", "deployed",
    "deployed_unchecked", "not_improved", "ranking_worse",
    "holdout_too_small", "criteria_changed"), .doc = "why, or why not")
SHAPE_END(deployment)

#define CONTENT_TYPES	WORDS("text", "video", "audio", "image")

SHAPE(criterion, "JudgeCriterion", "one thing that a judge grades")
MEMBER("id", M_STR, .doc = "crit_...")
MEMBER("name", M_STR, .doc = "unique in the judge")
MEMBER("description", M_STR, .flags = M_NULL, .doc = "for people")
MEMBER("weight", M_NUM, .doc = "share in the overall score")
SHAPE_END(criterion)

SHAPE(feedback_counts, "JudgeFeedbackCounts", "how much feedback there is")
MEMBER("total_feedback_count", M_INT, .doc = "all entries")
MEMBER("usable_count", M_INT, .doc = "those that make a label")
MEMBER("unprocessed_count", M_INT, .doc = "usable, not trained on yet")
SHAPE_END(feedback_counts)

#define JUDGE_MEMBERS \
MEMBER("id", M_STR, .doc = "jdg_...") \
MEMBER("name", M_STR, .doc = "display name") \
MEMBER("description", M_STR, .doc = "for people") \
MEMBER("content_type", M_WORD, .words = CONTENT_TYPES, \
    .doc = "what is judged") \
MEMBER("status", M_WORD, .words = WORDS("ready", "learning", "training"), \
    .doc = "learning until a trained version has been active") \
MEMBER("training_progress", M_INT, .doc = "percent") \
MEMBER("criteria", M_LIST, .shape = &shape_criterion, \
    .doc = "what is graded") \
MEMBER("created_at", M_TIME, .doc = "when it was created") \
MEMBER("updated_at", M_TIME, .doc = "last change") \
MEMBER("version_number", M_INT, .doc = "the active version") \
MEMBER("is_active", M_BOOL, .doc = "false once archived") \
MEMBER("created_by", M_UUID, .flags = M_NULL, .doc = "user id") \
MEMBER("archived_at", M_TIME, .flags = M_NULL, .doc = "when, if it is") \
MEMBER("active_job_id", M_ID, .flags = M_NULL, .prefix = "train_job_", \
    .doc = "the job that is making a version") \
MEMBER("feedback", M_OBJ, .shape = &shape_feedback_counts, \
    .doc = "how much there is")

SHAPE(judge, "Judge", "a judge")
JUDGE_MEMBERS
SHAPE_END(judge)

SHAPE(judge_changed, "JudgeChanged", "a judge after a change")
JUDGE_MEMBERS
MEMBER("message", M_STR, .doc = "what was done")
SHAPE_END(judge_changed)

SHAPE(judge_list, "JudgeList", "judges")
MEMBER("judges", M_LIST, .shape = &shape_judge, .doc = "the judges")
MEMBER("pagination", M_OBJ, .shape = &shape_pagination, .doc = "the page")
SHAPE_END(judge_list)

/* Webhooks ----------------------------------------------------------------*/

SHAPE(delivery_attempt, "WebhookAttempt", "one try to deliver")
MEMBER("attempted_at", M_TIME, .doc = "when it began")
MEMBER("duration_ms", M_INT, .doc = "what it took")
MEMBER("response_status", M_INT, .flags = M_NULL,
    .doc = "the receiver's status; null when none came")
MEMBER("error", M_STR, .flags = M_NULL, .doc = "why it counts as failed")
MEMBER("response_excerpt", M_STR, .flags = M_NULL,
    .doc = "the beginning of what the receiver said")
SHAPE_END(delivery_attempt)

SHAPE(delivery, "WebhookDelivery", "a webhook on its way")
MEMBER("delivery_id", M_ID, .prefix = "whd_", .doc = "webhook-id")
MEMBER("event", M_WORD, .words = DELIVERY_EVENTS, .doc = "what happened")
MEMBER("job_id", M_ID, .flags = M_NULL, .prefix = "train_job_",
    .doc = "the job that it is about")
MEMBER("run_id", M_ID, .flags = M_NULL, .prefix = "run_",
    .doc = "the run that it is about")
MEMBER("url", M_STR, .doc = "where it goes, without the query")
MEMBER("status", M_WORD, .words = DELIVERY_STATUSES,
    .doc = "stopped: the receiver answered 410")
MEMBER("attempt_count", M_INT, .doc = "tries so far")
MEMBER("next_attempt_at", M_TIME, .flags = M_NULL,
    .doc = "of a pending one")
MEMBER("attempts", M_LIST, .shape = &shape_delivery_attempt,
    .doc = "the newest 50, oldest first")
MEMBER("created_at", M_TIME, .doc = "when it happened")
MEMBER("delivered_at", M_TIME, .flags = M_NULL,
    .doc = "when a receiver took it")
SHAPE_END(delivery)

SHAPE(delivery_list, "WebhookDeliveryList", "deliveries, newest first")
MEMBER("deliveries", M_LIST, .shape = &shape_delivery,
    .doc = "the deliveries")
MEMBER("pagination", M_OBJ, .shape = &shape_pagination, .doc = "the page")
SHAPE_END(delivery_list)

/* Versions ----------------------------------------------------------------*/

SHAPE(criterion_performance, "CriterionPerformance",
    "how well one criterion is graded")
MEMBER("count", M_INT, .doc = "held-out labels")
MEMBER("accuracy_score", M_NUM, .flags = M_NULL, .doc = "1 - MAE / 100")
MEMBER("mae", M_NUM, .flags = M_NULL, .doc = "mean error, points")
MEMBER("rmse", M_NUM, .flags = M_NULL, .doc = "root mean square, points")
MEMBER("spearman", M_NUM, .flags = M_NULL, .doc = "rank correlation")
MEMBER("quadratic_weighted_kappa", M_NUM, .flags = M_NULL,
    .doc = "agreement of grades")
MEMBER("pairwise_accuracy", M_NUM, .flags = M_NULL,
    .doc = "pairs in the right order")
SHAPE_END(criterion_performance)

SHAPE(performance, "VersionPerformance", "how well a version grades")
MEMBER("accuracy_score", M_NUM, .flags = M_NULL, .doc = "1 - MAE / 100")
MEMBER("consistency_score", M_NUM, .flags = M_NULL,
    .doc = "how alike the same content is graded")
MEMBER("average_evaluation_time", M_NUM, .flags = M_NULL, .doc = "seconds")
MEMBER("criteria_performance", M_MAP, .shape = &shape_criterion_performance,
    .doc = "by criterion id")
MEMBER("evaluation_count", M_INT, .doc = "evaluations that it answered")
SHAPE_END(performance)

SHAPE(improvement, "Improvement", "what changed against the active version")
MEMBER("criterion_id", M_STR, .flags = M_NULL,
    .doc = "null for the judge as a whole")
MEMBER("metric", M_STR, .doc = "what was measured")
MEMBER("before", M_NUM, .flags = M_NULL, .doc = "the active version")
MEMBER("after", M_NUM, .flags = M_NULL, .doc = "the new one")
MEMBER("change", M_NUM, .flags = M_NULL, .doc = "after - before")
SHAPE_END(improvement)

SHAPE(training_info, "VersionTraining", "the job that made a version")
MEMBER("training_job_id", M_ID, .prefix = "train_job_", .doc = "the job")
MEMBER("feedback_count_used", M_INT, .doc = "entries it learned from")
MEMBER("improvements_achieved", M_LIST, .shape = &shape_improvement,
    .doc = "on held-out content")
SHAPE_END(training_info)

#define VERSION_MEMBERS \
MEMBER("version_number", M_INT, .doc = "from 1, without gaps") \
MEMBER("version_id", M_ID, .prefix = "ver_", .doc = "its id") \
MEMBER("status", M_WORD, .words = WORDS("active", "deployed", "draft", \
    "archived"), .doc = "one version is active") \
MEMBER("created_at", M_TIME, .doc = "when it was made") \
MEMBER("deployed_at", M_TIME, .flags = M_NULL, \
    .doc = "the last time it became active") \
MEMBER("archived_at", M_TIME, .flags = M_NULL, .doc = "when, if it is") \
MEMBER("performance_metrics", M_OBJ, .flags = M_ABSENT, \
    .shape = &shape_performance, .doc = "left out on request") \
MEMBER("changes_summary", M_STR, .doc = "one sentence") \
MEMBER("training_info", M_OBJ, .flags = M_NULL, \
    .shape = &shape_training_info, .doc = "null without a job") \
MEMBER("created_by", M_UUID, .flags = M_NULL, .doc = "user id") \
MEMBER("base_version_number", M_INT, .flags = M_NULL, \
    .doc = "what it began with")

SHAPE(version, "JudgeVersion", "a numbered snapshot of a judge")
VERSION_MEMBERS
SHAPE_END(version)

SHAPE(deployment_record, "DeploymentRecord", "a version became active")
MEMBER("at", M_TIME, .doc = "when")
MEMBER("by", M_UUID, .flags = M_NULL, .doc = "user id; null: the server")
MEMBER("reason", M_STR, .flags = M_NULL, .doc = "as it was given")
MEMBER("job_id", M_ID, .flags = M_NULL, .prefix = "train_job_",
    .doc = "the job that deployed it")
SHAPE_END(deployment_record)

SHAPE(version_full, "JudgeVersionFull", "a version with all that it is")
VERSION_MEMBERS
MEMBER("name", M_STR, .doc = "the judge's name in it")
MEMBER("description", M_STR, .doc = "for people")
MEMBER("criteria", M_LIST, .shape = &shape_criterion, .doc = "what it grades")
MEMBER("deployments", M_LIST, .shape = &shape_deployment_record,
    .doc = "the last 100, oldest first")
SHAPE_END(version_full)

SHAPE(version_list, "JudgeVersionList", "a judge's versions, newest first")
MEMBER("judge_id", M_STR, .doc = "whose")
MEMBER("current_version", M_INT, .doc = "the active one")
MEMBER("total_versions", M_INT, .doc = "all there ever were")
MEMBER("versions", M_LIST, .shape = &shape_version, .doc = "the versions")
MEMBER("pagination", M_OBJ, .shape = &shape_pagination,
    .doc = "the page, of the filtered list")
SHAPE_END(version_list)

SHAPE(retraining_policy, "RetrainingPolicy",
    "when a judge is retrained by itself")
MEMBER("judge_id", M_STR, .doc = "whose")
MEMBER("enabled", M_BOOL, .doc = "whether at all")
MEMBER("min_new_feedback", M_INT, .doc = "usable entries that no job used")
MEMBER("min_interval_hours", M_NUM, .doc = "between two runs")
MEMBER("auto_deploy", M_BOOL, .doc = "deploy what is not worse")
MEMBER("updated_at", M_TIME, .flags = M_NULL, .doc = "null: never set")
MEMBER("updated_by", M_UUID, .flags = M_NULL, .doc = "user id")
MEMBER("last_run_id", M_ID, .flags = M_NULL, .prefix = "run_",
    .doc = "the run that it fired last")
MEMBER("last_fired_at", M_TIME, .flags = M_NULL, .doc = "when")
SHAPE_END(retraining_policy)

/* Evaluations -------------------------------------------------------------*/

SHAPE(criterion_score, "CriterionScore", "what one criterion got")
MEMBER("criterion_id", M_STR, .doc = "crit_...")
MEMBER("name", M_STR, .doc = "its name")
MEMBER("score", M_NUM, .doc = "calibrated, 0..100")
MEMBER("raw_score", M_NUM, .flags = M_NULL, .doc = "as it was given")
MEMBER("feedback", M_STR, .flags = M_NULL, .doc = "the caller's words")
SHAPE_END(criterion_score)

SHAPE(evaluation, "Evaluation", "one scored item")
MEMBER("evaluation_id", M_ID, .prefix = "eval_", .doc = "its id")
MEMBER("judge_id", M_STR, .doc = "who scored it")
MEMBER("content_id", M_STR, .flags = M_NULL, .doc = "equal to content_ref")
MEMBER("content_ref", M_STR, .flags = M_NULL, .doc = "opaque key or URL")
MEMBER("external_id", M_STR, .flags = M_NULL, .doc = "the caller's id")
MEMBER("batch_id", M_ID, .flags = M_NULL, .prefix = "batch_",
    .doc = "the batch that it came in")
MEMBER("judge_version", M_INT, .doc = "the version that answered")
MEMBER("status", M_WORD, .words = WORDS("completed"), .doc = "completed")
MEMBER("overall_score", M_NUM, .doc = "weighted mean of the scores")
MEMBER("criteria_scores", M_LIST, .shape = &shape_criterion_score,
    .doc = "every criterion, in order")
MEMBER("raw_overall_score", M_NUM, .doc = "weighted mean of the raw scores")
MEMBER("summary", M_STR, .flags = M_NULL, .doc = "the caller's words")
MEMBER("strengths", M_LIST, .item = EACH(M_STR), .doc = "the caller's words")
MEMBER("weaknesses", M_LIST, .item = EACH(M_STR), .doc = "the caller's words")
MEMBER("suggestions", M_LIST, .item = EACH(M_STR),
    .doc = "the caller's words")
MEMBER("metadata", M_MAP, .item = EACH(M_STR), .doc = "as it was given")
MEMBER("evaluated_at", M_TIME, .doc = "when")
MEMBER("evaluation_duration_sec", M_NUM, .doc = "the server's own time")
MEMBER("content", M_STR, .flags = M_NULL | M_ABSENT,
    .doc = "with include_content only")
SHAPE_END(evaluation)

SHAPE(evaluation_result, "EvaluationResult", "one item of a batch")
MEMBER("index", M_INT, .doc = "its position")
MEMBER("status", M_WORD, .words = WORDS("completed", "failed"),
    .doc = "whether it was stored")
MEMBER("external_id", M_STR, .flags = M_NULL, .doc = "the caller's id")
MEMBER("evaluation_id", M_ID, .flags = M_NULL, .prefix = "eval_",
    .doc = "its id")
MEMBER("overall_score", M_NUM, .flags = M_NULL, .doc = "calibrated")
MEMBER("criteria_scores", M_LIST, .flags = M_NULL,
    .shape = &shape_criterion_score, .doc = "every criterion, in order")
MEMBER("message", M_STR, .flags = M_NULL, .doc = "why it failed")
SHAPE_END(evaluation_result)

SHAPE(evaluation_batch, "EvaluationBatch", "many items at once")
MEMBER("batch_id", M_ID, .flags = M_NULL, .prefix = "batch_",
    .doc = "null when nothing was stored")
MEMBER("judge_id", M_STR, .doc = "who scored them")
MEMBER("judge_version", M_INT, .doc = "the version that answered all")
MEMBER("name", M_STR, .flags = M_NULL, .doc = "of the batch")
MEMBER("status", M_WORD, .words = WORDS("completed", "failed"),
    .doc = "failed: nothing was stored")
MEMBER("total_items", M_INT, .doc = "in the call")
MEMBER("processed_items", M_INT, .doc = "stored")
MEMBER("failed_items", M_INT, .doc = "refused")
MEMBER("created_at", M_TIME, .doc = "when")
MEMBER("results", M_LIST, .shape = &shape_evaluation_result,
    .doc = "in the order of the items")
SHAPE_END(evaluation_batch)

SHAPE(evaluation_list, "EvaluationList", "evaluations, newest first")
MEMBER("evaluations", M_LIST, .shape = &shape_evaluation,
    .doc = "the evaluations")
MEMBER("total", M_INT, .doc = "all matches, at most 10000")
MEMBER("has_more", M_BOOL, .doc = "there are items behind this page")
MEMBER("limit", M_INT, .doc = "as asked for")
MEMBER("offset", M_INT, .doc = "as asked for")
MEMBER("next_cursor", M_STR, .flags = M_NULL, .doc = "null on the last page")
MEMBER("total_is_exact", M_BOOL, .doc = "false beyond 10000")
SHAPE_END(evaluation_list)

/* Feedback ----------------------------------------------------------------*/

#define FEEDBACK_TYPES	WORDS("correction", "rating", "comment", "approval")

SHAPE(feedback_said, "FeedbackSaid", "what the reviewer said")
MEMBER("corrected_scores", M_MAP, .flags = M_NULL, .item = EACH(M_NUM),
    .doc = "criterion id to the right score")
MEMBER("rating", M_NUM, .flags = M_NULL, .doc = "1..5")
MEMBER("comment", M_STR, .flags = M_NULL, .doc = "words")
MEMBER("explanation", M_STR, .flags = M_NULL, .doc = "why")
MEMBER("approved", M_BOOL, .flags = M_NULL, .doc = "false is a rejection")
SHAPE_END(feedback_said)

SHAPE(feedback, "Feedback", "one entry of feedback")
MEMBER("feedback_id", M_ID, .prefix = "fb_", .doc = "its id")
MEMBER("evaluation_id", M_ID, .prefix = "eval_", .doc = "what it is about")
MEMBER("type", M_WORD, .words = FEEDBACK_TYPES, .doc = "what counts of it")
MEMBER("content", M_OBJ, .shape = &shape_feedback_said, .doc = "the entry")
MEMBER("criterion_specific", M_BOOL, .doc = "target_criteria is not empty")
MEMBER("target_criteria", M_LIST, .item = EACH(M_STR),
    .doc = "criterion ids")
MEMBER("submitted_by", M_STR, .flags = M_ABSENT, .doc = "the reviewer")
MEMBER("submitted_at", M_TIME, .flags = M_ABSENT, .doc = "when")
MEMBER("processed", M_BOOL, .doc = "a version has learned from it")
MEMBER("processing_notes", M_STR, .flags = M_NULL,
    .doc = "covered by which job")
MEMBER("judge_id", M_STR, .doc = "whose evaluation")
MEMBER("judge_version", M_INT, .doc = "the version that answered")
MEMBER("batch_id", M_ID, .flags = M_NULL, .prefix = "batch_",
    .doc = "the evaluation's batch")
MEMBER("feedback_session_id", M_ID, .flags = M_NULL, .prefix = "fbs_",
    .doc = "the call that it came in")
SHAPE_END(feedback)

SHAPE(feedback_verdict, "FeedbackVerdict", "what became of one entry")
MEMBER("index", M_INT, .doc = "its position")
MEMBER("evaluation_id", M_STR, .flags = M_NULL, .doc = "as it was given")
MEMBER("status", M_WORD, .words = WORDS("accepted", "rejected"),
    .doc = "whether it was stored")
MEMBER("message", M_STR, .doc = "why not; empty when accepted")
MEMBER("feedback_id", M_ID, .flags = M_NULL, .prefix = "fb_",
    .doc = "its id")
SHAPE_END(feedback_verdict)

SHAPE(impact, "FeedbackImpact", "what the stored entries say together")
MEMBER("significant_corrections", M_INT, .doc = "by 10 points or more")
MEMBER("approval_rate", M_NUM, .flags = M_NULL, .doc = "of the approvals")
MEMBER("average_rating", M_NUM, .flags = M_NULL, .doc = "of the ratings")
MEMBER("retraining_recommended", M_BOOL, .doc = "there is enough to learn")
SHAPE_END(impact)

SHAPE(feedback_batch, "FeedbackBatch", "many entries at once")
MEMBER("batch_id", M_ID, .flags = M_NULL, .prefix = "batch_",
    .doc = "the evaluation batch of the path")
MEMBER("feedback_session_id", M_ID, .prefix = "fbs_", .doc = "of this call")
MEMBER("submitted_count", M_INT, .doc = "stored")
MEMBER("failed_count", M_INT, .doc = "refused")
MEMBER("processing_status", M_WORD, .words = WORDS("submitted",
    "processing", "processed", "failed"),
    .doc = "failed: nothing was stored")
MEMBER("validation_results", M_LIST, .shape = &shape_feedback_verdict,
    .doc = "every entry, in order")
MEMBER("impact_analysis", M_OBJ, .flags = M_ABSENT, .shape = &shape_impact,
    .doc = "left out when skipped")
MEMBER("submitted_at", M_TIME, .doc = "when")
SHAPE_END(feedback_batch)

SHAPE(feedback_summary, "FeedbackSummary", "the feedback on an evaluation")
MEMBER("average_rating", M_NUM, .flags = M_NULL, .doc = "of the ratings")
MEMBER("correction_count", M_INT, .doc = "corrections")
MEMBER("approval_count", M_INT, .doc = "approved")
MEMBER("rejection_count", M_INT, .doc = "not approved")
MEMBER("comment_count", M_INT, .doc = "comments")
MEMBER("rating_count", M_INT, .doc = "ratings")
SHAPE_END(feedback_summary)

SHAPE(evaluation_context, "EvaluationContext", "what the feedback is about")
MEMBER("judge_id", M_STR, .doc = "who scored it")
MEMBER("judge_version", M_INT, .doc = "the version that answered")
MEMBER("original_scores", M_MAP, .item = EACH(M_NUM),
    .doc = "criterion id to the score that was shown")
MEMBER("evaluation_date", M_TIME, .doc = "when")
MEMBER("raw_scores", M_MAP, .item = EACH(M_NUM),
    .doc = "criterion id to the score as it was given")
SHAPE_END(evaluation_context)

SHAPE(feedback_of, "EvaluationFeedback", "an evaluation's feedback")
MEMBER("evaluation_id", M_ID, .prefix = "eval_", .doc = "what it is about")
MEMBER("total_feedback_count", M_INT, .doc = "all, filter or not")
MEMBER("feedback_summary", M_OBJ, .shape = &shape_feedback_summary,
    .doc = "all, filter or not")
MEMBER("feedback_entries", M_LIST, .shape = &shape_feedback,
    .doc = "oldest first")
MEMBER("evaluation_context", M_OBJ, .shape = &shape_evaluation_context,
    .doc = "the evaluation")
MEMBER("pagination", M_OBJ, .shape = &shape_pagination, .doc = "the page")
SHAPE_END(feedback_of)

SHAPE(feedback_list, "FeedbackList", "feedback, newest first")
MEMBER("feedback_entries", M_LIST, .shape = &shape_feedback,
    .doc = "the entries")
MEMBER("pagination", M_OBJ, .shape = &shape_pagination, .doc = "the page")
SHAPE_END(feedback_list)

#undef CONTENT_TYPES
#undef FEEDBACK_TYPES
#undef JUDGE_MEMBERS

#include "domain/shape_train.tbl.h"
