/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks the life of a job up in state.tbl.h. */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "domain/state.h"

static const struct {
	const char	*word;
	const char	*on[2];		/* by enum job_face */
	enum job_phase	 phase;
} states[JOB__MAX] = {
#define STATE(sym, text, hosted, judge, life) [JOB_##sym] = \
    { text, { [FACE_HOSTED] = hosted, [FACE_JUDGE] = judge }, PHASE_##life },
#define EDGE(face, from, to, when)
#include "domain/state.tbl.h"
#undef STATE
#undef EDGE
};

static const struct {
	enum job_face	 face;
	enum job_state	 from, to;
} edges[] = {
#define STATE(sym, word, hosted, judge, phase)
#define EDGE(side, before, after, when) \
    { FACE_##side, JOB_##before, JOB_##after },
#include "domain/state.tbl.h"
#undef STATE
#undef EDGE
};

const char *
state_face(enum job_face face)
{
	return face == FACE_JUDGE ? "judge" : "hosted";
}

const char *
state_word(enum job_state state)
{
	return states[state].word;
}

const char *
state_face_word(enum job_state state, enum job_face face)
{
	return states[state].on[face];
}

enum job_phase
state_phase(enum job_state state)
{
	return states[state].phase;
}

int
state_parse(const char *word, enum job_state *out)
{
	size_t i;

	for (i = 0; i < JOB__MAX; i++)
		if (strcmp(word, states[i].word) == 0) {
			*out = (enum job_state)i;
			return 0;
		}
	return -1;
}

int
state_word_finished(const char *word)
{
	enum job_state state;

	return state_parse(word, &state) == 0 &&
	    state_phase(state) == PHASE_FINISHED;
}

int
state_may_follow(enum job_face face, enum job_state from, enum job_state to)
{
	size_t i;

	for (i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
		if (edges[i].face == face && edges[i].from == from &&
		    edges[i].to == to)
			return 1;
	return 0;
}
