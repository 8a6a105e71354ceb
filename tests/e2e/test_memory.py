# SPDX-License-Identifier: BSD-2-Clause
"""What requests take, they give back."""
import json
import pathlib

import pytest

from crowd import JOBS, Crowd, Wire, create, running_stack
from hosted import await_true

MIB = 1 << 20
# what a responder may be resident with, whatever it has done
MOST = 48 * MIB


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with running_stack(tmp_path_factory.mktemp("memory"),
                       "--set", "slots=0") as made:
        yield made


def resident(stack):
    pages = pathlib.Path(
        f"/proc/{stack.pid('responder')}/statm").read_text().split()[1]
    return int(pages) * 4096


def crowd_of(clients, run):
    with Crowd() as crowd:
        for n in range(clients):
            crowd.start(run, n)
        for thread in crowd.threads:
            thread.join()


def test_large_requests_leave_nothing(stack):
    """A mebibyte of small members is a large tree in each thread's heap."""
    body = json.dumps({f"a{n}": n for n in range(55000)})
    assert 0.8 * MIB < len(body) < MIB

    def run(n):
        with Wire(stack) as client:
            for _ in range(4):
                reply = client.request("POST", JOBS, body, ())
                assert reply.status_code == 422

    # each time it falls to other threads' heaps
    for _ in range(4):
        crowd_of(24, run)
    await_true(lambda: resident(stack) < MOST, "the memory is given back")


def test_many_small_requests_leave_nothing(stack):
    def run(n):
        with Wire(stack) as client:
            for i in range(150):
                reply = create(client, f"memory-{n}-{i}")
                assert reply.status_code == 201
                assert client.get(
                    reply.headers["Location"]).status_code == 200

    crowd_of(8, run)
    before = resident(stack)
    crowd_of(8, lambda n: run(n + 100))
    # threads that had nothing to do before may have now
    assert resident(stack) < before + 16 * MIB
    await_true(lambda: resident(stack) < MOST, "the memory is given back")
