/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges: from the body to the rows, and back to lists. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "domain/judge.h"
#include "domain/judge_view.h"
#include "domain/schema.h"
#include "util/ident.h"

#define FIRST_SUMMARY	"first version; raw scores are left as they are"
/* crit_ and 60 characters, and a NUL */
#define CRITERION_LEN	66

struct actor
actor_of(const struct tenant *t, const struct principal *who,
    const char *request_id)
{
	return (struct actor){ t->workspace_id, t->organization_id,
	    who->account_id, request_id };
}

static int
id_taken(const struct criterion *c, int n, const char *id)
{
	int	i;

	for (i = 0; i < n; i++)
		if (c[i].id != NULL && strcmp(c[i].id, id) == 0)
			return 1;
	return 0;
}

void
criteria_identify(struct arena *a, struct criterion *c, int n,
    const struct criterion *before, int nbefore)
{
	char	slug[CRITERION_LEN], id[CRITERION_LEN], tail[16];
	int	i, k, len;

	for (i = 0; i < n; i++) {
		if (c[i].id != NULL)
			continue;
		ident_criterion_slug(c[i].name, i + 1, slug);
		memcpy(id, slug, sizeof(id));
		for (k = 2; id_taken(c, n, id) ||
		    id_taken(before, nbefore, id); k++) {
			/* what is cut off is made up for by the number */
			len = snprintf(tail, sizeof(tail), "_%d", k);
			snprintf(id, sizeof(id), "%.*s%s",
			    CRITERION_LEN - 1 - len, slug, tail);
		}
		c[i].id = arena_strdup(a, id);
	}
}

/* A fault for each value of `key` that an earlier criterion has too. */
static void
check_unique(const struct jv *list, const char *key, struct faults *f)
{
	const struct loc	*loc = LOC(&loc_body, "criteria");
	const char		*s, *earlier;
	size_t			 i, k;

	for (i = 1; i < jv_len(list); i++) {
		if ((s = jv_text(jv_at(list, i), key)) == NULL)
			continue;
		for (k = 0; k < i; k++) {
			earlier = jv_text(jv_at(list, k), key);
			if (earlier == NULL || strcmp(s, earlier) != 0)
				continue;
			fault_add(f, LOC(LOC_AT(loc, i), key), "value_error",
			    "appears twice");
			break;
		}
	}
}

struct criterion *
criteria_read(struct arena *a, const struct jv *list, struct faults *f,
    int *n)
{
	const struct jv		*item;
	struct criterion	*c;
	int			 i;

	check_unique(list, "name", f);
	check_unique(list, "id", f);
	*n = (int)jv_len(list);
	c = arena_zalloc(a, (size_t)*n * sizeof(*c));
	for (i = 0; i < *n; i++) {
		item = jv_at(list, (size_t)i);
		c[i].id = jv_text(item, "id");
		c[i].name = jv_text(item, "name");
		c[i].description = jv_text(item, "description");
		if (!jv_num(jv_member(item, "weight"), &c[i].weight))
			c[i].weight = 1;
	}
	return c;
}

void
judge_from_body(struct arena *a, const struct jv *body, struct faults *f,
    struct judge *j)
{
	char	*id, wire[TYPEID_LEN];

	memset(j, 0, sizeof(*j));
	id = arena_alloc(a, UUID_LEN);
	uuid_new(id);
	j->id = id;
	if ((j->key = jv_text(body, "id")) == NULL) {
		typeid_encode(id, wire);
		j->key = arena_printf(a, "jdg_%s", wire);
	}
	j->name = jv_text(body, "name");
	j->description = jv_text(body, "description");
	j->content_type = jv_text(body, "content_type");
	j->version = 1;
	j->status = "learning";
	j->archived_at = TS_NONE;
	j->criterion = criteria_read(a, jv_member(body, "criteria"), f,
	    &j->ncriteria);
	criteria_identify(a, j->criterion, j->ncriteria, NULL, 0);
}

enum err
judge_create(struct db *db, struct arena *a, const struct actor *who,
    struct judge *j)
{
	char	version_id[UUID_LEN];

	uuid_new(version_id);
	j->created_by = who->account_id;
	return store_judge_create(db, a, who, version_id, FIRST_SUMMARY, j);
}

void
judge_filter_read(const struct jv *args, struct faults *f,
    struct judge_filter *filter, struct page *page)
{
	const struct schema	*s = &schema_judges_query;
	const char		*by = jv_text(args, "sort_by");
	const char		*order = jv_text(args, "sort_order");
	int			 up, by_name;

	by_name = by != NULL && strcmp(by, "name") == 0;
	up = order != NULL && strcmp(order, "asc") == 0;
	page_read(s, args, !by_name, f, page);
	memset(filter, 0, sizeof(*filter));
	filter->archived = !schema_bool(s, args, "is_active");
	filter->content_type = jv_text(args, "content_type");
	filter->status = jv_text(args, "status");
	filter->name = jv_text(args, "name");
	filter->order = by_name ? (up ? JUDGE_NAME : JUDGE_NAME_DOWN) :
	    up ? JUDGE_OLDEST : JUDGE_NEWEST;
	/* one more, to see whether there is a next page */
	filter->limit = page->limit + 1;
	filter->offset = page->offset;
	filter->after = page->after;
	filter->after_at = page->last.at;
	filter->after_id = page->last.id[0] == '\0' ? NULL : page->last.id;
}

enum err
judge_list_write(struct db *db, struct arena *a, const char *workspace_id,
    struct judge_filter *filter, const struct page *page, struct jw *w)
{
	struct judge	*list;
	struct place	 last;
	int64_t		 counted;
	enum err	 err;
	int		 n, more, i, by_time;

	if ((err = store_judge_list(db, a, workspace_id, filter, &list, &n))
	    != ERR_OK || (err = store_judge_count(db, workspace_id, filter,
	    PAGE_REACH + 1, &counted)) != ERR_OK ||
	    (err = db_commit(db)) != ERR_OK)
		return err;
	more = page_cut(page, &n);
	jw_obj(w);
	jw_karr(w, "judges");
	for (i = 0; i < n; i++) {
		jw_obj(w);
		view_judge(w, &list[i]);
		jw_end(w);
	}
	jw_end(w);
	by_time = filter->order == JUDGE_NEWEST ||
	    filter->order == JUDGE_OLDEST;
	if (n > 0) {
		last.at = list[n - 1].created_at;
		memcpy(last.id, list[n - 1].id, UUID_LEN);
	}
	page_write(w, page, counted, more, by_time ? &last : NULL);
	jw_end(w);
	return ERR_OK;
}

void
version_query_read(const struct jv *args, struct faults *f,
    struct version_query *q)
{
	const struct schema	*s = &schema_versions_query;

	page_read(s, args, 1, f, &q->page);
	q->metrics = schema_bool(s, args, "include_metrics");
	q->status = jv_text(args, "status_filter");
}

enum err
version_list_write(struct db *db, struct arena *a, const char *workspace_id,
    const char *key, const struct version_query *q, struct jw *w)
{
	struct judge_brief	 judge;
	struct judge_version	*list;
	struct place		 last = { 0, "" };
	int64_t			 counted;
	enum err		 err;
	int			 n, more, i;

	if ((err = store_judge_find(db, workspace_id, key, &judge)) !=
	    ERR_OK)
		return err;
	err = store_version_list(db, a, workspace_id, judge.id, q->status,
	    q->page.limit + 1, q->page.offset,
	    q->page.after ? q->page.last.at : INT64_MAX, &list, &n);
	if (err != ERR_OK || (err = store_version_count(db, workspace_id,
	    judge.id, q->status, PAGE_REACH + 1, &counted)) != ERR_OK)
		return err;
	more = page_cut(&q->page, &n);
	jw_obj(w);
	jw_kstr(w, "judge_id", key);
	jw_kint(w, "current_version", judge.active_version);
	jw_kint(w, "total_versions", judge.last_version);
	jw_karr(w, "versions");
	for (i = 0; i < n; i++) {
		jw_obj(w);
		view_version(w, &list[i], q->metrics);
		jw_end(w);
	}
	jw_end(w);
	if (n > 0)
		last.at = list[n - 1].number;
	page_write(w, &q->page, counted, more, &last);
	jw_end(w);
	return ERR_OK;
}

void
criterion_unknown(struct faults *f, const struct loc *loc, const char *given,
    const char *judge_key, const char *const *ids, int n)
{
	const char	*best = NULL;
	int		 i, d, least = 3;

	for (i = 0; i < n; i++) {
		d = ident_distance(given, ids[i], 2);
		if (d < least) {
			least = d;
			best = ids[i];
		}
	}
	fault_add(f, loc, "unknown_criterion",
	    "unknown criterion \"%s\" of judge %s%s%s%s", given, judge_key,
	    best == NULL ? "" : "; did you mean \"", best == NULL ? "" : best,
	    best == NULL ? "" : "\"?");
}
