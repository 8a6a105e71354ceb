/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a job as state.tbl.h lists it: words, phases and legal moves.
 * Any thread, all of this file.
 */
#ifndef DOMAIN_STATE_H
#define DOMAIN_STATE_H

enum job_face { FACE_HOSTED, FACE_JUDGE };

enum job_phase {
	PHASE_WAITING,		/* nobody works on it */
	PHASE_ACTIVE,		/* an attempt is under way */
	PHASE_FINISHED		/* over; only retry leaves it */
};

enum job_state {
#define STATE(sym, word, hosted, judge, phase) JOB_##sym,
#define EDGE(face, from, to, when)
#include "domain/state.tbl.h"
#undef STATE
#undef EDGE
	JOB__MAX
};

/* The words in the database. */
const char *state_face(enum job_face);
const char *state_word(enum job_state);
/* The word on that face's wire; "" for a state that the face never has. */
const char *state_face_word(enum job_state, enum job_face);
enum job_phase state_phase(enum job_state);
/* 0 and *out, or -1 for a word that the database does not have. */
int state_parse(const char *word, enum job_state *out);
/* 1 when that word in the database is one of a job that is over. */
int state_word_finished(const char *word);
/* 1 when a job of that face may go from one state to the other. */
int state_may_follow(enum job_face, enum job_state from, enum job_state to);

#endif
