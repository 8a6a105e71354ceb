/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 5322, 2045 and 2047, as far as one plain text needs them. */
#include "config.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "domain/mail.h"
#include "domain/selection.h"
#include "util/buf.h"
#include "util/hash.h"
#include "util/ident.h"
#include "util/jv.h"
#include "util/log.h"
#include "util/ts.h"
#include "util/utf8.h"

#define LINE_MOST	76
#define WORD_BYTES	42	/* of text in one encoded word: 75 with its
				   frame */
#define ERROR_MOST	1000

static int
is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 ||
	    cp == 0x2029;
}

/* Without control characters; what a text goes into is one line. */
static const char *
one_line(struct arena *a, const char *s)
{
	struct buf	out;
	size_t		left = strlen(s), n;
	uint32_t	cp;

	buf_init(&out, a);
	for (; left > 0; s += n, left -= n) {
		if ((n = utf8_next(s, left, &cp)) == 0)
			n = 1;
		else if (!is_control(cp))
			buf_add(&out, s, n);
	}
	return out.data;
}

static int
is_plain(const char *s)
{
	if (strlen(s) > 900 || strstr(s, "=?") != NULL)
		return 0;
	for (; *s != '\0'; s++)
		if (*s < ' ' || *s > '~')
			return 0;
	return 1;
}

const char *
mail_header_text(struct arena *a, const char *utf8, const char *eol)
{
	const char	*s = one_line(a, utf8);
	char		 word[4 * ((WORD_BYTES + 2) / 3) + 1];
	struct buf	 out;
	size_t		 left = strlen(s), take, n;
	uint32_t	 cp;

	if (is_plain(s))
		return s;
	buf_init(&out, a);
	while (left > 0) {
		/* a word holds whole characters */
		for (take = 0; take < left; take += n)
			if ((n = utf8_next(s + take, left - take, &cp)) == 0 ||
			    take + n > WORD_BYTES)
				break;
		if (take == 0)
			fatalx("a header's text is no UTF-8");
		(void)base64_encode(s, take, word);
		buf_printf(&out, "%s%s=?utf-8?B?%s?=",
		    out.len == 0 ? "" : eol, out.len == 0 ? "" : " ", word);
		s += take;
		left -= take;
	}
	return out.data;
}

/* One character at `column`: as it is, or =XX. */
static void
quote_one(struct buf *out, const char *s, size_t *column, const char *eol)
{
	unsigned char	c = (unsigned char)*s;
	int		last = s[1] == '\n' || s[1] == '\0';
	int		plain, width;

	plain = (c == ' ' && !last) || (c > ' ' && c <= '~' && c != '=');
	/* mailboxes quote a line that begins with "From "; dots end mails */
	if (*column == 0 && (c == '.' || strncmp(s, "From ", 5) == 0))
		plain = 0;
	width = plain ? 1 : 3;
	/* a place is kept for the = of a soft end */
	if (*column + (size_t)width > LINE_MOST - (last ? 0 : 1)) {
		buf_printf(out, "=%s", eol);
		*column = 0;
	}
	if (plain)
		buf_addc(out, (char)c);
	else
		buf_printf(out, "=%02X", c);
	*column += (size_t)width;
}

const char *
mail_quote(struct arena *a, const char *utf8, const char *eol)
{
	struct buf	out;
	size_t		column = 0;

	buf_init(&out, a);
	for (; *utf8 != '\0'; utf8++)
		if (*utf8 == '\n') {
			buf_adds(&out, eol);
			column = 0;
		} else
			quote_one(&out, utf8, &column, eol);
	return out.data;
}

const char *
mail_date(struct arena *a, int64_t unix_time)
{
	static const char	days[7][4] = { "Sun", "Mon", "Tue", "Wed",
	    "Thu", "Fri", "Sat" };
	static const char	months[12][4] = { "Jan", "Feb", "Mar", "Apr",
	    "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct tm		tm;
	time_t			t = (time_t)unix_time;

	if (gmtime_r(&t, &tm) == NULL)
		fatal("gmtime_r");
	return arena_printf(a, "%s, %d %s %d %02d:%02d:%02d +0000",
	    days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
	    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static const char *
id_text(struct arena *a, const char *prefix, const char *uuid)
{
	char	text[TYPEID_LEN];

	typeid_encode(uuid, text);
	return arena_printf(a, "%s%s", prefix, text);
}

static void
line_time(struct buf *b, const char *name, int64_t us)
{
	char	text[TS_LEN];

	if (us == TS_NONE)
		return;
	ts_format(us, text);
	buf_printf(b, "%-11s%.19sZ\n", name, text);
}

static void
write_times(struct buf *b, const struct job *j)
{
	line_time(b, "Created:", j->created_at);
	line_time(b, "Started:", j->started_at);
	line_time(b, "Finished:", j->completed_at);
	if (j->started_at != TS_NONE && j->completed_at != TS_NONE)
		buf_printf(b, "%-11s%.1f s\n", "Duration:",
		    (double)(j->completed_at - j->started_at) / 1e6);
}

static void
write_feedback(struct buf *b, const struct feedback_summary *s)
{
	buf_printf(b, "%-11s%lld entries, %lld usable\n", "Feedback:",
	    (long long)selection_total(s), (long long)selection_usable(s));
	buf_printf(b, "%-11s%lld corrections, %lld ratings, %lld approved, "
	    "%lld rejected, %lld comments\n", "",
	    (long long)s->corrections, (long long)s->ratings,
	    (long long)s->approved, (long long)s->rejected,
	    (long long)s->comments);
}

static double
mae_of(const struct jv *results, const char *column)
{
	double	x;

	return jv_num(jv_member(jv_member(results, "pooled_mae"), column),
	    &x) ? x : NAN;
}

static void
write_score(struct buf *b, const char *name, double score)
{
	if (isfinite(score))
		buf_printf(b, "%s%.4f\n", name, score);
	else
		buf_printf(b, "%snot known\n", name);
}

static void
write_accuracy(struct buf *b, const struct job *j)
{
	struct jv	*results;
	double		 x = NAN;

	if (j->validation == NULL || jv_parse_checked(b->arena,
	    j->validation, strlen(j->validation), &results) == -1)
		return;
	jv_num(jv_member(results, "accuracy_score"), &x);
	write_score(b, "Accuracy:  ", x);
	write_score(b, "           raw scores               ",
	    1 - mae_of(results, "raw") / 100);
	write_score(b, "           corrected by a constant  ",
	    1 - mae_of(results, "bias") / 100);
}

static void
write_version(struct buf *b, const struct job *j)
{
	struct jv	*d = NULL;
	const char	*reason;
	int		 deployed = 0;

	if (j->version_number == 0)
		return;
	buf_printf(b, "%-11s%lld (%s)\n", "Version:",
	    (long long)j->version_number,
	    id_text(b->arena, "ver_", j->version_id));
	if (j->deployment == NULL || jv_parse_checked(b->arena,
	    j->deployment, strlen(j->deployment), &d) == -1)
		return;
	jv_bool(jv_member(d, "deployed"), &deployed);
	reason = jv_text(d, "reason");
	buf_printf(b, "%-11s%s (%s)\n", "Deployed:", deployed ? "yes" : "no",
	    reason == NULL ? "" : reason);
}

static const char *
text_of(struct arena *a, const struct job *j, const char *name,
    const char *job_id)
{
	struct buf	b;

	buf_init(&b, a);
	buf_printf(&b, "A training job of the judge \"%s\" has %s%s.\n\n",
	    name, strcmp(j->status, "cancelled") == 0 ? "been " : "",
	    j->status);
	buf_printf(&b, "%-11s%s\n", "Job:", job_id);
	buf_printf(&b, "%-11s%s\n", "Judge:", j->judge_key);
	if (j->execution_id != NULL)
		buf_printf(&b, "%-11s%s, attempt %lld\n", "Execution:",
		    id_text(a, "exec_", j->execution_id),
		    (long long)j->attempt);
	buf_printf(&b, "%-11s%s\n", "Type:", j->training_type);
	buf_printf(&b, "%-11s%s\n", "Status:", j->status);
	write_times(&b, j);
	write_feedback(&b, &j->summary);
	write_accuracy(&b, j);
	write_version(&b, j);
	if (j->error != NULL)
		buf_printf(&b, "%-11s%s: %.*s\n", "Error:",
		    j->error_type == NULL ? "error" : j->error_type,
		    ERROR_MOST, one_line(a, j->error));
	return b.data;
}

const char *
mail_write(struct arena *a, const struct mail_envelope *m,
    const struct job *j, size_t *len)
{
	const char	*name = one_line(a, j->judge_name), *eol = m->eol;
	const char	*job_id = id_text(a, "train_job_", j->id), *subject;
	struct buf	 b;

	subject = arena_printf(a, "[trainyard] %s: training %s (%s)", name,
	    j->status, job_id);
	buf_init(&b, a);
	buf_printf(&b, "Date: %s%s", mail_date(a, m->unix_time), eol);
	buf_printf(&b, "From: trainyard <%s>%s", m->from, eol);
	buf_printf(&b, "To: <%s>%s", m->to, eol);
	buf_printf(&b, "Subject: %s%s", mail_header_text(a, subject, eol),
	    eol);
	buf_printf(&b, "Message-ID: <%s@%s>%s", m->id, m->host, eol);
	/* no answers by programs (RFC 3834) */
	buf_printf(&b, "Auto-Submitted: auto-generated%s", eol);
	buf_printf(&b, "MIME-Version: 1.0%s", eol);
	buf_printf(&b, "Content-Type: text/plain; charset=utf-8%s", eol);
	buf_printf(&b, "Content-Transfer-Encoding: quoted-printable%s%s",
	    eol, eol);
	buf_adds(&b, mail_quote(a, text_of(a, j, name, job_id), eol));
	*len = b.len;
	return b.data;
}
