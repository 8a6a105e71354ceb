# SPDX-License-Identifier: BSD-2-Clause
"""Cancel and retry of hosted jobs, their attempts, artifacts and events."""
import concurrent.futures
import contextlib
import select
import uuid

import pytest

from harness import PATIENCE
from hosted import JSON, TIME, Place, new_token, sft

VERBS = ("cancel", "retry")


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "life").furnish()
    yield made
    made.close()


@pytest.fixture
def job(place):
    """One that waits."""
    return place.made(sft())


def path(place, job, *rest):
    return "/".join((place.jobs, job["id"], *rest))


def post(place, job, verb, **options):
    return place.http.post(path(place, job, verb), **options)


def get(place, job, *rest, **params):
    reply = place.http.get(path(place, job, *rest), params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()


def move(place, job, status, **extra):
    """Another status, as a dispatcher would make it."""
    place.do(
        "update trainyard.job set status = %s, revision = revision + 1,"
        " updated_at = now(), completed_at = case when %s in ('completed',"
        " 'failed', 'cancelled') then now() end, error = case when %s ="
        " 'failed' then 'no memory' end where id = %s",
        status, status, status, job["id"])
    for name, value in extra.items():
        place.do(f"update trainyard.job set {name} = %s where id = %s",
                 value, job["id"])


def brought_to(place, job, status):
    """Through the states on the way."""
    if status in ("claimed", "running", "completed", "failed"):
        place.claim(job)
    if status in ("running", "completed", "failed"):
        move(place, job, "running", started_at="now()")
        place.do("update trainyard.attempt set status = 'running',"
                 " started_at = now() where job_id = %s", job["id"])
    if status in ("completed", "failed"):
        place.do("update trainyard.attempt set status = %s,"
                 " completed_at = now() where job_id = %s", status,
                 job["id"])
        move(place, job, status)
    if status == "cancelled":
        move(place, job, status)


def audit(place, job):
    return [a for a, in place.rows(
        "select action from trainyard.audit where target = %s order by seq",
        job["id"])]


# --- cancel


def test_a_queued_job_is_cancelled_at_once(place, job):
    reply = post(place, job, "cancel")
    assert reply.status_code == 200
    assert reply.headers["cache-control"] == "no-store"
    got = reply.json()
    assert got["status"] == "cancelled" and got["error"] is None
    assert TIME.fullmatch(got["completed_at"])
    assert got["cancel_requested_at"] == got["completed_at"]
    assert got["updated_at"] == got["completed_at"]
    assert got == get(place, job)
    assert {k: v for k, v in got.items() if k not in (
        "status", "completed_at", "cancel_requested_at", "updated_at")} == {
        k: v for k, v in job.items() if k not in (
            "status", "completed_at", "cancel_requested_at", "updated_at")}


def test_a_claim_is_cancelled_with_its_attempt(place, job):
    brought_to(place, job, "claimed")
    assert get(place, job)["status"] == "queued"
    assert post(place, job, "cancel").json()["status"] == "cancelled"
    assert place.rows(
        "select status, completed_at is not null from trainyard.attempt"
        " where job_id = %s", job["id"]) == [("cancelled", True)]


def test_a_running_job_is_asked_to_stop(place, job):
    brought_to(place, job, "running")
    first = post(place, job, "cancel").json()
    assert first["status"] == "running" and first["completed_at"] is None
    assert TIME.fullmatch(first["cancel_requested_at"])
    # the first request's time stays, and nothing else changes
    tag = place.http.get(path(place, job)).headers["etag"]
    assert post(place, job, "cancel").json() == first
    assert place.http.get(path(place, job)).headers["etag"] == tag
    assert audit(place, job) == ["job.create", "job.cancel"]


def test_a_cancelled_job_is_left_as_it_is(place, job):
    first = post(place, job, "cancel").json()
    again = post(place, job, "cancel")
    assert again.status_code == 200 and again.json() == first
    assert audit(place, job) == ["job.create", "job.cancel"]


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_a_finished_job_is_not_cancelled(place, job, envelope, status):
    brought_to(place, job, status)
    before = get(place, job)
    body = envelope(post(place, job, "cancel"), 409, "job_finished_error")
    assert body["detail"] == f"job is {status} and cannot be cancelled"
    assert get(place, job) == before
    assert audit(place, job) == ["job.create"]


@contextlib.contextmanager
def listening(place, channel):
    """A list that has what was told there, by the end of the block."""
    heard = []
    with contextlib.closing(place.stack.connect()) as ear:
        with ear.cursor() as cur:
            cur.execute(f"listen {channel}; listen last_word")
        yield heard
        # when this has come, so has what was told before
        place.do("notify last_word")
        while not any(n.channel == "last_word" for n in ear.notifies):
            assert select.select([ear], [], [], PATIENCE)[0]
            ear.poll()
        heard += [n.payload for n in ear.notifies if n.channel == channel]


def test_dispatchers_hear_of_a_cancel(place, job):
    brought_to(place, job, "running")
    with listening(place, "trainyard_cancel") as heard:
        post(place, job, "cancel")
    assert job["id"] in heard


# --- retry


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_retry_queues_the_job_again(place, job, status):
    brought_to(place, job, status)
    place.do("""update trainyard.job set metrics = '{"train/steps": 1}',
             artifacts = '{"worker_id": "w"}', lost_leases = 2,
             started_at = now(), cancel_requested_at = now(),
             error_type = 'worker_lost_error' where id = %s""", job["id"])
    place.do("insert into trainyard.job_series (workspace_id, job_id,"
             " attempt, key, points) values (%s, %s, 1, 'steps', '[1]')",
             place.id, job["id"])
    seq = place.value("select queue_seq from trainyard.job where id = %s",
                      job["id"])
    reply = post(place, job, "retry")
    assert reply.status_code == 200
    got = reply.json()
    assert got["updated_at"] > job["updated_at"]
    # all else as when it was created
    assert got == job | {"attempt": 2, "updated_at": got["updated_at"]}
    assert got == get(place, job)
    assert place.rows(
        "select lost_leases, error_type, progress, queue_seq > %s,"
        " queued_at = updated_at from trainyard.job where id = %s",
        seq, job["id"]) == [(0, None, 0, True, True)]


@pytest.mark.parametrize("status", ["queued", "claimed", "running",
                                    "completed"])
def test_retry_wants_a_failed_or_cancelled_job(place, job, envelope, status):
    brought_to(place, job, status)
    before = get(place, job)
    body = envelope(post(place, job, "retry"), 409, "conflict_error")
    assert body["detail"] == (
        f"job is {before['status']} and cannot be retried")
    assert get(place, job) == before
    assert audit(place, job) == ["job.create"]


def test_a_retry_counts_in_the_queue(stack, envelope):
    small = Place(stack, "life-small", quota=1).furnish()
    try:
        first = small.made(sft())
        assert post(small, first, "cancel").status_code == 200
        small.made(sft())
        reply = post(small, first, "retry")
        body = envelope(reply, 429, "rate_limit_error")
        assert body["detail"] == (
            "quota: 1 jobs are queued in workspace life-small")
        assert int(reply.headers["retry-after"]) > 0
        assert get(small, first)["status"] == "cancelled"
    finally:
        small.close()


def test_dispatchers_hear_of_a_retry(place, job):
    post(place, job, "cancel")
    with listening(place, "trainyard_job") as heard:
        post(place, job, "retry")
    assert heard


# --- both


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("content, headers", [
    (b"", {}), (b"{}", JSON), (b"{}", {}), (b" { } ", JSON),
    (b"", {"Content-Type": "text/plain"})])
def test_the_body_may_be_empty(place, job, verb, content, headers):
    if verb == "retry":
        brought_to(place, job, "failed")
    request = place.http.build_request(
        "POST", path(place, job, verb), content=content, headers=headers)
    assert place.http.send(request).status_code == 200


@pytest.mark.parametrize("verb", VERBS)
def test_a_body_must_not_say_anything(place, job, envelope, verb):
    body = envelope(post(place, job, verb, json={"force": True}),
                    422, "validation_error")
    assert body["errors"] == [{"loc": ["body", "force"], "msg":
                               "unknown field", "type": "extra_forbidden"}]
    envelope(post(place, job, verb, content=b"[]", headers=JSON),
             400, "invalid_request_error")
    envelope(post(place, job, verb, content=b"x",
                  headers={"Content-Type": "text/plain"}),
             415, "unsupported_media_type_error")
    envelope(post(place, job, verb, params={"x": 1}),
             422, "validation_error")
    assert get(place, job) == job


@pytest.mark.parametrize("verb", VERBS)
def test_if_match(place, job, envelope, verb):
    if verb == "retry":
        brought_to(place, job, "cancelled")
    old = place.http.get(path(place, job)).headers["etag"]
    place.do("update trainyard.job set revision = revision + 1"
             " where id = %s", job["id"])
    before = get(place, job)
    envelope(post(place, job, verb, headers={"If-Match": old}),
             412, "precondition_failed_error")
    assert get(place, job) == before
    tag = place.http.get(path(place, job)).headers["etag"]
    assert post(place, job, verb, headers={"If-Match": tag}
                ).status_code == 200
    assert place.http.get(path(place, job)).headers["etag"] != tag


def test_if_match_is_looked_at_before_the_state(place, job, envelope):
    brought_to(place, job, "completed")
    for verb in VERBS:
        envelope(post(place, job, verb, headers={"If-Match": '"x"'}),
                 412, "precondition_failed_error")
        assert post(place, job, verb, headers={"If-Match": "*"}
                    ).status_code == 409


@pytest.mark.parametrize("verb", VERBS)
def test_a_repeat_with_the_same_key_is_answered_from_memory(
        place, job, envelope, verb):
    if verb == "retry":
        brought_to(place, job, "failed")
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = post(place, job, verb, headers=key)
    assert first.status_code == 200
    revision = place.value("select revision from trainyard.job where id = %s",
                           job["id"])
    again = post(place, job, verb, headers=key)
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert place.value("select revision from trainyard.job where id = %s",
                       job["id"]) == revision
    envelope(post(place, job, verb, json={}, headers=key),
             422, "idempotency_key_reused_error")


def test_a_refused_call_frees_its_key(place, job):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    assert post(place, job, "retry", headers=key).status_code == 409
    post(place, job, "cancel")
    assert post(place, job, "retry", headers=key).status_code == 200


def test_one_of_many_retries_wins(place, job):
    brought_to(place, job, "failed")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: post(place, job, "retry"), range(16)))
    assert sorted(r.status_code for r in got) == [200] + [409] * 15
    assert get(place, job)["attempt"] == 2


READS = ("", "attempts", "artifacts", "events")


def test_what_is_not_there_is_404(place, envelope):
    for name in ("x", str(uuid.uuid4())):
        for verb in VERBS:
            envelope(place.http.post(f"{place.jobs}/{name}/{verb}"),
                     404, "not_found_error")
        for rest in READS[1:]:
            envelope(place.http.get(f"{place.jobs}/{name}/{rest}"),
                     404, "not_found_error")


def test_a_job_of_somebody_else_is_404(place, job, stack, envelope):
    other = Place(stack, "life-other")
    try:
        # neither under their own path nor under the job's
        for base in (other.jobs, place.jobs):
            for verb in VERBS:
                envelope(other.http.post(f"{base}/{job['id']}/{verb}"),
                         404, "not_found_error")
            for rest in READS:
                envelope(other.http.get(
                    f"{base}/{job['id']}/{rest}".rstrip("/")),
                    404, "not_found_error")
        envelope(other.http.get(place.jobs), 404, "not_found_error")
        assert other.http.get(other.jobs).json()["items"] == []
    finally:
        other.close()
    assert get(place, job) == job


def test_scopes(place, job, stack, envelope):
    reader = new_token(place, scopes=["training:read"])
    writer = new_token(place, scopes=["training:write"])
    with stack.client(reader) as client:
        for verb in VERBS:
            body = envelope(client.post(path(place, job, verb)),
                            403, "permission_error")
            assert "training:write" in body["detail"]
        for rest in READS:
            assert client.get(path(place, job, rest).rstrip("/")
                              ).status_code == 200
        assert client.get(place.jobs).status_code == 200
    with stack.client(writer) as client:
        for url in [place.jobs] + [path(place, job, r).rstrip("/")
                                   for r in READS]:
            body = envelope(client.get(url), 403, "permission_error")
            assert "training:read" in body["detail"]
        assert client.post(path(place, job, "cancel")).status_code == 200


def test_who_did_it_is_noted(place, job):
    post(place, job, "cancel")
    reply = post(place, job, "retry")
    assert place.rows(
        "select a.actor, a.action, a.request_id, a.organization_id::text,"
        " a.workspace_id::text from trainyard.audit a where a.target = %s"
        " order by a.seq desc limit 1", job["id"]) == [(
            job["created_by"], "job.retry", reply.headers["x-request-id"],
            place.org_id, place.id)]


# --- attempts, artifacts, events


def test_attempts_are_kept(place, job):
    assert get(place, job, "attempts") == {"items": [], "total": 0}
    brought_to(place, job, "failed")
    place.do("""update trainyard.attempt set metrics = '{"train/steps": 3}',
             artifacts = '{"worker_id": "w"}', error = 'no memory'
             where job_id = %s""", job["id"])
    post(place, job, "retry")
    place.claim(job)
    body = get(place, job, "attempts")
    assert body["total"] == 2
    first, second = body["items"]
    assert list(first) == ["attempt", "status", "engine", "queued_at",
                           "started_at", "completed_at", "error", "metrics",
                           "artifacts"]
    for name in ("queued_at", "started_at", "completed_at"):
        assert TIME.fullmatch(first.pop(name))
    assert first == {"attempt": 1, "status": "failed", "engine": "local",
                     "error": "no memory", "metrics": {"train/steps": 3},
                     "artifacts": {"worker_id": "w"}}
    # handed out, not begun: as its job
    assert second.pop("queued_at")
    assert second == {"attempt": 2, "status": "queued", "engine": "local",
                      "started_at": None, "completed_at": None,
                      "error": None, "metrics": {}, "artifacts": {}}


def test_artifacts_are_those_of_the_current_attempt(place, job):
    assert get(place, job, "artifacts") == {"artifacts": {}}
    brought_to(place, job, "failed")
    place.do("""update trainyard.job set artifacts =
             '{"checkpoints": ["a", "b"], "worker_id": "w"}'
             where id = %s""", job["id"])
    assert get(place, job, "artifacts") == {
        "artifacts": {"checkpoints": ["a", "b"], "worker_id": "w"}}
    post(place, job, "retry")
    assert get(place, job, "artifacts") == {"artifacts": {}}


def told(place, job, **params):
    return [(e["event"], e["from"], e["to"], e["attempt"])
            for e in get(place, job, "events", **params)["items"]]


def test_events_tell_what_happened(place, job):
    brought_to(place, job, "running")
    post(place, job, "cancel")
    move(place, job, "cancelled")
    post(place, job, "retry")
    assert told(place, job) == [
        ("training.job.queued", None, "queued", 1),
        ("training.job.claimed", "queued", "queued", 1),
        ("training.job.running", "queued", "running", 1),
        ("training.job.cancel_requested", None, None, 1),
        ("training.job.cancelled", "running", "cancelled", 1),
        ("training.job.retried", None, None, 2),
        ("training.job.queued", "cancelled", "queued", 2)]


def test_cancelling_what_waits_is_one_event(place, job):
    post(place, job, "cancel")
    assert told(place, job)[1:] == [
        ("training.job.cancelled", "queued", "cancelled", 1)]


def test_events_in_pieces(place, job):
    brought_to(place, job, "failed")
    whole = get(place, job, "events")
    for item in whole["items"]:
        assert list(item) == ["seq", "event", "from", "to", "attempt",
                              "message", "data", "timestamp"]
        assert TIME.fullmatch(item["timestamp"])
        assert item["data"] == {}
    assert whole["next_after"] == whole["items"][-1]["seq"]
    got, after = [], 0
    while True:
        part = get(place, job, "events", after=after, limit=3)
        if not part["items"]:
            break
        got += part["items"]
        after = part["next_after"]
    assert got == whole["items"] and len(got) == 4
    assert part == {"items": [], "next_after": after}


@pytest.mark.parametrize("query, name", [
    ("after=-1", "after"), ("after=x", "after"), ("limit=0", "limit"),
    ("limit=1001", "limit"), ("limit=1&limit=2", "limit"), ("x=1", "x"),
    ("after=", "after")])
def test_events_refuse(place, job, envelope, query, name):
    body = envelope(place.http.get(f"{path(place, job, 'events')}?{query}"),
                    422, "validation_error")
    assert [e["loc"] for e in body["errors"]] == [["query", name]]
