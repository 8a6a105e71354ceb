/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor: looks at what makes sites fail, and says what to do about it. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl/args.h"
#include "ctl/out.h"
#include "store/schema.h"
#include "util/ts.h"

#define DOCTOR_ROOM	10	/* percent of a disk that should be free */
#define DOCTOR_CLOCK_US	5000000	/* between this host and the database's */
#define DOCTOR_MS	4000

extern char **environ;

/* OFF: wrong, or not, with what is not in use. */
enum verdict { FINE, WARN, FAIL, OFF };

struct doctor {
	struct ctl	*c;
	struct jw	 w;
	int		 failed;
};

static void report(struct doctor *, enum verdict, const char *, const char *,
    ...) __attribute__((format(printf, 4, 5)));

static void
report(struct doctor *d, enum verdict v, const char *what, const char *fmt,
    ...)
{
	static const char *const words[] = { "ok", "warn", "fail", "off" };
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = arena_vprintf(d->c->arena, fmt, ap);
	va_end(ap);
	if (v == FAIL)
		d->failed = 1;
	if (!d->c->json) {
		(void)printf("%-4s  %-12s  %s\n", words[v], what, text);
		return;
	}
	jw_obj(&d->w);
	jw_kstr(&d->w, "check", what);
	jw_kstr(&d->w, "state", words[v]);
	jw_kstr(&d->w, "detail", text);
	jw_end(&d->w);
}

/* 1 when the role of a program can connect and see a schema that will do. */
static int
role_check(struct doctor *d, const char *what, const char *dsn,
    struct db **out)
{
	char why[DB_WHY_LEN];
	struct db *db;
	enum err e;

	if (db_connect(dsn, "trainyard doctor", DOCTOR_MS, &db, why) !=
	    ERR_OK) {
		report(d, FAIL, what, "could not connect: %s", why);
		return 0;
	}
	if ((e = schema_ready(db)) == ERR_OK)
		report(d, FINE, what, "connects, and the schema is new "
		    "enough");
	else
		report(d, FAIL, what, "%s", e == ERR_PRECONDITION ?
		    "the schema is too old: run \"trainyard migrate\"" :
		    db_message(db));
	if (out != NULL && e == ERR_OK)
		*out = db;
	else
		db_close(db);
	return e == ERR_OK;
}

static void
server_check(struct doctor *d)
{
	struct rows *rows = ctl_run(d->c, STMT_cmd_doctor_server, NULL);
	int64_t apart = rows_ts(rows, 0, 3) - ts_now();
	int64_t most = rows_int(rows, 0, 4), now = rows_int(rows, 0, 5);

	if (!rows_bool(rows, 0, 0) || !rows_bool(rows, 0, 1))
		report(d, FAIL, "durability", "fsync or full_page_writes is "
		    "off: a crash loses what was acknowledged");
	else
		report(d, FINE, "durability", "fsync and full_page_writes are "
		    "on");
	if (rows_bool(rows, 0, 2))
		report(d, FAIL, "primary", "this server is a standby and "
		    "takes no writes");
	if (llabs(apart) > DOCTOR_CLOCK_US)
		report(d, WARN, "clock", "this host and the database's are "
		    "%lld s apart", (long long)llabs(apart) / 1000000);
	else
		report(d, FINE, "clock", "agrees with the database's");
	report(d, now * 100 > most * 90 ? WARN : FINE, "connections",
	    "%lld of %lld are in use", (long long)now, (long long)most);
}

static void
work_check(struct doctor *d)
{
	struct rows *rows = ctl_run(d->c, STMT_cmd_doctor_work, NULL);
	int64_t queued = rows_int(rows, 0, 0), since = rows_int(rows, 0, 1);
	int64_t leases = rows_int(rows, 0, 2), due = rows_int(rows, 0, 3);

	report(d, FINE, "queue", "%lld jobs wait, the oldest for %lld s",
	    (long long)queued, (long long)since);
	if (leases > 0)
		report(d, FAIL, "leases", "%lld leases ran out and nobody "
		    "took them back: is trainyardd running?",
		    (long long)leases);
	else
		report(d, FINE, "leases", "none ran out unseen");
	if (due > 0)
		report(d, FAIL, "deliveries", "%lld notifications are overdue: "
		    "is trainyardd running?", (long long)due);
	else
		report(d, FINE, "deliveries", "none is overdue");
}

static void
folder_check(struct doctor *d)
{
	const char *dir = d->c->conf.data_dir;
	struct statvfs fs;
	unsigned long room;

	if (access(dir, R_OK | X_OK) == -1 || statvfs(dir, &fs) == -1) {
		report(d, FAIL, "data_dir", "%s: %s", dir, strerror(errno));
		return;
	}
	room = fs.f_blocks == 0 ? 100 :
	    (unsigned long)(fs.f_bavail * 100 / fs.f_blocks);
	report(d, room < DOCTOR_ROOM ? WARN : FINE, "data_dir",
	    "%s has %lu%% of its disk free", dir, room);
}

/* The same question as nginx's: does somebody listen there? */
static void
socket_check(struct doctor *d)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	const char *path = d->c->conf.listen;
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		report(d, FAIL, "socket", "%s: the path is too long", path);
		return;
	}
	memcpy(sun.sun_path, path, strlen(path) + 1);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1 ||
	    connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) == -1)
		report(d, FAIL, "socket", "%s: %s: is trainyard-fcgi "
		    "running?", path, strerror(errno));
	else
		report(d, FINE, "socket", "listens at %s", path);
	if (fd != -1)
		(void)close(fd);
}

/* What a program prints; its standard error is ours. */
static FILE *
child_open(char *const argv[], pid_t *pid)
{
	posix_spawn_file_actions_t files;
	int fd[2], e;
	FILE *f;

	if (pipe2(fd, O_CLOEXEC) == -1)
		return NULL;
	if (posix_spawn_file_actions_init(&files) != 0 ||
	    (f = fdopen(fd[0], "r")) == NULL) {
		(void)close(fd[0]);
		(void)close(fd[1]);
		return NULL;
	}
	(void)posix_spawn_file_actions_adddup2(&files, fd[1], STDOUT_FILENO);
	e = posix_spawn(pid, argv[0], &files, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)close(fd[1]);
	if (e == 0)
		return f;
	(void)fclose(f);
	errno = e;
	return NULL;
}

/* One line of `trainyardd -p`; what nobody uses is no fault. */
static void
engine_report(struct doctor *d, char *line)
{
	char *part[5], *save = NULL;
	enum verdict v;
	size_t i;

	for (i = 0; i < 5; i++)
		if ((part[i] = strtok_r(i == 0 ? line : NULL, i < 4 ?
		    "\t\n" : "\n", &save)) == NULL)
			return;
	v = strcmp(part[3], "ok") == 0 ? FINE :
	    strcmp(part[3], "warn") == 0 ? WARN : FAIL;
	if (strcmp(part[1], "used") == 0)
		report(d, v, arena_printf(d->c->arena, "%s %s", part[0],
		    part[2]), "%s", part[4]);
	else
		report(d, OFF, arena_printf(d->c->arena, "%s %s", part[0],
		    part[2]), "no job uses it: %s", part[4]);
}

/* The dispatcher itself knows best: it lies beside this program. */
static void
engines_check(struct doctor *d)
{
	char path[PATH_MAX], conf[] = "-c", probe[] = "-p", line[1024];
	char *const argv[] = { path, probe, d->c->conf_given ? conf : NULL,
	    arena_printf(d->c->arena, "%s", d->c->conf_path), NULL };
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 16);
	char *end;
	int status;
	pid_t pid;
	FILE *f;

	if (n == -1)
		n = 0;
	path[n] = '\0';
	end = strrchr(path, '/');
	(void)snprintf(end == NULL ? path : end + 1, 16, "trainyardd");
	if ((f = child_open(argv, &pid)) == NULL) {
		report(d, FAIL, "engines", "cannot run %s: %s", path,
		    strerror(errno));
		return;
	}
	while (fgets(line, sizeof(line), f) != NULL)
		engine_report(d, line);
	(void)fclose(f);
	if (waitpid(pid, &status, 0) == -1 || !WIFEXITED(status) ||
	    WEXITSTATUS(status) > 1)
		report(d, FAIL, "engines", "%s -p did not end well", path);
}

static int
doctor_run(struct ctl *c, struct args *a)
{
	static const struct opt opts[] = { { NULL, OPT_FLAG, NULL } };
	struct doctor d = { .c = c };

	if (!args_read(c, a, opts, NULL, 0, 0))
		return CTL_USAGE;
	ctl_conf(c);
	jw_init(&d.w, c->arena);
	jw_arr(&d.w);
	if (role_check(&d, "command", c->conf.database_owner, &c->db)) {
		server_check(&d);
		work_check(&d);
	}
	(void)role_check(&d, "responder", c->conf.database, NULL);
	(void)role_check(&d, "dispatcher", c->conf.database_dispatcher, NULL);
	folder_check(&d);
	socket_check(&d);
	engines_check(&d);
	jw_end(&d.w);
	if (c->json)
		out_json(&d.w);
	return d.failed ? CTL_FAILED : CTL_OK;
}

const struct verb doctor_verbs[] = {
	{ "", doctor_run, "" },
	{ NULL, NULL, NULL }
};
