/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the slurm engine leaves in a work folder, and who reads it:
 *
 *	slurm.sh	the batch script; no secret in it, since Slurm keeps it
 *	slurm.env	the runner's environment, for its owner only
 *	slurm.submitted	there was a submit that Slurm took
 *	slurm.begun	a folder that only one start of the script can make
 *	exit		the runner's wait status (see keeper.h)
 */
#ifndef DISPATCH_SLURM_H
#define DISPATCH_SLURM_H

#include "dispatch/engines/check.h"
#include "dispatch/engines/engine.h"

#define SLURM_SCRIPT	"slurm.sh"
#define SLURM_ENV	"slurm.env"
#define SLURM_SUBMITTED	"slurm.submitted"
#define SLURM_BEGUN	"slurm.begun"

/* Its own status when it finds that it was started before: see EXIT_AGAIN. */
#define EXIT_TWICE	75

/* Writes script and environment.  -1 and errno. */
int slurm_script(const char *dir, const struct engine_job *);
void slurm_mark(const char *dir, const char *name);
/* 1: it was submitted, or has begun. */
int slurm_marked(const char *dir);

#endif
