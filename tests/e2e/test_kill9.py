# SPDX-License-Identifier: BSD-2-Clause
"""kill -9 under load: what was acknowledged is there, and once."""
import collections
import itertools
import random
import threading

import pytest

from crowd import (
    AWAY, JOBS, Crowd, Wire, create, insist, query, running_stack)
from harness import PATIENCE
from idle_judges import Judges

CLIENTS = 16
KILLED = ("postgres", "responder", "dispatcher")
ROUNDS = 3
SEED = 20260131
ENDED = ("completed", "failed", "cancelled")
# A new responder removes what the killed one left, then binds its own.
EXPECTED_LOG = AWAY + [
    r"connect\(\) to unix:\S+ failed \(2: No such file or directory\)"]


class Journal:
    """What clients were told, as they would have written it down."""

    def __init__(self, stack):
        self.stack = stack
        self.jobs = {}          # key -> id that came with a 201
        self.judge_jobs = []
        self.refusals = collections.defaultdict(list)

    def make_jobs(self, crowd, n):
        with Wire(self.stack) as client:
            for i in itertools.count():
                if crowd.stopping.is_set():
                    return
                key = f"key-{n}-{i}"
                reply = insist(lambda: create(client, key), self.refusals[n])
                assert reply.status_code == 201, reply.text
                self.jobs[key] = reply.json()["id"]
                crowd.tell()

    def train_judge(self, crowd, judge):
        """One job after the other; the judge takes no two at a time."""
        with Wire(self.stack) as client:
            for i in itertools.count():
                if crowd.stopping.is_set():
                    return
                reply = insist(lambda: client.post(
                    "/training/jobs", headers={
                        "Idempotency-Key": f"{judge}-{i}"},
                    json={"judge_id": judge, "training_type": "full_retrain",
                          "training_config": {
                              "max_epochs": 200, "early_stopping": False}}))
                assert reply.status_code == 201, reply.text
                self.judge_jobs.append(reply.json()["job_id"])
                self.await_end(client, self.judge_jobs[-1])

    def await_end(self, client, job):
        poll = threading.Event()
        for _ in range(int(PATIENCE * 20)):
            reply = insist(lambda: client.get(f"/training/jobs/{job}"))
            assert reply.status_code == 200, reply.text
            if reply.json()["status"] in ENDED:
                return
            poll.wait(0.05)
        raise AssertionError(f"{job} does not end: {reply.text}")


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with running_stack(tmp_path_factory.mktemp("kill9"),
                       "--set", "lease_seconds=3", "--set", "poll_ms=200",
                       "--set", "grace_seconds=1") as made:
        yield made


@pytest.fixture(scope="module")
def journal(stack):
    """The load, and each part killed and started again under it."""
    told = Journal(stack)
    judges = Judges(stack)
    trained = [judges.trained(30) for _ in range(2)]
    judges.close()
    dice = random.Random(SEED)
    victims = [part for part in KILLED for _ in range(ROUNDS)]
    dice.shuffle(victims)
    with Crowd() as crowd:
        for n in range(CLIENTS):
            crowd.start(told.make_jobs, crowd, n)
        for judge in trained:
            crowd.start(told.train_judge, crowd, judge)
        for part in victims:
            crowd.await_more(dice.randint(1, 200))
            stack.kill9(part)
            stack.start(part)
        crowd.await_more(CLIENTS)
    return told


def test_the_load_felt_the_kills(journal):
    """Else this module proves nothing."""
    assert sum(map(len, journal.refusals.values())) > 0
    assert len(journal.judge_jobs) > 0


def test_what_was_acknowledged_is_there(stack, journal):
    with Wire(stack) as client:
        for job in journal.jobs.values():
            reply = client.get(f"{JOBS}/{job}")
            assert reply.status_code == 200, reply.text
            assert reply.json()["id"] == job


def test_a_repeated_key_gives_the_same_job(stack, journal):
    with Wire(stack) as client:
        for key, job in journal.jobs.items():
            reply = create(client, key)
            assert reply.status_code == 201, reply.text
            assert reply.headers["Idempotent-Replayed"] == "true"
            assert reply.json()["id"] == job


def test_there_is_one_job_for_each_key(stack, journal):
    rows = dict(query(stack, "select name, id::text from trainyard.job"
                      " where face = 'hosted'"))
    assert rows == journal.jobs
    assert query(stack, "select count(*) from trainyard.job"
                 " where face = 'hosted'") == [(len(journal.jobs),)]


def test_no_job_ended_twice(stack, journal):
    assert query(
        stack, "select job_id, array_agg(to_status)"
        " from trainyard.job_event where to_status = any(%s)"
        " group by job_id having count(*) > 1", list(ENDED)) == []


def test_every_training_ended_well(stack, journal):
    rows = query(stack, "select status, count(*) from trainyard.job"
                 " where face = 'judge' group by status")
    assert rows == [("completed", len(journal.judge_jobs))]
    # each of them made one version, beside the first of each judge
    assert query(stack, "select count(*) from trainyard.judge_version"
                 " where number > 1") == [(len(journal.judge_jobs),)]
