/* SPDX-License-Identifier: BSD-2-Clause */
/* Replies kept under an idempotency key, all of them to POST. */
#ifndef STORE_IDEM_H
#define STORE_IDEM_H

#include "store/db.h"

struct idem_row {
	char		 hash[65];	/* of the request, hex */
	int		 status;
	const char	*location;	/* NULL: none */
	const char	*body;
};

/* ERR_NOT_FOUND: no reply younger than 24 hours. */
enum err store_idem_find(struct db *, struct arena *, const char *account,
    const char *path, const char *key, struct idem_row *) MUSTCHECK;
/* *mine 0: another transaction holds the key. */
enum err store_idem_lock(struct db *, struct arena *, const char *account,
    const char *path, const char *key, int *mine) MUSTCHECK;
enum err store_idem_insert(struct db *, struct arena *, const char *account,
    const char *path, const char *key, const struct idem_row *) MUSTCHECK;

#endif
