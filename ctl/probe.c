/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One request of FastCGI, version 1, in the role of the web server; libfcgi
 * has the other role only.
 */
#include "config.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/probe.h"

#define PROBE_SECONDS	5
#define REPLY_MOST	8192

enum record { BEGIN_REQUEST = 1, END_REQUEST = 3, PARAMS = 4, STDIN = 5,
	STDOUT = 6 };

struct message {
	unsigned char	data[1024];
	size_t		len;
};

static void
record_add(struct message *m, enum record type, const void *body, size_t len)
{
	const unsigned char head[8] = { 1, (unsigned char)type, 0, 1,
	    (unsigned char)(len >> 8), (unsigned char)len, 0, 0 };

	memcpy(m->data + m->len, head, sizeof(head));
	if (len > 0)
		memcpy(m->data + m->len + sizeof(head), body, len);
	m->len += sizeof(head) + len;
}

/* Both are shorter than 128 bytes. */
static size_t
param_add(unsigned char *at, const char *name, const char *value)
{
	size_t n = strlen(name), v = strlen(value);

	at[0] = (unsigned char)n;
	at[1] = (unsigned char)v;
	memcpy(at + 2, name, n);
	memcpy(at + 2 + n, value, v);
	return 2 + n + v;
}

static void
request_make(struct message *m, const char *path)
{
	static const unsigned char responder[8] = { 0, 1 };
	unsigned char params[512];
	size_t n = 0;

	n += param_add(params + n, "REQUEST_METHOD", "GET");
	n += param_add(params + n, "DOCUMENT_URI", path);
	n += param_add(params + n, "QUERY_STRING", "");
	n += param_add(params + n, "REMOTE_ADDR", "127.0.0.1");
	n += param_add(params + n, "REQUEST_ID",
	    "00000000000000000000000000000000");
	m->len = 0;
	record_add(m, BEGIN_REQUEST, responder, sizeof(responder));
	record_add(m, PARAMS, params, n);
	record_add(m, PARAMS, NULL, 0);
	record_add(m, STDIN, NULL, 0);
}

static int
probe_connect(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct timeval tv = { PROBE_SECONDS, 0 };
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sun.sun_path, path, strlen(path) + 1);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)) == -1 ||
	    connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) == -1) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* The first record of standard output begins with the status. */
static int
status_of(const unsigned char *reply, size_t len)
{
	static const char word[] = "Status: ";
	const size_t head = 8, n = sizeof(word) - 1;

	if (len < head + n + 3 || reply[1] != STDOUT ||
	    memcmp(reply + head, word, n) != 0)
		return -1;
	return (int)strtol((const char *)reply + head + n, NULL, 10);
}

int
probe_get(const char *socket_path, const char *path, const char **why)
{
	unsigned char reply[REPLY_MOST + 1] = { 0 };
	struct message m;
	size_t len = 0;
	ssize_t n;
	int fd, status;

	if ((fd = probe_connect(socket_path)) == -1) {
		*why = strerrordesc_np(errno);
		return -1;
	}
	request_make(&m, path);
	*why = "no answer in time";
	n = send(fd, m.data, m.len, MSG_NOSIGNAL);
	if (n != (ssize_t)m.len)
		len = REPLY_MOST;
	while (len < REPLY_MOST &&
	    (n = recv(fd, reply + len, REPLY_MOST - len, 0)) > 0)
		len += (size_t)n;
	(void)close(fd);
	if ((status = status_of(reply, len)) == -1 && len > 0)
		*why = "what answers is no responder";
	return status;
}
