/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Ray engine: each run is a job of a Ray cluster, submitted through its
 * Jobs API under our own name for the attempt, so that no reply that was lost
 * starts it twice.
 *
 * The cluster shares no files: the runner asks the API for everything and
 * reports there.  What Ray says of a job is believed as far as it can know:
 * an exit status is one; a failure of its own machinery is not, and what the
 * runner goes on to report tells (ENGINE_DOUBT).
 */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dispatch/dispatch.h"
#include "dispatch/engines/ray_api.h"
#include "util/jw.h"
#include "util/log.h"
#include "util/ts.h"

#define CHUNK		((size_t)64 << 10)
#define LOG_MOST	((int64_t)8 << 20)	/* of a job's log is taken */
#define LOG_ANSWER	((size_t)LOG_MOST * 2)	/* escapes make it longer */
#define LOG_RATE	INT64_C(200)		/* bytes a ms: the whole log
						   comes each time */
#define CA_MOST		65536
#define MISSED_MOST	2	/* looks that must find nothing */

#define GONE	"it knows nothing of the job any more"
#define RUN_SUBMITTED	"submitted"	/* file: Ray has had the job */

#define LOG_CUT	"\ntrainyardd: the rest of this log is to be read in Ray\n"

/* struct engine_run's own. */
struct ray {
	int64_t	 taken;		/* bytes of the log that lie in RUN_STDERR */
	int64_t	 next_log;	/* not before */
	int	 log_over;	/* no more of it is taken */
	int	 missed;	/* looks that found no such job */
};

static const struct conf *conf;

static void
ray_open(const struct conf *c)
{
	conf = c;
}

static void
log_path(const struct engine_run *r, char path[PATH_MAX])
{
	(void)snprintf(path, PATH_MAX, "%s/" RUN_STDERR, r->dir);
}

static struct ray *
ray_own(struct engine_run *r)
{
	char path[PATH_MAX];
	struct ray *own = r->own;
	struct stat st;

	if (own != NULL)
		return own;
	if ((own = calloc(1, sizeof(*own))) == NULL)
		fatalx("out of memory");
	/* What an earlier life of the dispatcher took stays taken. */
	log_path(r, path);
	if (stat(path, &st) == 0)
		own->taken = st.st_size;
	own->log_over = own->taken >= LOG_MOST;
	r->own = own;
	r->fd = -1;
	(void)snprintf(r->handle, sizeof(r->handle), "%s", r->name);
	return own;
}

static void
ray_release(struct engine_run *r)
{
	free(r->own);
	r->own = NULL;
}

static void
why_set(struct engine_run *r, const char *why)
{
	(void)snprintf(r->why, sizeof(r->why), "Ray: %s", why);
}

/* Ray has had it: when it knows nothing of it any more, it is lost. */
static void
submitted_set(const struct engine_run *r)
{
	char path[PATH_MAX];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/" RUN_SUBMITTED, r->dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
	if (fd == -1)
		log_warn("cannot make %s", path);
	else
		(void)close(fd);
}

static int
submitted(const struct engine_run *r)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/" RUN_SUBMITTED, r->dir);
	return access(path, F_OK) == 0;
}

/* The job as Ray has it: its status, or -1 when Ray did not answer. */
static int
job_get(struct engine_run *r, struct arena *a, struct ray_reply *reply)
{
	const char *why;

	if (ray_call(a, conf, "GET", arena_printf(a, "jobs/%s", r->name),
	    NULL, RAY_ANSWER, reply, &why) == -1) {
		why_set(r, why);
		return -1;
	}
	if (reply->status == 404 || (reply->status == 200 &&
	    jv_text(reply->json, "status") != NULL))
		return reply->status;
	why_set(r, ray_says(a, reply));
	return -1;
}

/* ------------------------------------------------------------------- start */

/* The entrypoint is a shell's: each word is quoted. */
static const char *
entrypoint(struct arena *a, char *const command[])
{
	struct buf b;
	const char *p;
	size_t i;

	buf_init(&b, a);
	buf_adds(&b, "exec");
	for (i = 0; command[i] != NULL; i++) {
		buf_adds(&b, " '");
		for (p = command[i]; *p != '\0'; p++)
			if (*p == '\'')
				buf_adds(&b, "'\\''");
			else
				buf_add(&b, p, 1);
		buf_adds(&b, "'");
	}
	return b.data;
}

/* The certificates themselves: the cluster has no such file. */
static const char *
certificates(struct arena *a)
{
	char *pem;
	ssize_t n;
	int fd;

	if ((fd = open(conf->api_ca, O_RDONLY | O_CLOEXEC)) == -1)
		return NULL;
	pem = arena_alloc(a, CA_MOST + 1);
	n = read(fd, pem, CA_MOST);
	(void)close(fd);
	if (n <= 0)
		return NULL;
	pem[n] = '\0';
	return strstr(pem, "-----BEGIN");
}

/* A variable's value, or NULL. */
static const char *
env_value(char *const env[], const char *name)
{
	size_t i, n = strlen(name);

	for (i = 0; env[i] != NULL; i++)
		if (strncmp(env[i], name, n) == 0 && env[i][n] == '=')
			return env[i] + n + 1;
	return NULL;
}

/* What of the runner's environment means something on another machine. */
static void
env_pass(struct jw *w, char *const env[])
{
	static const char *const passed[] = { "TRAINYARD_API", "TRAINYARD_ORG",
	    "TRAINYARD_WS", "TRAINYARD_ATTEMPT", "TRAINYARD_RESUME",
	    "TRAINYARD_MODELS" };
	const char *value;
	size_t i;

	for (i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
		if ((value = env_value(env, passed[i])) != NULL)
			jw_kstr(w, passed[i], value);
}

static void
env_write(struct jw *w, const struct engine_run *r, char *const env[],
    const char *pem)
{
	jw_kobj(w, "runtime_env");
	jw_kobj(w, "env_vars");
	env_pass(w, env);
	if (pem != NULL)
		jw_kstr(w, "TRAINYARD_CA", pem);
	jw_key(w, "TRAINYARD_JOB_ID");
	jw_strf(w, "%.36s", r->name + strlen("trainyard-"));
	jw_kstr(w, "TRAINYARD_REPORT", "api");
	jw_key(w, "TRAINYARD_WORKER_CPUS");
	jw_strf(w, "%g", conf->ray_worker_cpus);
	jw_key(w, "TRAINYARD_WORKER_GPUS");
	jw_strf(w, "%g", conf->ray_worker_gpus);
	/* Ray's own pause between SIGTERM and SIGKILL is 3 s. */
	jw_key(w, "RAY_JOB_STOP_WAIT_TIME_S");
	jw_strf(w, "%lld", (long long)conf->grace_seconds);
	jw_end(w);
	jw_end(w);
}

static const char *
submission(struct arena *a, const struct engine_run *r,
    const struct engine_job *job, const char *pem)
{
	double cpus = job->cpus > 0 ? (double)job->cpus : conf->ray_cpus;
	struct jw w;
	size_t len;

	jw_init(&w, a);
	jw_obj(&w);
	jw_kstr(&w, "entrypoint", entrypoint(a, job->command));
	jw_kstr(&w, "submission_id", r->name);
	env_write(&w, r, job->env, pem);
	/*
	 * Not among the variables: nodes write those into a log that all
	 * their users may read, and every worker inherits them.
	 */
	jw_kobj(&w, "metadata");
	jw_kstr(&w, "trainyard_token",
	    env_value(job->env, "TRAINYARD_TOKEN"));
	jw_end(&w);
	if (cpus > 0)
		jw_knum(&w, "entrypoint_num_cpus", cpus);
	if (conf->ray_gpus > 0)
		jw_knum(&w, "entrypoint_num_gpus", conf->ray_gpus);
	if (job->memory_mb > 0)
		jw_kint(&w, "entrypoint_memory", job->memory_mb << 20);
	jw_end(&w);
	return jw_text(&w, &len);
}

/* 0; -1 and errno: EAGAIN when it may have worked, or may work later. */
static int
submit(struct engine_run *r, struct arena *a, const struct engine_job *job)
{
	const char *pem = NULL, *why;
	struct ray_reply reply;

	if (conf->api_ca[0] != '\0' && (pem = certificates(a)) == NULL) {
		why_set(r, "no certificates can be read from api_ca");
		errno = EAGAIN;
		return -1;
	}
	errno = EAGAIN;
	if (ray_call(a, conf, "POST", "jobs/", submission(a, r, job, pem),
	    RAY_ANSWER, &reply, &why) == -1) {
		why_set(r, why);
		errno = EAGAIN;
		return -1;
	}
	if (reply.status == 200)
		return 0;
	/* Whatever the status: one of ours arrived before. */
	if (strstr(reply.text, "already exists") != NULL &&
	    job_get(r, a, &reply) == 200)
		return 0;
	why_set(r, ray_says(a, &reply));
	errno = reply.status == 400 &&
	    strstr(reply.text, "already exists") == NULL ? EINVAL : EAGAIN;
	return -1;
}

static int
ray_start(struct engine_run *r, const struct engine_job *job)
{
	struct arena *a = arena_new(CHUNK);
	struct ray_reply reply;
	int result, saved;

	(void)ray_own(r);
	errno = EAGAIN;
	switch (job_get(r, a, &reply)) {
	case 200:
		result = 0;
		break;
	case 404:
		result = submit(r, a, job);
		break;
	default:
		result = -1;
		errno = EAGAIN;
		break;
	}
	saved = errno;
	if (result == 0)
		submitted_set(r);
	arena_free(a);
	errno = saved;
	return result;
}

/* -------------------------------------------------------------------- logs */

static int
log_append(const struct engine_run *r, const char *text, size_t len)
{
	char path[PATH_MAX];
	ssize_t n = 0;
	int fd;

	log_path(r, path);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (fd == -1)
		return -1;
	while (len > 0 && (n = write(fd, text, len)) > 0) {
		text += n;
		len -= (size_t)n;
	}
	(void)close(fd);
	return n == -1 ? -1 : 0;
}

/* What the job has printed since the last look. */
static void
log_take(struct engine_run *r, int last)
{
	struct ray *own = ray_own(r);
	int64_t now = ts_mono(), most = LOG_MOST;
	struct ray_reply reply;
	const char *text, *why;
	struct arena *a;
	size_t len = 0;

	if (own->log_over || (!last && now < own->next_log))
		return;
	a = arena_new(CHUNK);
	if (ray_call(a, conf, "GET", arena_printf(a, "jobs/%s/logs", r->name),
	    NULL, LOG_ANSWER, &reply, &why) == 0 && reply.status == 200 &&
	    (text = jv_str(jv_member(reply.json, "logs"), &len)) != NULL &&
	    (int64_t)len > own->taken) {
		if ((int64_t)len < most)
			most = (int64_t)len;
		if (log_append(r, text + own->taken,
		    (size_t)(most - own->taken)) == 0)
			own->taken = most;
	}
	if (reply.cut || own->taken >= LOG_MOST) {
		(void)log_append(r, LOG_CUT, strlen(LOG_CUT));
		own->log_over = 1;
	}
	own->next_log = now + (int64_t)len / LOG_RATE * 1000;
	arena_free(a);
}

/* -------------------------------------------------------------------- look */

/* 1 and the wait status, when Ray saw the entrypoint's end. */
static int
exit_status(const struct jv *job, int *status)
{
	const char *type = jv_text(job, "error_type");
	int64_t code;

	if (!jv_int(jv_member(job, "driver_exit_code"), &code) ||
	    code < -NSIG || code > 255 || type == NULL ||
	    strcmp(type, "JOB_ENTRYPOINT_COMMAND_ERROR") != 0)
		return 0;
	*status = code < 0 ? (int)-code : (int)code << 8;
	return 1;
}

/* Something failed, which need not be the runner. */
static enum engine_state
job_failed(struct engine_run *r, const struct jv *job)
{
	const char *type = jv_text(job, "error_type");
	const char *text = jv_text(job, "message");

	log_take(r, 0);
	(void)snprintf(r->why, sizeof(r->why), "Ray says %s: %.300s",
	    type == NULL ? "FAILED" : type, text == NULL ? "" : text);
	return ENGINE_DOUBT;
}

/* What a job in Ray's hands is to us. */
static enum engine_state
job_state(struct engine_run *r, const struct jv *job)
{
	const char *status = jv_text(job, "status");

	if (strcmp(status, "PENDING") == 0 || strcmp(status, "RUNNING") == 0)
		return ENGINE_RUNNING;
	if (strcmp(status, "FAILED") == 0) {
		if (!exit_status(job, &r->status))
			return job_failed(r, job);
	} else if (strcmp(status, "SUCCEEDED") == 0)
		r->status = 0;
	else if (strcmp(status, "STOPPED") == 0)
		r->status = EXIT_AGAIN << 8;
	else {
		why_set(r, "a status that is not known here");
		return ENGINE_UNKNOWN;
	}
	log_take(r, 1);
	return ENGINE_ENDED;
}

static enum engine_state
ray_poll(struct engine_run *r)
{
	struct ray *own = ray_own(r);
	struct arena *a = arena_new(CHUNK);
	enum engine_state state = ENGINE_UNKNOWN;
	struct ray_reply reply;

	switch (job_get(r, a, &reply)) {
	case 200:
		own->missed = 0;
		if ((state = job_state(r, reply.json)) == ENGINE_RUNNING)
			log_take(r, 0);
		break;
	case 404:
		why_set(r, GONE);
		if (++own->missed >= MISSED_MOST)
			state = ENGINE_GONE;
		break;
	default:
		break;
	}
	arena_free(a);
	return state;
}

static int
ray_stop(struct engine_run *r, int hard)
{
	struct arena *a = arena_new(CHUNK);
	struct ray_reply reply;
	const char *why;
	int result = 0;

	/* Ray kills by itself, RAY_JOB_STOP_WAIT_TIME_S after it asked. */
	(void)hard;
	(void)ray_own(r);
	if (ray_call(a, conf, "POST", arena_printf(a, "jobs/%s/stop",
	    r->name), "", RAY_ANSWER, &reply, &why) == -1) {
		why_set(r, why);
		result = -1;
	} else if (reply.status != 200 && reply.status != 404) {
		why_set(r, ray_says(a, &reply));
		result = -1;
	}
	arena_free(a);
	return result;
}

static enum engine_state
ray_recover(struct engine_run *r)
{
	struct arena *a = arena_new(CHUNK);
	enum engine_state state = ENGINE_UNKNOWN;
	struct ray_reply reply;

	(void)ray_own(r);
	switch (job_get(r, a, &reply)) {
	case 200:
		/* If it is over the first look will tell. */
		state = ENGINE_RUNNING;
		break;
	case 404:
		state = submitted(r) ? ENGINE_GONE : ENGINE_UNSTARTED;
		break;
	default:
		break;
	}
	if (state == ENGINE_GONE)
		why_set(r, GONE);
	arena_free(a);
	return state;
}

const struct engine engine_ray = {
	.name = "ray",
	.far = 1,
	.apart = 1,
	.open = ray_open,
	.start = ray_start,
	.poll = ray_poll,
	.stop = ray_stop,
	.recover = ray_recover,
	.release = ray_release,
};
