/* SPDX-License-Identifier: BSD-2-Clause */
/* What may be published, and how it looks. */
#include "config.h"

#include <sys/stat.h>

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "domain/artifact.h"
#include "domain/blob.h"
#include "domain/view.h"
#include "util/buf.h"
#include "util/log.h"

/* larger than any task's or world's description */
#define DOCUMENT_MAX	(1024 * 1024)

static const char *const kinds[] = { "capability", "dataset",
    "trajectory_dataset", "task", "model", "checkpoint", "other" };

void
artifact_check_path(const char *kind, const char *name, const char *version,
    int latest_is_fine, struct faults *f)
{
	size_t	i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i], kind) == 0)
			break;
	if (i == sizeof(kinds) / sizeof(kinds[0]))
		fault_add(f, LOC(&loc_path, "kind"), "literal_error",
		    "must be one of \"capability\", \"dataset\", "
		    "\"trajectory_dataset\", \"task\", \"model\", "
		    "\"checkpoint\", \"other\"");
	if (!ident_artifact_name(name))
		fault_add(f, LOC(&loc_path, "name"), "value_error",
		    "must be 1 to 128 lower-case letters, digits and . _ -, "
		    "beginning with a letter or digit");
	if (latest_is_fine && strcmp(version, "latest") == 0)
		return;
	if (!ident_artifact_version(version))
		fault_add(f, LOC(&loc_path, "version"), "value_error",
		    "must be 1 to 64 letters, digits and . + _ -, beginning "
		    "with a letter or digit, and not latest");
}

const char *
artifact_media_type(struct arena *a, const char *header)
{
	char	*copy, *p;
	size_t	 n, slashes = 0;

	if (header == NULL)
		return "application/octet-stream";
	n = strcspn(header, "; \t");
	copy = arena_strndup(a, header, n);
	for (p = copy; *p != '\0'; p++) {
		*p = (char)tolower((unsigned char)*p);
		slashes += *p == '/';
		if (!isalnum((unsigned char)*p) &&
		    strchr("/!#$&-^_.+", *p) == NULL)
			return "application/octet-stream";
	}
	return n < 3 || n > 200 || slashes != 1 ?
	    "application/octet-stream" : copy;
}

void
artifact_from_reference(const struct jv *body, struct artifact *x,
    struct faults *f)
{
	const char	*uri = jv_str(jv_member(body, "uri"), NULL);
	const char	*sha = jv_str(jv_member(body, "sha256"), NULL);
	const char	*type = jv_str(jv_member(body, "media_type"), NULL);
	size_t		 n;

	/* scheme "://" rest; whether it can be fetched is the runner's affair */
	n = strspn(uri, "abcdefghijklmnopqrstuvwxyz0123456789+.-");
	if (n == 0 || strncmp(uri + n, "://", 3) != 0 || uri[n + 3] == '\0' ||
	    strpbrk(uri, " \t\r\n") != NULL)
		fault_add(f, LOC(&loc_body, "uri"), "url_parsing",
		    "must be an absolute URL");
	if (sha != NULL && strspn(sha, "0123456789abcdef") != 64)
		fault_add(f, LOC(&loc_body, "sha256"), "value_error",
		    "must be 64 lower-case hex digits");
	x->uri = uri;
	x->sha256 = sha;
	x->media_type = type == NULL ? "application/octet-stream" :
	    artifact_media_type(f->arena, type);
	if (!jv_int(jv_member(body, "size"), &x->size))
		x->size = -1;
}

const char *
artifact_document(struct arena *a, const char *data_dir,
    const struct artifact *x)
{
	struct buf	 b;
	struct jv	*tree;
	char		 path[PATH_MAX];
	ssize_t		 n;
	int		 fd;

	if ((strcmp(x->kind, "task") != 0 && strcmp(x->kind, "other") != 0) ||
	    strcmp(x->media_type, "application/json") != 0 ||
	    x->size > DOCUMENT_MAX ||
	    blob_path(data_dir, x->sha256, path, sizeof(path)) == -1)
		return NULL;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1) {
		log_warn("cannot read an artifact that was just written");
		return NULL;
	}
	buf_init(&b, a);
	while ((n = read(fd, buf_reserve(&b, 65536), 65536)) > 0)
		b.len += (size_t)n;
	b.data[b.len] = '\0';
	close(fd);
	/* opaque unless it is an object that jsonb can hold */
	if (n != 0 || jv_parse_checked(a, b.data, b.len, &tree) == -1 ||
	    jv_type(tree) != JV_OBJECT || strstr(b.data, "\\u0000") != NULL)
		return NULL;
	return b.data;
}

static int
equal(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

int
artifact_same(const struct artifact *a, const struct artifact *b)
{
	if (!equal(a->uri, b->uri))
		return 0;
	return equal(a->sha256, b->sha256) && a->size == b->size;
}

void
view_artifact(struct jw *w, const struct artifact *x)
{
	jw_obj(w);
	jw_kstr(w, "id", x->id);
	jw_kstr(w, "kind", x->kind);
	jw_kstr(w, "name", x->name);
	jw_kstr(w, "version", x->version);
	jw_kstr(w, "media_type", x->media_type);
	if (x->size < 0)
		jw_knull(w, "size");
	else
		jw_kint(w, "size", x->size);
	jw_kstr(w, "sha256", x->sha256);
	if (x->uri != NULL)
		jw_kstr(w, "uri", x->uri);
	view_time(w, "created_at", x->created_at);
	jw_kstr(w, "created_by", x->created_by);
	jw_end(w);
}
