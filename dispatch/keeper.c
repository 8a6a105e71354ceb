/* SPDX-License-Identifier: BSD-2-Clause */
/* Starts the runner, waits for it, writes down how it ended. */
#include "config.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dispatch/keeper.h"

/* The kernel's first choice when memory runs out: the job, not us. */
#define RUNNER_OOM_SCORE	"500"

/* What the runner could not even be told goes where its stderr goes. */
static void
complain(const char *what, const char *name)
{
	(void)dprintf(STDERR_FILENO, "trainyardd: %s %s: %s\n", what, name,
	    strerrordesc_np(errno));
}

static int
file_read(const char *path, char *buf, size_t size)
{
	ssize_t n;
	int fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return -1;
	do {
		n = read(fd, buf, size - 1);
	} while (n == -1 && errno == EINTR);
	(void)close(fd);
	if (n == -1)
		return -1;
	buf[n] = '\0';
	return 0;
}

/* Appears as a whole or not at all. */
static int
file_write(const char *name, const char *text)
{
	char tmp[64];
	size_t len = strlen(text);
	int fd, ok;

	(void)snprintf(tmp, sizeof(tmp), "%s.tmp", name);
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd == -1)
		return -1;
	ok = write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
	if (close(fd) == -1 || !ok)
		return -1;
	return rename(tmp, name);
}

/* Field 22 of /proc/PID/stat; the name in field 2 may hold anything. */
static int
process_started(pid_t pid, unsigned long long *ticks)
{
	char path[64], stat[1024], *at;
	int field;

	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	if (file_read(path, stat, sizeof(stat)) == -1 ||
	    (at = strrchr(stat, ')')) == NULL)
		return -1;
	for (field = 2; field < 22; field++)
		if ((at = strchr(at + 1, ' ')) == NULL)
			return -1;
	*ticks = strtoull(at + 1, NULL, 10);
	return 0;
}

static int
boot_id(char out[40])
{
	if (file_read("/proc/sys/kernel/random/boot_id", out, 40) == -1)
		return -1;
	out[strcspn(out, "\n")] = '\0';
	return 0;
}

static int
keeper_write(pid_t group)
{
	struct keeper_info k = { .pid = getpid(), .group = group };
	char text[160];

	if (process_started(k.pid, &k.started) == -1 || boot_id(k.boot) == -1)
		return -1;
	(void)snprintf(text, sizeof(text), "%ld %ld %llu %s\n", (long)k.pid,
	    (long)k.group, k.started, k.boot);
	return file_write(KEEPER_FILE, text);
}

int
keeper_read(const char *dir, struct keeper_info *k)
{
	char path[PATH_MAX], text[160];
	long pid, group;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, KEEPER_FILE);
	if (file_read(path, text, sizeof(text)) == -1 ||
	    sscanf(text, "%ld %ld %llu %39s", &pid, &group, &k->started,
	    k->boot) != 4 || pid <= 1 || group <= 1)
		return -1;
	k->pid = (pid_t)pid;
	k->group = (pid_t)group;
	return 0;
}

int
keeper_alive(const struct keeper_info *k)
{
	unsigned long long ticks;
	char boot[40];

	return boot_id(boot) == 0 && strcmp(boot, k->boot) == 0 &&
	    process_started(k->pid, &ticks) == 0 && ticks == k->started;
}

int
keeper_exit_status(const char *dir, int *status)
{
	char path[PATH_MAX], text[32];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, KEEPER_EXIT);
	if (file_read(path, text, sizeof(text)) == -1)
		return -1;
	return sscanf(text, "%d", status) == 1 ? 0 : -1;
}

/* In the child: never returns. */
static void
runner_exec(char *command[], pid_t keeper, const sigset_t *mask)
{
	static const int handled[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	size_t i;
	int fd;

	/* Nobody would know how it ends without its keeper. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != keeper)
		_exit(126);
	(void)setpgid(0, 0);
	if ((fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)) !=
	    -1) {
		/* Not every kernel or container lets us. */
		if (write(fd, RUNNER_OOM_SCORE,
		    sizeof(RUNNER_OOM_SCORE) - 1) == -1)
			errno = 0;
		(void)close(fd);
	}
	for (i = 0; i < sizeof(handled) / sizeof(handled[0]); i++)
		(void)signal(handled[i], SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
	(void)execvp(command[0], command);
	complain("cannot run", command[0]);
	_exit(127);
}

/* What left the runner's group but not the keeper's care (see subreaper). */
static void
strays_kill(void)
{
	char path[64], list[4096], *at, *end;
	long pid;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%ld/children",
	    (long)getpid());
	for (;;) {
		if (file_read(path, list, sizeof(list)) == -1)
			return;
		for (at = list; (pid = strtol(at, &end, 10)) > 1; at = end)
			(void)kill((pid_t)pid, SIGKILL);
		if (waitpid(-1, NULL, 0) == -1 && errno != EINTR)
			return;
	}
}

/* Passes signals on until the runner ends; it stays a zombie. */
static void
runner_watch(pid_t pid, const sigset_t *set)
{
	siginfo_t info;
	int sig;

	for (;;) {
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)pid, &info,
		    WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid)
			return;
		if (sigwait(set, &sig) != 0)
			continue;
		if (sig == SIGTERM)
			(void)kill(-pid, SIGTERM);
		else if (sig == SIGQUIT)
			(void)kill(-pid, SIGKILL);
		else if (sig == SIGCHLD)
			/* Strays that were handed to us end here. */
			while (waitid(P_ALL, 0, &info,
			    WEXITED | WNOHANG | WNOWAIT) == 0 &&
			    info.si_pid > 0 && info.si_pid != pid)
				(void)waitpid(info.si_pid, NULL, 0);
	}
}

int
keeper_main(char *command[])
{
	pid_t keeper = getpid(), pid;
	sigset_t set, none;
	char text[32];
	int status;

	/* The lock must die with this process, so no child may hold it. */
	if (fcntl(KEEPER_FD, F_SETFD, FD_CLOEXEC) == -1) {
		complain("no lock for", command[0]);
		return 1;
	}
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	(void)sigemptyset(&none);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGQUIT);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	/* A closed terminal is no reason to stop. */
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	if ((pid = fork()) == -1) {
		complain("cannot fork for", command[0]);
		return 1;
	}
	if (pid == 0)
		runner_exec(command, keeper, &none);
	/* Both sides do it, so that it is done whoever runs first. */
	(void)setpgid(pid, pid);
	if (keeper_write(pid) == -1)
		complain("cannot write", KEEPER_FILE);
	runner_watch(pid, &set);
	/* The zombie keeps the group's number from being used again. */
	(void)kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return 1;
	strays_kill();
	(void)snprintf(text, sizeof(text), "%d\n", status);
	if (file_write(KEEPER_EXIT, text) == -1) {
		complain("cannot write", KEEPER_EXIT);
		return 1;
	}
	return 0;
}
