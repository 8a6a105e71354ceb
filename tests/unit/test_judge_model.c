/* SPDX-License-Identifier: BSD-2-Clause */
/* Scoring, and the model file: what comes back and what is refused. */
#include "config.h"

#include "judge_case.h"

#include <sys/stat.h>

#include "judge/file.h"
#include "judge/model_int.h"
#include "util/hash.h"

static const char *const ids[] = { "crit_a", "crit_b" };

struct fixture {
	struct arena		*arena;
	struct judge_model	*full;
	uint8_t			*bytes;
	size_t			 len;
	char			 path[64];
};

static int
setup(void **state)
{
	struct fixture *x = xcalloc(1, sizeof(*x));
	struct judge_case k;

	case_init(&k, TRAIN_FULL, 2, 1);
	case_fill(&k, 120);
	x->full = case_model(&k, NULL);
	case_fini(&k);
	x->arena = arena_new(1 << 16);
	snprintf(x->path, sizeof(x->path), "judge-model.%ld",
	    (long)getpid());
	assert_int_equal(0, model_save(x->full, x->path));
	assert_non_null(x->bytes = file_read(x->path, 1 << 26, &x->len));
	*state = x;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *x = *state;

	(void)unlink(x->path);
	judge_model_free(x->full);
	arena_free(x->arena);
	free(x->bytes);
	free(x);
	return 0;
}

static int
score(struct fixture *x, const struct judge_model *m, const char *content,
    const double *raw, double *out)
{
	struct judge_input in = { content, content != NULL ? strlen(content) :
	    0, 1, 2, ids, raw };

	return judge_model_score(m, x->arena, &in, out);
}

static void
version_one_keeps_raw_scores(void **state)
{
	const double raw[] = { 82, 64.5 }, part[] = { NAN, 64.5 };
	const double none[] = { NAN, NAN };
	double out[2] = { -1, -1 };

	assert_int_equal(0, score(*state, NULL, "text", raw, out));
	assert_true(out[0] == 82 && out[1] == 64.5);
	assert_int_equal(0, score(*state, NULL, NULL, part, out));
	assert_true(out[0] == 64.5 && out[1] == 64.5);
	out[0] = out[1] = -1;
	assert_int_equal(-1, score(*state, NULL, NULL, none, out));
	assert_true(out[0] == -1 && out[1] == -1);
}

static void
a_trained_model_moves_scores(void **state)
{
	struct fixture *x = *state;
	const double raw[] = { 80, 80 };
	double plain[2], sorry[2];

	score(x, x->full, "we can help you with the router", raw, plain);
	score(x, x->full, "we can help sorry with the router", raw, sorry);
	assert_true(plain[0] < 65 && plain[1] < plain[0]);
	assert_true(sorry[0] < plain[0] - 5);
}

static void
the_file_brings_back_every_bit(void **state)
{
	struct fixture *x = *state;
	struct judge_model *m, *full = NULL;
	char why[128];
	size_t cells = (size_t)x->full->nc * x->full->nd;
	const double raw[] = { 71, 33 };
	double a[2], b[2];

	assert_non_null(m = judge_model_load(x->path, why, sizeof(why)));
	assert_memory_equal(m->dense, x->full->dense, cells * sizeof(double));
	assert_int_equal(m->nb, x->full->nb);
	assert_memory_equal(m->gram, x->full->gram, m->nb * 2 *
	    sizeof(float));
	assert_memory_equal(m->used, x->full->used, MODEL_WORDS * 8);
	score(x, x->full, "please wait until lights turn green", raw, a);
	score(x, m, "please wait until lights turn green", raw, b);
	assert_true(a[0] == b[0] && a[1] == b[1]);
	assert_non_null(full = model_load_full(x->path, why, sizeof(why)));
	assert_memory_equal(full->state, x->full->state, 2 *
	    sizeof(*full->state));
	assert_memory_equal(full->dense_seen, x->full->dense_seen, cells *
	    sizeof(double));
	assert_memory_equal(&full->origin, &x->full->origin,
	    sizeof(full->origin));
	assert_string_equal("jdg_case", full->origin.judge_id);
	judge_model_free(m);
	judge_model_free(full);
}

static void
saving_what_was_loaded_gives_the_same_bytes(void **state)
{
	struct fixture *x = *state;
	struct judge_model *m;
	char why[128], path[80];
	uint8_t *bytes;
	size_t len;

	m = model_parse_full(x->bytes, x->len, why, sizeof(why));
	assert_non_null(m);
	snprintf(path, sizeof(path), "%s.again", x->path);
	assert_int_equal(0, model_save(m, path));
	assert_non_null(bytes = file_read(path, 1 << 26, &len));
	assert_int_equal(x->len, len);
	assert_memory_equal(x->bytes, bytes, len);
	(void)unlink(path);
	free(bytes);
	judge_model_free(m);
}

static void
criteria_are_matched_by_id(void **state)
{
	static const char *const mixed[] = { "crit_new", "crit_b", "crit_a" };
	struct fixture *x = *state;
	const double raw[] = { 50, 30, 90 }, same[] = { 90, 30 };
	struct judge_input in = { NULL, 0, 1, 3, mixed, raw };
	double out[3], want[2];

	assert_int_equal(0, judge_model_score(x->full, x->arena, &in, out));
	score(x, x->full, NULL, same, want);
	assert_true(out[0] == 50);
	assert_true(out[1] == want[1] && out[2] == want[0]);
}

static void
content_counts_for_text_judges_only(void **state)
{
	struct fixture *x = *state;
	const double raw[] = { 80, 80 };
	struct judge_input in = { "so sorry sorry", 14, 0, 2, ids, raw };
	double with[2], without[2];

	judge_model_score(x->full, x->arena, &in, with);
	score(x, x->full, NULL, raw, without);
	assert_true(with[0] == without[0]);
	score(x, x->full, "so sorry sorry", raw, with);
	assert_true(with[0] != without[0]);
}

static void
scores_stay_on_the_scale(void **state)
{
	struct fixture *x = *state;
	struct judge_model *m = model_new(2, 0, 0);
	const double raw[] = { 40, 60 };
	double out[2];

	memcpy(m->id[0], "crit_a", 7);
	memcpy(m->id[1], "crit_b", 7);
	m->dense[0] = -500;
	m->dense[m->nd] = 500;
	score(x, m, NULL, raw, out);
	assert_true(out[0] == 0 && out[1] == 100);
	judge_model_free(m);
}

static void
the_overall_score_is_the_weighted_mean(void **state)
{
	const double w[] = { 1, 2 }, s[] = { 82, 64.5 };

	(void)state;
	assert_true(fabs(judge_overall(w, s, 2) - 211.0 / 3) < 1e-12);
}

static void
a_model_without_text_is_small(void **state)
{
	struct judge_model *m = model_new(6, 1, 0);

	(void)state;
	assert_true(judge_model_size(m) < 4096);
	judge_model_free(m);
	/* A few buckets cost their index and nothing else. */
	m = model_new(6, 1, 100);
	assert_true(judge_model_size(m) < 64 * 1024);
	judge_model_free(m);
}

static const char *
refusal(const void *bytes, size_t len)
{
	static char why[128];
	struct judge_model *m;

	why[0] = '\0';
	m = judge_model_parse(bytes, len, why, sizeof(why));
	if (m == NULL)
		return why;
	judge_model_free(m);
	return NULL;
}

/* Puts the checksum right, as somebody who made the file up would. */
static const char *
forged(const void *bytes, size_t len)
{
	uint8_t *copy = xcalloc(len, 1);
	const char *why;

	memcpy(copy, bytes, len);
	sha256(copy, len - SHA256_LEN, copy + len - SHA256_LEN);
	why = refusal(copy, len);
	free(copy);
	return why;
}

static void
damage_is_refused(void **state)
{
	struct fixture *x = *state;
	uint8_t *copy = xcalloc(x->len, 1);
	size_t i;

	assert_null(refusal(x->bytes, x->len));
	for (i = 0; i < x->len; i += 1 + x->len / 997) {
		memcpy(copy, x->bytes, x->len);
		copy[i] ^= 0x10;
		assert_non_null(refusal(copy, x->len));
	}
	for (i = 0; i < x->len; i += 1 + x->len / 499) {
		assert_non_null(refusal(x->bytes, i));
		if (i > SHA256_LEN + 12)
			assert_non_null(forged(x->bytes, i));
	}
	free(copy);
}

static void
forged_files_are_refused(void **state)
{
	struct fixture *x = *state;
	uint8_t *copy = xcalloc(x->len, 1);
	static const struct {
		size_t at;
		uint8_t bytes[4];
		size_t n;
	} t[] = {
		{ 8, { 3, 0, 0, 0 }, 4 },		/* version */
		{ 8, { 0, 0, 0, 0 }, 4 },
		{ 12, { 17 }, 1 },			/* bits */
		{ 13, { 2 }, 1 },			/* is_text */
		{ 13, { 0 }, 1 },			/* grams, no text */
		{ 14, { 0, 0 }, 2 },			/* no criteria */
		{ 14, { 51, 0 }, 2 },			/* too many */
		{ 14, { 3, 0 }, 2 },			/* one more */
		{ 16, { 255, 255, 255, 255 }, 4 },	/* buckets */
		{ 16, { 0, 0, 4, 0 }, 4 },
		{ 20, { 255, 255 }, 2 },		/* judge id */
		{ 20, { 0, 0 }, 2 },
		{ 22, { 0 }, 1 },			/* NUL in it */
	};
	size_t i;

	for (i = 0; i < UNIT_COUNT(t); i++) {
		memcpy(copy, x->bytes, x->len);
		memcpy(copy + t[i].at, t[i].bytes, t[i].n);
		assert_non_null(forged(copy, x->len));
	}
	free(copy);
}

/* Where criterion c's map stands in a file whose maps are all straight. */
static size_t
map_at(const struct fixture *x, int c)
{
	size_t at = 20 + 2 + strlen("jdg_case") + 2 +
	    strlen("full_retrain") + 28;

	(void)x;
	return at + (size_t)(c + 1) * (2 + strlen("crit_a") + 7 * 8) +
	    (size_t)c * 3;
}

/* Version 1 had no maps, and nothing else was different. */
static void
the_version_before_is_still_read(void **state)
{
	struct fixture *x = *state;
	const double raw[] = { 80, 30 };
	uint8_t *old = xcalloc(x->len, 1);
	struct judge_model *m, *full = NULL;
	double now[2], then[2];
	size_t from = 0, n = 0, at;
	char why[128];
	int c;

	for (c = 0; c < 2; c++) {
		at = map_at(x, c);
		assert_memory_equal("\0\0\0", x->bytes + at, 3);
		memcpy(old + n, x->bytes + from, at - from);
		n += at - from;
		from = at + 3;
	}
	memcpy(old + n, x->bytes + from, x->len - from);
	n += x->len - from;
	old[8] = 1;
	sha256(old, n - SHA256_LEN, old + n - SHA256_LEN);
	if ((m = judge_model_parse(old, n, why, sizeof(why))) == NULL ||
	    (full = model_parse_full(old, n, why, sizeof(why))) == NULL)
		fail_msg("%s", why);
	score(x, x->full, "we can help sorry", raw, now);
	score(x, m, "we can help sorry", raw, then);
	assert_memory_equal(now, then, sizeof(now));
	assert_true(models_equal(x->full, full));
	judge_model_free(m);
	judge_model_free(full);
	free(old);
}

static void
maps_come_back_and_shape_scores(void **state)
{
	struct fixture *x = *state;
	struct judge_model *m, *back;
	struct score_map map = { MAP_STEPS, 3, { 20, 60, 70 },
	    { 10, 10, 90 } };
	struct score_map curve = { MAP_LOGISTIC, 1, { -5 }, { 0.1 } };
	char why[128], path[80];

	snprintf(path, sizeof(path), "%s.map", x->path);
	m = model_parse_full(x->bytes, x->len, why, sizeof(why));
	model_map_set(m, 0, &map);
	model_map_set(m, 1, &curve);
	assert_int_equal(0, model_save(m, path));
	assert_non_null(back = judge_model_load(path, why, sizeof(why)));
	assert_true(model_score(back, 0, -7) == 10);
	assert_true(model_score(back, 0, 40) == 10);
	assert_true(fabs(model_score(back, 0, 65) - 50) < 1e-9);
	assert_true(model_score(back, 0, 400) == 90);
	assert_true(fabs(model_score(back, 1, 50) - 50) < 1e-9);
	assert_true(fabs(model_score(back, 1, 70) - 100 / (1 + exp(-2))) <
	    1e-9);
	judge_model_free(back);
	judge_model_free(m);
	(void)unlink(path);
}

static void
maps_that_fall_are_refused(void **state)
{
	struct fixture *x = *state;
	static const struct score_map bad[] = {
		{ MAP_STEPS, 2, { 20, 60 }, { 50, 40 } },
		{ MAP_STEPS, 2, { 60, 60 }, { 40, 50 } },
		{ MAP_STEPS, 2, { 20, NAN }, { 40, 50 } },
		{ MAP_STEPS, 0, { 0 }, { 0 } },
		{ MAP_STRAIGHT, 1, { 1 }, { 1 } },
		{ MAP_LOGISTIC, 1, { 0 }, { -1 } },
		{ MAP_LOGISTIC, 2, { 0, 1 }, { 0, 1 } },
		{ MAP_LOGISTIC + 1, 1, { 0 }, { 1 } },
	};
	struct judge_model *m;
	char why[128], path[80];
	size_t i;

	snprintf(path, sizeof(path), "%s.map", x->path);
	for (i = 0; i < UNIT_COUNT(bad); i++) {
		m = model_parse_full(x->bytes, x->len, why, sizeof(why));
		m->map = xcalloc(2, sizeof(*m->map));
		m->map[1] = bad[i];
		assert_int_equal(0, model_save(m, path));
		judge_model_free(m);
		assert_null(judge_model_load(path, why, sizeof(why)));
		assert_string_equal("the body is malformed", why);
	}
	(void)unlink(path);
}

static void
weights_must_be_finite(void **state)
{
	struct fixture *x = *state;
	struct judge_model *m;
	char why[128], path[80];
	static const double bad[] = { NAN, INFINITY, -1e10 };
	size_t i;

	snprintf(path, sizeof(path), "%s.bad", x->path);
	for (i = 0; i < UNIT_COUNT(bad); i++) {
		m = model_parse_full(x->bytes, x->len, why, sizeof(why));
		m->dense[3] = bad[i];
		assert_int_equal(0, model_save(m, path));
		assert_null(judge_model_load(path, why, sizeof(why)));
		assert_string_equal("the body is malformed", why);
		m->dense[3] = 0;
		m->gram[5] = (float)bad[i];
		assert_int_equal(0, model_save(m, path));
		assert_null(judge_model_load(path, why, sizeof(why)));
		judge_model_free(m);
	}
	(void)unlink(path);
}

static void
files_that_cannot_be_read_are_told(void **state)
{
	char why[128];

	(void)state;
	assert_null(judge_model_load("/nonexistent/model", why, sizeof(why)));
	assert_string_equal("could not read the file: No such file or"
	    " directory", why);
	assert_null(judge_model_load("/dev/zero", why, sizeof(why)));
	assert_non_null(strstr(why, "could not read the file"));
}

static void
a_failed_save_leaves_nothing(void **state)
{
	struct fixture *x = *state;
	struct stat st;
	char path[80];

	assert_int_equal(-1, model_save(x->full, "/nonexistent/model"));
	/* The target is a folder: the rename fails after the write. */
	snprintf(path, sizeof(path), "%s.d", x->path);
	assert_int_equal(0, mkdir(path, 0700));
	assert_int_equal(-1, file_publish(path, "x", 1));
	assert_int_equal(0, rmdir(path));
	snprintf(path, sizeof(path), "%s.d.tmp", x->path);
	assert_int_equal(-1, stat(path, &st));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_one_keeps_raw_scores),
		cmocka_unit_test(a_trained_model_moves_scores),
		cmocka_unit_test(the_file_brings_back_every_bit),
		cmocka_unit_test(saving_what_was_loaded_gives_the_same_bytes),
		cmocka_unit_test(criteria_are_matched_by_id),
		cmocka_unit_test(content_counts_for_text_judges_only),
		cmocka_unit_test(scores_stay_on_the_scale),
		cmocka_unit_test(the_overall_score_is_the_weighted_mean),
		cmocka_unit_test(a_model_without_text_is_small),
		cmocka_unit_test(damage_is_refused),
		cmocka_unit_test(forged_files_are_refused),
		cmocka_unit_test(the_version_before_is_still_read),
		cmocka_unit_test(maps_come_back_and_shape_scores),
		cmocka_unit_test(maps_that_fall_are_refused),
		cmocka_unit_test(weights_must_be_finite),
		cmocka_unit_test(files_that_cannot_be_read_are_told),
		cmocka_unit_test(a_failed_save_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
