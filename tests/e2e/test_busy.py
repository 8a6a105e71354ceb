# SPDX-License-Identifier: BSD-2-Clause
"""More slow requests than threads: the others wait, and none hangs."""
import threading

import pytest

from crowd import JOBS, Crowd, Wire, create, insist, query, running_stack

THREADS = 4
CLIENTS = 24
# What a lock that was not given may leave behind.
EXPECTED_LOG = ["canceling statement due to (lock|statement) timeout"]


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with running_stack(tmp_path_factory.mktemp("busy"), "--set", "slots=0",
                       "--set", f"threads={THREADS}",
                       "--set", "connections=2") as made:
        # only now: what was made until here takes the time that it takes
        with open(made.conf, "a") as conf:
            conf.write("statement_timeout_ms = 1000\n")
        made.restart("responder")
        yield made


def answers(stack, ask):
    """What so many clients get who ask at the same time."""
    told = []
    begin = threading.Barrier(CLIENTS)

    def run(n):
        with Wire(stack) as client:
            begin.wait()
            told.append(ask(client, n))

    with Crowd() as crowd:
        for n in range(CLIENTS):
            crowd.start(run, n)
        for thread in crowd.threads:
            thread.join()
    assert len(told) == CLIENTS
    return told


@pytest.fixture(params=["job", "idempotency_key", "audit"])
def locked(stack, request):
    """A table that nobody else can touch, until the test is at its end."""
    conn = stack.connect()
    conn.autocommit = False
    conn.cursor().execute(
        f"lock table trainyard.{request.param} in access exclusive mode")
    yield conn
    conn.close()


def test_every_request_is_answered(stack, locked, envelope):
    def ask(client, n):
        if n % 4 == 0:
            return client.get("/healthz")
        if n % 4 == 1:
            return client.get(f"{JOBS}/01890a5d-ac96-774b-bcce-b302099a8057")
        return create(client, f"busy-{locked.info.backend_pid}-{n}")

    told = answers(stack, ask)
    refused = [reply for reply in told if reply.status_code >= 500]
    for reply in refused:
        kind = {503: "service_unavailable_error",
                504: "gateway_timeout_error"}[reply.status_code]
        envelope(reply, reply.status_code, kind)
        assert "Retry-After" in reply.headers
    assert len(refused) >= CLIENTS // 2         # all that create
    # who needs no table is only late
    assert sum(reply.status_code == 200 for reply in told) == CLIENTS // 4
    locked.close()
    # what was refused was not done after all
    assert query(stack, "select name from trainyard.job"
                 " where name like 'busy%%'") == []
    # and with the lock goes the trouble, at once
    after = answers(stack, lambda client, n: insist(
        lambda: create(client, f"after-{locked.info.backend_pid}-{n}")))
    assert {reply.status_code for reply in after} == {201}
