# SPDX-License-Identifier: BSD-2-Clause
"""Webhooks over HTTP: what they say, their log, and sending one again."""
import json
import time

import pytest

from harness import PATIENCE, stack_in
from idle_judges import Judges, idle_stack
from judges import is_id, new_evaluation, typeid, uuid_of
from receiver import Receiver, body_signature, in_turn, said, say, signature

NIL = "0" * 26
FIELDS = ["delivery_id", "event", "job_id", "run_id", "url", "status",
          "attempt_count", "next_attempt_at", "attempts", "created_at",
          "delivered_at"]
SECRET = "a-secret-of-this-job"
# jobs wait, webhooks go out
IDLE_OPTIONS = ("--set", "webhook_allow=127.0.0.0/8")


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(scope="module")
def silent(tmp_path_factory):
    """Nothing leaves: rows stay as they are."""
    with idle_stack(tmp_path_factory.mktemp("silent"), "--set",
                    "deliveries=0") as stack:
        made = Judges(stack)
        yield made
        made.close()


def ok(reply, status=200):
    assert reply.status_code == status, reply.text
    return reply.json()


def hooked(judges, url, **options):
    """A queued validation job that tells this URL."""
    return ok(judges.create(judges.trained(1), "validation", options={
        "webhook_url": url, **options}), 201)


def deliveries(api, **params):
    return ok(api.get("/webhooks/deliveries", params=params))


def await_delivery(api, job, status):
    end = time.monotonic() + PATIENCE
    while True:
        (one,) = deliveries(api, job_id=job["job_id"])["deliveries"]
        if one["status"] == status:
            return one
        assert time.monotonic() < end, one
        time.sleep(0.01)


# -- what is said

def test_the_body_is_the_job_as_it_was(judges, receiver):
    job = hooked(judges, receiver.url("/x"), webhook_secret=SECRET)
    got = receiver.next()
    body = said(got)
    assert list(body)[:2] == ["event", "timestamp"]
    assert body.pop("event") == "training.job.queued"
    assert body.pop("timestamp") == job["created_at"]
    assert body == job
    assert list(body) == list(job)
    assert SECRET not in got.body.decode()
    assert got.headers["webhook-signature"] == signature(SECRET, got)
    assert got.headers["x-webhook-signature"] == body_signature(SECRET, got)
    # what happens later does not change what is told of earlier
    reply = ok(judges.api.get(f"/training/jobs/{job['job_id']}"))
    assert body == reply


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    with stack_in(tmp_path_factory.mktemp("busy"), "--rate-limit", "off",
                  *IDLE_OPTIONS) as stack:
        yield stack


@pytest.mark.parametrize("kind, config", [
    ("full_retrain", {"max_epochs": 3, "learning_rate": 1e-7}),
    ("validation", {})])
def test_the_last_word_is_what_get_says(busy, receiver, kind, config):
    judges = Judges(busy)
    job = ok(judges.create(judges.trained(40), kind, config, {
        "webhook_url": receiver.url()}), 201)
    bodies = {}
    while "completed" not in bodies:
        body = said(receiver.next())
        bodies[body.pop("event").rpartition(".")[2]] = body
    body = bodies["completed"]
    assert body.pop("timestamp") == body["completed_at"]
    assert body == ok(judges.api.get(f"/training/jobs/{job['job_id']}"))
    assert body["validation_results"]["label_count"] > 0
    judges.close()


def await_end(receiver, event):
    """Reads until this event has come; the bodies by event."""
    bodies = {}
    while event not in bodies:
        body = said(receiver.next())
        bodies[body.pop("event")] = body
    return bodies


def new_run(judges, url, **overrides):
    return ok(judges.api.post("/retraining/runs", json={
        "judge_id": judges.trained(40), "trigger_source": "scheduled",
        "config_overrides": overrides,
        "notification_preferences": {"webhook_url": url}}), 201)


def test_the_end_of_a_run_is_told_as_get_says_it(busy, receiver):
    judges = Judges(busy)
    run = new_run(judges, receiver.url(), max_epochs=3)
    event = "retraining.run.completed"
    body = await_end(receiver, event)[event]
    assert body.pop("timestamp") == body["completed_at"]
    now = ok(judges.api.get(f"/retraining/runs/{run['run_id']}"))
    assert body == now
    assert list(body) == list(now)
    assert (body["status"], body["version_number"]) == ("completed", 2)
    assert all(point["reached_at"] for point in
               body["progress_tracking"]["expected_milestones"])
    assert body["created_by"] is not None
    judges.close()


def test_a_cancelled_run_is_told_once_and_logged(judges, receiver):
    run = new_run(judges, receiver.url("/run"))
    gone = ok(judges.api.post(f"/retraining/runs/{run['run_id']}/cancel"))
    got = [said(receiver.next()) for _ in range(3)]
    assert sorted(body["event"] for body in got) == [
        "retraining.run.cancelled", "training.job.cancelled",
        "training.job.queued"]
    (body,) = [b for b in got if b["event"] == "retraining.run.cancelled"]
    assert {k: body[k] for k in gone} == gone
    (one,) = deliveries(judges.api, run_id=run["run_id"],
                        event="retraining.run.cancelled")["deliveries"]
    assert (one["run_id"], one["job_id"]) == (run["run_id"], run["job_id"])
    assert len(deliveries(judges.api, run_id=run["run_id"])[
        "deliveries"]) == 3
    assert receiver.quiet()


def test_a_deploy_is_told_to_the_organisation(idle, judges, receiver):
    api, key = judges.api, judges.judge()
    evaluation = new_evaluation(api, key)
    ok(api.put(f"/judges/{key}", json={"name": "Second"}))
    secret = json.loads(idle.trainyard("--json", "org", "secret", "acme"))[
        "webhook_secret"]
    idle.trainyard("org", "set", "acme", "--webhook-url", receiver.url())
    try:
        reply = ok(api.post(f"/judges/{key}/versions/1/rollback",
                            json={"reason": "it was better"}))
        got = receiver.next()
    finally:
        idle.trainyard("org", "set", "acme", "--webhook-url", "")
    body = said(got)
    assert body.pop("event") == "judge.version.deployed"
    assert body.pop("timestamp") <= body["deployed_at"]
    assert body.pop("judge_id") == key
    assert body == reply
    assert body == ok(api.get(f"/judges/{key}/versions/1"))
    assert body["status"] == "active"
    assert body["performance_metrics"]["evaluation_count"] == 1
    assert evaluation["judge_version"] == 1
    assert [d["reason"] for d in body["deployments"]][1:] == [
        "it was better"]
    assert got.headers["webhook-signature"] == signature(secret, got)


def test_what_a_version_became_later_is_not_told(idle, receiver):
    """The row waits; what it says is of its time."""
    judges = Judges(idle)
    api, key = judges.api, judges.judge()
    ok(api.put(f"/judges/{key}", json={"name": "Second"}))
    idle.stop("dispatcher")
    try:
        idle.trainyard("org", "set", "acme", "--webhook-url", receiver.url())
        try:
            reply = ok(api.post(f"/judges/{key}/versions/1/rollback",
                                json={"reason": "back"}))
        finally:
            idle.trainyard("org", "set", "acme", "--webhook-url", "")
        new_evaluation(api, key)
        for n in (2, 1):
            ok(api.post(f"/judges/{key}/versions/{n}/deploy", json={}))
        now = ok(api.get(f"/judges/{key}/versions/1"))
    finally:
        idle.start("dispatcher")
    body = said(receiver.next())
    assert {k: body[k] for k in reply} == reply
    assert len(now["deployments"]) == len(body["deployments"]) + 1
    assert now["performance_metrics"]["evaluation_count"] == 1
    judges.close()


# -- the log

def test_a_delivery_is_logged_with_its_tries(judges, receiver):
    job = hooked(judges, receiver.answer("/", in_turn(
        say(503, b"later"), say(200, b"thanks"))) + "?key=hidden")
    one = await_delivery(judges.api, job, "delivered")
    assert list(one) == FIELDS
    assert is_id(one["delivery_id"], "whd_")
    assert one["event"] == "training.job.queued"
    assert (one["job_id"], one["run_id"]) == (job["job_id"], None)
    assert one["url"] == receiver.url("/")
    assert one["created_at"] == job["created_at"]
    assert (one["attempt_count"], one["next_attempt_at"]) == (2, None)
    first, second = one["attempts"]
    assert list(first) == ["attempted_at", "duration_ms", "response_status",
                           "error", "response_excerpt"]
    assert (first["response_status"], first["response_excerpt"]) == (
        503, "later")
    assert first["error"] == "the receiver answered 503"
    assert (second["response_status"], second["error"],
            second["response_excerpt"]) == (200, None, "thanks")
    assert one["created_at"] < first["attempted_at"] < second[
        "attempted_at"] < one["delivered_at"]


def fill(silent, n, **more):
    """n deliveries of one job, their ids newest first."""
    job = hooked(silent, "https://hooks.example/")
    columns = {"event": "training.job.queued", "status": "pending", **more}
    silent.query("delete from trainyard.outbox")
    for _ in range(n):
        silent.query(
            "insert into trainyard.outbox (workspace_id, id,"
            " organization_id, channel, event, status, next_attempt_at,"
            " job_id, target, snapshot) select workspace_id,"
            " gen_random_uuid(), organization_id, 'webhook', %s, %s, case"
            " when %s in ('pending', 'delivering') then now() end, id,"
            " 'https://hooks.example/', '{}' from trainyard.job"
            " where id = %s", columns["event"], columns["status"],
            columns["status"], uuid_of(job["job_id"]))
    rows = silent.query("select id::text from trainyard.outbox"
                        " order by id desc")
    return job, ["whd_" + typeid(row) for row, in rows]


def ids(page):
    return [d["delivery_id"] for d in page["deliveries"]]


def test_the_newest_come_first_by_offset_and_by_cursor(silent):
    _, made = fill(silent, 5)
    page = deliveries(silent.api, limit=2)
    assert ids(page) == made[:2]
    assert page["pagination"] == {
        "total_count": 5, "total_is_exact": True, "limit": 2, "offset": 0,
        "has_next": True, "has_previous": False,
        "next_cursor": page["pagination"]["next_cursor"]}
    assert ids(deliveries(silent.api, limit=2, offset=4)) == made[4:]
    got = ids(page)
    while page["pagination"]["next_cursor"]:
        page = deliveries(silent.api, limit=2,
                          cursor=page["pagination"]["next_cursor"])
        got += ids(page)
    assert got == made
    assert page["pagination"]["has_previous"] is True


def test_filters_go_together(silent):
    job, made = fill(silent, 4)
    q = silent.query
    run = "01890000-0000-7000-8000-000000000001"
    one, two, three, four = (uuid_of(d) for d in made)
    q("update trainyard.outbox set status = 'failed', next_attempt_at = null,"
      " event = 'training.job.failed' where id = %s", one)
    q("update trainyard.outbox set event = 'training.job.failed',"
      " run_id = %s where id = %s", run, two)
    q("update trainyard.outbox set job_id = null where id = %s", three)
    api = silent.api
    assert ids(deliveries(api, status="failed")) == [made[0]]
    assert ids(deliveries(api, status="pending")) == made[1:]
    assert ids(deliveries(api, event="training.job.failed")) == made[:2]
    assert ids(deliveries(api, event="training.job.failed",
                          status="pending")) == [made[1]]
    assert ids(deliveries(api, job_id=job["job_id"])) == [
        made[0], made[1], made[3]]
    assert ids(deliveries(api, job_id=job["job_id"],
                          status="failed")) == [made[0]]
    run_id = "run_" + typeid(run)
    assert ids(deliveries(api, run_id=run_id)) == [made[1]]
    assert deliveries(api, run_id=run_id)["deliveries"][0][
        "run_id"] == run_id
    assert ids(deliveries(api, run_id=run_id, job_id=job["job_id"])) == [
        made[1]]
    assert ids(deliveries(api, run_id=run_id, event="training.job.queued")
               ) == []
    for params in ({"status": "failed"}, {"event": "training.job.failed"},
                   {"job_id": job["job_id"]}, {"run_id": run_id}, {}):
        page = deliveries(api, **params)
        assert page["pagination"]["total_count"] == len(page["deliveries"])
    for unknown in ("train_job_" + NIL, "x", "whd_" + NIL):
        assert ids(deliveries(api, job_id=unknown)) == []


@pytest.mark.parametrize("params, name, kind", [
    ({"status": "lost"}, "status", "literal_error"),
    ({"event": "training.job.created"}, "event", "literal_error"),
    ({"limit": 101}, "limit", "less_than_equal"),
    ({"offset": 9999}, "offset", "value_error"),
    ({"cursor": "x"}, "cursor", "value_error"),
    ({"jobid": "x"}, "jobid", "extra_forbidden")])
def test_bad_filters_are_refused(silent, envelope, params, name, kind):
    body = envelope(silent.api.get("/webhooks/deliveries", params=params),
                    422, "validation_error")
    assert [(e["loc"], e["type"]) for e in body["errors"]] == [
        (["query", name], kind)]


def test_mail_is_no_delivery(silent):
    silent.query("delete from trainyard.outbox")
    job = ok(silent.create(silent.trained(1), "validation", options={
        "notification_email": "ada@acme.example"}), 201)
    silent.set_status(job["judge_id"], "cancelled")
    assert silent.query("select channel, event from trainyard.outbox") == [
        ("mail", "training.job.cancelled")]
    assert deliveries(silent.api)["pagination"]["total_count"] == 0


def test_another_workspace_sees_nothing(silent, envelope):
    _, (one,) = fill(silent, 1)
    silent.stack.trainyard("workspace", "create", "acme/apart")
    token = silent.stack.trainyard(
        "token", "create", "--user", "ada@acme.example", "--org", "acme",
        "--workspace", "apart").strip()
    with silent.stack.client(token) as other:
        assert ids(deliveries(other)) == []
        envelope(other.post(f"/webhooks/deliveries/{one}/redeliver"),
                 404, "not_found_error")


# -- again

def test_a_delivered_one_is_sent_again(judges, receiver):
    job = hooked(judges, receiver.url())
    first = receiver.next()
    one = await_delivery(judges.api, job, "delivered")
    again = ok(judges.api.post(
        f"/webhooks/deliveries/{one['delivery_id']}/redeliver"), 202)
    assert list(again) == FIELDS
    assert (again["status"], again["attempt_count"],
            again["delivered_at"]) == ("pending", 1, None)
    assert again["next_attempt_at"] is not None
    second = receiver.next()
    assert second.body == first.body
    assert second.headers["webhook-id"] == first.headers["webhook-id"]
    one = await_delivery(judges.api, job, "delivered")
    assert one["attempt_count"] == len(one["attempts"]) == 2
    assert judges.query(
        "select count(*) from trainyard.audit where action ="
        " 'webhook.redeliver' and target = %s",
        uuid_of(one["delivery_id"])) == [(1,)]


@pytest.mark.parametrize("status", ["pending", "failed", "stopped"])
def test_again_begins_the_schedule_anew(silent, status):
    _, (one,) = fill(silent, 1, status=status)
    silent.query("update trainyard.outbox set tries = 7, attempt_count = 7,"
                 " next_attempt_at = case when status = 'pending' then"
                 " now() + interval '1 day' end")
    reply = ok(silent.api.post(f"/webhooks/deliveries/{one}/redeliver",
                               json={}), 202)
    assert (reply["status"], reply["attempt_count"]) == ("pending", 7)
    assert silent.query("select tries, next_attempt_at <= now()"
                        " from trainyard.outbox") == [(0, True)]


def test_one_that_is_on_its_way_is_not(silent, envelope):
    _, (one,) = fill(silent, 1, status="delivering")
    envelope(silent.api.post(f"/webhooks/deliveries/{one}/redeliver"),
             409, "invalid_state_error")
    assert deliveries(silent.api)["deliveries"][0]["next_attempt_at"] is None


@pytest.mark.parametrize("unknown", ["whd_" + NIL, "whd_x", "x", NIL])
def test_an_unknown_one_is_404(silent, envelope, unknown):
    envelope(silent.api.post(f"/webhooks/deliveries/{unknown}/redeliver"),
             404, "not_found_error")


def test_a_body_has_no_fields(silent, envelope):
    _, (one,) = fill(silent, 1)
    envelope(silent.api.post(f"/webhooks/deliveries/{one}/redeliver",
                             json={"now": True}), 422, "validation_error")


def test_a_key_sends_once(silent):
    _, (one,) = fill(silent, 1, status="failed")
    path = f"/webhooks/deliveries/{one}/redeliver"
    headers = {"Idempotency-Key": "once"}
    first = ok(silent.api.post(path, headers=headers), 202)
    silent.query("update trainyard.outbox set status = 'failed',"
                 " next_attempt_at = null")
    reply = silent.api.post(path, headers=headers)
    assert ok(reply, 202) == first
    assert reply.headers["idempotent-replayed"] == "true"
    assert silent.query("select status from trainyard.outbox") == [
        ("failed",)]


# -- what a site allows

def test_plain_http_needs_a_site_that_allows_it(silent, judges):
    for url in ("http://127.0.0.1:8080/", "https://127.0.0.1:8443/",
                "http://hooks.example/"):
        key = silent.trained(1)
        reply = silent.create(key, "validation",
                              options={"webhook_url": url})
        assert reply.status_code == 422
        assert [e["type"] for e in reply.json()["errors"]] == ["url_parsing"]
        reply = judges.create(judges.trained(1), "validation", options={
            "webhook_url": url}, query="?validate_only=true")
        assert reply.status_code == 200, reply.text


# -- the command

def test_the_command_lists_and_sends_again(silent):
    _, (newest, _) = fill(silent, 2, status="failed")

    def listed(*options):
        return json.loads(silent.stack.trainyard(
            "--json", "webhook", "list", "--org", "acme", *options))

    one, _ = listed("--status", "failed")
    assert one["id"] == uuid_of(newest)
    assert (one["channel"], one["status"]) == ("webhook", "failed")
    assert one["receiver"] == "https://hooks.example/"
    assert len(listed("--limit", "1")) == 1
    silent.stack.trainyard("webhook", "redeliver", newest)
    (again,) = listed("--status", "pending")
    assert again["id"] == one["id"]
    assert silent.query(
        "select count(*) from trainyard.audit where action ="
        " 'webhook.redeliver' and target = %s and actor like 'command:%%'",
        one["id"]) == [(1,)]
    for wrong in (("list", "--status", "lost"), ("redeliver", "x"),
                  ("redeliver", "whd_" + NIL)):
        with pytest.raises(AssertionError, match="error|usage"):
            silent.stack.trainyard("webhook", *wrong)
