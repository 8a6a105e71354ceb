/* SPDX-License-Identifier: BSD-2-Clause */
/* Formats a line, makes it harmless for terminals, writes it in one go. */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/log.h"
#include "util/ts.h"
#include "util/utf8.h"

/* Lines up to PIPE_BUF bytes of several processes never mix in a pipe. */
#define LOG_LINE	PIPE_BUF
/* What a message leaves free for the context behind it. */
#define LOG_TAIL	512

struct line {
	char	data[LOG_LINE];
	size_t	len;
};

/* Set by log_init and log_open, before threads. */
static const char *log_program;
static atomic_int log_prefix;
/* Changed while others log. */
static atomic_int log_max = LOG_L_INFO;
static atomic_int log_times;

static _Thread_local const char *log_ctx;

/*
 * The variable alone proves nothing: a child inherits it when its stderr is
 * a pipe of ours.  systemd.exec(5) asks for this comparison.
 */
static int
log_to_journal(void)
{
	const char *env = getenv("JOURNAL_STREAM");
	char mine[64];
	struct stat st;

	if (env == NULL || fstat(STDERR_FILENO, &st) == -1)
		return 0;
	(void)snprintf(mine, sizeof(mine), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	return strcmp(env, mine) == 0;
}

void
log_init(const char *program, enum log_level level)
{
	log_program = program;
	log_max = (int)level;
	log_prefix = log_to_journal();
}

void
log_level_set(enum log_level level)
{
	log_max = (int)level;
}

int
log_open(const char *path)
{
	int fd, done;

	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	if (fd == -1)
		return -1;
	/* at once: no line of another thread is without a place */
	done = dup2(fd, STDERR_FILENO);
	(void)close(fd);
	if (done == -1)
		return -1;
	log_prefix = 0;
	log_times = 1;
	return 0;
}

int
log_level_parse(const char *word, enum log_level *level)
{
	static const char *const words[] = {
		[LOG_L_ERROR] = "error",
		[LOG_L_WARN] = "warning",
		[LOG_L_INFO] = "info",
		[LOG_L_DEBUG] = "debug",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0) {
			*level = (enum log_level)i;
			return 0;
		}
	return -1;
}

void
log_context(const char *text)
{
	log_ctx = text;
}

/* Appends `s` escaped, up to `limit` bytes in the line; "..." when cut. */
static void
line_add(struct line *l, const char *s, size_t limit)
{
	size_t left = strlen(s), n;
	uint32_t cp;
	char hex[5];
	const char *piece;
	size_t take;

	limit -= sizeof("...") - 1;
	while (left > 0) {
		for (n = 0; n < left && s[n] >= 0x20 && s[n] < 0x7f; n++)
			;
		if (n > 0 && l->len + n <= limit) {
			memcpy(l->data + l->len, s, n);
			l->len += n;
			s += n;
			left -= n;
			continue;
		}
		n = utf8_next(s, left, &cp);
		take = n == 0 ? 1 : n;
		/* C1 controls (U+0080..9F) steer terminals like C0 ones. */
		if (n == 0 || cp < 0x20 || (cp >= 0x7f && cp < 0xa0)) {
			take = 1;
			(void)snprintf(hex, sizeof(hex), "\\x%02x",
			    (unsigned char)*s);
			piece = hex;
			n = 4;
		} else
			piece = s;
		if (l->len + n > limit) {
			memcpy(l->data + l->len, "...", 3);
			l->len += 3;
			return;
		}
		memcpy(l->data + l->len, piece, n);
		l->len += n;
		s += take;
		left -= take;
	}
}

static void
line_write(const struct line *l)
{
	size_t off = 0;
	ssize_t n;

	/* Nobody is left to tell when stderr fails. */
	while (off < l->len) {
		n = write(STDERR_FILENO, l->data + off, l->len - off);
		if (n == -1) {
			if (errno == EINTR)
				continue;
			return;
		}
		off += (size_t)n;
	}
}

static void log_line(enum log_level, int, const char *, va_list)
    __attribute__((format(printf, 3, 0)));

static void
log_line(enum log_level level, int with_errno, const char *fmt, va_list ap)
{
	/* sd-daemon(3): the syslog priorities. */
	static const char *const prio[] = {
		[LOG_L_ERROR] = "<3>",
		[LOG_L_WARN] = "<4>",
		[LOG_L_INFO] = "<6>",
		[LOG_L_DEBUG] = "<7>",
	};
	int saved = errno;
	char text[LOG_LINE];
	char errbuf[128];
	struct line l;

	if ((int)level > log_max)
		return;
	l.len = 0;
	if (log_times) {
		ts_format(ts_now(), errbuf);
		line_add(&l, errbuf, LOG_TAIL);
		line_add(&l, " ", LOG_TAIL);
	}
	if (log_prefix)
		line_add(&l, prio[level], LOG_LINE);
	else if (log_program != NULL) {
		line_add(&l, log_program, LOG_TAIL);
		line_add(&l, ": ", LOG_TAIL + sizeof("...: "));
	}
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		(void)snprintf(text, sizeof(text), "unprintable message");
	line_add(&l, text, LOG_LINE - LOG_TAIL);
	if (with_errno) {
		line_add(&l, ": ", LOG_LINE - LOG_TAIL / 2);
		line_add(&l, strerror_r(saved, errbuf, sizeof(errbuf)),
		    LOG_LINE - LOG_TAIL / 2);
	}
	if (log_ctx != NULL) {
		line_add(&l, " ", LOG_LINE - 1);
		line_add(&l, log_ctx, LOG_LINE - 1);
	}
	l.data[l.len++] = '\n';
	line_write(&l);
	errno = saved;
}

#define LOG_BODY(level, with_errno) do {		\
	va_list ap;					\
							\
	va_start(ap, fmt);				\
	log_line(level, with_errno, fmt, ap);		\
	va_end(ap);					\
} while (0)

void
log_debug(const char *fmt, ...)
{
	LOG_BODY(LOG_L_DEBUG, 0);
}

void
log_info(const char *fmt, ...)
{
	LOG_BODY(LOG_L_INFO, 0);
}

void
log_warn(const char *fmt, ...)
{
	LOG_BODY(LOG_L_WARN, 1);
}

void
log_warnx(const char *fmt, ...)
{
	LOG_BODY(LOG_L_WARN, 0);
}

void
log_err(const char *fmt, ...)
{
	LOG_BODY(LOG_L_ERROR, 1);
}

void
log_errx(const char *fmt, ...)
{
	LOG_BODY(LOG_L_ERROR, 0);
}

void
fatal(const char *fmt, ...)
{
	LOG_BODY(LOG_L_ERROR, 1);
	exit(1);
}

void
fatalx(const char *fmt, ...)
{
	LOG_BODY(LOG_L_ERROR, 0);
	exit(1);
}
