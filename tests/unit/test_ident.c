/* SPDX-License-Identifier: BSD-2-Clause */
/* Identifiers: form, order, base32, names, slugs, edit distance. */
#include "config.h"

#include <pthread.h>

#include "unit.h"

#include "util/ident.h"
#include "util/ts.h"

#define VECTOR_UUID	"018d0ce4-7c40-7abc-8def-0123456789ab"
#define VECTOR_TYPEID	"01hm6e8z20fay8vvr14d2pf2db"

static void
uuid_has_version_seven_and_this_time(void **state)
{
	char u[UUID_LEN], same[UUID_LEN], hex[13];
	int64_t before = ts_now() / 1000, ms;

	uuid_new(u);
	assert_int_equal(36, strlen(u));
	assert_int_equal(1, uuid_parse(u, same));
	assert_string_equal(u, same);
	assert_int_equal('7', u[14]);
	assert_non_null(strchr("89ab", u[19]));
	(void)snprintf(hex, sizeof(hex), "%.8s%.4s", u, u + 9);
	ms = (int64_t)strtoull(hex, NULL, 16);
	assert_in_range(ms, before, ts_now() / 1000);
}

static void
uuids_of_a_thread_rise(void **state)
{
	char last[UUID_LEN], u[UUID_LEN];
	int i;

	uuid_new(last);
	for (i = 0; i < 20000; i++) {
		uuid_new(u);
		assert_true(strcmp(last, u) < 0);
		memcpy(last, u, sizeof(last));
	}
}

/* Within a millisecond the step is random: neighbours cannot be guessed. */
static void
uuids_step_by_random_amounts(void **state)
{
	char a[UUID_LEN], b[UUID_LEN];
	int i, near = 0;

	uuid_new(a);
	for (i = 0; i < 1000; i++) {
		uuid_new(b);
		/* All but the last four digits equal: a step below 65536. */
		near += memcmp(a, b, UUID_LEN - 5) == 0;
		memcpy(a, b, sizeof(a));
	}
	assert_true(near < 10);
}

#define THREADS		4
#define PER_THREAD	5000

static char made[THREADS * PER_THREAD][UUID_LEN];

static void *
make_many(void *arg)
{
	char (*out)[UUID_LEN] = arg;
	int i;

	for (i = 0; i < PER_THREAD; i++)
		uuid_new(out[i]);
	return NULL;
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, UUID_LEN);
}

static void
uuids_of_threads_differ(void **state)
{
	pthread_t t[THREADS];
	size_t i;

	for (i = 0; i < THREADS; i++)
		assert_int_equal(0, pthread_create(&t[i], NULL, make_many,
		    made[i * PER_THREAD]));
	for (i = 0; i < THREADS; i++)
		assert_int_equal(0, pthread_join(t[i], NULL));
	qsort(made, THREADS * PER_THREAD, UUID_LEN, compare);
	for (i = 1; i < THREADS * PER_THREAD; i++)
		assert_string_not_equal(made[i - 1], made[i]);
}

static void
uuid_parse_lowers_and_refuses(void **state)
{
	static const char *const bad[] = {
		"", "018d0ce4", "018d0ce47c407abc8def0123456789ab",
		VECTOR_UUID "0", "018d0ce4-7c40-7abc-8def-0123456789a",
		"018d0ce4-7c40-7abc-8def-0123456789ag",
		"018d0ce4-7c40-7abc-8def_0123456789ab",
		"{" VECTOR_UUID "}", "018d0ce47-c40-7abc-8def-0123456789ab",
		" " VECTOR_UUID, VECTOR_UUID "\n",
		"018d0ce4-7c40-7abc-8def-0123456789\xc3\xa9",
	};
	char out[UUID_LEN] = "kept";
	size_t i;

	for (i = 0; i < UNIT_COUNT(bad); i++)
		if (uuid_parse(bad[i], out))
			fail_msg("accepted: %s", bad[i]);
	assert_string_equal("kept", out);
	assert_int_equal(1, uuid_parse("018D0CE4-7c40-7ABC-8DEF-0123456789Ab",
	    out));
	assert_string_equal(VECTOR_UUID, out);
}

static void
typeid_follows_the_vectors(void **state)
{
	static const struct {
		const char	*uuid;
		const char	*id;
	} v[] = {
		{ VECTOR_UUID, VECTOR_TYPEID },
		{ "00000000-0000-0000-0000-000000000000",
		    "00000000000000000000000000" },
		{ "00000000-0000-0000-0000-000000000001",
		    "00000000000000000000000001" },
		{ "00000000-0000-0000-0000-000000000020",
		    "00000000000000000000000010" },
		{ "ffffffff-ffff-ffff-ffff-ffffffffffff",
		    "7zzzzzzzzzzzzzzzzzzzzzzzzz" },
		{ "0110c853-1d09-52d8-d73e-1194e95b5f19",
		    "0123456789abcdefghjkmnpqrs" },
		{ "01890a5d-ac96-774b-bcce-b302099a8057",
		    "01h455vb4pex5vsknk084sn02q" },
	};
	char id[TYPEID_LEN], uuid[UUID_LEN];
	size_t i;

	for (i = 0; i < UNIT_COUNT(v); i++) {
		typeid_encode(v[i].uuid, id);
		assert_string_equal(v[i].id, id);
		assert_int_equal(1, typeid_parse(v[i].id, "", uuid));
		assert_string_equal(v[i].uuid, uuid);
	}
}

static void
typeid_parse_wants_its_prefix(void **state)
{
	char uuid[UUID_LEN] = "kept";

	assert_int_equal(1, typeid_parse("train_job_" VECTOR_TYPEID,
	    "train_job_", uuid));
	assert_string_equal(VECTOR_UUID, uuid);
	memcpy(uuid, "kept", 5);
	assert_int_equal(0, typeid_parse("exec_" VECTOR_TYPEID, "train_job_",
	    uuid));
	assert_int_equal(0, typeid_parse(VECTOR_TYPEID, "train_job_", uuid));
	assert_int_equal(0, typeid_parse("train", "train_job_", uuid));
	assert_string_equal("kept", uuid);
}

static void
typeid_parse_refuses_other_texts(void **state)
{
	static const char *const bad[] = {
		"", "8zzzzzzzzzzzzzzzzzzzzzzzzz", "01hm6e8z20fay8vvr14d2pf2d",
		VECTOR_TYPEID "0", "01HM6E8Z20FAY8VVR14D2PF2DB",
		"01hm6e8z20fay8vvr14d2pf2di", "01hm6e8z20fay8vvr14d2pf2dl",
		"01hm6e8z20fay8vvr14d2pf2do", "01hm6e8z20fay8vvr14d2pf2du",
		"01hm6e8z20fay8vvr14d2pf2d-", " 1hm6e8z20fay8vvr14d2pf2db",
		"01hm6e8z20fay8vvr14d2pf2\xc3\xa9",
	};
	char uuid[UUID_LEN];
	size_t i;

	for (i = 0; i < UNIT_COUNT(bad); i++)
		if (typeid_parse(bad[i], "", uuid))
			fail_msg("accepted: %s", bad[i]);
}

static void
typeids_sort_like_uuids(void **state)
{
	char u1[UUID_LEN], u2[UUID_LEN], t1[TYPEID_LEN], t2[TYPEID_LEN];
	char back[UUID_LEN];
	int i;

	uuid_new(u1);
	typeid_encode(u1, t1);
	for (i = 0; i < 2000; i++) {
		uuid_new(u2);
		typeid_encode(u2, t2);
		assert_true(strcmp(t1, t2) < 0);
		assert_int_equal(1, typeid_parse(t2, "", back));
		assert_string_equal(u2, back);
		memcpy(t1, t2, sizeof(t1));
	}
}

static const char *
repeat(char c, size_t n)
{
	static char text[256];

	memset(text, c, n);
	text[n] = '\0';
	return text;
}

static void
slugs(void **state)
{
	assert_true(ident_slug("a"));
	assert_true(ident_slug("0-a-"));
	assert_true(ident_slug(repeat('a', 63)));
	assert_false(ident_slug(repeat('a', 64)));
	assert_false(ident_slug(""));
	assert_false(ident_slug("-a"));
	assert_false(ident_slug("A"));
	assert_false(ident_slug("a_b"));
	assert_false(ident_slug("a.b"));
	assert_false(ident_slug("a/b"));
	assert_false(ident_slug("\xc3\xa9"));
}

static void
artifact_names(void **state)
{
	assert_true(ident_artifact_name("qwen-2.5_x"));
	assert_true(ident_artifact_name(repeat('z', 128)));
	assert_false(ident_artifact_name(repeat('z', 129)));
	assert_false(ident_artifact_name(""));
	assert_false(ident_artifact_name(".a"));
	assert_false(ident_artifact_name("_a"));
	assert_false(ident_artifact_name("Qwen"));
	assert_false(ident_artifact_name("a/b"));
	assert_false(ident_artifact_name("a b"));
}

static void
artifact_versions(void **state)
{
	assert_true(ident_artifact_version("1.2.3-rc.1+build_5"));
	assert_true(ident_artifact_version("Latest"));
	assert_true(ident_artifact_version(repeat('1', 64)));
	assert_false(ident_artifact_version(repeat('1', 65)));
	assert_false(ident_artifact_version("latest"));
	assert_false(ident_artifact_version(""));
	assert_false(ident_artifact_version("-1"));
	assert_false(ident_artifact_version("1/2"));
	assert_false(ident_artifact_version("1@2"));
}

static void
criterion_ids(void **state)
{
	char id[512];

	assert_true(ident_criterion("crit_a"));
	assert_true(ident_criterion("crit__9_"));
	(void)snprintf(id, sizeof(id), "crit_%s", repeat('a', 60));
	assert_true(ident_criterion(id));
	(void)snprintf(id, sizeof(id), "crit_%s", repeat('a', 61));
	assert_false(ident_criterion(id));
	assert_false(ident_criterion("crit_"));
	assert_false(ident_criterion("crit_A"));
	assert_false(ident_criterion("crit_a-b"));
	assert_false(ident_criterion("Crit_a"));
	assert_false(ident_criterion("cri"));
	assert_false(ident_criterion("acrit_a"));
}

static void
judge_ids(void **state)
{
	char id[512];

	assert_true(ident_judge("jdg_" VECTOR_TYPEID));
	assert_true(ident_judge("jdg_X9"));
	(void)snprintf(id, sizeof(id), "jdg_%s", repeat('Z', 64));
	assert_true(ident_judge(id));
	(void)snprintf(id, sizeof(id), "jdg_%s", repeat('Z', 65));
	assert_false(ident_judge(id));
	assert_false(ident_judge("jdg_"));
	assert_false(ident_judge("jdg_a_b"));
	assert_false(ident_judge("jdg_a-b"));
	assert_false(ident_judge("JDG_a"));
	assert_false(ident_judge("a"));
}

static void
criterion_slugs(void **state)
{
	static const struct {
		const char	*name;
		const char	*slug;
	} v[] = {
		{ "Fluency", "crit_fluency" },
		{ "Plot & Pacing", "crit_plot_pacing" },
		{ "  --Tone of voice!! ", "crit_tone_of_voice" },
		{ "a__b", "crit_a_b" },
		{ "_a_", "crit_a" },
		{ "\xc3\x89galit\xc3\xa9", "crit_galit" },
		{ "Na\xc3\xafve", "crit_na_ve" },
		{ "100%", "crit_100" },
		{ "", "crit_7" },
		{ "???", "crit_7" },
		{ "\xe5\x93\x81\xe8\xb3\xaa", "crit_7" },
	};
	char out[66];
	size_t i;

	for (i = 0; i < UNIT_COUNT(v); i++) {
		ident_criterion_slug(v[i].name, 7, out);
		assert_string_equal(v[i].slug, out);
		assert_true(ident_criterion(out));
	}
}

static void
criterion_slug_is_cut_to_sixty(void **state)
{
	char name[512], out[66], expected[512];

	ident_criterion_slug(repeat('A', 200), 1, out);
	(void)snprintf(expected, sizeof(expected), "crit_%s",
	    repeat('a', 60));
	assert_string_equal(expected, out);
	/* Trimmed first, then cut: a gap may end at the border. */
	(void)snprintf(name, sizeof(name), "%s bb", repeat('a', 59));
	ident_criterion_slug(name, 1, out);
	(void)snprintf(expected, sizeof(expected), "crit_%s_",
	    repeat('a', 59));
	assert_string_equal(expected, out);
	(void)snprintf(name, sizeof(name), "%s  ", repeat('a', 59));
	ident_criterion_slug(name, 1, out);
	assert_int_equal(64, strlen(out));
}

static void
distances(void **state)
{
	static const struct {
		const char	*a;
		const char	*b;
		int		 limit;
		int		 d;
	} v[] = {
		{ "", "", 2, 0 },
		{ "abc", "abc", 2, 0 },
		{ "learning_rat", "learning_rate", 2, 1 },
		{ "learning_rate", "learnign_rate", 2, 1 },
		{ "learning_rate", "leraning_raet", 2, 2 },
		{ "ab", "ba", 2, 1 },
		{ "abcd", "acbd", 1, 1 },
		{ "kitten", "sitting", 5, 3 },
		{ "kitten", "sitting", 2, 3 },
		{ "ca", "abc", 5, 3 },
		{ "", "abc", 5, 3 },
		{ "", "abc", 2, 3 },
		{ "abc", "xyz", 0, 1 },
		{ "steps", "max_steps", 2, 3 },
		{ "batchsize", "batch_size", 2, 1 },
	};
	size_t i;

	for (i = 0; i < UNIT_COUNT(v); i++) {
		assert_int_equal(v[i].d, ident_distance(v[i].a, v[i].b,
		    v[i].limit));
		assert_int_equal(v[i].d, ident_distance(v[i].b, v[i].a,
		    v[i].limit));
	}
}

static void
distance_of_long_names_ends_at_its_ceiling(void **state)
{
	char a[1024], b[1024];

	memset(a, 'a', sizeof(a) - 1);
	memset(b, 'b', sizeof(b) - 1);
	a[sizeof(a) - 1] = b[sizeof(b) - 1] = '\0';
	assert_int_equal(3, ident_distance(a, b, 2));
	/* Equal beginnings and ends do not count. */
	memset(b, 'a', sizeof(b) - 1);
	b[500] = 'b';
	assert_int_equal(1, ident_distance(a, b, 2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uuid_has_version_seven_and_this_time),
		cmocka_unit_test(uuids_of_a_thread_rise),
		cmocka_unit_test(uuids_step_by_random_amounts),
		cmocka_unit_test(uuids_of_threads_differ),
		cmocka_unit_test(uuid_parse_lowers_and_refuses),
		cmocka_unit_test(typeid_follows_the_vectors),
		cmocka_unit_test(typeid_parse_wants_its_prefix),
		cmocka_unit_test(typeid_parse_refuses_other_texts),
		cmocka_unit_test(typeids_sort_like_uuids),
		cmocka_unit_test(slugs),
		cmocka_unit_test(artifact_names),
		cmocka_unit_test(artifact_versions),
		cmocka_unit_test(criterion_ids),
		cmocka_unit_test(judge_ids),
		cmocka_unit_test(criterion_slugs),
		cmocka_unit_test(criterion_slug_is_cut_to_sixty),
		cmocka_unit_test(distances),
		cmocka_unit_test(distance_of_long_names_ends_at_its_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
