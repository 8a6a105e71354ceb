/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that bring feedback: from bodies to numbered rows. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "domain/feedback.h"
#include "domain/schema.h"
#include "store/sqlarr.h"
#include "store/store_policy.h"
#include "util/ident.h"
#include "util/log.h"

void
feedback_one(struct arena *a, const struct jv *body,
    struct feedback_call *call)
{
	call->single = 1;
	call->n = 1;
	call->entry = arena_zalloc(a, sizeof(*call->entry));
	call->entry->body = body;
}

void
feedback_many(struct arena *a, const struct jv *body, const char *batch,
    struct feedback_call *call)
{
	const struct schema	*s = &schema_feedback_options;
	const struct jv		*list = jv_member(body, "feedback_entries");
	const struct jv		*options = jv_member(body,
				    "feedback_options");
	size_t			 i;

	call->batch = batch;
	call->submitted_by = jv_text(options, "submitted_by");
	call->atomic = schema_bool(s, options, "atomic");
	call->impact_wanted = !schema_bool(s, options,
	    "skip_impact_analysis");
	uuid_new(call->session_id);
	call->n = jv_len(list);
	call->entry = arena_zalloc(a, call->n * sizeof(*call->entry));
	for (i = 0; i < call->n; i++)
		call->entry[i].body = jv_at(list, i);
}

/* Where the faults of one entry go, and under which name. */
struct report {
	struct faults	*faults;
	struct loc	 list, at;
	const struct loc *root;
	size_t		 before;
	struct faults	 own;
};

static void
report_begin(struct report *r, struct arena *a, struct feedback_call *call,
    size_t i)
{
	r->root = &loc_body;
	r->faults = call->faults;
	if (call->atomic) {
		r->list = (struct loc){ &loc_body, "feedback_entries", 0 };
		r->at = (struct loc){ &r->list, NULL, i };
		r->root = &r->at;
	} else if (!call->single) {
		faults_init(&r->own, a);
		r->faults = &r->own;
	}
	r->before = r->faults->count;
}

/* 1 when the entry is bad, which is its message then. */
static int
report_end(struct report *r, struct feedback_entry *e)
{
	if (r->faults->count == r->before)
		return 0;
	e->message = faults_detail(r->faults);
	return 1;
}

enum err
feedback_check(struct arena *a, struct feedback_call *call)
{
	struct schema_check	 check = { 0 };
	struct feedback_entry	*e;
	struct report		 r;
	size_t			 i;
	int			 bad = 0;

	/* shapes first: rules between fields are another group of checks */
	for (i = 0; !call->single && i < call->n; i++) {
		report_begin(&r, a, call, i);
		check.faults = r.faults;
		schema_check(&check, &schema_feedback_entry,
		    call->entry[i].body, r.root);
		bad |= report_end(&r, &call->entry[i]);
	}
	if (bad && call->atomic)
		return ERR_VALIDATION;
	for (i = 0; i < call->n; i++) {
		e = &call->entry[i];
		if (e->message != NULL)
			continue;
		report_begin(&r, a, call, i);
		feedback_rules(a, e->body, r.root, r.faults, &e->feedback);
		bad |= report_end(&r, e);
	}
	return bad && (call->atomic || call->single) ? ERR_VALIDATION :
	    ERR_OK;
}

static int
by_id(const void *id, const void *target)
{
	return strcmp(id, ((const struct feedback_target *)target)->id);
}

/* What the entries are about, and the scores that were shown there. */
static enum err
find_targets(struct db *db, struct arena *a, struct feedback_call *call,
    struct feedback_target **out, struct jv ***shown)
{
	struct feedback_target	*list;
	struct feedback_entry	*e;
	struct buf		 ids;
	char			 uuid[UUID_LEN];
	enum err		 err;
	size_t			 i;
	int			 n;

	buf_init(&ids, a);
	sqlarr_begin(&ids);
	for (i = 0; i < call->n; i++) {
		e = &call->entry[i];
		if (e->message == NULL && typeid_parse(jv_text(e->body,
		    "evaluation_id"), "eval_", uuid)) {
			e->feedback.evaluation_id = arena_strdup(a, uuid);
			sqlarr_add(&ids, uuid);
		}
	}
	sqlarr_end(&ids);
	if ((err = store_feedback_targets(db, a, call->who->workspace_id,
	    ids.data, &list, &n)) != ERR_OK)
		return err;
	for (i = 0; i < call->n; i++) {
		e = &call->entry[i];
		if (e->feedback.evaluation_id != NULL)
			e->target = bsearch(e->feedback.evaluation_id, list,
			    (size_t)n, sizeof(*list), by_id);
	}
	*out = list;
	*shown = arena_zalloc(a, (size_t)(n + 1) * sizeof(**shown));
	for (i = 0; i < (size_t)n; i++)
		if (jv_parse_checked(a, list[i].scores,
		    strlen(list[i].scores), &(*shown)[i]) == -1)
			fatalx("scores are not JSON");
	return ERR_OK;
}

/* Rules against the evaluation and its judge. */
static void
resolve_entry(struct arena *a, struct feedback_call *call, size_t i,
    const struct jv *shown)
{
	struct feedback_entry		*e = &call->entry[i];
	const struct feedback_target	*t = e->target;
	struct report			 r;

	report_begin(&r, a, call, i);
	if (t == NULL)
		fault_add(r.faults, r.root, "value_error",
		    "no such evaluation");
	else if (call->batch != NULL && (t->batch_id == NULL ||
	    strcmp(t->batch_id, call->batch_id) != 0))
		fault_add(r.faults, r.root, "value_error",
		    "evaluation is not in this batch");
	else
		feedback_match(e->body, &e->feedback, shown, t->judge_key,
		    r.root, r.faults, &e->moved);
	if (report_end(&r, e) || !t->archived)
		return;
	e->archived = 1;
	e->message = arena_printf(a, "judge %s is archived", t->judge_key);
}

static void
fill_entry(struct feedback_call *call, struct feedback_entry *e,
    struct arena *a)
{
	struct feedback	*f = &e->feedback;
	char		*id = arena_alloc(a, UUID_LEN);

	uuid_new(id);
	f->id = id;
	f->judge_id = e->target->judge_id;
	f->judge_key = e->target->judge_key;
	f->version = e->target->version;
	f->batch_id = e->target->batch_id;
	f->session_id = call->single ? NULL : call->session_id;
	if (f->submitted_by == NULL)
		f->submitted_by = call->submitted_by != NULL ?
		    call->submitted_by : call->who->account_id;
}

/* The call as a whole, when its entries are known. */
static enum err
verdict(struct feedback_call *call, const struct feedback_entry **archived)
{
	size_t	i;

	*archived = NULL;
	for (i = 0; i < call->n; i++) {
		if (call->entry[i].archived)
			*archived = &call->entry[i];
		call->stored += call->entry[i].message == NULL;
	}
	if ((call->single || call->atomic) && call->faults->count > 0)
		return ERR_VALIDATION;
	if (*archived != NULL && (call->stored == 0 || call->atomic))
		return ERR_INVALID_STATE;
	return ERR_OK;
}

static enum err
resolve(struct db *db, struct arena *a, struct feedback_call *call)
{
	const struct feedback_entry	*archived;
	struct feedback_target		*targets;
	struct feedback_entry		*e;
	struct jv			**shown;
	enum err			 err;
	size_t				 i;

	err = find_targets(db, a, call, &targets, &shown);
	if (err != ERR_OK)
		return err;
	if (call->single && call->entry->target == NULL) {
		call->detail = "no such evaluation";
		return ERR_NOT_FOUND;
	}
	for (i = 0; i < call->n; i++) {
		e = &call->entry[i];
		if (e->message == NULL)
			resolve_entry(a, call, i, e->target == NULL ? NULL :
			    shown[e->target - targets]);
		if (e->message == NULL)
			fill_entry(call, e, a);
	}
	err = verdict(call, &archived);
	if (err == ERR_INVALID_STATE)
		call->detail = archived->message;
	return err;
}

/* Judges in the order of their ids; of one judge, entries as they came. */
static int
by_judge(const void *a, const void *b)
{
	const struct feedback_entry	*x, *y;
	int				 d;

	x = *(struct feedback_entry *const *)a;
	y = *(struct feedback_entry *const *)b;
	d = strcmp(x->feedback.judge_id, y->feedback.judge_id);
	return d != 0 ? d : (x > y) - (x < y);
}

/* Numbers and totals for the entries of one judge, under its lock. */
static enum err
number_entries(struct db *db, struct arena *a, struct feedback_call *call,
    struct feedback_entry *const *e, size_t n)
{
	const char		*workspace_id = call->who->workspace_id;
	const char		*judge_id = e[0]->feedback.judge_id;
	struct feedback		**f;
	struct feedback_block	 block;
	struct touch_sets	 sets;
	struct impact		 impact = { 0 };
	struct tally		 add = { { 0 } };
	int64_t			 usable;
	enum err		 err;
	size_t			 i;
	int			*set_of;

	f = arena_alloc(a, n * sizeof(struct feedback *));
	set_of = arena_alloc(a, n * sizeof(*set_of));
	touch_sets_init(&sets, a, (int)n);
	for (i = 0; i < n; i++) {
		f[i] = &e[i]->feedback;
		set_of[i] = touch_sets_count(&sets, a, f[i]);
		tally_add(&add, feedback_kind(f[i]->type, f[i]->approved),
		    1);
		impact_add(&impact, f[i], e[i]->moved);
		impact_add(&call->impact, f[i], e[i]->moved);
	}
	if ((err = store_feedback_take(db, a, workspace_id, judge_id, &add,
	    &block)) != ERR_OK || (err = store_feedback_touch(db, a,
	    workspace_id, judge_id, sets.set, sets.n)) != ERR_OK)
		return err;
	tally_run(f, (int)n, &block.after, &sets, set_of);
	for (i = 0; i < n; i++)
		f[i]->submitted_at = block.at;
	if (block.at > call->submitted_at)
		call->submitted_at = block.at;
	usable = tally_usable(&block.after) - block.usable_marked;
	call->recommended |= impact_recommends(&impact, usable,
	    block.min_new == -1 ? IMPACT_NEW : block.min_new);
	if (block.policy_on && usable >= block.min_new)
		return store_policy_wake(db, workspace_id, judge_id);
	return ERR_OK;
}

enum err
feedback_submit(struct db *db, struct arena *a, struct feedback_call *call)
{
	struct feedback_entry	**e;
	const struct feedback	**f;
	enum err		 err;
	size_t			 i, n = 0, end;

	if ((err = resolve(db, a, call)) != ERR_OK)
		return err;
	if (call->stored == 0)
		return store_clock(db, &call->submitted_at);
	e = arena_alloc(a, call->stored * sizeof(struct feedback_entry *));
	f = arena_alloc(a, call->stored * sizeof(struct feedback *));
	for (i = 0; i < call->n; i++)
		if (call->entry[i].message == NULL)
			e[n++] = &call->entry[i];
	/* one order for all calls, or two could wait for each other */
	qsort(e, n, sizeof(struct feedback_entry *), by_judge);
	for (i = 0; i < n; i = end) {
		for (end = i; end < n && strcmp(e[end]->feedback.judge_id,
		    e[i]->feedback.judge_id) == 0; end++)
			f[end] = &e[end]->feedback;
		err = number_entries(db, a, call, e + i, end - i);
		if (err != ERR_OK)
			return err;
	}
	return store_feedback_insert(db, a, call->who,
	    call->single ? NULL : call->session_id, f, (int)n);
}
