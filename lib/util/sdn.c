/* SPDX-License-Identifier: BSD-2-Clause */
/* The protocol is the interface: sd_notify(3), sd_listen_fds(3). */
#include "config.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/log.h"
#include "util/sdn.h"

#define LISTEN_FIRST	3

/* A variable that holds a whole number above 0; 0 when it does not. */
static long
env_number(const char *name)
{
	const char *s = getenv(name);
	char *end;
	long v;

	if (s == NULL || *s < '0' || *s > '9')
		return 0;
	errno = 0;
	v = strtol(s, &end, 10);
	if (*end != '\0' || errno != 0) {
		log_warnx("%s is not a number", name);
		return 0;
	}
	return v;
}

void
sdn_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sun;
	size_t len;
	int fd;

	if (path == NULL)
		return;
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	len = strlen(path);
	if ((path[0] != '/' && path[0] != '@') || len < 2 ||
	    len >= sizeof(sun.sun_path)) {
		log_warnx("NOTIFY_SOCKET cannot be used: \"%s\"", path);
		return;
	}
	memcpy(sun.sun_path, path, len);
	if (path[0] == '@')
		sun.sun_path[0] = '\0';	/* abstract, no NUL at its end */
	if ((fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) == -1) {
		log_warn("socket");
		return;
	}
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL,
	    (const struct sockaddr *)&sun,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) == -1)
		log_warn("could not notify \"%s\"", path);
	(void)close(fd);
}

long
sdn_watchdog_us(void)
{
	if (getenv("WATCHDOG_PID") != NULL &&
	    env_number("WATCHDOG_PID") != (long)getpid())
		return 0;
	return env_number("WATCHDOG_USEC") / 2;
}

static int
is_listening(int fd)
{
	int on = 0;
	socklen_t len = sizeof(on);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 &&
	    on;
}

static int
set_cloexec(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	if (flags == -1 || fcntl(fd, F_SETFD, flags | FD_CLOEXEC) == -1) {
		log_warn("fcntl fd=%d", fd);
		return -1;
	}
	return 0;
}

int
sdn_listen_fd(void)
{
	long n = env_number("LISTEN_FDS");
	int fd;

	if (env_number("LISTEN_PID") != (long)getpid())
		n = 0;			/* meant for an ancestor */
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	if (n > INT_MAX - LISTEN_FIRST)
		n = 0;
	for (fd = LISTEN_FIRST; fd < LISTEN_FIRST + n; fd++)
		if (set_cloexec(fd) == -1)
			break;
	if (n > 1)
		log_warnx("one socket is served, %ld were handed over", n);
	if (n > 0 && is_listening(LISTEN_FIRST))
		return LISTEN_FIRST;
	if (n > 0)
		log_warnx("fd %d is not a listening socket", LISTEN_FIRST);
	if (is_listening(STDIN_FILENO) && set_cloexec(STDIN_FILENO) == 0)
		return STDIN_FILENO;
	return -1;
}
