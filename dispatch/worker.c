/* SPDX-License-Identifier: BSD-2-Clause */
/* A locked file per dispatcher of a host holds its name. */
#include "config.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dispatch/worker.h"
#include "util/hash.h"
#include "util/log.h"

#define WORKERS_MAX	1000	/* dispatchers on one host */

/* The part of a name that tells two hosts of the same name apart. */
#define RANDOM_BYTES	6

static void
name_make(int fd, const char *host, int slot, char name[WORKER_LEN])
{
	unsigned char random[RANDOM_BYTES];
	char hex[2 * RANDOM_BYTES + 1];
	size_t len;

	hash_random(random, sizeof(random));
	hex_encode(random, sizeof(random), hex);
	(void)snprintf(name, WORKER_LEN, "%.64s.%d-%s\n", host, slot, hex);
	len = strlen(name);
	if (ftruncate(fd, 0) == -1 ||
	    pwrite(fd, name, len, 0) != (ssize_t)len || fsync(fd) == -1)
		fatal("cannot write the name of this dispatcher");
	name[len - 1] = '\0';
}

void
worker_take(const char *data_dir, char name[WORKER_LEN])
{
	char host[65], path[PATH_MAX];
	ssize_t n;
	int fd, slot;

	if (gethostname(host, sizeof(host)) == -1)
		fatal("gethostname");
	host[sizeof(host) - 1] = '\0';
	(void)snprintf(path, sizeof(path), "%s/workers", data_dir);
	if (mkdir(path, 0750) == -1 && errno != EEXIST)
		fatal("cannot make %s", path);
	for (slot = 0; slot < WORKERS_MAX; slot++) {
		(void)snprintf(path, sizeof(path), "%s/workers/%s.%d",
		    data_dir, host, slot);
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
		if (fd == -1)
			fatal("cannot open %s", path);
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			break;
		if (errno != EWOULDBLOCK)
			fatal("cannot lock %s", path);
		(void)close(fd);
	}
	if (slot == WORKERS_MAX)
		fatalx("too many dispatchers on this host");
	/* The descriptor, and with it the lock, lives as long as we do. */
	if ((n = pread(fd, name, WORKER_LEN - 1, 0)) == -1)
		fatal("cannot read %s", path);
	name[n] = '\0';
	if (strchr(name, '\n') == NULL)
		name_make(fd, host, slot, name);
	else
		name[strcspn(name, "\n")] = '\0';
}
