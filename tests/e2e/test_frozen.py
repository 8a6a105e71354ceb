# SPDX-License-Identifier: BSD-2-Clause
"""PostgreSQL stands still: answers come all the same, and soon."""
import contextlib
import os
import pathlib
import re
import signal

import pytest

from crowd import AWAY, JOBS, Crowd, Wire, create, insist, running_stack
from harness import PATIENCE
from hosted import await_true

EXPECTED_LOG = AWAY + ["canceling statement due to"]
# statement_timeout, what libpq is given beyond it, and the wait for a
# connection, in microseconds of the responder's own time
MOST = (500 + 1000 + 1500 + 1000) * 1000 * PATIENCE / 60


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with running_stack(tmp_path_factory.mktemp("frozen"), "--set", "slots=0",
                       "--set", "connections=2") as made:
        # only now: what was made until here takes the time that it takes
        with open(made.conf, "a") as conf:
            conf.write("statement_timeout_ms = 500\n")
        made.restart("responder")
        yield made


def family(pid):
    yield pid
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):
            for child in (task / "children").read_text().split():
                yield from family(int(child))


@contextlib.contextmanager
def frozen(stack):
    pids = list(family(stack.pid("postgres")))
    assert len(pids) > 5
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def took(stack, request_id):
    """Is written when the client has its answer already."""
    line = re.compile(rf"^<6>request .* us=(\d+) .* request_id={request_id}$",
                      re.M)
    await_true(lambda: line.search(stack.log("responder.log")), "its line")
    return int(line.search(stack.log("responder.log"))[1])


def test_nobody_waits_for_long(stack):
    """More clients than connections, in front of a server that is still."""
    told = []

    def ask(n):
        with Wire(stack) as mine:
            told.append(
                create(mine, f"frozen-{n}") if n % 3 == 0 else
                mine.get(f"{JOBS}/01890a5d-ac96-774b-bcce-b302099a8057")
                if n % 3 == 1 else mine.get("/healthz"))

    with Wire(stack) as client:
        reply = insist(lambda: create(client, "frozen-before"))
        assert reply.status_code == 201
    with Crowd() as crowd, frozen(stack):
        for n in range(24):
            crowd.start(ask, n)
        for thread in crowd.threads:
            thread.join()
    assert len(told) == 24
    for reply in told:
        assert reply.status_code in (200, 503, 504)
        if reply.status_code == 200:
            assert reply.json() == {"status": "ok"}
        else:
            assert "Retry-After" in reply.headers
        assert took(stack, reply.headers["X-Request-Id"]) < MOST
    assert sum(reply.status_code == 200 for reply in told) == 8


def test_then_all_goes_on(stack):
    """What was refused may be there or not: the key knows."""
    with Wire(stack) as client:
        jobs = {}
        for n in range(0, 24, 3):
            reply = insist(lambda k=n: create(client, f"frozen-{k}"))
            assert reply.status_code == 201
            jobs[n] = reply.json()["id"]
        for n, job in jobs.items():
            reply = insist(lambda k=n: create(client, f"frozen-{k}"))
            assert reply.json()["id"] == job
    conn = stack.connect()
    with conn.cursor() as cursor:
        cursor.execute("select name from trainyard.job where name like"
                       " 'frozen-%' group by name having count(*) > 1")
        assert cursor.fetchall() == []
    conn.close()
