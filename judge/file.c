/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole files, in and out, such that a crash leaves no half of one. */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "judge/file.h"

static int
write_all(int fd, const char *p, size_t len)
{
	ssize_t n;

	while (len > 0) {
		if ((n = write(fd, p, len)) == -1) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A rename is durable once its folder is. */
static int
folder_sync(const char *path)
{
	char copy[PATH_MAX];
	int fd, rv, saved;

	if (strlen(path) >= sizeof(copy)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(copy, path, strlen(path) + 1);
	if ((fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) ==
	    -1)
		return -1;
	rv = fsync(fd);
	saved = errno;
	close(fd);
	errno = saved;
	return rv;
}

int
file_publish(const char *path, const void *data, size_t len)
{
	char tmp[PATH_MAX];
	int fd, saved, n;

	n = snprintf(tmp, sizeof(tmp), "%s.tmp", path);
	if (n < 0 || (size_t)n >= sizeof(tmp)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if ((fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)) ==
	    -1)
		return -1;
	if (write_all(fd, data, len) == -1 || fsync(fd) == -1) {
		saved = errno;
		close(fd);
		unlink(tmp);
		errno = saved;
		return -1;
	}
	if (close(fd) == -1 || rename(tmp, path) == -1) {
		saved = errno;
		unlink(tmp);
		errno = saved;
		return -1;
	}
	return folder_sync(path);
}

void *
file_read(const char *path, size_t max, size_t *len)
{
	struct stat st;
	char *data = NULL;
	size_t got = 0, size;
	ssize_t n;
	int fd, saved;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return NULL;
	if (fstat(fd, &st) == -1)
		goto out;
	if (!S_ISREG(st.st_mode) || (uintmax_t)st.st_size > max) {
		errno = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
		goto out;
	}
	size = (size_t)st.st_size;
	if ((data = malloc(size + 1)) == NULL)
		goto out;
	while (got < size) {
		n = read(fd, data + got, size - got);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			/* Somebody shortened it meanwhile. */
			if (n == 0)
				errno = EIO;
			free(data);
			data = NULL;
			goto out;
		}
		got += (size_t)n;
	}
	*len = got;
out:
	saved = errno;
	close(fd);
	errno = saved;
	return data;
}
