/* SPDX-License-Identifier: BSD-2-Clause */
/* The report of a judge training job, as JSON or as a page. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "domain/blob.h"
#include "fcgi/app.h"
#include "fcgi/condition.h"
#include "fcgi/http.h"
#include "fcgi/job_act.h"
#include "fcgi/route.h"
#include "store/store_report.h"
#include "util/ident.h"

/* No script, nothing fetched, whatever somebody calls a criterion. */
#define PAGE_POLICY	"default-src 'none'; style-src 'unsafe-inline'; " \
			"img-src data:"
#define REPORT_MAX	((size_t)8 << 20)

/* q of one media range of an Accept header; -1: it is not there. */
static double
accept_q(const char *accept, const char *range)
{
	size_t	 len = strlen(range), n;
	const char *q;

	while (*accept != '\0') {
		accept += strspn(accept, " \t,");
		n = strcspn(accept, ",");
		if (strncasecmp(accept, range, len) == 0 &&
		    strchr(" \t;,", accept[len]) != NULL) {
			q = memmem(accept, n, "q=", 2);
			return q == NULL ? 1 : strtod(q + 2, NULL);
		}
		accept += n;
	}
	return -1;
}

/* JSON unless a page is asked for, or liked better. */
static int
wants_html(struct req *req)
{
	const char	*format = jv_text(req->args, "format");
	const char	*accept = req->header(req, "HTTP_ACCEPT");
	double		 json;

	if (format != NULL)
		return strcmp(format, "html") == 0;
	if (accept == NULL)
		return 0;
	if ((json = accept_q(accept, "application/json")) < 0 &&
	    (json = accept_q(accept, "application/*")) < 0)
		json = accept_q(accept, "*/*");
	return accept_q(accept, "text/html") > (json < 0 ? 0 : json);
}

enum err
h_job_report(struct req *req, struct reply *reply)
{
	int		  html = wants_html(req);
	struct job_report report;
	const char	 *sha256;
	struct db	 *db;
	char		  id[UUID_LEN];
	enum err	  err;

	if ((err = job_id_of(req, reply, &job_side_judge, id)) != ERR_OK)
		return err;
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	err = store_report_get(db, req->arena, req->tenant.workspace_id, id,
	    &report);
	pool_give(req->app->pool, db);
	if (err == ERR_NOT_FOUND)
		return reply_error(req, reply, err, "no such job");
	if (err != ERR_OK)
		return reply_error(req, reply, err, NULL);
	if (report.json == NULL)
		return reply_error(req, reply, ERR_NOT_FOUND,
		    "the job has no report; one comes when it completes");
	sha256 = html ? report.html : report.json;
	reply_header(req, reply, "Vary", "Accept");
	if (condition_not_modified(req, reply, arena_printf(req->arena,
	    "\"%s\"", sha256)))
		return ERR_OK;
	if (blob_read(req->app->conf->data_dir, sha256, req->arena,
	    REPORT_MAX, &reply->body, &reply->body_len) != ERR_OK)
		return reply_error(req, reply, ERR_INTERNAL, NULL);
	reply->status = 200;
	if (html) {
		reply->content_type = "text/html; charset=utf-8";
		reply_header(req, reply, "Content-Security-Policy",
		    PAGE_POLICY);
	}
	return ERR_OK;
}
