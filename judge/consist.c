/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading consistency.jsonl. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/consist.h"
#include "judge/metric.h"
#include "judge/model_int.h"
#include "util/arena.h"
#include "util/hash.h"
#include "util/jv.h"

/* Open addressing; at most two thirds full. */
#define SLOTS	8192

struct group {
	uint8_t	key[SHA256_LEN];	/* digest of the group key */
	size_t	n;
	double	x[CONSIST_PER_GROUP];
};

struct groups {
	struct group	*group;		/* in the order they were met */
	size_t		 n;
	uint16_t	 slot[SLOTS];	/* group + 1; 0: free */
};

/* The group of a key, new ones included; NULL when there are enough. */
static struct group *
group_of(struct groups *g, const char *key)
{
	uint8_t digest[SHA256_LEN];
	size_t at;

	sha256(key, strlen(key), digest);
	at = ((size_t)digest[0] << 8 | digest[1]) % SLOTS;
	for (; g->slot[at] != 0; at = (at + 1) % SLOTS)
		if (memcmp(g->group[g->slot[at] - 1].key, digest,
		    SHA256_LEN) == 0)
			return &g->group[g->slot[at] - 1];
	if (g->n == CONSIST_GROUPS)
		return NULL;
	g->slot[at] = (uint16_t)(g->n + 1);
	memcpy(g->group[g->n].key, digest, SHA256_LEN);
	return &g->group[g->n++];
}

/* NULL, or what is wrong with the line. */
static const char *
take_line(struct groups *g, const struct job *job,
    const struct judge_model *m, struct arena *a, const struct jv *line)
{
	const struct criteria *cr = &job->base.criteria;
	double raw[JUDGE_MAX_CRITERIA], score[JUDGE_MAX_CRITERIA];
	struct judge_input in = { NULL, 0, job->is_text, cr->n, cr->head,
	    raw };
	const char *key = jv_text(line, "group_key");
	const struct jv *map = jv_member(line, "raw"), *v;
	struct group *group;
	int c;

	if (key == NULL || jv_type(map) != JV_OBJECT)
		return "group_key or raw is missing";
	group = group_of(g, key);
	if (group == NULL || group->n == CONSIST_PER_GROUP)
		return NULL;
	for (c = 0; c < cr->n; c++) {
		raw[c] = NAN;
		v = jv_member(map, cr->id[c]);
		if (v != NULL && (!jv_num(v, &raw[c]) || raw[c] < 0 ||
		    raw[c] > 100))
			return "a raw score is not a number in 0..100";
	}
	in.content = jv_str(jv_member(line, "content"), &in.content_len);
	/* Without a score for our criteria there is nothing to compare. */
	if (judge_model_score(m, a, &in, score) == 0)
		group->x[group->n++] = judge_overall(cr->weight, score, cr->n);
	return NULL;
}

static const char *
read_lines(FILE *f, struct groups *g, const struct job *job,
    const struct judge_model *m, const volatile sig_atomic_t *stop,
    size_t *number)
{
	struct arena *a = arena_new((size_t)1 << 20);
	const char *fault = NULL;
	char *text = NULL;
	struct jv *line;
	size_t cap = 0;
	ssize_t len;

	while (!*stop && fault == NULL &&
	    (len = getline(&text, &cap, f)) != -1) {
		++*number;
		if (text[strspn(text, " \t\r\n")] == '\0')
			continue;
		if (jv_parse_checked(a, text, (size_t)len, &line) == -1 ||
		    jv_type(line) != JV_OBJECT)
			fault = "not a JSON object";
		else
			fault = take_line(g, job, m, a, line);
		arena_reset(a);
	}
	if (fault == NULL && ferror(f))
		fault = "could not be read";
	free(text);
	arena_free(a);
	return fault;
}

static void
summarize(const struct groups *g, struct consistency *out)
{
	double *x = xcalloc(g->n * CONSIST_PER_GROUP, sizeof(*x));
	size_t *size = xcalloc(g->n, sizeof(*size)), i, n = 0;

	out->groups = 0;
	for (i = 0; i < g->n; i++) {
		if (g->group[i].n < 2)
			continue;
		memcpy(x + n, g->group[i].x, g->group[i].n * sizeof(*x));
		n += g->group[i].n;
		size[out->groups++] = g->group[i].n;
	}
	out->score = metric_consistency(x, size, out->groups);
	free(size);
	free(x);
}

int
consist_read(const struct job *job, const struct judge_model *m,
    const volatile sig_atomic_t *stop, struct consistency *out, char *errbuf,
    size_t errlen)
{
	struct groups *g;
	const char *fault;
	size_t number = 0;
	FILE *f;

	*out = (struct consistency){ NAN, 0 };
	if (job->consistency == NULL)
		return 0;
	if ((f = fopen(job->consistency, "re")) == NULL) {
		snprintf(errbuf, errlen, "could not read the repeats: %s",
		    strerrordesc_np(errno));
		return -1;
	}
	g = xcalloc(1, sizeof(*g));
	g->group = xcalloc(CONSIST_GROUPS, sizeof(*g->group));
	fault = read_lines(f, g, job, m, stop, &number);
	fclose(f);
	if (fault != NULL)
		snprintf(errbuf, errlen, "consistency line %zu: %s", number,
		    fault);
	else
		summarize(g, out);
	free(g->group);
	free(g);
	return fault != NULL ? -1 : *stop != 0;
}
