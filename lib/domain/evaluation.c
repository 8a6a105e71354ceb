/* SPDX-License-Identifier: BSD-2-Clause */
/* Evaluations: rules, scoring, batches. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "domain/evaluation.h"
#include "domain/judge.h"
#include "domain/schema.h"
#include "domain/view.h"
#include "judge/group.h"
#include "util/log.h"
#include "util/ts.h"

enum err
scorer_open(struct judge_models *models, struct db *db, struct arena *a,
    const char *workspace_id, const char *judge_key, struct scorer *s)
{
	enum err	err;

	memset(s, 0, sizeof(*s));
	s->key = judge_key;
	err = store_judge_find(db, workspace_id, judge_key, &s->judge);
	if (err != ERR_OK)
		return err;
	err = judge_models_hold(models, db, a, workspace_id, s->judge.id,
	    s->judge.active_version, s->judge.version_id, &s->criteria);
	if (err != ERR_OK)
		return err;
	err = judge_models_model(models, s->criteria, s->judge.model_sha256,
	    &s->model);
	if (err != ERR_OK)
		scorer_close(models, s);
	return err;
}

void
scorer_close(struct judge_models *models, struct scorer *s)
{
	judge_models_drop(models, s->criteria);
	s->criteria = NULL;
	s->model = NULL;
}

void
evaluation_rules(const struct jv *item, const struct loc *root,
    struct faults *f)
{
	if (jv_member(item, "content") == NULL &&
	    jv_member(item, "content_ref") == NULL)
		fault_add(f, LOC(root, "content"), "value_error",
		    "content or content_ref is required");
}

static int
criterion_index(const struct judge_snapshot *s, const char *id)
{
	int	i;

	for (i = 0; i < s->n; i++)
		if (strcmp(s->id[i], id) == 0)
			return i;
	return -1;
}

/* Keys of an object that must be criteria. */
static void
match_keys(const struct scorer *s, const struct jv *item, const char *key,
    const struct loc *root, struct faults *f)
{
	struct jv_iter	it;

	jv_iter_init(&it, jv_member(item, key));
	while (jv_iter_next(&it))
		if (criterion_index(s->criteria, it.key) == -1)
			criterion_unknown(f, LOC(LOC(root, key), it.key),
			    it.key, s->key, s->criteria->id, s->criteria->n);
}

void
evaluation_match(const struct scorer *s, const struct jv *item,
    const struct loc *root, struct faults *f)
{
	if (jv_member(item, "content") != NULL &&
	    strcmp(s->judge.content_type, "text") != 0)
		fault_add(f, LOC(root, "content"), "not_applicable",
		    "does not apply to content_type \"%s\"",
		    s->judge.content_type);
	match_keys(s, item, "criteria_scores", root, f);
	match_keys(s, item, "criteria_feedback", root, f);
}

/* The number that people see; it is what feedback refers to. */
static double
score_shown(struct arena *a, double x)
{
	struct jw	w;

	jw_init(&w, a);
	jw_round(&w, x, SCORE_DIGITS);
	return strtod(jw_text(&w, NULL), NULL);
}

/* What the caller's judge says in words, for the column. */
static const char *
words_json(struct arena *a, const struct jv *item)
{
	static const char *const	 keys[] = { "summary", "strengths",
	    "weaknesses", "suggestions", "criteria_feedback" };
	const char			*json;
	struct jw			 w;
	size_t				 i;
	int				 any = 0;

	jw_init(&w, a);
	jw_obj(&w);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if ((json = jv_json(a, jv_member(item, keys[i]))) != NULL) {
			jw_kraw(&w, keys[i], json);
			any = 1;
		}
	jw_end(&w);
	return any ? jw_text(&w, NULL) : NULL;
}

/* Criterion id to score, without those that are NAN. */
static const char *
scores_json(struct arena *a, const struct judge_snapshot *s,
    const double *score)
{
	struct jw	w;
	int		i;

	jw_init(&w, a);
	jw_obj(&w);
	for (i = 0; i < s->n; i++)
		if (!isnan(score[i]))
			jw_knum(&w, s->id[i], score[i]);
	jw_end(&w);
	return jw_text(&w, NULL);
}

enum err
evaluation_score(const struct scorer *s, struct arena *a,
    struct evaluation_item *item)
{
	const struct judge_snapshot	*c = s->criteria;
	const struct jv			*given;
	struct evaluation		*e = &item->evaluation;
	struct judge_input		 in = { 0 };
	double				 base[CRITERIA_MAX];
	char				*id;
	int64_t				 begin = ts_mono();
	int				 i;

	memset(e, 0, sizeof(*e));
	given = jv_member(item->body, "criteria_scores");
	for (i = 0; i < c->n; i++)
		if (!jv_num(jv_member(given, c->id[i]), &item->scores.raw[i]))
			item->scores.raw[i] = NAN;
	in.content = jv_str(jv_member(item->body, "content"),
	    &in.content_len);
	in.is_text = strcmp(s->judge.content_type, "text") == 0;
	in.ncriteria = c->n;
	in.criterion_ids = c->head;
	in.raw = item->scores.raw;
	/* without a model every criterion keeps its base */
	if (judge_model_score(NULL, a, &in, base) == -1 ||
	    judge_model_score(s->model, a, &in, item->scores.shown) == -1) {
		log_errx("bug: an evaluation without scores passed");
		return ERR_INTERNAL;
	}
	for (i = 0; i < c->n; i++)
		item->scores.shown[i] = score_shown(a, item->scores.shown[i]);

	id = arena_alloc(a, UUID_LEN);
	uuid_new(id);
	e->id = id;
	e->judge_id = s->judge.id;
	e->judge_key = s->key;
	e->version = s->judge.active_version;
	e->version_id = s->judge.version_id;
	e->content = in.content;
	e->content_ref = jv_text(item->body, "content_ref");
	e->external_id = jv_text(item->body, "external_id");
	e->metadata = jv_json(a, jv_member(item->body, "metadata"));
	e->words = words_json(a, item->body);
	e->raw = scores_json(a, c, item->scores.raw);
	e->scores = scores_json(a, c, item->scores.shown);
	e->raw_overall = score_shown(a, judge_overall(c->weight, base, c->n));
	e->overall = score_shown(a, judge_overall(c->weight,
	    item->scores.shown, c->n));
	e->group_key = judge_group_key(a, e->content, in.content_len,
	    e->content_ref, e->external_id, e->id);
	e->group_u = judge_group_u(s->key, e->group_key);
	e->evaluated_at = TS_PENDING;
	e->seconds = (double)(ts_mono() - begin) / 1e6;
	return ERR_OK;
}

/* One item of a batch: its faults become its message. */
static enum err
batch_item(struct arena *a, const struct scorer *s,
    struct evaluation_item *item)
{
	struct schema_check	check = { 0 };
	struct faults		f;

	faults_init(&f, a);
	check.faults = &f;
	schema_check(&check, &schema_evaluation_item, item->body, &loc_body);
	if (f.count == 0)
		evaluation_rules(item->body, &loc_body, &f);
	if (f.count == 0)
		evaluation_match(s, item->body, &loc_body, &f);
	if (f.count == 0)
		return evaluation_score(s, a, item);
	item->message = faults_detail(&f);
	return ERR_OK;
}

enum err
evaluation_batch_score(struct arena *a, const struct jv *body,
    struct evaluation_call *call)
{
	const struct jv	*items = jv_member(body, "items");
	enum err	 err;
	size_t		 i;

	call->name = jv_text(body, "name");
	call->n = jv_len(items);
	call->scored = 0;
	call->item = arena_zalloc(a, call->n * sizeof(*call->item));
	for (i = 0; i < call->n; i++) {
		call->item[i].body = jv_at(items, i);
		err = batch_item(a, &call->scorer, &call->item[i]);
		if (err != ERR_OK)
			return err;
		call->scored += call->item[i].message == NULL;
	}
	return ERR_OK;
}

enum err
evaluation_batch_store(struct db *db, struct arena *a,
    const struct actor *who, struct evaluation_call *call)
{
	struct evaluation_batch	 b = { .judge_id = call->scorer.judge.id,
	    .version = call->scorer.judge.active_version,
	    .name = call->name, .total = (int64_t)call->n };
	struct evaluation	*e;
	size_t			 i, n = 0;

	call->created_at = call->scorer.judge.now;
	if (call->scored == 0)
		return ERR_OK;
	uuid_new(call->batch_id);
	b.id = call->batch_id;
	e = arena_alloc(a, call->scored * sizeof(*e));
	for (i = 0; i < call->n; i++)
		if (call->item[i].message == NULL)
			e[n++] = call->item[i].evaluation;
	return store_evaluation_batch(db, a, who, &b, e, (int)n,
	    &call->created_at);
}

static void
view_result(struct jw *w, const struct evaluation_call *call, size_t i)
{
	const struct evaluation_item	*item = &call->item[i];
	int				 good = item->message == NULL;

	jw_obj(w);
	jw_kint(w, "index", (int64_t)i);
	jw_kstr(w, "status", good ? "completed" : "failed");
	jw_kstr(w, "external_id", jv_text(item->body, "external_id"));
	view_id(w, "evaluation_id", "eval_",
	    good ? item->evaluation.id : NULL);
	if (good) {
		jw_kround(w, "overall_score", item->evaluation.overall,
		    SCORE_DIGITS);
		view_criteria_scores(w, call->scorer.criteria, &item->scores,
		    item->body);
	} else {
		jw_knull(w, "overall_score");
		jw_knull(w, "criteria_scores");
	}
	jw_kstr(w, "message", item->message);
	jw_end(w);
}

void
view_evaluation_batch(struct jw *w, const struct evaluation_call *call)
{
	size_t	i;

	jw_obj(w);
	view_id(w, "batch_id", "batch_",
	    call->scored > 0 ? call->batch_id : NULL);
	jw_kstr(w, "judge_id", call->scorer.key);
	jw_kint(w, "judge_version", call->scorer.judge.active_version);
	jw_kstr(w, "name", call->name);
	jw_kstr(w, "status", call->scored > 0 ? "completed" : "failed");
	jw_kint(w, "total_items", (int64_t)call->n);
	jw_kint(w, "processed_items", (int64_t)call->scored);
	jw_kint(w, "failed_items", (int64_t)(call->n - call->scored));
	view_time(w, "created_at", call->created_at);
	jw_karr(w, "results");
	for (i = 0; i < call->n; i++)
		view_result(w, call, i);
	jw_end(w);
	jw_end(w);
}

static void
scores_read(const struct judge_snapshot *s, struct arena *a,
    const char *json, double *out)
{
	struct jv	*map;
	int		 i;

	if (jv_parse_checked(a, json, strlen(json), &map) == -1)
		fatalx("scores are not JSON");
	for (i = 0; i < s->n; i++)
		if (!jv_num(jv_member(map, s->id[i]), &out[i]))
			out[i] = NAN;
}

enum err
evaluation_write_row(struct judge_models *models, struct db *db,
    struct arena *a, const char *workspace_id, const struct evaluation *e,
    struct jw *w)
{
	const struct judge_snapshot	*s;
	struct scores			 scores;
	struct jv			*words = NULL;
	enum err			 err;

	if ((err = judge_models_hold(models, db, a, workspace_id, e->judge_id,
	    e->version, e->version_id, &s)) != ERR_OK)
		return err;
	scores_read(s, a, e->raw, scores.raw);
	scores_read(s, a, e->scores, scores.shown);
	if (e->words != NULL &&
	    jv_parse_checked(a, e->words, strlen(e->words), &words) == -1)
		fatalx("words are not JSON");
	view_evaluation(w, e, s, &scores, words);
	judge_models_drop(models, s);
	return ERR_OK;
}

enum err
evaluation_write(struct judge_models *models, struct db *db, struct arena *a,
    const char *workspace_id, const char *id, int content, struct jw *w)
{
	struct evaluation	e;
	char			uuid[UUID_LEN];
	enum err		err;

	if (!typeid_parse(id, "eval_", uuid))
		return ERR_NOT_FOUND;
	if ((err = store_evaluation_get(db, a, workspace_id, uuid, content,
	    &e)) != ERR_OK)
		return err;
	jw_obj(w);
	if ((err = evaluation_write_row(models, db, a, workspace_id, &e,
	    w)) != ERR_OK)
		return err;
	if (content)
		jw_kstr(w, "content", e.content);
	jw_end(w);
	return ERR_OK;
}
