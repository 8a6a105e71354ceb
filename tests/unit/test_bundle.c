/* SPDX-License-Identifier: BSD-2-Clause */
/* What is read of capabilities: names in YAML, prompts behind it. */
#include "config.h"

#include "unit.h"

#include "domain/bundle.h"

static struct arena *a;

static int
setup(void **state)
{
	a = arena_new(4096);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(a);
	return 0;
}

static void
entry_agents(void **state)
{
	static const struct {
		const char	*want, *yaml;
	} rows[] = {
		{ NULL, "" },
		{ NULL, "name: x\n" },
		{ "solver", "entry_agent: solver" },
		{ "solver", "name: x\nentry_agent: solver\r\nz: 1\n" },
		{ "solver", "entry_agent:solver # the first\n" },
		{ "a#b", "entry_agent: a#b\n" },
		{ "a b", "entry_agent: \"a b\" # c\n" },
		{ "it", "entry_agent: 'it'\n" },
		{ NULL, "entry_agent:\n" },
		{ NULL, "entry_agent: \"\n" },
		{ NULL, "entry_agent: ''\n" },
		/* of another object */
		{ NULL, "x:\n  entry_agent: solver\n" },
		{ NULL, "entry_agents: solver\n" },
		/* not out of its folder */
		{ NULL, "entry_agent: ../x\n" },
	};
	const char *got;
	size_t i;

	for (i = 0; i < UNIT_COUNT(rows); i++) {
		got = bundle_entry_agent(a, rows[i].yaml);
		if (rows[i].want == NULL)
			assert_null(got);
		else {
			assert_non_null(got);
			assert_string_equal(rows[i].want, got);
		}
	}
}

static void
prompts(void **state)
{
	static const struct {
		const char	*want, *text;
	} rows[] = {
		{ "", "" },
		{ "Solve it.\n", "Solve it.\n" },
		{ "Solve it.", "---\nname: x\n---\n\nSolve it." },
		{ "Solve it.", "---\r\nname: x\r\n---\r\nSolve it." },
		{ "Solve it.", "\xef\xbb\xbf---\n---\nSolve it." },
		{ "", "---\nname: x\n---" },
		/* a line across the page, and no end of it */
		{ "---\nSolve it.\n", "---\nSolve it.\n" },
		{ "----\na\n---\nb", "----\na\n---\nb" },
		{ "a\n---\nb\n---\n", "a\n---\nb\n---\n" },
		{ "\xc3\xa9", "\xc3\xa9" },
		{ NULL, "\xff\xfe" },
		{ NULL, "\xc3" },
	};
	const char *got;
	size_t i;

	for (i = 0; i < UNIT_COUNT(rows); i++) {
		got = bundle_prompt(a, rows[i].text, strlen(rows[i].text));
		if (rows[i].want == NULL)
			assert_null(got);
		else {
			assert_non_null(got);
			assert_string_equal(rows[i].want, got);
		}
	}
	assert_null(bundle_prompt(a, "a\0b", 3));
}

static void
a_file_that_is_not_there_has_none(void **state)
{
	assert_null(bundle_entry_prompt(a, "/nonexistent"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entry_agents),
		cmocka_unit_test(prompts),
		cmocka_unit_test(a_file_that_is_not_there_has_none),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
