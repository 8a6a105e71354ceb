/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows a file that another process appends to. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dispatch/tail.h"
#include "util/log.h"

#define TAIL_FIRST	((size_t)16 << 10)

void
tail_init(struct tail *t, const char *path, int64_t offset)
{
	memset(t, 0, sizeof(*t));
	if ((t->path = strdup(path)) == NULL)
		fatalx("out of memory");
	t->fd = -1;
	t->offset = offset;
}

void
tail_free(struct tail *t)
{
	if (t->fd != -1)
		(void)close(t->fd);
	free(t->path);
	free(t->buf);
	memset(t, 0, sizeof(*t));
	t->fd = -1;
}

/* Makes room behind the unread bytes; 0 when a line fills all there may be. */
static int
tail_room(struct tail *t)
{
	if (t->start > 0) {
		memmove(t->buf, t->buf + t->start, t->end - t->start);
		t->end -= t->start;
		t->start = 0;
	}
	if (t->end < t->cap)
		return 1;
	if (t->cap >= TAIL_LINE_MAX)
		return 0;
	t->cap = t->cap == 0 ? TAIL_FIRST : t->cap * 2;
	if ((t->buf = realloc(t->buf, t->cap)) == NULL)
		fatalx("out of memory bytes=%zu", t->cap);
	return 1;
}

/* More bytes: 1, 0 at the present end of the file, -1. */
static int
tail_fill(struct tail *t)
{
	ssize_t n;

	if (t->fd == -1 &&
	    (t->fd = open(t->path, O_RDONLY | O_CLOEXEC)) == -1)
		return errno == ENOENT ? 0 : -1;
	do {
		n = pread(t->fd, t->buf + t->end, t->cap - t->end,
		    t->offset + (int64_t)(t->end - t->start));
	} while (n == -1 && errno == EINTR);
	if (n <= 0)
		return n == 0 ? 0 : -1;
	t->end += (size_t)n;
	return 1;
}

static void
tail_forget(struct tail *t, size_t n)
{
	t->start += n;
	t->offset += (int64_t)n;
}

/* Drops what is left of a line that was too long.  1 when its end came by. */
static int
tail_skip(struct tail *t)
{
	char *nl;

	nl = memchr(t->buf + t->start, '\n', t->end - t->start);
	if (nl == NULL) {
		tail_forget(t, t->end - t->start);
		return 0;
	}
	tail_forget(t, (size_t)(nl - (t->buf + t->start)) + 1);
	t->skipping = 0;
	return 1;
}

int
tail_peek(struct tail *t, int last, const char **line, size_t *len, int *cut)
{
	size_t seen = 0;
	char *at, *nl;
	int n;

	*cut = 0;
	for (;;) {
		if (t->skipping && t->end > t->start)
			(void)tail_skip(t);
		at = t->buf == NULL ? NULL : t->buf + t->start;
		nl = at == NULL || t->skipping ? NULL :
		    memchr(at + seen, '\n', t->end - t->start - seen);
		if (nl != NULL) {
			*len = (size_t)(nl - at);
			t->line = *len + 1;
			break;
		}
		seen = t->skipping ? 0 : t->end - t->start;
		if (!tail_room(t)) {
			*len = t->line = t->end - t->start;
			*cut = 1;
			break;
		}
		if ((n = tail_fill(t)) == -1)
			return -1;
		if (n == 1)
			continue;
		if (!last || t->end == t->start || t->skipping)
			return 0;
		*len = t->line = t->end - t->start;
		break;
	}
	*line = t->buf + t->start;
	if (*len > 0 && !*cut && (*line)[*len - 1] == '\r')
		(*len)--;
	return 1;
}

void
tail_take(struct tail *t)
{
	/* A line that fills the buffer has no end in it: the rest goes. */
	t->skipping = t->line == TAIL_LINE_MAX &&
	    t->buf[t->start + t->line - 1] != '\n';
	tail_forget(t, t->line);
	t->line = 0;
}

int64_t
tail_offset(const struct tail *t)
{
	return t->offset;
}

void
tail_seek(struct tail *t, int64_t offset)
{
	t->start = t->end = t->line = 0;
	t->skipping = 0;
	t->offset = offset;
}
