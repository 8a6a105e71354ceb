/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * systemd's notify and socket activation protocols, without libsystemd.
 * sdn_listen_fd changes the environment: before threads.
 */
#ifndef UTIL_SDN_H
#define UTIL_SDN_H

/* "READY=1" and the like to $NOTIFY_SOCKET; nothing without one. */
void sdn_notify(const char *state);
/*
 * Microseconds between WATCHDOG=1 messages (half of what systemd waits), 0
 * when none are wanted.
 */
long sdn_watchdog_us(void);
/*
 * The listening socket handed over: fd 3 by LISTEN_FDS / LISTEN_PID, fd 0
 * when stdin is a listening socket (spawn-fcgi, inetd style), else -1.
 * Close-on-exec is set, the variables are unset.
 */
int sdn_listen_fd(void);

#endif
