/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 8259 byte by byte, without recursion and without the locale. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/buf.h"
#include "util/jlex.h"
#include "util/utf8.h"

/*
 * The 309 digits of 2^1024 - 2^970, half-way between the largest double and
 * the next that would be: from here on a number rounds to infinity.
 */
static const char double_end[] =
    "179769313486231580793728971405303415079934132710037826936173778980444"
    "968292764750946649017977587207096330286416692887910946555547851940402"
    "630657488671505820681908902000708383676273854845817711531764475730270"
    "069855571366959622842914819860834936475292719074168444365510704342711"
    "559699508093042880177904174497792";

/* What may stand at the next byte that is no space. */
enum want {
	WANT_VALUE,		/* at the start, behind : and , */
	WANT_VALUE_OR_END,	/* behind [ */
	WANT_KEY,		/* behind , in an object */
	WANT_KEY_OR_END,	/* behind { */
	WANT_NEXT		/* behind a value: , or the end */
};

struct lexer {
	const char		*text;
	const char		*s;	/* next byte */
	const char		*end;
	struct jlex_report	*r;
	enum want		 want;
	int			 depth;
	int			 max_depth;
	char			 closes[JLEX_DEPTH_LIMIT];
};

static int
fault(struct lexer *l, const char *at, const char *what)
{
	l->r->offset = (size_t)(at - l->text);
	l->r->what = what;
	return -1;
}

static int
is_digit(const struct lexer *l)
{
	return l->s < l->end && *l->s >= '0' && *l->s <= '9';
}

static int
hex4(struct lexer *l, uint32_t *out)
{
	uint32_t v = 0;
	int i;

	for (i = 0; i < 4; i++, l->s++) {
		if (l->s == l->end)
			return fault(l, l->s, "string is not closed");
		if (*l->s >= '0' && *l->s <= '9')
			v = v << 4 | (uint32_t)(*l->s - '0');
		else if (*l->s >= 'a' && *l->s <= 'f')
			v = v << 4 | (uint32_t)(*l->s - 'a' + 10);
		else if (*l->s >= 'A' && *l->s <= 'F')
			v = v << 4 | (uint32_t)(*l->s - 'A' + 10);
		else
			return fault(l, l->s,
			    "\\u must be followed by 4 hex digits");
	}
	*out = v;
	return 0;
}

/* Behind a backslash. */
static int
lex_escape(struct lexer *l, int *nul)
{
	const char *at = l->s - 1;
	uint32_t hi, lo;

	if (l->s == l->end)
		return fault(l, l->s, "string is not closed");
	switch (*l->s++) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
		return 0;
	case 'u':
		break;
	default:
		return fault(l, at, "unknown escape in a string");
	}
	if (hex4(l, &hi) == -1)
		return -1;
	if (hi == 0)
		*nul = 1;
	if (hi >= 0xdc00 && hi <= 0xdfff)
		return fault(l, at, "lone surrogate");
	if (hi < 0xd800 || hi > 0xdbff)
		return 0;
	if (l->end - l->s < 2 || l->s[0] != '\\' || l->s[1] != 'u')
		return fault(l, at, "lone surrogate");
	l->s += 2;
	if (hex4(l, &lo) == -1)
		return -1;
	if (lo < 0xdc00 || lo > 0xdfff)
		return fault(l, at, "lone surrogate");
	return 0;
}

/* Behind the opening quote. */
static int
lex_string(struct lexer *l, int *nul)
{
	size_t n;

	while (l->s < l->end) {
		unsigned char c = (unsigned char)*l->s;

		if (c == '"') {
			l->s++;
			return 0;
		}
		if (c == '\\') {
			l->s++;
			if (lex_escape(l, nul) == -1)
				return -1;
		} else if (c < 0x20)
			return fault(l, l->s, "control byte in a string");
		else if (c < 0x80)
			l->s++;
		else {
			n = utf8_next(l->s, (size_t)(l->end - l->s), NULL);
			if (n == 0)
				return fault(l, l->s, "not UTF-8");
			l->s += n;
		}
	}
	return fault(l, l->s, "string is not closed");
}

/*
 * Does the literal from..to (valid, without its exponent) times 10^exp round
 * to infinity?  Compared digit by digit: exact, and strtod() would look at
 * the locale's decimal point.
 */
static int
is_huge(const char *from, const char *to, int64_t exp)
{
	const char *limit = double_end;
	int64_t magnitude = exp - 1;	/* of the first digit that is not 0 */
	int point = 0, started = 0;

	for (const char *p = from; p < to; p++) {
		if (*p == '.') {
			point = 1;
			continue;
		}
		if (*p != '0')
			started = 1;
		if (started && !point)
			magnitude++;
		else if (!started && point)
			magnitude--;
	}
	if (!started || magnitude < 308)
		return 0;
	if (magnitude > 308)
		return 1;
	for (started = 0; from < to; from++) {
		if (*from == '.' || (!started && *from == '0'))
			continue;
		started = 1;
		if (*limit == '\0')
			return 1;	/* equal so far */
		if (*from != *limit)
			return *from > *limit;
		limit++;
	}
	/* Out of digits: the rest is zeros. */
	return limit[strspn(limit, "0")] == '\0';
}

static int
lex_number(struct lexer *l)
{
	const char *at = l->s, *mantissa, *tail;
	int64_t exp = 0;
	int neg = 0;

	if (*l->s == '-')
		l->s++;
	mantissa = l->s;
	if (!is_digit(l))
		return fault(l, l->s, "a digit is missing in a number");
	if (*l->s == '0') {
		l->s++;
		if (is_digit(l))
			return fault(l, at, "number begins with 0");
	} else
		while (is_digit(l))
			l->s++;
	if (l->s < l->end && *l->s == '.') {
		l->s++;
		if (!is_digit(l))
			return fault(l, l->s,
			    "a digit is missing in a number");
		while (is_digit(l))
			l->s++;
	}
	tail = l->s;
	if (l->s < l->end && (*l->s == 'e' || *l->s == 'E')) {
		l->s++;
		if (l->s < l->end && (*l->s == '+' || *l->s == '-'))
			neg = *l->s++ == '-';
		if (!is_digit(l))
			return fault(l, l->s,
			    "a digit is missing in a number");
		for (; is_digit(l); l->s++)
			if (exp < INT64_MAX / 20)
				exp = exp * 10 + (*l->s - '0');
	}
	if (is_huge(mantissa, tail, neg ? -exp : exp))
		return fault(l, at, "number is too large");
	return 0;
}

static int
lex_word(struct lexer *l, const char *word)
{
	const char *at = l->s;

	for (; *word != '\0'; word++, l->s++)
		if (l->s == l->end || *l->s != *word)
			return fault(l, at, "a value is expected");
	return 0;
}

static int
lex_scalar(struct lexer *l)
{
	switch (*l->s) {
	case '"':
		l->s++;
		return lex_string(l, &l->r->nul_in_value);
	case 't':
		return lex_word(l, "true");
	case 'f':
		return lex_word(l, "false");
	case 'n':
		return lex_word(l, "null");
	case '-': case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		return lex_number(l);
	default:
		return fault(l, l->s, "a value is expected");
	}
}

static void
skip_space(struct lexer *l)
{
	while (l->s < l->end && (*l->s == ' ' || *l->s == '\t' ||
	    *l->s == '\n' || *l->s == '\r'))
		l->s++;
}

/* A member's name and its colon. */
static int
lex_key(struct lexer *l)
{
	if (*l->s != '"')
		return fault(l, l->s, l->want == WANT_KEY ?
		    "a member name is expected" :
		    "a member name or '}' is expected");
	l->s++;
	if (lex_string(l, &l->r->nul_in_key) == -1)
		return -1;
	l->r->members++;
	skip_space(l);
	if (l->s == l->end || *l->s != ':')
		return fault(l, l->s, "':' is expected");
	l->s++;
	l->want = WANT_VALUE;
	return 0;
}

static int
lex_value(struct lexer *l)
{
	l->r->values++;
	if (*l->s == '{' || *l->s == '[') {
		if (l->depth >= l->max_depth)
			return fault(l, l->s, "nested too deeply");
		l->r->containers++;
		l->closes[l->depth++] = *l->s == '{' ? '}' : ']';
		l->want = *l->s++ == '{' ? WANT_KEY_OR_END : WANT_VALUE_OR_END;
		return 0;
	}
	l->want = WANT_NEXT;
	return lex_scalar(l);
}

/* One step from a byte that is there and no space. */
static int
lex_step(struct lexer *l)
{
	char close = l->depth > 0 ? l->closes[l->depth - 1] : '\0';

	if (l->depth > 0 && *l->s == close && l->want != WANT_VALUE &&
	    l->want != WANT_KEY) {
		l->s++;
		l->depth--;
		l->want = WANT_NEXT;
		return 0;
	}
	switch (l->want) {
	case WANT_KEY:
	case WANT_KEY_OR_END:
		return lex_key(l);
	case WANT_NEXT:
		if (*l->s != ',')
			return fault(l, l->s, close == '}' ?
			    "',' or '}' is expected" :
			    "',' or ']' is expected");
		l->s++;
		l->want = close == '}' ? WANT_KEY : WANT_VALUE;
		return 0;
	case WANT_VALUE:
	case WANT_VALUE_OR_END:
		break;
	}
	return lex_value(l);
}

int
jlex_check(const char *text, size_t len, int max_depth,
    struct jlex_report *r)
{
	struct lexer l;

	memset(r, 0, sizeof(*r));
	l.text = l.s = text;
	l.end = text + len;
	l.r = r;
	l.want = WANT_VALUE;
	l.depth = 0;
	l.max_depth = max_depth < JLEX_DEPTH_LIMIT ?
	    max_depth : JLEX_DEPTH_LIMIT;
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return fault(&l, text, "byte order mark");
	skip_space(&l);
	if (l.s < l.end)
		r->top = *l.s == '-' || is_digit(&l) ? '0' : *l.s;
	while (l.depth > 0 || l.want != WANT_NEXT) {
		if (l.s == l.end)
			return fault(&l, l.s, "unexpected end");
		if (lex_step(&l) == -1)
			return -1;
		skip_space(&l);
	}
	if (l.s < l.end)
		return fault(&l, l.s, "text behind the value");
	return 0;
}

/*
 * From here on the text has passed jlex_check: a walk over its member names
 * needs no grammar.
 */
struct level {
	char		 close;
	const char	*key;		/* '}': at the opening quote */
	size_t		 keylen;	/* with both quotes */
	size_t		 index;		/* ']' */
	size_t		 object;	/* '}': which one, in text order */
};

struct walk {
	const char	*s;
	const char	*end;
	size_t		 objects;
	int		 key_next;	/* the next string is a name */
	int		 depth;
	struct level	 levels[JLEX_DEPTH_LIMIT];
};

static void
walk_init(struct walk *w, const char *text, size_t len)
{
	memset(w, 0, sizeof(*w));
	w->s = text;
	w->end = text + len;
}

const char *
jlex_string_end(const char *s)
{
	for (s++; *s != '"'; s++)
		if (*s == '\\')
			s++;
	return s + 1;
}

/* Goes to the next member name: the innermost level, or NULL at the end. */
static const struct level *
walk_next(struct walk *w)
{
	while (w->s < w->end) {
		struct level *v = &w->levels[w->depth == 0 ? 0 :
		    w->depth - 1];
		const char *s = w->s++;

		switch (*s) {
		case '{':
		case '[':
			v = &w->levels[w->depth++];
			v->close = *s == '{' ? '}' : ']';
			v->index = 0;
			if ((w->key_next = *s == '{'))
				v->object = w->objects++;
			break;
		case '}':
		case ']':
			w->depth--;
			w->key_next = 0;
			break;
		case ',':
			v->index++;
			w->key_next = v->close == '}';
			break;
		case '"':
			w->s = jlex_string_end(s);
			if (!w->key_next)
				break;
			w->key_next = 0;
			v->key = s;
			v->keylen = (size_t)(w->s - s);
			return v;
		default:
			break;
		}
	}
	return NULL;
}

struct name {
	const char	*key;		/* at the opening quote */
	size_t		 object;
};

/* The next code point of a string, UINT32_MAX at its closing quote. */
static uint32_t
string_next(const char **s)
{
	static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
	struct lexer l;
	struct jlex_report r;
	uint32_t c, lo;
	const char *p;

	if (**s == '"')
		return UINT32_MAX;
	if (**s != '\\') {
		*s += utf8_next(*s, 4, &c);
		return c;
	}
	c = (unsigned char)(*s)[1];
	*s += 2;
	if (c != 'u') {
		p = strchr(letters, (int)c);
		return p == NULL ? c : (uint32_t)meant[p - letters];
	}
	l.text = l.s = *s;
	l.end = *s + 10;
	l.r = &r;
	(void)hex4(&l, &c);
	if (c >= 0xd800 && c <= 0xdbff) {
		l.s += 2;
		(void)hex4(&l, &lo);
		c = 0x10000 + ((c - 0xd800) << 10) + (lo - 0xdc00);
	}
	*s = l.s;
	return c;
}

static int
name_compare(const char *a, const char *b)
{
	uint32_t ca, cb;

	a++;
	b++;
	do {
		ca = string_next(&a);
		cb = string_next(&b);
	} while (ca == cb && ca != UINT32_MAX);
	return ca < cb ? -1 : ca > cb;
}

static int
name_order(const void *va, const void *vb)
{
	const struct name *a = va, *b = vb;
	int c;

	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	if ((c = name_compare(a->key, b->key)) != 0)
		return c;
	return a->key < b->key ? -1 : a->key > b->key;
}

static void
path_write(const struct walk *w, struct buf *out)
{
	int i;

	for (i = 0; i < w->depth; i++) {
		const struct level *v = &w->levels[i];

		buf_addc(out, i == 0 ? '[' : ',');
		if (v->close == '}')
			buf_add(out, v->key, v->keylen);
		else
			buf_printf(out, "%zu", v->index);
	}
	buf_addc(out, ']');
}

int
jlex_duplicate(struct arena *a, const char *text, size_t len,
    struct buf *path)
{
	const char *found = NULL;
	const struct level *v;
	struct name *names;
	struct walk w;
	size_t i, n = 0;

	walk_init(&w, text, len);
	while (walk_next(&w) != NULL)
		n++;
	if (n < 2)
		return 0;
	names = arena_alloc(a, n * sizeof(*names));
	walk_init(&w, text, len);
	for (i = 0; (v = walk_next(&w)) != NULL; i++) {
		names[i].key = v->key;
		names[i].object = v->object;
	}
	/* Sorted, not hashed: nobody can choose names that make this slow. */
	qsort(names, n, sizeof(*names), name_order);
	for (i = 1; i < n; i++)
		if (names[i].object == names[i - 1].object &&
		    name_compare(names[i].key, names[i - 1].key) == 0 &&
		    (found == NULL || names[i].key < found))
			found = names[i].key;
	if (found == NULL)
		return 0;
	walk_init(&w, text, len);
	while ((v = walk_next(&w)) != NULL && v->key != found)
		;
	path_write(&w, path);
	return 1;
}
