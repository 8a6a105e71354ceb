/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of engines, and how they are told that the end is near. */
#include "config.h"

#include <sys/eventfd.h>

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "dispatch/ask.h"
#include "dispatch/engines/engine.h"
#include "util/log.h"

static const struct engine *const engines[ENGINES] = {
#define ENGINE(name, slots) [ENGINE_ID_##name] = &engine_##name,
#include "dispatch/engines/engine.tbl.h"
#undef ENGINE
};

static atomic_int leaving;
static int leaving_fd = -1;	/* made before any thread */

const struct engine *
engine_get(enum engine_id id)
{
	return engines[id];
}

const struct engine *
engine_find(const char *name)
{
	size_t i;

	for (i = 0; i < ENGINES; i++)
		if (strcmp(engines[i]->name, name) == 0)
			return engines[i];
	return NULL;
}

size_t
engine_slots(enum engine_id id, const struct conf *conf)
{
	switch (id) {
#define ENGINE(name, slots)						\
	case ENGINE_ID_##name:						\
		return (size_t)conf->slots;
#include "dispatch/engines/engine.tbl.h"
#undef ENGINE
	case ENGINES:
		break;
	}
	return 0;
}

int
engine_leaving(void)
{
	return atomic_load(&leaving);
}

int
engine_leaving_fd(void)
{
	return leaving_fd;
}

void
engines_prepare(void)
{
	if ((leaving_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) == -1)
		fatal("eventfd");
}

void
engines_leave(void)
{
	const uint64_t one = 1;

	atomic_store(&leaving, 1);
	if (leaving_fd != -1)
		(void)!write(leaving_fd, &one, sizeof(one));
}
