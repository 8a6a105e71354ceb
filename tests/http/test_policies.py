# SPDX-License-Identifier: BSD-2-Clause
"""Retraining policies: what callers do makes them fire."""
import time

import pytest

from harness import PATIENCE
from idle_judges import comment, correction

HOUR = 3600


def put(judges, key, **policy):
    reply = judges.api.put(f"/judges/{key}/retraining-policy",
                           json={"enabled": True, **policy})
    assert reply.status_code == 200, reply.text
    return reply.json()


def get(judges, key):
    return judges.api.get(f"/judges/{key}/retraining-policy").json()


def runs(judges, key):
    reply = judges.api.get("/retraining/runs", params={"judge_id": key})
    assert reply.status_code == 200, reply.text
    return reply.json()["runs"]


def await_run(judges, key):
    """The judge's one run, once there is one."""
    end = time.monotonic() + PATIENCE
    while not (found := runs(judges, key)):
        assert time.monotonic() < end, get(judges, key)
        time.sleep(0.01)
    (run,) = found
    return run


def due(judges, key):
    """Seconds to the next look, rounded; None: when there is feedback."""
    ((at,),) = judges.query(
        "select round(extract(epoch from p.due_at - now()))::int"
        " from trainyard.retraining_policy p join trainyard.judge j"
        " on j.id = p.judge_id where j.key = %s", key)
    return at


def rest(judges, key):
    """The policy as if it had been set and looked at long ago."""
    judges.query(
        "update trainyard.retraining_policy p set due_at = null,"
        " updated_at = now() - interval '1 day' from trainyard.judge j"
        " where j.id = p.judge_id and j.key = %s", key)


def say(judges, key, count=1, entry=None):
    judges.feedback(key, [entry or correction("crit_clarity")] * count)


def test_feedback_enough_makes_a_run(judges):
    key = judges.judge()
    put(judges, key, min_new_feedback=3, auto_deploy=True)
    rest(judges, key)
    say(judges, key, 2)
    say(judges, key, 4, comment())
    assert due(judges, key) is None
    say(judges, key)
    run = await_run(judges, key)
    assert (run["trigger_source"], run["status"], run["created_by"]) == (
        "feedback_threshold", "started", None)
    assert run["feedback_summary"]["total_feedback_count"] == 7
    job = judges.api.get(f"/training/jobs/{run['job_id']}").json()
    assert job["training_type"] == "incremental"
    assert job["retraining_run_id"] == run["run_id"]
    assert job["training_config"]["minimum_feedback_count"] == 3
    assert job["execution_options"]["auto_deploy"]
    policy = get(judges, key)
    assert policy["last_run_id"] == run["run_id"]
    assert policy["last_fired_at"] == run["created_at"]
    same = judges.api.get(f"/retraining/runs/{run['run_id']}").json()
    assert same["created_by"] is None


def later(judges, key):
    """The policy as if it were to be looked at in an hour."""
    judges.query(
        "update trainyard.retraining_policy p set due_at = now()"
        " + interval '1 hour' from trainyard.judge j"
        " where j.id = p.judge_id and j.key = %s", key)


def test_feedback_enough_does_not_wait_for_the_next_look(judges):
    key = judges.judge()
    put(judges, key, min_new_feedback=3)
    later(judges, key)
    say(judges, key, 3)
    await_run(judges, key)


def test_behind_another_job_it_is_looked_at_every_minute(judges):
    key = judges.trained(3)
    assert judges.create(key, config={
        "minimum_feedback_count": 1}).status_code == 201
    put(judges, key, min_new_feedback=3)
    later(judges, key)
    say(judges, key)
    assert due(judges, key) <= 60
    assert runs(judges, key) == []


def test_single_entries_count_as_well(judges):
    key = judges.judge()
    put(judges, key, min_new_feedback=1)
    rest(judges, key)
    (evaluation,) = [r["evaluation_id"] for r in judges.api.post(
        "/evaluations/batch", json={"judge_id": key, "items": [{
            "content_ref": "x", "criteria_scores": {"crit_clarity": 5}}]}
        ).json()["results"]]
    reply = judges.api.post("/feedback", json={
        "evaluation_id": evaluation, "type": "rating",
        "content": {"rating": 3}})
    assert reply.status_code == 201
    await_run(judges, key)


def test_a_policy_that_is_set_looks_at_what_is_there(judges):
    key = judges.trained(3)
    put(judges, key, min_new_feedback=3)
    await_run(judges, key)


def test_a_policy_that_is_off_does_nothing(judges):
    key, other = judges.judge(), judges.judge()
    put(judges, key, min_new_feedback=1)
    put(judges, key, enabled=False, min_new_feedback=1)
    say(judges, key, 2)
    assert due(judges, key) is None
    put(judges, other, min_new_feedback=1)
    say(judges, other)
    await_run(judges, other)
    assert runs(judges, key) == []


def test_feedback_within_the_interval_waits_for_its_end(judges):
    key = judges.trained(3)
    put(judges, key, min_new_feedback=3, min_interval_hours=2)
    run = await_run(judges, key)
    judges.set_status(key, "cancelled")
    rest(judges, key)
    say(judges, key, 3)
    assert due(judges, key) == pytest.approx(2 * HOUR, abs=120)
    assert runs(judges, key)[0]["run_id"] == run["run_id"]


def test_a_judge_that_comes_back_is_looked_at(judges):
    key = judges.judge()
    say(judges, key, 3)
    judges.api.delete(f"/judges/{key}")
    put(judges, key, min_new_feedback=3)
    rest(judges, key)
    judges.api.put(f"/judges/{key}", json={"is_active": True})
    await_run(judges, key)


def test_what_the_server_fired_is_in_the_audit_trail(judges):
    key = judges.trained(3)
    put(judges, key, min_new_feedback=3)
    run = await_run(judges, key)
    reply = judges.api.get("/api/v1/org/acme/ws/main/audit",
                           params={"actor": f"policy:{key}"})
    assert reply.status_code == 200, reply.text
    assert [row["action"] for row in reply.json()["items"]] == ["job.create"]
    assert run["created_by"] is None
