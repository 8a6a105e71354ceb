/* SPDX-License-Identifier: BSD-2-Clause */
/* Log lines: form, escapes, length, context, one write for a line. */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <pthread.h>

#include "unit.h"

#include "util/log.h"

static char out[256 * 1024];

/* What fn prints to stderr; it must not end the process. */
static const char *
printed(void (*fn)(void *), void *arg)
{
	assert_int_equal(0, unit_child(fn, arg, out, sizeof(out)));
	return out;
}

static void
say_all_levels(void *arg)
{
	log_init("prog", *(enum log_level *)arg);
	errno = ENOENT;
	log_err("err");
	errno = ENOENT;
	log_errx("errx");
	errno = ENOENT;
	log_warn("warn");
	log_warnx("warnx");
	log_info("info %d", 5);
	log_debug("debug");
}

static void
levels_filter_and_errno_is_appended(void **state)
{
	enum log_level level = LOG_L_DEBUG;

	assert_string_equal("prog: err: No such file or directory\n"
	    "prog: errx\nprog: warn: No such file or directory\n"
	    "prog: warnx\nprog: info 5\nprog: debug\n",
	    printed(say_all_levels, &level));
	level = LOG_L_INFO;
	assert_null(strstr(printed(say_all_levels, &level), "debug"));
	level = LOG_L_WARN;
	assert_null(strstr(printed(say_all_levels, &level), "info"));
	level = LOG_L_ERROR;
	assert_string_equal("prog: err: No such file or directory\n"
	    "prog: errx\n", printed(say_all_levels, &level));
}

static void
say_to_journal(void *arg)
{
	struct stat st;
	char id[64];

	if (fstat(STDERR_FILENO, &st) == -1)
		_exit(98);
	(void)snprintf(id, sizeof(id), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino + (arg != NULL));
	(void)setenv("JOURNAL_STREAM", id, 1);
	log_init("prog", LOG_L_DEBUG);
	log_errx("e");
	log_warnx("w");
	log_info("i");
	log_debug("d");
}

static void
journal_gets_priorities_instead_of_the_name(void **state)
{
	assert_string_equal("<3>e\n<4>w\n<6>i\n<7>d\n",
	    printed(say_to_journal, NULL));
}

/* A child inherits the variable, but its stderr is another pipe. */
static void
journal_of_somebody_else_changes_nothing(void **state)
{
	int other;

	assert_string_equal("prog: e\nprog: w\nprog: i\nprog: d\n",
	    printed(say_to_journal, &other));
}

static void
say(void *arg)
{
	log_init(NULL, LOG_L_INFO);
	log_info("%s", (const char *)arg);
}

static void
bytes_that_harm_are_escaped(void **state)
{
	static const struct {
		const char	*text;
		const char	*line;
	} v[] = {
		{ "a\nb\r\t", "a\\x0ab\\x0d\\x09\n" },
		{ "\x1b[31m", "\\x1b[31m\n" },
		{ "\x7f", "\\x7f\n" },
		{ "\xff\xc0\xaf", "\\xff\\xc0\\xaf\n" },
		{ "\xc2\x9b" "31m", "\\xc2\\x9b31m\n" },
		{ "\xc3\xa9 \xf0\x9f\x98\x80", "\xc3\xa9 \xf0\x9f\x98\x80\n" },
		{ "cut \xe2\x82", "cut \\xe2\\x82\n" },
		{ "100%", "100%\n" },
		{ "", "\n" },
	};
	size_t i;

	for (i = 0; i < UNIT_COUNT(v); i++) {
		char *text = strdup(v[i].text);

		assert_non_null(text);
		assert_string_equal(v[i].line, printed(say, text));
		free(text);
	}
}

static void
say_with_context(void *arg)
{
	log_init(NULL, LOG_L_INFO);
	log_context("request_id=abc");
	log_info("one");
	errno = EPERM;
	log_warn("two");
	log_context("request_id=\n");
	log_info("three");
	log_context(NULL);
	log_info("four");
}

static void
context_follows_each_line(void **state)
{
	assert_string_equal("one request_id=abc\n"
	    "two: Operation not permitted request_id=abc\n"
	    "three request_id=\\x0a\nfour\n",
	    printed(say_with_context, NULL));
}

static void *
say_in_thread(void *arg)
{
	log_info("other");
	log_context("thread=2");
	log_info("mine");
	return NULL;
}

static void
say_in_two_threads(void *arg)
{
	pthread_t t;

	log_init(NULL, LOG_L_INFO);
	log_context("thread=1");
	if (pthread_create(&t, NULL, say_in_thread, NULL) != 0 ||
	    pthread_join(t, NULL) != 0)
		_exit(98);
	log_info("first");
}

static void
context_belongs_to_its_thread(void **state)
{
	assert_string_equal("other\nmine thread=2\nfirst thread=1\n",
	    printed(say_in_two_threads, NULL));
}

static void
say_long(void *arg)
{
	log_init("prog", LOG_L_INFO);
	log_context("request_id=abc");
	errno = EPERM;
	log_warn("%s", (const char *)arg);
}

/* The context is what one searches for: it survives. */
static void
long_lines_are_cut_but_keep_their_end(void **state)
{
	static char text[3 * PIPE_BUF];
	static const char tail[] =
	    "...: Operation not permitted request_id=abc\n";
	size_t n;

	memset(text, 'x', sizeof(text) - 1);
	printed(say_long, text);
	n = strlen(out);
	assert_in_range(n, PIPE_BUF / 2, PIPE_BUF);
	assert_string_equal(tail, out + n - strlen(tail));
	/* Escapes make a text longer. */
	memset(text, '\n', sizeof(text) - 1);
	printed(say_long, text);
	n = strlen(out);
	assert_in_range(n, PIPE_BUF / 2, PIPE_BUF);
	assert_string_equal(tail, out + n - strlen(tail));
	assert_non_null(strstr(out, "\\x0a...:"));
}

static void
say_long_context(void *arg)
{
	log_init(NULL, LOG_L_INFO);
	log_context(arg);
	log_info("%s", (const char *)arg);
}

static void
line_never_exceeds_pipe_buf(void **state)
{
	static char text[3 * PIPE_BUF];
	size_t n;

	memset(text, 'x', sizeof(text) - 1);
	printed(say_long_context, text);
	n = strlen(out);
	assert_int_equal(PIPE_BUF, n);
	assert_string_equal("...\n", out + n - 4);
}

#define LINES	200

static void *
say_many(void *arg)
{
	int i;

	for (i = 0; i < LINES; i++)
		log_info("%s%s%s", (const char *)arg, (const char *)arg,
		    (const char *)arg);
	return NULL;
}

static void
say_many_in_threads(void *arg)
{
	static char a[101], b[101];
	pthread_t t[2];

	memset(a, 'a', 100);
	memset(b, 'b', 100);
	log_init(NULL, LOG_L_INFO);
	if (pthread_create(&t[0], NULL, say_many, a) != 0 ||
	    pthread_create(&t[1], NULL, say_many, b) != 0 ||
	    pthread_join(t[0], NULL) != 0 || pthread_join(t[1], NULL) != 0)
		_exit(98);
}

static void
lines_of_threads_do_not_mix(void **state)
{
	char *line, *next;
	int n = 0;

	printed(say_many_in_threads, NULL);
	for (line = out; *line != '\0'; line = next + 1, n++) {
		next = strchr(line, '\n');
		assert_non_null(next);
		assert_int_equal(300, next - line);
		*next = '\0';
		assert_int_equal(300, strspn(line,
		    line[0] == 'a' ? "a" : "b"));
	}
	assert_int_equal(2 * LINES, n);
}

static void
say_and_look_at_errno(void *arg)
{
	log_init(NULL, LOG_L_INFO);
	errno = EDOM;
	log_info("x");
	if (errno != EDOM)
		_exit(97);
	/* Nobody reads: write() fails and sets errno. */
	(void)close(STDERR_FILENO);
	log_info("y");
	if (errno != EDOM)
		_exit(96);
}

static void
errno_is_kept(void **state)
{
	assert_string_equal("x\n", printed(say_and_look_at_errno, NULL));
}

static void
end(void *arg)
{
	log_init("prog", LOG_L_ERROR);
	if (arg != NULL) {
		errno = ENOENT;
		fatal("cannot go on: %s", "x");
	}
	fatalx("bug");
}

static void
fatal_ends_with_status_one(void **state)
{
	int with_errno;

	assert_int_equal(1, unit_child(end, NULL, out, sizeof(out)));
	assert_string_equal("prog: bug\n", out);
	assert_int_equal(1, unit_child(end, &with_errno, out, sizeof(out)));
	assert_string_equal(
	    "prog: cannot go on: x: No such file or directory\n", out);
}

static void
level_words_are_the_four(void **state)
{
	enum log_level l;

	assert_int_equal(0, log_level_parse("error", &l));
	assert_int_equal(LOG_L_ERROR, l);
	assert_int_equal(0, log_level_parse("warning", &l));
	assert_int_equal(LOG_L_WARN, l);
	assert_int_equal(0, log_level_parse("info", &l));
	assert_int_equal(LOG_L_INFO, l);
	assert_int_equal(0, log_level_parse("debug", &l));
	assert_int_equal(LOG_L_DEBUG, l);
	assert_int_equal(-1, log_level_parse("warn", &l));
	assert_int_equal(-1, log_level_parse("", &l));
	assert_int_equal(-1, log_level_parse("Info", &l));
	assert_int_equal(LOG_L_DEBUG, l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_filter_and_errno_is_appended),
		cmocka_unit_test(journal_gets_priorities_instead_of_the_name),
		cmocka_unit_test(journal_of_somebody_else_changes_nothing),
		cmocka_unit_test(bytes_that_harm_are_escaped),
		cmocka_unit_test(context_follows_each_line),
		cmocka_unit_test(context_belongs_to_its_thread),
		cmocka_unit_test(long_lines_are_cut_but_keep_their_end),
		cmocka_unit_test(line_never_exceeds_pipe_buf),
		cmocka_unit_test(lines_of_threads_do_not_mix),
		cmocka_unit_test(errno_is_kept),
		cmocka_unit_test(fatal_ends_with_status_one),
		cmocka_unit_test(level_words_are_the_four),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
