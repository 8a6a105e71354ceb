/* SPDX-License-Identifier: BSD-2-Clause */
/* Content groups and their place in the split. */
#include "config.h"

#include "unit.h"

#include "judge/group.h"
#include "util/arena.h"

static int
setup(void **state)
{
	*state = arena_new(1024);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static const char *
key_of(struct arena *a, const char *text)
{
	return judge_group_key(a, text, strlen(text), "ref", "ext", "eval");
}

/* Expected values by Python's re and hashlib. */
static void
key_is_the_digest_of_the_normalised_text(void **state)
{
	static const struct {
		const char *key;
		const char *text;
	} t[] = {
		{ "8f1d324e582f8fc9017f3f950426316412988b4b7e277454d843ad041a"
		  "430daa", "Please restart the router, then sign in again." },
		{ "8f1d324e582f8fc9017f3f950426316412988b4b7e277454d843ad041a"
		  "430daa", "  please RESTART the router;then\tsign in"
		  " --- again " },
		{ "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b78"
		  "52b855", "" },
		{ "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b78"
		  "52b855", "!?" },
		{ "675d61b2b80f1d2679c106c443a3425b6d5093d162190ecacb5b06aad2"
		  "813d51", "Z\xc3\xbcrich \xc3\x84\xc3\x96" },
		{ "0e9f64031fcb2bc708b531c2a20441580425d151a38503f38592a7dd36"
		  "019d3b", "a\xc2\xa0" "b\xe2\x80\x83" "c" },
		/* Only ASCII letters change case. */
		{ "a755f65d4e5201d92b6f264d1508ea0bec9913dd7b20a96ebde25de3cd"
		  "a84a84", "\xc3\x89" },
	};
	size_t i;

	for (i = 0; i < UNIT_COUNT(t); i++)
		assert_string_equal(t[i].key, key_of(*state, t[i].text));
}

static void
long_texts_are_digested_whole(void **state)
{
	char *text = arena_alloc(*state, 20001);
	const char *one, *two;

	memset(text, 'x', 20000);
	text[20000] = '\0';
	one = key_of(*state, text);
	text[19999] = 'y';
	two = key_of(*state, text);
	assert_string_not_equal(one, two);
	text[19999] = '.';
	text[19998] = 'X';
	one = key_of(*state, text);
	text[19999] = '\0';
	assert_string_equal(one, key_of(*state, text));
}

static void
bytes_that_are_not_utf8_stand_for_themselves(void **state)
{
	assert_string_not_equal(key_of(*state, "a\xff"),
	    key_of(*state, "a\xfe"));
	assert_string_not_equal(key_of(*state, "a\xff"), key_of(*state, "a"));
}

static void
without_content_the_first_name_counts(void **state)
{
	assert_string_equal("Ref 1", judge_group_key(*state, NULL, 0, "Ref 1",
	    "ext", "eval"));
	assert_string_equal("ext", judge_group_key(*state, NULL, 0, NULL,
	    "ext", "eval"));
	assert_string_equal("eval", judge_group_key(*state, NULL, 0, NULL,
	    NULL, "eval"));
}

static void
u_is_the_top_of_a_digest_of_judge_and_key(void **state)
{
	assert_true(0x1.ebfe5508f8a18p-3 == judge_group_u("jdg_xyz789",
	    key_of(*state, "Please restart the router, then sign in again.")));
	assert_true(0.5294094207844382 ==
	    judge_group_u("jdg_hanna", "story-0"));
	assert_true(0.34398116479384677 ==
	    judge_group_u("jdg_hanna", "story-1"));
}

static void
u_is_spread_evenly_over_the_unit_interval(void **state)
{
	int part[10] = { 0 }, i;
	char key[32];
	double u;

	for (i = 0; i < 10000; i++) {
		snprintf(key, sizeof(key), "item-%d", i);
		u = judge_group_u("jdg_a", key);
		assert_true(u >= 0 && u < 1);
		part[(int)(u * 10)]++;
	}
	for (i = 0; i < 10; i++)
		assert_in_range(part[i], 880, 1120);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_is_the_digest_of_the_normalised_text),
		cmocka_unit_test(long_texts_are_digested_whole),
		cmocka_unit_test(bytes_that_are_not_utf8_stand_for_themselves),
		cmocka_unit_test(without_content_the_first_name_counts),
		cmocka_unit_test(u_is_the_top_of_a_digest_of_judge_and_key),
		cmocka_unit_test(u_is_spread_evenly_over_the_unit_interval),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
