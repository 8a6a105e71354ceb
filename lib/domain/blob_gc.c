/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks over the content store and removes what nobody names. */
#include "config.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "domain/blob.h"
#include "domain/blob_gc.h"
#include "store/store_artifact.h"
#include "util/hash.h"
#include "util/log.h"

#define FOLDERS	256

struct blob_walk {
	int	 folder;	/* the next one, or the open one */
	DIR	*dir;		/* NULL: none is open */
};

struct blob_walk *
blob_walk_new(void)
{
	struct blob_walk	*w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		fatal("blob_walk");
	return w;
}

void
blob_walk_free(struct blob_walk *w)
{
	if (w == NULL)
		return;
	if (w->dir != NULL)
		closedir(w->dir);
	free(w);
}

/* The change time tells when the file came; the other one is its digest's. */
static int
is_old(const struct blob_gc *gc, const struct stat *st)
{
	return S_ISREG(st->st_mode) && time(NULL) - st->st_ctime >= gc->grace;
}

/* The next file's digest; 0 when there are no more. */
static int
walk_next(const struct blob_gc *gc, struct blob_walk *w,
    char sha256[SHA256_HEX_LEN])
{
	char		 path[PATH_MAX];
	struct dirent	*e;

	for (;;) {
		if (w->dir == NULL) {
			if (w->folder == FOLDERS)
				return 0;
			snprintf(path, sizeof(path), "%s/blobs/%02x",
			    gc->data_dir, (unsigned int)w->folder);
			if ((w->dir = opendir(path)) == NULL) {
				if (errno != ENOENT)
					log_warn("cannot read %s", path);
				w->folder++;
				continue;
			}
		}
		if ((e = readdir(w->dir)) == NULL) {
			closedir(w->dir);
			w->dir = NULL;
			w->folder++;
			continue;
		}
		if (strspn(e->d_name, "0123456789abcdef") ==
		    SHA256_HEX_LEN - 3 &&
		    e->d_name[SHA256_HEX_LEN - 3] == '\0') {
			snprintf(sha256, SHA256_HEX_LEN, "%02x%.62s",
			    (unsigned int)w->folder, e->d_name);
			return 1;
		}
	}
}

static int
stat_old(const struct blob_gc *gc, const char *sha256, struct stat *st)
{
	char	path[PATH_MAX];

	return blob_path(gc->data_dir, sha256, path, sizeof(path)) == 0 &&
	    stat(path, st) == 0 && is_old(gc, st);
}

/* In a transaction; see blob_gc.h. */
static enum err
remove_claimed(struct blob_gc *gc, struct db *db, struct arena *a,
    const char *sha256)
{
	const char	*one = sha256;
	char		 path[PATH_MAX];
	struct stat	 st;
	size_t		 n = 1;
	enum err	 err;
	int		 got;

	if ((err = store_blob_claim(db, sha256, &got)) != ERR_OK || !got)
		return err;
	if ((err = store_blob_unnamed(db, a, &one, &n)) != ERR_OK || n == 0 ||
	    !stat_old(gc, sha256, &st))
		return err;
	if (blob_path(gc->data_dir, sha256, path, sizeof(path)) == -1)
		return ERR_INTERNAL;
	if (unlink(path) == -1) {
		if (errno != ENOENT)
			log_warn("cannot remove %s", path);
		return ERR_OK;
	}
	gc->files++;
	gc->bytes += st.st_size;
	return ERR_OK;
}

static enum err
remove_one(struct blob_gc *gc, struct db *db, struct arena *a,
    const char *sha256)
{
	struct stat	st;
	enum err	err;

	if (gc->dry_run) {
		if (stat_old(gc, sha256, &st)) {
			gc->files++;
			gc->bytes += st.st_size;
		}
		return ERR_OK;
	}
	if ((err = db_begin(db)) == ERR_OK)
		err = remove_claimed(gc, db, a, sha256);
	/* nothing was written: this only lets the lock go */
	db_rollback(db);
	return err;
}

enum err
blob_gc_step(struct blob_gc *gc, struct blob_walk *w, struct db *db,
    struct arena *a, size_t most, int *done)
{
	char		 sha256[SHA256_HEX_LEN];
	const char	**old;
	struct stat	 st;
	size_t		 i, n = 0;
	enum err	 err = ERR_OK;

	*done = 0;
	old = arena_alloc(a, most * sizeof(*old));
	for (i = 0; i < most; i++) {
		if (!walk_next(gc, w, sha256)) {
			*done = 1;
			break;
		}
		if (stat_old(gc, sha256, &st))
			old[n++] = arena_strdup(a, sha256);
	}
	if (n > 0)
		err = store_blob_unnamed(db, a, old, &n);
	for (i = 0; err == ERR_OK && i < n; i++)
		err = remove_one(gc, db, a, old[i]);
	return err;
}

/* A file that no upload holds any more. */
static void
upload_remove(struct blob_gc *gc, int dir, const char *name)
{
	struct stat	st;
	int		fd;

	if ((fd = openat(dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW |
	    O_NONBLOCK)) == -1)
		return;		/* kept, or gone, a moment ago */
	if (fstat(fd, &st) == 0 && is_old(gc, &st) && st.st_nlink > 0 &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0) {
		if (gc->dry_run || unlinkat(dir, name, 0) == 0)
			gc->uploads++;
		else if (errno != ENOENT)
			log_warn("cannot remove an unfinished upload");
	}
	close(fd);
}

void
blob_gc_uploads(struct blob_gc *gc)
{
	char		 path[PATH_MAX];
	struct dirent	*e;
	DIR		*dir;

	snprintf(path, sizeof(path), "%s/incoming", gc->data_dir);
	if ((dir = opendir(path)) == NULL) {
		if (errno != ENOENT)
			log_warn("cannot read %s", path);
		return;
	}
	while ((e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.')
			upload_remove(gc, dirfd(dir), e->d_name);
	closedir(dir);
}
