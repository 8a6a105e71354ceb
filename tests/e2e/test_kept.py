# SPDX-License-Identifier: BSD-2-Clause
"""Connections that nginx keeps to the responder: for reads, and never longer
than nobody else needs the thread."""
import itertools
import select
import subprocess
import time

import pytest

from crowd import JOBS, Crowd, Wire, create, running_stack
from fastcgi import KEEP_CONN, ask, connect, fastcgi
from hosted import await_true
from responders import PROGRAM, Responder, ended

THREADS = 2
# A silence of 0.2 s ends a connection; one of this length never does.
SHORT = 0.15
OK = b"Status: 200"


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with running_stack(tmp_path_factory.mktemp("kept"), "--set", "slots=0",
                       "--set", f"threads={THREADS}") as made:
        made.stop("responder")
        yield made


@pytest.fixture
def responder(stack):
    with ended(Responder(stack, [PROGRAM, "-c", stack.conf],
                         stdin=subprocess.DEVNULL)) as made:
        yield made
        made.term()
        made.end()


def closed(conn):
    """The responder hangs up, and says nothing more before it does."""
    return conn.recv(1) == b""


def still_open(conn):
    return not select.select([conn], [], [], 0)[0]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reads_follow_each_other_on_one_connection(stack, responder, method):
    await_true(lambda: reads_follow(stack, method), "five without a pause")


def reads_follow(stack, method):
    """False if we were too slow to keep the connection ourselves."""
    began = []
    try:
        with connect(stack.socket) as conn:
            for _ in range(5):
                began.append(time.monotonic())
                assert ask(conn, method, "/healthz").startswith(OK)
            began.append(time.monotonic())
            assert still_open(conn)
            return True
    except (AssertionError, OSError):
        began.append(time.monotonic())
        if max(b - a for a, b in itertools.pairwise(began)) < SHORT:
            raise
        return False


@pytest.mark.parametrize("method, flags", [("POST", KEEP_CONN), ("GET", 0)])
def test_what_may_not_be_repeated_ends_its_connection(stack, responder,
                                                      method, flags):
    with connect(stack.socket) as conn:
        assert ask(conn, method, "/healthz", flags).startswith(b"Status: ")
        # at once, not when it was silent for a while
        with pytest.raises((AssertionError, BrokenPipeError,
                            ConnectionResetError)):
            ask(conn, method, "/healthz", flags)


def test_a_silent_connection_is_closed(stack, responder):
    with connect(stack.socket) as conn:
        assert ask(conn, "GET", "/healthz").startswith(OK)
        assert closed(conn)


def test_kept_connections_make_room_for_new_ones(stack, responder):
    """All threads wait at theirs, and more come than there are threads."""
    kept = [connect(stack.socket) for _ in range(THREADS)]
    for conn in kept:
        assert ask(conn, "GET", "/healthz").startswith(OK)
    for _ in range(3 * THREADS):
        assert fastcgi(stack.socket, "POST", "/healthz").startswith(b"Status:")
    for conn in kept:
        conn.close()


def test_a_stop_does_not_wait_for_kept_connections(stack, responder):
    with connect(stack.socket) as conn:
        assert ask(conn, "GET", "/healthz").startswith(OK)
        responder.term()
        responder.end()
        assert closed(conn)


def test_busy_readers_let_writers_in(stack, responder):
    """More readers than threads, none of whom ever pauses."""
    def read(crowd):
        with Wire(stack) as client:
            while not crowd.stopping.is_set():
                assert client.get(JOBS).status_code == 200
                crowd.tell()

    with Crowd() as crowd:
        for _ in range(4 * THREADS):
            crowd.start(read, crowd)
        crowd.await_more(50)
        with Wire(stack) as client:
            told = [create(client, f"kept-{n}").status_code
                    for n in range(10)]
    assert told == [201] * 10
