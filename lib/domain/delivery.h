/* SPDX-License-Identifier: BSD-2-Clause */
/* The log of webhook deliveries: its filters, a page, sending again. */
#ifndef DOMAIN_DELIVERY_H
#define DOMAIN_DELIVERY_H

#include "domain/fault.h"
#include "domain/page.h"
#include "store/store_delivery.h"
#include "store/store_judge.h"
#include "util/jv.h"
#include "util/jw.h"

/*
 * A filter's word ("status", "event") as an array literal, all that there are
 * for NULL; NULL for one that is none.
 */
const char *delivery_words(struct arena *, const char *filter,
    const char *word);
/* Filter and page of a checked query. */
void delivery_filter_read(const struct jv *args, struct arena *,
    struct faults *, struct delivery_filter *, struct page *);
/* The page, as the reply. */
enum err delivery_list_write(struct db *, struct arena *,
    const char *workspace_id, const struct delivery_filter *,
    const struct page *, struct jw *) MUSTCHECK;
/*
 * Sends one again, in the caller's transaction, and writes it as it is then.
 * ERR_NOT_FOUND; ERR_INVALID_STATE: it is on its way.
 */
enum err delivery_again(struct db *, struct arena *, const struct actor *,
    const char *id_on_the_wire, struct jw *) MUSTCHECK;

void view_delivery(struct jw *, const struct delivery_row *);

#endif
