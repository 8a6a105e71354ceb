/* SPDX-License-Identifier: BSD-2-Clause */
/* The catalog of base models. */
#ifndef STORE_MODEL_H
#define STORE_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "store/db.h"

struct model_row {
	const char	*id, *display_name, *family, *type;
	double		 size_b;		/* billions of parameters */
	int64_t		 context_length, extended_tokens;	/* 0: none */
	const char	*algorithms;		/* JSON array text */
	const char	*pricing;		/* JSON text or NULL */
};

/* Active models by family, size, id; in the arena. */
enum err store_model_list(struct db *, struct arena *, struct model_row **,
    size_t *n) MUSTCHECK;

#endif
