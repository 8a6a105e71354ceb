/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A training between two epochs, on disk.  What is not in the file is made
 * again from the job, the data and the base model; the file names them by a
 * digest, so that it can never continue another training.
 */
#ifndef JUDGE_CHECKPOINT_H
#define JUDGE_CHECKPOINT_H

#include <stddef.h>

struct fit;

/* Durable when it returns 0; -1 and errno. */
int checkpoint_save(const struct fit *, const char *path);
/*
 * Continues `fit`, fresh from fit_new, where the file left off.  0, or -1
 * with the reason in errbuf and the fit untouched.
 */
int checkpoint_load(struct fit *, const char *path, char *errbuf,
    size_t errlen);

#endif
