/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the entry prompt in the bytes of a capability. */
#include "config.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "domain/bundle.h"
#include "util/buf.h"
#include "util/gunzip.h"
#include "util/utf8.h"

#define BLOCK		512
#define PIECE		65536
#define PROMPT_MOST	((size_t)1 << 20)	/* a longer one is none */
#define UNPACKED_MOST	((size_t)64 << 20)	/* what is read of a bundle */
#define AGENTS		"agents/"
#define MANIFEST	"capability.yaml"

/* The fields of a tar header that count here. */
#define TAR_NAME	0
#define TAR_NAME_LEN	100
#define TAR_SIZE	124
#define TAR_SIZE_LEN	12
#define TAR_TYPE	156
#define TAR_MAGIC	257
#define TAR_PREFIX	345
#define TAR_PREFIX_LEN	155

/* One walk over a bundle; its files are told apart by take(). */
struct walk {
	struct arena	*arena;
	char		 header[BLOCK];
	size_t		 have;		/* bytes of the header */
	size_t		 left, pad;	/* of the file at hand */
	struct buf	*into;		/* NULL: the file is passed over */
	size_t		 read;		/* unpacked bytes so far */
	/* the walk's question */
	const char	*wanted;	/* a file's name; NULL: look around */
	/* the answers */
	struct buf	 manifest, content;
	const char	*first;		/* of agents/, by name */
	int		 found;		/* the wanted file */
};

/* Directly in agents/, and not hidden. */
static int
is_agent(const char *name)
{
	size_t	n = sizeof(AGENTS) - 1;

	return strncmp(name, AGENTS, n) == 0 && name[n] != '\0' &&
	    name[n] != '.' && strchr(name + n, '/') == NULL;
}

/* Where the bytes of a file go; NULL: nowhere. */
static struct buf *
walk_take(struct walk *w, const char *name, size_t size)
{
	if (w->wanted != NULL) {
		if (strcmp(name, w->wanted) != 0 || size > PROMPT_MOST)
			return NULL;
		w->found = 1;
		w->content.len = 0;
		return &w->content;
	}
	if (is_agent(name) && (w->first == NULL ||
	    strcmp(name, w->first) < 0))
		w->first = arena_strdup(w->arena, name);
	if (strcmp(name, MANIFEST) != 0 || size > PROMPT_MOST)
		return NULL;
	w->manifest.len = 0;
	return &w->manifest;
}

static const char *
header_name(const struct walk *w)
{
	const char	*name, *prefix = "";

	name = arena_strndup(w->arena, w->header + TAR_NAME,
	    strnlen(w->header + TAR_NAME, TAR_NAME_LEN));
	if (memcmp(w->header + TAR_MAGIC, "ustar\0", 6) == 0)
		prefix = arena_strndup(w->arena, w->header + TAR_PREFIX,
		    strnlen(w->header + TAR_PREFIX, TAR_PREFIX_LEN));
	if (prefix[0] != '\0')
		name = arena_printf(w->arena, "%s/%s", prefix, name);
	while (strncmp(name, "./", 2) == 0)
		name += 2;
	return name;
}

/* 0, or 1 when this is no header of a file: the end, or no tar at all. */
static int
walk_header(struct walk *w)
{
	char	text[TAR_SIZE_LEN + 1], type = w->header[TAR_TYPE], *end;
	size_t	size;

	if (w->header[TAR_NAME] == '\0')
		return 1;
	memcpy(text, w->header + TAR_SIZE, TAR_SIZE_LEN);
	text[TAR_SIZE_LEN] = '\0';
	size = strtoull(text, &end, 8);
	/* larger ones are written in another way, and are too large here */
	if (end == text || size > UNPACKED_MOST)
		return 1;
	w->left = size;
	w->pad = (BLOCK - size % BLOCK) % BLOCK;
	w->into = type == '0' || type == '\0' ?
	    walk_take(w, header_name(w), size) : NULL;
	return 0;
}

static int
walk_add(void *arg, const char *p, size_t len)
{
	struct walk	*w = arg;
	size_t		 n;

	w->read += len;
	while (len > 0) {
		if (w->left > 0) {
			n = len < w->left ? len : w->left;
			if (w->into != NULL)
				buf_add(w->into, p, n);
			w->left -= n;
		} else if (w->pad > 0) {
			n = len < w->pad ? len : w->pad;
			w->pad -= n;
		} else {
			n = BLOCK - w->have < len ? BLOCK - w->have : len;
			memcpy(w->header + w->have, p, n);
			w->have += n;
			if (w->have == BLOCK) {
				w->have = 0;
				if (walk_header(w))
					return 1;
			}
		}
		p += n;
		len -= n;
	}
	return w->read > UNPACKED_MOST || (w->found && w->left == 0);
}

/* Unpacks from the beginning until the walk has seen enough. */
static void
walk_run(struct walk *w, int fd)
{
	struct gunzip	*g = gunzip_new();
	char		*piece = arena_alloc(w->arena, PIECE);
	off_t		 at = 0;
	ssize_t		 n;

	while ((n = pread(fd, piece, PIECE, at)) > 0) {
		at += n;
		if (gunzip_add(g, piece, (size_t)n, walk_add, w) != 0)
			break;
	}
	gunzip_free(g);
}

static void
walk_init(struct walk *w, struct arena *a, const char *wanted)
{
	memset(w, 0, sizeof(*w));
	w->arena = a;
	w->wanted = wanted;
	buf_init(&w->manifest, a);
	buf_init(&w->content, a);
}

/* The file's text; NULL when there is no such file. */
static const char *
file_prompt(struct arena *a, int fd, const char *name)
{
	struct walk	w;

	walk_init(&w, a, name);
	walk_run(&w, fd);
	return w.found && w.left == 0 ?
	    bundle_prompt(a, w.content.data, w.content.len) : NULL;
}

static const char *
packed_prompt(struct arena *a, int fd)
{
	static const char *const	ending[] = { "md", "txt" };
	const char			*agent, *prompt;
	struct walk			 w;
	size_t				 i;

	walk_init(&w, a, NULL);
	walk_run(&w, fd);
	agent = bundle_entry_agent(a, arena_strndup(a, w.manifest.data,
	    w.manifest.len));
	for (i = 0; agent != NULL && i < 2; i++)
		if ((prompt = file_prompt(a, fd, arena_printf(a, AGENTS
		    "%s.%s", agent, ending[i]))) != NULL)
			return prompt;
	return w.first == NULL ? NULL : file_prompt(a, fd, w.first);
}

static const char *
plain_prompt(struct arena *a, int fd)
{
	char	*text = arena_alloc(a, PROMPT_MOST + 1);
	ssize_t	 n;
	size_t	 len = 0;

	while (len <= PROMPT_MOST && (n = pread(fd, text + len,
	    PROMPT_MOST + 1 - len, (off_t)len)) > 0)
		len += (size_t)n;
	return len > PROMPT_MOST ? NULL : bundle_prompt(a, text, len);
}

const char *
bundle_entry_prompt(struct arena *a, const char *path)
{
	unsigned char	 magic[2];
	const char	*prompt;
	int		 fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return NULL;
	if (pread(fd, magic, 2, 0) == 2 && magic[0] == 0x1f &&
	    magic[1] == 0x8b)
		prompt = packed_prompt(a, fd);
	else
		prompt = plain_prompt(a, fd);
	close(fd);
	return prompt;
}

/* A scalar on one line: plain, or between quotes, without its comment. */
static const char *
yaml_scalar(struct arena *a, const char *p)
{
	const char	*end;

	p += strspn(p, " \t");
	if (*p == '"' || *p == '\'') {
		end = strchr(p + 1, *p);
		return end == NULL ? NULL :
		    arena_strndup(a, p + 1, (size_t)(end - p - 1));
	}
	for (end = p; *end != '\0' && *end != '\n' && *end != '\r'; end++)
		if (*end == '#' && end > p &&
		    (end[-1] == ' ' || end[-1] == '\t'))
			break;
	while (end > p && isspace((unsigned char)end[-1]))
		end--;
	return arena_strndup(a, p, (size_t)(end - p));
}

const char *
bundle_entry_agent(struct arena *a, const char *yaml)
{
	static const char	 key[] = "entry_agent:";
	const char		*line, *next, *name;

	for (line = yaml; line != NULL; line = next) {
		next = strchr(line, '\n');
		next = next == NULL ? NULL : next + 1;
		if (strncmp(line, key, sizeof(key) - 1) != 0)
			continue;
		name = yaml_scalar(a, line + sizeof(key) - 1);
		/* a name of a file, not a way to another one */
		return name == NULL || name[0] == '\0' ||
		    strchr(name, '/') != NULL ? NULL : name;
	}
	return NULL;
}

/* Behind a line of three dashes, when the text begins with one. */
static const char *
behind_front_matter(const char *text)
{
	const char	*line;

	if (strncmp(text, "---", 3) != 0 ||
	    strspn(text + 3, " \t\r") != strcspn(text + 3, "\n"))
		return text;
	for (line = strchr(text, '\n'); line != NULL;
	    line = strchr(line, '\n')) {
		line++;
		if (strncmp(line, "---", 3) == 0 &&
		    strspn(line + 3, " \t\r") == strcspn(line + 3, "\n")) {
			line += 3 + strcspn(line + 3, "\n");
			return line + strspn(line, "\r\n");
		}
	}
	return text;
}

const char *
bundle_prompt(struct arena *a, const char *text, size_t len)
{
	size_t	i, n;

	for (i = 0; i < len; i += n)
		if (text[i] == '\0' ||
		    (n = utf8_next(text + i, len - i, NULL)) == 0)
			return NULL;
	text = arena_strndup(a, text, len);
	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	return behind_front_matter(text);
}
