/* SPDX-License-Identifier: BSD-2-Clause */
/* Fitting monotone maps. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/calib.h"
#include "judge/order.h"

#define STEP_SEEN	0.005	/* points: half of the last digit shown */
#define STEPS_MANY	1024
#define BINARY_EDGE	10.0
#define BINARY_SHARE	0.95
#define BINARY_EACH	5
#define NEWTON_STEPS	100

struct moments {
	double	w, mz, my, szz, szy, syy;
};

static struct moments
moments(const double *z, const double *y, const double *w, size_t n)
{
	struct moments m = { 0, 0, 0, 0, 0, 0 };
	double dz, dy;
	size_t i;

	for (i = 0; i < n; i++) {
		m.w += w[i];
		m.mz += w[i] * z[i];
		m.my += w[i] * y[i];
	}
	m.mz /= m.w;
	m.my /= m.w;
	for (i = 0; i < n; i++) {
		dz = z[i] - m.mz;
		dy = y[i] - m.my;
		m.szz += w[i] * dz * dz;
		m.szy += w[i] * dz * dy;
		m.syy += w[i] * dy * dy;
	}
	return m;
}

struct calib_line
calib_bias(const double *z, const double *y, const double *w, size_t n)
{
	struct moments m = moments(z, y, w, n);

	return (struct calib_line){ m.my - m.mz, 1 };
}

struct calib_line
calib_linear(const double *z, const double *y, const double *w, size_t n)
{
	struct moments m = moments(z, y, w, n);
	double b = m.szz > 1e-9 ? fmax(m.szy / m.szz, 0) : 0;

	return (struct calib_line){ m.my - b * m.mz, b };
}

struct calib_line
calib_match(const double *z, const double *y, const double *w, size_t n,
    double power, double most)
{
	struct moments m = moments(z, y, w, n);
	double b = 1;

	/* What says the same of everything has nothing to widen. */
	if (m.szz > 1e-6 * m.w && m.syy > m.szz)
		b = fmin(pow(m.syy / m.szz, power / 2), most);
	return (struct calib_line){ m.my - b * m.mz, b };
}

struct point {
	double	z, y, w;
};

/* A step: the points first..last, at the height y. */
struct step {
	double	lo, hi;		/* of z */
	double	y, w;
};

static void
step_join(struct step *into, const struct step *next)
{
	double sum = into->w + next->w;

	into->y = (into->y * into->w + next->y * next->w) / sum;
	into->w = sum;
	into->hi = next->hi;
}

/* Every second one to the one before, while there are far too many. */
static size_t
steps_thin(struct step *s, size_t n)
{
	size_t i;

	while (n > STEPS_MANY) {
		for (i = 0; i < n; i += 2) {
			s[i / 2] = s[i];
			if (i + 1 < n)
				step_join(&s[i / 2], &s[i + 1]);
		}
		n = (n + 1) / 2;
	}
	return n;
}

/* Joins the pairs that differ least until at most `most` are left. */
static size_t
steps_join(struct step *s, size_t n, size_t most)
{
	size_t i, at;

	n = steps_thin(s, n);
	while (n > 1) {
		for (i = at = 1; i < n; i++)
			if (s[i].y - s[i - 1].y < s[at].y - s[at - 1].y)
				at = i;
		if (n <= most && s[at].y - s[at - 1].y >= STEP_SEEN)
			break;
		step_join(&s[at - 1], &s[at]);
		memmove(s + at, s + at + 1, (n - at - 1) * sizeof(*s));
		n--;
	}
	return n;
}

/* Pools neighbours that are in the wrong order; equal z are one point. */
static size_t
steps_pool(const struct point *p, size_t n, struct step *s)
{
	size_t i, k = 0;

	for (i = 0; i < n; i++) {
		s[k++] = (struct step){ p[i].z, p[i].z, p[i].y, p[i].w };
		while (k > 1 && (s[k - 2].y >= s[k - 1].y ||
		    s[k - 2].hi >= s[k - 1].lo)) {
			step_join(&s[k - 2], &s[k - 1]);
			k--;
		}
	}
	return k;
}

/*
 * Equal z first become one point with their mean, so that their order does
 * not matter.
 */
static size_t
points_gather(const double *z, const double *y, const double *w, size_t n,
    struct point *p)
{
	struct order *o = xcalloc(2 * n, sizeof(*o));
	struct point one;
	size_t i, k = 0;

	for (i = 0; i < n; i++)
		o[i] = (struct order){ order_key(z[i]), i };
	order_sort(o, o + n, n);
	for (i = 0; i < n; i++) {
		one = (struct point){ z[o[i].at], y[o[i].at], w[o[i].at] };
		if (k > 0 && p[k - 1].z == one.z) {
			p[k - 1].y = (p[k - 1].y * p[k - 1].w + one.y *
			    one.w) / (p[k - 1].w + one.w);
			p[k - 1].w += one.w;
		} else
			p[k++] = one;
	}
	free(o);
	return k;
}

void
calib_isotonic(const double *z, const double *y, const double *w, size_t n,
    struct score_map *out)
{
	struct point *p = xcalloc(n, sizeof(*p));
	struct step *s = xcalloc(n, sizeof(*s));
	size_t i, k;

	k = points_gather(z, y, w, n, p);
	k = steps_join(s, steps_pool(p, k, s), MODEL_KNOTS / 2);
	memset(out, 0, sizeof(*out));
	out->kind = MAP_STEPS;
	/* Both ends of each step: flat in it, straight to the next. */
	for (i = 0; i < k; i++) {
		out->x[out->n] = s[i].lo;
		out->y[out->n++] = s[i].y;
		if (s[i].hi > s[i].lo) {
			out->x[out->n] = s[i].hi;
			out->y[out->n++] = s[i].y;
		}
	}
	free(s);
	free(p);
}

int
calib_binary(const double *y, size_t n)
{
	size_t i, low = 0, high = 0;

	for (i = 0; i < n; i++) {
		low += y[i] <= BINARY_EDGE;
		high += y[i] >= 100 - BINARY_EDGE;
	}
	return low >= BINARY_EACH && high >= BINARY_EACH &&
	    (double)(low + high) >= BINARY_SHARE * (double)n;
}

/* Cross entropy of t under 1 / (1 + exp(-x)); never overflows. */
static double
entropy(double t, double x)
{
	return x >= 0 ? (1 - t) * x + log1p(exp(-x)) :
	    -t * x + log1p(exp(x));
}

static double
loss(const double *u, const double *t, const double *w, size_t n, double a,
    double b)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += w[i] * entropy(t[i], a + b * u[i]);
	return sum;
}

/* One Newton step with halving from where the loss is; how much it fell. */
static double
newton(const double *u, const double *t, const double *w, size_t n,
    double *a, double *b, double *at)
{
	double ga = 0, gb = 0, haa = 1e-9, hab = 0, hbb = 1e-9, p, g, h, det;
	double after, da, db, step, fell;
	size_t i;

	for (i = 0; i < n; i++) {
		p = 1 / (1 + exp(-(*a + *b * u[i])));
		g = w[i] * (p - t[i]);
		h = w[i] * p * (1 - p);
		ga += g;
		gb += g * u[i];
		haa += h;
		hab += h * u[i];
		hbb += h * u[i] * u[i];
	}
	det = haa * hbb - hab * hab;
	if (!(det > 0))
		return 0;
	da = -(hbb * ga - hab * gb) / det;
	db = -(haa * gb - hab * ga) / det;
	for (step = 1; step > 1e-9; step /= 2) {
		after = loss(u, t, w, n, *a + step * da, *b + step * db);
		if (after <= *at) {
			*a += step * da;
			*b += step * db;
			fell = *at - after;
			*at = after;
			return fell;
		}
	}
	return 0;
}

/*
 * Platt's targets (h + 1) / (h + 2) and 1 / (l + 2) for h high and l low
 * labels keep the curve from rising to certainty; a label in between stands
 * in between.
 */
void
calib_platt(const double *z, const double *y, const double *w, size_t n,
    struct score_map *out)
{
	double *u = xcalloc(n, sizeof(*u)), *t = xcalloc(n, sizeof(*t));
	double high = 0, low = 0, a, b = 0, at;
	size_t i;
	int k;

	for (i = 0; i < n; i++) {
		high += w[i] * y[i] / 100;
		low += w[i] * (1 - y[i] / 100);
	}
	for (i = 0; i < n; i++) {
		u[i] = (z[i] - 50) / 50;
		t[i] = 1 / (low + 2) + y[i] / 100 * ((high + 1) / (high + 2) -
		    1 / (low + 2));
	}
	a = log((high + 1) / (low + 1));
	at = loss(u, t, w, n, a, b);
	for (k = 0; k < NEWTON_STEPS &&
	    newton(u, t, w, n, &a, &b, &at) > 1e-12; k++)
		;
	memset(out, 0, sizeof(*out));
	/* A judge that is wrong side up is not turned over: it says nothing. */
	if (b < 0) {
		b = 0;
		a = log((high + 1) / (low + 1));
	}
	out->kind = MAP_LOGISTIC;
	out->x[0] = a - b;
	out->y[0] = b / 50;
	out->n = 1;
	free(t);
	free(u);
}
