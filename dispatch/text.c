/* SPDX-License-Identifier: BSD-2-Clause */
/* What runners print, made fit for columns; commands. */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dispatch/text.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/log.h"
#include "util/utf8.h"

#define REPLACEMENT	"\xef\xbf\xbd"	/* U+FFFD */
#define CUT		" [cut]"
#define LAST_BYTES	4096
#define LAST_LINES	5

const char *
text_clean(struct arena *a, const char *s, size_t len, size_t max)
{
	struct buf b;
	size_t i, n;

	buf_init(&b, a);
	for (i = 0; i < len; i += n) {
		if (b.len >= max) {
			buf_adds(&b, CUT);
			break;
		}
		n = utf8_next(s + i, len - i, NULL);
		if (n == 0 || s[i] == '\0') {
			n = 1;
			buf_adds(&b, REPLACEMENT);
		} else
			buf_add(&b, s + i, n);
	}
	return b.data;
}

const char *
text_last_lines(struct arena *a, const char *path)
{
	char *buf = arena_alloc(a, LAST_BYTES);
	ssize_t n = -1, i;
	int fd, lines = 0;
	off_t size;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return "";
	if ((size = lseek(fd, 0, SEEK_END)) != -1)
		n = pread(fd, buf, LAST_BYTES,
		    size > LAST_BYTES ? size - LAST_BYTES : 0);
	(void)close(fd);
	while (n > 0 && (buf[n - 1] == '\n' || buf[n - 1] == '\r'))
		n--;
	for (i = n; i > 0; i--)
		if (buf[i - 1] == '\n' && ++lines == LAST_LINES)
			break;
	/* What is left of a line whose beginning was not read. */
	if (i == 0 && size > LAST_BYTES)
		while (i < n && ((unsigned char)buf[i] & 0xc0) == 0x80)
			i++;
	return n <= 0 ? "" : text_clean(a, buf + i, (size_t)(n - i),
	    LAST_BYTES);
}

char **
text_split(const char *command)
{
	char *copy, *word, *save = NULL, **argv;
	size_t n = 0;

	command += strspn(command, " \t");
	if ((copy = strdup(command)) == NULL ||
	    (argv = calloc(strlen(command) / 2 + 2, sizeof(*argv))) == NULL)
		fatalx("out of memory");
	for (word = strtok_r(copy, " \t", &save); word != NULL;
	    word = strtok_r(NULL, " \t", &save))
		argv[n++] = word;
	if (n > 0)
		return argv;
	free(argv);
	free(copy);
	return NULL;
}

void
text_split_free(char **argv)
{
	/* All words lie in one copy, which the first one begins. */
	if (argv != NULL)
		free(argv[0]);
	free(argv);
}

int
text_first_line(const char *path, char *line, size_t size)
{
	FILE *f;
	char *got;

	if ((f = fopen(path, "re")) == NULL)
		return -1;
	got = fgets(line, (int)size, f);
	(void)fclose(f);
	if (got == NULL)
		return -1;
	line[strcspn(line, "\r\n")] = '\0';
	return 0;
}
