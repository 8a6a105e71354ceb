/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes, walks and removes work folders. */
#include "config.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dispatch/workdir.h"
#include "util/log.h"

#define NAME_FILE	"attempt"

int
workdir_path(const char *data_dir, const struct attempt_ref *ref,
    char out[WORKDIR_MAX])
{
	int n;

	n = snprintf(out, WORKDIR_MAX, "%s/work/%s/%d", data_dir, ref->job_id,
	    ref->number);
	if (n < 0 || n >= WORKDIR_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

static int
dir_make(const char *path)
{
	return mkdir(path, 0750) == -1 && errno != EEXIST ? -1 : 0;
}

int
workdir_make(const char *data_dir, const struct attempt_ref *ref)
{
	char dir[WORKDIR_MAX], path[PATH_MAX];
	FILE *f;
	int ok;

	if (workdir_path(data_dir, ref, dir) == -1)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/work", data_dir);
	if (dir_make(path) == -1)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/work/%s", data_dir,
	    ref->job_id);
	if (dir_make(path) == -1 || dir_make(dir) == -1)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/tmp", dir);
	if (dir_make(path) == -1)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/" NAME_FILE, dir);
	if ((f = fopen(path, "we")) == NULL)
		return -1;
	ok = fprintf(f, "%s %s %d\n", ref->workspace_id, ref->job_id,
	    ref->number) > 0;
	return fclose(f) == EOF || !ok ? -1 : 0;
}

/* 1 when the folder names what it belongs to. */
static int
name_read(const char *data_dir, const char *job, const char *number,
    struct attempt_ref *ref)
{
	char path[PATH_MAX], ws[UUID_LEN], id[UUID_LEN];
	int n, ok;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/work/%s/%s/" NAME_FILE,
	    data_dir, job, number);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	ok = fscanf(f, "%36s %36s %d", ws, id, &n) == 3 &&
	    uuid_parse(ws, ref->workspace_id) &&
	    uuid_parse(id, ref->job_id) && strcmp(id, job) == 0 &&
	    n == (int)strtol(number, NULL, 10);
	(void)fclose(f);
	ref->number = n;
	return ok;
}

static int
job_each(const char *data_dir, const char *job,
    int (*fn)(void *, const struct attempt_ref *), void *arg)
{
	struct attempt_ref ref;
	char path[PATH_MAX];
	struct dirent *e;
	int stop = 0;
	DIR *d;

	(void)snprintf(path, sizeof(path), "%s/work/%s", data_dir, job);
	if ((d = opendir(path)) == NULL)
		return 0;
	while (!stop && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' &&
		    name_read(data_dir, job, e->d_name, &ref))
			stop = fn(arg, &ref);
	(void)closedir(d);
	return stop;
}

int
workdir_each(const char *data_dir,
    int (*fn)(void *, const struct attempt_ref *), void *arg)
{
	char path[PATH_MAX], id[UUID_LEN];
	struct dirent *e;
	int stop = 0;
	DIR *d;

	(void)snprintf(path, sizeof(path), "%s/work", data_dir);
	if ((d = opendir(path)) == NULL)
		return errno == ENOENT ? 0 : -1;
	while (!stop && (e = readdir(d)) != NULL)
		if (uuid_parse(e->d_name, id))
			stop = job_each(data_dir, e->d_name, fn, arg);
	(void)closedir(d);
	return 0;
}

int
workdir_engine_set(const char *dir, const char *engine)
{
	char path[PATH_MAX];
	FILE *f;
	int ok;

	(void)snprintf(path, sizeof(path), "%s/" WORKDIR_ENGINE, dir);
	if ((f = fopen(path, "we")) == NULL)
		return -1;
	ok = fprintf(f, "%s\n", engine) > 0;
	return fclose(f) == EOF || !ok ? -1 : 0;
}

int
workdir_engine_get(const char *dir, char *engine, size_t size)
{
	char path[PATH_MAX];
	FILE *f;
	int ok;

	(void)snprintf(path, sizeof(path), "%s/" WORKDIR_ENGINE, dir);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	ok = fgets(engine, (int)size, f) != NULL;
	(void)fclose(f);
	if (ok)
		engine[strcspn(engine, "\n")] = '\0';
	return ok;
}

void
workdir_engine_clear(const char *dir)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/" WORKDIR_ENGINE, dir);
	if (unlink(path) == -1 && errno != ENOENT)
		log_warn("cannot remove %s", path);
}

static int
entry_remove(const char *path, const struct stat *st, int flag,
    struct FTW *ftw)
{
	if (remove(path) == -1 && errno != ENOENT)
		log_warn("cannot remove %s", path);
	return 0;
}

void
workdir_remove(const char *data_dir, const struct attempt_ref *ref)
{
	char path[WORKDIR_MAX];

	if (workdir_path(data_dir, ref, path) == -1)
		return;
	if (nftw(path, entry_remove, 16, FTW_DEPTH | FTW_PHYS) == -1 &&
	    errno != ENOENT)
		log_warn("cannot remove %s", path);
	*strrchr(path, '/') = '\0';
	/* Fails while it holds other attempts. */
	(void)rmdir(path);
}
