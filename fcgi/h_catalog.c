/* SPDX-License-Identifier: BSD-2-Clause */
/* The catalog of base models. */
#include "config.h"

#include "domain/models.h"
#include "fcgi/app.h"
#include "fcgi/http.h"
#include "fcgi/route.h"

enum err
h_catalog(struct req *req, struct reply *reply)
{
	struct jw	w;
	enum err	err;

	jw_init(&w, req->arena);
	err = models_write(req->app->models, req->arena, req->args, &w);
	if (err != ERR_OK)
		return reply_error(req, reply, err, NULL);
	reply_json(reply, 200, &w);
	return ERR_OK;
}
