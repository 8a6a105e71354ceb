# SPDX-License-Identifier: BSD-2-Clause
"""Judges, evaluations and feedback over HTTP, for several suites."""
import itertools
import json
import re
import uuid

WIRE = r"[0-7][0-9a-hjkmnp-tv-z]{25}"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
SERIAL = itertools.count(1)

CLARITY = {"name": "Clarity", "description": "Easy to follow."}
ACCURACY = {"name": "Accuracy", "weight": 2}
SCORES = {"crit_clarity": 82, "crit_accuracy": 64.5}

# A job's training_config and execution_options, as they are stored.
CONFIG = json.dumps({"feedback_cutoff_date": None,
                     "minimum_feedback_count": 1, "seed": 0})
OPTIONS = json.dumps({
    "priority": "normal", "auto_deploy": False, "auto_start": True,
    "backup_current_version": False, "require_improvement": True,
    "notification_email": None, "webhook_url": None,
    "webhook_secret_set": False, "timeout_seconds": 60})


def is_id(text, prefix):
    return re.fullmatch(prefix + WIRE, text) is not None


def body_of_judge(**more):
    return {"name": f"Judge {next(SERIAL)}", "description": "Grades answers.",
            "content_type": "text", "criteria": [CLARITY, ACCURACY], **more}


def new_judge(api, **more):
    reply = api.post("/judges", json=body_of_judge(**more))
    assert reply.status_code == 201, reply.text
    return reply.json()["id"]


def new_evaluation(api, judge, scores=None, **more):
    if "content" not in more:
        more.setdefault("content_ref", f"item-{next(SERIAL)}")
    reply = api.post("/evaluations", json={
        "judge_id": judge, "criteria_scores": scores or SCORES, **more})
    assert reply.status_code == 201, reply.text
    return reply.json()


def new_batch(api, judge, n=2):
    reply = api.post("/evaluations/batch", json={
        "judge_id": judge, "items": [
            {"content_ref": f"item-{next(SERIAL)}", "criteria_scores": SCORES}
            for _ in range(n)]})
    assert reply.status_code == 201, reply.text
    body = reply.json()
    return body["batch_id"], [r["evaluation_id"] for r in body["results"]]


def correction(evaluation, **scores):
    return {"evaluation_id": evaluation, "type": "correction", "content": {
        "corrected_scores": {f"crit_{c}": x for c, x in scores.items()}}}


def rating(evaluation, value, **more):
    return {"evaluation_id": evaluation, "type": "rating",
            "content": {"rating": value}, **more}


def approval(evaluation, approved=True, **more):
    return {"evaluation_id": evaluation, "type": "approval",
            "content": {"approved": approved}, **more}


def comment(evaluation, text="hm", **more):
    return {"evaluation_id": evaluation, "type": "comment",
            "content": {"comment": text}, **more}


def uuid_of(wire):
    """The UUID inside an id: the rows behind a reply are found by it."""
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    n = 0
    for c in wire.rsplit("_", 1)[1]:
        n = n * 32 + digits.index(c)
    h = f"{n:032x}"
    return "-".join((h[:8], h[8:12], h[12:16], h[16:20], h[20:]))


def typeid(value):
    """The judge face's form of a UUID."""
    n = uuid.UUID(value).int
    return "".join("0123456789abcdefghjkmnpqrstvwxyz"[n >> s & 31]
                   for s in range(125, -1, -5))


def version(api, judge, number):
    reply = api.get(f"/judges/{judge}/versions/{number}")
    assert reply.status_code == 200, reply.text
    return reply.json()


def judge_row(db, judge):
    """workspace_id and id of a judge."""
    with db.cursor() as cur:
        cur.execute("select workspace_id, id from trainyard.judge"
                    " where key = %s", (judge,))
        return cur.fetchone()


def archive(db, judge):
    with db.cursor() as cur:
        cur.execute("update trainyard.judge set archived_at = now()"
                    " where key = %s", (judge,))
        assert cur.rowcount == 1


def errors_of(reply):
    """(loc, type, msg) of each error."""
    return [(tuple(e["loc"]), e["type"], e["msg"])
            for e in reply.json()["errors"]]


def send(api, entry, **headers):
    """POST /feedback."""
    return api.post("/feedback", json=entry, headers=headers)


def send_many(api, entries, path="/feedback/batch", **options):
    return api.post(path, json={
        "feedback_entries": entries, "feedback_options": options or None})


def feedback_of(api, evaluation, **params):
    reply = api.get(f"/feedback/evaluation/{evaluation}", params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()


def counters(api, judge):
    """A judge's entries: all, usable, usable above the mark."""
    return tuple(api.get(f"/judges/{judge}").json()["feedback"].values())
