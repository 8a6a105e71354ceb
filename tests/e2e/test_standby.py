# SPDX-License-Identifier: BSD-2-Clause
"""A synchronous standby takes over: nothing that was acknowledged is lost."""
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

from crowd import (
    AWAY, JOBS, Crowd, Wire, create, insist, job_body, query, running_stack)
from dispatchers import RUNNER, Gate
from fastcgi import fastcgi
from hosted import await_true
from responders import PROGRAM, Responder, ended

CLIENTS = 8
EXPECTED_LOG = AWAY + [
    "sqlstate=25006: cannot execute (LISTEN|SELECT FOR NO KEY UPDATE)"]
SETTINGS = ("--set", "queue_quota=0", "--set", "slots=1", "--set",
            "token_cache_seconds=3600", "--set",
            "poll_ms=200", "--set",
            f"runner_tinker_sft={sys.executable} {RUNNER}")
ROLES = {"database": "trainyard_fcgi",
         "database_dispatcher": "trainyard_dispatch",
         "database_owner": "trainyard_owner"}
STEP = {"event_type": "step_complete", "data": {"step": 1},
        "metrics": {"loss": [1], "steps": [1]}}


def as_postgres(*command):
    """PostgreSQL refuses to run as root."""
    user = [] if os.getuid() else ["runuser", "-u", "postgres", "--"]
    subprocess.run([*user, *command], check=True, cwd="/",
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


class Standby:
    """A copy of a stack's cluster that follows it, on a socket of its own."""

    def __init__(self, stack):
        self.stack = stack
        self.primary = stack.dsn.split()[0].removeprefix("host=")
        server = pathlib.Path(f"/proc/{stack.pid('postgres')}/exe").resolve()
        self.bin = server.parent
        self.holder = tempfile.TemporaryDirectory(prefix="trainyard-standby.")
        self.folder = self.holder.name
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.data = f"{self.folder}/data"
        self.dsn = f"host={self.folder} dbname=trainyard user=postgres"
        as_postgres(self.bin / "pg_basebackup", "-h", self.primary, "-U",
                    "postgres", "-D", self.data, "-R", "--checkpoint=fast")
        as_postgres(self.bin / "pg_ctl", "start", "-s", "-w", "-D", self.data,
                    "-l", f"{self.folder}/log", "-o", "-c listen_addresses=''"
                    f" -c unix_socket_directories='{self.folder}'")

    def settings(self):
        """Connection strings that name both: whichever takes writes."""
        for name, role in ROLES.items():
            yield from ("--set", f'{name}="host={self.primary},{self.folder}'
                        f" dbname=trainyard user={role}"
                        ' target_session_attrs=read-write"')

    def ask(self, sql, *values):
        return query(self.stack, sql, *values, dsn=self.dsn)

    def close(self):
        as_postgres(self.bin / "pg_ctl", "stop", "-s", "-m", "immediate", "-D",
                    self.data)
        self.holder.cleanup()


@pytest.fixture(scope="module")
def stack():
    # where postgres may go, who has to reach the socket
    with tempfile.TemporaryDirectory(prefix="trainyard.") as folder:
        os.chmod(folder, 0o711)
        with running_stack(f"{folder}/stack", *SETTINGS) as made:
            yield made


@pytest.fixture(scope="module")
def standby(stack):
    """It has each commit before the commit is acknowledged."""
    made = Standby(stack)
    try:
        # behind the copy: once promoted it has to wait for nobody
        owner = stack.superuser_dsn
        query(stack, "alter system set synchronous_standby_names = '*'",
              dsn=owner)
        query(stack, "select pg_reload_conf()", dsn=owner)
        await_true(lambda: query(
            stack, "select sync_state from pg_stat_replication",
            dsn=owner) == [("sync",)], "a synchronous standby")
        stack.up("--rate-limit", "off", *SETTINGS, *made.settings())
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def reader(stack, standby):
    """A responder that knows only the standby; how to ask it."""
    socket = stack.folder / "sock/reader.sock"
    conf = stack.folder / "reader.conf"
    conf.write_text("".join(
        f"listen = {socket}\n" if line.startswith("listen ")
        else f'database = "host={standby.folder} dbname=trainyard'
        ' user=trainyard_fcgi"\n' if line.startswith("database ")
        else line + "\n" for line in (
            stack.folder / "trainyard.conf").read_text().splitlines()))

    def ask(method, path, token=stack.token):
        head, _, body = fastcgi(
            str(socket), method, path,
            HTTP_AUTHORIZATION=f"Bearer {token}").partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(body)

    with ended(Responder(stack, [PROGRAM, "-c", conf],
                         stdin=subprocess.DEVNULL)):
        yield ask


def test_a_responder_on_the_standby_serves_reads(stack, reader):
    with Wire(stack) as client:
        job = create(client, "read").json()["id"]
        await_true(lambda: reader("GET", f"{JOBS}/{job}")[0] == 200, "it")
        assert reader("GET", f"{JOBS}/{job}/logs")[0] == 200
        status, body = reader("POST", f"{JOBS}/{job}/cancel")
        assert (status, body["type"]) == (503, "service_unavailable_error")


def test_it_hears_of_no_change_and_so_believes_no_token_for_long(
        stack, reader):
    token = stack.trainyard("token", "create", "--user", "ada@acme.example",
                            "--org", "acme", "--workspace", "main").strip()
    await_true(lambda: reader("GET", "/judges", token)[0] == 200, "the token")
    number = json.loads(stack.trainyard("--json", "token", "list",
                                        "--org", "acme"))
    stack.trainyard("token", "revoke", max(
        number, key=lambda t: t["created_at"])["id"])
    await_true(lambda: reader("GET", "/judges", token)[0] == 401, "its end")


class Told:
    def __init__(self):
        self.jobs = {}      # key -> id that came with a 201
        self.refusals = []

    def work(self, stack, crowd, n):
        with Wire(stack) as client:
            for i in itertools.count():
                if crowd.stopping.is_set():
                    return
                key = f"key-{n}-{i}"
                reply = insist(lambda: create(client, key), self.refusals)
                assert reply.status_code == 201, reply.text
                self.jobs[key] = reply.json()["id"]
                crowd.tell()


@pytest.fixture(scope="module")
def gates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gates")
    return [Gate(folder / name) for name in ("before", "end")]


@pytest.fixture(scope="module")
def told(stack, standby, gates):
    """The primary crashes under load, the standby is promoted."""
    told = Told()
    script = stack.folder / "steps.json"
    script.write_text(json.dumps([
        {"event": STEP}, *({"gate": gate.path} for gate in gates),
        {"event": {"event_type": "training_end"}}]))
    with Wire(stack) as client:
        reply = client.post(JOBS, job_body("running") | {
            "run_ref": str(script)})
        told.running = reply.json()["id"]
        gates[0].reached()
        await_true(lambda: client.get(f"{JOBS}/{told.running}").json()[
            "status"] == "running", "its start")
        with Crowd() as crowd:
            for n in range(CLIENTS):
                crowd.start(told.work, stack, crowd, n)
            crowd.await_more(200)
            stack.kill9("postgres")
            gates[0].open()
            assert standby.ask("select pg_promote()") == [(True,)]
            crowd.await_more(200)
    return told


def test_the_load_felt_it(told):
    """Else this module proves nothing."""
    assert told.refusals


def test_what_was_acknowledged_is_on_the_new_primary(standby, told):
    rows = dict(standby.ask("select name, id::text from trainyard.job"
                            " where name like 'key-%%'"))
    assert {key: rows.get(key) for key in told.jobs} == told.jobs


def test_there_is_one_job_for_each_key(stack, standby, told):
    assert standby.ask(
        "select name from trainyard.job where name like 'key-%%'"
        " group by name having count(*) > 1") == []
    with Wire(stack) as client:
        for key in list(told.jobs)[::20]:
            reply = create(client, key)
            assert reply.headers["Idempotent-Replayed"] == "true"
            assert reply.json()["id"] == told.jobs[key]


def test_the_running_job_goes_on_and_ends_once(stack, standby, told, gates):
    gates[1].reached().open()
    with Wire(stack) as client:
        await_true(lambda: client.get(f"{JOBS}/{told.running}").json()[
            "status"] == "completed", "its end")
    assert standby.ask(
        "select number, status from trainyard.attempt where job_id = %s",
        told.running) == [(1, "completed")]
