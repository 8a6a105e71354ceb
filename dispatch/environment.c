/* SPDX-License-Identifier: BSD-2-Clause */
/* The environment of a runner: our own variables, its token, the site's. */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dispatch/dispatch.h"
#include "domain/secret.h"
#include "util/log.h"
#include "util/ts.h"

#define ENV_MOST	256	/* variables */
#define SITE_MOST	200	/* of them from runner_env */
#define FILE_MOST	65536	/* bytes of runner_env */
#define RETRY_AFTER	(SECOND / 2)

struct environment {
	char	*var[ENV_MOST + 1];
	size_t	 n;
};

/* The first of a name stays: the site's before ours. */
void
environment_add(struct environment *v, char *var)
{
	size_t i, len = strcspn(var, "=") + 1;

	for (i = 0; i < v->n; i++)
		if (strncmp(v->var[i], var, len) == 0)
			return;
	if (v->n < ENV_MOST)
		v->var[v->n++] = var;
}

/*
 * The runner's own way to the API.  Its token is made right before the start
 * and handed over with it, so only the runner ever has it: one that is found
 * again still does, and one that was not started gets another.  0 when that
 * has to wait, or is not to be.
 */
static int
token_give(struct dispatcher *d, struct run *r, struct environment *v)
{
	char token[SECRET_JOB_LEN], digest[SHA256_HEX_LEN];
	struct arena *a = d->arena;
	const char *org, *ws;
	enum err e;

	if (r->face != FACE_HOSTED || d->conf->api_url[0] == '\0')
		return 1;
	secret_job(r->ref.workspace_id, r->ref.job_id, r->ref.number, token);
	secret_digest(token, digest);
	e = store_attempt_token(d->db, a, &r->ref, digest, &org, &ws);
	if (e == ERR_CONFLICT) {
		(void)run_resync(d, r, "start");
		return 0;
	}
	if (e != ERR_OK) {
		(void)link_transient(d, e);
		r->next = ts_mono() + RETRY_AFTER;
		return 0;
	}
	environment_add(v, arena_printf(a, "TRAINYARD_API=%s/api/v1",
	    d->conf->api_url));
	environment_add(v, arena_printf(a, "TRAINYARD_ORG=%s", org));
	environment_add(v, arena_printf(a, "TRAINYARD_WS=%s", ws));
	environment_add(v, arena_printf(a, "TRAINYARD_TOKEN=%s", token));
	if (d->conf->api_ca[0] != '\0')
		environment_add(v, arena_printf(a, "TRAINYARD_CA=%s",
		    d->conf->api_ca));
	explicit_bzero(token, sizeof(token));
	return 1;
}

/* What every runner gets. */
static void
env_fill(struct dispatcher *d, const struct run *r, const char *resume,
    struct environment *v)
{
	const char *path = getenv("PATH"), *home = getenv("HOME");
	struct arena *a = d->arena;

	if (path == NULL)
		path = "/usr/local/bin:/usr/bin:/bin";
	environment_add(v, arena_printf(a, "PATH=%s", path));
	environment_add(v, arena_printf(a, "HOME=%s",
	    home == NULL ? r->dir : home));
	environment_add(v, arena_printf(a, "LANG=C.UTF-8"));
	environment_add(v, arena_printf(a, "TMPDIR=%s/tmp", r->dir));
	environment_add(v, arena_printf(a, "TRAINYARD_JOB=%s/job.json", r->dir));
	environment_add(v, arena_printf(a, "TRAINYARD_WORKDIR=%s", r->dir));
	environment_add(v, arena_printf(a, "TRAINYARD_ATTEMPT=%d", r->ref.number));
	environment_add(v, arena_printf(a, "TRAINYARD_RESUME=%s",
	    resume == NULL ? "" : resume));
	if (d->conf->job_cpus > 0)
		environment_add(v, arena_printf(a, "OMP_NUM_THREADS=%" PRId64,
		    d->conf->job_cpus));
}

/*
 * The file, or the credential of that name: systemd lets nobody else into the
 * folder, whatever the file's own mode says.
 */
static const char *
file_path(struct dispatcher *d, mode_t *others)
{
	const char *name = d->conf->runner_env;
	const char *dir = getenv("CREDENTIALS_DIRECTORY");

	*others = S_IRWXG | S_IRWXO;
	if (strchr(name, '/') != NULL || dir == NULL)
		return name;
	*others = S_IRWXO;
	return arena_printf(d->arena, "%s/%s", dir, name);
}

/* Its text in the arena, or NULL and why. */
static char *
file_read(struct dispatcher *d, const char *path, mode_t others,
    const char **why)
{
	char *text = arena_alloc(d->arena, FILE_MOST + 1);
	struct stat st;
	ssize_t n = -1;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd != -1 && fstat(fd, &st) == 0)
		n = read(fd, text, FILE_MOST + 1);
	if (n == -1)
		*why = strerrordesc_np(errno);
	else if (!S_ISREG(st.st_mode))
		*why = "it is no file";
	else if ((st.st_mode & others) != 0)
		*why = "others may read it";
	else if (n > FILE_MOST)
		*why = "it is too long";
	if (fd != -1)
		(void)close(fd);
	if (*why != NULL)
		return NULL;
	text[n] = '\0';
	return text;
}

static int
is_name(const char *s, size_t len)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz_0123456789";

	return len > 0 && strchr("0123456789", s[0]) == NULL &&
	    strspn(s, letters) >= len;
}

/* NAME=value lines; what is wrong is told without the value. */
static int
lines_add(struct dispatcher *d, char *text, struct environment *v,
    const char **why)
{
	char *line, *save = NULL;
	size_t name;
	int number = 0;

	for (line = strtok_r(text, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		number++;
		if (v->n >= SITE_MOST) {
			*why = "there are too many lines";
			return 0;
		}
		if (line[0] == '#' || line[strspn(line, " \t\r")] == '\0')
			continue;
		name = strcspn(line, "=");
		if (line[name] != '=' || !is_name(line, name) ||
		    strncmp(line, "TRAINYARD_", 10) == 0) {
			*why = arena_printf(d->arena, "line %d, of those "
			    "that are not empty, is no NAME=value", number);
			return 0;
		}
		environment_add(v, line);
	}
	return 1;
}

static int
site_fill(struct dispatcher *d, struct environment *v, const char **why)
{
	const char *path, *wrong = NULL;
	mode_t others;
	char *text;

	if (d->conf->runner_env[0] == '\0')
		return 1;
	path = file_path(d, &others);
	if ((text = file_read(d, path, others, &wrong)) != NULL &&
	    lines_add(d, text, v, &wrong))
		return 1;
	log_errx("runner_env: %s: %s", path, wrong);
	*why = arena_printf(d->arena, "the site's file of variables for "
	    "runners cannot be used: %s", wrong);
	return 0;
}

char **
environment_make(struct dispatcher *d, struct run *r, const char *resume,
    const char **why)
{
	struct environment *v = arena_zalloc(d->arena, sizeof(*v));

	if (!site_fill(d, v, why) || !token_give(d, r, v))
		return NULL;
	env_fill(d, r, resume, v);
	supply_fill(d, r, v);
	return v->var;
}
