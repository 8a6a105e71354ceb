# SPDX-License-Identifier: BSD-2-Clause
"""Clients that leave: in the middle of a body nothing was asked for."""
import json
import os
import pathlib
import re
import signal
import socket

import pytest

from crowd import (
    JOBS, WORKSPACE, Crowd, Wire, create, job_body, query, running_stack)
from fastcgi import PARAMS, STDIN, begin, connect, params, read_stdout, record
from harness import exchange
from hosted import await_true, tls_connection

BODIES = {
    "create": ("POST", JOBS, job_body("cut off")),
    "judge": ("POST", "/judges", {
        "name": "cut off", "description": "x", "content_type": "text",
        "criteria": [{"name": "Clarity"}]}),
    "batch": ("POST", "/evaluations/batch", {
        "judge_id": "jdg_cut", "items": [
            {"content": f"text {n}", "criteria_scores": {"crit_clarity": 1}}
            for n in range(100)]}),
    "upload": ("PUT", f"{WORKSPACE}/artifacts/dataset/cut/1",
               ["bytes"] * 5000),
}
WAITING = """
select count(*) from pg_stat_activity
 where application_name = 'trainyard writer' and wait_event_type = 'Lock'
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with running_stack(tmp_path_factory.mktemp("abort"), "--set", "slots=0",
                       "--set", "statement_timeout_ms=60000") as made:
        with made.client(made.token) as client:
            reply = client.post("/judges", json={
                **BODIES["judge"][2], "id": "jdg_cut"})
            assert reply.status_code == 201, reply.text
        # it writes its own row some time after its start
        await_true(lambda: query(
            made, "select worker from trainyard.dispatcher"), "a dispatcher")
        yield made


def contents(stack):
    """How many rows every table has, and every file of data_dir."""
    tables = [name for name, in query(
        stack, "select relname::text from pg_class where relkind = 'r'"
        " and relnamespace = 'trainyard'::regnamespace order by 1")]
    assert "job" in tables
    rows = {name: query(stack, f"select count(*) from trainyard.{name}")
            for name in tables}
    files = sorted(str(path) for path in pathlib.Path(stack.data).rglob("*")
                   if path.is_file())
    return rows, files


def head_of(stack, method, path, length, *lines):
    return "\r\n".join((
        f"{method} {path} HTTP/1.1", "Host: 127.0.0.1",
        f"Authorization: Bearer {stack.token}",
        "Content-Type: " + ("application/octet-stream" if method == "PUT"
                            else "application/json"),
        f"Content-Length: {length}", *lines, "", "")).encode()


def gone(stack):
    """Requests whose client was gone when nginx was done with them."""
    return sum(line["status"] in (400, 499) for line in stack.served())


@pytest.mark.parametrize("kind", BODIES)
def test_a_body_cut_off_writes_nothing(stack, kind):
    method, path, body = BODIES[kind]
    data = json.dumps(body).encode()
    before, left = contents(stack), gone(stack)
    with tls_connection(stack) as conn:
        conn.sendall(head_of(stack, method, path, len(data)))
        conn.sendall(data[:len(data) // 2])
    await_true(lambda: gone(stack) > left, "gone")
    assert contents(stack) == before


# -- the responder without nginx in front of it, which cuts differently

def request(stack, method, path, length):
    """A request up to where its body begins."""
    return begin() + record(PARAMS, params(
        method, path, CONTENT_LENGTH=str(length),
        CONTENT_TYPE="application/octet-stream" if method == "PUT"
        else "application/json", HTTPS="on", SERVER_PROTOCOL="HTTP/1.1",
        HTTP_AUTHORIZATION=f"Bearer {stack.token}")) + record(PARAMS, b"")


ABORT = 2
ENDS = {
    "closed": b"",
    "said to be complete": record(STDIN, b""),
    "aborted": record(ABORT, b""),
}


def talk(stack, data):
    """What the responder says when no more than this is sent."""
    with connect(stack.socket) as conn:
        conn.sendall(data)
        conn.shutdown(socket.SHUT_WR)
        return read_stdout(conn)


def test_a_whole_body_is_taken_without_nginx_too(stack):
    """Else the next test would prove nothing."""
    data = json.dumps(job_body("by hand")).encode()
    assert b"Status: 201" in talk(
        stack, request(stack, "POST", JOBS, len(data)) +
        record(STDIN, data) + record(STDIN, b""))


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("kind", BODIES)
def test_a_short_body_is_never_taken_for_a_whole_one(stack, kind, end):
    method, path, body = BODIES[kind]
    data = json.dumps(body).encode()
    before = contents(stack)
    got = talk(stack, request(stack, method, path, len(data) + 1) +
               record(STDIN, data) + ENDS[end])
    assert b"Status: 2" not in got
    assert contents(stack) == before


# -- who leaves before the answer

def test_a_job_whose_answer_nobody_took_is_there_once(stack):
    left, seen = gone(stack), len(stack.log("responder.log"))
    data = json.dumps(job_body("unheard")).encode()
    lock = stack.connect()
    lock.autocommit = False
    lock.cursor().execute("lock table trainyard.job")
    try:
        with tls_connection(stack) as conn:
            conn.sendall(head_of(stack, "POST", JOBS, len(data),
                                 "Idempotency-Key: unheard") + data)
            await_true(lambda: query(
                stack, WAITING, dsn=stack.superuser_dsn) != [(0,)], "waiting")
        await_true(lambda: gone(stack) > left, "gone")
    finally:
        lock.close()
    await_true(lambda: "client left before its answer" in
               stack.log("responder.log")[seen:], "noticed")
    rows = query(stack, "select id::text from trainyard.job"
                 " where name = 'unheard'")
    assert len(rows) == 1
    with Wire(stack) as client:
        reply = create(client, "unheard")
    assert reply.headers["Idempotent-Replayed"] == "true"
    assert [(reply.json()["id"],)] == rows
    assert query(stack, "select id::text from trainyard.job"
                 " where name = 'unheard'") == rows


# -- who never comes to an end

@pytest.fixture
def impatient(stack):
    """nginx with a second instead of half a minute for a body's next byte."""
    site = stack.folder / "nginx/site.conf"
    text = site.read_text()
    changed = re.sub(r"client_body_timeout \d+s", "client_body_timeout 1s",
                     text)
    assert changed != text
    for given in (changed, text):
        site.write_text(given)
        old = workers(stack)
        os.kill(stack.pid("nginx"), signal.SIGHUP)
        # new ones have come, old ones are on their way out
        await_true(lambda: workers(stack) - old, "reloaded")
        if given is changed:
            yield


def workers(stack):
    master = stack.pid("nginx")
    found = pathlib.Path(f"/proc/{master}/task/{master}/children").read_text()
    return set(found.split())


@pytest.mark.parametrize("kind", ["create", "upload"])
def test_a_body_that_drips_is_cut_off(stack, impatient, kind):
    """nginx hangs up, without a word."""
    method, path, body = BODIES[kind]
    data = json.dumps(body).encode()
    before = contents(stack)
    with tls_connection(stack) as conn:
        got = exchange(conn, head_of(stack, method, path, len(data)) +
                       data[:10])
    assert got == b""
    await_true(lambda: [(line["status"], line["request"].split()[1])
                        for line in stack.served()[-1:]] == [(408, path)],
               "the line of a 408")
    assert contents(stack) == before
    with Wire(stack) as client:
        assert client.get("/readyz").status_code == 200


def test_nobody_is_left_behind(stack):
    """After all of this no thread is busy and no upload is half there."""
    with Crowd() as crowd:
        def ask():
            with Wire(stack) as client:
                assert client.get("/readyz").status_code == 200

        for _ in range(64):     # as many as there are threads
            crowd.start(ask)
        for thread in crowd.threads:
            thread.join()
    assert list(pathlib.Path(stack.data, "incoming").iterdir()) == []
