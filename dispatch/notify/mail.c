/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mail leaves through a server (SMTP) or through a program that takes what
 * sendmail takes: "-i -f SENDER -- ADDRESS", the mail on standard input.
 */
#include "config.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "dispatch/notify/delivery.h"
#include "dispatch/text.h"
#include "domain/mail.h"
#include "util/log.h"

#define ARGS_MOST	32
#define HOST_LEN	256
#define PASSWORD_LEN	512
#define SAID_MOST	500

static int
is_smtp(const char *mail)
{
	return strncmp(mail, "smtp://", 7) == 0 ||
	    strncmp(mail, "smtps://", 8) == 0;
}

static const char *
password_read(const char *path)
{
	static char line[PASSWORD_LEN];

	if (*path == '\0')
		return "";
	if (text_first_line(path, line, sizeof(line)) == -1)
		fatalx("mail_password_file %s cannot be read, or is empty",
		    path);
	return line;
}

void
mail_setup(struct notify *n)
{
	static char host[HOST_LEN], from[HOST_LEN + 16];

	if (gethostname(host, sizeof(host)) == -1)
		fatal("gethostname");
	host[sizeof(host) - 1] = '\0';
	(void)snprintf(from, sizeof(from), "trainyard@%s", host);
	n->mail_host = host;
	n->mail_from = *n->conf->mail_from == '\0' ? from :
	    n->conf->mail_from;
	n->mail_password = password_read(n->conf->mail_password_file);
	if (!is_smtp(n->conf->mail))
		n->mail_command = text_split(n->conf->mail);
	if (n->mail_command == NULL && *n->conf->mail == '\0')
		log_info("no mail leaves from here");
}

void
mail_cleanup(struct notify *n)
{
	text_split_free(n->mail_command);
	n->mail_command = NULL;
}

static void
answered(void *arg, const struct fetch_result *r)
{
	struct delivery *d = arg;

	d->fetch = NULL;
	if (r->error == NULL)
		delivery_end(d, OUT_SENT, r->status, 0, NULL, NULL);
	else
		/* no such mailbox, and the like: again is no use */
		delivery_end(d, r->status >= 550 && r->status <= 554 ?
		    OUT_NEVER : OUT_AGAIN, r->status, 0,
		    text_clean(d->arena, r->error, strlen(r->error),
		    SAID_MOST), NULL);
}

static void
send_smtp(struct delivery *d)
{
	const struct notify *n = d->owner;
	struct fetch_request req = { .url = n->conf->mail,
	    .timeout_ms = delivery_left_ms(d), .body = d->body,
	    .len = d->len, .mail_from = n->mail_from,
	    .mail_to = d->item.target, .done = answered, .arg = d };

	if (*n->conf->mail_user != '\0') {
		req.user = n->conf->mail_user;
		req.password = n->mail_password;
	}
	d->fetch = fetch_start(n->fetcher, &req);
}

/* The mail as a file to read from its beginning, or -1. */
static int
mail_file(const struct delivery *d)
{
	int fd = memfd_create("mail", MFD_CLOEXEC);

	if (fd != -1 && (write(fd, d->body, d->len) != (ssize_t)d->len ||
	    lseek(fd, 0, SEEK_SET) == -1)) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static int
spawn(struct delivery *d, int in, int out)
{
	const struct notify *n = d->owner;
	char *argv[ARGS_MOST + 6], *env[] = { NULL, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;
	size_t i;
	int code;

	for (i = 0; n->mail_command[i] != NULL && i < ARGS_MOST; i++)
		argv[i] = n->mail_command[i];
	argv[i++] = arena_strdup(d->arena, "-i");
	argv[i++] = arena_strdup(d->arena, "-f");
	argv[i++] = arena_strdup(d->arena, n->mail_from);
	argv[i++] = arena_strdup(d->arena, "--");
	argv[i++] = arena_strdup(d->arena, d->item.target);
	argv[i] = NULL;
	env[0] = arena_strdup(d->arena, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
	(void)sigemptyset(&none);
	if (posix_spawn_file_actions_init(&files) != 0 ||
	    posix_spawnattr_init(&attr) != 0)
		fatalx("posix_spawn");
	(void)posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	(void)posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	(void)posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
	(void)posix_spawn_file_actions_addclosefrom_np(&files,
	    STDERR_FILENO + 1);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	code = posix_spawn(&d->pid, argv[0], &files, &attr, argv, env);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attr);
	if (code != 0)
		d->pid = 0;
	errno = code;
	return code == 0 ? 0 : -1;
}

static void
send_command(struct delivery *d)
{
	int in = mail_file(d);

	d->said = memfd_create("said", MFD_CLOEXEC);
	if (in == -1 || d->said == -1 || spawn(d, in, d->said) == -1)
		delivery_end(d, OUT_AGAIN, 0, 0, arena_printf(d->arena,
		    "cannot start %s: %s", d->owner->mail_command[0],
		    strerror(errno)), NULL);
	else
		d->pidfd = (int)syscall(SYS_pidfd_open, d->pid, 0);
	if (in != -1)
		(void)close(in);
	if (d->pid == 0 && d->said != -1) {
		(void)close(d->said);
		d->said = -1;
	}
}

/* Its end, with what it printed. */
static void
command_ended(struct delivery *d, int status)
{
	char said[SAID_MOST];
	ssize_t n = pread(d->said, said, sizeof(said), 0);
	const char *text = text_clean(d->arena, said, n < 0 ? 0 : (size_t)n,
	    SAID_MOST);

	(void)close(d->said);
	if (d->pidfd != -1)
		(void)close(d->pidfd);
	d->said = d->pidfd = -1;
	d->pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		delivery_end(d, OUT_SENT, 0, 0, NULL, NULL);
	else
		delivery_end(d, OUT_AGAIN, 0, 0, arena_printf(d->arena,
		    "%s ended with %s %d: %s", d->owner->mail_command[0],
		    WIFEXITED(status) ? "status" : "signal",
		    WIFEXITED(status) ? WEXITSTATUS(status) :
		    WTERMSIG(status), text), NULL);
}

void
mail_look(struct delivery *d)
{
	int status;
	pid_t got;

	if (delivery_left_ms(d) <= 1)
		(void)kill(d->pid, SIGKILL);
	if ((got = waitpid(d->pid, &status, WNOHANG)) == d->pid)
		command_ended(d, status);
	else if (got == -1)
		fatal("waitpid");
}

enum err
mail_begin(struct delivery *d)
{
	const struct notify *n = d->owner;
	struct mail_envelope m = { .from = n->mail_from,
	    .to = d->item.target, .host = n->mail_host,
	    .unix_time = time(NULL),
	    .eol = n->mail_command == NULL ? "\r\n" : "\n" };
	char typeid[TYPEID_LEN];
	struct job job;
	int64_t at;
	enum err e;

	d->limit_ms = MAIL_MS;
	if (*n->conf->mail == '\0') {
		e = store_outbox_unsent(n->db, d->arena, &d->item,
		    "no mail was sent: this site has no mail setting");
		d->settled = e == ERR_OK;
		d->phase = D_ENDED;
		return e;
	}
	if ((e = delivery_job(d, &job, &at)) != ERR_OK)
		return e;
	typeid_encode(d->item.id, typeid);
	m.id = typeid;
	d->body = mail_write(d->arena, &m, &job, &d->len);
	if (n->mail_command == NULL)
		send_smtp(d);
	else
		send_command(d);
	return ERR_OK;
}
