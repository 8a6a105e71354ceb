/* SPDX-License-Identifier: BSD-2-Clause */
/* Reward recipes and Worlds presets. */
#include "config.h"

#include <string.h>

#include "domain/recipe.h"

/* What a recipe needs besides its parameters: NEED(symbol, word). */
#define NEED_TABLE \
	NEED(EXPECTED, "row.expected_output") \
	NEED(REWARD, "row.reward") \
	NEED(FLAG, "task.verification") \
	NEED(ENVIRONMENT, "task.environment") \
	NEED(AGENT, "capability.agent")

enum need {
#define NEED(sym, word) NEED_##sym,
	NEED_TABLE
#undef NEED
	NEED__MAX
};

static const char *const need_word[] = {
#define NEED(sym, word) word,
	NEED_TABLE
#undef NEED
};

#define NEEDS(sym)	(1u << NEED_##sym)

static const struct recipe {
	const struct schema	*params;	/* its name is the recipe's */
	const char		*required;	/* a parameter, or NULL */
	unsigned int		 needs;
} recipe_table[] = {
	{ &schema_recipe_exact_match, NULL, NEEDS(EXPECTED) },
	{ &schema_recipe_contains, "needle", 0 },
	{ &schema_recipe_row_reward, NULL, NEEDS(REWARD) },
	{ &schema_recipe_trajectory, NULL, NEEDS(EXPECTED) | NEEDS(REWARD) },
	{ &schema_recipe_task_verifier, NULL, NEEDS(FLAG) },
	{ &schema_recipe_gsm8k, NULL, NEEDS(EXPECTED) },
	{ &schema_recipe_task_env_verifier, NULL, NEEDS(ENVIRONMENT) },
	{ &schema_recipe_task_env_agent, NULL,
	    NEEDS(ENVIRONMENT) | NEEDS(AGENT) },
};

/* Of worlds; each one's name is that of its parameters. */
static const struct schema *const preset_table[] = {
	&schema_world_heuristic, &schema_world_goal_only,
	&schema_world_discovery,
};
static const struct schema *const component_table[] = {
	&schema_component_reasoning_trace, &schema_component_tool_observation,
	&schema_component_host, &schema_component_credential,
	&schema_component_privilege, &schema_component_tool_stop,
	&schema_component_tool_error, &schema_component_terminal,
};

#define COUNT(table)	(sizeof(table) / sizeof((table)[0]))

static const struct schema *
schema_named(const struct schema *const *table, size_t n, const char *name)
{
	size_t	i;

	for (i = 0; i < n; i++)
		if (strcmp(table[i]->name, name) == 0)
			return table[i];
	return NULL;
}

/* Types of the known parameters; further keys are handed on, not refused. */
static void
check_params(struct faults *f, const struct schema *known,
    const struct jv *params, const struct loc *loc)
{
	struct schema_check	check = { .faults = f };
	struct buf		others;

	if (params == NULL)
		return;
	buf_init(&others, f->arena);
	check.ignored = &others;
	schema_check(&check, known, params, loc);
}

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
	method = jv_text(verification, "method");
	if (method == NULL || strcmp(method, "flag") != 0) {
		fault_add(f, loc, "value_error", "%s currently supports only "
		    "flag-based task verification", name);
		return;
	}
	hash = jv_text(verification, "hash");
	if (hash == NULL)	/* older tasks */
		hash = jv_text(verification, "flag_hash");
	if (!is_hash(hash))
		fault_add(f, loc, "value_error",
		    "%s requires verification.hash", name);
}

static const struct recipe *
recipe_find(const char *name)
{
	size_t	i;

	for (i = 0; i < COUNT(recipe_table); i++)
		if (strcmp(recipe_table[i].params->name, name) == 0)
			return &recipe_table[i];
	return NULL;
}

void
recipe_check(struct faults *f, const struct jv *recipe, const struct loc *loc,
    enum recipe_task task, const struct jv *document)
{
	const struct recipe	*r;
	const struct jv		*params;
	const char		*name;

	name = jv_text(recipe, "name");
	if ((r = recipe_find(name)) == NULL) {
		fault_add(f, LOC(loc, "name"), "unknown_reward_recipe",
		    "Unknown reward recipe: %s", name);
		return;
	}
	params = jv_member(recipe, "params");
	check_params(f, r->params, params, LOC(loc, "params"));
	if (r->required != NULL && jv_member(params, r->required) == NULL)
		fault_add(f, LOC(loc, "params"), "value_error",
		    "%s requires params.%s", name, r->required);
	if ((r->needs & NEEDS(ENVIRONMENT)) && task == RECIPE_TASK_NONE)
		fault_add(f, loc, "value_error",
		    "%s requires a task_ref on the RL job", name);
	if ((r->needs & NEEDS(FLAG)) && task != RECIPE_TASK_MISSING)
		check_flag(f, loc, name, document);
}

int
world_preset_known(const char *name)
{
	return schema_named(preset_table, COUNT(preset_table), name) != NULL;
}

static void
check_component(struct faults *f, const struct jv *component,
    const struct loc *loc)
{
	const struct schema	*known;
	size_t			 before = f->count;

	if (jv_type(component) != JV_OBJECT) {
		fault_add(f, loc, "dict_type", "must be an object");
		return;
	}
	check_params(f, &schema_component, component, loc);
	if (f->count > before)
		return;
	known = schema_named(component_table, COUNT(component_table),
	    jv_text(component, "name"));
	if (known != NULL)
		check_params(f, known, jv_member(component, "params"),
		    LOC(loc, "params"));
}

void
world_reward_check(struct faults *f, const struct jv *reward,
    const struct loc *loc)
{
	const struct loc	*at = LOC(loc, "params"), *list_at;
	const struct jv		*params = jv_member(reward, "params"), *list;
	const struct schema	*known;
	size_t			 i;

	known = schema_named(preset_table, COUNT(preset_table),
	    jv_text(reward, "name"));
	if (known != NULL)
		check_params(f, known, params, at);
	if ((list = jv_member(params, "components")) == NULL)
		return;
	list_at = LOC(at, "components");
	if (jv_type(list) != JV_ARRAY) {
		fault_add(f, list_at, "list_type", "must be an array");
		return;
	}
	for (i = 0; i < jv_len(list); i++)
		check_component(f, jv_at(list, i), LOC_AT(list_at, i));
}

static const char *
type_word(enum field_type type)
{
	return type == F_STR ? "string" : type == F_INT ? "integer" :
	    "number";
}

/* The members of one entry that all three kinds have. */
static void
write_known(struct jw *w, const struct schema *s, const char *required)
{
	const struct field	*p;
	size_t			 i;

	jw_kstr(w, "name", s->name);
	jw_kstr(w, "description", s->doc);
	jw_karr(w, "parameters");
	for (i = 0; i < s->nfields; i++) {
		p = &s->fields[i];
		jw_obj(w);
		jw_kstr(w, "name", p->name);
		jw_kstr(w, "type", type_word(p->type));
		jw_kraw(w, "default", p->dflt);
		jw_kbool(w, "required", required != NULL &&
		    strcmp(required, p->name) == 0);
		jw_kstr(w, "description", p->doc);
		jw_end(w);
	}
	jw_end(w);
}

static void
write_list(struct jw *w, const char *key, const struct schema *const *table,
    size_t n)
{
	size_t	i;

	jw_karr(w, key);
	for (i = 0; i < n; i++) {
		jw_obj(w);
		write_known(w, table[i], NULL);
		jw_end(w);
	}
	jw_end(w);
}

void
recipes_write(struct jw *w)
{
	size_t	i, k;

	jw_obj(w);
	jw_karr(w, "items");
	for (i = 0; i < COUNT(recipe_table); i++) {
		jw_obj(w);
		write_known(w, recipe_table[i].params,
		    recipe_table[i].required);
		jw_karr(w, "needs");
		for (k = 0; k < NEED__MAX; k++)
			if (recipe_table[i].needs & 1u << k)
				jw_str(w, need_word[k]);
		jw_end(w);
		jw_end(w);
	}
	jw_end(w);
	write_list(w, "world_presets", preset_table, COUNT(preset_table));
	write_list(w, "world_components", component_table,
	    COUNT(component_table));
	jw_end(w);
}

/* Those that the server does not know, after those that it does. */
static void
others_write(struct jw *w, const struct schema *known,
    const struct jv *params)
{
	struct jv_iter	it;
	size_t		i;

	jv_iter_init(&it, params);
	while (jv_iter_next(&it)) {
		for (i = 0; i < known->nfields; i++)
			if (strcmp(known->fields[i].name, it.key) == 0)
				break;
		if (i == known->nfields)
			jw_kraw(w, it.key, jv_json(w->buf.arena, it.val));
	}
}

void
recipe_write(struct jw *w, const struct jv *recipe, int prompts,
    int trajectories)
{
	static const struct schema	 none = { "NoParams", NULL, 0, "" };
	const char			*name;
	const struct recipe		*r;
	const struct schema		*known;
	const struct jv			*params;

	name = jv_text(recipe, "name");
	if (name == NULL)
		name = !prompts && trajectories ? "trajectory_imitation_v1" :
		    "row_reward_v1";
	params = jv_member(recipe, "params");
	/* one that was known when the job was created has its parameters */
	known = (r = recipe_find(name)) == NULL ? &none : r->params;
	jw_obj(w);
	jw_kstr(w, "name", name);
	jw_kobj(w, "params");
	schema_write_members(known, params, w, 0);
	others_write(w, known, params);
	jw_end(w);
	jw_end(w);
}
