/* SPDX-License-Identifier: BSD-2-Clause */
/* Unix sockets by path, TCP by address. */
#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <netdb.h>
#include <string.h>
#include <unistd.h>

#include "util/listen.h"
#include "util/log.h"

int
listen_path(const char *path, int backlog)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct stat st;
	mode_t mask;
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path))
		fatalx("the socket's path is too long: %s", path);
	memcpy(sun.sun_path, path, strlen(path) + 1);
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    unlink(path) == -1)
		fatal("cannot replace %s", path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		fatal("socket");
	/* others reach it by its group */
	mask = umask(0117);
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		fatal("cannot bind %s", path);
	umask(mask);
	if (listen(fd, backlog) == -1)
		fatal("cannot listen at %s", path);
	return fd;
}

/* Cuts "host:port" in two; brackets stand around a host with colons. */
static int
address_cut(const char *address, char *host, size_t size, const char **port)
{
	const char *colon = strrchr(address, ':'), *from = address;
	size_t len;

	if (colon == NULL || colon == address || colon[1] == '\0')
		return 0;
	len = (size_t)(colon - address);
	if (address[0] == '[') {
		if (colon[-1] != ']')
			return 0;
		from++;
		len -= 2;
	} else if (memchr(address, ':', len) != NULL)
		return 0;
	if (len == 0 || len >= size)
		return 0;
	memcpy(host, from, len);
	host[len] = '\0';
	*port = colon + 1;
	return 1;
}

int
listen_address(const char *address, int backlog)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_PASSIVE }, *list;
	const char *port;
	char host[256];
	int e, fd, on = 1;

	if (strchr(address, '/') != NULL)
		return listen_path(address, backlog);
	if (!address_cut(address, host, sizeof(host), &port))
		fatalx("\"%s\" is neither HOST:PORT nor a path", address);
	if ((e = getaddrinfo(host, port, &hints, &list)) != 0)
		fatalx("%s: %s", address, gai_strerror(e));
	fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		fatal("socket");
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
	    bind(fd, list->ai_addr, list->ai_addrlen) == -1 ||
	    listen(fd, backlog) == -1)
		fatal("cannot listen at %s", address);
	freeaddrinfo(list);
	return fd;
}
