/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults: where they are, how many are told, the one line for people. */
#include "config.h"

#include "domain.h"

#include "util/jlex.h"

static const char *
written(void)
{
	struct jw	w;

	jw_init(&w, arena);
	faults_write(&faults, &w);
	return jw_text(&w, NULL);
}

static void
places_are_written_for_both(void **state)
{
	fault_add(&faults, LOC(LOC_AT(LOC(LOC(&loc_body, "config"), "refs"),
	    1), "version"), "missing", "field required");
	assert_string_equal("[{\"loc\":[\"body\",\"config\",\"refs\",1,"
	    "\"version\"],\"msg\":\"field required\",\"type\":\"missing\"}]",
	    written());
	assert_string_equal("config.refs[1].version: field required",
	    faults_detail(&faults));
}

static void
a_place_without_a_path_is_only_a_message(void **state)
{
	fault_add(&faults, &loc_body, "dict_type", "must be an object");
	assert_string_equal("must be an object", faults_detail(&faults));
}

static void
the_first_part_is_left_out_for_people(void **state)
{
	static const struct loc *const first[] = { &loc_body, &loc_query,
	    &loc_path, &loc_header };
	size_t	i;

	for (i = 0; i < UNIT_COUNT(first); i++) {
		faults_init(&faults, arena);
		fault_add(&faults, LOC(first[i], "x"), "t", "m %d", 7);
		assert_string_equal("x: m 7", faults_detail(&faults));
	}
}

static void
more_faults_are_counted(void **state)
{
	int	i;

	assert_string_equal("", faults_detail(&faults));
	for (i = 0; i < 25; i++) {
		fault_add(&faults, LOC(&loc_body, arena_printf(arena, "f%d",
		    i)), "t", "m");
		assert_string_equal(i == 0 ? "f0: m" : arena_printf(arena,
		    "f0: m (and %d more)", i), faults_detail(&faults));
	}
	assert_int_equal(25, faults.count);
	assert_int_equal(20, jv_len(domain_json(written())));
}

static void
the_line_has_at_most_500_characters(void **state)
{
	char	long_text[2000];
	size_t	len, cut;

	for (cut = 0; cut < 4; cut++) {
		faults_init(&faults, arena);
		/* two-byte characters: the cut may not fall into one */
		for (len = 0; len < sizeof(long_text) - 2; len += 2)
			memcpy(long_text + len, "\xc3\xa9", 3);
		fault_add(&faults, LOC(&loc_body, &"fieldfield"[cut]), "t",
		    "%s", long_text);
		fault_add(&faults, LOC(&loc_body, "g"), "t", "m");
		len = strlen(faults_detail(&faults));
		assert_in_range(len, 490, 500);
		assert_string_equal("... (and 1 more)",
		    faults_detail(&faults) + len - 16);
		assert_int_not_equal(0xc3,
		    (unsigned char)faults_detail(&faults)[len - 17]);
	}
	faults_init(&faults, arena);
	memset(long_text, 'x', 500);
	long_text[500] = '\0';
	fault_add(&faults, &loc_body, "t", "%s", long_text);
	assert_string_equal(long_text, faults_detail(&faults));
}

static void
keys_of_callers_are_escaped(void **state)
{
	struct jlex_report	r;
	const char		*text;

	fault_add(&faults, LOC(&loc_body, "a\"b\\\n\x01"), "t", "\"%s\"",
	    "\x02");
	text = written();
	assert_int_equal(0, jlex_check(text, strlen(text), 32, &r));
	assert_string_equal("[{\"loc\":[\"body\",\"a\\\"b\\\\\\n\\u0001\"],"
	    "\"msg\":\"\\\"\\u0002\\\"\",\"type\":\"t\"}]", text);
}

static void
a_place_may_be_given_as_text(void **state)
{
	fault_add_at(&faults, "\"body\",\"a\",2", "a[2]", "duplicate_key",
	    "key appears twice");
	assert_string_equal("a[2]: key appears twice",
	    faults_detail(&faults));
	assert_string_equal("[{\"loc\":[\"body\",\"a\",2],\"msg\":\"key "
	    "appears twice\",\"type\":\"duplicate_key\"}]", written());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, domain_setup, domain_teardown)
		T(places_are_written_for_both),
		T(a_place_without_a_path_is_only_a_message),
		T(the_first_part_is_left_out_for_people),
		T(more_faults_are_counted),
		T(the_line_has_at_most_500_characters),
		T(keys_of_callers_are_escaped),
		T(a_place_may_be_given_as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
