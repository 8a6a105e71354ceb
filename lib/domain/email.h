/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses that notifications go to.  Any thread. */
#ifndef DOMAIN_EMAIL_H
#define DOMAIN_EMAIL_H

/*
 * 1 when `s` (UTF-8) is one address and nothing else: one @ with something
 * on both sides, and no blank, comma, quotation mark, bracket or control
 * character, which could make it two addresses, a display name or another
 * header.  Its length is the schema's business.
 */
int email_ok(const char *s);

#endif
