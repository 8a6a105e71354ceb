/* SPDX-License-Identifier: BSD-2-Clause */
/* Organisations, workspaces, projects and users as JSON. */
#include "config.h"

#include "domain/place_view.h"
#include "domain/view.h"

static const char *
level(int own)
{
	return own ? "organization" : "platform";
}

/*
 * The published client fails on an organisation that lacks one of these.
 * A default run never lasts longer than the longest one: then it is the
 * organisation's maximum that decides.
 */
static void
write_runtimes(struct jw *w, const struct organization *o)
{
	int64_t	most = o->max_runtime == -1 ? PLATFORM_MAX_RUNTIME :
		    o->max_runtime;
	int64_t	usual = o->default_runtime == -1 ? PLATFORM_DEFAULT_RUNTIME :
		    o->default_runtime;
	int	cut = usual > most;

	jw_kint(w, "effective_max_sandbox_runtime_seconds", most);
	jw_kstr(w, "max_sandbox_runtime_source_level",
	    level(o->max_runtime != -1));
	jw_kint(w, "effective_default_sandbox_runtime_seconds",
	    cut ? most : usual);
	jw_kstr(w, "default_sandbox_runtime_source_level",
	    level(o->default_runtime != -1 || cut));
	jw_kint(w, "platform_max_sandbox_runtime_seconds",
	    PLATFORM_MAX_RUNTIME);
	jw_kint(w, "platform_default_sandbox_runtime_seconds",
	    PLATFORM_DEFAULT_RUNTIME);
}

void
view_organization(struct jw *w, const struct organization *o)
{
	jw_obj(w);
	jw_kstr(w, "id", o->id);
	jw_kstr(w, "name", o->name);
	jw_kstr(w, "key", o->key);
	jw_kstr(w, "description", o->description);
	/* the others are not there for anybody */
	jw_kbool(w, "is_active", 1);
	write_runtimes(w, o);
	jw_kint(w, "max_members", o->max_members);
	jw_kint(w, "member_count", o->members);
	view_time(w, "created_at", o->created_at);
	view_time(w, "updated_at", o->updated_at);
	jw_end(w);
}

void
view_workspace(struct jw *w, const struct workspace *s)
{
	jw_obj(w);
	jw_kstr(w, "id", s->id);
	jw_kstr(w, "name", s->name);
	jw_kstr(w, "key", s->key);
	jw_kstr(w, "org_id", s->organization_id);
	jw_kstr(w, "org_name", s->organization);
	jw_kbool(w, "is_default", s->is_default);
	view_time(w, "created_at", s->created_at);
	view_time(w, "updated_at", s->updated_at);
	jw_end(w);
}

void
view_project(struct jw *w, const struct project *p)
{
	jw_obj(w);
	jw_kstr(w, "id", p->id);
	jw_kstr(w, "key", p->key);
	jw_kstr(w, "name", p->name);
	jw_kstr(w, "workspace_id", p->workspace_id);
	jw_kbool(w, "is_default", p->is_default);
	view_time(w, "created_at", p->created_at);
	view_time(w, "updated_at", p->updated_at);
	jw_end(w);
}

static void
write_none(struct jw *w, const char *key)
{
	jw_karr(w, key);
	jw_end(w);
}

void
view_user(struct jw *w, const struct principal *who)
{
	jw_obj(w);
	jw_kstr(w, "id", who->account_id);
	jw_kstr(w, "email_address", who->email);
	jw_kstr(w, "username", who->username);
	jw_kstr(w, "full_name", who->full_name[0] == '\0' ? NULL :
	    who->full_name);
	write_none(w, "features");
	write_none(w, "groups");
	write_none(w, "teams");
	jw_end(w);
}
