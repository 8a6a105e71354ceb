/* SPDX-License-Identifier: BSD-2-Clause */
/* How db.c and batcher.c make and share what db.h calls rows. */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include <libpq-fe.h>

#include "store/db.h"

/* Takes the result over.  One holder; rows_free when it is done. */
struct rows *rows_new(PGresult *);
/* n more holders, each of which calls rows_free. */
void rows_share(struct rows *, int n);

#endif
