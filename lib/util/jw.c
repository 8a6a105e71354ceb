/* SPDX-License-Identifier: BSD-2-Clause */
/* Every text that comes out of here is JSON, whatever went in. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/jw.h"
#include "util/log.h"
#include "util/utf8.h"

/* sign, 17 digits, point, e-308, NUL: 25 */
#define NUM_TEXT	32

void
jw_init(struct jw *w, struct arena *a)
{
	buf_init(&w->buf, a);
	w->depth = 0;
	w->after_key = 0;
	w->comma[0] = 0;
	w->close[0] = '\0';
}

/* Before a value: the comma that it needs. */
static void
jw_value(struct jw *w)
{
	if (w->after_key) {
		w->after_key = 0;
		return;
	}
	if (w->close[w->depth] == '}')
		fatalx("bug: JSON member without a name");
	if (w->comma[w->depth]) {
		if (w->depth == 0)
			fatalx("bug: second JSON value in one text");
		buf_addc(&w->buf, ',');
	}
	w->comma[w->depth] = 1;
}

static void
jw_open(struct jw *w, char open, char close)
{
	jw_value(w);
	if (w->depth + 1 >= JW_MAX_DEPTH)
		fatalx("bug: JSON nested too deeply");
	buf_addc(&w->buf, open);
	w->depth++;
	w->comma[w->depth] = 0;
	w->close[w->depth] = close;
}

void
jw_obj(struct jw *w)
{
	jw_open(w, '{', '}');
}

void
jw_arr(struct jw *w)
{
	jw_open(w, '[', ']');
}

void
jw_end(struct jw *w)
{
	if (w->depth == 0 || w->after_key)
		fatalx("bug: nothing to close in JSON text");
	buf_addc(&w->buf, w->close[w->depth]);
	w->depth--;
}

/* ASCII that stands for itself: nearly all there is. */
static size_t
plain_run(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len && s[i] >= 0x20 && s[i] != '"' && s[i] != '\\' &&
	    (unsigned char)s[i] < 0x80; i++)
		;
	return i;
}

/* What is no UTF-8 becomes U+FFFD, byte for byte. */
static void
jw_quote(struct jw *w, const char *s, size_t len)
{
	static const char letters[] = "\b\f\n\r\t\"\\", escapes[] = "bfnrt\"\\";
	const char *p, *from = s;
	size_t n = plain_run(s, len);
	char *to;

	if (n == len) {
		to = buf_reserve(&w->buf, len + 2);
		to[0] = '"';
		memcpy(to + 1, s, len);
		memcpy(to + 1 + len, "\"", 2);
		w->buf.len += len + 2;
		return;
	}
	buf_addc(&w->buf, '"');
	for (; len > 0; s += n, len -= n) {
		if ((n = plain_run(s, len)) > 0 ||
		    (n = utf8_next(s, len, NULL)) > 1)
			continue;
		buf_add(&w->buf, from, (size_t)(s - from));
		if (n == 0) {
			buf_adds(&w->buf, "\xef\xbf\xbd");
			n = 1;
		} else if (*s != '\0' && (p = strchr(letters, *s)) != NULL) {
			buf_addc(&w->buf, '\\');
			buf_addc(&w->buf, escapes[p - letters]);
		} else
			buf_printf(&w->buf, "\\u%04x", (unsigned int)*s);
		from = s + n;
	}
	buf_add(&w->buf, from, (size_t)(s - from));
	buf_addc(&w->buf, '"');
}

void
jw_keyn(struct jw *w, const char *key, size_t len)
{
	if (w->close[w->depth] != '}' || w->after_key)
		fatalx("bug: JSON member name in the wrong place");
	if (w->comma[w->depth])
		buf_addc(&w->buf, ',');
	w->comma[w->depth] = 1;
	jw_quote(w, key, len);
	buf_addc(&w->buf, ':');
	w->after_key = 1;
}

void
jw_key(struct jw *w, const char *key)
{
	jw_keyn(w, key, strlen(key));
}

void
jw_strn(struct jw *w, const char *s, size_t len)
{
	jw_value(w);
	jw_quote(w, s, len);
}

void
jw_str(struct jw *w, const char *s)
{
	if (s == NULL)
		jw_null(w);
	else
		jw_strn(w, s, strlen(s));
}

void
jw_strf(struct jw *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	jw_str(w, arena_vprintf(w->buf.arena, fmt, ap));
	va_end(ap);
}

void
jw_int(struct jw *w, int64_t v)
{
	jw_value(w);
	buf_printf(&w->buf, "%lld", (long long)v);
}

void
jw_num(struct jw *w, double v)
{
	char text[NUM_TEXT];
	int digits;

	if (!isfinite(v)) {
		jw_null(w);
		return;
	}
	jw_value(w);
	if (v == 0) {			/* -0 too */
		buf_addc(&w->buf, '0');
		return;
	}
	/* 15 digits always come back, and %g gives them without a point. */
	if (fabs(v) < 1e15 && v == trunc(v)) {
		buf_printf(&w->buf, "%.0f", v);
		return;
	}
	for (digits = 15; digits <= 17; digits++) {
		(void)snprintf(text, sizeof(text), "%.*g", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	buf_adds(&w->buf, text);
}

/*
 * The shortest decimal 0.d1d2... * 10^point that reads back as v (> 0);
 * returns how many digits.
 */
static int
shortest(double v, char digits[NUM_TEXT], int *point)
{
	char text[NUM_TEXT];
	const char *p;
	int prec, n = 0;

	for (prec = 14; prec <= 16; prec++) {
		(void)snprintf(text, sizeof(text), "%.*e", prec, v);
		if (strtod(text, NULL) == v)
			break;
	}
	for (p = text; *p != 'e'; p++)
		if (*p != '.')
			digits[n++] = *p;
	*point = (int)strtol(p + 1, NULL, 10) + 1;
	return n;
}

/* Cuts to `keep` digits, half up; returns how many are left, 0 for zero. */
static int
cut(char digits[NUM_TEXT], int n, int keep, int *point)
{
	int up;

	if (keep < 0)
		return 0;
	if (keep < n) {
		up = digits[keep] >= '5';
		for (n = keep; up && n > 0 && digits[n - 1] == '9'; n--)
			;
		if (up && n > 0)
			digits[n - 1]++;
		else if (up) {		/* 9.99: the carry is a new digit */
			digits[n++] = '1';
			(*point)++;
		}
	}
	while (n > 0 && digits[n - 1] == '0')
		n--;
	return n;
}

/*
 * Half of what?  Of the number that people see: 2.675 is stored a little
 * below, and still they want 2.68.  So the shortest decimal is rounded, as
 * Python's Decimal(repr(x)) would be.
 */
void
jw_round(struct jw *w, double v, int places)
{
	char digits[NUM_TEXT];
	int i, n, point;

	if (!isfinite(v) || v == trunc(v)) {
		jw_num(w, v);
		return;
	}
	n = shortest(fabs(v), digits, &point);
	n = cut(digits, n, point + places, &point);
	jw_value(w);
	if (n > 0 && v < 0)
		buf_addc(&w->buf, '-');
	if (n == 0 || point <= 0)
		buf_addc(&w->buf, '0');
	for (i = 0; n > 0 && i < point; i++)
		buf_addc(&w->buf, (char)(i < n ? digits[i] : '0'));
	if (n == 0 || n <= point)
		return;
	buf_addc(&w->buf, '.');
	for (i = point; i < 0; i++)
		buf_addc(&w->buf, '0');
	for (; i < n; i++)
		buf_addc(&w->buf, digits[i]);
}

void
jw_bool(struct jw *w, int v)
{
	jw_value(w);
	buf_adds(&w->buf, v ? "true" : "false");
}

void
jw_null(struct jw *w)
{
	jw_value(w);
	buf_adds(&w->buf, "null");
}

void
jw_raw(struct jw *w, const char *text)
{
	jw_value(w);
	buf_adds(&w->buf, text == NULL || *text == '\0' ? "null" : text);
}

void
jw_rawn(struct jw *w, const char *text, size_t len)
{
	jw_value(w);
	buf_add(&w->buf, text, len);
}

void
jw_kstr(struct jw *w, const char *key, const char *s)
{
	jw_key(w, key);
	jw_str(w, s);
}

void
jw_kint(struct jw *w, const char *key, int64_t v)
{
	jw_key(w, key);
	jw_int(w, v);
}

void
jw_knum(struct jw *w, const char *key, double v)
{
	jw_key(w, key);
	jw_num(w, v);
}

void
jw_kround(struct jw *w, const char *key, double v, int places)
{
	jw_key(w, key);
	jw_round(w, v, places);
}

void
jw_krounds(struct jw *w, const char *key, const double *v, int n, int places)
{
	int i;

	jw_karr(w, key);
	for (i = 0; i < n; i++)
		jw_round(w, v[i], places);
	jw_end(w);
}

void
jw_kbool(struct jw *w, const char *key, int v)
{
	jw_key(w, key);
	jw_bool(w, v);
}

void
jw_knull(struct jw *w, const char *key)
{
	jw_key(w, key);
	jw_null(w);
}

void
jw_kraw(struct jw *w, const char *key, const char *text)
{
	jw_key(w, key);
	jw_raw(w, text);
}

void
jw_kobj(struct jw *w, const char *key)
{
	jw_key(w, key);
	jw_obj(w);
}

void
jw_karr(struct jw *w, const char *key)
{
	jw_key(w, key);
	jw_arr(w);
}

const char *
jw_text(struct jw *w, size_t *len)
{
	if (w->depth != 0 || w->after_key || !w->comma[0])
		fatalx("bug: JSON text is not complete");
	if (len != NULL)
		*len = w->buf.len;
	return w->buf.data;
}
