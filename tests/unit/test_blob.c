/* SPDX-License-Identifier: BSD-2-Clause */
/* Artifact bytes on disk: whole or not at all, once, in their place. */
#include "config.h"

#include "unit.h"

#include <sys/resource.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <time.h>

#include "domain/blob.h"

/* SHA-256 of "hello\n" */
#define HELLO "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static char	dir[PATH_MAX];

/* What was made durable, in order: f(ile), d(irectory), r(enamed). */
static char	calls[16];
static int	fsync_fails;	/* the n-th from now; 0: none */

int	__real_fsync(int);
int	__real_rename(const char *, const char *);
int	__wrap_fsync(int);
int	__wrap_rename(const char *, const char *);

int
__wrap_fsync(int fd)
{
	struct stat	st;

	assert_int_equal(0, fstat(fd, &st));
	(void)strcat(calls, S_ISDIR(st.st_mode) ? "d" : "f");
	if (fsync_fails > 0 && --fsync_fails == 0) {
		errno = EIO;
		return -1;
	}
	return __real_fsync(fd);
}

int
__wrap_rename(const char *from, const char *to)
{
	(void)strcat(calls, "r");
	return __real_rename(from, to);
}

static int
setup(void **state)
{
	calls[0] = '\0';
	fsync_fails = 0;
	(void)snprintf(dir, sizeof(dir), "%s/blob-test-XXXXXX", P_tmpdir);
	return mkdtemp(dir) == NULL || blob_init(dir) == -1 ? -1 : 0;
}

static int
teardown(void **state)
{
	char	cmd[PATH_MAX + 16];

	(void)snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	return system(cmd);
}

static int
entries(const char *name)
{
	char		 path[PATH_MAX + 64];
	struct dirent	*e;
	DIR		*d;
	int		 n = 0;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((d = opendir(path)) == NULL)
		return -1;
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	(void)closedir(d);
	return n;
}

static enum err
publish(const char *bytes, const char *expected, char sha256[SHA256_HEX_LEN],
    int64_t *size)
{
	struct blob_in	*in;
	size_t		 i, len = strlen(bytes);

	assert_int_equal(ERR_OK, blob_begin(dir, &in));
	for (i = 0; i < len; i++)
		assert_int_equal(ERR_OK, blob_add(in, bytes + i, 1));
	return blob_commit(&in, expected, sha256, size);
}

static void
stat_blob(const char *sha256, struct stat *st)
{
	char	path[PATH_MAX];

	assert_int_equal(0, blob_path(dir, sha256, path, sizeof(path)));
	assert_int_equal(0, stat(path, st));
}

static void
a_blob_stands_under_its_digest(void **state)
{
	char		sha256[SHA256_HEX_LEN], path[PATH_MAX], name[66];
	char		bytes[16];
	int64_t		size;
	ssize_t		n;
	int		fd;

	assert_int_equal(ERR_OK, publish("hello\n", NULL, sha256, &size));
	assert_string_equal(HELLO, sha256);
	assert_int_equal(6, size);
	blob_name(sha256, name);
	assert_string_equal("58/91b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d0"
	    "8286a2e846f6be03", name);
	assert_int_equal(0, blob_path(dir, sha256, path, sizeof(path)));
	fd = open(path, O_RDONLY);
	assert_true(fd != -1);
	n = read(fd, bytes, sizeof(bytes));
	assert_int_equal(6, n);
	assert_memory_equal("hello\n", bytes, 6);
	(void)close(fd);
	assert_int_equal(0, entries("incoming"));
}

static void
nothing_is_a_blob_too(void **state)
{
	char		sha256[SHA256_HEX_LEN];
	struct stat	st;
	int64_t		size;

	assert_int_equal(ERR_OK, publish("", NULL, sha256, &size));
	assert_string_equal(EMPTY, sha256);
	assert_int_equal(0, size);
	stat_blob(EMPTY, &st);
	assert_int_equal(0, st.st_size);
}

static void
the_same_bytes_are_kept_once(void **state)
{
	char		sha256[SHA256_HEX_LEN];
	struct stat	first, again;
	int64_t		size;

	assert_int_equal(ERR_OK, publish("hello\n", HELLO, sha256, &size));
	stat_blob(HELLO, &first);
	assert_int_equal(ERR_OK, publish("hello\n", NULL, sha256, &size));
	stat_blob(HELLO, &again);
	assert_int_equal(1, entries("blobs"));
	assert_int_equal(1, entries("blobs/58"));
	assert_int_equal(0, entries("incoming"));
	/* nginx's ETag */
	assert_int_equal(first.st_mtime, again.st_mtime);
	assert_int_equal(first.st_size, again.st_size);
}

static void
other_bytes_have_another_tag(void **state)
{
	char		a[SHA256_HEX_LEN], b[SHA256_HEX_LEN];
	struct stat	x, y;
	int64_t		size;

	assert_int_equal(ERR_OK, publish("aaaa", NULL, a, &size));
	assert_int_equal(ERR_OK, publish("bbbb", NULL, b, &size));
	stat_blob(a, &x);
	stat_blob(b, &y);
	assert_true(x.st_mtime != y.st_mtime);
	assert_true(x.st_mtime < time(NULL) && y.st_mtime < time(NULL));
}

static void
a_wrong_digest_leaves_nothing(void **state)
{
	char	sha256[SHA256_HEX_LEN];
	int64_t	size;

	assert_int_equal(ERR_VALIDATION,
	    publish("hello!\n", HELLO, sha256, &size));
	assert_int_equal(0, entries("incoming"));
	assert_int_equal(0, entries("blobs"));
}

static void
what_is_given_up_leaves_nothing(void **state)
{
	struct blob_in	*in, *none = NULL;

	assert_int_equal(ERR_OK, blob_begin(dir, &in));
	assert_int_equal(ERR_OK, blob_add(in, "hello", 5));
	assert_int_equal(1, entries("incoming"));
	assert_int_equal(0, entries("blobs"));
	blob_abort(&in);
	assert_null(in);
	assert_int_equal(0, entries("incoming"));
	assert_int_equal(0, entries("blobs"));
	blob_abort(&none);
}

/* Whoever removes leftovers asks for the lock first. */
static void
one_on_its_way_is_locked(void **state)
{
	struct blob_in	*in;
	char		 sha256[SHA256_HEX_LEN];
	int64_t		 size;
	int		 fd;

	assert_int_equal(ERR_OK, blob_begin(dir, &in));
	fd = open(blob_in_path(in), O_RDWR);
	assert_true(fd != -1);
	assert_int_equal(-1, flock(fd, LOCK_EX | LOCK_NB));
	assert_int_equal(ERR_OK, blob_seal(&in, NULL, sha256, &size));
	assert_int_equal(-1, flock(fd, LOCK_EX | LOCK_NB));
	blob_abort(&in);
	assert_int_equal(0, flock(fd, LOCK_EX | LOCK_NB));
	(void)close(fd);
}

static void
a_sealed_one_is_not_kept_yet(void **state)
{
	struct blob_in	*in;
	char		 sha256[SHA256_HEX_LEN];
	int64_t		 size;

	assert_int_equal(ERR_OK, blob_begin(dir, &in));
	assert_int_equal(ERR_OK, blob_add(in, "hello\n", 6));
	assert_int_equal(ERR_OK, blob_seal(&in, NULL, sha256, &size));
	assert_string_equal(HELLO, sha256);
	assert_int_equal(6, size);
	assert_int_equal(0, entries("blobs"));
	assert_int_equal(ERR_OK, blob_keep(&in));
	assert_null(in);
	assert_int_equal(1, entries("blobs"));
	assert_int_equal(0, entries("incoming"));
}

static void
a_full_disk_leaves_nothing(void **state)
{
	struct rlimit	 old, tiny;
	struct blob_in	*in;
	enum err	 err;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &old));
	assert_int_equal(ERR_OK, blob_begin(dir, &in));
	tiny = old;
	tiny.rlim_cur = 3;
	assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &tiny));
	err = blob_add(in, "hello\n", 6);
	assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &old));
	assert_int_equal(ERR_INTERNAL, err);
	blob_abort(&in);
	assert_int_equal(0, entries("incoming"));
}

static void
a_folder_that_refuses_leaves_nothing(void **state)
{
	char		 sha256[SHA256_HEX_LEN], path[PATH_MAX + 16];
	int64_t		 size;
	int		 fd;

	/* a file stands where the blob's folder would be */
	(void)snprintf(path, sizeof(path), "%s/blobs/58", dir);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd != -1);
	(void)close(fd);
	assert_int_equal(ERR_INTERNAL,
	    publish("hello\n", NULL, sha256, &size));
	assert_int_equal(0, entries("incoming"));
}

static void
bytes_are_durable_before_their_name(void **state)
{
	char	sha256[SHA256_HEX_LEN];
	int64_t	size;
	int	i;

	/* the folder above may have been made by somebody else just now */
	for (i = 0; i < 2; i++) {
		calls[0] = '\0';
		assert_int_equal(ERR_OK,
		    publish("hello\n", NULL, sha256, &size));
		assert_string_equal("frdd", calls);
	}
}

static void
what_is_not_durable_is_not_acknowledged(void **state)
{
	char	sha256[SHA256_HEX_LEN];
	int64_t	size;
	int	n;

	for (n = 1; n <= 3; n++) {
		fsync_fails = n;
		assert_int_equal(ERR_INTERNAL,
		    publish(n == 1 ? "a" : n == 2 ? "b" : "c", NULL, sha256,
		    &size));
		assert_int_equal(0, entries("incoming"));
	}
}

static void
without_its_folder_none_can_begin(void **state)
{
	struct blob_in	*in;
	char		 path[PATH_MAX + 16];

	(void)snprintf(path, sizeof(path), "%s/incoming", dir);
	assert_int_equal(0, rmdir(path));
	assert_int_equal(ERR_INTERNAL, blob_begin(dir, &in));
	assert_int_equal(0, blob_init(dir));
	assert_int_equal(ERR_OK, blob_begin(dir, &in));
	blob_abort(&in);
}

static void
folders_are_closed_to_others(void **state)
{
	char		sha256[SHA256_HEX_LEN], path[PATH_MAX + 16];
	struct stat	st;
	int64_t		size;

	assert_int_equal(ERR_OK, publish("hello\n", NULL, sha256, &size));
	stat_blob(HELLO, &st);
	assert_int_equal(0, st.st_mode & 07);
	(void)snprintf(path, sizeof(path), "%s/blobs/58", dir);
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(0, st.st_mode & 07);
}

static void
a_path_that_is_too_long_is_told(void **state)
{
	char	out[32];

	assert_int_equal(-1, blob_path(dir, HELLO, out, sizeof(out)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(a_blob_stands_under_its_digest),
		T(nothing_is_a_blob_too),
		T(the_same_bytes_are_kept_once),
		T(other_bytes_have_another_tag),
		T(a_wrong_digest_leaves_nothing),
		T(what_is_given_up_leaves_nothing),
		T(one_on_its_way_is_locked),
		T(a_sealed_one_is_not_kept_yet),
		T(a_full_disk_leaves_nothing),
		T(a_folder_that_refuses_leaves_nothing),
		T(bytes_are_durable_before_their_name),
		T(what_is_not_durable_is_not_acknowledged),
		T(without_its_folder_none_can_begin),
		T(folders_are_closed_to_others),
		T(a_path_that_is_too_long_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
