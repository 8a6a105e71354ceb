/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the nouns of the trainyard command share.  One thread.  A noun is a
 * table of verbs; a verb reads its arguments, works in one transaction and
 * prints what came out.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include "store/db.h"
#include "util/arena.h"
#include "util/conf.h"
#include "util/ident.h"

#define CTL_OK		0
#define CTL_FAILED	1
#define CTL_USAGE	2

struct ctl {
	const char	*conf_path;
	int		 conf_given;	/* by -c: must be there */
	struct conf	 conf;
	int		 conf_read;
	struct arena	*arena;
	struct db	*db;
	int		 json;
	char		 actor[80];	/* "command:" and the user */
};

struct args;

struct verb {
	const char	*words;		/* "create", "access add", "" for none */
	int		(*run)(struct ctl *, struct args *);
	const char	*usage;		/* behind the words */
};

struct noun {
	const char		*word;
	const struct verb	*verbs;	/* ends with a NULL run */
};

extern const struct verb artifact_verbs[], audit_verbs[], catalog_verbs[],
    config_verbs[],
    doctor_verbs[], help_verbs[], job_verbs[], judge_verbs[],
    member_verbs[], migrate_verbs[], org_verbs[], project_verbs[],
    prune_verbs[], setup_verbs[], status_verbs[], token_verbs[],
    user_verbs[], version_verbs[], webhook_verbs[], workspace_verbs[];
extern const struct noun ctl_nouns[];	/* ends with a NULL word */

/* help.c: they tell what there is; CTL_OK, or CTL_USAGE for a fault. */
int help_print(const struct noun *);
int help_unknown(const char *);
int help_usage(void);

/* Messages; they return CTL_FAILED. */
int ctl_error(const char *, ...) __attribute__((format(printf, 1, 2)));
void ctl_hint(const char *, ...) __attribute__((format(printf, 1, 2)));

/*
 * The database.  All of these end the process with CTL_FAILED and a message
 * when they do not succeed; the server then rolls back.
 */
/* Settings, connection, schema new enough, transaction begun. */
void ctl_begin(struct ctl *);
/* Settings and connection only. */
void ctl_connect(struct ctl *);
void ctl_commit(struct ctl *);
/* The rows live as long as the process. */
struct rows *ctl_run(struct ctl *, enum stmt, const char *const *params);
void ctl_fail(struct ctl *, enum err) __attribute__((noreturn));
/* One line of the audit trail; ids may be NULL. */
void ctl_audit(struct ctl *, const char *workspace_id,
    const char *organization_id, const char *action, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* Settings only, from the file that is there; read once. */
void ctl_conf(struct ctl *);

/* job.c: 1 for an id in either face's way to write it, else a fault told. */
int job_id_parse(const struct args *, const char *, char id[UUID_LEN]);
/* job_log.c */
int job_logs(struct ctl *, struct args *);

#endif
