/* SPDX-License-Identifier: BSD-2-Clause */
/* The batch script of a run: what happens on the node. */
#include "config.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dispatch/engines/slurm.h"
#include "dispatch/keeper.h"
#include "dispatch/workdir.h"
#include "util/log.h"

/*
 * A second start of the same script works for nobody: what the first one left
 * unfinished is taken up by another attempt.  Neither does one that comes when
 * nobody waits for it any more.
 */
static const char before[] =
    "umask 027\n"
    "stop=\n"
    "trap 'stop=1' TERM\n"
    "status() {\n"
    "	echo \"$1\" >" KEEPER_EXIT ".$$ && sync " KEEPER_EXIT ".$$ &&\n"
    "	    mv " KEEPER_EXIT ".$$ " KEEPER_EXIT "\n"
    "	exit 0\n"
    "}\n"
    "[ -e " WORKDIR_ENGINE " ] || exit 0\n"
    "mkdir " SLURM_BEGUN " 2>/dev/null || status $((75 << 8))\n"
    ". ./" SLURM_ENV " || exit 1\n"
    "[ -z \"$stop\" ] || status $((75 << 8))\n";

static const char after[] =
    " </dev/null >>" RUN_EVENTS " 2>>" RUN_STDERR "\n"
    "code=$?\n"
    "# a shell's way to say which signal it was\n"
    "[ $code -le 128 ] || status $((code - 128))\n"
    "status $((code << 8))\n";

/* As one word of the shell. */
static void
quote(FILE *f, const char *s)
{
	(void)fputc('\'', f);
	for (; *s != '\0'; s++)
		if (*s == '\'')
			(void)fputs("'\\''", f);
		else
			(void)fputc(*s, f);
	(void)fputc('\'', f);
}

/* Appears as a whole, readable for its owner only. */
static FILE *
file_begin(const char *dir, const char *name, char tmp[PATH_MAX])
{
	FILE *f;
	int fd;

	(void)snprintf(tmp, PATH_MAX, "%s/%s.tmp", dir, name);
	(void)unlink(tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		return NULL;
	if ((f = fdopen(fd, "w")) == NULL)
		(void)close(fd);
	return f;
}

static int
file_end(FILE *f, const char *dir, const char *name, const char *tmp)
{
	char path[PATH_MAX];
	int ok = fflush(f) == 0 && !ferror(f) && fsync(fileno(f)) == 0;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (fclose(f) == EOF || !ok)
		return -1;
	return rename(tmp, path);
}

static int
env_write(const char *dir, char *const env[])
{
	char tmp[PATH_MAX];
	const char *is;
	FILE *f;

	if ((f = file_begin(dir, SLURM_ENV, tmp)) == NULL)
		return -1;
	for (; *env != NULL; env++) {
		if ((is = strchr(*env, '=')) == NULL)
			continue;
		(void)fprintf(f, "export %.*s=", (int)(is - *env), *env);
		quote(f, is + 1);
		(void)fputc('\n', f);
	}
	return file_end(f, dir, SLURM_ENV, tmp);
}

int
slurm_script(const char *dir, const struct engine_job *job)
{
	char tmp[PATH_MAX];
	size_t i;
	FILE *f;

	if (env_write(dir, job->env) == -1 ||
	    (f = file_begin(dir, SLURM_SCRIPT, tmp)) == NULL)
		return -1;
	(void)fputs("#!/bin/sh\n# one attempt of a trainyard job\ncd ", f);
	quote(f, dir);
	(void)fputs(" || exit 1\n", f);
	(void)fputs(before, f);
	for (i = 0; job->command[i] != NULL; i++) {
		if (i > 0)
			(void)fputc(' ', f);
		quote(f, job->command[i]);
	}
	(void)fputs(after, f);
	return file_end(f, dir, SLURM_SCRIPT, tmp);
}

void
slurm_mark(const char *dir, const char *name)
{
	char path[PATH_MAX];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
	if (fd == -1)
		log_warn("cannot make %s", path);
	else
		(void)close(fd);
}

int
slurm_marked(const char *dir)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/" SLURM_SUBMITTED, dir);
	if (access(path, F_OK) == 0)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/" SLURM_BEGUN, dir);
	return access(path, F_OK) == 0;
}
