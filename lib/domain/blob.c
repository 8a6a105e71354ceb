/* SPDX-License-Identifier: BSD-2-Clause */
/* Content-addressed files. */
#include "config.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "domain/blob.h"
#include "util/ident.h"
#include "util/log.h"

#define TRIES		8	/* for a file of one's own */
#define STAMP_END	1577836800u	/* the year 2020 */

struct blob_in {
	char		*data_dir;
	char		 path[PATH_MAX];
	int		 fd;
	int64_t		 size;
	struct sha256	*digest;
	char		 sha256[SHA256_HEX_LEN];	/* sealed */
};

static int
make_dir(const char *data_dir, const char *name)
{
	char	path[PATH_MAX];
	int	n;

	n = snprintf(path, sizeof(path), "%s/%s", data_dir, name);
	if (n < 0 || (size_t)n >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return mkdir(path, 0750) == -1 && errno != EEXIST ? -1 : 0;
}

int
blob_init(const char *data_dir)
{
	return make_dir(data_dir, "blobs") == -1 ||
	    make_dir(data_dir, "incoming") == -1 ? -1 : 0;
}

/*
 * A new file under a lock, by which whoever looks for leftovers sees that it
 * is none: 1.  0: it was taken for one; -1: there can be no file.
 */
static int
incoming_open(struct blob_in *in)
{
	struct stat	st;
	char		id[UUID_LEN];
	int		n, locked;

	uuid_new(id);
	n = snprintf(in->path, sizeof(in->path), "%s/incoming/%s",
	    in->data_dir, id);
	if (n < 0 || (size_t)n >= sizeof(in->path) ||
	    (in->fd = open(in->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    0640)) == -1)
		return -1;
	locked = flock(in->fd, LOCK_EX | LOCK_NB) == 0;
	if (!locked && errno != EWOULDBLOCK) {
		log_debug("no locks here: an upload is safe by its age");
		return 1;
	}
	if (locked && fstat(in->fd, &st) == 0 && st.st_nlink > 0)
		return 1;
	(void)unlink(in->path);
	close(in->fd);
	in->fd = -1;
	errno = EBUSY;
	return 0;
}

enum err
blob_begin(const char *data_dir, struct blob_in **out)
{
	struct blob_in	*in;
	int		 tries, r = 0;

	if ((in = calloc(1, sizeof(*in))) == NULL ||
	    (in->data_dir = strdup(data_dir)) == NULL)
		fatal("blob");
	/* a collector may take the file in the moment before its lock */
	for (tries = 0; tries < TRIES && r == 0; tries++)
		r = incoming_open(in);
	if (r != 1) {
		log_err("cannot write to %s/incoming", data_dir);
		free(in->data_dir);
		free(in);
		return ERR_INTERNAL;
	}
	in->digest = sha256_new();
	*out = in;
	return ERR_OK;
}

enum err
blob_add(struct blob_in *in, const void *data, size_t len)
{
	const char	*p = data;
	ssize_t		 n;

	sha256_add(in->digest, data, len);
	in->size += (int64_t)len;
	while (len > 0) {
		n = write(in->fd, p, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			log_err("cannot write an artifact");
			return ERR_INTERNAL;
		}
		p += n;
		len -= (size_t)n;
	}
	return ERR_OK;
}

void
blob_abort(struct blob_in **inp)
{
	struct blob_in	*in = *inp;

	if (in == NULL)
		return;
	*inp = NULL;
	if (in->digest != NULL)
		sha256_free(in->digest);
	if (in->fd != -1)
		close(in->fd);
	if (unlink(in->path) == -1 && errno != ENOENT)
		log_warn("cannot remove an unfinished artifact");
	free(in->data_dir);
	free(in);
}

static int
sync_dir(const char *path)
{
	int	fd, r;

	if ((fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return -1;
	r = fsync(fd);
	close(fd);
	return r;
}

void
blob_name(const char *sha256, char out[66])
{
	snprintf(out, 66, "%.2s/%.62s", sha256, sha256 + 2);
}

int
blob_path(const char *data_dir, const char *sha256, char *out, size_t size)
{
	char	name[66];
	int	n;

	blob_name(sha256, name);
	n = snprintf(out, size, "%s/blobs/%s", data_dir, name);
	return n < 0 || (size_t)n >= size ? -1 : 0;
}

enum err
blob_read(const char *data_dir, const char *sha256, struct arena *a,
    size_t most, const char **data, size_t *len)
{
	char		 path[PATH_MAX], *buf;
	struct stat	 st;
	size_t		 at = 0;
	ssize_t		 n = -1;
	int		 fd;

	if (blob_path(data_dir, sha256, path, sizeof(path)) == -1 ||
	    (fd = open(path, O_RDONLY | O_CLOEXEC)) == -1) {
		log_warn("could not open blob sha256=%s", sha256);
		return ERR_INTERNAL;
	}
	if (fstat(fd, &st) == -1 || st.st_size < 0 ||
	    (size_t)st.st_size > most) {
		log_warnx("blob is not as it should be sha256=%s", sha256);
		close(fd);
		return ERR_INTERNAL;
	}
	buf = arena_alloc(a, (size_t)st.st_size + 1);
	while (at < (size_t)st.st_size && (n = read(fd, buf + at,
	    (size_t)st.st_size - at)) != 0) {
		if (n > 0)
			at += (size_t)n;
		else if (errno != EINTR)
			break;
	}
	close(fd);
	if (at < (size_t)st.st_size) {
		log_warnx("could not read blob sha256=%s", sha256);
		return ERR_INTERNAL;
	}
	buf[at] = '\0';
	*data = buf;
	*len = at;
	return ERR_OK;
}

/*
 * nginx makes a file's ETag of its time and size.  The time comes from the
 * digest, so that the same bytes have the same tag on every host and after
 * they were published again, and others another one.  It is a past one.
 */
static int
stamp(int fd, const uint8_t digest[SHA256_LEN])
{
	const uint32_t	 n = (uint32_t)digest[0] << 24 | digest[1] << 16 |
	    digest[2] << 8 | digest[3];
	struct timespec	 t[2] = { { 0, UTIME_OMIT }, { 0, 0 } };

	t[1].tv_sec = (time_t)(n % STAMP_END);
	return futimens(fd, t);
}

/*
 * Into its folder.  That one may be new, made by another thread or host that
 * has not come to make it durable: so both folders are, each time.
 */
static int
publish(struct blob_in *in, const char *sha256)
{
	char	path[PATH_MAX], dir[PATH_MAX], *slash;

	if (blob_path(in->data_dir, sha256, path, sizeof(path)) == -1) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(dir, path, sizeof(dir));
	slash = strrchr(dir, '/');
	*slash = '\0';
	if (mkdir(dir, 0750) == -1 && errno != EEXIST)
		return -1;
	/* over an equal one when it is there: same name, same bytes */
	if (rename(in->path, path) == -1 || sync_dir(dir) == -1)
		return -1;
	slash = strrchr(dir, '/');
	*slash = '\0';
	return sync_dir(dir);
}

enum err
blob_seal(struct blob_in **inp, const char *expected,
    char sha256[SHA256_HEX_LEN], int64_t *size)
{
	struct blob_in	*in = *inp;
	uint8_t		 digest[SHA256_LEN];

	sha256_end(in->digest, digest);
	in->digest = NULL;
	hex_encode(digest, sizeof(digest), in->sha256);
	memcpy(sha256, in->sha256, sizeof(in->sha256));
	*size = in->size;
	if (expected != NULL && strcmp(expected, sha256) != 0) {
		blob_abort(inp);
		return ERR_VALIDATION;
	}
	if (stamp(in->fd, digest) == -1 || fsync(in->fd) == -1) {
		log_err("cannot keep an artifact");
		blob_abort(inp);
		return ERR_INTERNAL;
	}
	return ERR_OK;
}

const char *
blob_in_path(const struct blob_in *in)
{
	return in->path;
}

enum err
blob_keep(struct blob_in **inp)
{
	enum err	err = ERR_OK;

	if (publish(*inp, (*inp)->sha256) == -1) {
		log_err("cannot keep an artifact");
		err = ERR_INTERNAL;
	}
	blob_abort(inp);
	return err;
}

enum err
blob_commit(struct blob_in **inp, const char *expected,
    char sha256[SHA256_HEX_LEN], int64_t *size)
{
	enum err	err;

	if ((err = blob_seal(inp, expected, sha256, size)) != ERR_OK)
		return err;
	return blob_keep(inp);
}
