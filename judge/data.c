/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading evaluations.jsonl. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/data.h"
#include "judge/group.h"
#include "judge/label.h"
#include "judge/model_int.h"
#include "judge/rater.h"
#include "util/arena.h"
#include "util/jv.h"
#include "util/log.h"

#define LINE_ARENA	((size_t)1 << 20)
/* People told apart; the table is at most half full. */
#define RATERS_MAX	4096
#define RATER_SLOTS	8192

struct reader {
	struct data		*d;
	const struct job	*job;
	const struct judge_model *active;
	struct arena		*arena;	/* emptied after each line */
	const char		*fault;
};

struct data *
data_new(int nc)
{
	struct data *d = xcalloc(1, sizeof(*d));

	d->nc = nc;
	d->nl = (size_t)nc + 1;
	d->nd = feature_ndense(nc);
	return d;
}

/* Names are needed to tell people apart, and no longer. */
static void
raters_forget(struct data *d)
{
	int i;

	for (i = 0; d->rater != NULL && i < d->raters; i++)
		free(d->rater[i]);
	free(d->rater);
	free(d->rater_slot);
	d->rater = NULL;
	d->rater_slot = NULL;
}

const double *
data_said(const struct data *d, size_t i)
{
	return (d->told != NULL ? d->told : d->y) + i * d->nl;
}

void
data_free(struct data *d)
{
	if (d == NULL)
		return;
	free(d->ex);
	free(d->dense);
	free(d->base);
	free(d->y);
	free(d->weight);
	free(d->active);
	free(d->gram);
	free(d->told);
	free(d->entry);
	raters_forget(d);
	free(d);
}

static void *
grow(void *p, size_t n, size_t size)
{
	if (n > SIZE_MAX / size || (p = realloc(p, n * size)) == NULL)
		fatalx("out of memory items=%zu size=%zu", n, size);
	return p;
}

static void
data_reserve(struct data *d)
{
	if (d->n < d->cap)
		return;
	d->cap = d->cap > 0 ? 2 * d->cap : 256;
	d->ex = grow(d->ex, d->cap, sizeof(*d->ex));
	d->dense = grow(d->dense, d->cap, d->nd * sizeof(*d->dense));
	d->base = grow(d->base, d->cap, (size_t)d->nc * sizeof(*d->base));
	d->y = grow(d->y, d->cap, d->nl * sizeof(*d->y));
	d->weight = grow(d->weight, d->cap, d->nl * sizeof(*d->weight));
	d->active = grow(d->active, d->cap, d->nl * sizeof(*d->active));
}

static void
keep_grams(struct data *d, const struct feature_text *t, struct example *e)
{
	size_t n = (size_t)t->nchar + t->nword;

	if (d->gram_len + n > d->gram_cap) {
		d->gram_cap = 2 * d->gram_cap + n;
		d->gram = grow(d->gram, d->gram_cap, sizeof(*d->gram));
	}
	memcpy(d->gram + d->gram_len, t->gram, n * sizeof(*d->gram));
	e->gram_at = d->gram_len;
	d->gram_len += n;
	e->nchar = t->nchar;
	e->nword = t->nword;
	e->char_scale = t->char_scale;
	e->word_scale = t->word_scale;
	e->has_text = 1;
}

struct feature_text
data_text(const struct data *d, size_t i)
{
	const struct example *e = &d->ex[i];

	return (struct feature_text){ e->has_text ? d->gram + e->gram_at :
	    NULL, e->nchar, e->nword, e->char_scale, e->word_scale, { 0 } };
}

/* raw[criteria] by id, NAN where it is missing. */
static int
raw_scores(struct reader *r, const struct jv *map, const struct criteria *cr,
    double *raw)
{
	const struct jv *v;
	int c, given = 0;

	for (c = 0; c < cr->n; c++) {
		raw[c] = NAN;
		if ((v = jv_member(map, cr->id[c])) == NULL)
			continue;
		if (!jv_num(v, &raw[c]) || raw[c] < 0 || raw[c] > 100) {
			r->fault = "a raw score is not a number in 0..100";
			return 0;
		}
		given++;
	}
	return given;
}

/*
 * What the active version says, in the places of the base version's
 * criteria; one that it lacks keeps its base.  Its overall score is over its
 * own criteria with its own weights.
 */
static void
predict_active(struct reader *r, const struct jv *map, const char *content,
    size_t len, const double *base, double *out)
{
	const struct criteria *cr = &r->job->active.criteria;
	double raw[JUDGE_MAX_CRITERIA], score[JUDGE_MAX_CRITERIA];
	struct judge_input in = { content, len, r->job->is_text, cr->n,
	    cr->head, raw };
	int c, at, nc = r->d->nc;

	memcpy(out, base, (size_t)nc * sizeof(*out));
	if (raw_scores(r, map, cr, raw) == 0 ||
	    judge_model_score(r->active, r->arena, &in, score) == -1) {
		out[nc] = judge_overall(r->job->base.criteria.weight, base,
		    nc);
		return;
	}
	for (c = 0; c < nc; c++) {
		at = criteria_find(cr, r->job->base.criteria.id[c]);
		if (at >= 0)
			out[c] = score[at];
	}
	out[nc] = judge_overall(cr->weight, score, cr->n);
}

static enum part
part_of(const struct job *job, double u)
{
	double s = job->split;

	if (job->type == TRAIN_VALIDATION || u < s)
		return PART_HELD;
	if (job->early_stopping && u < s + (1 - s) / 8)
		return PART_INNER;
	return PART_FIT;
}

static int
seen(const struct version *v, int64_t first_number, double u)
{
	return first_number <= v->seen_through && u >= v->seen_split;
}

/* FNV-1a over the name: where to begin to look. */
static size_t
name_hash(const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name != '\0'; name++)
		h = (h ^ (uint8_t)*name) * 16777619u;
	return h % RATER_SLOTS;
}

/* The number of a person; -1 for nobody, and for those past the most. */
static int
rater_of(struct data *d, const char *name)
{
	size_t at;

	if (name == NULL)
		return -1;
	if (d->rater == NULL) {
		d->rater = xcalloc(RATERS_MAX, sizeof(*d->rater));
		d->rater_slot = xcalloc(RATER_SLOTS, sizeof(int));
	}
	for (at = name_hash(name); d->rater_slot[at] != 0;
	    at = (at + 1) % RATER_SLOTS)
		if (strcmp(d->rater[d->rater_slot[at] - 1], name) == 0)
			return d->rater_slot[at] - 1;
	if (d->raters == RATERS_MAX)
		return -1;
	if ((d->rater[d->raters] = strdup(name)) == NULL)
		fatalx("out of memory");
	d->rater_slot[at] = ++d->raters;
	return d->raters - 1;
}

/* What one entry says, kept apart from the others. */
static void
keep_entry(struct data *d, const struct labels *one, int rater)
{
	int c;

	for (c = 0; c <= d->nc; c++) {
		if (one->n[c] == 0)
			continue;
		if (d->nentries == d->entry_cap) {
			d->entry_cap = d->entry_cap > 0 ? 2 * d->entry_cap :
			    256;
			d->entry = grow(d->entry, d->entry_cap,
			    sizeof(*d->entry));
		}
		d->entry[d->nentries++] = (struct data_entry){ d->n, c, rater,
		    one->sum[c] / one->n[c] };
	}
}

/*
 * The labels of a line and the lowest number among its entries: the one that
 * "first_number" tells, which counts entries outside the selection too, or
 * else of those listed.
 */
static int
read_labels(struct reader *r, const struct jv *line, double *y,
    uint8_t *weight, int64_t *first_number)
{
	const struct criteria *cr = &r->job->base.criteria;
	const struct jv *list = jv_member(line, "feedback"), *entry;
	const struct jv *shown = jv_member(line, "shown");
	struct labels l, one;
	int64_t number;
	size_t i;
	int n, c;

	labels_init(&l);
	*first_number = INT64_MAX;
	for (i = 0; i < jv_len(list); i++) {
		entry = jv_at(list, i);
		if (!jv_int(jv_member(entry, "number"), &number)) {
			r->fault = "an entry has no number";
			return 0;
		}
		if (number < *first_number)
			*first_number = number;
		labels_init(&one);
		if ((r->fault = labels_add(&one, cr, entry, shown)) != NULL)
			return 0;
		labels_merge(&l, &one, cr);
		keep_entry(r->d, &one, rater_of(r->d,
		    jv_text(entry, "submitted_by")));
	}
	if (jv_int(jv_member(line, "first_number"), &number))
		*first_number = number;
	n = labels_get(&l, cr, y, weight);
	if (r->job->type == TRAIN_VALIDATION)
		for (c = 0; c < cr->n; c++)
			if (!r->job->target[c] && weight[c] > 0) {
				weight[c] = 0;
				n--;
			}
	return n;
}

static int
read_u(struct reader *r, const struct jv *line, double *u)
{
	const char *key = jv_text(line, "group_key");

	if (key == NULL || !jv_num(jv_member(line, "u"), u)) {
		r->fault = "group_key or u is missing";
		return -1;
	}
	/* A split made differently elsewhere would leak held-out content. */
	if (fabs(*u - judge_group_u(r->job->judge_id, key)) > 1e-9) {
		r->fault = "u does not belong to group_key";
		return -1;
	}
	return 0;
}

static void
take_line(struct reader *r, const struct jv *line)
{
	const struct job *job = r->job;
	struct data *d = r->d;
	double raw[JUDGE_MAX_CRITERIA];
	struct feature_text text;
	struct example *e;
	const char *content, *id;
	int64_t first_number;
	size_t len = 0;
	int n;

	data_reserve(d);
	e = &d->ex[d->n];
	memset(e, 0, sizeof(*e));
	id = jv_str(jv_member(line, "evaluation_id"), &len);
	if (id != NULL && len < sizeof(e->id))
		memcpy(e->id, id, len);
	len = 0;
	if (read_u(r, line, &e->u) == -1)
		return;
	n = read_labels(r, line, d->y + d->n * d->nl,
	    d->weight + d->n * d->nl, &first_number);
	if (r->fault != NULL || n == 0)
		return;
	/* Made by a version that shares no criterion: nothing to correct. */
	if (raw_scores(r, jv_member(line, "raw"), &job->base.criteria, raw) ==
	    0 || feature_base(raw, d->nc, d->base + d->n * (size_t)d->nc) ==
	    -1)
		return;
	e->part = (uint8_t)part_of(job, e->u);
	e->seen_active = (uint8_t)seen(&job->active, first_number, e->u);
	if (job->type == TRAIN_VALIDATION &&
	    seen(&job->base, first_number, e->u)) {
		d->left_out++;
		return;
	}
	content = jv_str(jv_member(line, "content"), &len);
	if (e->part == PART_HELD)
		predict_active(r, jv_member(line, "raw"), content, len,
		    d->base + d->n * (size_t)d->nc, d->active + d->n * d->nl);
	if (r->fault != NULL)
		return;
	if (job->is_text && content != NULL &&
	    job->type != TRAIN_VALIDATION) {
		feature_text(r->arena, content, len, &text);
		keep_grams(d, &text, e);
	}
	feature_dense(raw, d->nc, e->has_text ? &text : NULL,
	    d->dense + d->n * d->nd);
	d->labels += (size_t)n;
	d->n++;
}

/* What is said of an evaluation that is not taken is not kept either. */
static void
keep_line(struct reader *r, const struct jv *line)
{
	size_t rows = r->d->n, entries = r->d->nentries;

	take_line(r, line);
	if (r->d->n == rows)
		r->d->nentries = entries;
}

static int
read_lines(struct reader *r, FILE *f, const volatile sig_atomic_t *stop,
    char *errbuf, size_t errlen)
{
	struct sha256 *sha = sha256_new();
	struct jv *line;
	char *text = NULL;
	size_t cap = 0, number = 0;
	ssize_t len;

	while (!*stop && r->fault == NULL &&
	    (len = getline(&text, &cap, f)) != -1) {
		number++;
		sha256_add(sha, text, (size_t)len);
		if (text[strspn(text, " \t\r\n")] == '\0')
			continue;
		if (jv_parse_checked(r->arena, text, (size_t)len, &line) ==
		    -1 || jv_type(line) != JV_OBJECT)
			r->fault = "not a JSON object";
		else
			keep_line(r, line);
		arena_reset(r->arena);
	}
	free(text);
	sha256_end(sha, r->d->digest);
	if (r->fault != NULL)
		snprintf(errbuf, errlen, "evaluations line %zu: %s", number,
		    r->fault);
	else if (ferror(f))
		snprintf(errbuf, errlen, "could not read the evaluations");
	return r->fault != NULL || ferror(f) ? -1 : *stop != 0;
}

int
data_read(struct data *d, const struct job *job,
    const struct judge_model *active, const volatile sig_atomic_t *stop,
    char *errbuf, size_t errlen)
{
	struct reader r = { d, job, active, NULL, NULL };
	FILE *f;
	int rv;

	if ((f = fopen(job->data, "re")) == NULL) {
		snprintf(errbuf, errlen, "could not read the evaluations: %s",
		    strerrordesc_np(errno));
		return -1;
	}
	r.arena = arena_new(LINE_ARENA);
	rv = read_lines(&r, f, stop, errbuf, errlen);
	arena_free(r.arena);
	fclose(f);
	raters_forget(d);
	if (rv == 0 && job->type != TRAIN_VALIDATION)
		raters_adjust(d);
	return rv;
}
