# SPDX-License-Identifier: BSD-2-Clause
"""The same jobs, made by many clients at once: each of them once."""
import random
import threading

import pytest

from crowd import Crowd, Wire, create, insist, query, running_stack

CLIENTS = 16
JOBS = 500
SEED = 7


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with running_stack(tmp_path_factory.mktemp("idempotency")) as made:
        yield made


@pytest.fixture(scope="module")
def told(stack):
    """What each client was told: key -> id."""
    keys = [f"same-{n}" for n in range(JOBS)]
    begin = threading.Barrier(CLIENTS)
    ids = [{} for _ in range(CLIENTS)]

    def run(n):
        # half of them together, key by key, the others as it comes
        mine = keys if n % 2 else random.Random(SEED + n).sample(keys, JOBS)
        with Wire(stack) as client:
            begin.wait()
            for key in mine:
                reply = insist(lambda: create(client, key))
                assert reply.status_code == 201, reply.text
                ids[n][key] = reply.json()["id"]

    with Crowd() as crowd:
        for n in range(CLIENTS):
            crowd.start(run, n)
        for thread in crowd.threads:
            thread.join()
    return ids


def test_every_client_is_told_the_same_job(told):
    assert len(told[0]) == len(set(told[0].values())) == JOBS
    assert all(ids == told[0] for ids in told)


def test_there_are_so_many_rows(stack, told):
    assert dict(query(stack, "select name, id::text"
                      " from trainyard.job")) == told[0]
    assert query(stack, "select count(*) from trainyard.job") == [(JOBS,)]
    assert query(stack, "select count(*) from trainyard.job_event"
                 " where to_status = 'queued'") == [(JOBS,)]
    assert query(stack, "select count(*) from trainyard.job_artifact") == [
        (2 * JOBS,)]
