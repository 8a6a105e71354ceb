/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads migrations and their checksums. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ctl/ctl.h"
#include "ctl/migration.h"

#define MIGRATION_MOST	(16 * 1024 * 1024)

static int
is_sql(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return d->d_name[0] != '.' && len > 4 &&
	    strcmp(d->d_name + len - 4, ".sql") == 0;
}

/* Not alphasort: the order must not depend on the locale. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The phase in a name, NULL when the name is not of the form. */
static const char *
phase_of(const char *name)
{
	static const char digits[] = "0123456789";
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	const char *rest = name + 8, *phase;

	if (strspn(name, digits) != 4 || name[4] != '_' ||
	    strspn(name + 5, digits) != 2 || name[7] != '_')
		return NULL;
	if (strncmp(rest, "pre_", 4) == 0)
		phase = "pre";
	else if (strncmp(rest, "post_", 5) == 0)
		phase = "post";
	else
		return NULL;
	rest += strlen(phase) + 1;
	return rest[0] != '\0' && rest[strspn(rest, plain)] == '\0' ?
	    phase : NULL;
}

static const char *
file_read(struct arena *a, const char *path, size_t *len)
{
	struct stat st;
	char *text = NULL;
	FILE *f;

	if ((f = fopen(path, "re")) == NULL || fstat(fileno(f), &st) == -1)
		(void)ctl_error("%s: %s", path, strerror(errno));
	else if (st.st_size > MIGRATION_MOST)
		(void)ctl_error("%s: larger than %d bytes", path,
		    MIGRATION_MOST);
	else {
		text = arena_alloc(a, (size_t)st.st_size + 1);
		*len = fread(text, 1, (size_t)st.st_size, f);
		text[*len] = '\0';
		if (*len != (size_t)st.st_size) {
			(void)ctl_error("%s: could not be read", path);
			text = NULL;
		} else if (strlen(text) != *len) {
			(void)ctl_error("%s: holds a NUL byte", path);
			text = NULL;
		}
	}
	if (f != NULL)
		(void)fclose(f);
	return text;
}

static int
migration_read(struct arena *a, const char *dir, const char *file,
    struct migration *m)
{
	const char *path = arena_printf(a, "%s/%s", dir, file);
	uint8_t digest[SHA256_LEN];
	size_t len;

	memset(m, 0, sizeof(*m));
	m->name = arena_strndup(a, file, strlen(file) - 4);
	if ((m->phase = phase_of(m->name)) == NULL) {
		(void)ctl_error("%s: a migration is called "
		    "NNNN_ss_pre_name.sql or NNNN_ss_post_name.sql", path);
		return 0;
	}
	if ((m->text = file_read(a, path, &len)) == NULL)
		return 0;
	sha256(m->text, len, digest);
	hex_encode(digest, sizeof(digest), m->sha256);
	return 1;
}

long
migration_load(struct arena *a, const char *dir, struct migration **out)
{
	struct migration *list;
	struct dirent **files;
	int bad = 0, n, i;

	if ((n = scandir(dir, &files, is_sql, by_name)) == -1) {
		(void)ctl_error("%s: %s", dir, strerror(errno));
		return -1;
	}
	list = arena_alloc(a, ((size_t)n + 1) * sizeof(*list));
	for (i = 0; i < n; i++) {
		if (!migration_read(a, dir, files[i]->d_name, &list[i]))
			bad = 1;
		free(files[i]);
	}
	free(files);
	if (n == 0)
		(void)ctl_error("%s: no migrations there", dir);
	*out = list;
	return bad || n == 0 ? -1 : n;
}

struct migration *
migration_find(struct migration *list, long n, const char *name)
{
	long i;

	for (i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}
