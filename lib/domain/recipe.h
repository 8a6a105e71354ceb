/* SPDX-License-Identifier: BSD-2-Clause */
/* Reward recipes: what can be known of them when a job is created. */
#ifndef DOMAIN_RECIPE_H
#define DOMAIN_RECIPE_H

#include "domain/fault.h"
#include "domain/schema.h"
#include "util/jv.h"

/*
 * Checks {name, params} at loc.  task: the task's document when the job has
 * one that could be read, else NULL; has_task: the job names a task.
 */
void recipe_check(struct faults *, const struct jv *recipe,
    const struct loc *, int has_task, const struct jv *task);
/* 1 when the preset exists; an unknown one runs as heuristic_v1. */
int world_preset_known(const char *name);

#endif
