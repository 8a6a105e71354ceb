/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The local engine: a keeper process for each run (see keeper.h), in a
 * session of its own.  The dispatcher may end and come back.
 */
#include "config.h"

#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dispatch/engines/check.h"
#include "dispatch/engines/engine.h"
#include "dispatch/engines/tool.h"
#include "dispatch/keeper.h"
#include "dispatch/text.h"
#include "util/log.h"

/* struct engine_run's own: the keeper.  Its pidfd is the run's fd. */
struct local {
	pid_t	keeper;
	int	child;		/* ours to wait for */
	int	killed;		/* how often it was told to */
};

/* A keeper that does not do as it is told, so often, is itself killed. */
#define KILLS	5

/* glibc has had wrappers since 2.36 only. */
static int
pidfd_get(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static int
pidfd_signal(int fd, int sig)
{
	return (int)syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0);
}

static void
path_in(const struct engine_run *r, const char *name, char out[PATH_MAX])
{
	(void)snprintf(out, PATH_MAX, "%s/%s", r->dir, name);
}

static struct local *
local_own(struct engine_run *r)
{
	if (r->own == NULL) {
		if ((r->own = calloc(1, sizeof(struct local))) == NULL)
			fatalx("out of memory");
		r->fd = -1;
	}
	return r->own;
}

/*
 * The keeper's lock, which tells whether it lives: with `make` it is created.
 * -1 and errno: EWOULDBLOCK when somebody holds it.
 */
static int
lock_take(const struct engine_run *r, int make)
{
	char path[PATH_MAX];
	int fd, saved;

	path_in(r, KEEPER_LOCK, path);
	fd = open(path, O_RDWR | O_CLOEXEC | (make ? O_CREAT : 0), 0640);
	if (fd == -1)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		saved = errno;
		(void)close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

struct child_files {
	int	in, out, err, lock;
};

static int
files_open(const struct engine_run *r, struct child_files *f)
{
	char path[PATH_MAX];

	f->in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	path_in(r, RUN_EVENTS, path);
	f->out = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	path_in(r, RUN_STDERR, path);
	f->err = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	f->lock = lock_take(r, 1);
	return f->in == -1 || f->out == -1 || f->err == -1 || f->lock == -1 ?
	    -1 : 0;
}

static void
files_close(const struct child_files *f)
{
	const int all[] = { f->in, f->out, f->err, f->lock };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] != -1)
			(void)close(all[i]);
}

/*
 * What its processes may use, each of them.  Neither is worth more than what
 * this process has got itself.
 */
static void
limits_set(const struct engine_job *job)
{
	struct rlimit most;

	if (job->memory_mb > 0) {
		most.rlim_cur = most.rlim_max = (rlim_t)job->memory_mb << 20;
		/* What it writes to: libraries map far more than they use. */
		(void)setrlimit(RLIMIT_DATA, &most);
	}
	if (job->cpus > 0 && job->seconds > 0) {
		most.rlim_cur = most.rlim_max =
		    (rlim_t)(job->cpus * job->seconds);
		(void)setrlimit(RLIMIT_CPU, &most);
	}
}

/*
 * In the child; calls only what may be called between fork and exec.  All
 * other descriptors are close-on-exec.
 */
static void
keeper_exec(const struct engine_run *r, const struct child_files *f,
    char *const argv[], const struct engine_job *job)
{
	const struct rlimit none = { 0, 0 };
	sigset_t empty;

	(void)setsid();
	(void)umask(027);
	/* A core of a training is large and of no use here. */
	(void)setrlimit(RLIMIT_CORE, &none);
	limits_set(job);
	(void)sigemptyset(&empty);
	(void)sigprocmask(SIG_SETMASK, &empty, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	if (dup2(f->in, STDIN_FILENO) == -1 ||
	    dup2(f->out, STDOUT_FILENO) == -1 ||
	    dup2(f->err, STDERR_FILENO) == -1)
		_exit(126);
	/* dup2 onto itself would keep close-on-exec. */
	if (f->lock == KEEPER_FD ? fcntl(KEEPER_FD, F_SETFD, 0) == -1 :
	    dup2(f->lock, KEEPER_FD) == -1)
		_exit(126);
	/* Libraries open some that are not close-on-exec. */
	(void)close_range(KEEPER_FD + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	if (chdir(r->dir) == -1)
		_exit(126);
	/* This very program, although another may lie at its path by now. */
	(void)execve("/proc/self/exe", argv, job->env);
	_exit(126);
}

static void
handle_set(struct engine_run *r, pid_t pid)
{
	char host[65];

	if (gethostname(host, sizeof(host)) == -1)
		(void)snprintf(host, sizeof(host), "?");
	host[sizeof(host) - 1] = '\0';
	(void)snprintf(r->handle, sizeof(r->handle), "%s:%ld", host,
	    (long)pid);
}

static int
local_start(struct engine_run *r, const struct engine_job *job)
{
	struct local *l = local_own(r);
	struct child_files f;
	char name[] = "trainyardd", flag[] = "-K", end[] = "--";
	char **argv;
	size_t n = 0;
	pid_t pid = -1;
	int saved;

	while (job->command[n] != NULL)
		n++;
	if ((argv = calloc(n + 4, sizeof(*argv))) == NULL)
		fatalx("out of memory");
	argv[0] = name;
	argv[1] = flag;
	argv[2] = end;
	memcpy(argv + 3, job->command, n * sizeof(*argv));
	if (files_open(r, &f) == 0 && (pid = fork()) == 0)
		keeper_exec(r, &f, argv, job);
	saved = errno;
	/* From here on only the keeper holds the lock. */
	files_close(&f);
	free(argv);
	if (pid == -1) {
		errno = saved;
		return -1;
	}
	l->keeper = pid;
	l->child = 1;
	if ((r->fd = pidfd_get(pid)) == -1)
		log_warn("pidfd_open");
	handle_set(r, pid);
	return 0;
}

/*
 * What is left of a keeper that died: PDEATHSIG ended the runner itself, not
 * what it had started.  The numbers of a group and of its session are not
 * given out again while a member lives, so a leader of another session is
 * somebody else's.
 */
static void
remains_kill(const struct engine_run *r)
{
	struct keeper_info k;
	pid_t session;

	if (keeper_read(r->dir, &k) == -1 || keeper_alive(&k))
		return;
	session = getsid(k.group);
	if (session == -1 ? errno == ESRCH : session == k.pid)
		(void)kill(-k.group, SIGKILL);
}

static enum engine_state
local_ended(struct engine_run *r)
{
	struct local *l = local_own(r);

	if (l->child) {
		(void)waitpid(l->keeper, NULL, WNOHANG);
		l->child = 0;
	}
	if (keeper_exit_status(r->dir, &r->status) == 0)
		return ENGINE_ENDED;
	remains_kill(r);
	return ENGINE_GONE;
}

static enum engine_state
local_poll(struct engine_run *r)
{
	struct local *l = local_own(r);
	siginfo_t info = { .si_pid = 0 };
	int fd;

	if (l->child && waitid(P_PID, (id_t)l->keeper, &info,
	    WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0)
		return ENGINE_RUNNING;
	if ((fd = lock_take(r, 0)) == -1) {
		if (errno == EWOULDBLOCK)
			return ENGINE_RUNNING;
		log_warn("cannot look at %s/%s", r->dir, KEEPER_LOCK);
		/* Without its folder a run has nowhere to go. */
		return errno == ENOENT ? ENGINE_GONE : ENGINE_RUNNING;
	}
	(void)close(fd);
	return local_ended(r);
}

/*
 * A descriptor for a living keeper that another process started.  One that
 * has not written its file yet is watched by its lock alone, until later.
 */
static void
keeper_find(struct engine_run *r)
{
	struct local *l = local_own(r);
	struct keeper_info k;

	if (r->fd != -1 || keeper_read(r->dir, &k) == -1 ||
	    (r->fd = pidfd_get(k.pid)) == -1)
		return;
	/* Asked afterwards: the descriptor stays with the process it found. */
	if (!keeper_alive(&k)) {
		(void)close(r->fd);
		r->fd = -1;
		return;
	}
	l->keeper = k.pid;
	handle_set(r, k.pid);
}

static int
local_stop(struct engine_run *r, int hard)
{
	struct local *l = local_own(r);
	int sig = SIGTERM;

	if (hard)
		sig = ++l->killed < KILLS ? SIGQUIT : SIGKILL;
	keeper_find(r);
	if (r->fd != -1 && pidfd_signal(r->fd, sig) == -1 && errno != ESRCH)
		log_warn("cannot signal keeper handle=%s", r->handle);
	return 0;
}

static enum engine_state
local_recover(struct engine_run *r)
{
	int fd;

	(void)local_own(r);
	if ((fd = lock_take(r, 0)) != -1) {
		(void)close(fd);
		return local_ended(r);
	}
	if (errno == ENOENT)
		return ENGINE_UNSTARTED;
	if (errno != EWOULDBLOCK)
		return ENGINE_GONE;
	keeper_find(r);
	return ENGINE_RUNNING;
}

static void
local_release(struct engine_run *r)
{
	if (r->own == NULL)
		return;
	if (r->fd != -1)
		(void)close(r->fd);
	r->fd = -1;
	free(r->own);
	r->own = NULL;
}

/* A kind whose runner is not found stays queued; the others are served. */
enum check_verdict
check_local_commands(const struct conf *conf, char why[ENGINE_WHY_LEN])
{
	const struct {
		const char	*engine, *command;
	} kinds[] = {
#define KIND(name) { conf->engine_##name, conf->runner_##name },
#include "domain/kind.tbl.h"
#undef KIND
	};
	char word[PATH_MAX];
	size_t i;

	(void)snprintf(why, ENGINE_WHY_LEN, "runners are found");
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].engine, engine_local.name) != 0 ||
		    sscanf(kinds[i].command, " %4095s", word) != 1)
			continue;
		if (!command_found(word)) {
			(void)snprintf(why, ENGINE_WHY_LEN, "%.256s cannot "
			    "be executed", word);
			return CHECK_FAIL;
		}
	}
	return CHECK_OK;
}

/* Does that runner serve a kind here?  It is a Python program. */
static int
uses_python(const struct conf *conf)
{
	const char *const local = engine_local.name;
	int used = 0;

#define KIND(kind)							\
	if (strcmp(conf->engine_##kind, local) == 0 &&			\
	    strstr(conf->runner_##kind, "trainyard-runner") != NULL)	\
		used = 1;
#include "domain/kind.tbl.h"
#undef KIND
	return used;
}

/* Judges and runners of others do without it. */
enum check_verdict
check_local_python(const struct conf *conf, char why[ENGINE_WHY_LEN])
{
	static const char *const argv[] = { "/usr/bin/python3", "-c",
	    "import torch, yaml; print(torch.__version__)", NULL };
	enum check_verdict v = CHECK_OK;
	struct tool t;

	if (!uses_python(conf)) {
		(void)snprintf(why, ENGINE_WHY_LEN, "no runner needs it");
		return CHECK_OK;
	}
	if (tool_run(&t, argv, conf->engine_timeout_seconds * 1000) == 0 &&
	    tool_good(&t))
		(void)snprintf(why, ENGINE_WHY_LEN, "PyTorch %.*s",
		    (int)strcspn(t.out == NULL ? "" : t.out, "\n"),
		    t.out == NULL ? "" : t.out);
	else {
		v = CHECK_WARN;
		(void)snprintf(why, ENGINE_WHY_LEN, "trainyard-runner would "
		    "not work: install python3-torch and python3-yaml");
	}
	tool_free(&t);
	return v;
}

enum check_verdict
check_local_tinker(const struct conf *conf, char why[ENGINE_WHY_LEN])
{
	const char *path = conf->tinker_api_key_file;
	char key[4096];

	if (path[0] == '\0') {
		(void)snprintf(why, ENGINE_WHY_LEN, "no key: jobs of "
		    "Tinker's models fail");
		return CHECK_OK;
	}
	if (text_first_line(path, key, sizeof(key)) == -1) {
		(void)snprintf(why, ENGINE_WHY_LEN, "%.256s cannot be read, "
		    "or is empty", path);
		return CHECK_WARN;
	}
	explicit_bzero(key, sizeof(key));
	(void)snprintf(why, ENGINE_WHY_LEN, "there is a key");
	return CHECK_OK;
}

const struct engine engine_local = {
	.name = "local",
	.start = local_start,
	.poll = local_poll,
	.stop = local_stop,
	.recover = local_recover,
	.release = local_release,
};
