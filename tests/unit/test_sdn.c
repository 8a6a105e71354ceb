/* SPDX-License-Identifier: BSD-2-Clause */
/* systemd's protocols, against sockets of our own. */
#include "config.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <fcntl.h>

#include "unit.h"

#include "util/sdn.h"

static char dir[] = P_tmpdir "/sdn-test-XXXXXX";
static char path[sizeof(dir) + 8];

static int
group_setup(void **state)
{
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/notify", dir);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)unlink(path);
	return rmdir(dir);
}

static int
bound(const char *name, size_t len, int type)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	assert_true(fd != -1);
	assert_true(len <= sizeof(sun.sun_path));
	memcpy(sun.sun_path, name, len);
	assert_int_equal(0, bind(fd, (const struct sockaddr *)&sun,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)));
	return fd;
}

static void
assert_received(int fd, const char *expected)
{
	char got[128];
	ssize_t n = recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT);

	assert_true(n >= 0);
	got[n] = '\0';
	assert_string_equal(expected, got);
}

static void
notify_sends_the_state_to_a_path(void **state)
{
	int fd = bound(path, strlen(path), SOCK_DGRAM);

	assert_int_equal(0, setenv("NOTIFY_SOCKET", path, 1));
	sdn_notify("READY=1\nSTATUS=ok");
	assert_received(fd, "READY=1\nSTATUS=ok");
	(void)close(fd);
	(void)unlink(path);
}

static void
notify_sends_to_an_abstract_name(void **state)
{
	char name[64];
	int fd;

	(void)snprintf(name, sizeof(name), "@trainyard-test-%ld",
	    (long)getpid());
	name[0] = '\0';
	fd = bound(name, 1 + strlen(name + 1), SOCK_DGRAM);
	name[0] = '@';
	assert_int_equal(0, setenv("NOTIFY_SOCKET", name, 1));
	sdn_notify("STOPPING=1");
	assert_received(fd, "STOPPING=1");
	(void)close(fd);
}

static void
notify_now(void *arg)
{
	sdn_notify("READY=1");
}

static void
notify_without_a_socket_is_silent(void **state)
{
	char err[512];

	assert_int_equal(0, unsetenv("NOTIFY_SOCKET"));
	assert_int_equal(0, unit_child(notify_now, NULL, err, sizeof(err)));
	assert_string_equal("", err);
}

static void
notify_to_a_bad_address_only_warns(void **state)
{
	static char far[200];
	const char *bad[] = { "", "relative", "/", far, path };
	char err[512];
	size_t i;

	memset(far, '/', sizeof(far) - 1);
	for (i = 0; i < UNIT_COUNT(bad); i++) {
		assert_int_equal(0, setenv("NOTIFY_SOCKET", bad[i], 1));
		assert_int_equal(0, unit_child(notify_now, NULL, err,
		    sizeof(err)));
		assert_true(strlen(err) > 0);
	}
	assert_int_equal(0, unsetenv("NOTIFY_SOCKET"));
}

static void
set_pid(const char *name, long pid)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%ld", pid);
	assert_int_equal(0, setenv(name, text, 1));
}

static void
watchdog_is_fed_twice_as_often_as_asked(void **state)
{
	(void)unsetenv("WATCHDOG_PID");
	(void)unsetenv("WATCHDOG_USEC");
	assert_int_equal(0, sdn_watchdog_us());
	assert_int_equal(0, setenv("WATCHDOG_USEC", "30000000", 1));
	assert_int_equal(15000000, sdn_watchdog_us());
	set_pid("WATCHDOG_PID", (long)getpid());
	assert_int_equal(15000000, sdn_watchdog_us());
	set_pid("WATCHDOG_PID", (long)getpid() + 1);
	assert_int_equal(0, sdn_watchdog_us());
	(void)unsetenv("WATCHDOG_PID");
	assert_int_equal(0, setenv("WATCHDOG_USEC", "30s", 1));
	assert_int_equal(0, sdn_watchdog_us());
	assert_int_equal(0, setenv("WATCHDOG_USEC", "-5", 1));
	assert_int_equal(0, sdn_watchdog_us());
	(void)unsetenv("WATCHDOG_USEC");
}

/* In a child: the descriptors and variables, then what comes of them. */
struct handover {
	int		 listening;	/* fd 3 is a listening socket */
	int		 on_stdin;	/* fd 0 is one */
	const char	*fds;		/* LISTEN_FDS */
	long		 pid_offset;	/* LISTEN_PID against the child's */
	int		 expected;
};

static void
hand_over(void *arg)
{
	const struct handover *h = arg;
	int fd, sock = socket(AF_UNIX, SOCK_STREAM, 0);
	char text[32];

	/* Autobind: an abstract name that the kernel chooses. */
	if (bind(sock, (const struct sockaddr *)&(struct sockaddr_un){
	    .sun_family = AF_UNIX }, sizeof(sa_family_t)) == -1 ||
	    ((h->listening || h->on_stdin) && listen(sock, 1) == -1))
		_exit(98);
	if (h->on_stdin ? dup2(sock, 0) == -1 :
	    (sock != 3 && dup2(sock, 3) == -1))
		_exit(98);
	if (!h->on_stdin) {
		fd = open("/dev/null", O_RDONLY);
		if (fd == -1 || dup2(fd, 0) == -1)
			_exit(98);
	}
	if (h->fds != NULL) {
		(void)snprintf(text, sizeof(text), "%ld",
		    (long)getpid() + h->pid_offset);
		(void)setenv("LISTEN_PID", text, 1);
		(void)setenv("LISTEN_FDS", h->fds, 1);
		(void)setenv("LISTEN_FDNAMES", "fcgi", 1);
	}
	fd = sdn_listen_fd();
	if (getenv("LISTEN_PID") != NULL || getenv("LISTEN_FDS") != NULL ||
	    getenv("LISTEN_FDNAMES") != NULL)
		_exit(97);
	if (fd != -1 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0)
		_exit(96);
	_exit(fd == h->expected ? 0 : 1);
}

static void
assert_handover(struct handover h)
{
	assert_int_equal(0, unit_child(hand_over, &h, NULL, 0));
}

static void
socket_activation_gives_fd_three(void **state)
{
	assert_handover((struct handover){ 1, 0, "1", 0, 3 });
}

static void
sockets_for_another_process_are_not_taken(void **state)
{
	assert_handover((struct handover){ 1, 0, "1", 1, -1 });
}

static void
count_that_is_no_number_is_none(void **state)
{
	assert_handover((struct handover){ 1, 0, "", 0, -1 });
	assert_handover((struct handover){ 1, 0, "0", 0, -1 });
	assert_handover((struct handover){ 1, 0, "-1", 0, -1 });
	assert_handover((struct handover){ 1, 0, "1x", 0, -1 });
	assert_handover((struct handover){ 1, 0, "99999999999999999999", 0,
	    -1 });
}

static void
socket_that_does_not_listen_is_not_taken(void **state)
{
	assert_handover((struct handover){ 0, 0, "1", 0, -1 });
}

static void
listening_stdin_is_taken(void **state)
{
	assert_handover((struct handover){ 0, 1, NULL, 0, 0 });
}

static void
plain_stdin_is_not_taken(void **state)
{
	assert_handover((struct handover){ 0, 0, NULL, 0, -1 });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notify_sends_the_state_to_a_path),
		cmocka_unit_test(notify_sends_to_an_abstract_name),
		cmocka_unit_test(notify_without_a_socket_is_silent),
		cmocka_unit_test(notify_to_a_bad_address_only_warns),
		cmocka_unit_test(watchdog_is_fed_twice_as_often_as_asked),
		cmocka_unit_test(socket_activation_gives_fd_three),
		cmocka_unit_test(sockets_for_another_process_are_not_taken),
		cmocka_unit_test(count_that_is_no_number_is_none),
		cmocka_unit_test(socket_that_does_not_listen_is_not_taken),
		cmocka_unit_test(listening_stdin_is_taken),
		cmocka_unit_test(plain_stdin_is_not_taken),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
