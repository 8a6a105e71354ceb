/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the API description says besides the tables of the programs.
 *
 * TAG(name, beginning of paths, about): the first that fits; the build stops
 *     at a route that none fits.
 * PARAM(name, pattern or NULL, about): the {parameters} of paths; the build
 *     stops at one that is not here.
 * HEADER(symbol, name, type, about): of replies.
 * REQUEST(symbol, name, pattern or NULL, about): headers of requests.
 */
TAG("Hosted training", "/api/v1/org/{org}/ws/{ws}/training",
    "Tinker and Ray jobs of a workspace.")
TAG("Hosted training", "/api/v1/training", NULL)
TAG("Artifacts", "/api/v1/org/{org}/ws/{ws}/artifacts",
    "Datasets, capabilities, tasks, checkpoints: immutable versions.")
TAG("Judges", "/judges", "Judges and their versions.")
TAG("Evaluations", "/evaluations", "Items that a judge scored.")
TAG("Feedback", "/feedback", "What people say of evaluations.")
TAG("Feedback", "/batches", NULL)
TAG("Judge training", "/training", "Jobs that make better judge versions.")
TAG("Judge training", "/training-jobs", NULL)
TAG("Judge training", "/jobs", NULL)
TAG("Judge training", "/retraining", NULL)
TAG("Webhooks", "/webhooks", "What was told to whom.")
TAG("Scope", "/api/v1/org",
    "Where a token may act: organizations, workspaces, projects, the user.")
TAG("Browser login", "/api/v1/user/api-keys",
    "Not available on this server: ask its administrator for a token.")
TAG("Browser login", "/api/v1/auth", NULL)
TAG("Scope", "/api/v1/user", NULL)
TAG("Health", "/healthz", "Whether the server can work; no token needed.")
TAG("Health", "/readyz", NULL)
TAG("Health", "/api/v1/health", NULL)

#define SLUG	"^[a-z0-9][a-z0-9-]{0,62}$"
PARAM("org", SLUG, "organization, by its key")
PARAM("ws", SLUG, "workspace, by its key")
PARAM("project", SLUG, "project, by its key")
PARAM("job_id", NULL, "the job's id")
PARAM("kind", NULL, "what it is")
PARAM("name", "^[a-z0-9][a-z0-9._-]{0,127}$", "the artifact's name")
PARAM("version", "^[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}$",
    "exact version; GET takes latest, too")
PARAM("judge_id", NULL, "the judge's id")
PARAM("n", "^[0-9]+$", "number of the version")
PARAM("evaluation_id", NULL, "the evaluation's id")
PARAM("batch_id", NULL, "the evaluation batch's id")
PARAM("run_id", NULL, "the retraining run's id")
PARAM("delivery_id", NULL, "the delivery's id")
PARAM("device_code", NULL, "the code of the device")
#undef SLUG

HEADER(REQUEST_ID, "X-Request-Id", "string",
    "32 hex digits, made by the server; the same in its logs")
HEADER(CACHE, "Cache-Control", "string", "how long the reply may be kept")
HEADER(LOCATION, "Location", "string", "path of what was created")
HEADER(ETAG, "ETag", "string", "changes with every change")
HEADER(RATE_LIMIT, "X-RateLimit-Limit", "integer", "requests a minute")
HEADER(RATE_LEFT, "X-RateLimit-Remaining", "integer", "left of them")
HEADER(RATE_RESET, "X-RateLimit-Reset", "integer",
    "when all are back, in Unix seconds")
HEADER(RATE_POLICY, "RateLimit-Policy", "string", "\"token\";q=600;w=60")
HEADER(RATE, "RateLimit", "string", "\"token\";r=598;t=37")
HEADER(RETRY, "Retry-After", "integer", "seconds")
HEADER(AUTHENTICATE, "WWW-Authenticate", "string",
    "Bearer realm=\"trainyard\"")
HEADER(REPLAYED, "Idempotent-Replayed", "string",
    "true: the stored reply of an earlier request with the same key")
HEADER(APPLIED, "Preference-Applied", "string", "return=minimal")
HEADER(DISPOSITION, "Content-Disposition", "string",
    "attachment, with a file name")
HEADER(CONTENT_RANGE, "Content-Range", "string", "which part it is")

REQUEST(IDEMPOTENCY, "Idempotency-Key", "^[\\x21-\\x7e]{1,255}$",
    "makes a repeat of the request safe for 24 hours")
REQUEST(IF_NONE_MATCH, "If-None-Match", NULL,
    "ETags that the caller has: 304 when one is current")
REQUEST(IF_MATCH, "If-Match", NULL,
    "ETag that must be current, else 412")
REQUEST(IF_NONE, "If-None-Match", NULL,
    "*: 412 when the version exists already")
REQUEST(DIGEST, "Content-Digest", NULL,
    "sha-256=:<base64>: of the body; 422 when it does not match")
REQUEST(PREFER, "Prefer", NULL,
    "return=minimal: a reply without metrics and artifacts")
REQUEST(RANGE, "Range", NULL, "bytes=first-last: a part")
REQUEST(IF_RANGE, "If-Range", NULL, "ETag that Range is for")
