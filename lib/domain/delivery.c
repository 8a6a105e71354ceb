/* SPDX-License-Identifier: BSD-2-Clause */
/* Deliveries on the wire. */
#include "config.h"

#include <string.h>

#include "domain/delivery.h"
#include "domain/schema.h"
#include "domain/view.h"
#include "store/sqlarr.h"
#include "util/ident.h"
#include "util/log.h"

/* An id that nothing has: what is malformed is not found. */
#define NO_ID	"00000000-0000-0000-0000-000000000000"

/* The id of a filter, NULL when it is not given. */
static const char *
id_filter(const struct jv *args, struct arena *a, const char *name,
    const char *prefix)
{
	const char	*text = jv_text(args, name);
	char		 uuid[UUID_LEN];

	if (text == NULL)
		return NULL;
	return arena_strdup(a, typeid_parse(text, prefix, uuid) ? uuid :
	    NO_ID);
}

const char *
delivery_words(struct arena *a, const char *filter, const char *word)
{
	const struct field	*f = schema_deliveries_query.fields;
	size_t			 n;

	while (strcmp(f->name, filter) != 0)
		f++;
	for (n = 0; f->words[n] != NULL; n++)
		if (word != NULL && strcmp(f->words[n], word) == 0)
			return sqlarr_text(a, &word, 1);
	return word == NULL ? sqlarr_text(a, f->words, n) : NULL;
}

void
delivery_filter_read(const struct jv *args, struct arena *a,
    struct faults *f, struct delivery_filter *filter, struct page *page)
{
	const char	*status, *event;

	page_read(&schema_deliveries_query, args, 1, f, page);
	memset(filter, 0, sizeof(*filter));
	filter->job_id = id_filter(args, a, "job_id", "train_job_");
	filter->run_id = id_filter(args, a, "run_id", "run_");
	status = jv_text(args, "status");
	event = jv_text(args, "event");
	filter->all = status == NULL && event == NULL;
	filter->statuses = delivery_words(a, "status", status);
	filter->events = delivery_words(a, "event", event);
	/* one more, to see whether there is a next page */
	filter->limit = page->limit + 1;
	filter->offset = page->offset;
	filter->after_id = page->after && page->last.id[0] != '\0' ?
	    page->last.id : NULL;
}

static void
write_attempts(struct jw *w, const char *text)
{
	struct jv	*list, *one;
	int64_t		 n;
	size_t		 i;

	if (jv_parse_checked(w->buf.arena, text, strlen(text), &list) == -1)
		fatalx("attempts of a delivery are no JSON");
	jw_karr(w, "attempts");
	for (i = 0; i < jv_len(list); i++) {
		one = jv_at(list, i);
		jw_obj(w);
		view_time(w, "attempted_at",
		    jv_int(jv_at(one, 0), &n) ? n : TS_NONE);
		jw_kint(w, "duration_ms", jv_int(jv_at(one, 1), &n) ? n : 0);
		if (jv_int(jv_at(one, 2), &n))
			jw_kint(w, "response_status", n);
		else
			jw_knull(w, "response_status");
		jw_kstr(w, "error", jv_str(jv_at(one, 3), NULL));
		jw_kstr(w, "response_excerpt", jv_str(jv_at(one, 4), NULL));
		jw_end(w);
	}
	jw_end(w);
}

void
view_delivery(struct jw *w, const struct delivery_row *d)
{
	jw_obj(w);
	view_id(w, "delivery_id", "whd_", d->id);
	jw_kstr(w, "event", d->event);
	view_id(w, "job_id", "train_job_", d->job_id);
	view_id(w, "run_id", "run_", d->run_id);
	/* queries hold secrets */
	jw_key(w, "url");
	jw_strn(w, d->url, strcspn(d->url, "?"));
	jw_kstr(w, "status", d->status);
	jw_kint(w, "attempt_count", d->attempt_count);
	view_time(w, "next_attempt_at", d->next_attempt_at);
	write_attempts(w, d->attempts);
	view_time(w, "created_at", d->created_at);
	view_time(w, "delivered_at", d->delivered_at);
	jw_end(w);
}

enum err
delivery_list_write(struct db *db, struct arena *a, const char *workspace_id,
    const struct delivery_filter *filter, const struct page *page,
    struct jw *w)
{
	struct delivery_row	*list;
	struct place		 last;
	int64_t			 counted;
	enum err		 err;
	int			 n, more, i;

	if ((err = store_delivery_list(db, a, workspace_id, filter, &list,
	    &n)) != ERR_OK || (err = store_delivery_count(db, a,
	    workspace_id, filter, PAGE_REACH + 1, &counted)) != ERR_OK)
		return err;
	more = page_cut(page, &n);
	jw_obj(w);
	jw_karr(w, "deliveries");
	for (i = 0; i < n; i++)
		view_delivery(w, &list[i]);
	jw_end(w);
	if (n > 0) {
		last.at = list[n - 1].created_at;
		memcpy(last.id, list[n - 1].id, UUID_LEN);
	}
	page_write(w, page, counted, more, n > 0 ? &last : NULL);
	jw_end(w);
	return ERR_OK;
}

enum err
delivery_again(struct db *db, struct arena *a, const struct actor *who,
    const char *id_on_the_wire, struct jw *w)
{
	struct delivery_row	d;
	char			id[UUID_LEN];
	enum err		err;
	int			done;

	if (!typeid_parse(id_on_the_wire, "whd_", id))
		return ERR_NOT_FOUND;
	if ((err = store_delivery_again(db, who, id, &done)) != ERR_OK ||
	    (err = store_delivery_get(db, a, who->workspace_id, id, &d)) !=
	    ERR_OK)
		return err;
	if (!done)
		return ERR_INVALID_STATE;
	view_delivery(w, &d);
	return ERR_OK;
}
