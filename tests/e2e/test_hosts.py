# SPDX-License-Identifier: BSD-2-Clause
"""A site on several hosts: two that serve and train, a database, a front.

Network namespaces are the hosts, nginx/several-hosts.conf.example the front.
"""
import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys

import pytest

from crowd import AWAY, JOBS, WORKSPACE, Crowd, insist, job_body, query
from dispatchers import RUNNER, Gate
from harness import PATIENCE, TOP
from hosted import await_true
from hosts import Hosts, ip, why_not

SLOTS = 3
names = itertools.count(1)
ENDED = ("completed", "failed", "cancelled")
# What is said of hosts that are cut off, and by those.
EXPECTED_LOG = AWAY + [
    "superseded attempt stopped", "lease over, the job is queued now",
    "a run that nobody waits for is killed",
    # and of those who wait for what a lost one had locked
    "statement failed statement=[a-z_]+ sqlstate=(57P|57014|55P03)",
    "FATAL:  connection to client lost",
]


def step(number, loss):
    return {"event_type": "step_complete", "data": {"step": number},
            "metrics": {"loss": [loss], "steps": [number]}}


END = {"event_type": "training_end"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    if reason := why_not():
        pytest.skip(reason)
    made = Hosts(
        tmp_path_factory.mktemp("hosts"), f"slots={SLOTS}", "lease_seconds=15",
        "poll_ms=200", "grace_seconds=1", "queue_quota=0",
        "token_cache_seconds=3600",
        f"runner_tinker_sft={sys.executable} {RUNNER}")
    try:
        with made.caller() as client:
            for path in ("capability/assistant/1.2.0", "dataset/rows/1"):
                reply = client.request(
                    "PUT", f"{WORKSPACE}/artifacts/{path}",
                    b'{"prompt": "a"}\n')
                assert reply.status_code == 201, reply.text
        for host in made.hosts:
            host.mark_logs()
        yield made
        for host in made.hosts:
            assert host.log_faults(EXPECTED_LOG) == []
    finally:
        made.close()


@pytest.fixture
def client(site):
    with site.caller() as made:
        yield made


@pytest.fixture
def gate(tmp_path):
    return Gate(tmp_path / "gate")


@pytest.fixture
def gate2(tmp_path):
    return Gate(tmp_path / "gate2")


def made(site, client, *steps):
    """A job that does these steps; its id."""
    script = site.folder / f"steps{next(names)}"
    script.write_text(json.dumps(steps))
    reply = insist(lambda: client.post(
        JOBS, {**job_body(script.name), "run_ref": str(script)},
        {"Idempotency-Key": script.name}))
    assert reply.status_code == 201, reply.text
    return reply.json()["id"]


def rows(site, sql, *values):
    return query(site.db, sql, *values)


def await_end(site, jobs):
    await_true(lambda: rows(
        site, "select count(*) from trainyard.job where id = any(%s::uuid[])"
        " and status = any(%s)", jobs, list(ENDED)) == [(len(jobs),)],
        f"the end of {jobs}")


def attempts(site, job):
    """(number, status, name of the host) of each."""
    return [(n, status, worker.split(".")[0]) for n, status, worker in rows(
        site, "select number, status, worker from trainyard.attempt"
        " where job_id = %s order by number", job)]


def mend(site, host):
    """Puts its cable to the database back, until it is of use again."""
    host.mend("data")
    with site.caller(host) as call:
        assert insist(lambda: call.get("/readyz")).status_code == 200


def owner(site, job):
    """The host that has it, and the other one."""
    first = attempts(site, job)[0][2]
    mine, = (h for h in site.hosts if f"host-{h.name}" == first)
    other, = (h for h in site.hosts if h is not mine)
    return mine, other


def check_one_end(site, jobs):
    assert rows(
        site, "select job_id from trainyard.job_event where to_status ="
        " any(%s) and job_id = any(%s::uuid[]) group by job_id"
        " having count(*) > 1", list(ENDED), jobs) == []


class Full:
    """A job for each slot of so many hosts, and each of them begun.

    Every first attempt waits at its gate.
    """

    def __init__(self, site, client, folder, hosts=2):
        folder.mkdir()
        self.site = site
        self.gates = [Gate(folder / f"gate{n}") for n in range(hosts * SLOTS)]
        self.jobs = [
            made(site, client, {"on_attempt": {
                "number": 1, "steps": [{"gate": g.path}]}},
                {"event": step(1, 1)}, {"event": END}) for g in self.gates]
        for g in self.gates:
            g.reached()
        self.where = [attempts(site, job)[-1][2] for job in self.jobs]

    def end(self, but=None):
        for gate, where in zip(self.gates, self.where):
            if where != but:
                gate.open()
        await_end(self.site, self.jobs)
        check_one_end(self.site, self.jobs)


BOTH = ["host-a"] * SLOTS + ["host-b"] * SLOTS


def creates(host):
    return [r for r in host.served() if r["request"].startswith(
        f"POST {JOBS} ") and r["status"] == 201]


def test_jobs_are_spread_over_the_hosts(site, client, tmp_path):
    before = [len(creates(host)) for host in site.hosts]
    full = Full(site, client, tmp_path / "gates")
    assert sorted(full.where) == BOTH
    full.end()
    after = [len(creates(host)) for host in site.hosts]
    assert sum(after) - sum(before) == 2 * SLOTS
    assert all(a > b for a, b in zip(after, before))
    # else all clients would share the limit of the front's one address
    assert {r["address"] for host in site.hosts for r in creates(host)} == {
        site.network.address("client")}


def test_each_of_many_jobs_ends_once_with_one_set_of_results(site):
    jobs = {}

    def work(n):
        with site.caller() as client:
            for i in range(6):
                loss = 100 * n + i
                jobs[made(site, client, {"event": step(1, loss)},
                          {"event": END})] = loss

    with Crowd() as crowd:
        for n in range(4):
            crowd.start(work, n)
    for thread in crowd.threads:
        thread.join()
    await_end(site, list(jobs))
    check_one_end(site, list(jobs))
    for job in jobs:
        (number, status, _), = attempts(site, job)
        assert (number, status) == (1, "completed")
    with site.caller() as client:
        for job, loss in jobs.items():
            reply = insist(lambda: client.get(f"{JOBS}/{job}"))
            assert reply.json()["metrics"]["loss"] == [loss]
    assert len({where for job in jobs
                for _, _, where in attempts(site, job)}) == 2


def token_of(site, host, job):
    """What the first attempt's runner was given to report with."""
    keeper = site.data / "work" / job / "1/keeper"
    await_true(keeper.exists, "the keeper's note")
    runner = int(keeper.read_text().split()[1])
    return host.environment(runner)["TRAINYARD_TOKEN"]


def answered(attempt):
    """The first reply that is not "no database here"."""
    got = []
    await_true(lambda: got.append(attempt()) or got[-1].status_code not in (
        502, 503, 504), "an answer")
    return got[-1]


def test_a_host_without_the_database_loses_its_jobs_and_its_late_writes(
        site, client, gate, gate2):
    job = made(
        site, client, {"event": step(1, 1)},
        {"on_attempt": {"number": 1, "steps": [
            {"gate": gate.path}, {"event": step(2, 666)}, {"event": END}]}},
        {"on_attempt": {"number": 2, "steps": [
            {"gate": gate2.path}, {"event": step(2, 2)}, {"event": END}]}})
    gate.reached()
    await_true(lambda: rows(site, "select status from trainyard.job where"
                            " id = %s", job) == [("running",)], "its start")
    mine, other = owner(site, job)
    token = token_of(site, mine, job)
    seen = len(mine.log("dispatcher.log"))
    mine.cut("data")
    gate2.reached()
    with site.caller(token=token) as worker:
        late = answered(lambda: worker.post(
            f"{JOBS}/{job}/progress", step(3, 666)))
    assert late.json()["type"] == "conflict_error"
    gate.open()
    gate2.open()
    await_end(site, [job])
    mend(site, mine)
    mine.await_log("dispatcher.log", f"superseded attempt stopped, nothing of"
                   f" it is recorded any more job={job}", seen)
    assert attempts(site, job) == [(1, "lost", f"host-{mine.name}"),
                                   (2, "completed", f"host-{other.name}")]
    check_one_end(site, [job])
    reply = insist(lambda: client.get(f"{JOBS}/{job}"))
    assert reply.json()["metrics"]["loss"] == [1, 2]


def test_readers_do_not_notice_that_a_host_lost_the_database(site, client):
    site.a.cut("data")
    try:
        for _ in range(20):
            reply = client.get("/judges")
            assert reply.status_code == 200, reply.text
    finally:
        mend(site, site.a)


def test_the_front_says_in_our_words_that_no_host_answers(site, client):
    for host in site.hosts:
        host.cut("web")
    try:
        reply = client.get("/judges")
    finally:
        for host in site.hosts:
            host.mend("web")
    # what waited for an answer, what could not connect
    kinds = {502: "bad_gateway_error", 504: "gateway_timeout_error"}
    body = reply.json()
    assert body["type"] == kinds[reply.status_code]
    assert body["code"] == reply.status_code
    assert body["request_id"] == reply.headers["X-Request-Id"]
    assert reply.headers["Retry-After"] == "1"


class Creator:
    """Creates under keys, and remembers what was acknowledged."""

    def __init__(self, site):
        self.site = site
        self.jobs = {}
        self.refusals = []

    def work(self, crowd, n):
        with self.site.caller() as client:
            for i in itertools.count():
                if crowd.stopping.is_set():
                    return
                key = f"cut-{n}-{i}"
                body = job_body(key) | {
                    "trainer_type": "rl", "config": {
                        "algorithm": "ppo", "steps": 1,
                        "prompt_dataset_ref": {"name": "rows",
                                               "version": "1"},
                        "reward_recipe": {"name": "exact_match_v1"}}}
                reply = insist(lambda: client.post(
                    JOBS, body, {"Idempotency-Key": key}), self.refusals)
                assert reply.status_code == 201, reply.text
                self.jobs[key] = reply.json()["id"]
                crowd.tell()


def test_no_create_is_lost_or_doubled_when_a_serving_host_is_cut_off(site):
    """Nobody runs these, so both dispatchers have nothing to do with it."""
    told = Creator(site)
    with Crowd() as crowd:
        for n in range(8):
            crowd.start(told.work, crowd, n)
        crowd.await_more(50)
        site.b.cut("web")
        crowd.await_more(200)
        site.b.mend("web")
        seen = len(creates(site.b))
        await_true(lambda: len(creates(site.b)) > seen, "creates at b again")
    for thread in crowd.threads:
        thread.join()
    assert dict(rows(site, "select name, id::text from trainyard.job"
                     " where name like 'cut-%%'")) == told.jobs
    assert rows(site, "select count(*) from trainyard.job"
                " where name like 'cut-%%'") == [(len(told.jobs),)]


def test_a_revoked_token_is_refused_by_every_host(site):
    new = ("token", "create", "--user", "ada@acme.example", "--org", "acme",
           "--workspace", "main")
    for cut in (None, site.b):
        token = site.db.trainyard(*new).strip()
        with contextlib.ExitStack() as opened:
            calls = [opened.enter_context(site.caller(host, token))
                     for host in site.hosts]
            for call in calls:
                assert insist(lambda: call.get("/judges")).status_code == 200
            if cut:
                cut.cut("data")
            number, = rows(site, "select id::text from trainyard.token"
                           " order by created_at desc limit 1")
            site.db.trainyard("token", "revoke", *number)
            if cut:
                mend(site, cut)
            for call in calls:
                await_true(lambda: call.get("/judges").status_code == 401,
                           "its refusal")


def test_a_host_that_lost_its_power_comes_back_and_works(
        site, client, gate, tmp_path):
    job = made(
        site, client, {"event": step(1, 1)},
        {"on_attempt": {"number": 1, "steps": [{"gate": gate.path}]}},
        {"on_attempt": {"number": 2, "steps": [{"event": END}]}})
    gate.reached()
    mine, other = owner(site, job)
    mine.lose_power()
    await_end(site, [job])
    assert attempts(site, job) == [(1, "lost", f"host-{mine.name}"),
                                   (2, "completed", f"host-{other.name}")]
    mine.boot()
    for part in ("responder", "dispatcher", "nginx"):
        mine.start(part)
    check_one_end(site, [job])
    full = Full(site, client, tmp_path / "gates")
    assert sorted(full.where) == BOTH
    full.end()


def test_a_host_that_only_trains_joins_and_is_emptied(
        site, client, tmp_path):
    """As doc/scale-out.md has it: a data_dir of its own, later a SIGINT."""
    new = site.trainer("c")
    full = Full(site, client, tmp_path / "gates", hosts=3)
    assert sorted(full.where) == BOTH + ["host-c"] * SLOTS
    assert "host-c.0" in site.db.trainyard("status")
    new.run("kill", "-INT", str(new.pid("dispatcher")))
    new.await_log("dispatcher.log", "stopped claimed=")
    full.end(but="host-c")
    for job, where in zip(full.jobs, full.where):
        got = attempts(site, job)
        if where == "host-c":
            assert len(got) == 2 and got[1][2] != where, got
        else:
            assert got == [(1, "completed", where)]


ABANDONED = """
import signal
import hosts

def test_that_does_not_end(tmp_path):
    network = hosts.Network()
    try:
        host = hosts.Host(network, tmp_path, "a", "web")
        print("up", host.init.pid, flush=True)
        signal.pause()
    finally:
        network.close()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_tests_that_are_ended_leave_no_network(tmp_path, number):
    if reason := why_not():
        pytest.skip(reason)
    script = tmp_path / "test_abandoned.py"
    script.write_text(ABANDONED)
    # what is started in the background of a script has SIGINT ignored
    with subprocess.Popen(
            ["env", "--default-signal=INT", sys.executable, "-m", "pytest",
             "-qs", "-c", TOP / "tests/pytest.ini", "-p", "conftest",
             f"--basetemp={tmp_path}/inner", script],
            env={**os.environ, "PYTHONPATH": str(TOP / "tests")},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            text=True) as run:
        try:
            print(run.stdout.readline())
            run.send_signal(number)
            print(run.communicate(timeout=PATIENCE)[0])
        finally:
            run.kill()
    assert f"ty{run.pid}-" not in ip("netns", "list")
