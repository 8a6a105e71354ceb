/* SPDX-License-Identifier: BSD-2-Clause */
/* What trainyard-runner is given besides its job: models, and Tinker's key. */
#include "config.h"

#include <string.h>

#include "dispatch/dispatch.h"
#include "util/log.h"

#define KEY_LEN	4096

/*
 * Read for each run: a key that was changed is used at once.  Jobs of judges
 * and of Ray have no business with it.
 */
static void
tinker_fill(struct dispatcher *d, struct environment *v)
{
	const char *path = d->conf->tinker_api_key_file;
	char key[KEY_LEN];

	if (*path == '\0')
		return;
	if (text_first_line(path, key, sizeof(key)) == -1) {
		log_warnx("tinker_api_key_file %s cannot be read, or is empty",
		    path);
		return;
	}
	environment_add(v, arena_printf(d->arena, "TINKER_API_KEY=%s", key));
	explicit_bzero(key, sizeof(key));
	if (d->conf->tinker_base_url[0] != '\0')
		environment_add(v, arena_printf(d->arena,
		    "TINKER_BASE_URL=%s", d->conf->tinker_base_url));
}

void
supply_fill(struct dispatcher *d, const struct run *r, struct environment *v)
{
	if (r->face != FACE_HOSTED)
		return;
	if (d->conf->model_dir[0] != '\0')
		environment_add(v, arena_printf(d->arena,
		    "TRAINYARD_MODELS=%s", d->conf->model_dir));
	if (strncmp(r->kind->name, "tinker_", 7) == 0)
		tinker_fill(d, v);
}
