/* SPDX-License-Identifier: BSD-2-Clause */
/* What is found out about the rows of a dataset. */
#include "config.h"

#include <zlib.h>

#include "domain/dataset.h"
#include "unit.h"
#include "util/arena.h"

/* The summary of some bytes, in pieces of `piece`. */
static struct dataset_summary
look(const void *data, size_t len, size_t piece)
{
	struct dataset		*d = dataset_new();
	struct dataset_summary	 s;
	size_t			 i;

	for (i = 0; i < len; i += piece)
		dataset_add(d, (const char *)data + i,
		    len - i < piece ? len - i : piece);
	s = *dataset_end(d);
	dataset_free(d);
	return s;
}

static struct dataset_summary
look_text(const char *text)
{
	return look(text, strlen(text), 3);
}

/* gzip of some bytes; the caller frees it. */
static void *
packed(const void *data, size_t len, size_t *out)
{
	z_stream	 z = { 0 };
	unsigned char	*copy, *p;

	copy = malloc(len + 1);
	memcpy(copy, data, len);
	assert_int_equal(Z_OK, deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8,
	    Z_DEFAULT_STRATEGY));
	*out = deflateBound(&z, len) + 32;
	p = malloc(*out);
	z.next_in = copy;
	z.avail_in = (uInt)len;
	z.next_out = p;
	z.avail_out = (uInt)*out;
	assert_int_equal(Z_STREAM_END, deflate(&z, Z_FINISH));
	*out -= z.avail_out;
	(void)deflateEnd(&z);
	free(copy);
	return p;
}

static void
rows_have_one_of_the_forms(void **state)
{
	static const struct {
		enum dataset_shape	 shape;
		const char		*row;
	} cases[] = {
		{ SHAPE_MESSAGES, "{\"messages\":[{\"role\":\"user\"}]}" },
		{ SHAPE_MESSAGES, "{\"id\": 1, \"messages\" : [ {\"content\""
		    ":{\"a\":[1,{}]}, \"role\":\"user\" }, {\"role\":\"x\","
		    "\"tool_calls\":[]} ], \"prompt\": 7}" },
		{ SHAPE_MESSAGES, "{\"m\\u0065ssages\":[{\"role\":\"\"}]}" },
		{ SHAPE_STEPS, "{\"steps\":[{\"source\":\"agent\","
		    "\"message\":\"a\"}]}" },
		/* the first form does not fit, another does */
		{ SHAPE_STEPS, "{\"messages\":[],\"steps\":[{\"message\":{},"
		    "\"source\":\"user\"}]}" },
		{ SHAPE_PROMPT_ANSWER, "{\"prompt\":\"a\",\"answer\":\"b\"}" },
		{ SHAPE_PROMPT_ANSWER, "{\"input\":\"a\",\"output\":4}" },
		{ SHAPE_PROMPT_ANSWER, "{\"question\":\"a\",\"target\":[]}" },
		{ SHAPE_PROMPT_ANSWER, "{\"task_prompt\":\"a\","
		    "\"expected_output\":false}" },
		/* null is absent */
		{ SHAPE_PROMPT_ANSWER, "{\"prompt\":null,\"input\":\"a\","
		    "\"answer\":null,\"output\":\"b\",\"messages\":null}" },
		{ SHAPE_PROMPT, "{\"prompt\":\"a\",\"answer\":null}" },
		{ SHAPE_PROMPT, "{\"prompt\":\"a\"}" },
		/* the last of two counts */
		{ SHAPE_PROMPT, "{\"prompt\":5,\"prompt\":\"a\"}" },
	};
	char			split[DATASET_SPLIT_LEN];
	char			why[DATASET_WHY_LEN];
	size_t			i;
	int			json;

	for (i = 0; i < UNIT_COUNT(cases); i++) {
		if (dataset_row(cases[i].row, strlen(cases[i].row), split,
		    why, &json) != cases[i].shape)
			fail_msg("%s: %s", cases[i].row, why);
		assert_string_equal("", why);
		assert_int_equal(1, json);
	}
}

static void
other_rows_are_faults(void **state)
{
	static const struct {
		const char	*row, *why;
		int		 json;
	} cases[] = {
		{ "{}", "has no messages, no steps and no prompt, input, "
		    "question or task_prompt", 1 },
		{ "{\"answer\":\"a\"}", "has no messages, no steps and no "
		    "prompt, input, question or task_prompt", 1 },
		{ "{\"a\":{\"prompt\":\"a\"}}", "has no messages, no steps "
		    "and no prompt, input, question or task_prompt", 1 },
		{ "{\"prompt\":[\"a\"],\"input\":\"b\"}",
		    "prompt must be a string", 1 },
		{ "{\"messages\":[]}", "messages must be an array of "
		    "objects, each with a role", 1 },
		{ "{\"messages\":[{\"role\":\"a\"},{\"content\":\"a\"}]}",
		    "messages must be an array of objects, each with a role",
		    1 },
		{ "{\"messages\":[{\"role\":1}]}", "messages must be an "
		    "array of objects, each with a role", 1 },
		{ "{\"messages\":\"a\"}", "messages must be an array of "
		    "objects, each with a role", 1 },
		{ "{\"steps\":[{\"source\":\"a\",\"message\":null}]}",
		    "steps must be an array of objects, each with source and "
		    "message", 1 },
		{ "[1]", "must be an object", 1 },
		{ "\"prompt\"", "must be an object", 1 },
		{ "{\"prompt\":}",
		    "invalid JSON at byte 10: a value is expected", 0 },
		{ "{\"prompt\":NaN}",
		    "invalid JSON at byte 10: a value is expected", 0 },
		{ "{\"prompt\":\"\xff\"}",
		    "invalid JSON at byte 11: not UTF-8", 0 },
	};
	char			split[DATASET_SPLIT_LEN];
	char			why[DATASET_WHY_LEN];
	size_t			i;
	int			json;

	for (i = 0; i < UNIT_COUNT(cases); i++) {
		assert_int_equal(SHAPE__MAX, dataset_row(cases[i].row,
		    strlen(cases[i].row), split, why, &json));
		assert_string_equal(cases[i].why, why);
		assert_int_equal(cases[i].json, json);
	}
}

static void
lines_are_counted_as_editors_do(void **state)
{
	struct dataset_summary	s;

	s = look_text("\n{\"prompt\":\"a\"}\r\n \t\n{}\n{\"prompt\":\"b\","
	    "\"answer\":1}\nx");
	assert_int_equal(DATASET_LINES, s.format);
	assert_int_equal(4, s.rows);
	assert_int_equal(2, s.faults);
	assert_int_equal(4, s.fault[0].line);
	assert_int_equal(6, s.fault[1].line);
	assert_int_equal(1, s.shapes[SHAPE_PROMPT]);
	assert_int_equal(1, s.shapes[SHAPE_PROMPT_ANSWER]);
	assert_int_equal(0, s.partial);
}

static void
an_array_has_its_items(void **state)
{
	struct dataset_summary	s;

	s = look_text("\n[ {\"prompt\":\"a]},\\\"\"} ,\n\n  {\"messages\":\n"
	    "[{\"role\":\"a\"}]},7,{}]\n");
	assert_int_equal(DATASET_ARRAY, s.format);
	assert_int_equal(4, s.rows);
	assert_int_equal(1, s.shapes[SHAPE_PROMPT]);
	assert_int_equal(1, s.shapes[SHAPE_MESSAGES]);
	assert_int_equal(2, s.faults);
	assert_int_equal(5, s.fault[0].line);
	assert_int_equal(0, s.partial);
	s = look_text("[]");
	assert_int_equal(0, s.rows);
	assert_int_equal(0, s.faults);
	assert_int_equal(DATASET_ARRAY, s.format);
}

static void
what_is_no_array_ends_the_look(void **state)
{
	static const struct {
		const char	*text, *why;
		int		 line, rows;
	} cases[] = {
		{ "[", "invalid JSON: the array is not closed", 1, 0 },
		{ "[{\"prompt\":\"a\"}\n",
		    "invalid JSON: the array is not closed", 2, 0 },
		{ "[{\"prompt\":\"a\"},]",
		    "invalid JSON: a value is expected", 1, 1 },
		{ "[\n,{}]", "invalid JSON: a value is expected", 2, 0 },
		{ "[]\n{}", "invalid JSON: text behind the array", 2, 0 },
		{ "[{\"a\":]},{}]", "invalid JSON at byte 5: a value is "
		    "expected", 1, 1 },
	};
	struct dataset_summary	s;
	size_t			i;

	for (i = 0; i < UNIT_COUNT(cases); i++) {
		s = look_text(cases[i].text);
		assert_int_equal(1, s.faults);
		assert_string_equal(cases[i].why, s.fault[0].why);
		assert_int_equal(cases[i].line, s.fault[0].line);
		assert_int_equal(cases[i].rows, s.rows);
		assert_int_equal(1, s.partial);
	}
}

static void
nothing_has_no_format(void **state)
{
	struct dataset_summary	s = look_text(" \n\n");

	assert_int_equal(DATASET_EMPTY, s.format);
	assert_int_equal(0, s.rows);
	assert_int_equal(0, s.faults);
	s = look_text("");
	assert_int_equal(DATASET_EMPTY, s.format);
}

static void
ten_faults_are_told(void **state)
{
	char			text[41];
	struct dataset_summary	s;
	int			i;

	for (i = 0; i < 20; i++)
		memcpy(text + 2 * i, "x\n", 3);
	s = look_text(text);
	assert_int_equal(20, s.faults);
	assert_int_equal(20, s.rows);
	for (i = 0; i < DATASET_FAULTS; i++)
		assert_int_equal(i + 1, s.fault[i].line);
}

static void
what_is_mostly_faults_is_left_alone(void **state)
{
	const size_t		 len = 4 * DATASET_FAULTS_MAX;
	char			*text = malloc(len);
	struct dataset_summary	 s;
	size_t			 i;

	for (i = 0; i < len; i += 2)
		memcpy(text + i, "x\n", 2);
	s = look(text, len, len);
	assert_int_equal(DATASET_FAULTS_MAX, s.faults);
	assert_int_equal(DATASET_FAULTS_MAX, s.rows);
	assert_int_equal(1, s.partial);
	free(text);
}

static void
splits_are_counted_by_their_names(void **state)
{
	struct dataset_summary	s;

	s = look_text("{\"prompt\":\"a\",\"split\":\"train\"}\n"
	    "{\"prompt\":\"a\",\"split\":\"tr\\u0061in\"}\n"
	    "{\"prompt\":\"a\",\"split\":\"\\ud83d\\ude00\\n\\u20ac\"}\n"
	    "{\"prompt\":\"a\",\"split\":\"a\\u0000b\"}\n"
	    "{\"prompt\":\"a\",\"split\":null}\n"
	    "{\"prompt\":\"a\",\"split\":5}\n"
	    "{\"split\":\"test\"}\n");
	assert_int_equal(3, s.nsplits);
	assert_string_equal("train", s.split[0].name);
	assert_int_equal(2, s.split[0].rows);
	assert_string_equal("\xf0\x9f\x98\x80\n\xe2\x82\xac",
	    s.split[1].name);
	assert_string_equal("test", s.split[2].name);
	assert_int_equal(1, s.faults);
}

static void
so_many_splits_are_not_a_file_of_them(void **state)
{
	struct dataset		*d = dataset_new();
	struct dataset_summary	 s;
	char			 row[64];
	int			 i;

	for (i = 0; i < 100; i++) {
		snprintf(row, sizeof(row), "{\"prompt\":\"a\",\"split\":\"%d\"}"
		    "\n", i);
		dataset_add(d, row, strlen(row));
	}
	s = *dataset_end(d);
	dataset_free(d);
	assert_int_equal(DATASET_SPLITS, s.nsplits);
	assert_int_equal(100, s.rows);
}

static void
a_row_may_come_in_any_pieces(void **state)
{
	const char	*text = "[{\"prompt\":\"a\\\"b\"},\n{\"input\":\"\\\\\"},"
	    "{\"steps\":[{\"source\":\"a\",\"message\":\"]}\"}]}]";
	struct dataset_summary	s;
	size_t			i;

	for (i = 1; i <= strlen(text); i++) {
		s = look(text, strlen(text), i);
		assert_int_equal(3, s.rows);
		assert_int_equal(0, s.faults);
		assert_int_equal(2, s.shapes[SHAPE_PROMPT]);
	}
}

static void
a_very_long_row_is_counted_only(void **state)
{
	size_t			 len = 3 * DATASET_ROW_MAX;
	char			*text = malloc(len);
	struct dataset_summary	 s;

	memset(text, 'x', len);
	memcpy(text + len - 17, "\n{\"prompt\":\"a\"}\n", 16);
	text[len - 1] = '\n';
	s = look(text, len, 100000);
	assert_int_equal(2, s.rows);
	assert_int_equal(0, s.faults);
	assert_int_equal(1, s.shapes[SHAPE_PROMPT]);
	assert_int_equal(1, s.partial);
	/* in one piece it is no shorter */
	s = look(text, len, len);
	assert_int_equal(2, s.rows);
	assert_int_equal(0, s.faults);
	assert_int_equal(1, s.partial);
	free(text);
}

static void
gzip_is_unpacked(void **state)
{
	const char		*text = "{\"prompt\":\"a\"}\n{}\n";
	struct dataset_summary	 s;
	size_t			 len, cut;
	unsigned char		*gz = packed(text, strlen(text), &len);
	unsigned char		*two;

	s = look(gz, len, 1);
	assert_int_equal(1, s.gzip);
	assert_int_equal(DATASET_LINES, s.format);
	assert_int_equal(2, s.rows);
	assert_int_equal(1, s.faults);
	assert_int_equal(2, s.fault[0].line);
	/* one member behind the other, and padding */
	two = calloc(1, 2 * len + 5);
	memcpy(two, gz, len);
	memcpy(two + len, gz, len);
	s = look(two, 2 * len + 5, 7);
	assert_int_equal(4, s.rows);
	assert_int_equal(0, s.partial);
	/* cut off */
	for (cut = 2; cut < len; cut++) {
		s = look(gz, cut, 5);
		assert_int_equal(1, s.partial);
		assert_string_equal("gzip data that ends too soon",
		    s.fault[s.faults - 1].why);
	}
	/* damaged: the checksum */
	gz[len - 6] ^= 1;
	s = look(gz, len, 5);
	assert_int_equal(1, s.partial);
	assert_string_equal("damaged gzip data", s.fault[s.faults - 1].why);
	free(two);
	free(gz);
}

static void
a_bomb_is_left_alone(void **state)
{
	struct dataset		*d = dataset_new();
	const size_t		 mib = 1 << 20;
	struct dataset_summary	 s;
	char			*text = malloc(mib);
	unsigned char		*gz;
	size_t			 len;
	int			 i;

	memset(text, '\n', mib);
	memcpy(text, "{\"prompt\":\"a\"}\n", 15);
	gz = packed(text, mib, &len);
	for (i = 0; i < 1000; i++)
		dataset_add(d, gz, len);
	s = *dataset_end(d);
	assert_int_equal(1, s.partial);
	assert_int_equal(DATASET_TEXT_MAX / (int)mib, s.rows);
	dataset_free(d);
	free(gz);
	free(text);
}

static void
the_summary_is_written_in_order(void **state)
{
	struct arena		*a = arena_new(4096);
	struct dataset_summary	 s;
	struct jw		 w;

	s = look_text("{\"prompt\":\"a\",\"split\":\"x\"}\n[]\n");
	jw_init(&w, a);
	dataset_write(&s, &w);
	assert_string_equal("{\"format\":\"jsonl\",\"compression\":null,"
	    "\"checked\":\"complete\",\"row_count\":2,\"fault_count\":1,"
	    "\"faults\":[{\"line\":2,\"message\":\"must be an object\"}],"
	    "\"splits\":{\"x\":1},\"shapes\":{\"messages\":0,\"steps\":0,"
	    "\"prompt_answer\":0,\"prompt\":1}}", jw_text(&w, NULL));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_have_one_of_the_forms),
		cmocka_unit_test(other_rows_are_faults),
		cmocka_unit_test(lines_are_counted_as_editors_do),
		cmocka_unit_test(an_array_has_its_items),
		cmocka_unit_test(what_is_no_array_ends_the_look),
		cmocka_unit_test(nothing_has_no_format),
		cmocka_unit_test(ten_faults_are_told),
		cmocka_unit_test(what_is_mostly_faults_is_left_alone),
		cmocka_unit_test(splits_are_counted_by_their_names),
		cmocka_unit_test(so_many_splits_are_not_a_file_of_them),
		cmocka_unit_test(a_row_may_come_in_any_pieces),
		cmocka_unit_test(a_very_long_row_is_counted_only),
		cmocka_unit_test(gzip_is_unpacked),
		cmocka_unit_test(a_bomb_is_left_alone),
		cmocka_unit_test(the_summary_is_written_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
