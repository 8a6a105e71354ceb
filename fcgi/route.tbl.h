/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every path that the server answers.
 *
 * ROUTE(method, path, handler, gates, scope, body schema, query schema,
 *     largest body, summary, GIVES(reply, statuses of success), members...)
 *
 * A reply is a shape of lib/domain/shape.tbl.h.  More members, where they
 * apply (route.h):
 *
 *	.traits  SENDS_LOCATION, SENDS_ETAG, TAKES_IF_MATCH, ...
 *	.errors  { ERR_..., ... } that the handler itself gives; those of the
 *		 gates (400, 401, 403, 404 for the workspace, 413, 415, 422,
 *		 429, 409 and 422 for idempotency keys, 5xx) are known
 *	.bodies  { &schema_..., ... } where the handler picks the schema
 *
 * From these rows come the router, /openapi.json and trainyard-api(7).  The
 * HTTP tests hold each reply against its row: a status, an error or a member
 * that is not here fails them.
 */
#define GIVES(shape, ...) \
	.reply = &shape_##shape, .success = { __VA_ARGS__ }

/* A call that older or other servers answer, and this one never. */
#define GIVES_NOTHING(error) \
	.reply = &shape_error, .errors = { error }

#define KIB	1024u
#define MIB	(1024u * 1024u)
#define JOBS	"/api/v1/org/{org}/ws/{ws}/training/jobs"
#define ORG	"/api/v1/org/{org}"
#define WS	"/api/v1/org/{org}/ws/{ws}"
#define SHELF	"/api/v1/org/{org}/ws/{ws}/artifacts"
#define ARTS	SHELF "/{kind}/{name}/{version}"

/* fcgi/h_ops.c */
ROUTE(GET, "/healthz", h_healthz, 0, NONE, NULL, NULL, 0,
    "the process is up",
    GIVES(health, 200))
ROUTE(GET, "/readyz", h_readyz, 0, NONE, NULL, NULL, 0,
    "the database answers",
    GIVES(health, 200), .errors = { ERR_UNAVAILABLE })
ROUTE(GET, "/api/v1/health", h_health, 0, NONE, NULL, NULL, 0,
    "health, as the published client asks for it",
    GIVES(health, 200), .errors = { ERR_UNAVAILABLE })

/* fcgi/h_training.c: hosted training */
ROUTE(POST, JOBS, h_training_create, GATES_HOSTED | GATE_JSON,
    TRAINING_WRITE, NULL, &schema_validate_query, MIB,
    "create a training job",
    GIVES(training_job, 201, 200), .traits = SENDS_LOCATION,
    .bodies = { &schema_create_tinker_sft, &schema_create_tinker_rl,
    &schema_create_ray_grpo })
ROUTE(GET, JOBS, h_training_list, GATES_HOSTED, TRAINING_READ, NULL,
    &schema_jobs_query, 0, "list training jobs",
    GIVES(training_job_list, 200))
ROUTE(GET, JOBS "/{job_id}", h_training_get, GATES_HOSTED | GATE_JOB,
    TRAINING_READ, NULL, NULL, 0, "one training job",
    GIVES(training_job, 200), .traits = SENDS_ETAG,
    .errors = { ERR_NOT_FOUND })
ROUTE(POST, JOBS "/{job_id}/cancel", h_training_cancel,
    GATES_HOSTED | GATE_JSON | GATE_OPTIONAL, TRAINING_WRITE,
    &schema_no_body, NULL, 64 * KIB, "stop a training job",
    GIVES(training_job, 200), .traits = TAKES_IF_MATCH,
    .errors = { ERR_NOT_FOUND, ERR_PRECONDITION, ERR_JOB_FINISHED })
ROUTE(POST, JOBS "/{job_id}/retry", h_training_retry,
    GATES_HOSTED | GATE_JSON | GATE_OPTIONAL, TRAINING_WRITE,
    &schema_no_body, NULL, 64 * KIB, "run a training job again",
    GIVES(training_job, 200), .traits = TAKES_IF_MATCH,
    .errors = { ERR_NOT_FOUND, ERR_PRECONDITION, ERR_CONFLICT, ERR_RATE })
ROUTE(GET, JOBS "/{job_id}/artifacts", h_training_artifacts, GATES_HOSTED,
    TRAINING_READ, NULL, NULL, 0, "what a job left behind",
    GIVES(job_artifacts, 200), .errors = { ERR_NOT_FOUND })
ROUTE(GET, JOBS "/{job_id}/attempts", h_training_attempts, GATES_HOSTED,
    TRAINING_READ, NULL, NULL, 0, "the attempts of a job",
    GIVES(job_attempt_list, 200), .errors = { ERR_NOT_FOUND })
ROUTE(GET, JOBS "/{job_id}/events", h_training_events, GATES_HOSTED,
    TRAINING_READ, NULL, &schema_job_events_query, 0,
    "what happened to a job",
    GIVES(job_event_list, 200), .errors = { ERR_NOT_FOUND })

/* fcgi/h_progress.c */
ROUTE(POST, JOBS "/{job_id}/progress", h_training_progress,
    GATES_HOSTED | GATE_JSON | GATE_JOB | GATE_LATE, TRAINING_WORKER,
    &schema_progress, NULL, 8 * MIB, "report an event, from the worker",
    GIVES(training_job, 200), .traits = TAKES_PREFER,
    .errors = { ERR_NOT_FOUND, ERR_CONFLICT, ERR_JOB_FINISHED })

/* fcgi/h_log.c */
ROUTE(GET, JOBS "/{job_id}/logs", h_training_logs, GATES_HOSTED,
    TRAINING_READ, NULL, &schema_logs_query, 0, "a job's log",
    GIVES(log_list, 200), .traits = SENDS_TEXT, .errors = { ERR_NOT_FOUND })
ROUTE(GET, JOBS "/{job_id}/metrics", h_training_metrics, GATES_HOSTED,
    TRAINING_READ, NULL, &schema_metrics_query, 0,
    "a job's metrics as they were reported",
    GIVES(metric_list, 200), .errors = { ERR_NOT_FOUND })

/* fcgi/h_rl_context.c */
ROUTE(GET, JOBS "/{job_id}/rl-context", h_training_rl_context,
    GATES_HOSTED | GATE_JOB, TRAINING_WORKER, NULL, NULL, 0,
    "task, world and reward of an RL job, for its worker",
    GIVES(rl_context, 200), .errors = { ERR_NOT_FOUND, ERR_CONFLICT })

/* fcgi/h_catalog.c */
ROUTE(GET, "/api/v1/training/catalog", h_catalog, GATE_TOKEN, NONE, NULL,
    &schema_catalog_query, 0, "base models",
    GIVES(catalog, 200))

/* fcgi/h_recipes.c */
ROUTE(GET, "/api/v1/training/reward-recipes", h_recipes, GATE_TOKEN, NONE,
    NULL, NULL, 0, "reward recipes and the rewards of worlds",
    GIVES(reward_recipes, 200))

/* fcgi/h_place.c: what the published client asks for around each command */
ROUTE(GET, ORG, h_org_get, GATE_TOKEN | GATE_ORG | GATE_JOB, NONE, NULL,
    NULL, 0, "an organization",
    GIVES(organization, 200), .errors = { ERR_NOT_FOUND })
ROUTE(GET, ORG "/ws", h_ws_list, GATE_TOKEN | GATE_ORG | GATE_JOB, NONE,
    NULL, NULL, 0, "the workspaces that the token may see",
    GIVES(workspace_list, 200), .errors = { ERR_NOT_FOUND })
ROUTE(GET, WS, h_ws_get, GATES_HOSTED | GATE_JOB, NONE, NULL, NULL, 0,
    "a workspace",
    GIVES(workspace, 200), .errors = { ERR_NOT_FOUND })
ROUTE(GET, WS "/projects", h_project_list, GATES_HOSTED | GATE_JOB, NONE,
    NULL, NULL, 0, "a workspace's projects",
    GIVES(project, 200), .traits = SENDS_ARRAY)
ROUTE(GET, WS "/projects/{project}", h_project_get, GATES_HOSTED | GATE_JOB,
    NONE, NULL, NULL, 0, "a project, by its key",
    GIVES(project, 200), .traits = GUARDS_404, .errors = { ERR_NOT_FOUND })
ROUTE(GET, "/api/v1/user", h_user, GATE_TOKEN | GATE_JOB, NONE, NULL, NULL,
    0,    "the token's user",
    GIVES(user, 200))
ROUTE(GET, "/api/v1/user/organizations", h_org_list, GATE_TOKEN | GATE_JOB,
    NONE, NULL, NULL, 0, "the organizations that the token may see",
    GIVES(organization, 200), .traits = SENDS_ARRAY)
ROUTE(POST, "/api/v1/auth/device/code", h_login, 0, NONE, NULL, NULL, 0,
    "browser login, which there is not",
    GIVES_NOTHING(ERR_NOT_IMPLEMENTED))
ROUTE(GET, "/api/v1/auth/device/code/{device_code}", h_login, 0, NONE, NULL,
    NULL, 0, "browser login, which there is not",
    GIVES_NOTHING(ERR_NOT_IMPLEMENTED))
ROUTE(POST, "/api/v1/auth/device/token", h_login, 0, NONE, NULL, NULL, 0,
    "browser login, which there is not",
    GIVES_NOTHING(ERR_NOT_IMPLEMENTED))
ROUTE(POST, "/api/v1/user/api-keys", h_login, 0, NONE, NULL, NULL, 0,
    "a token by browser login, which there is not",
    GIVES_NOTHING(ERR_NOT_IMPLEMENTED))

/* fcgi/h_audit.c */
ROUTE(GET, WS "/audit", h_audit_ws, GATES_HOSTED, TRAINING_READ, NULL,
    &schema_audit_query, 0, "what was changed in a workspace, and by whom",
    GIVES(audit_list, 200))
ROUTE(GET, ORG "/audit", h_audit_org, GATE_TOKEN | GATE_ORG, TRAINING_READ,
    NULL, &schema_audit_query, 0,
    "what was changed beside the workspaces; for owners",
    GIVES(audit_list, 200), .errors = { ERR_NOT_FOUND, ERR_PERMISSION })

/* fcgi/h_artifact.c */
ROUTE(GET, SHELF, h_artifact_list, GATES_HOSTED | GATE_JOB | GATE_SHELF,
    ARTIFACTS_READ, NULL,    &schema_artifacts_query, 0, "list artifacts",
    GIVES(artifact_list, 200))
ROUTE(PUT, ARTS, h_artifact_put, GATES_HOSTED | GATE_STREAM | GATE_JOB,
    ARTIFACTS_WRITE, NULL, NULL, 0, "publish an artifact",
    GIVES(artifact, 201, 200),
    .traits = SENDS_LOCATION | TAKES_IF_NONE | TAKES_DIGEST,
    .errors = { ERR_CONFLICT, ERR_PRECONDITION },
    .bodies = { &schema_artifact_reference })
ROUTE(GET, ARTS, h_artifact_get, GATES_HOSTED | GATE_JOB | GATE_SHELF,
    ARTIFACTS_READ, NULL, NULL, 0, "an artifact's metadata",
    GIVES(artifact, 200), .errors = { ERR_NOT_FOUND })
ROUTE(GET, ARTS "/content", h_artifact_content,
    GATES_HOSTED | GATE_JOB | GATE_SHELF, ARTIFACTS_READ, NULL, NULL, 0, "an artifact's bytes",
    .success = { 200, 206 }, .traits = SENDS_BYTES,
    .errors = { ERR_NOT_FOUND, ERR_RANGE })

/* fcgi/h_judge.c */
ROUTE(POST, "/judges", h_judge_create, GATES_JUDGE | GATE_JSON, JUDGES_WRITE,
    &schema_create_judge, NULL, MIB, "create a judge",
    GIVES(judge, 201), .traits = SENDS_LOCATION, .errors = { ERR_CONFLICT })
ROUTE(GET, "/judges", h_judge_list, GATES_JUDGE, JUDGES_READ, NULL,
    &schema_judges_query, 0, "list judges",
    GIVES(judge_list, 200))
ROUTE(GET, "/judges/{judge_id}", h_judge_get, GATES_JUDGE, JUDGES_READ, NULL,
    NULL, 0, "one judge",
    GIVES(judge, 200), .errors = { ERR_NOT_FOUND })
ROUTE(GET, "/judges/{judge_id}/versions", h_judge_versions, GATES_JUDGE,
    JUDGES_READ, NULL, &schema_versions_query, 0, "a judge's versions",
    GIVES(version_list, 200), .errors = { ERR_NOT_FOUND })

/* fcgi/h_judge_change.c */
ROUTE(PUT, "/judges/{judge_id}", h_judge_update, GATES_JUDGE | GATE_JSON,
    JUDGES_WRITE, &schema_update_judge, NULL, MIB, "change a judge",
    GIVES(judge_changed, 200),
    .errors = { ERR_NOT_FOUND, ERR_INVALID_STATE, ERR_JOB_ACTIVE })
ROUTE(DELETE, "/judges/{judge_id}", h_judge_archive, GATES_JUDGE,
    JUDGES_WRITE, NULL, NULL, 0, "archive a judge",
    GIVES(judge_changed, 200), .errors = { ERR_NOT_FOUND, ERR_JOB_ACTIVE })
ROUTE(GET, "/judges/{judge_id}/versions/{n}", h_version_get, GATES_JUDGE,
    JUDGES_READ, NULL, NULL, 0, "one version of a judge",
    GIVES(version_full, 200), .errors = { ERR_NOT_FOUND })
ROUTE(POST, "/judges/{judge_id}/versions/{n}/deploy", h_version_deploy,
    GATES_JUDGE | GATE_JSON | GATE_OPTIONAL, JUDGES_WRITE,
    &schema_deploy_version, NULL, MIB, "make a version the active one",
    GIVES(version_full, 200), .errors = { ERR_NOT_FOUND, ERR_INVALID_STATE })
ROUTE(POST, "/judges/{judge_id}/versions/{n}/rollback", h_version_rollback,
    GATES_JUDGE | GATE_JSON, JUDGES_WRITE, &schema_rollback_version, NULL,
    MIB, "go back to a version that was active",
    GIVES(version_full, 200), .errors = { ERR_NOT_FOUND, ERR_INVALID_STATE })

/* fcgi/h_policy.c */
ROUTE(GET, "/judges/{judge_id}/retraining-policy", h_policy_get, GATES_JUDGE,
    JUDGES_READ, NULL, NULL, 0, "when a judge is retrained by itself",
    GIVES(retraining_policy, 200), .errors = { ERR_NOT_FOUND })
ROUTE(PUT, "/judges/{judge_id}/retraining-policy", h_policy_put,
    GATES_JUDGE | GATE_JSON, JUDGES_WRITE, &schema_retraining_policy, NULL,
    MIB, "set when a judge is retrained by itself",
    GIVES(retraining_policy, 200), .errors = { ERR_NOT_FOUND })

/* fcgi/h_evaluation.c */
ROUTE(POST, "/evaluations", h_evaluation_create, GATES_JUDGE | GATE_JSON,
    FEEDBACK_WRITE, &schema_create_evaluation, NULL, MIB,
    "record and calibrate one item",
    GIVES(evaluation, 201), .traits = SENDS_LOCATION,
    .errors = { ERR_NOT_FOUND, ERR_INVALID_STATE })
ROUTE(POST, "/evaluations/batch", h_evaluation_batch, GATES_JUDGE | GATE_JSON,
    FEEDBACK_WRITE, &schema_create_evaluations, NULL, 8 * MIB,
    "record and calibrate up to 1000 items",
    GIVES(evaluation_batch, 201, 200),
    .errors = { ERR_NOT_FOUND, ERR_INVALID_STATE })
ROUTE(GET, "/evaluations", h_evaluation_list, GATES_JUDGE, FEEDBACK_READ,
    NULL, &schema_evaluations_query, 0, "list evaluations",
    GIVES(evaluation_list, 200))
ROUTE(GET, "/evaluations/{evaluation_id}", h_evaluation_get, GATES_JUDGE,
    FEEDBACK_READ, NULL, &schema_evaluation_query, 0, "one evaluation",
    GIVES(evaluation, 200), .errors = { ERR_NOT_FOUND })

/* fcgi/h_feedback.c */
ROUTE(POST, "/feedback", h_feedback_create, GATES_JUDGE | GATE_JSON,
    FEEDBACK_WRITE, &schema_feedback_entry, NULL, MIB, "one entry of feedback",
    GIVES(feedback, 201), .traits = SENDS_LOCATION,
    .errors = { ERR_NOT_FOUND, ERR_INVALID_STATE })
ROUTE(POST, "/feedback/batch", h_feedback_batch, GATES_JUDGE | GATE_JSON,
    FEEDBACK_WRITE, &schema_create_feedbacks, NULL, 8 * MIB,
    "up to 1000 entries",
    GIVES(feedback_batch, 201, 200), .errors = { ERR_INVALID_STATE })
ROUTE(POST, "/batches/{batch_id}/feedback", h_feedback_in_batch,
    GATES_JUDGE | GATE_JSON, FEEDBACK_WRITE, &schema_create_feedbacks, NULL,
    8 * MIB, "up to 1000 entries on one evaluation batch",
    GIVES(feedback_batch, 201, 200),
    .errors = { ERR_NOT_FOUND, ERR_INVALID_STATE })
ROUTE(GET, "/feedback", h_feedback_list, GATES_JUDGE, FEEDBACK_READ, NULL,
    &schema_feedbacks_query, 0, "list feedback",
    GIVES(feedback_list, 200))
ROUTE(GET, "/feedback/evaluation/{evaluation_id}", h_feedback_of, GATES_JUDGE,
    FEEDBACK_READ, NULL, &schema_feedback_query, 0,
    "the feedback on one evaluation",
    GIVES(feedback_of, 200), .errors = { ERR_NOT_FOUND })

/* fcgi/h_judge_job.c */
ROUTE(POST, "/training/jobs", h_judge_job_create, GATES_JUDGE | GATE_JSON,
    TRAINING_WRITE, NULL, &schema_validate_query, MIB,
    "create a judge training job",
    GIVES(judge_job, 201, 200), .traits = SENDS_LOCATION,
    .errors = { ERR_NOT_FOUND, ERR_INVALID_STATE, ERR_JOB_ACTIVE,
    ERR_INSUFFICIENT_FEEDBACK }, .bodies = { &schema_create_judge_job })
ROUTE(GET, "/training/jobs/{job_id}", h_judge_job_get, GATES_JUDGE,
    TRAINING_READ, NULL, NULL, 0, "one judge training job",
    GIVES(judge_job, 200), .traits = SENDS_ETAG,
    .errors = { ERR_NOT_FOUND })

/* fcgi/h_report.c */
ROUTE(GET, "/training/jobs/{job_id}/report", h_job_report, GATES_JUDGE,
    TRAINING_READ, NULL, &schema_report_query, 0,
    "what a finished judge job learned; with Accept: text/html as a page",
    GIVES(job_report, 200), .traits = SENDS_ETAG | SENDS_PAGE,
    .errors = { ERR_NOT_FOUND })

/* fcgi/h_judge_execute.c */
ROUTE(POST, "/training/jobs/{job_id}/execute", h_judge_job_execute,
    GATES_JUDGE | GATE_JSON | GATE_OPTIONAL, TRAINING_WRITE,
    &schema_execute_job, NULL, MIB, "start a judge training job",
    GIVES(execution, 202, 200), .traits = TAKES_IF_MATCH,
    .errors = { ERR_NOT_FOUND, ERR_PRECONDITION, ERR_JOB_FINISHED,
    ERR_INVALID_STATE, ERR_JOB_ACTIVE, ERR_RATE })
ROUTE(POST, "/training-jobs/{job_id}/execute", h_judge_job_execute,
    GATES_JUDGE | GATE_JSON | GATE_OPTIONAL, TRAINING_WRITE,
    &schema_execute_job, NULL, MIB, "start a judge training job; an older path",
    GIVES(execution, 202, 200), .traits = TAKES_IF_MATCH,
    .errors = { ERR_NOT_FOUND, ERR_PRECONDITION, ERR_JOB_FINISHED,
    ERR_INVALID_STATE, ERR_JOB_ACTIVE, ERR_RATE })
ROUTE(POST, "/jobs/{job_id}/start", h_judge_job_start,
    GATES_JUDGE | GATE_JSON | GATE_OPTIONAL, TRAINING_WRITE,
    &schema_no_body, NULL, MIB, "start a judge training job, in short",
    GIVES(started, 202, 200), .traits = TAKES_IF_MATCH,
    .errors = { ERR_NOT_FOUND, ERR_PRECONDITION, ERR_JOB_FINISHED,
    ERR_INVALID_STATE, ERR_JOB_ACTIVE, ERR_RATE })

/* fcgi/h_judge_life.c */
ROUTE(GET, "/training/jobs", h_judge_job_list, GATES_JUDGE, TRAINING_READ,
    NULL, &schema_judge_jobs_query, 0, "list judge training jobs",
    GIVES(judge_job_list, 200))
ROUTE(POST, "/training/jobs/{job_id}/cancel", h_judge_job_cancel,
    GATES_JUDGE | GATE_JSON | GATE_OPTIONAL, TRAINING_WRITE, &schema_no_body,
    NULL, MIB, "stop a judge training job",
    GIVES(judge_job, 200), .traits = TAKES_IF_MATCH,
    .errors = { ERR_NOT_FOUND, ERR_PRECONDITION, ERR_JOB_FINISHED })
ROUTE(POST, "/training/jobs/{job_id}/retry", h_judge_job_retry,
    GATES_JUDGE | GATE_JSON | GATE_OPTIONAL, TRAINING_WRITE, &schema_no_body,
    NULL, MIB, "run a judge training job again",
    GIVES(judge_job, 200), .traits = TAKES_IF_MATCH,
    .errors = { ERR_NOT_FOUND, ERR_PRECONDITION, ERR_JOB_FINISHED,
    ERR_INVALID_STATE, ERR_JOB_ACTIVE, ERR_RATE })
ROUTE(GET, "/training/jobs/{job_id}/events", h_judge_job_events, GATES_JUDGE,
    TRAINING_READ, NULL, &schema_judge_events_query, 0,
    "what happened to a judge training job",
    GIVES(job_event_list, 200), .errors = { ERR_NOT_FOUND })
ROUTE(GET, "/training/jobs/{job_id}/logs", h_judge_job_logs, GATES_JUDGE,
    TRAINING_READ, NULL, &schema_judge_logs_query, 0,
    "a judge training job's log",
    GIVES(log_list, 200), .traits = SENDS_TEXT, .errors = { ERR_NOT_FOUND })
ROUTE(GET, "/training/jobs/{job_id}/metrics", h_judge_job_metrics,
    GATES_JUDGE, TRAINING_READ, NULL, &schema_metrics_query, 0,
    "a judge training job's metrics as they were reported",
    GIVES(metric_list, 200), .errors = { ERR_NOT_FOUND })
ROUTE(GET, "/training/jobs/{job_id}/attempts", h_judge_job_attempts,
    GATES_JUDGE, TRAINING_READ, NULL, NULL, 0,
    "the attempts of a judge training job",
    GIVES(judge_attempt_list, 200), .errors = { ERR_NOT_FOUND })

/* fcgi/h_retraining.c */
ROUTE(POST, "/retraining/runs", h_run_create, GATES_JUDGE | GATE_JSON,
    TRAINING_WRITE, &schema_create_run, NULL, MIB, "run the retraining",
    GIVES(run, 201), .traits = SENDS_LOCATION,
    .errors = { ERR_NOT_FOUND, ERR_INVALID_STATE, ERR_JOB_ACTIVE,
    ERR_INSUFFICIENT_FEEDBACK })
ROUTE(GET, "/retraining/runs", h_run_list, GATES_JUDGE, TRAINING_READ, NULL,
    &schema_runs_query, 0, "list retraining runs",
    GIVES(run_list, 200))
ROUTE(GET, "/retraining/runs/{run_id}", h_run_get, GATES_JUDGE,
    TRAINING_READ, NULL, NULL, 0, "one retraining run",
    GIVES(run, 200), .errors = { ERR_NOT_FOUND })
ROUTE(POST, "/retraining/runs/{run_id}/cancel", h_run_cancel,
    GATES_JUDGE | GATE_JSON | GATE_OPTIONAL, TRAINING_WRITE, &schema_no_body,
    NULL, MIB, "stop a retraining run",
    GIVES(run, 200), .errors = { ERR_NOT_FOUND, ERR_JOB_FINISHED })

/* fcgi/h_webhook.c */
ROUTE(GET, "/webhooks/deliveries", h_delivery_list, GATES_JUDGE,
    TRAINING_READ, NULL, &schema_deliveries_query, 0,
    "what was sent to webhooks",
    GIVES(delivery_list, 200))
ROUTE(POST, "/webhooks/deliveries/{delivery_id}/redeliver", h_delivery_again,
    GATES_JUDGE | GATE_JSON | GATE_OPTIONAL, TRAINING_WRITE, &schema_no_body,
    NULL, MIB, "send a webhook again",
    GIVES(delivery, 202), .errors = { ERR_NOT_FOUND, ERR_INVALID_STATE })

#undef GIVES
#undef GIVES_NOTHING
#undef KIB
#undef MIB
#undef JOBS
#undef ORG
#undef WS
#undef ARTS
#undef SHELF
