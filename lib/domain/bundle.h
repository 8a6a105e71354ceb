/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capabilities, as far as they are read here: a packed folder (tar.gz) with
 * capability.yaml and agents/, or a single text, which is its own prompt.
 */
#ifndef DOMAIN_BUNDLE_H
#define DOMAIN_BUNDLE_H

#include <stddef.h>

#include "util/arena.h"

/*
 * The entry prompt of the capability whose bytes lie at `path`, in the arena;
 * NULL when there is none: no such file, no text, nothing in agents/.
 */
const char *bundle_entry_prompt(struct arena *, const char *path);

/* entry_agent of a capability.yaml; NULL when it names none. */
const char *bundle_entry_agent(struct arena *, const char *yaml);
/*
 * A prompt without the YAML in front of it; NULL for what is no text that a
 * JSON string can hold.
 */
const char *bundle_prompt(struct arena *, const char *text, size_t len);

#endif
