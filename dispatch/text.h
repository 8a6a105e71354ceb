/* SPDX-License-Identifier: BSD-2-Clause */
/* What runners print, made fit for columns; commands. */
#ifndef DISPATCH_TEXT_H
#define DISPATCH_TEXT_H

#include <stddef.h>

struct arena;

/*
 * A line of any bytes as text that PostgreSQL takes: what is no UTF-8, and
 * NUL, becomes U+FFFD.  Cut behind `max` bytes, and marked as cut.
 */
const char *text_clean(struct arena *, const char *, size_t len, size_t max);
/* The last lines of a file, for an error; "" when there are none. */
const char *text_last_lines(struct arena *, const char *path);
/*
 * Splits a command at blanks, without any quoting; NULL for an empty one.
 * The caller frees it with text_split_free().
 */
char **text_split(const char *);
void text_split_free(char **);

/* A file's first line without its end; -1: no file, or no line. */
int text_first_line(const char *path, char *line, size_t size);

#endif
