/* SPDX-License-Identifier: BSD-2-Clause */
/* Rewards: what can be known of them when a job is created. */
#ifndef DOMAIN_RECIPE_H
#define DOMAIN_RECIPE_H

#include "domain/fault.h"
#include "domain/schema.h"
#include "util/jv.h"
#include "util/jw.h"

/* The job's task; a missing one is a fault of its own already. */
enum recipe_task { RECIPE_TASK_NONE, RECIPE_TASK_MISSING, RECIPE_TASK_FOUND };

/*
 * Checks {name, params} at loc.  document: what a task that was found says
 * in JSON, NULL when it says nothing.
 */
void recipe_check(struct faults *, const struct jv *recipe,
    const struct loc *, enum recipe_task, const struct jv *document);
/* 1 when the preset exists; an unknown one runs as heuristic_v1. */
int world_preset_known(const char *name);
/*
 * Checks the types of what is known in {name, params} of a world's reward;
 * presets, components and parameters that are not known pass.
 */
void world_reward_check(struct faults *, const struct jv *reward,
    const struct loc *);
/*
 * {name, params}: a job's recipe with the parameters that it leaves out, or
 * the one that a job without any has, by what it names.
 */
void recipe_write(struct jw *, const struct jv *recipe, int prompts,
    int trajectories);
/* All recipes, presets and components with their parameters; an object. */
void recipes_write(struct jw *);

#endif
