# SPDX-License-Identifier: BSD-2-Clause
"""Runners of the local engine that report over HTTP, with their own token."""
import itertools
import json

import pytest

from dispatchers import Gate
from hosted import Place, await_true, sft
from reports import END, START, get, step

names = itertools.count(1)


@pytest.fixture(scope="module")
def place(running):
    made = Place(running, "runners").furnish()
    yield made
    made.close()


def job_of(place, tmp_path, *steps):
    script = tmp_path / f"steps{next(names)}.json"
    script.write_text(json.dumps(steps))
    return place.made({**sft(), "run_ref": str(script)})


def await_status(place, job, status):
    await_true(lambda: get(place, job)["status"] == status, status)


def answers(running, job, number=1):
    return (running.folder / "data/work" / job["id"] / str(number)
            / "answers").read_text().splitlines()


def test_a_whole_training(place, running, tmp_path):
    job = job_of(place, tmp_path, {"post": START},
                 {"post": step(1, loss=[2.5])}, {"post": step(2, loss=[1.5])},
                 {"post": END}, {"post": END}, {"post": step(3)})
    await_status(place, job, "completed")
    got = get(place, job)
    assert got["metrics"] == {"steps": [1, 2], "loss": [2.5, 1.5],
                              "train/loss": [3, 2], "train/steps": 2}
    assert got["artifacts"]["worker_id"]
    await_true(lambda: answers(running, job) == [
        "200"] * 5 + ["409 job_finished_error"], "all answers")


def test_both_ways_at_once(place, running, tmp_path):
    """Lines are read from its output, events come over HTTP and printed."""
    job = job_of(place, tmp_path, {"post": START}, {"print": "a line\n"},
                 {"event": step(1)}, {"post": step(2)},
                 {"event": {"event_type": "training_end"}})
    await_status(place, job, "completed")
    got = get(place, job)
    assert sorted(got["metrics"]["steps"]) == [1, 2]
    assert place.rows("select message from trainyard.job_log where job_id ="
                      " %s order by message", job["id"]) == [
        (START["message"],), ("a line",)]
    assert [s for s, in place.rows(
        "select to_status from trainyard.job_event where job_id = %s"
        " order by seq", job["id"])] == [
        "queued", "claimed", "running", "completed"]


def test_a_token_outlives_its_dispatcher(place, running, tmp_path):
    gate = Gate(tmp_path / "gate")
    job = job_of(place, tmp_path, {"post": START}, {"gate": gate.path},
                 {"post": END})
    gate.reached()
    running.restart("dispatcher")
    gate.open()
    await_status(place, job, "completed")
    # it notes an answer after what the answer tells of
    await_true(lambda: answers(running, job) == ["200"] * 2, "both answers")
    assert get(place, job)["attempt"] == 1


def test_a_worker_that_slept_through_its_lease(place, running, tmp_path):
    gate = Gate(tmp_path / "gate")
    # the first attempt sleeps, the second does the work
    job = job_of(
        place, tmp_path, {"post": START},
        {"on_attempt": {"number": 1, "steps": [
            {"gate": gate.path}, {"post": step(7)}, {"post": END}]}},
        {"on_attempt": {"number": 2, "steps": [{"post": step(1)}]}},
        {"on_attempt": {"number": 2, "steps": [{"post": END}]}})
    gate.reached()
    # nobody renews its lease any more
    running.freeze("dispatcher")
    place.do("update trainyard.attempt set lease_until = now() - interval"
             " '1 s' where job_id = %s", job["id"])
    place.lose(job)
    gate.open()
    await_true(lambda: len(answers(running, job)) == 3, "its late events")
    assert answers(running, job) == ["200", "409 conflict_error",
                                     "409 conflict_error"]
    assert get(place, job)["metrics"] == {}
    running.thaw("dispatcher")
    await_status(place, job, "completed")
    got = get(place, job)
    assert (got["attempt"], got["metrics"]["steps"]) == (2, [1])
    await_true(lambda: answers(running, job, 2) == ["200"] * 3,
               "all answers")


def test_the_token_stands_in_no_log(place, running, tmp_path):
    job = job_of(place, tmp_path, {"post": START}, {"post": END})
    await_status(place, job, "completed")
    for log in ("responder.log", "dispatcher.log", "nginx.log",
                "postgres.log"):
        assert "ty_job_" not in running.log(log)
