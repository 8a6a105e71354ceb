/* SPDX-License-Identifier: BSD-2-Clause */
/* What may be published, and how it looks. */
#include "config.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "domain/artifact.h"
#include "domain/blob.h"
#include "domain/view.h"
#include "util/buf.h"
#include "util/log.h"

/* larger than any task's or world's description */
#define DOCUMENT_MAX	(1024 * 1024)

void
artifact_check_path(const char *kind, const char *name, const char *version,
    int latest_is_fine, struct faults *f)
{
	size_t	i;

	for (i = 0; i < ARTIFACT_KINDS; i++)
		if (strcmp(artifact_kinds[i], kind) == 0)
			break;
	if (i == ARTIFACT_KINDS)
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
	const char	*uri = jv_text(body, "uri");
	const char	*sha = jv_text(body, "sha256");
	const char	*type = jv_text(body, "media_type");
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
artifact_document(struct arena *a, const char *path,
    const struct artifact *x)
{
	struct buf	 b;
	struct jv	*tree;
	ssize_t		 n;
	int		 fd;

	if ((strcmp(x->kind, "task") != 0 && strcmp(x->kind, "other") != 0) ||
	    strcmp(x->media_type, "application/json") != 0 ||
	    x->size > DOCUMENT_MAX)
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

int
artifact_has_rows(const char *kind)
{
	return strcmp(kind, "dataset") == 0 ||
	    strcmp(kind, "trajectory_dataset") == 0;
}

const char *
artifact_dataset(struct arena *a, struct dataset *rows)
{
	struct jw	w;

	jw_init(&w, a);
	dataset_write(dataset_end(rows), &w);
	return jw_text(&w, NULL);
}

static int
equal(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Would publishing again change nothing? */
static int
same_bytes(const struct artifact *a, const struct artifact *b)
{
	if (!equal(a->uri, b->uri))
		return 0;
	return equal(a->sha256, b->sha256) && a->size == b->size;
}

static int64_t
quota_of(const struct publisher *p, const struct artifact_room *room)
{
	return room->quota >= 0 ? room->quota : p->site_quota;
}

enum err
artifact_admit(const struct publisher *p, const struct artifact *x,
    int64_t size, struct artifact_quota *quota, int *exists)
{
	struct artifact_room	 room;
	struct db		*db;
	enum err		 err;

	if ((err = pool_take(p->pool, &db)) != ERR_OK)
		return err;
	err = store_artifact_room(db, p->tenant->workspace_id, x, &room);
	pool_give(p->pool, db);
	if (err != ERR_OK)
		return err;
	*exists = room.exists;
	quota->most = quota_of(p, &room);
	quota->bytes = room.bytes;
	return !room.exists && quota->most > 0 && size > 0 &&
	    room.bytes + size > quota->most ? ERR_RATE : ERR_OK;
}

/* After the insert: the room that is left holds nobody else's bytes. */
static enum err
charge(const struct publisher *p, struct db *db, const struct artifact *x,
    struct artifact_quota *quota)
{
	struct artifact_room	room;
	enum err		err;

	if ((err = store_artifact_room(db, p->tenant->workspace_id, x,
	    &room)) != ERR_OK)
		return err;
	quota->most = quota_of(p, &room);
	quota->bytes = room.bytes - x->size;
	return quota->most > 0 && x->size > 0 && room.bytes > quota->most ?
	    ERR_RATE : ERR_OK;
}

/*
 * In a transaction.  The bytes get their name last: who is refused leaves
 * none behind, and until the commit nobody sees the row without them.
 */
static enum err
publish(const struct publisher *p, struct db *db, struct arena *a,
    struct artifact *x, struct blob_in **in, enum published *how,
    struct artifact_quota *quota)
{
	const struct tenant	*t = p->tenant;
	struct artifact		 old;
	enum err		 err;

	/* an upload may take longer than its attempt has */
	if (p->attempt != NULL && (err = store_access_job_hold(db,
	    p->attempt)) != ERR_OK)
		return err;
	if (*in != NULL && (err = store_blob_lock(db, x->sha256)) != ERR_OK)
		return err;
	*how = PUBLISHED_NEW;
	err = store_artifact_insert(db, a, t->workspace_id,
	    t->organization_id, p->request_id, x);
	if (err == ERR_CONFLICT) {
		if ((err = store_artifact_get(db, a, t->workspace_id,
		    x->kind, x->name, x->version, &old)) != ERR_OK)
			return err;
		*how = same_bytes(&old, x) ? PUBLISHED_SAME :
		    PUBLISHED_OTHER;
		*x = old;
	} else if (err == ERR_OK && *in != NULL)
		err = charge(p, db, x, quota);
	/* the same again: a file that was lost or damaged is whole again */
	if (err == ERR_OK && *in != NULL && *how != PUBLISHED_OTHER)
		err = blob_keep(in);
	return err;
}

enum err
artifact_publish(const struct publisher *p, struct arena *a,
    struct artifact *x, struct blob_in **in, enum published *how,
    struct artifact_quota *quota)
{
	struct db	*db;
	enum err	 err;

	if ((err = pool_take(p->pool, &db)) != ERR_OK) {
		blob_abort(in);
		return err;
	}
	if ((err = db_begin(db)) == ERR_OK)
		err = publish(p, db, a, x, in, how, quota);
	if (err == ERR_OK)
		err = db_commit(db);
	if (err != ERR_OK)
		db_rollback(db);
	pool_give(p->pool, db);
	blob_abort(in);
	return err;
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
	if (x->dataset != NULL)
		jw_kraw(w, "dataset", x->dataset);
	jw_end(w);
}

/* A name has no upper case, so a part of one may be given in any. */
static const char *
part_of(struct arena *a, const char *q)
{
	char	*copy, *p;

	if (q == NULL)
		return NULL;
	copy = arena_strdup(a, q);
	for (p = copy; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return copy;
}

void
artifact_filter_read(const struct jv *args, struct faults *f,
    struct artifact_filter *filter, struct page *page)
{
	page_read_numbered(&schema_artifacts_query, args, f, page);
	filter->kind = jv_text(args, "kind");
	filter->name = jv_text(args, "name");
	filter->version = jv_text(args, "version");
	filter->part = part_of(f->arena, jv_text(args, "q"));
	filter->below = page->after ? page->last.id : NULL;
	/* one more, to see whether there is a next page */
	filter->limit = page->limit + 1;
	filter->offset = page->offset;
}

enum err
artifact_list_write(struct db *db, struct arena *a, const char *workspace_id,
    const struct artifact_filter *filter, const struct page *page,
    struct jw *w)
{
	struct artifact	*list;
	struct place	 last = { 0, "" };
	int64_t		 counted;
	enum err	 err;
	int		 n, more, i;

	if ((err = store_artifact_list(db, a, workspace_id, filter,
	    PAGE_REACH + 1, &list, &n, &counted)) != ERR_OK)
		return err;
	more = page_cut(page, &n);
	jw_obj(w);
	jw_karr(w, "items");
	for (i = 0; i < n; i++)
		view_artifact(w, &list[i]);
	jw_end(w);
	if (n > 0)
		memcpy(last.id, list[n - 1].id, UUID_LEN);
	page_write_numbered(w, page, counted, more, &last);
	jw_end(w);
	return ERR_OK;
}
