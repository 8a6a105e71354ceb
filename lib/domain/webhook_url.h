/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where webhooks may go.  A URL is judged twice: by its text when it is
 * given (here, without a look-up), and by every address of its host at each
 * attempt (address_public()).  Any thread but for webhook_allow().
 */
#ifndef DOMAIN_WEBHOOK_URL_H
#define DOMAIN_WEBHOOK_URL_H

#include <stdint.h>

/*
 * The site's own networks (setting webhook_allow): their addresses are good,
 * and may be called over plain http.  Main thread, before there are others.
 */
void webhook_allow(const char *networks);
/* 1 in one of these: 4 or 16 bytes, network byte order. */
int address_allowed(int six, const uint8_t *addr);

/*
 * 1 when `url` is an absolute https URL of RFC 3986 that we would call: host
 * name or IP literal, no user information, no fragment, port 443 or
 * 1024..65535, and a literal that is public.  A host that an address parser
 * could take for a number ("127.1", "0x7f000001") must be a dotted quad.
 * With networks allowed also http, port 80 and their literals; that a name is
 * theirs is seen when it is resolved.
 */
int webhook_url_ok(const char *url);

/* Network byte order. */
int address_public4(const uint8_t addr[4]);
/* Never for one that carries an IPv4 address. */
int address_public6(const uint8_t addr[16]);

#endif
