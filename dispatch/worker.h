/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who this dispatcher is: a name that a restart on the same host finds
 * again, and that no other living dispatcher has.
 */
#ifndef DISPATCH_WORKER_H
#define DISPATCH_WORKER_H

#define WORKER_LEN	128

/*
 * Takes the first free of data_dir/workers/<host>.0, .1, ... for the life of
 * the process and reads the name in it, or makes one.  Ends the process when
 * the folder cannot be used.
 */
void worker_take(const char *data_dir, char name[WORKER_LEN]);

#endif
