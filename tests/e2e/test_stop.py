# SPDX-License-Identifier: BSD-2-Clause
"""SIGTERM: what was accepted is answered, what was not finds a successor."""
import contextlib
import itertools
import os
import re
import socket
import subprocess

import pytest

from crowd import Crowd, Wire, create, query, running_stack
from harness import PATIENCE
from hosted import await_true
from responders import PROGRAM, Responder, ended

WAITING = """
select count(*) from pg_stat_activity
 where application_name = 'trainyard writer' and wait_event_type = 'Lock'
"""
# of the test that waits too long
EXPECTED_LOG = [r"\d+ requests did not end in time",
                "FATAL:  connection to client lost"]
KEYS = (f"stop-{n}" for n in itertools.count())


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with running_stack(tmp_path_factory.mktemp("stop"), "--set", "slots=0",
                       "--set", "statement_timeout_ms=60000",
                       "--set", "drain_seconds=60") as made:
        made.stop("responder")
        yield made


@pytest.fixture
def conf(stack):
    """Settings of who is handed its socket: its own it must not need."""
    own = stack.folder / "sock/own.sock"
    path = stack.folder / "handed.conf"
    path.write_text("".join(
        f"listen = {own}\n" if line.startswith("listen ") else line + "\n"
        for line in (stack.folder / "trainyard.conf").read_text(
            ).splitlines()))
    yield path
    assert not own.exists()


@pytest.fixture
def listener(stack):
    """The socket, held by somebody who outlives every responder."""
    with socket.socket(socket.AF_UNIX) as sock:
        with contextlib.suppress(FileNotFoundError):
            (stack.folder / "sock/fcgi.sock").unlink()
        sock.bind(stack.socket)
        sock.listen(1024)
        yield sock


def start_own(stack):
    return ended(Responder(stack, [PROGRAM, "-c", stack.conf],
                           stdin=subprocess.DEVNULL))


def start_activated(stack, conf, listener):
    """As systemd does it: descriptor 3, and whom it is meant for."""
    fd = listener.fileno()
    return ended(Responder(
        stack, ["bash", "-c", f"LISTEN_PID=$$ LISTEN_FDS=1 exec {PROGRAM}"
                f" -c {conf} 3<&{fd}"], pass_fds=[fd],
        stdin=subprocess.DEVNULL))


class Locked:
    """The jobs' table in somebody else's hands."""

    def __init__(self, stack):
        self.stack = stack
        self.conn = stack.connect()
        self.conn.autocommit = False
        self.conn.cursor().execute("lock table trainyard.job")

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.conn.close()

    def await_waiting(self):
        await_true(lambda: query(
            self.stack, WAITING, dsn=self.stack.superuser_dsn) != [(0,)],
            "the writer waits for the lock")


def post(stack, told):
    with Wire(stack) as client:
        told.append(create(client, next(KEYS)))


def stop_with_a_request(responder):
    """Until nobody takes another: it says so before its threads know."""
    tasks = f"/proc/{responder.process.pid}/task"
    hands = int(re.search(r"ready threads=(\d+)", responder.log())[1])
    rest = len(os.listdir(tasks)) - hands
    responder.term()
    responder.await_line("stopping")
    await_true(lambda: len(os.listdir(tasks)) <= rest + 1, "one thread")


def test_a_request_on_its_way_is_answered(stack, envelope):
    """And who comes later is told to come again: nobody else listens."""
    first, later = [], []
    with Crowd() as crowd, start_own(stack) as responder:
        with Locked(stack) as lock:
            crowd.start(post, stack, first)
            lock.await_waiting()
            stop_with_a_request(responder)
            crowd.start(post, stack, later)
            assert responder.process.poll() is None and not first
        responder.end()
        for thread in crowd.threads:
            thread.join()
    assert first[0].status_code == 201
    assert query(stack, "select id::text from trainyard.job where name = %s",
                 first[0].json()["name"]) == [(first[0].json()["id"],)]
    envelope(later[0], 502, "bad_gateway_error")
    assert "Retry-After" in later[0].headers


def test_a_second_request_waits_for_the_successor(stack, conf, listener):
    """With an inherited socket a stop refuses nobody."""
    first, later = [], []
    with Crowd() as crowd:
        with start_activated(stack, conf, listener) as responder:
            with Locked(stack) as lock:
                crowd.start(post, stack, first)
                lock.await_waiting()
                stop_with_a_request(responder)
                crowd.start(post, stack, later)
            responder.end()
        with start_activated(stack, conf, listener) as responder:
            for thread in crowd.threads:
                thread.join()
            responder.term()
            responder.end()
    assert [first[0].status_code, later[0].status_code] == [201, 201]


def test_restarts_under_load_fail_no_request(stack, conf, listener):
    told = []

    def load(crowd):
        with Wire(stack) as client:
            while not crowd.stopping.is_set():
                reply = create(client, next(KEYS))
                told.append(reply.status_code)
                told.append(client.get(reply.headers["Location"]).status_code)
                crowd.tell()

    with contextlib.ExitStack() as responders, Crowd() as crowd:
        last = responders.enter_context(
            start_activated(stack, conf, listener))
        for _ in range(8):
            crowd.start(load, crowd)
        for _ in range(3):
            crowd.await_more(100)
            last.term()
            last.end()
            last = responders.enter_context(
                start_activated(stack, conf, listener))
        crowd.await_more(100)
        crowd.stopping.set()
        for thread in crowd.threads:
            thread.join()
        last.term()
        last.end()
    assert set(told) == {200, 201}


def test_spawn_fcgi_hands_its_socket_over(stack, conf):
    """On descriptor 0, as all FastCGI managers do but systemd."""
    with contextlib.suppress(FileNotFoundError):
        (stack.folder / "sock/fcgi.sock").unlink()
    told = []
    with ended(Responder(stack, [
            "spawn-fcgi", "-n", "-s", stack.socket, "--", PROGRAM, "-c",
            conf], stdin=subprocess.DEVNULL)) as responder:
        post(stack, told)
        responder.term()
        responder.end()
    assert told[0].status_code == 201


def test_a_wait_without_end_ends_with_the_drain(stack):
    """Who drains too long says so, and with its exit status."""
    short = stack.folder / "short.conf"
    text = (stack.folder / "trainyard.conf").read_text()
    short.write_text(text.replace("drain_seconds = 60", "drain_seconds = 1"))
    told = []
    with Crowd() as crowd, ended(Responder(
            stack, [PROGRAM, "-c", short],
            stdin=subprocess.DEVNULL)) as responder:
        with Locked(stack) as lock:
            crowd.start(post, stack, told)
            lock.await_waiting()
            responder.term()
            assert responder.process.wait(PATIENCE) == 1
        for thread in crowd.threads:
            thread.join()
    assert told[0].status_code == 502
    # threads without one may be as late to end
    assert re.search(r"(?m)^<3>\d+ requests did not end in time$",
                     responder.log())
