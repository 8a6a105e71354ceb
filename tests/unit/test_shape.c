/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of replies: every member says all that its type needs. */
#include "config.h"

#include "unit.h"

#include "domain/shape.h"

static const struct shape *const	all[] = {
#define SHAPE(name, title, about) &shape_##name,
#define MEMBER(...)
#define SHAPE_END(name)
#include "domain/shape.tbl.h"
#undef SHAPE
#undef MEMBER
#undef SHAPE_END
};

static void
check_member(const struct shape *s, const struct member *m)
{
	int	of;

	of = (m->shape != NULL) + (m->body != NULL) + (m->item != NULL);
	if (of > 1 || (of == 0 && (m->type == M_OBJ || m->type == M_LIST)))
		fail_msg("%s.%s: of what?", s->name, m->name);
	if ((m->type == M_WORD) != (m->words != NULL))
		fail_msg("%s.%s: words", s->name, m->name);
	if ((m->type == M_ID) != (m->prefix != NULL))
		fail_msg("%s.%s: prefix", s->name, m->name);
	if (m->item != NULL)
		check_member(s, m->item);
}

static void
the_table_is_complete(void **state)
{
	const struct shape	*s;
	size_t			 i, k, n;

	for (i = 0; i < UNIT_COUNT(all); i++) {
		s = all[i];
		assert_true(strlen(s->doc) > 0);
		for (k = 0; k < i; k++)
			assert_string_not_equal(s->name, all[k]->name);
		for (k = 0; k < s->nmembers; k++) {
			check_member(s, &s->members[k]);
			if (s->members[k].doc == NULL)
				fail_msg("%s.%s: no doc", s->name,
				    s->members[k].name);
			for (n = 0; n < k; n++)
				assert_string_not_equal(s->members[n].name,
				    s->members[k].name);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
