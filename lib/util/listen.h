/* SPDX-License-Identifier: BSD-2-Clause */
/* Listening sockets.  They end the process when there is none to be had. */
#ifndef UTIL_LISTEN_H
#define UTIL_LISTEN_H

/*
 * At a path, for the owner and the group; what is left of an earlier process
 * goes.  Main thread.
 */
int listen_path(const char *path, int backlog);
/* At "127.0.0.1:9464", "[::1]:9464", "host:port", or a path with a slash. */
int listen_address(const char *address, int backlog);

#endif
