/* SPDX-License-Identifier: BSD-2-Clause */
/* What every unit test needs: cmocka and its includes, and death tests. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <sys/types.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define UNIT_COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/*
 * Runs fn(arg) in a child whose stderr goes to `out` (opt.), at most size - 1
 * bytes and a NUL.  Returns the exit status, -1 when a signal ended it.
 */
static inline int
unit_child(void (*fn)(void *), void *arg, char *out, size_t size)
{
	int fds[2], status;
	size_t len = 0;
	char drain[512];
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	(void)fflush(NULL);
	pid = fork();
	assert_true(pid != -1);
	if (pid == 0) {
		if (dup2(fds[1], STDERR_FILENO) == -1)
			_exit(99);
		(void)close(fds[0]);
		(void)close(fds[1]);
		fn(arg);
		_exit(0);
	}
	(void)close(fds[1]);
	while ((n = read(fds[0], drain, sizeof(drain))) > 0) {
		size_t take = (size_t)n;

		if (out == NULL)
			continue;
		if (take > size - 1 - len)
			take = size - 1 - len;
		memcpy(out + len, drain, take);
		len += take;
	}
	if (out != NULL)
		out[len] = '\0';
	(void)close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#endif
