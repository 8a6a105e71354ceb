/* SPDX-License-Identifier: BSD-2-Clause */
/* Atomic cells, and their text. */
#include "config.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"
#include "util/metric.h"
#include "util/process.h"
#include "util/ts.h"

#define EDGES		16	/* most buckets below the last */
#define SUM_UNIT	1e6	/* sums are kept in millionths */

enum shape { SHAPE_COUNTER, SHAPE_GAUGE, SHAPE_SECONDS, SHAPE_ROWS };

static const double seconds_edges[] = { 0.0005, 0.001, 0.0025, 0.005, 0.01,
    0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25 };
static const double rows_edges[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512 };

static const struct kind {
	const char	*word;
	const double	*edge;
	unsigned int	 edges;
	unsigned int	 width;		/* slots of a cell */
} kinds[] = {
	[SHAPE_COUNTER] = { "counter", NULL, 0, 1 },
	[SHAPE_GAUGE] = { "gauge", NULL, 0, 1 },
#define EDGE(a)	"histogram", a, sizeof(a) / sizeof(a[0]),	\
	    sizeof(a) / sizeof(a[0]) + 2
	[SHAPE_SECONDS] = { EDGE(seconds_edges) },
	[SHAPE_ROWS] = { EDGE(rows_edges) },
#undef EDGE
};

static const enum shape shapes[METRIC__MAX] = {
#define METRIC(sym, name, type, programs, labels, help) SHAPE_##type,
#include "util/metric.tbl.h"
#undef METRIC
};

#define WORD_COUNTER	"counter"
#define WORD_GAUGE	"gauge"
#define WORD_SECONDS	"histogram"
#define WORD_ROWS	"histogram"
const struct metric_about metric_table[METRIC__MAX] = {
#define METRIC(sym, name, type, programs, labels, help)	\
	{ name, WORD_##type, programs, labels, help },
#include "util/metric.tbl.h"
#undef METRIC
};

/*
 * A histogram's cell is its buckets, each with what fell into it alone, the
 * one above all edges, and the sum.  Set before threads; slots are theirs.
 */
static struct series {
	_Atomic uint64_t	*slot;
	unsigned int		 cells;
	metric_labels		*labels;
	const char *const	*words;
	int			 sparse;
} series[METRIC__MAX];

static const char *program_name;

static void
build_labels(struct buf *b, unsigned int cell)
{
	metric_label(b, "program", program_name);
	metric_label(b, "version", PACKAGE_VERSION);
}

void
metric_open_cells(enum metric m, unsigned int cells, metric_labels *fn,
    int sparse)
{
	struct series *s = &series[m];

	s->cells = cells;
	s->labels = fn;
	s->sparse = sparse;
	s->slot = calloc((size_t)cells * kinds[shapes[m]].width,
	    sizeof(*s->slot));
	if (s->slot == NULL)
		fatal("metrics");
}

void
metric_open_words(enum metric m, const char *const *words)
{
	unsigned int n;

	for (n = 0; words[n] != NULL; n++)
		;
	metric_open_cells(m, n, NULL, 0);
	series[m].words = words;
}

void
metric_open(char program, const char *name)
{
	enum metric m;

	program_name = name;
	for (m = 0; m < METRIC__MAX; m++)
		if (metric_table[m].labels[0] == '\0' &&
		    strchr(metric_table[m].programs, program) != NULL)
			metric_open_cells(m, 1, NULL, 0);
	metric_open_cells(METRIC_BUILD, 1, build_labels, 0);
	metric_set(METRIC_BUILD, 0, 1);
	process_begin();
}

void
metric_label(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, "%s%s=\"", b->len > 0 && b->data[b->len - 1] != '{' ?
	    "," : "", name);
	for (; *value != '\0'; value++)
		if (*value == '\n')
			buf_adds(b, "\\n");
		else {
			if (*value == '"' || *value == '\\')
				buf_addc(b, '\\');
			buf_addc(b, *value);
		}
	buf_addc(b, '"');
}

/* The first slot of a cell; NULL when it is not open. */
static _Atomic uint64_t *
cell_of(enum metric m, unsigned int cell)
{
	struct series *s = &series[m];

	if (s->slot == NULL || cell >= s->cells)
		return NULL;
	return s->slot + (size_t)cell * kinds[shapes[m]].width;
}

void
metric_add(enum metric m, unsigned int cell, uint64_t n)
{
	_Atomic uint64_t *slot = cell_of(m, cell);

	if (slot != NULL)
		atomic_fetch_add_explicit(slot, n, memory_order_relaxed);
}

void
metric_set(enum metric m, unsigned int cell, double v)
{
	_Atomic uint64_t *slot = cell_of(m, cell);
	uint64_t bits;

	if (slot == NULL)
		return;
	memcpy(&bits, &v, sizeof(bits));
	atomic_store_explicit(slot, bits, memory_order_relaxed);
}

void
metric_seen(enum metric m, unsigned int cell, double v)
{
	const struct kind *k = &kinds[shapes[m]];
	_Atomic uint64_t *slot = cell_of(m, cell);
	unsigned int i;

	if (slot == NULL)
		return;
	for (i = 0; i < k->edges && v > k->edge[i]; i++)
		;
	atomic_fetch_add_explicit(slot + i, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(slot + k->edges + 1,
	    (uint64_t)llround(v * SUM_UNIT), memory_order_relaxed);
}

void
metric_since(enum metric m, unsigned int cell, int64_t began)
{
	if (series[m].slot != NULL)
		metric_seen(m, cell, (double)(ts_mono() - began) / 1e6);
}

int
metric_word(enum metric m, const char *word)
{
	const char *const *words = series[m].words;
	int i;

	for (i = 0; words != NULL && words[i] != NULL; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

static uint64_t
slot_read(_Atomic uint64_t *slot)
{
	return atomic_load_explicit(slot, memory_order_relaxed);
}

/* name{labels, and one more} */
static void
name_write(struct buf *b, enum metric m, const char *suffix,
    unsigned int cell, const char *edge)
{
	const struct series *s = &series[m];
	const struct metric_about *row = &metric_table[m];

	buf_printf(b, "%s%s", row->name, suffix);
	if (s->labels == NULL && s->words == NULL && edge == NULL) {
		buf_addc(b, ' ');
		return;
	}
	buf_addc(b, '{');
	if (s->words != NULL)
		metric_label(b, row->labels, s->words[cell]);
	else if (s->labels != NULL)
		s->labels(b, cell);
	if (edge != NULL)
		metric_label(b, "le", edge);
	buf_adds(b, "} ");
}

static void
histogram_write(struct buf *b, enum metric m, unsigned int cell)
{
	const struct kind *k = &kinds[shapes[m]];
	_Atomic uint64_t *slot = cell_of(m, cell);
	uint64_t count = 0;
	char edge[32];
	unsigned int i;

	for (i = 0; i <= k->edges; i++) {
		count += slot_read(slot + i);
		if (i == k->edges)
			memcpy(edge, "+Inf", sizeof("+Inf"));
		else
			(void)snprintf(edge, sizeof(edge), "%.10g",
			    k->edge[i]);
		name_write(b, m, "_bucket", cell, edge);
		buf_printf(b, "%llu\n", (unsigned long long)count);
	}
	name_write(b, m, "_sum", cell, NULL);
	buf_printf(b, "%.6f\n",
	    (double)slot_read(slot + k->edges + 1) / SUM_UNIT);
	name_write(b, m, "_count", cell, NULL);
	buf_printf(b, "%llu\n", (unsigned long long)count);
}

static int
cell_touched(enum metric m, unsigned int cell)
{
	_Atomic uint64_t *slot = cell_of(m, cell);
	unsigned int i;

	for (i = 0; i < kinds[shapes[m]].width; i++)
		if (slot_read(slot + i) != 0)
			return 1;
	return 0;
}

static void
cell_write(struct buf *b, enum metric m, unsigned int cell)
{
	_Atomic uint64_t *slot = cell_of(m, cell);
	uint64_t bits = slot_read(slot);
	double v;

	if (kinds[shapes[m]].edges > 0) {
		histogram_write(b, m, cell);
		return;
	}
	name_write(b, m, "", cell, NULL);
	if (shapes[m] == SHAPE_COUNTER) {
		buf_printf(b, "%llu\n", (unsigned long long)bits);
		return;
	}
	memcpy(&v, &bits, sizeof(v));
	buf_printf(b, "%.17g\n", v);
}

/* The one counter that is no whole number. */
static void
cpu_write(struct buf *b)
{
	name_write(b, METRIC_CPU, "", 0, NULL);
	buf_printf(b, "%.6f\n", process_cpu());
}

void
metric_write(struct buf *b)
{
	unsigned int cell;
	enum metric m;

	process_measure();
	for (m = 0; m < METRIC__MAX; m++) {
		if (series[m].slot == NULL)
			continue;
		buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n",
		    metric_table[m].name, metric_table[m].help,
		    metric_table[m].name, metric_table[m].type);
		if (m == METRIC_CPU) {
			cpu_write(b);
			continue;
		}
		for (cell = 0; cell < series[m].cells; cell++)
			if (!series[m].sparse || cell_touched(m, cell))
				cell_write(b, m, cell);
	}
}
