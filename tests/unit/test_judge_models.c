/* SPDX-License-Identifier: BSD-2-Clause */
/* Judge versions in memory: loaded once, shared, bounded, never half. */
#include "config.h"

#include <limits.h>
#include <pthread.h>

#include "pg.h"

#include "domain/blob.h"
#include "domain/judge_models.h"
#include "judge/file.h"
#include "judge/model_int.h"
#include "util/arena.h"
#include "util/hash.h"

#define ORG	"018d0ce4-7c40-7abc-8def-000000000001"
#define ANN	"018d0ce4-7c40-7abc-8def-000000000002"
#define WS	"018d0ce4-7c40-7abc-8def-000000000003"
#define SEVERAL	8

static struct arena *arena;
static struct db *db;
static char dir[PATH_MAX];

/* Two judges with a version each, and a folder for blobs. */
static const struct {
	const char	*id, *version, *key;
} judges[] = {
	{ "018d0ce4-7c40-7abc-8def-0000000000a1",
	    "018d0ce4-7c40-7abc-8def-0000000000b1", "jdg_one" },
	{ "018d0ce4-7c40-7abc-8def-0000000000a2",
	    "018d0ce4-7c40-7abc-8def-0000000000b2", "jdg_two" },
};

static int
group_setup(void **state)
{
	struct criterion c[] = { { "crit_clarity", "Clarity", NULL, 1 },
	    { "crit_accuracy", "Accuracy", "d", 2.5 } };
	const struct actor who = { WS, ORG, ANN, "r" };
	struct judge j = { .name = "n", .description = "d",
	    .content_type = "text", .criterion = c, .ncriteria = 2 };
	size_t i;

	arena = arena_new(65536);
	pg_do("insert into trainyard.organization (id, key, name, "
	    "webhook_secret) values ('" ORG "', 'acme', 'Acme', 's');"
	    "insert into trainyard.account (id, email, username) values ('"
	    ANN "', 'ann@acme.example', 'ann');"
	    "insert into trainyard.workspace (id, organization_id, key, name) "
	    "values ('" WS "', '" ORG "', 'main', 'Main');");
	db = pg_open(4000);
	for (i = 0; i < UNIT_COUNT(judges); i++) {
		j.id = judges[i].id;
		j.key = judges[i].key;
		assert_int_equal(ERR_OK, store_judge_create(db, arena, &who,
		    judges[i].version, "s", &j));
	}
	(void)snprintf(dir, sizeof(dir), "%s/data-XXXXXX",
	    getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(0, blob_init(dir));
	return 0;
}

static int
group_teardown(void **state)
{
	char cmd[PATH_MAX + 16];

	db_close(db);
	arena_free(arena);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	return system(cmd);
}

/* The bytes of a model that adds `shift` to the first criterion. */
static void
model_blob(double shift, char hex[SHA256_HEX_LEN])
{
	struct judge_model *m = model_new(2, 1, 0);
	char path[PATH_MAX], *data;
	struct blob_in *in;
	int64_t size;
	size_t len;

	(void)snprintf(m->id[0], MODEL_ID_LEN, "crit_clarity");
	(void)snprintf(m->id[1], MODEL_ID_LEN, "crit_accuracy");
	(void)snprintf(m->origin.judge_id, MODEL_ID_LEN, "jdg_one");
	(void)snprintf(m->origin.training_type,
	    sizeof(m->origin.training_type), "incremental");
	m->state = xcalloc(2, sizeof(*m->state));
	m->dense_seen = xcalloc(2 * m->nd, sizeof(*m->dense_seen));
	m->gram_seen = xcalloc(1, sizeof(*m->gram_seen));
	m->dense[0] = shift;
	assert_true((size_t)snprintf(path, sizeof(path), "%s/model", dir) <
	    sizeof(path));
	assert_int_equal(0, model_save(m, path));
	judge_model_free(m);
	data = file_read(path, 1 << 20, &len);
	assert_non_null(data);
	assert_int_equal(ERR_OK, blob_begin(dir, &in));
	assert_int_equal(ERR_OK, blob_add(in, data, len));
	assert_int_equal(ERR_OK, blob_commit(&in, NULL, hex, &size));
	free(data);
}

static const struct judge_snapshot *
hold(struct judge_models *m, int i)
{
	const struct judge_snapshot *s;

	assert_int_equal(ERR_OK, judge_models_hold(m, db, arena, WS,
	    judges[i].id, 1, judges[i].version, &s));
	return s;
}

static double
clarity(const struct judge_snapshot *s, const struct judge_model *model)
{
	const double raw[] = { 50, 50 };
	struct judge_input in = { .ncriteria = s->n, .criterion_ids = s->id,
	    .raw = raw };
	double out[2];

	assert_int_equal(0, judge_model_score(model, arena, &in, out));
	return out[0];
}

static void
criteria_come_in_order(void **state)
{
	struct judge_models *m = judge_models_new(dir, 1 << 20);
	const struct judge_snapshot *s = hold(m, 0);

	assert_int_equal(2, s->n);
	assert_string_equal("crit_clarity", s->id[0]);
	assert_string_equal("Clarity", s->name[0]);
	assert_string_equal("crit_accuracy", s->id[1]);
	assert_true(s->weight[1] == 2.5);
	judge_models_drop(m, s);
	judge_models_free(m);
}

static void
version_without_model_has_none(void **state)
{
	struct judge_models *m = judge_models_new(dir, 1 << 20);
	const struct judge_snapshot *s = hold(m, 0);
	const struct judge_model *model;

	assert_int_equal(ERR_OK, judge_models_model(m, s, "", &model));
	assert_null(model);
	judge_models_drop(m, s);
	judge_models_free(m);
}

static void
model_is_loaded_once(void **state)
{
	struct judge_models *m = judge_models_new(dir, 1 << 20);
	const struct judge_snapshot *s, *again;
	const struct judge_model *model, *same;
	char hex[SHA256_HEX_LEN], path[PATH_MAX];

	model_blob(7, hex);
	s = hold(m, 0);
	assert_int_equal(ERR_OK, judge_models_model(m, s, hex, &model));
	assert_true(clarity(s, model) == 57);
	judge_models_drop(m, s);
	/* it stays although nobody holds it and its file is gone */
	assert_int_equal(0, blob_path(dir, hex, path, sizeof(path)));
	assert_int_equal(0, unlink(path));
	again = hold(m, 0);
	assert_ptr_equal(s, again);
	assert_int_equal(ERR_OK, judge_models_model(m, again, hex, &same));
	assert_ptr_equal(model, same);
	judge_models_drop(m, again);
	judge_models_free(m);
}

static void
missing_file_is_an_error_until_it_is_there(void **state)
{
	struct judge_models *m = judge_models_new(dir, 1 << 20);
	const struct judge_snapshot *s = hold(m, 0);
	const struct judge_model *model;
	char hex[SHA256_HEX_LEN], path[PATH_MAX];

	model_blob(8, hex);
	assert_int_equal(0, blob_path(dir, hex, path, sizeof(path)));
	assert_int_equal(0, unlink(path));
	assert_int_equal(ERR_INTERNAL, judge_models_model(m, s, hex, &model));
	assert_null(model);
	model_blob(8, hex);
	assert_int_equal(ERR_OK, judge_models_model(m, s, hex, &model));
	assert_true(clarity(s, model) == 58);
	judge_models_drop(m, s);
	judge_models_free(m);
}

static void
damaged_file_is_an_error(void **state)
{
	struct judge_models *m = judge_models_new(dir, 1 << 20);
	const struct judge_snapshot *s = hold(m, 0);
	const struct judge_model *model;
	char hex[SHA256_HEX_LEN], path[PATH_MAX];
	FILE *f;

	model_blob(9, hex);
	assert_int_equal(0, blob_path(dir, hex, path, sizeof(path)));
	assert_non_null(f = fopen(path, "r+"));
	assert_int_equal(0, fseek(f, 100, SEEK_SET));
	assert_true(fputc(0xff, f) != EOF);
	assert_int_equal(0, fclose(f));
	assert_int_equal(ERR_INTERNAL, judge_models_model(m, s, hex, &model));
	assert_null(model);
	judge_models_drop(m, s);
	judge_models_free(m);
	assert_int_equal(0, unlink(path));
}

static void
unknown_version_is_an_error(void **state)
{
	struct judge_models *m = judge_models_new(dir, 1 << 20);
	const struct judge_snapshot *s;

	assert_int_equal(ERR_INTERNAL, judge_models_hold(m, db, arena, WS,
	    judges[0].id, 99, ANN, &s));
	assert_int_equal(0, judge_models_size(m));
	judge_models_free(m);
}

static void
what_nobody_holds_goes_when_room_is_short(void **state)
{
	struct judge_models *m = judge_models_new(dir, 0);
	const struct judge_snapshot *one, *two;
	const struct judge_model *model;
	char hex[SHA256_HEX_LEN];
	size_t with_one;

	model_blob(5, hex);
	one = hold(m, 0);
	with_one = judge_models_size(m);
	assert_true(with_one > 0);
	two = hold(m, 1);
	/* both are over the bound, and both are in use */
	assert_true(judge_models_size(m) > with_one);
	assert_int_equal(ERR_OK, judge_models_model(m, one, hex, &model));
	judge_models_drop(m, two);
	assert_true(clarity(one, model) == 55);
	judge_models_drop(m, one);
	assert_int_equal(0, judge_models_size(m));
	judge_models_free(m);
}

static void
one_unused_for_longest_goes_first(void **state)
{
	struct judge_models *m = judge_models_new(dir, 1 << 20), *narrow;
	const struct judge_snapshot *one, *two;
	size_t both;

	one = hold(m, 0);
	two = hold(m, 1);
	both = judge_models_size(m);
	judge_models_drop(m, one);
	judge_models_drop(m, two);
	judge_models_free(m);

	narrow = judge_models_new(dir, both - 1);
	two = hold(narrow, 1);
	judge_models_drop(narrow, two);
	one = hold(narrow, 0);
	judge_models_drop(narrow, one);
	/* the first one is still the same, no other was made for it */
	assert_true(judge_models_size(narrow) < both);
	assert_ptr_equal(one, hold(narrow, 0));
	judge_models_drop(narrow, one);
	judge_models_free(narrow);
}

struct racer {
	struct judge_models		*models;
	pthread_barrier_t		*start;
	const char			*hex;
	const struct judge_snapshot	*snapshot;
	const struct judge_model	*model;
	enum err			 err;
};

static void *
race(void *arg)
{
	struct racer *r = arg;
	struct arena *own = arena_new(4096);
	struct db *mine = NULL;

	r->err = db_open(pg_dsn(), "test", 4000, &mine);
	(void)pthread_barrier_wait(r->start);
	if (r->err == ERR_OK)
		r->err = judge_models_hold(r->models, mine, own, WS,
		    judges[0].id, 1, judges[0].version, &r->snapshot);
	if (r->err == ERR_OK)
		r->err = judge_models_model(r->models, r->snapshot, r->hex,
		    &r->model);
	db_close(mine);
	arena_free(own);
	return NULL;
}

static void
threads_that_come_together_share_one(void **state)
{
	struct judge_models *m = judge_models_new(dir, 0);
	pthread_t thread[SEVERAL];
	struct racer r[SEVERAL];
	pthread_barrier_t start;
	char hex[SHA256_HEX_LEN];
	int i;

	model_blob(3, hex);
	assert_int_equal(0, pthread_barrier_init(&start, NULL, SEVERAL));
	for (i = 0; i < SEVERAL; i++) {
		r[i] = (struct racer){ m, &start, hex, NULL, NULL, ERR_OK };
		assert_int_equal(0, pthread_create(&thread[i], NULL, race,
		    &r[i]));
	}
	for (i = 0; i < SEVERAL; i++)
		assert_int_equal(0, pthread_join(thread[i], NULL));
	for (i = 0; i < SEVERAL; i++) {
		assert_int_equal(ERR_OK, r[i].err);
		assert_ptr_equal(r[0].snapshot, r[i].snapshot);
		assert_ptr_equal(r[0].model, r[i].model);
	}
	for (i = 0; i < SEVERAL; i++)
		judge_models_drop(m, r[i].snapshot);
	assert_int_equal(0, judge_models_size(m));
	assert_int_equal(0, pthread_barrier_destroy(&start));
	judge_models_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(criteria_come_in_order),
		cmocka_unit_test(version_without_model_has_none),
		cmocka_unit_test(model_is_loaded_once),
		cmocka_unit_test(missing_file_is_an_error_until_it_is_there),
		cmocka_unit_test(damaged_file_is_an_error),
		cmocka_unit_test(unknown_version_is_an_error),
		cmocka_unit_test(what_nobody_holds_goes_when_room_is_short),
		cmocka_unit_test(one_unused_for_longest_goes_first),
		cmocka_unit_test(threads_that_come_together_share_one),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
