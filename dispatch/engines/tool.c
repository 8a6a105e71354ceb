/* SPDX-License-Identifier: BSD-2-Clause */
/* Spawns, reads two pipes against the clock, reaps. */
#include "config.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dispatch/engines/engine.h"
#include "dispatch/engines/tool.h"
#include "util/log.h"
#include "util/ts.h"

#define OUT_MOST	((size_t)16 << 20)
#define ENV_MOST	64

extern char **environ;

/* One running. */
struct child {
	struct tool	*t;
	pid_t		 pid;
	int		 out, err;	/* -1: at its end */
	size_t		 cap, said;	/* of t->out; bytes of t->why */
};

static int
env_wanted(const char *var)
{
	static const char *const names[] = { "PATH=", "HOME=", "USER=",
	    "LOGNAME=", "LANG=", "LC_ALL=", "TZ=", "SLURM_", "SBATCH_",
	    "SQUEUE_", "SCANCEL_", "LD_LIBRARY_PATH=", "LD_PRELOAD=" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(var, names[i], strlen(names[i])) == 0)
			return 1;
	return 0;
}

static void
env_fill(char *env[ENV_MOST])
{
	size_t i, n = 0;

	for (i = 0; environ[i] != NULL && n < ENV_MOST - 1; i++)
		if (env_wanted(environ[i]))
			env[n++] = environ[i];
	env[n] = NULL;
}

/* The error number of posix_spawnp. */
static int
child_spawn(struct child *c, const char *const argv[], const int out[2],
    const int err[2])
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	char *env[ENV_MOST];
	sigset_t none, pipes;
	int e;

	env_fill(env);
	(void)sigemptyset(&none);
	(void)sigemptyset(&pipes);
	(void)sigaddset(&pipes, SIGPIPE);
	if (posix_spawn_file_actions_init(&files) != 0 ||
	    posix_spawnattr_init(&attr) != 0)
		fatalx("out of memory");
	(void)posix_spawn_file_actions_addopen(&files, STDIN_FILENO,
	    "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
	(void)posix_spawn_file_actions_adddup2(&files, err[1], STDERR_FILENO);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setsigdefault(&attr, &pipes);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
	    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	e = posix_spawnp(&c->pid, argv[0], &files, &attr,
	    (char *const *)(const void *)argv, env);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attr);
	return e;
}

static int
child_start(struct child *c, const char *const argv[])
{
	int out[2], err[2], e;

	if (pipe2(out, O_CLOEXEC) == -1)
		return errno;
	if (pipe2(err, O_CLOEXEC) == -1) {
		e = errno;
		(void)close(out[0]);
		(void)close(out[1]);
		return e;
	}
	e = child_spawn(c, argv, out, err);
	(void)close(out[1]);
	(void)close(err[1]);
	c->out = out[0];
	c->err = err[0];
	return e;
}

static void
fd_end(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

/* -1: too much. */
static int
out_read(struct child *c)
{
	struct tool *t = c->t;
	ssize_t n;

	if (t->len + 1 >= c->cap) {
		if (c->cap >= OUT_MOST)
			return -1;
		c->cap = c->cap == 0 ? 4096 : c->cap * 2;
		if ((t->out = realloc(t->out, c->cap)) == NULL)
			fatalx("out of memory");
	}
	n = read(c->out, t->out + t->len, c->cap - t->len - 1);
	if (n > 0)
		t->len += (size_t)n;
	else if (n == 0 || errno != EINTR)
		fd_end(&c->out);
	return 0;
}

/* The first words are kept, the rest only read. */
static void
err_read(struct child *c)
{
	char buf[1024];
	size_t room = sizeof(c->t->why) - 1 - c->said;
	ssize_t n;

	n = read(c->err, buf, sizeof(buf));
	if (n > 0) {
		room = (size_t)n < room ? (size_t)n : room;
		memcpy(c->t->why + c->said, buf, room);
		c->said += room;
	} else if (n == 0 || errno != EINTR)
		fd_end(&c->err);
}

/* NULL when both pipes are at their end, else why it has to go. */
static const char *
child_listen(struct child *c, int64_t until)
{
	struct pollfd p[3];
	int64_t ms;

	while (c->out != -1 || c->err != -1) {
		if (engine_leaving())
			return "the dispatcher ends";
		if ((ms = (until - ts_mono() + 999) / 1000) <= 0)
			return "it took too long";
		p[0] = (struct pollfd){ .fd = c->out, .events = POLLIN };
		p[1] = (struct pollfd){ .fd = c->err, .events = POLLIN };
		p[2] = (struct pollfd){ .fd = engine_leaving_fd(),
		    .events = POLLIN };
		if (poll(p, 3, (int)ms) == -1 && errno != EINTR)
			return strerrordesc_np(errno);
		if (c->out != -1 && p[0].revents != 0 && out_read(c) == -1)
			return "it said too much";
		if (c->err != -1 && p[1].revents != 0)
			err_read(c);
	}
	return NULL;
}

/* One line for people. */
static void
why_tidy(char *why)
{
	size_t n;

	for (n = strlen(why); n > 0 && why[n - 1] == '\n'; n--)
		why[n - 1] = '\0';
	for (; *why != '\0'; why++)
		if (*why == '\n')
			*why = ' ';
}

int
tool_run(struct tool *t, const char *const argv[], int64_t timeout_ms)
{
	struct child c = { .t = t, .pid = -1, .out = -1, .err = -1 };
	const char *wrong;
	int e;

	memset(t, 0, sizeof(*t));
	if ((e = child_start(&c, argv)) != 0) {
		fd_end(&c.out);
		fd_end(&c.err);
		(void)snprintf(t->why, sizeof(t->why), "cannot run %s: %s",
		    argv[0], strerrordesc_np(e));
		return -1;
	}
	wrong = child_listen(&c, ts_mono() + timeout_ms * 1000);
	/* It holds its pipes open until it ends, but for strange ones. */
	if (wrong != NULL)
		(void)kill(-c.pid, SIGKILL);
	while (waitpid(c.pid, &t->status, 0) == -1 && errno == EINTR)
		;
	fd_end(&c.out);
	fd_end(&c.err);
	if (t->out != NULL)
		t->out[t->len] = '\0';
	why_tidy(t->why);
	if (wrong == NULL)
		return 0;
	(void)snprintf(t->why, sizeof(t->why), "%s: %s", argv[0], wrong);
	return -1;
}

int
tool_good(const struct tool *t)
{
	return WIFEXITED(t->status) && WEXITSTATUS(t->status) == 0;
}

void
tool_free(struct tool *t)
{
	free(t->out);
	t->out = NULL;
}
