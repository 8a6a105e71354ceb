/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds content that a judge scored more than once. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "dispatch/document.h"
#include "util/jv.h"
#include "util/log.h"

#define PAGE		5000	/* evaluations without content */
#define CONTENTS	64	/* evaluations with content */
#define HELD_MOST	100000	/* held-out evaluations looked at */
#define LOOK_MOST	1000000	/* all evaluations looked at */
#define GROUP_MOST	20	/* newest evaluations of a group */
#define GROUPS_MOST	5000	/* newest groups */

struct repeat {
	char	id[UUID_LEN];
	int64_t	group;
};

struct repeats {
	struct repeat	*list;		/* newest first */
	size_t		 n, cap;
	size_t		 looked;
	size_t		 written;
	char		 before[UUID_LEN];	/* "": from the newest */
};

struct repeats *
repeats_new(void)
{
	struct repeats *p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		fatalx("out of memory");
	return p;
}

void
repeats_free(struct repeats *p)
{
	if (p == NULL)
		return;
	free(p->list);
	free(p);
}

size_t
repeats_count(const struct repeats *p)
{
	return p->n;
}

double
judge_split(const struct document *doc)
{
	const char *config = doc->judge.config;
	struct jv *v;
	double split;

	if (strcmp(doc->judge.training_type, "validation") == 0)
		return doc->judge.base.seen_split;
	if (jv_parse_checked(doc->arena, config, strlen(config), &v) == -1 ||
	    !jv_num(jv_member(v, "validation_split"), &split))
		return 0.2;
	return split;
}

static void
repeats_add(struct repeats *p, const struct document_repeat *e)
{
	if (p->n == p->cap) {
		p->cap = p->cap == 0 ? 1024 : p->cap * 2;
		p->list = realloc(p->list, p->cap * sizeof(*p->list));
		if (p->list == NULL)
			fatalx("out of memory items=%zu", p->cap);
	}
	memcpy(p->list[p->n].id, e->evaluation_id,
	    sizeof(p->list[p->n].id));
	p->list[p->n++].group = e->group;
}

/* How often each group occurs: open addressing, at most half full. */
struct tally {
	int64_t	group;
	int	total, kept;	/* total 0: a free slot */
};

static struct tally *
tally_find(struct tally *t, size_t mask, int64_t group)
{
	size_t at = (size_t)group & mask;

	while (t[at].total != 0 && t[at].group != group)
		at = (at + 1) & mask;
	t[at].group = group;
	return &t[at];
}

/* Leaves the newest of each group of two or more, of the newest groups. */
static void
repeats_choose(struct repeats *p)
{
	size_t i, kept = 0, groups = 0, mask = 1;
	struct tally *tally, *t;

	while (mask < 2 * p->n + 2)
		mask *= 2;
	if ((tally = calloc(mask, sizeof(*tally))) == NULL)
		fatalx("out of memory items=%zu", mask);
	mask--;
	for (i = 0; i < p->n; i++)
		tally_find(tally, mask, p->list[i].group)->total++;
	for (i = 0; i < p->n; i++) {
		t = tally_find(tally, mask, p->list[i].group);
		if (t->total < 2 || t->kept == GROUP_MOST ||
		    (t->kept == 0 && groups == GROUPS_MOST))
			continue;
		if (t->kept++ == 0)
			groups++;
		p->list[kept++] = p->list[i];
	}
	p->n = kept;
	free(tally);
}

enum err
repeats_find(struct dispatcher *d, struct run *r, struct document *doc)
{
	struct repeats *p = doc->repeats;
	struct document_repeat *e;
	enum err err;
	size_t i, n;

	err = store_document_repeats(d->db, d->arena, r->ref.workspace_id,
	    doc->judge.judge_id, p->before[0] == '\0' ? NULL : p->before,
	    PAGE, &e, &n);
	if (err != ERR_OK)
		return err;
	for (i = 0; i < n && p->n < HELD_MOST; i++)
		if (e[i].u < doc->split)
			repeats_add(p, &e[i]);
	p->looked += n;
	if (n == PAGE && p->n < HELD_MOST && p->looked < LOOK_MOST) {
		memcpy(p->before, e[n - 1].evaluation_id, sizeof(p->before));
		return ERR_OK;
	}
	repeats_choose(p);
	doc->step = STEP_CONTENTS;
	return ERR_OK;
}

enum err
repeats_write(struct dispatcher *d, struct run *r, struct document *doc,
    int *more)
{
	struct repeats *p = doc->repeats;
	const char *ids[CONTENTS];
	struct document_entry *e;
	size_t i, n, count = 0;
	struct jw w;
	enum err err;

	while (count < CONTENTS && p->written + count < p->n) {
		ids[count] = p->list[p->written + count].id;
		count++;
	}
	err = store_document_contents(d->db, d->arena, r->ref.workspace_id,
	    ids, count, &e, &n);
	if (err != ERR_OK)
		return err;
	for (i = 0; i < n; i++) {
		jw_init(&w, d->arena);
		jw_obj(&w);
		document_id(&w, "evaluation_id", "eval_",
		    e[i].evaluation_id);
		jw_kstr(&w, "group_key", e[i].group_key);
		jw_kstr(&w, "content", e[i].content);
		jw_kraw(&w, "raw", e[i].raw);
		jw_end(&w);
		if (document_line(doc->file, &w) == -1)
			return document_fault(doc);
	}
	p->written += count;
	*more = p->written < p->n;
	return ERR_OK;
}
