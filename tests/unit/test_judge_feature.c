/* SPDX-License-Identifier: BSD-2-Clause */
/* What a head sees of scores and texts. */
#include "config.h"

#include "unit.h"

#include <math.h>

#include "judge/feature.h"
#include "util/arena.h"

static int
setup(void **state)
{
	*state = arena_new(1 << 16);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static struct feature_text
take(struct arena *a, const char *text)
{
	struct feature_text t;

	feature_text(a, text, strlen(text), &t);
	return t;
}

static int
near(double a, double b)
{
	return fabs(a - b) < 1e-6;
}

static double
length(const uint32_t *gram, size_t n, float scale)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += (double)scale * (double)scale * GRAM_COUNT(gram[i]);
	return sum;
}

static void
dense_features_have_their_places(void **state)
{
	const double raw[] = { 100, NAN, 25 };
	struct feature_text text = { .stat = { 0.5, -1, 2 } };
	const double want[] = { 1, 1, 0, -0.5, 0, 1, 0, 0.5, -1, 2 };
	double x[10];
	size_t i;

	assert_int_equal(10, feature_ndense(3));
	feature_dense(raw, 3, &text, x);
	for (i = 0; i < 10; i++)
		assert_true(near(want[i], x[i]));
	feature_dense(raw, 3, NULL, x);
	for (i = 7; i < 10; i++)
		assert_true(x[i] == 0);
	assert_int_equal(2, feature_raw_at(1));
	assert_int_equal(5, feature_missing_at(3, 1));
	assert_int_equal(9, feature_stat_at(3, 2));
}

static void
a_missing_base_is_the_mean_of_the_given(void **state)
{
	const double raw[] = { 80, NAN, 50 }, none[] = { NAN, NAN };
	double base[3] = { -1, -1, -1 };

	assert_int_equal(0, feature_base(raw, 3, base));
	assert_true(base[0] == 80 && base[1] == 65 && base[2] == 50);
	assert_int_equal(-1, feature_base(none, 2, base));
	assert_true(base[0] == 80);
}

static void
a_text_has_length_one_whatever_its_size(void **state)
{
	static const char *const texts[] = {
		"a", "one two", "The quick brown fox jumps over the lazy dog.",
		"la la la la la la la la la la la la la la la la la la la",
	};
	struct feature_text t;
	size_t i;

	for (i = 0; i < UNIT_COUNT(texts); i++) {
		t = take(*state, texts[i]);
		assert_true(near(0.5, length(t.gram, t.nchar, t.char_scale)));
		assert_true(near(0.5, length(t.gram + t.nchar, t.nword,
		    t.word_scale)));
	}
}

static void
grams_are_sorted_unique_and_counted(void **state)
{
	struct feature_text t = take(*state, "ab ab ab cd ab");
	uint32_t i, sum = 0, most = 0;

	for (i = t.nchar; i < t.nchar + t.nword; i++) {
		if (i > t.nchar)
			assert_true(GRAM_BUCKET(t.gram[i - 1]) <
			    GRAM_BUCKET(t.gram[i]));
		assert_true(GRAM_BUCKET(t.gram[i]) < FEATURE_BUCKETS);
		sum += GRAM_COUNT(t.gram[i]);
		if (GRAM_COUNT(t.gram[i]) > most)
			most = GRAM_COUNT(t.gram[i]);
	}
	/* ab four times, cd; then ab ab twice, ab cd, cd ab. */
	assert_int_equal(5, t.nword);
	assert_int_equal(9, sum);
	assert_int_equal(4, most);
	/* " ab cd " has 5 + 4 + 3 character n-grams. */
	t = take(*state, "ab cd");
	assert_int_equal(12, t.nchar);
}

static void
case_and_white_space_do_not_matter(void **state)
{
	struct feature_text a = take(*state, "Hello World again");
	struct feature_text b = take(*state, " hello\n\tWORLD  again\xc2\xa0");

	assert_int_equal(a.nchar, b.nchar);
	assert_int_equal(a.nword, b.nword);
	assert_memory_equal(a.gram, b.gram, (a.nchar + a.nword) *
	    sizeof(*a.gram));
	assert_true(a.stat[1] == b.stat[1] && a.stat[2] == b.stat[2]);
}

static size_t
shared(const struct feature_text *a, const struct feature_text *b)
{
	size_t i, j, n = 0;

	for (i = 0; i < a->nchar + a->nword; i++)
		for (j = 0; j < b->nchar + b->nword; j++)
			n += a->gram[i] == b->gram[j];
	return n;
}

static void
similar_texts_share_grams_and_others_do_not(void **state)
{
	struct feature_text a = take(*state, "the router is restarting");
	struct feature_text b = take(*state, "the router was restarting");
	struct feature_text c = take(*state, "quiz gym zebu folk pyx");

	assert_true(shared(&a, &b) > (a.nchar + a.nword) / 2);
	assert_in_range(shared(&a, &c), 0, 2);
}

static void
text_statistics_grow_with_the_text(void **state)
{
	char longer[801];
	struct feature_text s = take(*state, "some few words"), l, w;
	size_t i;

	for (i = 0; i < 800; i++)
		longer[i] = "abcd "[i % 5];
	longer[800] = '\0';
	l = take(*state, longer);
	assert_true(s.stat[0] < l.stat[0] && s.stat[1] < l.stat[1]);
	w = take(*state, "incomprehensibilities notwithstanding");
	assert_true(w.stat[2] > l.stat[2]);
}

static void
any_bytes_and_sizes_are_taken(void **state)
{
	struct feature_text t;
	char *big;
	size_t i, n = 200000;

	t = take(*state, "");
	assert_int_equal(0, t.nchar + t.nword);
	assert_true(t.stat[2] == 0);
	t = take(*state, "\xff\xc0\x80\xed\xa0\x80");
	assert_true(t.nchar > 0);
	feature_text(*state, "a\0b", 3, &t);
	assert_int_equal(3, t.nword);
	big = arena_alloc(*state, n);
	memset(big, 'a', n);
	feature_text(*state, big, n, &t);
	/* Counts stop at 255, and the length is one all the same. */
	assert_true(near(0.5, length(t.gram, t.nchar, t.char_scale)));
	for (i = 0; i < n; i++)
		big[i] = i % 2 ? ' ' : (char)('a' + i % 26);
	feature_text(*state, big, n, &t);
	assert_true(near(0.5, length(t.gram + t.nchar, t.nword,
	    t.word_scale)));
	for (i = 0; i < FEATURE_STATS; i++)
		assert_true(fabs(t.stat[i]) <= 3);
}

/*
 * Models outlive builds: a hash that changes makes every stored one useless,
 * so these numbers may change only with the model file's version.
 */
static void
buckets_stay_what_they_are(void **state)
{
	struct feature_text t = take(*state, "sorry");
	uint32_t i, sum = 0;

	assert_int_equal(1, t.nword);
	assert_int_equal(221825, GRAM_BUCKET(t.gram[t.nchar]));
	for (i = 0; i < t.nchar; i++)
		sum = sum * 31 + GRAM_BUCKET(t.gram[i]);
	assert_int_equal(950999645, sum);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dense_features_have_their_places),
		cmocka_unit_test(a_missing_base_is_the_mean_of_the_given),
		cmocka_unit_test(a_text_has_length_one_whatever_its_size),
		cmocka_unit_test(grams_are_sorted_unique_and_counted),
		cmocka_unit_test(case_and_white_space_do_not_matter),
		cmocka_unit_test(similar_texts_share_grams_and_others_do_not),
		cmocka_unit_test(text_statistics_grow_with_the_text),
		cmocka_unit_test(any_bytes_and_sizes_are_taken),
		cmocka_unit_test(buckets_stay_what_they_are),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
