# SPDX-License-Identifier: BSD-2-Clause
"""Retraining runs: a judge job each, under the words of the pipeline."""
import pytest

from judges import archive, errors_of, is_id, uuid_of


def create(judges, key, **more):
    headers = more.pop("headers", None)
    return judges.api.post("/retraining/runs", headers=headers, json={
        "judge_id": key, "trigger_source": "manual", **more})


@pytest.fixture
def run(judges):
    reply = create(judges, judges.trained())
    assert reply.status_code == 201, reply.text
    return reply.json()


def get(judges, run):
    reply = judges.api.get(f"/retraining/runs/{run['run_id']}")
    assert reply.status_code == 200, reply.text
    return reply.json()


def job_of(judges, run):
    return judges.api.get(f"/training/jobs/{run['job_id']}").json()


def test_a_run_queues_a_job_that_names_it(judges):
    key = judges.trained()
    reply = create(judges, key)
    run = reply.json()
    assert reply.status_code == 201
    assert is_id(run["run_id"], "run_")
    assert reply.headers["location"] == f"/retraining/runs/{run['run_id']}"
    assert (run["status"], run["judge_id"]) == ("started", key)
    job = job_of(judges, run)
    assert (job["status"], job["training_type"]) == ("queued", "incremental")
    assert job["retraining_run_id"] == run["run_id"]
    assert job["created_at"] == run["created_at"]
    assert run["feedback_summary"] == {
        k: job["feedback_data_summary"][k] for k in run["feedback_summary"]}
    # guarded, and deployed by default
    assert job["execution_options"]["auto_deploy"]
    assert job["execution_options"]["require_improvement"]
    points = run["progress_tracking"]["expected_milestones"]
    assert [p["name"] for p in points] == [
        "analyzing_feedback", "generating_proposals", "validating",
        "completed"]
    same = get(judges, run)
    same["progress_tracking"].pop("expected_milestones")
    run["progress_tracking"].pop("expected_milestones")
    assert same == run


def test_overrides_reach_the_job(judges):
    run = create(
        judges, judges.trained(), since_timestamp="2020-01-01T00:00:00Z",
        config_overrides={
            "training_type": "fine_tune", "target_criteria": ["crit_clarity"],
            "minimum_feedback_count": 3, "max_epochs": 7, "priority": "high",
            "auto_deploy": False, "timeout_seconds": 60},
        notification_preferences={"notification_email": "a@b.example"}).json()
    job = job_of(judges, run)
    assert job["training_type"] == "fine_tune"
    assert job["training_config"]["max_epochs"] == 7
    assert job["training_config"]["target_criteria"] == ["crit_clarity"]
    assert job["training_config"]["feedback_cutoff_date"] == (
        "2020-01-01T00:00:00.000000Z")
    options = job["execution_options"]
    assert (options["priority"], options["auto_deploy"],
            options["timeout_seconds"], options["notification_email"]) == (
        "high", False, 60, "a@b.example")


@pytest.mark.parametrize("more, loc, kind", [
    ({"trigger_source": "x"}, ("trigger_source",), "literal_error"),
    ({"config_overrides": {"training_type": "validation"}},
     ("config_overrides", "training_type"), "literal_error"),
    ({"config_overrides": {"target_criteria": ["crit_clarity"]}},
     ("config_overrides", "target_criteria"), "not_applicable"),
    ({"config_overrides": {"training_type": "fine_tune"}},
     ("config_overrides", "target_criteria"), "missing"),
    ({"config_overrides": {"feedback_cutoff_date": "2020-01-01T00:00:00Z"}},
     ("config_overrides", "feedback_cutoff_date"), "extra_forbidden"),
    ({"config_overrides": {"validation_split": 0}},
     ("config_overrides", "validation_split"), "value_error"),
    ({"notification_preferences": {"webhook_secret": "x" * 16}},
     ("notification_preferences", "webhook_secret"), "value_error"),
])
def test_what_is_refused(judges, envelope, more, loc, kind):
    reply = create(judges, judges.trained(), **more)
    envelope(reply, 422, "validation_error")
    assert errors_of(reply)[0][:2] == (("body", *loc), kind)


def test_too_little_feedback_is_said_of_the_overrides(judges, envelope):
    reply = create(judges, judges.judge())
    envelope(reply, 422, "insufficient_feedback_error")
    assert errors_of(reply) == [
        (("body", "config_overrides", "minimum_feedback_count"),
         "insufficient_feedback", "0 of 10 available")]


def test_slot_and_archive(judges, envelope, run):
    body = envelope(create(judges, run["judge_id"]), 409,
                    "job_already_active_error")
    assert run["job_id"] in body["detail"]
    judges.set_status(run["judge_id"], "cancelled")
    archive(judges.db, run["judge_id"])
    envelope(create(judges, run["judge_id"]), 409, "invalid_state_error")


def test_the_run_follows_its_job(judges, run):
    words = []
    for status in ("preparing", "training", "validating", "failed"):
        judges.set_status(run["judge_id"], status)
        words.append(get(judges, run)["status"])
    assert words == ["analyzing_feedback", "generating_proposals",
                     "validating", "failed"]
    judges.api.post(f"/training/jobs/{run['job_id']}/retry")
    assert get(judges, run)["status"] == "started"


def test_cancel_acts_on_the_job(judges, envelope, run):
    path = f"/retraining/runs/{run['run_id']}/cancel"
    reply = judges.api.post(path)
    assert (reply.status_code, reply.json()["status"]) == (200, "cancelled")
    assert reply.json() == get(judges, run)
    assert job_of(judges, run)["status"] == "cancelled"
    assert judges.api.post(path).json() == reply.json()


def test_a_finished_run_is_not_cancelled(judges, envelope, run):
    judges.set_status(run["judge_id"], "preparing", "failed")
    envelope(judges.api.post(f"/retraining/runs/{run['run_id']}/cancel"), 409,
             "job_finished_error")


def test_a_key_makes_one_run(judges):
    key = judges.trained()
    headers = {"Idempotency-Key": "one-run"}
    first = create(judges, key, headers=headers)
    again = create(judges, key, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]


def test_jobs_without_run_are_none(judges, envelope):
    job = judges.create(judges.trained()).json()
    assert job["retraining_run_id"] is None
    for run in ("run_" + job["job_id"][10:], uuid_of(job["job_id"]), "x"):
        envelope(judges.api.get(f"/retraining/runs/{run}"), 404,
                 "not_found_error")


def test_list(judges):
    keys = [judges.trained() for _ in range(3)]
    runs = [create(judges, k, trigger_source=t).json()["run_id"] for k, t in
            zip(keys, ("manual", "scheduled", "performance_degradation"))]
    judges.set_status(keys[0], "preparing")

    def ask(**params):
        reply = judges.api.get("/retraining/runs", params=params)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def found(**params):
        return [runs.index(r["run_id"]) for r in ask(**params)["runs"]
                if r["run_id"] in runs]

    assert found() == [2, 1, 0]
    assert found(judge_id=keys[1]) == [1]
    assert found(status="analyzing_feedback") == [0]
    assert found(status="applying_changes") == []
    assert found(trigger_source="scheduled") == [1]
    assert found(judge_id="jdg_none") == []
    made = [judges.api.get(f"/retraining/runs/{r}").json()["created_at"]
            for r in runs]
    assert found(created_after=made[1]) == [2, 1]
    assert found(created_before=made[1]) == [0]
    assert found(created_after=made[0], created_before=made[2]) == [1, 0]
    page = ask(limit=1)["pagination"]
    assert page["has_next"] and page["next_cursor"]
    assert found(limit=1, cursor=page["next_cursor"]) == [1]
    # a bound holds wherever the page begins
    assert found(cursor=page["next_cursor"], created_before=made[1]) == [0]
    assert found(cursor=page["next_cursor"], created_after=made[1]) == [1]
