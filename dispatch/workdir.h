/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Work folders: data_dir/work/<job>/<attempt>/, one for each attempt, with a
 * file that names what it belongs to.
 */
#ifndef DISPATCH_WORKDIR_H
#define DISPATCH_WORKDIR_H

#include <limits.h>
#include <stddef.h>

#include "store/store_attempt.h"

/* See workdir_engine_set(). */
#define WORKDIR_ENGINE	"engine"

/* Names of files inside still fit in PATH_MAX. */
#define WORKDIR_MAX	(PATH_MAX - 64)

/* The path; -1: too long. */
int workdir_path(const char *data_dir, const struct attempt_ref *,
    char out[WORKDIR_MAX]);
/* Makes the folder, or finds it.  -1 and errno. */
int workdir_make(const char *data_dir, const struct attempt_ref *);
/*
 * Calls fn for every work folder there is until it returns non-zero; folders
 * without the name file are skipped.  -1 and errno when there is no reading.
 */
int workdir_each(const char *data_dir,
    int (*fn)(void *, const struct attempt_ref *), void *arg);
/*
 * Which far engine may still run something for this folder: a file in it
 * says so from before the start until the end is known.  Set: -1 and errno.
 * Get: 1 and the name, or 0.
 */
int workdir_engine_set(const char *dir, const char *engine);
int workdir_engine_get(const char *dir, char *engine, size_t size);
void workdir_engine_clear(const char *dir);
/* Removes an attempt's folder, and the job's when it was the last. */
void workdir_remove(const char *data_dir, const struct attempt_ref *);

#endif
