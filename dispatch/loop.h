/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waits for descriptors.  One thread.  What is due at a time is the
 * business of whoever calls loop_wait().
 */
#ifndef DISPATCH_LOOP_H
#define DISPATCH_LOOP_H

#include <stdint.h>

struct loop;
struct watch;

struct loop *loop_new(void);
void loop_free(struct loop *);
/*
 * Calls fn(arg) whenever fd is readable.  The descriptor stays the caller's;
 * the watch goes before it is closed.
 */
struct watch *loop_watch(struct loop *, int fd, void (*fn)(void *),
    void *arg);
/* NULL is allowed; may be called from any fn. */
void loop_unwatch(struct loop *, struct watch *);
/* Waits until something is readable or `until` (ts_mono) has passed. */
void loop_wait(struct loop *, int64_t until);

#endif
