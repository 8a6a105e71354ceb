/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel says of this process, as metrics. */
#ifndef UTIL_PROCESS_H
#define UTIL_PROCESS_H

/* Main thread: remembers the start. */
void process_begin(void);
/* Seconds of all processors so far.  Any thread. */
double process_cpu(void);
/* Sets the gauges.  Any thread. */
void process_measure(void);

#endif
