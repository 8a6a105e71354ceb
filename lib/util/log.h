/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Log lines on stderr: "<6>message key=value", one write each; the priority
 * prefix only when the journal reads (JOURNAL_STREAM names our stderr).
 * Control bytes and what is no UTF-8 are written as \xNN, long lines are cut
 * to PIPE_BUF with "...".  log_warn appends errno's text, log_warnx does not,
 * fatal ends the process with status 1; the others keep errno.  Never log
 * tokens, bodies or row contents.  Any thread.
 */
#ifndef UTIL_LOG_H
#define UTIL_LOG_H

enum log_level { LOG_L_ERROR, LOG_L_WARN, LOG_L_INFO, LOG_L_DEBUG };

/* Once, before threads.  `program` begins each line outside the journal. */
void log_init(const char *program, enum log_level);
/* Any thread, at any time. */
void log_level_set(enum log_level);
/*
 * From now on lines go to the end of a file, with their times; it takes the
 * place of stderr, and is opened anew each time.  0, or -1 and errno, and
 * all stays as it was.  Main thread.
 */
int log_open(const char *path);
/* 0, or -1 for a word that is none of error warning info debug. */
int log_level_parse(const char *, enum log_level *);

/*
 * Text added to each line of this thread ("request_id=..."); the pointer
 * must stay valid until it is replaced.  NULL: none.
 */
void log_context(const char *);

void log_debug(const char *, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *, ...) __attribute__((format(printf, 1, 2)));
void log_warnx(const char *, ...) __attribute__((format(printf, 1, 2)));
void log_err(const char *, ...) __attribute__((format(printf, 1, 2)));
void log_errx(const char *, ...) __attribute__((format(printf, 1, 2)));
void fatal(const char *, ...)
    __attribute__((format(printf, 1, 2), noreturn));
void fatalx(const char *, ...)
    __attribute__((format(printf, 1, 2), noreturn));

#endif
