/* SPDX-License-Identifier: BSD-2-Clause */
/* The base models that hosted jobs may name. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/out.h"
#include "store/sqlarr.h"
#include "util/jv.h"

#define MAX_TOKENS	100000000

static const struct col cols[] = {
	{ "id", COL_TEXT },
	{ "display_name", COL_TEXT, 1 },
	{ "family", COL_TEXT },
	{ "type", COL_TEXT },
	{ "size_b", COL_NUM },
	{ "context_length", COL_INT },
	{ "extended_tokens", COL_INT },
	{ "algorithms", COL_LIST, 1 },
	{ "pricing", COL_JSON, 1 },
	{ "retired", COL_BOOL },
};
#define NCOLS	((int)(sizeof(cols) / sizeof(cols[0])))

static struct rows *
model_get(struct ctl *c, const char *id, int all)
{
	return ctl_run(c, STMT_cmd_model_list,
	    (const char *[]){ id, all ? "true" : "false" });
}

static int
word_among(const struct args *a, const char *what, const char *word,
    const char *const *words)
{
	struct opt_list all = { .n = 0 };
	size_t i;

	for (i = 0; words[i] != NULL; i++) {
		if (word == NULL || strcmp(word, words[i]) == 0)
			return 1;
		all.item[all.n++] = words[i];
	}
	(void)args_fault(a, "%s must be one of %s, %s%s%s", what, all.item[0],
	    all.item[1], all.n > 2 ? ", " : "", all.n > 2 ? all.item[2] : "");
	return 0;
}

static int
algorithms_read(struct ctl *c, const struct args *a,
    const struct opt_list *given, const char **literal)
{
	static const char *const words[] = { "sft", "importance_sampling",
	    "ppo", NULL };
	size_t i;

	if (given->n == 0)
		return 1;
	for (i = 0; i < given->n; i++)
		if (!word_among(a, "--algorithm", given->item[i], words))
			return 0;
	*literal = sqlarr_text(c->arena, given->item, given->n);
	return 1;
}

static int
size_ok(const struct args *a, const char *s)
{
	char *end;
	double v = strtod(s, &end);

	if (end != s && *end == '\0' && isfinite(v) && v >= 0.1 && v <= 1e6)
		return 1;
	(void)args_fault(a, "--size-b must be a number of billions, "
	    "at least 0.1");
	return 0;
}

/* {"prefill": 0.1, "sample": 0.2, "train": 0.3}, dollars a million tokens */
static int
pricing_ok(struct ctl *c, const struct args *a, const char *s)
{
	static const char *const words[] = { "prefill", "sample", "train",
	    NULL };
	struct jv_iter it;
	struct jv *pricing;
	double price;

	if (s == NULL)
		return 1;
	if (jv_parse_checked(c->arena, s, strlen(s), &pricing) == -1 ||
	    jv_type(pricing) != JV_OBJECT) {
		(void)args_fault(a, "--pricing must be a JSON object such as "
		    "{\"train\": 0.4}");
		return 0;
	}
	jv_iter_init(&it, pricing);
	while (jv_iter_next(&it)) {
		if (!word_among(a, "a key of --pricing", it.key, words))
			return 0;
		if (!jv_num(it.val, &price) || price < 0) {
			(void)args_fault(a, "--pricing: %s must be a number, "
			    "at least 0", it.key);
			return 0;
		}
	}
	return 1;
}

/* Numbers that both verbs take. */
static int
lengths_ok(const struct args *a, const char *context, const char *extended)
{
	if (!args_number(a, "--context-length", context, 1, MAX_TOKENS) ||
	    !args_number(a, "--extended-tokens", extended != NULL &&
	    extended[0] == '\0' ? NULL : extended, 1, MAX_TOKENS))
		return 0;
	if (context != NULL && extended != NULL && extended[0] != '\0' &&
	    strtol(extended, NULL, 10) <= strtol(context, NULL, 10)) {
		(void)args_fault(a, "--extended-tokens must be more than "
		    "--context-length");
		return 0;
	}
	return 1;
}

static int
catalog_add(struct ctl *c, struct args *a)
{
	static const char *const families[] = { "llama", "qwen", NULL };
	static const char *const types[] = { "dense", "moe", NULL };
	const char *id, *name = NULL, *family = NULL, *type = "dense";
	const char *size = NULL, *context = NULL, *extended = NULL;
	const char *pricing = NULL;
	const char *words = "{sft,importance_sampling,ppo}";
	struct opt_list algorithms = { .n = 0 };
	int quiet = 0, created;
	const struct opt opts[] = {
		{ "name", OPT_TEXT, &name },
		{ "family", OPT_TEXT, &family },
		{ "type", OPT_TEXT, &type },
		{ "size-b", OPT_TEXT, &size },
		{ "context-length", OPT_TEXT, &context },
		{ "extended-tokens", OPT_TEXT, &extended },
		{ "algorithm", OPT_LIST, &algorithms },
		{ "pricing", OPT_TEXT, &pricing },
		{ "if-missing", OPT_FLAG, &quiet },
		{ NULL, OPT_FLAG, NULL }
	};

	if (!args_read(c, a, opts, &id, 1, 1) ||
	    !args_name(a, "model's id", id) || !args_name(a, "name", name))
		return CTL_USAGE;
	if (family == NULL || size == NULL || context == NULL)
		return args_fault(a, "--family, --size-b and "
		    "--context-length are needed");
	if (!word_among(a, "--family", family, families) ||
	    !word_among(a, "--type", type, types) || !size_ok(a, size) ||
	    !lengths_ok(a, context, extended) || !pricing_ok(c, a, pricing) ||
	    !algorithms_read(c, a, &algorithms, &words))
		return CTL_USAGE;
	ctl_begin(c);
	created = rows_count(ctl_run(c, STMT_cmd_model_add,
	    (const char *[]){ id, name == NULL ? id : name, family, type,
	    size, context, extended, words, pricing })) == 1;
	if (!created && !quiet)
		return ctl_error("model \"%s\" exists already", id);
	if (created)
		ctl_audit(c, NULL, NULL, "catalog.add", "%s", id);
	ctl_commit(c);
	out_made(c, model_get(c, id, 1), cols, NCOLS, created, "model %s", id);
	return CTL_OK;
}

/* Changes one model; retired: 1, 0, or -1 for as it is. */
static int
model_change(struct ctl *c, const char *id, const char *const *values,
    int retired, const char *action)
{
	struct rows *rows;

	ctl_begin(c);
	rows = ctl_run(c, STMT_cmd_model_set, (const char *[]){ id, values[0],
	    values[1], values[2], values[3], values[4],
	    retired == -1 ? NULL : retired ? "true" : "false" });
	if (rows_count(rows) == 0) {
		(void)ctl_error("model \"%s\" does not exist", id);
		ctl_hint("\"trainyard catalog list --all\" shows those that "
		    "do");
		return CTL_FAILED;
	}
	ctl_audit(c, NULL, NULL, action, "%s", id);
	ctl_commit(c);
	if (c->json)
		out_one(c, model_get(c, id, 1), cols, NCOLS);
	else
		out_done(c, "model %s changed", id);
	return CTL_OK;
}

static int
catalog_set(struct ctl *c, struct args *a)
{
	const char *id, *values[5] = { NULL };
	struct opt_list algorithms = { .n = 0 };
	const struct opt opts[] = {
		{ "name", OPT_TEXT, &values[0] },
		{ "context-length", OPT_TEXT, &values[1] },
		{ "extended-tokens", OPT_TEXT, &values[2] },
		{ "algorithm", OPT_LIST, &algorithms },
		{ "pricing", OPT_TEXT, &values[4] },
		{ NULL, OPT_FLAG, NULL }
	};

	if (!args_read(c, a, opts, &id, 1, 1) ||
	    !args_name(a, "name", values[0]) ||
	    !lengths_ok(a, values[1], values[2]) ||
	    !pricing_ok(c, a, values[4] != NULL && values[4][0] == '\0' ? NULL :
	    values[4]) || !algorithms_read(c, a, &algorithms, &values[3]))
		return CTL_USAGE;
	return model_change(c, id, values, -1, "catalog.set");
}

static int
catalog_retire(struct ctl *c, struct args *a)
{
	static const struct opt opts[] = { { NULL, OPT_FLAG, NULL } };
	const char *id, *values[5] = { NULL };

	if (!args_read(c, a, opts, &id, 1, 1))
		return CTL_USAGE;
	return model_change(c, id, values, 1, "catalog.retire");
}

static int
catalog_restore(struct ctl *c, struct args *a)
{
	static const struct opt opts[] = { { NULL, OPT_FLAG, NULL } };
	const char *id, *values[5] = { NULL };

	if (!args_read(c, a, opts, &id, 1, 1))
		return CTL_USAGE;
	return model_change(c, id, values, 0, "catalog.restore");
}

static int
catalog_list(struct ctl *c, struct args *a)
{
	int all = 0;
	const struct opt opts[] = {
		{ "all", OPT_FLAG, &all },
		{ NULL, OPT_FLAG, NULL }
	};

	if (!args_read(c, a, opts, NULL, 0, 0))
		return CTL_USAGE;
	ctl_begin(c);
	out_list(c, model_get(c, NULL, all), cols, NCOLS);
	return CTL_OK;
}

const struct verb catalog_verbs[] = {
	{ "list", catalog_list, "[--all]" },
	{ "add", catalog_add, "ID --family llama|qwen --size-b N "
	    "--context-length N [--name NAME] [--type dense|moe] "
	    "[--extended-tokens N] [--algorithm WORD ...] [--pricing JSON] "
	    "[-q]" },
	{ "set", catalog_set, "ID [--name NAME] [--context-length N] "
	    "[--extended-tokens N] [--algorithm WORD ...] [--pricing JSON]" },
	{ "retire", catalog_retire, "ID" },
	{ "restore", catalog_restore, "ID" },
	{ NULL, NULL, NULL }
};
