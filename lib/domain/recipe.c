/* SPDX-License-Identifier: BSD-2-Clause */
/* Reward recipes and Worlds presets. */
#include "config.h"

#include <string.h>

#include "domain/recipe.h"

/* What a recipe needs besides its parameters. */
#define NEEDS_NEEDLE	0x1
#define NEEDS_TASK	0x2	/* the job names a task */
#define NEEDS_FLAG	0x4	/* the task's document holds a flag's hash */

static const struct recipe {
	const struct schema	*params;	/* its name is the recipe's */
	unsigned int		 needs;
} recipe_table[] = {
	{ &schema_recipe_exact_match, 0 },
	{ &schema_recipe_contains, NEEDS_NEEDLE },
	{ &schema_recipe_row_reward, 0 },
	{ &schema_recipe_trajectory, 0 },
	{ &schema_recipe_task_verifier, NEEDS_FLAG },
	{ &schema_recipe_gsm8k, 0 },
	{ &schema_recipe_task_env_verifier, NEEDS_TASK },
	{ &schema_recipe_task_env_agent, NEEDS_TASK },
};

static const char *const preset[] = { "heuristic_v1", "goal_only_v1",
    "discovery_v1" };

/* "sha256:" and 64 hex digits */
static int
is_hash(const char *s)
{
	return s != NULL && strncmp(s, "sha256:", 7) == 0 &&
	    strspn(s + 7, "0123456789abcdefABCDEF") == 64 &&
	    strlen(s) == 71;
}

static void
check_flag(struct faults *f, const struct loc *loc, const char *name,
    const struct jv *task)
{
	const struct jv	*verification = jv_member(task, "verification");
	const char	*method, *hash;

	if (jv_type(verification) != JV_OBJECT) {
		fault_add(f, loc, "value_error",
		    "%s requires a task with verification config", name);
		return;
	}
	method = jv_str(jv_member(verification, "method"), NULL);
	if (method == NULL || strcmp(method, "flag") != 0) {
		fault_add(f, loc, "value_error", "%s currently supports only "
		    "flag-based task verification", name);
		return;
	}
	hash = jv_str(jv_member(verification, "hash"), NULL);
	if (hash == NULL)	/* older tasks */
		hash = jv_str(jv_member(verification, "flag_hash"), NULL);
	if (!is_hash(hash))
		fault_add(f, loc, "value_error",
		    "%s requires verification.hash", name);
}

void
recipe_check(struct faults *f, const struct jv *recipe, const struct loc *loc,
    enum recipe_task task, const struct jv *document)
{
	const struct recipe	*r = NULL;
	const struct jv		*params;
	struct schema_check	 check = { .faults = f };
	struct buf		 others;
	const char		*name;
	size_t			 i;

	name = jv_str(jv_member(recipe, "name"), NULL);
	for (i = 0; i < sizeof(recipe_table) / sizeof(recipe_table[0]); i++)
		if (strcmp(recipe_table[i].params->name, name) == 0)
			r = &recipe_table[i];
	if (r == NULL) {
		fault_add(f, LOC(loc, "name"), "unknown_reward_recipe",
		    "Unknown reward recipe: %s", name);
		return;
	}
	params = jv_member(recipe, "params");
	if (params != NULL) {
		/* further keys are handed on, not refused */
		buf_init(&others, f->arena);
		check.ignored = &others;
		schema_check(&check, r->params, params, LOC(loc, "params"));
	}
	if ((r->needs & NEEDS_NEEDLE) && jv_member(params, "needle") == NULL)
		fault_add(f, LOC(loc, "params"), "value_error",
		    "%s requires params.needle", name);
	if ((r->needs & NEEDS_TASK) && task == RECIPE_TASK_NONE)
		fault_add(f, loc, "value_error",
		    "%s requires a task_ref on the RL job", name);
	if ((r->needs & NEEDS_FLAG) && task != RECIPE_TASK_MISSING)
		check_flag(f, loc, name, document);
}

int
world_preset_known(const char *name)
{
	size_t	i;

	for (i = 0; i < sizeof(preset) / sizeof(preset[0]); i++)
		if (strcmp(preset[i], name) == 0)
			return 1;
	return 0;
}
