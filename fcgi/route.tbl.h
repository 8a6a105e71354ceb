/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every path that the server answers.
 *
 * ROUTE(method, path, handler, gates, scope, body schema, query schema,
 *     largest body, summary)
 */
#define KIB	1024u
#define MIB	(1024u * 1024u)
#define JOBS	"/api/v1/org/{org}/ws/{ws}/training/jobs"
#define ARTS	"/api/v1/org/{org}/ws/{ws}/artifacts/{kind}/{name}/{version}"

/* fcgi/h_ops.c */
ROUTE(GET, "/healthz", h_healthz, 0, NONE, NULL, NULL, 0,
    "the process is up")
ROUTE(GET, "/readyz", h_readyz, 0, NONE, NULL, NULL, 0,
    "the database answers")
ROUTE(GET, "/api/v1/health", h_health, 0, NONE, NULL, NULL, 0,
    "health, as the published client asks for it")

/* fcgi/h_training.c: hosted training */
ROUTE(POST, JOBS, h_training_create, GATES_HOSTED | GATE_JSON,
    TRAINING_WRITE, NULL, &schema_validate_query, MIB,
    "create a training job")
ROUTE(GET, JOBS "/{job_id}", h_training_get, GATES_HOSTED, TRAINING_READ,
    NULL, NULL, 0, "one training job")

/* fcgi/h_catalog.c */
ROUTE(GET, "/api/v1/training/catalog", h_catalog, GATE_TOKEN, NONE, NULL,
    &schema_catalog_query, 0, "base models")

/* fcgi/h_artifact.c */
ROUTE(PUT, ARTS, h_artifact_put, GATES_HOSTED | GATE_STREAM, ARTIFACTS_WRITE,
    NULL, NULL, 0, "publish an artifact")
ROUTE(GET, ARTS, h_artifact_get, GATES_HOSTED, ARTIFACTS_READ, NULL, NULL, 0,
    "an artifact's metadata")
ROUTE(GET, ARTS "/content", h_artifact_content, GATES_HOSTED, ARTIFACTS_READ,
    NULL, NULL, 0, "an artifact's bytes")

/* fcgi/h_judge.c */
ROUTE(POST, "/judges", h_judge_create, GATES_JUDGE | GATE_JSON, JUDGES_WRITE,
    &schema_create_judge, NULL, MIB, "create a judge")
ROUTE(GET, "/judges", h_judge_list, GATES_JUDGE, JUDGES_READ, NULL,
    &schema_judges_query, 0, "list judges")
ROUTE(GET, "/judges/{judge_id}", h_judge_get, GATES_JUDGE, JUDGES_READ, NULL,
    NULL, 0, "one judge")
ROUTE(GET, "/judges/{judge_id}/versions", h_judge_versions, GATES_JUDGE,
    JUDGES_READ, NULL, &schema_versions_query, 0, "a judge's versions")

/* fcgi/h_evaluation.c */
ROUTE(POST, "/evaluations", h_evaluation_create, GATES_JUDGE | GATE_JSON,
    FEEDBACK_WRITE, &schema_create_evaluation, NULL, MIB,
    "record and calibrate one item")
ROUTE(POST, "/evaluations/batch", h_evaluation_batch, GATES_JUDGE | GATE_JSON,
    FEEDBACK_WRITE, &schema_create_evaluations, NULL, 8 * MIB,
    "record and calibrate up to 1000 items")
ROUTE(GET, "/evaluations/{evaluation_id}", h_evaluation_get, GATES_JUDGE,
    FEEDBACK_READ, NULL, &schema_evaluation_query, 0, "one evaluation")

/* fcgi/h_feedback.c */
ROUTE(POST, "/feedback", h_feedback_create, GATES_JUDGE | GATE_JSON,
    FEEDBACK_WRITE, &schema_feedback_entry, NULL, MIB, "one entry of feedback")
ROUTE(POST, "/feedback/batch", h_feedback_batch, GATES_JUDGE | GATE_JSON,
    FEEDBACK_WRITE, &schema_create_feedbacks, NULL, 8 * MIB,
    "up to 1000 entries")
ROUTE(POST, "/batches/{batch_id}/feedback", h_feedback_in_batch,
    GATES_JUDGE | GATE_JSON, FEEDBACK_WRITE, &schema_create_feedbacks, NULL,
    8 * MIB, "up to 1000 entries on one evaluation batch")
ROUTE(GET, "/feedback/evaluation/{evaluation_id}", h_feedback_of, GATES_JUDGE,
    FEEDBACK_READ, NULL, &schema_feedback_query, 0,
    "the feedback on one evaluation")

/* fcgi/h_judge_job.c */
ROUTE(POST, "/training/jobs", h_judge_job_create, GATES_JUDGE | GATE_JSON,
    TRAINING_WRITE, NULL, &schema_validate_query, MIB,
    "create a judge training job")
ROUTE(GET, "/training/jobs/{job_id}", h_judge_job_get, GATES_JUDGE,
    TRAINING_READ, NULL, NULL, 0, "one judge training job")

#undef KIB
#undef MIB
#undef JOBS
#undef ARTS
