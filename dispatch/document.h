/* SPDX-License-Identifier: BSD-2-Clause */
/* What document.c, document_hosted.c and repeats.c share. */
#ifndef DISPATCH_DOCUMENT_H
#define DISPATCH_DOCUMENT_H

#include <stdio.h>

#include "dispatch/dispatch.h"
#include "store/store_document.h"
#include "util/jw.h"

struct repeats;

enum document_step {
	STEP_BEGIN,		/* reads the selection */
	STEP_ENTRIES,		/* evaluations.jsonl */
	STEP_REPEATS,		/* looks for repeated content */
	STEP_CONTENTS,		/* consistency.jsonl */
	STEP_DOCUMENT,		/* job.json */
	STEP_DONE
};

struct document {
	struct arena	*arena;		/* what must outlive a step */
	enum document_step step;
	FILE		*file;		/* the one being written */
	struct document_judge judge;
	int64_t		 after;		/* entries up to here are written */
	int64_t		 window;	/* entries of the next step */
	double		 split;		/* below: held out */
	struct repeats	*repeats;
	int		 consistent;	/* there is a consistency.jsonl */
	int		 fault;		/* errno of a file, 0: none */
};

struct document *document_new(void);
/* Remembers errno of a failed file call.  ERR_INTERNAL. */
enum err document_fault(struct document *);
/* The finished text as one line. */
int document_line(FILE *, struct jw *);
/* "key": prefix + base32 of the uuid. */
void document_id(struct jw *, const char *key, const char *prefix,
    const char *uuid);
/* job.json appears as a whole.  -1 and errno. */
int document_write(struct run *, struct jw *);

/* document_hosted.c */
/* The whole document in one step. */
enum err document_hosted(struct dispatcher *, struct run *);

/* repeats.c */
/*
 * Evaluations that repeat held-out content: the newest 100 000 held-out ones
 * are looked at, and of those the groups of two or more.
 */
struct repeats *repeats_new(void);
void repeats_free(struct repeats *);
/* The share held out: of the job, or for a validation of its base. */
double judge_split(const struct document *);
/* One page more; STEP_CONTENTS when that was the last. */
enum err repeats_find(struct dispatcher *, struct run *, struct document *);
/* Evaluations found. */
size_t repeats_count(const struct repeats *);
/* Writes one page of them to doc->file; *more: it was not the last. */
enum err repeats_write(struct dispatcher *, struct run *, struct document *,
    int *more);

#endif
