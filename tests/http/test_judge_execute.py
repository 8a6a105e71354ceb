# SPDX-License-Identifier: BSD-2-Clause
"""Judge jobs that are created, and started later."""
import pytest

from judges import TIME, archive, errors_of, is_id, uuid_of

EXECUTE = ("/training/jobs/{}/execute", "/training-jobs/{}/execute")
ALL = (*EXECUTE, "/jobs/{}/start")


@pytest.fixture
def new_job(judges):
    def make(kind="full_retrain", key=None, **options):
        reply = judges.create(key or judges.trained(), kind, options={
            "auto_start": False, **options})
        assert reply.status_code == 201, reply.text
        return reply.json()
    return make


def start(judges, job, path=EXECUTE[0], json=None, **more):
    return judges.api.post(path.format(job["job_id"]), json=json, **more)


def get(judges, job):
    return judges.api.get(f"/training/jobs/{job['job_id']}").json()


@pytest.mark.parametrize("path", ALL)
def test_a_created_job_is_started_once(judges, new_job, path):
    job = new_job()
    assert (job["status"], job["execution_id"]) == ("created", None)
    first = start(judges, job, path)
    assert first.status_code == 202, first.text
    now = get(judges, job)
    assert now["status"] == "queued" and is_id(now["execution_id"], "exec_")
    again = start(judges, job, path)
    assert again.status_code == 200
    assert again.json() == first.json()
    assert get(judges, job) == now
    assert [a for a, in judges.query(
        "select action from trainyard.audit where target = %s order by seq",
        uuid_of(job["job_id"]))] == ["job.create", "job.execute"]


def test_the_reply_of_execute(judges, new_job):
    job = new_job()
    body = start(judges, job).json()
    assert body["job_id"] == job["job_id"]
    assert body["execution_id"] == get(judges, job)["execution_id"]
    assert (body["status"], body["estimated_duration"]) == ("queued", 1)
    assert body["resource_allocation"] == {
        "compute_tier": "standard", "gpu_count": 0, "memory_gb": 2,
        "estimated_cost": 0, "currency": "USD"}
    timeline = body["execution_timeline"]
    assert timeline["queue_position"] >= 1
    points = timeline["milestone_schedule"]
    assert [(p["name"], p["percent"], p["reached_at"]) for p in points] == [
        ("preparing", 5, None), ("training", 20, None),
        ("validating", 85, None), ("completed", 100, None)]
    times = [p["expected_at"] for p in points]
    assert times == sorted(times)
    assert times[0] == timeline["estimated_start_time"]
    assert times[3] == timeline["estimated_completion_time"]
    assert body["monitoring_info"] == {
        "progress_url": f"/training/jobs/{job['job_id']}",
        "webhook_configured": False, "log_retention_days": 30}
    assert TIME.fullmatch(body["executed_at"])
    assert body["executed_by"] == job["created_by"]


def test_the_short_form_says_what_the_original_says(judges, new_job):
    job = new_job()
    key = job["judge_id"]
    words = [start(judges, job, ALL[2]).json()["status"]]
    for status in ("preparing", "training", "validating"):
        judges.set_status(key, status)
        words.append(start(judges, job, ALL[2]).json()["status"])
    assert words == ["queued", "started", "processing", "processing"]


def test_validating_is_training_there_and_reached_points_are_told(
        judges, new_job):
    job = new_job()
    start(judges, job)
    judges.set_status(job["judge_id"], "preparing", "training", "validating")
    body = start(judges, job).json()
    assert body["status"] == "training"
    assert body["execution_timeline"]["queue_position"] == 0
    assert [p["reached_at"] is None for p in body["execution_timeline"][
        "milestone_schedule"]] == [False, False, False, True]


def test_a_validation_is_not_trained(judges, new_job):
    body = start(judges, new_job("validation")).json()
    assert [p["name"] for p in body["execution_timeline"][
        "milestone_schedule"]] == ["preparing", "validating", "completed"]


def test_priority_decides_the_place_in_the_queue(judges, new_job):
    low, high = new_job(priority="low"), new_job(priority="high")
    start(judges, low)
    before = start(judges, low).json()["execution_timeline"]["queue_position"]
    start(judges, high)
    after = start(judges, low).json()["execution_timeline"]["queue_position"]
    assert after == before + 1


def test_an_override_is_in_effect_and_the_originals_are_kept(judges, new_job):
    job = new_job()
    override = {"priority": "high", "max_epochs": 7, "timeout_seconds": 60}
    assert start(judges, job, json={
        "execution_override": override}).status_code == 202
    now = get(judges, job)
    assert now["training_config"] == {
        **job["training_config"], "max_epochs": 7}
    assert now["execution_options"] == {
        **job["execution_options"], "priority": "high", "timeout_seconds": 60}
    ((config, options),) = judges.query(
        "select config_before, options_before from trainyard.execution"
        " where job_id = %s", uuid_of(job["job_id"]))
    assert config == job["training_config"]
    assert options == job["execution_options"]
    assert judges.query(
        "select priority, timeout_seconds from trainyard.job where id = %s",
        uuid_of(job["job_id"])) == [(1, 60)]


def test_only_the_same_override_may_be_repeated(judges, new_job, envelope):
    job = new_job()
    first = start(judges, job, json={"execution_override": {
        "priority": "high", "max_epochs": 7}})
    same = start(judges, job, json={"execution_override": {
        "max_epochs": 7.0, "priority": "high"}})
    assert (same.status_code, same.json()) == (200, first.json())
    assert start(judges, job).status_code == 200
    for other in ({"max_epochs": 8}, {"priority": "high"}):
        envelope(start(judges, job, json={"execution_override": other}), 409,
                 "invalid_state_error")
    plain = new_job()
    start(judges, plain)
    envelope(start(judges, plain, json={"execution_override": {
        "priority": "high"}}), 409, "invalid_state_error")
    assert start(judges, plain, json={
        "execution_override": {}}).status_code == 200


@pytest.mark.parametrize("kind, override, name, fault", [
    ("validation", {"auto_deploy": True}, "auto_deploy", "not_applicable"),
    ("validation", {"max_epochs": 3}, "max_epochs", "not_applicable"),
    ("full_retrain", {"max_epochs": 0}, "max_epochs", "greater_than_equal"),
    ("full_retrain", {"auto_start": True}, "auto_start", "extra_forbidden"),
    ("full_retrain", {"webhook_secret": "x" * 16}, "webhook_secret",
     "value_error")])
def test_overrides_are_checked_as_in_a_create(
        judges, new_job, envelope, kind, override, name, fault):
    job = new_job(kind)
    reply = start(judges, job, json={"execution_override": override})
    envelope(reply, 422, "validation_error")
    assert errors_of(reply)[0][:2] == (
        ("body", "execution_override", name), fault)
    assert get(judges, job) == job


def test_what_is_not_confirmed_is_not_started(judges, new_job, envelope):
    job = new_job()
    envelope(start(judges, job, json={"confirmation": {"confirmed": False}}),
             409, "invalid_state_error")
    said = {"confirmed": True, "acknowledge_cost": True, "confirmed_by": "Ada"}
    assert start(judges, job, json={"confirmation": said}).status_code == 202
    assert judges.query("select confirmation from trainyard.execution where"
                        " job_id = %s", uuid_of(job["job_id"])) == [(said,)]


@pytest.mark.parametrize("path", ALL)
def test_a_finished_job_is_not_started(judges, new_job, envelope, path):
    job = new_job()
    judges.set_status(job["judge_id"], "cancelled")
    envelope(start(judges, job, path), 409, "job_finished_error")


def test_slot_and_archive_hold_up_a_start(judges, new_job, envelope):
    job, other = new_job(), None
    other = new_job(key=job["judge_id"])
    start(judges, other)
    body = envelope(start(judges, job), 409, "job_already_active_error")
    assert other["job_id"] in body["detail"]
    judges.set_status(job["judge_id"], "cancelled")
    archive(judges.db, job["judge_id"])
    envelope(start(judges, job), 409, "invalid_state_error")
    assert get(judges, job) == job


def test_condition_and_key(judges, new_job, envelope):
    job = new_job()
    envelope(start(judges, job, headers={"If-Match": '"old"'}), 412,
             "precondition_failed_error")
    key = {"Idempotency-Key": "start-once"}
    first = start(judges, job, headers=key)
    again = start(judges, job, headers=key)
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.content == first.content


def test_a_retry_is_an_execution_of_its_own(judges, new_job):
    job = new_job()
    first = start(judges, job).json()
    judges.set_status(job["judge_id"], "preparing", "failed")
    judges.api.post(f"/training/jobs/{job['job_id']}/retry")
    again = start(judges, job).json()
    assert again["execution_id"] != first["execution_id"]
    assert again["executed_at"] > first["executed_at"]
