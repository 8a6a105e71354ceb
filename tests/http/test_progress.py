# SPDX-License-Identifier: BSD-2-Clause
"""What workers report over HTTP."""
import concurrent.futures
import json

import pytest

from hosted import FIELDS, Place, faults, new_token, sft
from reports import (
    END, ERROR, START, get, logs, post, posted, step, written)


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "progress").furnish()
    yield made
    made.close()


def test_the_first_event_makes_the_job_running(place, job):
    assert get(place, job)["status"] == "queued"
    got = posted(place, job, START)
    assert list(got) == FIELDS
    assert got["status"] == "running"
    assert got["started_at"] is not None
    assert got["artifacts"] == {"worker_id": "tester"}
    assert got == get(place, job)
    assert logs(place, job) == [(1, START["message"], START["data"])]
    started = got["started_at"]
    assert posted(place, job, step(1))["started_at"] == started


def test_any_event_may_be_the_first(place, job):
    assert posted(place, job, step(1))["status"] == "running"


def test_arrays_are_appended_and_all_else_replaces(place, job):
    posted(place, job, step(1, loss=[2.5], best=9, odd=[1]))
    posted(place, job, step(2, loss=[1.5], best=[8], odd={"a": 1}))
    assert get(place, job)["metrics"] == {
        "steps": [1, 2], "loss": [2.5, 1.5], "best": [8], "odd": {"a": 1}}
    assert place.rows("select event_type, step, metrics from"
                      " trainyard.job_metric where job_id = %s order by seq",
                      job["id"]) == [
        ("step_complete", 1, step(1, loss=[2.5], best=9, odd=[1])["metrics"]),
        ("step_complete", 2,
         step(2, loss=[1.5], best=[8], odd={"a": 1})["metrics"])]


def test_the_end_replaces_and_completes(place, job):
    posted(place, job, START)
    posted(place, job, step(1, **{"train/loss": [2.5]}))
    got = posted(place, job, END)
    assert got["status"] == "completed"
    assert got["completed_at"] is not None
    assert got["metrics"] == {"steps": [1], "train/loss": [3, 2],
                              "train/steps": 2}
    assert got["artifacts"] == {"worker_id": "tester", "checkpoints": ["a"]}
    assert got == get(place, job)
    assert [m for _, m, _ in logs(place, job)] == [
        START["message"], END["message"]]
    assert place.rows("select status, final_event from trainyard.attempt"
                      " where job_id = %s", job["id"]) == [
        ("completed", "training_end")]
    assert place.value("select count(*) from trainyard.audit where target ="
                       " %s and action = 'job.complete'", job["id"]) == 1


def test_an_end_may_be_all_that_is_said(place, job):
    assert posted(place, job, END)["status"] == "completed"
    assert [s for s, in place.rows(
        "select to_status from trainyard.job_event where job_id = %s"
        " order by seq", job["id"])] == [
        "queued", "claimed", "running", "completed"]


@pytest.mark.parametrize("event, error", [
    (ERROR, "no memory"),
    ({"event_type": "training_error", "message": "m"}, "m"),
    ({"event_type": "training_error"}, "training failed")])
def test_an_error_fails_the_job_with_its_words(place, job, event, error):
    got = posted(place, job, event)
    assert (got["status"], got["error"]) == ("failed", error)
    assert len(logs(place, job)) == ("message" in event)


def test_an_error_after_a_cancel_request_is_a_cancellation(place, job):
    posted(place, job, START)
    place.do("update trainyard.job set cancel_requested_at = now()"
             " where id = %s", job["id"])
    got = posted(place, job, ERROR)
    assert (got["status"], got["error"]) == ("cancelled", None)


def test_an_end_after_a_cancel_request_completes(place, job):
    posted(place, job, START)
    place.do("update trainyard.job set cancel_requested_at = now()"
             " where id = %s", job["id"])
    assert posted(place, job, END)["status"] == "completed"


@pytest.mark.parametrize("last", [END, ERROR])
def test_the_last_event_again_is_the_same_job(place, job, last):
    first = posted(place, job, last)
    before = written(place, job)
    assert posted(place, job, last) == first
    # whatever it carries: its kind is what counts
    assert posted(place, job, {"event_type": last["event_type"],
                               "metrics": {"x": 1}}) == first
    assert written(place, job) == before


def test_a_finished_job_takes_nothing(place, job, envelope):
    posted(place, job, END)
    before = written(place, job)
    for event in (START, step(3), ERROR):
        envelope(post(place, job, event), 409, "job_finished_error")
    assert written(place, job) == before


def test_without_an_attempt_under_way(place, envelope):
    made = place.made(sft())
    before = written(place, made)
    for event in (START, END):
        envelope(post(place, made, event), 409, "conflict_error")
    assert written(place, made) == before


def test_every_accepted_event_renews_the_lease(place, job):
    place.do("update trainyard.attempt set lease_until = now() + interval"
             " '15 seconds' where job_id = %s", job["id"])
    posted(place, job, {"event_type": "eval_complete"})
    assert place.value("select lease_until > now() + interval '20 seconds'"
                       " from trainyard.attempt where job_id = %s",
                       job["id"])


def test_artifacts_are_merged_and_checkpoints_noted(place, job):
    posted(place, job, {"event_type": "checkpoint_saved", "artifacts": {
        "latest_checkpoint": "tinker://1", "a": [1]}})
    got = posted(place, job, {"event_type": "step_complete",
                              "artifacts": {"a": "b"}})
    assert got["artifacts"] == {"worker_id": "tester", "a": "b",
                                "latest_checkpoint": "tinker://1"}
    assert place.value("select checkpoint from trainyard.attempt"
                       " where job_id = %s", job["id"]) == "tinker://1"


def test_an_event_without_a_message_makes_no_line(place, job):
    posted(place, job, {"event_type": "eval_complete", "level": "error"})
    assert logs(place, job) == []


def test_a_line_alone_leaves_the_job_as_it_is(place, job):
    posted(place, job, START)
    before = get(place, job)
    posted(place, job, {"event_type": "eval_complete", "message": "hm",
                        "level": "debug"})
    assert get(place, job) == before
    assert logs(place, job)[-1] == (0, "hm", None)


@pytest.mark.parametrize("body, loc, kind", [
    ({}, ["event_type"], "missing"),
    ({"event_type": "training_begin"}, ["event_type"], "literal_error"),
    ({"event_type": 1}, ["event_type"], "string_type"),
    ({**START, "level": "fatal"}, ["level"], "literal_error"),
    ({**START, "message": 1}, ["message"], "string_type"),
    ({**START, "message": "x" * 16385}, ["message"], "string_too_long"),
    ({**START, "error": "x" * 16385}, ["error"], "string_too_long"),
    ({**START, "metrics": []}, ["metrics"], "dict_type"),
    ({**START, "data": "x"}, ["data"], "dict_type"),
    ({**START, "artifacts": 1}, ["artifacts"], "dict_type"),
    ({**START, "metric": {}}, ["metric"], "extra_forbidden"),
    ({**START, "metrics": {str(i): 1 for i in range(1001)}}, ["metrics"],
     "too_long"),
    ({**START, "metrics": {"x" * 1001: 1}}, [], "value_error"),
    ({**START, "data": {"a": "b\0"}}, [], "value_error")])
def test_bodies_that_are_none(place, job, body, loc, kind):
    before = written(place, job)
    assert [(w, k) for w, k, _ in faults(post(place, job, body))] == [
        (["body", *loc], kind)]
    assert written(place, job) == before


def test_nulls_are_absent(place, job):
    got = posted(place, job, {
        "event_type": "step_complete", "message": None, "level": None,
        "metrics": None, "data": None, "artifacts": None, "error": None})
    assert got["metrics"] == {}


def test_bounds_are_inside(place, job):
    posted(place, job, {**START, "message": "é" * 16384,
                        "error": "é" * 16384,
                        "metrics": {str(i): 1 for i in range(1000)}})


def test_eight_megabytes(place, job, envelope):
    event = {**START, "data": {"x": ""}}
    event["data"]["x"] = "x" * (8 * 1024 * 1024 - len(json.dumps(event)))
    assert len(json.dumps(event)) == 8 * 1024 * 1024
    posted(place, job, event)
    event["data"]["x"] += "x"
    envelope(post(place, job, event), 413, "payload_too_large_error")


def test_least_replies(place, job):
    posted(place, job, step(1, x=1))
    for prefer in ("return=minimal", 'wait=1, return="minimal"',
                   "return=minimal; x=y"):
        reply = post(place, job, step(2), Prefer=prefer)
        assert reply.headers["preference-applied"] == "return=minimal"
        got = reply.json()
        assert list(got) == FIELDS
        assert (got["metrics"], got["artifacts"]) == ({}, {})
        assert got == {**get(place, job), "metrics": {}, "artifacts": {}}
    for prefer in ("return=representation", "return=minimalist"):
        reply = post(place, job, step(3), Prefer=prefer)
        assert "preference-applied" not in reply.headers
        assert reply.json() == get(place, job)


def test_a_key_makes_a_repeat_harmless(place, job, serial, envelope):
    key = {"Idempotency-Key": f"progress-{next(serial)}"}
    first = post(place, job, step(1), **key)
    before = written(place, job)
    again = post(place, job, step(1), **key)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.content == first.content
    assert written(place, job) == before
    envelope(post(place, job, step(2), **key), 422,
             "idempotency_key_reused_error")
    assert get(place, job)["metrics"] == {"steps": [1]}


def test_a_refused_event_frees_its_key(place, serial, envelope):
    made = place.made(sft())
    key = {"Idempotency-Key": f"progress-{next(serial)}"}
    envelope(post(place, made, START, **key), 409, "conflict_error")
    place.claim(made)
    assert posted(place, made, START, **key)["status"] == "running"


def test_many_workers_at_once(place):
    """Events of many jobs share commits; none is lost or out of order."""
    jobs = [place.made(sft()) for _ in range(12)]
    for made in jobs:
        place.claim(made)

    def work(made):
        for n in range(20):
            posted(place, made, step(n), Prefer="return=minimal")
        return posted(place, made, {"event_type": "training_end"})

    with concurrent.futures.ThreadPoolExecutor(len(jobs)) as crowd:
        for got in crowd.map(work, jobs):
            assert got["status"] == "completed"
            assert got["metrics"]["steps"] == list(range(20))


def test_the_newest_points_stay(place, job):
    for begin in (0, 60000):
        posted(place, job, {"event_type": "step_complete", "metrics": {
            "x": list(range(begin, begin + 60000))}}, Prefer="return=minimal")
    got = posted(place, job, {"event_type": "step_complete", "metrics": {
        "x": list(range(120000, 180000))}})
    assert got["metrics"]["x"] == list(range(80000, 180000))
    assert get(place, job)["metrics"] == got["metrics"]
    # whole pieces that only hold older ones are gone
    assert place.value("select count(*) from trainyard.job_series"
                       " where job_id = %s", job["id"]) == 2
    assert place.value("select count(*) from trainyard.job_metric"
                       " where job_id = %s", job["id"]) == 3


def test_who_may_report(place, stack, job, envelope):
    with stack.client(new_token(place, scopes=[
            "training:read", "training:write"])) as client:
        reply = client.post(f"{place.jobs}/{job['id']}/progress",
                            json=START)
        assert "training:worker" in envelope(
            reply, 403, "permission_error")["detail"]
    with stack.client(new_token(place, scopes=["training:worker"])) as client:
        assert client.post(f"{place.jobs}/{job['id']}/progress",
                           json=START).status_code == 200


def test_jobs_that_are_not_there(place, stack, job, envelope):
    other = Place(stack, "progress-other")
    try:
        for made in ("x", "019d003a-1e6b-7b3e-9f40-2d8c5a6b1e07"):
            envelope(post(place, {"id": made}, START), 404,
                     "not_found_error")
        envelope(post(other, job, START), 404, "not_found_error")
    finally:
        other.close()
