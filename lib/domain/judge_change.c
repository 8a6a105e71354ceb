/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges change: from what is asked for to the next version. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "domain/judge.h"
#include "domain/judge_change.h"
#include "store/store_policy.h"
#include "util/buf.h"
#include "util/ident.h"

#define NUMBER_DIGITS	9	/* of a version's number in a path, at most */

void
judge_change_read(struct arena *a, const struct jv *body, struct faults *f,
    struct judge_change *c)
{
	const struct jv	*criteria = jv_member(body, "criteria");
	int		 active = 0, given;

	memset(c, 0, sizeof(*c));
	c->name = jv_text(body, "name");
	c->description = jv_text(body, "description");
	if (criteria != NULL)
		c->criterion = criteria_read(a, criteria, f, &c->ncriteria);
	given = jv_bool(jv_member(body, "is_active"), &active);
	c->restore = given && active;
	if (given && !active)
		fault_add(f, LOC(&loc_body, "is_active"), "value_error",
		    "must be true; DELETE archives a judge");
	if (!given && c->name == NULL && c->description == NULL &&
	    criteria == NULL)
		fault_add(f, &loc_body, "value_error", "one of name, "
		    "description, criteria and is_active is required");
}

static const struct criterion *
criterion_with(const struct criterion *c, int n, const char *id,
    const char *name)
{
	int	i;

	for (i = 0; i < n; i++)
		if (id != NULL ? c[i].id != NULL && strcmp(c[i].id, id) == 0 :
		    strcmp(c[i].name, name) == 0)
			return &c[i];
	return NULL;
}

void
criteria_follow(struct arena *a, struct criterion *c, int n,
    const struct criterion *old, int nold)
{
	const struct criterion	*was;
	int			 i;

	for (i = 0; i < n; i++) {
		was = criterion_with(old, nold, c[i].id, c[i].name);
		/* what another one claims by its id is not had by a name */
		if (c[i].id == NULL && was != NULL &&
		    criterion_with(c, n, was->id, NULL) == NULL)
			c[i].id = was->id;
		c[i].fresh = c[i].id == NULL || was == NULL || was->fresh;
	}
	criteria_identify(a, c, n, old, nold);
}

static int
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static int
same_criteria(const struct judge *x, const struct judge *y)
{
	const struct criterion	*a, *b;
	int			 i;

	if (x->ncriteria != y->ncriteria)
		return 0;
	for (i = 0; i < x->ncriteria; i++) {
		a = &x->criterion[i];
		b = &y->criterion[i];
		if (strcmp(a->id, b->id) != 0 || strcmp(a->name, b->name) !=
		    0 || !same_text(a->description, b->description) ||
		    a->weight < b->weight || a->weight > b->weight)
			return 0;
	}
	return 1;
}

/* How many criteria of x are not in y. */
static int
missing_in(const struct judge *x, const struct judge *y)
{
	int	i, n = 0;

	for (i = 0; i < x->ncriteria; i++)
		n += criterion_with(y->criterion, y->ncriteria,
		    x->criterion[i].id, NULL) == NULL;
	return n;
}

const char *
judge_difference(struct arena *a, const struct judge *old,
    const struct judge *new)
{
	const char	*what[3];
	struct buf	 b;
	int		 i, n = 0, criteria, added, gone;

	if (strcmp(old->name, new->name) != 0)
		what[n++] = "name";
	if (strcmp(old->description, new->description) != 0)
		what[n++] = "description";
	if ((criteria = !same_criteria(old, new)))
		what[n++] = "criteria";
	if (n == 0)
		return NULL;
	buf_init(&b, a);
	for (i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i == 0 ? "" : i + 1 < n ? ", " :
		    " and ", what[i]);
	buf_adds(&b, " changed");
	added = missing_in(new, old);
	gone = missing_in(old, new);
	if (criteria && added + gone > 0)
		buf_printf(&b, " (%d added, %d removed)", added, gone);
	return b.data;
}

/* Locks the judge, and reads it as it is then. */
static enum err
hold(struct db *db, struct arena *a, const struct actor *who,
    const char *key, struct judge *j, const char **said)
{
	enum err	err;

	*said = NULL;
	err = store_judge_lock(db, who->workspace_id, key);
	/* only a new statement sees what the lock waited for */
	if (err == ERR_OK)
		err = store_judge_get(db, a, who->workspace_id, key, j);
	if (err == ERR_NOT_FOUND)
		*said = "no such judge";
	return err;
}

static enum err
refuse_archived(struct arena *a, const struct judge *j, const char **said)
{
	*said = arena_printf(a, "judge %s is archived", j->key);
	return ERR_INVALID_STATE;
}

static enum err
refuse_busy(struct arena *a, const struct judge *j, const char **said)
{
	char	job[TYPEID_LEN];

	typeid_encode(j->active_job, job);
	*said = arena_printf(a, "judge %s already has an active job: "
	    "train_job_%s", j->key, job);
	return ERR_JOB_ACTIVE;
}

/* Archives it or brings it back; *j is read again. */
static enum err
shelve(struct db *db, struct arena *a, const struct actor *who,
    int archived, struct judge *j)
{
	enum err	err;

	err = store_judge_shelve(db, who, j->id, archived);
	if (err == ERR_OK && !archived)
		err = store_policy_wake(db, who->workspace_id, j->id);
	return err != ERR_OK ? err : store_judge_get(db, a,
	    who->workspace_id, j->key, j);
}

/* The next version, if there is any difference; *j is read again. */
static enum err
next_version(struct db *db, struct arena *a, const struct actor *who,
    const struct judge_change *c, struct judge *j, const char **said)
{
	struct judge	 new = *j;
	const char	*summary;
	char		 version_id[UUID_LEN];
	enum err	 err;

	if (c->name != NULL)
		new.name = c->name;
	if (c->description != NULL)
		new.description = c->description;
	if (c->criterion != NULL) {
		new.criterion = c->criterion;
		new.ncriteria = c->ncriteria;
		criteria_follow(a, new.criterion, new.ncriteria,
		    j->criterion, j->ncriteria);
	}
	if ((summary = judge_difference(a, j, &new)) == NULL) {
		*said = "nothing changed";
		return ERR_OK;
	}
	uuid_new(version_id);
	if ((err = store_judge_change(db, a, who, version_id, summary, &new))
	    != ERR_OK || (err = store_judge_get(db, a, who->workspace_id,
	    j->key, j)) != ERR_OK)
		return err;
	*said = arena_printf(a, "%s; version %lld is active", summary,
	    (long long)j->version);
	return ERR_OK;
}

enum err
judge_change(struct db *db, struct arena *a, const struct actor *who,
    const char *key, const struct judge_change *c, struct judge *out,
    const char **said)
{
	enum err	err;

	if ((err = hold(db, a, who, key, out, said)) != ERR_OK)
		return err;
	if (out->archived_at != TS_NONE) {
		if (!c->restore || c->name != NULL ||
		    c->description != NULL || c->criterion != NULL)
			return refuse_archived(a, out, said);
		*said = "judge is active again";
		return shelve(db, a, who, 0, out);
	}
	if (c->criterion != NULL && out->active_job != NULL)
		return refuse_busy(a, out, said);
	return next_version(db, a, who, c, out, said);
}

enum err
judge_archive(struct db *db, struct arena *a, const struct actor *who,
    const char *key, struct judge *out, const char **said)
{
	enum err	err;

	if ((err = hold(db, a, who, key, out, said)) != ERR_OK)
		return err;
	if (out->archived_at != TS_NONE) {
		*said = "judge is archived already";
		return ERR_OK;
	}
	if (out->active_job != NULL)
		return refuse_busy(a, out, said);
	*said = "judge archived";
	return shelve(db, a, who, 1, out);
}

/* 0: no number that a version could have. */
static int64_t
number_read(const char *s)
{
	size_t	len = strspn(s, "0123456789");

	if (s[0] == '0' || s[len] != '\0' || len > NUMBER_DIGITS)
		return 0;
	return len == 0 ? 0 : strtoll(s, NULL, 10);
}

static enum err
version_read(struct db *db, struct arena *a, const char *workspace_id,
    const char *judge_id, const char *number, struct judge_version *out,
    const char **said)
{
	int64_t		n = number_read(number);
	enum err	err = ERR_NOT_FOUND;

	if (n > 0)
		err = store_version_get(db, a, workspace_id, judge_id, n,
		    out);
	if (err == ERR_NOT_FOUND)
		*said = "no such version";
	return err;
}

enum err
version_get(struct db *db, struct arena *a, const char *workspace_id,
    const char *key, const char *number, struct judge_version *out,
    const char **said)
{
	struct judge_brief	judge;
	enum err		err;

	*said = NULL;
	err = store_judge_find(db, workspace_id, key, &judge);
	if (err == ERR_NOT_FOUND)
		*said = "no such judge";
	return err != ERR_OK ? err : version_read(db, a, workspace_id,
	    judge.id, number, out, said);
}

/* Why a version of this status cannot become active; NULL: it can. */
static const char *
refusal(const char *status, int rollback)
{
	if (strcmp(status, "archived") == 0)
		return "is archived";
	if (rollback && strcmp(status, "draft") == 0)
		return "was never active; deploy it";
	if (rollback && strcmp(status, "active") == 0)
		return "is active";
	return NULL;
}

enum err
version_deploy(struct db *db, struct arena *a, const struct actor *who,
    const struct version_order *o, struct judge_version *out,
    const char **said)
{
	const char	*why;
	struct judge	 judge;
	enum err	 err;

	if ((err = hold(db, a, who, o->key, &judge, said)) != ERR_OK ||
	    (err = version_read(db, a, who->workspace_id, judge.id,
	    o->number, out, said)) != ERR_OK)
		return err;
	if (judge.archived_at != TS_NONE)
		return refuse_archived(a, &judge, said);
	if ((why = refusal(out->status, o->rollback)) != NULL) {
		*said = arena_printf(a, "version %lld %s",
		    (long long)out->number, why);
		return ERR_INVALID_STATE;
	}
	if (strcmp(out->status, "active") == 0)
		return ERR_OK;
	err = store_version_deploy(db, a, who, judge.id, out->number,
	    o->rollback ? "rollback" : "deploy", o->reason);
	return err != ERR_OK ? err : store_version_get(db, a,
	    who->workspace_id, judge.id, out->number, out);
}
