/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A growing file, line by line, from an offset.  The file is the buffer: what
 * could not be recorded is read again.
 */
#ifndef DISPATCH_TAIL_H
#define DISPATCH_TAIL_H

#include <stddef.h>
#include <stdint.h>

#define TAIL_LINE_MAX	((size_t)1 << 20)

struct tail {
	char	*path;
	int	 fd;		/* -1: not open yet */
	char	*buf;
	size_t	 cap;
	size_t	 start, end;	/* unread bytes in buf */
	size_t	 line;		/* length of the peeked line with its end */
	int64_t	 offset;	/* of buf[start] in the file */
	int	 skipping;	/* inside a line that was too long */
};

void tail_init(struct tail *, const char *path, int64_t offset);
void tail_free(struct tail *);
/*
 * The next line without its end, valid until the next call.  1; 0 when there
 * is no whole line yet; -1 and errno.  `last`: the file grows no more, so
 * bytes without a line end are a line.  *cut: only the first TAIL_LINE_MAX
 * bytes are given, the rest will be skipped.
 */
int tail_peek(struct tail *, int last, const char **line, size_t *len,
    int *cut);
/* Goes behind the line that was peeked. */
void tail_take(struct tail *);
/* Where the lines taken end. */
int64_t tail_offset(const struct tail *);
/* Reads again from there. */
void tail_seek(struct tail *, int64_t offset);

#endif
