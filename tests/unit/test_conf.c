/* SPDX-License-Identifier: BSD-2-Clause */
/* Settings: what a file may say, what is told about faults, what is printed. */
#include "config.h"

#include "unit.h"

#include "util/conf.h"

static struct conf c;
static char errs[4096];
static char dir[] = P_tmpdir "/conf-test-XXXXXX";
static char path[sizeof(dir) + 16];

static int
group_setup(void **state)
{
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/t.conf", dir);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)unlink(path);
	return rmdir(dir);
}

static int
teardown(void **state)
{
	conf_free(&c);
	return 0;
}

/* Loads a file of exactly these bytes; faults without the path in `errs`. */
static int
load_bytes(const char *text, size_t len)
{
	size_t plen = strlen(path);
	char *s, *o = errs;
	FILE *f;
	int n;

	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(len, fwrite(text, 1, len, f));
	assert_int_equal(0, fclose(f));
	errs[0] = '\0';
	f = fmemopen(errs, sizeof(errs), "w");
	assert_non_null(f);
	n = conf_load(&c, path, f);
	assert_int_equal(0, fclose(f));
	for (s = errs; *s != '\0'; )
		if (strncmp(s, path, plen) == 0)
			s += plen;
		else
			*o++ = *s++;
	*o = '\0';
	return n;
}

static int
load(const char *text)
{
	conf_free(&c);
	return load_bytes(text, strlen(text));
}

static void
no_file_gives_the_defaults(void **state)
{
	assert_int_equal(0, conf_load(&c, NULL, stderr));
	assert_int_equal(64, c.threads);
	assert_string_equal("/var/lib/trainyard", c.data_dir);
	assert_string_equal("", c.min_client_version);
	assert_true(c.judge_memory_gb == 2);
}

static void
file_changes_what_it_names(void **state)
{
	assert_int_equal(0, load(
	    "# comment\n"
	    "\n"
	    "  \t\n"
	    "threads = 8\n"
	    "\tbatch=7\n"
	    "listen =  /run/x y.sock  \n"
	    "data_dir = \"/srv/a b\"   # comment\n"
	    "database = host=db  user=u # comment\n"
	    "price_per_minute = 0.25\r\n"
	    "runner_judge = \"\"\n"
	    "queue_quota = 0"));
	assert_string_equal("", errs);
	assert_int_equal(8, c.threads);
	assert_int_equal(7, c.batch);
	assert_string_equal("/run/x y.sock", c.listen);
	assert_string_equal("/srv/a b", c.data_dir);
	assert_string_equal("host=db  user=u", c.database);
	assert_true(c.price_per_minute == 0.25);
	assert_string_equal("", c.runner_judge);
	assert_int_equal(0, c.queue_quota);
	assert_int_equal(6, c.connections);
}

static void
quotes_protect_what_is_special(void **state)
{
	assert_int_equal(0, load("database = \"password='a#b\\\"c\\\\d' \"\n"
	    "listen = /a#b\n"
	    "data_dir = a\"b\n"));
	assert_string_equal("password='a#b\"c\\d' ", c.database);
	assert_string_equal("/a#b", c.listen);
	assert_string_equal("a\"b", c.data_dir);
}

static void
empty_values_are_empty_texts(void **state)
{
	assert_int_equal(0, load("runner_judge =\nlisten = # none\n"));
	assert_string_equal("", c.runner_judge);
	assert_string_equal("", c.listen);
}

static void
faults_are_told_with_line_and_remedy(void **state)
{
	static const struct {
		const char	*text;
		const char	*errs;
	} v[] = {
		{ "thread = 8\n", ":1: unknown setting \"thread\"; "
		    "did you mean \"threads\"?\n" },
		{ "\nlog_levle = info\n", ":2: unknown setting "
		    "\"log_levle\"; did you mean \"log_level\"?\n" },
		{ "colour = red\n", ":1: unknown setting \"colour\"\n" },
		{ "threads = 0\n", ":1: threads must be a whole number from "
		    "1 to 1024, not \"0\"\n" },
		{ "threads = 1025\n", ":1: threads must be a whole number "
		    "from 1 to 1024, not \"1025\"\n" },
		{ "threads = 8 threads\n", ":1: threads must be a whole "
		    "number from 1 to 1024, not \"8 threads\"\n" },
		{ "max_artifact_bytes = 99999999999999999999\n",
		    ":1: max_artifact_bytes must be a whole number from 1 to "
		    "1099511627776, not \"99999999999999999999\"\n" },
		{ "price_per_minute = -1\n", ":1: price_per_minute must be a "
		    "number from 0 to 1000000, not \"-1\"\n" },
		{ "log_level = loud\n", ":1: log_level must be error, "
		    "warning, info or debug, not \"loud\"\n" },
		{ "unknown_fields = accept\n", ":1: unknown_fields must be "
		    "reject or ignore, not \"accept\"\n" },
		{ "min_client_version = 1.2\n", ":1: min_client_version must "
		    "be like 1.2.3, or empty, not \"1.2\"\n" },
		{ "threads = 1\nbatch = 2\nthreads = 3\n", ":3: threads is "
		    "set twice, first in line 1\n" },
		{ "threads 8\n", ":1: expected: name = value\n" },
		{ "= 8\n", ":1: expected: name = value\n" },
		{ "threads\n", ":1: expected: name = value\n" },
		{ "[section]\n", ":1: expected: name = value\n" },
		{ "\"threads\" = 8\n", ":1: expected: name = value\n" },
		{ "listen = \"/a\n", ":1: closing quote is missing\n" },
		{ "listen = \"/a\\\"\n", ":1: closing quote is missing\n" },
		{ "listen = \"/a\" b\n",
		    ":1: text behind the closing quote\n" },
		{ "threads = a\nbatch = b\n", ":1: threads must be a whole "
		    "number from 1 to 1024, not \"a\"\n:2: batch must be a "
		    "whole number from 1 to 1000, not \"b\"\n" },
	};
	size_t i;

	for (i = 0; i < UNIT_COUNT(v); i++) {
		assert_int_equal(v[i].errs[0] == ':' &&
		    strstr(v[i].errs, "\n:") != NULL ? 2 : 1,
		    load(v[i].text));
		assert_string_equal(v[i].errs, errs);
	}
}

static void
numbers_are_decimal_and_whole(void **state)
{
	static const char *const ints[] = {
		"", "-", "+8", "0x10", "1e2", "8.0", " 8x", "\"8 \"",
		"\xef\xbc\x98"
	};
	static const char *const nums[] = {
		"", "nan", "inf", "0x1p3", "1e", ".", "1,5", "1e999", "--1"
	};
	char text[64];
	size_t i;

	for (i = 0; i < UNIT_COUNT(ints); i++) {
		(void)snprintf(text, sizeof(text), "threads = %s\n", ints[i]);
		assert_int_equal(1, load(text));
		assert_int_equal(64, c.threads);
	}
	for (i = 0; i < UNIT_COUNT(nums); i++) {
		(void)snprintf(text, sizeof(text), "judge_memory_gb = %s\n",
		    nums[i]);
		assert_int_equal(1, load(text));
		assert_true(c.judge_memory_gb == 2);
	}
	assert_int_equal(0, load("judge_memory_gb = 1.5e2\nthreads = 0010\n"));
	assert_true(c.judge_memory_gb == 150);
	assert_int_equal(10, c.threads);
}

static void
fault_leaves_the_default(void **state)
{
	assert_int_equal(2, load("log_level = loud\nthreads = 9999\n"));
	assert_string_equal("info", c.log_level);
	assert_int_equal(64, c.threads);
}

static void
nul_byte_is_a_fault(void **state)
{
	assert_int_equal(1, load_bytes("threads = 8\0 9\nbatch = 3\n", 25));
	assert_string_equal(":1: NUL byte in the line\n", errs);
	assert_int_equal(64, c.threads);
	assert_int_equal(3, c.batch);
}

static void
client_versions_have_three_numbers(void **state)
{
	static const char *const bad[] = {
		"1", "1.2.3.4", "1..2", "1.2.", ".1.2", "a.b.c", "1.2.3a",
		"v1.2.3", "1.2.1234567890"
	};
	char text[64];
	size_t i;

	assert_int_equal(0, load("min_client_version = 1.20.300\n"));
	assert_string_equal("1.20.300", c.min_client_version);
	for (i = 0; i < UNIT_COUNT(bad); i++) {
		(void)snprintf(text, sizeof(text),
		    "min_client_version = %s\n", bad[i]);
		assert_int_equal(1, load(text));
	}
}

static void
file_that_cannot_be_read_is_told(void **state)
{
	FILE *f = fmemopen(errs, sizeof(errs), "w");

	assert_non_null(f);
	assert_int_equal(-1, conf_load(&c, "conf-test-absent/x", f));
	assert_int_equal(0, fclose(f));
	assert_string_equal("conf-test-absent/x: No such file or directory\n",
	    errs);
	assert_int_equal(64, c.threads);
	conf_free(&c);
	f = fmemopen(errs, sizeof(errs), "w");
	assert_non_null(f);
	assert_int_equal(-1, conf_load(&c, dir, f));
	assert_int_equal(0, fclose(f));
	assert_non_null(strstr(errs, "Is a directory"));
}

/* What a print function writes. */
static char *
text_of(void (*sample)(FILE *), const struct conf *dump)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	if (dump != NULL)
		conf_dump(dump, f);
	else
		sample(f);
	assert_int_equal(0, fclose(f));
	return text;
}

static void
dump_is_read_back_the_same(void **state)
{
	char *first, *second;

	assert_int_equal(0, load("database = \"a # b \\\" \\\\ c\"\n"
	    "threads = 9\nprice_per_minute = 0.1\nlisten = \n"));
	first = text_of(NULL, &c);
	assert_int_equal(0, load(first));
	assert_string_equal("", errs);
	assert_string_equal("a # b \" \\ c", c.database);
	assert_true(c.price_per_minute == 0.1);
	second = text_of(NULL, &c);
	assert_string_equal(first, second);
	free(first);
	free(second);
}

static const char *const names[] = {
#define CONF(name, type, dflt, min, max, progs, doc) #name,
#include "util/conf.tbl.h"
#undef CONF
};

/* Every setting stands in the sample; taking the # away changes nothing. */
static void
sample_holds_every_default(void **state)
{
	char *sample = text_of(conf_sample, NULL), *s, *defaults, *again;
	char line[128];
	size_t i, len;

	for (s = sample; *s != '\0'; s += len + (s[len] == '\n')) {
		len = strcspn(s, "\n");
		assert_true(len <= 80 || strchr(s, '"') != NULL);
	}
	assert_int_equal(0, load(sample));
	defaults = text_of(NULL, &c);
	for (i = 0; i < UNIT_COUNT(names); i++) {
		(void)snprintf(line, sizeof(line), "\n#%s = ", names[i]);
		s = strstr(sample, line);
		if (s == NULL)
			fail_msg("not in the sample: %s", names[i]);
		else
			s[1] = ' ';
	}
	assert_int_equal(0, load(sample));
	assert_string_equal("", errs);
	again = text_of(NULL, &c);
	assert_string_equal(defaults, again);
	free(sample);
	free(defaults);
	free(again);
}

static void
manual_names_every_setting_once(void **state)
{
	char *mdoc = text_of(conf_mdoc, NULL), *s;
	char item[128];
	size_t i, n = 0;

	for (i = 0; i < UNIT_COUNT(names); i++) {
		(void)snprintf(item, sizeof(item), ".It Ic %s\n", names[i]);
		if (strstr(mdoc, item) == NULL)
			fail_msg("not in the manual: %s", names[i]);
	}
	for (s = mdoc; (s = strstr(s, ".It ")) != NULL; s++)
		n++;
	assert_int_equal(UNIT_COUNT(names), n);
	assert_non_null(strstr(mdoc, "A whole number from 1 to 1024.\n"));
	free(mdoc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_teardown(fn, teardown)
		T(no_file_gives_the_defaults),
		T(file_changes_what_it_names),
		T(quotes_protect_what_is_special),
		T(empty_values_are_empty_texts),
		T(faults_are_told_with_line_and_remedy),
		T(numbers_are_decimal_and_whole),
		T(fault_leaves_the_default),
		T(nul_byte_is_a_fault),
		T(client_versions_have_three_numbers),
		T(file_that_cannot_be_read_is_told),
		T(dump_is_read_back_the_same),
		T(sample_holds_every_default),
		T(manual_names_every_setting_once),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
