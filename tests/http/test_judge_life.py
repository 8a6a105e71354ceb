# SPDX-License-Identifier: BSD-2-Clause
"""Judge jobs once they exist: list, cancel, retry, and what happened."""
import concurrent.futures

import pytest

from idle_judges import Judges, idle_stack
from judges import TIME, archive, is_id, uuid_of

STATUSES = {
    "created": (), "queued": (), "preparing": ("preparing",),
    "completed": ("preparing", "training", "validating", "completed"),
    "failed": ("preparing", "failed"), "cancelled": ("cancelled",)}


@pytest.fixture
def new_job(judges):
    def make(status="queued", kind="full_retrain", key=None):
        key = key or judges.trained()
        reply = judges.create(key, kind, options={
            "auto_start": status != "created"})
        assert reply.status_code == 201, reply.text
        judges.set_status(key, *STATUSES[status])
        return reply.json()
    return make


def path(job, *rest):
    return "/".join(("/training/jobs", job["job_id"], *rest))


def get(judges, job, *rest, **params):
    reply = judges.api.get(path(job, *rest), params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()


def post(judges, job, verb, **more):
    return judges.api.post(path(job, verb), **more)


def audit(judges, job):
    return [a for a, in judges.query(
        "select action from trainyard.audit where target = %s order by seq",
        uuid_of(job["job_id"]))]


# --- cancel

@pytest.mark.parametrize("status", ["created", "queued"])
def test_what_has_not_begun_is_cancelled_at_once(judges, new_job, status):
    job = new_job(status)
    reply = post(judges, job, "cancel")
    assert (reply.status_code, reply.json()["status"]) == (200, "cancelled")
    assert TIME.fullmatch(reply.json()["completed_at"])
    assert reply.json() == get(judges, job)
    assert post(judges, job, "cancel").json() == reply.json()
    assert audit(judges, job) == ["job.create", "job.cancel"]


def test_a_running_job_is_asked_to_stop(judges, new_job):
    job = new_job("preparing")
    first = post(judges, job, "cancel").json()
    assert (first["status"], first["completed_at"]) == ("preparing", None)
    assert TIME.fullmatch(first["cancel_requested_at"])
    assert post(judges, job, "cancel").json() == first


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_a_finished_job_is_not_cancelled(judges, new_job, envelope, status):
    job = new_job(status)
    body = envelope(post(judges, job, "cancel"), 409, "job_finished_error")
    assert body["detail"] == f"job is {status} and cannot be cancelled"


# --- retry

@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_retry_queues_a_new_execution_of_the_same_selection(
        judges, new_job, status):
    job = new_job(status)
    before = get(judges, job)
    reply = post(judges, job, "retry")
    got = reply.json()
    assert reply.status_code == 200 and got == get(judges, job)
    assert (got["status"], got["attempt"]) == ("queued", 2)
    assert is_id(got["execution_id"], "exec_")
    assert got["execution_id"] != before["execution_id"]
    for name in ("error", "error_type", "started_at", "completed_at",
                 "cancel_requested_at"):
        assert got[name] is None
    for name in ("job_id", "feedback_data_summary", "base_version_number",
                 "training_config", "execution_options"):
        assert got[name] == before[name]


def test_a_job_cancelled_before_its_start_is_started_by_retry(
        judges, new_job):
    job = new_job("created")
    post(judges, job, "cancel")
    got = post(judges, job, "retry").json()
    assert got["status"] == "queued"
    assert is_id(got["execution_id"], "exec_")


@pytest.mark.parametrize("status, kind", [
    ("completed", "job_finished_error"), ("created", "invalid_state_error"),
    ("queued", "invalid_state_error"), ("preparing", "invalid_state_error")])
def test_what_cannot_be_retried(judges, new_job, envelope, status, kind):
    job = new_job(status)
    envelope(post(judges, job, "retry"), 409, kind)
    assert get(judges, job)["attempt"] == 1


def test_retry_does_not_take_a_slot_that_is_taken(judges, new_job, envelope):
    job = new_job("cancelled")
    other = new_job(key=job["judge_id"])
    body = envelope(post(judges, job, "retry"), 409,
                    "job_already_active_error")
    assert body["detail"] == (f"judge {job['judge_id']} already has an "
                              f"active job: {other['job_id']}")


def test_a_validation_is_retried_beside_the_job_in_the_slot(judges, new_job):
    job = new_job("cancelled", kind="validation")
    new_job(key=job["judge_id"])
    assert post(judges, job, "retry").status_code == 200


def test_jobs_of_an_archived_judge_stay_as_they_are(
        judges, new_job, envelope):
    job = new_job("cancelled")
    archive(judges.db, job["judge_id"])
    envelope(post(judges, job, "retry"), 409, "invalid_state_error")
    assert get(judges, job)["status"] == "cancelled"


def test_only_one_of_many_retries_succeeds(judges, new_job):
    job = new_job("cancelled")
    others = [new_job("cancelled", key=job["judge_id"]) for _ in range(3)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(
            lambda j: post(judges, j, "retry"), [job, *others] * 2))
    assert sorted(r.status_code for r in replies) == [200] + [409] * 7


@pytest.mark.parametrize("verb, status", [
    ("cancel", "queued"), ("retry", "failed")])
def test_conditions_and_keys(judges, new_job, envelope, verb, status):
    job = new_job(status)
    envelope(post(judges, job, verb, headers={"If-Match": '"old"'}), 412,
             "precondition_failed_error")
    tag = judges.api.get(path(job)).headers["etag"]
    headers = {"If-Match": tag, "Idempotency-Key": f"life-{verb}"}
    first = post(judges, job, verb, headers=headers)
    again = post(judges, job, verb, headers=headers)
    assert first.status_code == again.status_code == 200, first.text
    assert again.headers["idempotent-replayed"] == "true"
    assert again.content == first.content


# --- events, attempts, logs, metrics

def test_events_tell_the_job_from_its_beginning(judges, new_job):
    job = new_job("failed")
    post(judges, job, "retry")
    body = get(judges, job, "events")
    assert [(e["event"], e["from"], e["to"], e["attempt"])
            for e in body["items"]] == [
        ("training.job.queued", None, "queued", 1),
        ("training.job.preparing", "queued", "preparing", 1),
        ("training.job.failed", "preparing", "failed", 1),
        ("training.job.retried", None, None, 2),
        ("training.job.queued", "failed", "queued", 2)]
    assert body["next_after"] == body["items"][-1]["seq"]
    rest = get(judges, job, "events", after=body["items"][1]["seq"], limit=2)
    assert rest["items"] == body["items"][2:4]


def test_events_are_waited_for(judges, new_job):
    job = new_job()
    last = get(judges, job, "events")["next_after"]
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(get, judges, job, "events", after=last, wait=20)
        post(judges, job, "cancel")
        assert [e["event"] for e in waiting.result()["items"]] == [
            "training.job.cancelled"]
    # over: nothing is waited for any more
    last = get(judges, job, "events")["next_after"]
    assert get(judges, job, "events", after=last, wait=20) == {
        "items": [], "next_after": last}


def test_attempts_name_their_execution(judges, new_job):
    job = new_job("preparing")
    assert get(judges, job, "attempts") == {"items": [], "total": 0}
    judges.query(
        "insert into trainyard.attempt (workspace_id, job_id, number, status,"
        " execution_id, engine, worker, lease_until, queued_at) select"
        " workspace_id, id, 1, 'running', execution_id, 'local', 'w',"
        " now() + interval '1 hour',"
        " queued_at from trainyard.job where id = %s", uuid_of(job["job_id"]))
    body = get(judges, job, "attempts")
    assert body["total"] == 1
    (attempt,) = body["items"]
    assert attempt["execution_id"] == job["execution_id"]
    assert (attempt["attempt"], attempt["status"], attempt["engine"]) == (
        1, "running", "local")


def test_lines_and_metrics_of_a_judge_job(judges, new_job):
    job = new_job("preparing")
    for table, columns, values in (
            ("job_log", "level, message", "1, 'epoch 1'"),
            ("job_metric", "event_type, step, metrics",
             "'step_complete', 1, '{\"train/mae\": [7.91]}'")):
        judges.query(
            f"insert into trainyard.{table} (workspace_id, job_id, attempt,"
            f" {columns}) select workspace_id, id, 1, {values} from"
            " trainyard.job where id = %s", uuid_of(job["job_id"]))
    (line,) = get(judges, job, "logs")["items"]
    assert (line["level"], line["message"]) == ("info", "epoch 1")
    body = get(judges, job, "metrics")
    assert body["attempt"] == 1
    assert body["items"][0]["metrics"] == {"train/mae": [7.91]}


@pytest.mark.parametrize("rest", ["events", "logs", "metrics", "attempts"])
def test_hosted_ids_are_no_judge_jobs(judges, new_job, envelope, rest):
    job = new_job()
    envelope(judges.api.get(
        f"/training/jobs/{uuid_of(job['job_id'])}/{rest}"), 404,
        "not_found_error")


# --- the list

@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A stack with five jobs of two judges, oldest first."""
    with idle_stack(tmp_path_factory.mktemp("shelf")) as stack:
        made = Judges(stack)
        a, b = made.trained(), made.trained()
        made.keys, made.made = (a, b), []
        for key, kind, status in (
                (a, "full_retrain", "completed"), (a, "incremental", "failed"),
                (b, "full_retrain", "cancelled"), (b, "validation", "created"),
                (a, "full_retrain", "preparing")):
            reply = made.create(key, kind, options={
                "auto_start": status != "created"})
            assert reply.status_code == 201, reply.text
            made.made.append(reply.json()["job_id"])
            made.set_status(key, *STATUSES[status])
        made.query("update trainyard.job set progress = case status"
                   " when 'completed' then 100 when 'preparing' then 5"
                   " else progress end")
        yield made
        made.close()


LISTS = {
    "newest first": ({}, [4, 3, 2, 1, 0]),
    "oldest first": ({"sort_order": "asc"}, [0, 1, 2, 3, 4]),
    "finished last": ({"sort_by": "completed_at"}, [2, 1, 0, 4, 3]),
    "finished first": ({"sort_by": "completed_at", "sort_order": "asc"},
                       [0, 1, 2, 3, 4]),
    "furthest": ({"sort_by": "progress_percentage"}, [0, 4, 3, 2, 1]),
    "least far": ({"sort_by": "progress_percentage", "sort_order": "asc"},
                  [1, 2, 3, 4, 0]),
    "of a status": ({"status": "failed"}, [1]),
    "of a judge": ({"judge_id": 1}, [3, 2]),
    "of a type": ({"training_type": "full_retrain"}, [4, 2, 0]),
    "of an unknown judge": ({"judge_id": "jdg_none"}, []),
    "a page": ({"limit": 2, "offset": 1}, [3, 2]),
    "past the end": ({"offset": 9}, []),
}


@pytest.mark.parametrize("name", LISTS)
def test_list(shelf, name):
    params, want = LISTS[name]
    params = dict(params)
    if params.get("judge_id") == 1:
        params["judge_id"] = shelf.keys[1]
    body = shelf.api.get("/training/jobs", params=params).json()
    assert [shelf.made.index(j["job_id"]) for j in body["jobs"]] == want
    assert all("validation_results" not in j for j in body["jobs"])
    page = body["pagination"]
    assert page["has_previous"] == (params.get("offset", 0) > 0)
    if "offset" in params:
        assert page["total_count"] == 5
    else:
        assert (page["total_count"], page["has_next"]) == (len(want), False)


def test_times_are_inclusive_below_and_exclusive_above(shelf):
    times = [shelf.api.get(f"/training/jobs/{j}").json()["created_at"]
             for j in shelf.made]
    body = shelf.api.get("/training/jobs", params={
        "created_after": times[1], "created_before": times[3]}).json()
    assert [shelf.made.index(j["job_id"]) for j in body["jobs"]] == [2, 1]


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_cursors_walk_the_whole_list(shelf, order):
    seen, cursor = [], None
    while True:
        params = {"limit": 2, "sort_order": order}
        if cursor:
            params["cursor"] = cursor
        body = shelf.api.get("/training/jobs", params=params).json()
        assert "jobs" in body, (body, params)
        seen += [shelf.made.index(j["job_id"]) for j in body["jobs"]]
        assert body["pagination"]["total_count"] == 5
        cursor = body["pagination"]["next_cursor"]
        if cursor is None:
            break
    assert seen == sorted(range(5), reverse=order == "desc")


@pytest.mark.parametrize("params, loc", [
    ({"status": "running"}, "status"), ({"training_type": "x"},
                                        "training_type"),
    ({"limit": 101}, "limit"), ({"sort_by": "name"}, "sort_by"),
    ({"cursor": "x"}, "cursor"), ({"offset": 9999, "limit": 2}, "offset"),
    ({"sort_by": "completed_at", "cursor": "MS4u"}, "cursor")])
def test_bad_queries(shelf, envelope, params, loc):
    body = envelope(shelf.api.get("/training/jobs", params=params), 422,
                    "validation_error")
    assert body["errors"][0]["loc"] == ["query", loc]
