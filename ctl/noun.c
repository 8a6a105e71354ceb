/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every command: the nouns, and by them their verbs.  Usage, the heads of
 * trainyard(8) and the completion of shells are made from it.
 */
#include "config.h"

#include "ctl/ctl.h"

const struct noun ctl_nouns[] = {
	{ "artifact", artifact_verbs },
	{ "audit", audit_verbs },
	{ "catalog", catalog_verbs },
	{ "check-config", config_verbs },
	{ "doctor", doctor_verbs },
	{ "help", help_verbs },
	{ "job", job_verbs },
	{ "judge", judge_verbs },
	{ "member", member_verbs },
	{ "migrate", migrate_verbs },
	{ "org", org_verbs },
	{ "project", project_verbs },
	{ "prune", prune_verbs },
	{ "setup", setup_verbs },
	{ "status", status_verbs },
	{ "token", token_verbs },
	{ "user", user_verbs },
	{ "version", version_verbs },
	{ "webhook", webhook_verbs },
	{ "workspace", workspace_verbs },
	{ NULL, NULL }
};
