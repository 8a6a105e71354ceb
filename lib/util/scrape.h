/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GET /metrics, for Prometheus, from a thread of its own: at an address that
 * is not the site's.
 */
#ifndef UTIL_SCRAPE_H
#define UTIL_SCRAPE_H

struct scrape;

/*
 * Main thread, signals blocked.  address: see listen_address().  measure(arg)
 * runs before each answer, in that thread; it may be NULL.
 */
struct scrape *scrape_start(const char *address, void (*measure)(void *),
    void *arg);
/* NULL is allowed. */
void scrape_stop(struct scrape *);

#endif
