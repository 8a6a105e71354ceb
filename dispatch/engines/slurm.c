/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The slurm engine: jobs of a cluster that shares data_dir.  It is spoken to
 * by its commands, and a run is known by its name alone: a controller that
 * crashes may start a job twice, forget it, and give its number to another.
 * How a run ended is what its script wrote (see slurm_script.c), since Slurm
 * without a database of its own forgets it after minutes.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dispatch/engines/slurm.h"
#include "dispatch/engines/tool.h"
#include "dispatch/keeper.h"
#include "dispatch/text.h"
#include "util/log.h"
#include "util/ts.h"

#define LIST_FRESH	INT64_C(2000000)	/* so long one list serves all */
#define GONE_AFTER	INT64_C(10000000)	/* for a record on its way */
#define SLACK		60	/* seconds that Slurm's limit is behind ours */
#define ARGS_MOST	64

/* struct engine_run's own. */
struct slurm {
	int64_t	 since;		/* it is there for certain: lists from then */
	int64_t	 gone_at;	/* it was missed first, 0: not */
	int	 ended;		/* by us */
	char	 reason[64];	/* why it waits, as logged last */
};

/* What Slurm says of one job. */
struct job {
	char	id[32], state[32], reason[64];
};

static const struct conf *conf;
static char **options;		/* slurm_options */

/* All our jobs, asked for at most every so often. */
static struct {
	pthread_mutex_t	 lock;
	char		*text;		/* name|id|state|reason lines */
	int64_t		 at;		/* asked then */
} list = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void
slurm_open(const struct conf *c)
{
	conf = c;
	options = text_split(c->slurm_options);
}

static struct slurm *
own(struct engine_run *r)
{
	if (r->own == NULL && (r->own = calloc(1, sizeof(struct slurm))) ==
	    NULL)
		fatalx("out of memory");
	return r->own;
}

/* 1 when that command did what it is for; else `why` says what is wrong. */
static int
ask_tool(struct tool *t, const char *const argv[], char why[ENGINE_WHY_LEN])
{
	int e = tool_run(t, argv, conf->engine_timeout_seconds * 1000);

	if (e == 0 && tool_good(t))
		return 1;
	(void)snprintf(why, ENGINE_WHY_LEN, "%s", t->why[0] == '\0' ?
	    "the command failed without a word" : t->why);
	return 0;
}

/* Does it say that another time it may work? */
static int
may_work_later(const char *why)
{
	static const char *const words[] = { "Unable to contact", "imed out",
	    "onnect", "ry again", "emporar", "Zero Bytes", "too long",
	    "Limit", "in standby mode", "the dispatcher ends", "unexpected",
	    "Protocol authentication", "Munge" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(why, words[i]) != NULL)
			return 1;
	return 0;
}

static int
is_over(const char *state)
{
	static const char *const words[] = { "COMPLETED", "CANCELLED",
	    "FAILED", "TIMEOUT", "NODE_FAIL", "PREEMPTED", "BOOT_FAIL",
	    "DEADLINE", "OUT_OF_MEMORY", "REVOKED", "SPECIAL_EXIT" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(state, words[i]) == 0)
			return 1;
	return 0;
}

/* The job of that name in a list; one that goes on before one that ended. */
static int
list_find(const char *text, const char *name, struct job *found)
{
	char jobname[ENGINE_NAME_LEN];
	struct job j;
	int n = 0;

	for (; text != NULL && *text != '\0'; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (sscanf(text, "%63[^|\n]|%31[^|\n]|%31[^|\n]|%63[^\n]",
		    jobname, j.id, j.state, j.reason) != 4 ||
		    strcmp(jobname, name) != 0)
			continue;
		if (n++ == 0 || is_over(found->state))
			*found = j;
	}
	return n > 0;
}

/* 1 found, 0 not, -1: nobody could say. */
static int
look_up(struct engine_run *r, struct job *j)
{
	char by_name[ENGINE_NAME_LEN + 16];
	const char *const argv[] = { "squeue", "--noheader", "--states=all",
	    by_name, "--format=%j|%i|%T|%r", NULL };
	struct tool t;
	int found = -1;

	(void)snprintf(by_name, sizeof(by_name), "--name=%s", r->name);
	if (ask_tool(&t, argv, r->why))
		found = list_find(t.out, r->name, j);
	tool_free(&t);
	return found;
}

/* The same from a list that is shared by all runs, of `since` or later. */
static int
look_in_list(struct engine_run *r, int64_t since, struct job *j)
{
	static const char *const argv[] = { "squeue", "--noheader", "--me",
	    "--states=all", "--format=%j|%i|%T|%r", NULL };
	int64_t now = ts_mono();
	struct tool t;
	int found = -1;

	(void)pthread_mutex_lock(&list.lock);
	if (list.text == NULL || list.at < since ||
	    now - list.at > LIST_FRESH) {
		free(list.text);
		list.text = NULL;
		list.at = ts_mono();
		if (ask_tool(&t, argv, r->why)) {
			list.text = t.out == NULL ? strdup("") : t.out;
			t.out = NULL;
		}
		tool_free(&t);
	}
	if (list.text != NULL)
		found = list_find(list.text, r->name, j);
	(void)pthread_mutex_unlock(&list.lock);
	return found;
}

static void
handle_set(struct engine_run *r, const struct job *j)
{
	(void)snprintf(r->handle, sizeof(r->handle), "job %s", j->id);
}

/* The options of sbatch; texts live in `text`. */
static void
submit_args(const struct engine_run *r, const struct engine_job *job,
    const char *argv[ARGS_MOST], char text[10][PATH_MAX])
{
	int64_t minutes = (job->seconds + job->grace + SLACK + 59) / 60;
	size_t i, n = 0, k = 0;

	argv[n++] = "sbatch";
	argv[n++] = "--parsable";
	argv[n++] = "--no-requeue";
	argv[n++] = "--nodes=1";
	argv[n++] = "--ntasks=1";
	argv[n++] = "--output=/dev/null";
	argv[n++] = "--open-mode=append";
#define ARG(...) do {							\
	(void)snprintf(text[k], PATH_MAX, __VA_ARGS__);			\
	argv[n++] = text[k++];						\
} while (0)
	ARG("--error=%s/" RUN_STDERR, r->dir);
	ARG("--job-name=%s", r->name);
	ARG("--comment=%s", r->name);
	ARG("--time=%" PRId64, minutes);
	if (job->memory_mb > 0)
		ARG("--mem=%" PRId64 "M", job->memory_mb);
	if (job->cpus > 0)
		ARG("--cpus-per-task=%" PRId64, job->cpus);
	if (conf->slurm_partition[0] != '\0')
		ARG("--partition=%s", conf->slurm_partition);
	if (conf->slurm_account[0] != '\0')
		ARG("--account=%s", conf->slurm_account);
	for (i = 0; options != NULL && options[i] != NULL &&
	    n < ARGS_MOST - 2; i++)
		argv[n++] = options[i];
	ARG("%s/" SLURM_SCRIPT, r->dir);
#undef ARG
	argv[n] = NULL;
}

/* 0; -1 and errno, and `why`. */
static int
submit(struct engine_run *r, const struct engine_job *job)
{
	const char *argv[ARGS_MOST];
	char text[10][PATH_MAX];
	struct job j = { .id = "" };
	struct tool t;
	int good;

	submit_args(r, job, argv, text);
	if ((good = ask_tool(&t, argv, r->why)) != 0 && t.out != NULL)
		/* With clusters, ID;CLUSTER. */
		(void)sscanf(t.out, "%31[0-9]", j.id);
	tool_free(&t);
	if (!good) {
		errno = may_work_later(r->why) ? EAGAIN : EINVAL;
		return -1;
	}
	handle_set(r, &j);
	slurm_mark(r->dir, SLURM_SUBMITTED);
	return 0;
}

static int
slurm_start(struct engine_run *r, const struct engine_job *job)
{
	struct slurm *s = own(r);
	struct job j;
	int found;

	s->since = ts_mono();
	if (slurm_script(r->dir, job) == -1)
		return -1;
	/* They can be watched from the beginning. */
	slurm_mark(r->dir, RUN_EVENTS);
	slurm_mark(r->dir, RUN_STDERR);
	if ((found = look_up(r, &j)) == -1) {
		errno = EAGAIN;
		return -1;
	}
	if (found) {
		log_info("slurm: found what an earlier submit left name=%s",
		    r->name);
		handle_set(r, &j);
		slurm_mark(r->dir, SLURM_SUBMITTED);
		return 0;
	}
	found = submit(r, job);
	s->since = ts_mono();
	return found;
}

/* How it ended is known. */
static enum engine_state
ended(struct engine_run *r)
{
	char by_name[ENGINE_NAME_LEN + 16];
	const char *const argv[] = { "scancel", "--quiet", by_name, NULL };
	char why[ENGINE_WHY_LEN];
	struct tool t;

	/* It may come from a second start, beside which the first goes on. */
	if (r->status != EXIT_TWICE << 8)
		return ENGINE_ENDED;
	(void)snprintf(by_name, sizeof(by_name), "--name=%s", r->name);
	if (!ask_tool(&t, argv, why))
		log_debug("slurm: scancel name=%s: %s", r->name, why);
	tool_free(&t);
	return ENGINE_ENDED;
}

/* It is not there any more and wrote nothing down. */
static enum engine_state
missed(struct engine_run *r, const struct job *j)
{
	struct slurm *s = own(r);

	if (s->gone_at == 0)
		s->gone_at = ts_mono();
	/* Folders that hosts share may show a record late. */
	if (!s->ended && ts_mono() - s->gone_at < GONE_AFTER)
		return ENGINE_RUNNING;
	if (j == NULL) {
		(void)snprintf(r->why, sizeof(r->why),
		    "Slurm knows it no more");
		return ENGINE_GONE;
	}
	(void)snprintf(r->why, sizeof(r->why), "Slurm says %s %s", j->state,
	    j->reason);
	if (strcmp(j->state, "TIMEOUT") != 0 &&
	    strcmp(j->state, "DEADLINE") != 0 &&
	    strcmp(j->state, "OUT_OF_MEMORY") != 0)
		return ENGINE_GONE;
	/* It would be so again. */
	r->status = SIGKILL;
	return ENGINE_ENDED;
}

static void
wait_note(struct engine_run *r, const struct job *j)
{
	struct slurm *s = own(r);

	if (strcmp(j->state, "PENDING") != 0 ||
	    strcmp(j->reason, s->reason) == 0)
		return;
	(void)snprintf(s->reason, sizeof(s->reason), "%s", j->reason);
	log_info("slurm: waits name=%s handle=\"%s\" reason=%s", r->name,
	    r->handle, j->reason);
}

static enum engine_state
slurm_poll(struct engine_run *r)
{
	struct slurm *s = own(r);
	struct job j;
	int found;

	if (keeper_exit_status(r->dir, &r->status) == 0)
		return ended(r);
	if ((found = look_in_list(r, s->since, &j)) == -1)
		return ENGINE_UNKNOWN;
	if (found)
		handle_set(r, &j);
	if (found && !is_over(j.state)) {
		s->gone_at = 0;
		wait_note(r, &j);
		return ENGINE_RUNNING;
	}
	/* Once more: it may have ended in between. */
	if (keeper_exit_status(r->dir, &r->status) == 0)
		return ENGINE_ENDED;
	return missed(r, found ? &j : NULL);
}

/* -1: the cluster could not be asked. */
static int
cancel(struct engine_run *r, const char *how, const char *how_else)
{
	char by_name[ENGINE_NAME_LEN + 16];
	const char *const argv[] = { "scancel", "--quiet", by_name, how,
	    how_else, NULL };
	struct tool t;
	int good;

	(void)snprintf(by_name, sizeof(by_name), "--name=%s", r->name);
	good = ask_tool(&t, argv, r->why) || !may_work_later(r->why);
	tool_free(&t);
	return good ? 0 : -1;
}

static int
slurm_stop(struct engine_run *r, int hard)
{
	struct slurm *s = own(r);

	/* A signal is only for what has begun; the rest has nothing to save. */
	if (cancel(r, hard ? "--signal=KILL" : "--signal=TERM", "--full") ==
	    -1 || cancel(r, hard ? NULL : "--state=PENDING", NULL) == -1)
		return -1;
	s->ended = 1;
	s->since = ts_mono();
	return 0;
}

static enum engine_state
slurm_recover(struct engine_run *r)
{
	struct slurm *s = own(r);
	struct job j;
	int found;

	s->since = ts_mono();
	if (keeper_exit_status(r->dir, &r->status) == 0)
		return ENGINE_ENDED;
	if ((found = look_up(r, &j)) == -1)
		return ENGINE_UNKNOWN;
	if (found)
		handle_set(r, &j);
	/* What is over or missed, poll() finds out, with patience. */
	return found || slurm_marked(r->dir) ? ENGINE_RUNNING :
	    ENGINE_UNSTARTED;
}

static void
slurm_release(struct engine_run *r)
{
	free(r->own);
	r->own = NULL;
}

enum check_verdict
check_slurm_commands(const struct conf *c, char why[ENGINE_WHY_LEN])
{
	static const char *const names[] = { "sbatch", "squeue", "scancel",
	    "sinfo", "scontrol" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!command_found(names[i])) {
			(void)snprintf(why, ENGINE_WHY_LEN, "there is no %s: "
			    "install slurm-client", names[i]);
			return CHECK_FAIL;
		}
	(void)snprintf(why, ENGINE_WHY_LEN, "sbatch and its siblings are "
	    "found");
	return CHECK_OK;
}

enum check_verdict
check_slurm_controller(const struct conf *c, char why[ENGINE_WHY_LEN])
{
	static const char *const argv[] = { "scontrol", "ping", NULL };
	enum check_verdict v = CHECK_OK;
	struct tool t;

	if (!ask_tool(&t, argv, why)) {
		v = CHECK_FAIL;
		if (t.out != NULL && t.why[0] == '\0')
			(void)snprintf(why, ENGINE_WHY_LEN, "%.*s",
			    (int)strcspn(t.out, "\n"), t.out);
	} else
		(void)snprintf(why, ENGINE_WHY_LEN, "%.*s", t.out == NULL ?
		    0 : (int)strcspn(t.out, "\n"), t.out == NULL ? "" :
		    t.out);
	tool_free(&t);
	return v;
}

enum check_verdict
check_slurm_partition(const struct conf *c, char why[ENGINE_WHY_LEN])
{
	char by_name[PATH_MAX], name[128], *at;
	const char *argv[] = { "sinfo", "--noheader", "--format=%P %a",
	    NULL, NULL };
	const char *wanted = c->slurm_partition;
	enum check_verdict v = CHECK_FAIL;
	char state[16];
	struct tool t;

	if (wanted[0] != '\0') {
		(void)snprintf(by_name, sizeof(by_name), "--partition=%s",
		    wanted);
		argv[3] = by_name;
	}
	if (ask_tool(&t, argv, why))
		(void)snprintf(why, ENGINE_WHY_LEN, wanted[0] == '\0' ?
		    "there is no default partition that is up" :
		    "the partition %s is not there or not up", wanted);
	for (at = t.out; at != NULL && *at != '\0'; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (sscanf(at, "%127s %15s", name, state) != 2 ||
		    strcmp(state, "up") != 0 ||
		    (wanted[0] == '\0' && name[strlen(name) - 1] != '*'))
			continue;
		(void)snprintf(why, ENGINE_WHY_LEN, "partition %s is up",
		    name);
		v = CHECK_OK;
		break;
	}
	tool_free(&t);
	return v;
}

const struct engine engine_slurm = {
	.name = "slurm",
	.far = 1,
	.open = slurm_open,
	.start = slurm_start,
	.poll = slurm_poll,
	.stop = slurm_stop,
	.recover = slurm_recover,
	.release = slurm_release,
};
