/* SPDX-License-Identifier: BSD-2-Clause */
/* Reward recipes and the rewards of worlds. */
#include "config.h"

#include "domain/recipe.h"
#include "fcgi/http.h"
#include "fcgi/route.h"

enum err
h_recipes(struct req *req, struct reply *reply)
{
	struct jw	w;

	jw_init(&w, req->arena);
	recipes_write(&w);
	reply_json(reply, 200, &w);
	return ERR_OK;
}
