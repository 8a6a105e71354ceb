/* SPDX-License-Identifier: BSD-2-Clause */
/* Asks the responder as nginx does. */
#ifndef CTL_PROBE_H
#define CTL_PROBE_H

/*
 * GET `path` at the FastCGI socket: the status of the answer, or -1 and in
 * *why what went wrong (a static text).
 */
int probe_get(const char *socket_path, const char *path, const char **why);

#endif
