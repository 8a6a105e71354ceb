/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loops of gram.c, included once for each width and kind of register: VEC
 * is the vector, FOR the function's attributes and NAME its name.
 */

static FOR void
NAME(dot)(const char *w, const struct grams *p, const float *root, void *out)
{
	const uint32_t *g = p->gram;
	VEC sum[WAYS] = { { 0 } }, *to = out;
	size_t i = 0, k;

	for (; i + WAYS + AHEAD <= p->once; i += WAYS)
		UNROLL for (k = 0; k < WAYS; k++) {
			__builtin_prefetch(PLACE(w, g[i + k + AHEAD]));
			sum[k] += *(const VEC *)PLACE(w, g[i + k]);
		}
	for (; i + WAYS <= p->once; i += WAYS)
		UNROLL for (k = 0; k < WAYS; k++)
			sum[k] += *(const VEC *)PLACE(w, g[i + k]);
	for (; i + WAYS <= p->n; i += WAYS)
		UNROLL for (k = 0; k < WAYS; k++)
			sum[k] += *(const VEC *)PLACE(w, PLACED_AT(g[i + k])) *
			    root[PLACED_MORE(g[i + k])];
	for (; i < p->n; i++)
		sum[0] += *(const VEC *)PLACE(w, PLACED_AT(g[i])) *
		    root[PLACED_MORE(g[i])];
	*to += ((sum[0] + sum[1]) + (sum[2] + sum[3])) * p->scale;
}

static FOR void
NAME(add)(char *w, const struct grams *p, const float *root, const void *coef)
{
	const uint32_t *g = p->gram;
	VEC step = *(const VEC *)coef * p->scale;
	size_t i;

	for (i = 0; i < p->once; i++)
		*(VEC *)PLACE(w, g[i]) += step;
	for (; i < p->n; i++)
		*(VEC *)PLACE(w, PLACED_AT(g[i])) += step *
		    root[PLACED_MORE(g[i])];
}

#undef VEC
#undef FOR
#undef NAME
