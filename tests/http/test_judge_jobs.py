# SPDX-License-Identifier: BSD-2-Clause
"""POST /training/jobs and GET /training/jobs/{id}: what the wire shows."""
import datetime
import json
import re
import select

import pytest

from harness import PATIENCE
from idle_judges import (
    Judges, approval, comment, correction, make_token, rating)

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
ID = "[0-9a-hjkmnp-tv-z]{26}"
NIL = "0" * 26
FIELDS = [
    "job_id", "judge_id", "training_type", "status", "feedback_data_summary",
    "estimated_duration", "created_at", "created_by", "judge_name",
    "progress_percentage", "training_config", "execution_options",
    "execution_id", "attempt", "base_version_number", "version_number",
    "version_id", "deployment", "validation_results", "error", "error_type",
    "retraining_run_id", "queued_at", "started_at", "completed_at",
    "cancel_requested_at", "updated_at"]
TRAINS = {"feedback_cutoff_date": None, "minimum_feedback_count": 10,
          "validation_split": 0.2, "learning_rate": 0.001, "max_epochs": 50,
          "early_stopping": True, "seed": 0, "optimize": "mae"}
OPTIONS = {"priority": "normal", "auto_deploy": False,
           "backup_current_version": True, "require_improvement": True,
           "notification_email": None, "webhook_url": None,
           "webhook_secret_set": False, "timeout_seconds": 3600,
           "auto_start": True}
SECRET = "0123456789abcdef-secret"


def ok(reply, status=201):
    assert reply.status_code == status, reply.text
    return reply.json()


# -- what is made

KINDS = {
    "incremental": ({}, TRAINS, OPTIONS),
    "full_retrain": ({}, TRAINS, OPTIONS),
    "fine_tune": (
        {"target_criteria": ["crit_accuracy", "crit_clarity"]},
        {"feedback_cutoff_date": None, "minimum_feedback_count": 10,
         "validation_split": 0.2, "learning_rate": 0.0005, "max_epochs": 30,
         "early_stopping": True,
         "target_criteria": ["crit_accuracy", "crit_clarity"], "seed": 0,
         "optimize": "mae"},
        OPTIONS),
    "validation": (
        {}, {"feedback_cutoff_date": None, "minimum_feedback_count": 1,
             "target_criteria": None, "seed": 0},
        {name: OPTIONS[name] for name in (
            "priority", "notification_email", "webhook_url",
            "webhook_secret_set", "timeout_seconds", "auto_start")}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_new_job_has_every_field_and_the_types_defaults(judges, kind):
    given, config, options = KINDS[kind]
    key = judges.trained(12)
    reply = judges.create(key, kind, given)
    job = ok(reply)
    assert list(job) == FIELDS
    assert re.fullmatch(f"train_job_{ID}", job["job_id"])
    assert re.fullmatch(f"exec_{ID}", job["execution_id"])
    assert reply.headers["location"] == f"/training/jobs/{job['job_id']}"
    assert reply.headers["cache-control"] == "no-store"
    name = judges.api.get(f"/judges/{key}").json()["name"]
    assert (job["judge_id"], job["judge_name"]) == (key, name)
    assert (job["training_type"], job["status"]) == (kind, "queued")
    assert list(job["training_config"].items()) == list(config.items())
    assert list(job["execution_options"].items()) == list(options.items())
    assert re.fullmatch(TIME, job["created_at"])
    assert job["created_at"] == job["queued_at"] == job["updated_at"]
    assert (job["progress_percentage"], job["attempt"]) == (0, 1)
    assert (job["base_version_number"], job["estimated_duration"]) == (1, 1)
    for name in FIELDS[15:22] + FIELDS[23:26]:
        assert job[name] is None, name
    assert re.fullmatch("[0-9a-f-]{36}", job["created_by"])


def test_get_is_the_reply_of_create(judges, enough):
    made = judges.create(enough, "validation")
    got = judges.api.get(made.headers["location"])
    assert got.status_code == 200
    assert got.content == made.content


def test_given_settings_are_in_effect(judges):
    key = judges.trained(12)
    job = ok(judges.create(
        key, "incremental",
        {"feedback_cutoff_date": "2024-01-01T02:00:00.5+02:00",
         "minimum_feedback_count": 12.0, "validation_split": 0,
         "learning_rate": 1, "max_epochs": 1e3, "early_stopping": False,
         "seed": 2147483647, "target_criteria": None,
         "optimize": "spearman"},
        {"priority": "high", "backup_current_version": False,
         "require_improvement": False, "auto_deploy": True,
         "notification_email": "ml-team@example.com",
         "webhook_url": "https://your-app.com/webhooks/training",
         "webhook_secret": SECRET, "timeout_seconds": 10,
         "auto_start": False}))
    assert job["training_config"] == {
        "feedback_cutoff_date": "2024-01-01T00:00:00.500000Z",
        "minimum_feedback_count": 12, "validation_split": 0,
        "learning_rate": 1, "max_epochs": 1000, "early_stopping": False,
        "seed": 2147483647, "optimize": "spearman"}
    assert job["execution_options"] == {
        "priority": "high", "auto_deploy": True,
        "backup_current_version": False, "require_improvement": False,
        "notification_email": "ml-team@example.com",
        "webhook_url": "https://your-app.com/webhooks/training",
        "webhook_secret_set": True, "timeout_seconds": 10,
        "auto_start": False}
    assert judges.query(
        "select j.priority, j.timeout_seconds, j.webhook_url,"
        " j.webhook_secret from trainyard.job j join trainyard.judge g"
        " on g.id = j.judge_id where g.key = %s", key) == [
            (1, 10, "https://your-app.com/webhooks/training", SECRET)]


def test_job_that_is_not_started_waits_outside_the_queue(judges):
    key = judges.trained()
    job = ok(judges.create(key, options={"auto_start": False}))
    assert (job["status"], job["queued_at"]) == ("created", None)
    assert job["execution_id"] is None
    assert judges.api.get(f"/judges/{key}").json()["active_job_id"] is None


def test_secret_is_in_its_column_only(judges):
    key = judges.trained()
    made = judges.create(key, options={
        "webhook_url": "https://a.example/", "webhook_secret": SECRET})
    got = judges.api.get(made.headers["location"])
    assert SECRET not in made.text + got.text
    left = judges.query(
        "select to_jsonb(j) - 'webhook_secret' || to_jsonb(o)"
        " from trainyard.job j join trainyard.judge g on g.id = j.judge_id"
        " join trainyard.outbox o on o.job_id = j.id where g.key = %s", key)
    assert len(left) == 1 and SECRET not in json.dumps(left)


def test_create_is_audited_and_told_to_webhooks_and_dispatchers(judges):
    key = judges.trained()
    listener = judges.stack.connect()
    with listener.cursor() as cur:
        cur.execute("listen trainyard_job")
    job = ok(judges.create(key, options={"webhook_url": "https://a.example/"}))
    assert select.select([listener], [], [], PATIENCE)[0]
    listener.poll()
    assert {n.channel for n in listener.notifies} == {"trainyard_job"}
    listener.close()
    assert judges.query(
        "select a.action, o.event, o.target, a.actor = %s"
        " from trainyard.job j join trainyard.judge g on g.id = j.judge_id"
        " join trainyard.audit a on a.target = j.id::text"
        " join trainyard.outbox o on o.job_id = j.id where g.key = %s",
        job["created_by"], key) == [
            ("job.create", "training.job.queued", "https://a.example/", True)]


# -- which feedback

MIXED = ([correction("crit_clarity")] * 3 + [correction("crit_accuracy")] * 4
         + [correction("crit_clarity", "crit_accuracy")] * 2 + [rating()] * 5
         + [rating("crit_clarity")] + [approval(True)] * 2
         + [approval(True, "crit_accuracy")] + [approval(False)] * 3
         + [approval(False, "crit_clarity")] + [comment()] * 2
         + [comment("crit_accuracy", "crit_clarity")])

COUNT = """
select count(*), count(*) filter (where f.type = 'correction'),
       count(*) filter (where f.type = 'rating'),
       count(*) filter (where f.approved),
       count(*) filter (where not f.approved),
       count(*) filter (where f.type = 'comment'),
       count(*) filter (where f.type in ('correction', 'rating')
                        or f.approved),
       to_char(min(f.submitted_at) at time zone 'utc', %(form)s),
       to_char(max(f.submitted_at) at time zone 'utc', %(form)s)
  from trainyard.feedback f join trainyard.judge g on g.id = f.judge_id
 where g.key = %(key)s and f.number > %(after)s
   and (%(since)s is null or f.submitted_at >= %(since)s::timestamptz)
   and (%(targets)s::text[] is null
        or f.target_criteria && %(targets)s::text[])
"""
FORM = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


@pytest.fixture(scope="module")
def mixed(judges):
    """A judge with three batches of mixed feedback; the times of each."""
    key = judges.judge()
    times = [judges.feedback(key, MIXED[n:] + MIXED[:n])["submitted_at"]
             for n in (0, 5, 10)]
    judges.query(
        "update trainyard.judge_version v set trained_through = 20"
        " from trainyard.judge g where g.key = %s and v.judge_id = g.id", key)
    return key, times


@pytest.mark.parametrize("kind, since, targets, after", [
    ("full_retrain", None, None, 0),
    ("full_retrain", 1, None, 0),
    ("full_retrain", 2, None, 0),
    ("incremental", None, None, 20),
    ("incremental", 0, None, 0),
    ("incremental", 1, None, 0),
    ("fine_tune", None, ["crit_clarity"], 0),
    ("fine_tune", None, ["crit_accuracy"], 0),
    ("fine_tune", None, ["crit_clarity", "crit_accuracy"], 0),
    ("fine_tune", 1, ["crit_accuracy"], 0),
    ("validation", None, None, 0),
    ("validation", 2, None, 0),
    ("validation", None, ["crit_clarity"], 0),
    ("validation", 2, ["crit_clarity", "crit_accuracy"], 0),
])
def test_summary_is_what_counting_gives(
        judges, mixed, kind, since, targets, after):
    key, times = mixed
    config = {"minimum_feedback_count": 1}
    if since is not None:
        config["feedback_cutoff_date"] = times[since]
    if targets is not None:
        config["target_criteria"] = targets
    job = ok(judges.create(key, kind, config, query="?validate_only=true"),
             200)
    with judges.db.cursor() as cur:
        cur.execute(COUNT, {
            "key": key, "after": after, "targets": targets, "form": FORM,
            "since": None if since is None else times[since]})
        row = cur.fetchone()
    assert row[0] > 0
    assert job["feedback_data_summary"] == {
        "total_feedback_count": row[0], "correction_count": row[1],
        "rating_count": row[2], "approved_count": row[3],
        "rejected_count": row[4], "comment_count": row[5],
        "usable_count": row[6],
        "date_range": {"earliest": row[7], "latest": row[8]},
        "high_water_mark": 3 * len(MIXED)}


def test_selection_is_frozen(judges):
    key = judges.trained()
    made = judges.create(key, options={"auto_start": False})
    judges.feedback(key, [correction("crit_clarity")] * 3)
    judges.query("update trainyard.judge set active_version = 1,"
                 " last_version = 2 where key = %s", key)
    assert judges.api.get(made.headers["location"]).content == made.content


def test_too_little_feedback_is_told_with_its_numbers(judges, envelope):
    key = judges.judge()
    judges.feedback(key, [correction("crit_clarity")] * 4 + [rating()] * 4
                    + [approval(True)] * 4 + [approval(False)] * 50
                    + [comment()] * 50)
    body = envelope(judges.create(key, "incremental",
                                  {"minimum_feedback_count": 50}),
                    422, "insufficient_feedback_error")
    assert body["detail"] == ("training_config.minimum_feedback_count: "
                              "12 of 50 available")
    assert body["errors"] == [{
        "loc": ["body", "training_config", "minimum_feedback_count"],
        "msg": "12 of 50 available", "type": "insufficient_feedback"}]
    ok(judges.create(key, "incremental", {"minimum_feedback_count": 12},
                     {"auto_start": False}))


@pytest.mark.parametrize("kind, told", [
    ("full_retrain", "0 of 10 available"), ("validation", "0 of 1 available")])
def test_default_minimum_counts_too(judges, kind, told):
    reply = judges.create(judges.judge(), kind)
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["msg"] == told


def test_cutoff_behind_all_feedback_selects_nothing(judges, enough):
    cutoff = judges.query(
        "select to_char(max(f.submitted_at) at time zone 'utc' + interval"
        " '1 microsecond', %s) from trainyard.feedback f join trainyard.judge"
        " g on g.id = f.judge_id where g.key = %s", FORM, enough)[0][0]
    reply = judges.create(enough, config={"feedback_cutoff_date": cutoff})
    assert reply.json()["errors"][0]["msg"] == "0 of 10 available"


def test_estimate_follows_completed_jobs(idle, judges):
    """The pace is read when the responder has none yet."""
    slow = judges.trained(12)
    ok(judges.create(slow, config={"max_epochs": 1000}))
    judges.set_status(slow, "preparing", "training", "validating")
    judges.query(
        "update trainyard.job j set status = 'completed', started_at ="
        " now() - interval '1202 seconds', completed_at = now()"
        " from trainyard.judge g where g.id = j.judge_id and g.key = %s", slow)
    idle.restart("responder")
    job = ok(judges.create(slow, config={"max_epochs": 1000},
                           query="?validate_only=true"), 200)
    # 1200 s for 12 * 1000 * 2 of work, beside 2 s for 100000 of it
    pace = (1200 + 2) / (24000 + 100000)
    assert job["estimated_duration"] == -(-(2 + 24000 * pace) // 60) == 4


# -- the slot

def test_second_active_job_is_refused_and_names_the_first(judges, envelope):
    key = judges.trained()
    first = ok(judges.create(key))
    body = envelope(judges.create(key, "incremental"), 409,
                    "job_already_active_error")
    assert body["detail"] == (f"judge {key} already has an active job: "
                              f"{first['job_id']}")
    assert "errors" not in body


@pytest.mark.parametrize("kind, options", [
    ("validation", {}), ("full_retrain", {"auto_start": False})])
def test_jobs_that_take_no_slot_are_never_refused(judges, kind, options):
    key = judges.trained()
    ok(judges.create(key))
    for _ in range(2):
        ok(judges.create(key, kind, options=options))


@pytest.mark.parametrize("path", [
    ["cancelled"], ["failed"],
    ["preparing", "training", "validating", "completed"]])
def test_finished_job_leaves_the_slot(judges, path):
    key = judges.trained()
    ok(judges.create(key))
    judges.set_status(key, *path)
    ok(judges.create(key))


@pytest.mark.parametrize("path", [
    ["preparing"], ["preparing", "training"],
    ["preparing", "training", "validating"]])
def test_running_job_holds_the_slot(judges, path):
    key = judges.trained()
    ok(judges.create(key))
    judges.set_status(key, *path)
    assert judges.create(key).status_code == 409


@pytest.mark.parametrize("by", ["created_at", "name"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_judges_are_listed_by_what_they_do(judges, by, direction):
    order = {"sort_by": by, "sort_order": direction}
    name = f"listed by {by}, {direction}"

    def listed():
        found = {}
        for status in ("learning", "training", "ready"):
            page = judges.api.get("/judges", params={
                **order, "status": status, "name": name}).json()
            found[status] = [j["id"] for j in page["judges"]]
            assert page["pagination"]["total_count"] == len(found[status])
        return found

    learning, key = judges.judge(name=name), judges.trained(name=name)
    ok(judges.create(key))
    waiting = listed()
    assert set(waiting.pop("learning")) == {key, learning}
    assert waiting == {"training": [], "ready": []}
    for status in ("preparing", "training", "validating"):
        judges.set_status(key, status)
        assert listed() == {"learning": [learning], "training": [key],
                            "ready": []}
    judges.query("update trainyard.judge set is_trained = true where key ="
                 " %s", key)
    assert listed() == {"learning": [learning], "training": [key],
                        "ready": []}
    judges.set_status(key, "completed")
    assert listed() == {"learning": [learning], "training": [],
                        "ready": [key]}
    # this makes no version
    ok(judges.create(key, "validation"))
    judges.set_status(key, "preparing", "training")
    assert listed() == {"learning": [learning], "training": [],
                        "ready": [key]}


# -- validate_only

TABLES = ("job", "feedback_summary", "audit", "idempotency_key", "job_event",
          "outbox")


def test_dry_run_writes_nothing(judges, enough):
    def rows():
        return [judges.query(f"select count(*) from trainyard.{name}")
                for name in TABLES]

    before = rows()
    reply = judges.create(enough, "incremental", query="?validate_only=true",
                          headers={"Idempotency-Key": "dry"})
    job = ok(reply, 200)
    assert list(job) == FIELDS + ["validate_only"]
    assert job["validate_only"] is True
    assert job["job_id"] == f"train_job_{NIL}"
    assert (job["status"], job["attempt"]) == ("queued", 1)
    assert re.fullmatch(TIME, job["created_at"])
    assert "location" not in reply.headers
    assert rows() == before


def test_dry_run_runs_every_check(judges, enough):
    busy = judges.trained()
    ok(judges.create(busy))
    dry = {"query": "?validate_only=true"}
    assert judges.create(busy, **dry).status_code == 409
    assert judges.create("jdg_nobody", **dry).status_code == 404
    assert judges.create(enough, config={"minimum_feedback_count": 13},
                         **dry).status_code == 422
    assert judges.create(enough, query="?validate_only=false",
                         options={"auto_start": False}).status_code == 201


@pytest.mark.parametrize("query, kind, where", [
    ("?validate_only=yes", "bool_type", "validate_only"),
    ("?validate_only=", "value_error", "validate_only"),
    ("?validate_only=true&validate_only=true", "duplicate_key",
     "validate_only"),
    ("?validate_onl=true", "extra_forbidden", "validate_onl"),
])
def test_query_is_checked(judges, enough, query, kind, where):
    reply = judges.create(enough, query=query)
    assert reply.status_code == 422
    assert [(e["loc"], e["type"]) for e in reply.json()["errors"]] == [
        (["query", where], kind)]


# -- reading one

def test_etag_spares_the_body_until_the_job_changes(judges):
    key = judges.trained()
    where = judges.create(key).headers["location"]
    first = judges.api.get(where)
    tag = first.headers["etag"]
    assert re.fullmatch(r'"[!-~]+"', tag)
    for sent in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        same = judges.api.get(where, headers={"If-None-Match": sent})
        assert (same.status_code, same.content) == (304, b"")
        assert same.headers["etag"].removeprefix("W/") == tag
        assert same.headers["cache-control"] == "private, no-cache"
    assert first.headers["cache-control"] == "private, no-cache"
    judges.set_status(key, "preparing")
    again = judges.api.get(where, headers={"If-None-Match": tag})
    assert again.status_code == 200 and again.headers["etag"] != tag
    assert again.json()["status"] == "preparing"


def test_name_in_the_job_does_not_change_behind_its_etag(judges):
    key = judges.trained()
    where = judges.create(key).headers["location"]
    before = judges.api.get(where)
    judges.query(
        "insert into trainyard.judge_version (workspace_id, judge_id, number,"
        " id, status, name, description, changes_summary, created_by)"
        " select v.workspace_id, v.judge_id, 2, gen_random_uuid(), 'draft',"
        " 'Renamed', 'x', 'x', v.created_by from trainyard.judge_version v"
        " join trainyard.judge g on g.id = v.judge_id where g.key = %s", key)
    judges.query("update trainyard.judge set last_version = 2,"
                 " active_version = 2 where key = %s", key)
    after = judges.api.get(where)
    assert (after.headers["etag"], after.content) == (
        before.headers["etag"], before.content)


def test_head_has_the_headers_of_get(judges, enough):
    where = judges.create(enough, "validation").headers["location"]
    head, got = judges.api.head(where), judges.api.get(where)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-length", "cache-control"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize("name", [
    f"train_job_{NIL}", "train_job_x", "x", f"exec_{NIL}",
    "01a2072e-3303-79ec-a451-9d3782e83598", f"train_job_{'z' * 26}"])
def test_unknown_and_malformed_ids_are_not_found(judges, envelope, name):
    envelope(judges.api.get(f"/training/jobs/{name}"), 404, "not_found_error")


def test_judge_jobs_are_invisible_on_the_hosted_face(judges, enough, envelope):
    where = judges.create(enough, "validation").headers["location"]
    uuid = judges.query("select id from trainyard.job where face = 'judge'"
                        " order by id desc limit 1")[0][0]
    hosted = "/api/v1/org/acme/ws/main/training/jobs"
    for name in (uuid, where.rsplit("/", 1)[1]):
        envelope(judges.api.get(f"{hosted}/{name}"), 404, "not_found_error")


def test_completed_job_shows_its_results_in_order(judges):
    key = judges.trained()
    where = judges.create(key, options={"auto_deploy": True}).headers[
        "location"]
    judges.set_status(key, "preparing", "training", "validating")
    pooled = {"trained": 6.4, "active": 9.7, "raw": 11, "bias": 8.3}
    column = {"mae": 6.1, "rmse": 7.48, "spearman": None,
              "quadratic_weighted_kappa": 0.7857, "pairwise_accuracy": 0.5}
    columns = {"count": 9, **{name: column for name in pooled}}
    results = {"holdout_count": 9, "label_count": 17, "accuracy_score": 0.9352,
               "consistency_score": None, "consistency_groups": 0,
               "pooled_mae": pooled, "pooled_pairwise_accuracy": pooled,
               "overall": columns, "criteria": {"crit_clarity": columns},
               "seen_count": 0}
    judges.query(
        "update trainyard.job j set status = 'completed', completed_at ="
        " now(), progress = 100, revision = j.revision + 1, validation = %s,"
        " deployment = %s, version_number = 2, version_id ="
        " '018d0cac-6468-78e2-a1ea-5c681c8e9a08' from trainyard.judge g"
        " where g.id = j.judge_id and g.key = %s", json.dumps(results),
        '{"requested": true, "deployed": false, "reason": "not_improved"}',
        key)
    job = judges.api.get(where).json()
    assert json.dumps(job["validation_results"]) == json.dumps(results)
    assert job["deployment"] == {"requested": True, "deployed": False,
                                 "reason": "not_improved"}
    assert (job["version_number"], job["progress_percentage"]) == (2, 100)
    assert job["version_id"] == "ver_01hm6ars38f3ha3tjwd0e8x6g8"


# -- idempotency

def test_repeat_is_answered_without_a_second_job(judges):
    key = judges.trained()
    first = judges.create(key, headers={"Idempotency-Key": f"once-{key}"})
    again = judges.create(key, headers={"Idempotency-Key": f'"once-{key}"'})
    assert ok(first) == ok(again)
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers


def test_key_with_another_body_is_refused(judges, envelope):
    key = judges.trained()
    ok(judges.create(key, headers={"Idempotency-Key": f"mine-{key}"}))
    envelope(judges.create(key, "incremental",
                           headers={"Idempotency-Key": f"mine-{key}"}),
             422, "idempotency_key_reused_error")


def test_failed_create_frees_its_key(judges):
    key = judges.judge()
    head = {"Idempotency-Key": f"later-{key}"}
    assert judges.create(key, headers=head).status_code == 422
    judges.feedback(key, [correction("crit_clarity")] * 10)
    made = judges.create(key, headers=head)
    assert made.status_code == 201
    assert "idempotent-replayed" not in made.headers


# -- tenancy

def test_other_workspaces_see_nothing_of_it(judges, idle, envelope):
    key = judges.trained()
    where = judges.create(key).headers["location"]
    idle.trainyard("workspace", "create", "acme/other")
    other = Judges(idle, make_token(idle, "other"))
    envelope(other.create(key), 404, "not_found_error")
    envelope(other.api.get(where), 404, "not_found_error")
    other.close()


def test_scopes_are_asked_for(judges, idle, envelope):
    key = judges.trained()
    where = judges.create(key).headers["location"]
    poor = Judges(idle, make_token(idle, "main", "--scope", "judges:write"))
    assert "training:write" in envelope(
        poor.create(key), 403, "permission_error")["detail"]
    assert "training:read" in envelope(
        poor.api.get(where), 403, "permission_error")["detail"]
    poor.close()


def test_times_are_the_databases(judges, enough):
    job = ok(judges.create(enough, "validation"))
    now = judges.query("select now()")[0][0]
    made = datetime.datetime.fromisoformat(job["created_at"][:-1] + "+00:00")
    assert datetime.timedelta(0) < now - made < datetime.timedelta(minutes=5)
