/* SPDX-License-Identifier: BSD-2-Clause */
/* Folds events and lines into the columns of one report. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "domain/progress.h"
#include "store/sqlarr.h"
#include "util/jw.h"

/* What became of one metric. */
struct metric {
	const char	*key;
	const char	*scalar;	/* JSON; NULL: a series */
	int		 anew;		/* what was stored is dropped */
	struct buf	 points;	/* without the brackets */
	size_t		 count;
	struct metric	*next;
};

#define BUCKETS	64

struct fold {
	struct arena	*arena;
	struct metric	*bucket[BUCKETS];
	size_t		 metrics, lines;
	int64_t		 points;
	int		 events;
	struct buf	 level, message, data;
	struct buf	 type, step, sent;
	struct jw	 artifacts;
	int		 has_artifacts;
	const char	*checkpoint;
};

struct fold *
fold_new(struct arena *a)
{
	struct fold *f = arena_zalloc(a, sizeof(*f));
	struct buf *const all[] = { &f->level, &f->message, &f->data,
	    &f->type, &f->step, &f->sent };
	size_t i;

	f->arena = a;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		buf_init(all[i], a);
		sqlarr_begin(all[i]);
	}
	jw_init(&f->artifacts, a);
	jw_obj(&f->artifacts);
	return f;
}

static void
add_int(struct buf *b, int64_t v)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRId64, v);
	sqlarr_add(b, text);
}

void
fold_line(struct fold *f, enum progress_level level, const char *message,
    const char *data)
{
	add_int(&f->level, (int64_t)level);
	sqlarr_add(&f->message, message);
	sqlarr_add(&f->data, data);
	f->lines++;
}

static struct metric *
metric_find(struct fold *f, const char *key)
{
	struct metric *m;
	unsigned int h = 5381;
	const char *s;

	for (s = key; *s != '\0'; s++)
		h = h * 33 + (unsigned char)*s;
	for (m = f->bucket[h % BUCKETS]; m != NULL; m = m->next)
		if (strcmp(m->key, key) == 0)
			return m;
	m = arena_zalloc(f->arena, sizeof(*m));
	m->key = arena_strdup(f->arena, key);
	buf_init(&m->points, f->arena);
	m->next = f->bucket[h % BUCKETS];
	f->bucket[h % BUCKETS] = m;
	f->metrics++;
	return m;
}

static void
metric_clear(struct fold *f, struct metric *m)
{
	f->points -= (int64_t)m->count;
	m->count = 0;
	m->points.len = 0;
	m->points.data[0] = '\0';
	m->scalar = NULL;
	m->anew = 1;
}

static void
metric_append(struct fold *f, struct metric *m, const struct jv *list)
{
	size_t i = 0, n = jv_len(list);

	if (n > PROGRESS_POINTS)
		i = n - PROGRESS_POINTS;
	for (; i < n; i++) {
		if (m->count > 0)
			buf_addc(&m->points, ',');
		jv_write(jv_at(list, i), &m->points);
		m->count++;
		f->points++;
	}
}

static void
fold_metrics(struct fold *f, const struct jv *metrics, int replace)
{
	struct jv_iter it;
	struct metric *m;

	jv_iter_init(&it, metrics);
	while (jv_iter_next(&it)) {
		m = metric_find(f, it.key);
		if (jv_type(it.val) == JV_ARRAY) {
			if (replace || m->scalar != NULL)
				metric_clear(f, m);
			metric_append(f, m, it.val);
		} else {
			metric_clear(f, m);
			m->scalar = it.val == NULL ? "null" :
			    jv_json(f->arena, it.val);
		}
	}
}

static void
fold_artifacts(struct fold *f, const struct progress *p)
{
	const char *path;
	struct jv_iter it;

	jv_iter_init(&it, p->artifacts);
	while (jv_iter_next(&it)) {
		jw_kraw(&f->artifacts, it.key,
		    jv_json(f->arena, it.val));
		f->has_artifacts = 1;
	}
	path = jv_text(p->artifacts, "latest_checkpoint");
	if (p->type == PROGRESS_CHECKPOINT_SAVED && path != NULL)
		f->checkpoint = arena_strdup(f->arena, path);
}

void
fold_event(struct fold *f, const struct progress *p, int lines)
{
	int64_t step = progress_step(p);

	f->events++;
	if (p->metrics != NULL)
		fold_metrics(f, p->metrics, progress_terminal(p->type));
	if (p->artifacts != NULL)
		fold_artifacts(f, p);
	if (!lines)
		return;
	if (p->message != NULL)
		fold_line(f, p->level, p->message,
		    jv_json(f->arena, p->data));
	if (p->metrics != NULL) {
		sqlarr_add(&f->type, progress_word(p->type));
		if (step < 0)
			sqlarr_add(&f->step, NULL);
		else
			add_int(&f->step, step);
		sqlarr_add(&f->sent, jv_json(f->arena, p->metrics));
	}
}

size_t
fold_size(const struct fold *f)
{
	return f->metrics + f->lines;
}

int64_t
fold_points(const struct fold *f)
{
	return f->points;
}

static const char *
closed(struct buf *b)
{
	sqlarr_end(b);
	return b->data;
}

void
fold_report(struct fold *f, struct report *w)
{
	struct buf anew, series, points, dropped;
	struct jw scalars;
	struct metric *m;
	size_t i;

	buf_init(&anew, f->arena);
	buf_init(&series, f->arena);
	buf_init(&points, f->arena);
	buf_init(&dropped, f->arena);
	sqlarr_begin(&anew);
	sqlarr_begin(&series);
	sqlarr_begin(&points);
	sqlarr_begin(&dropped);
	jw_init(&scalars, f->arena);
	jw_obj(&scalars);
	for (i = 0; i < BUCKETS; i++)
		for (m = f->bucket[i]; m != NULL; m = m->next) {
			if (m->anew)
				sqlarr_add(&anew, m->key);
			if (m->scalar != NULL) {
				jw_kraw(&scalars, m->key, m->scalar);
				continue;
			}
			sqlarr_add(&dropped, m->key);
			/* An empty array is a series too. */
			sqlarr_add(&series, m->key);
			sqlarr_add(&points, arena_printf(f->arena, "[%s]",
			    m->points.data));
		}
	jw_end(&scalars);
	jw_end(&f->artifacts);
	w->log_levels = closed(&f->level);
	w->log_messages = closed(&f->message);
	w->log_data = closed(&f->data);
	w->metric_types = closed(&f->type);
	w->metric_steps = closed(&f->step);
	w->metric_sent = closed(&f->sent);
	w->series_anew = closed(&anew);
	w->series = closed(&series);
	w->points = closed(&points);
	w->dropped = closed(&dropped);
	w->scalars = jw_text(&scalars, NULL);
	w->artifacts = jw_text(&f->artifacts, NULL);
	w->checkpoint = f->checkpoint;
	w->started |= f->events > 0;
	if (f->metrics > 0 || f->has_artifacts)
		w->job_changes = 1;
}
