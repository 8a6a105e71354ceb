# SPDX-License-Identifier: BSD-2-Clause
"""Feedback: one entry, and what there is on an evaluation."""
import pytest

from judges import (
    CONFIG, OPTIONS, TIME, approval, archive, comment, correction,
    counters, errors_of, feedback_of, is_id, judge_row, new_batch, new_evaluation,
    new_judge, rating, send, send_many, uuid_of)

UNKNOWN = "eval_01hkxh6qt0fxqr5dec5hx536vj"


@pytest.fixture(scope="module")
def judge(api):
    return new_judge(api)


# --- one


def test_correction(api, judge, evaluation):
    reply = send(api, {
        "evaluation_id": evaluation, "type": "correction", "content": {
            "corrected_scores": {"crit_clarity": 60},
            "explanation": "too generous"}})
    assert reply.status_code == 201
    assert reply.headers["location"] == f"/feedback/evaluation/{evaluation}"
    body = reply.json()
    assert list(body) == [
        "feedback_id", "evaluation_id", "type", "content",
        "criterion_specific", "target_criteria", "submitted_by",
        "submitted_at", "processed", "processing_notes", "judge_id",
        "judge_version", "batch_id", "feedback_session_id"]
    assert is_id(body.pop("feedback_id"), "fb_")
    assert TIME.fullmatch(body.pop("submitted_at"))
    user = api.get(f"/judges/{judge}").json()["created_by"]
    assert body == {
        "evaluation_id": evaluation, "type": "correction", "content": {
            "corrected_scores": {"crit_clarity": 60}, "rating": None,
            "comment": None, "explanation": "too generous",
            "approved": None},
        "criterion_specific": True, "target_criteria": ["crit_clarity"],
        "submitted_by": user, "processed": False, "processing_notes": None,
        "judge_id": judge, "judge_version": 1, "batch_id": None,
        "feedback_session_id": None}
    entries = feedback_of(api, evaluation)["feedback_entries"]
    assert entries == [reply.json()]


def test_other_types(api, evaluation):
    entries = [
        rating(evaluation, 4.5, target_criteria=["crit_accuracy"],
               criterion_specific=True, submitted_by="reviewer-12"),
        approval(evaluation, False, criterion_specific=False),
        comment(evaluation, "  why? "),
        {"evaluation_id": evaluation, "type": "rating", "content": {
            "rating": 1, "comment": "all", "explanation": "of",
            "approved": True, "corrected_scores": {"crit_accuracy": 64.5}}}]
    got = [send(api, entry).json() for entry in entries]
    assert [g["target_criteria"] for g in got] == [
        ["crit_accuracy"], [], [], []]
    assert [g["criterion_specific"] for g in got] == [
        True, False, False, False]
    assert got[0]["submitted_by"] == "reviewer-12"
    assert got[0]["content"]["rating"] == 4.5
    assert got[1]["content"]["approved"] is False
    assert got[2]["content"]["comment"] == "  why? "
    assert got[3]["content"] == {
        "corrected_scores": {"crit_accuracy": 64.5}, "rating": 1,
        "comment": "all", "explanation": "of", "approved": True}
    assert feedback_of(api, evaluation)["feedback_entries"] == got


def test_same_content_twice_is_stored_twice(api, evaluation):
    entry = approval(evaluation)
    assert send(api, entry).json()["feedback_id"] != (
        send(api, entry).json()["feedback_id"])
    assert feedback_of(api, evaluation)["total_feedback_count"] == 2


CONTENT = ("body", "content")
INVALID = {
    "empty": ({}, [
        (("body", f), "missing", "field required")
        for f in ("evaluation_id", "type", "content")]),
    "type": ({"type": "praise", "content": {}}, [
        (("body", "type"), "literal_error", 'must be one of "correction",'
         ' "rating", "comment", "approval"')]),
    "values": ({"type": "rating", "content": {
        "rating": 5.5, "comment": "", "explanation": "x" * 10001,
        "approved": 1, "corrected_scores": {"crit_clarity": 101},
        "approvd": True}}, [
        ((*CONTENT, "corrected_scores", "crit_clarity"), "less_than_equal",
         "must be less than or equal to 100"),
        ((*CONTENT, "rating"), "less_than_equal",
         "must be less than or equal to 5"),
        ((*CONTENT, "comment"), "string_too_short",
         "must have at least 1 character"),
        ((*CONTENT, "explanation"), "string_too_long",
         "must have at most 10000 characters"),
        ((*CONTENT, "approved"), "bool_type", "must be true or false"),
        ((*CONTENT, "approvd"), "extra_forbidden",
         'unknown field; did you mean "approved"?')]),
    "targets": ({"type": "rating", "content": {"rating": 1},
                 "target_criteria": ["crit_a", "crit_a"],
                 "submitted_by": ""}, [
        (("body", "target_criteria", 1), "value_error", "appears twice"),
        (("body", "submitted_by"), "string_too_short",
         "must have at least 1 character")]),
    "correction without scores": ({"type": "correction", "content": {}}, [
        ((*CONTENT, "corrected_scores"), "missing", "field required")]),
    "correction of nothing": (
        {"type": "correction", "content": {"corrected_scores": {}}}, [
            ((*CONTENT, "corrected_scores"), "too_short",
             "must have at least 1 item")]),
    "rating without rating": ({"type": "rating", "content": {}}, [
        ((*CONTENT, "rating"), "missing", "field required")]),
    "comment without comment": ({"type": "comment", "content": {}}, [
        ((*CONTENT, "comment"), "missing", "field required")]),
    "blank comment": ({"type": "comment", "content": {"comment": " \n"}}, [
        ((*CONTENT, "comment"), "value_error", "must not be blank")]),
    "approval of nothing": ({"type": "approval", "content": {}}, [
        ((*CONTENT, "approved"), "missing", "field required")]),
    "not specific": ({"type": "approval", "content": {"approved": True},
                      "criterion_specific": True}, [
        (("body", "criterion_specific"), "value_error",
         "must be false: target_criteria is empty")]),
    "specific": ({"type": "correction", "criterion_specific": False,
                  "content": {"corrected_scores": {"crit_clarity": 1}}}, [
        (("body", "criterion_specific"), "value_error",
         "must be true: target_criteria is not empty")]),
    "target that is not corrected": (
        {"type": "correction", "target_criteria": ["crit_accuracy"],
         "content": {"corrected_scores": {"crit_clarity": 1}}}, [
            (("body", "target_criteria", 0), "value_error",
             "is not among the corrected scores")]),
    "rules wait for the shape": ({"type": "rating", "content": {},
                                  "submitted_by": 1}, [
        (("body", "submitted_by"), "string_type", "must be a string")]),
}


@pytest.mark.parametrize("case", INVALID)
def test_entry_tells_every_fault(api, envelope, case):
    entry, errors = INVALID[case]
    if entry:
        # shapes and rules are told before anybody looks for it
        entry = {"evaluation_id": UNKNOWN, **entry}
    reply = send(api, entry)
    envelope(reply, 422, "validation_error")
    assert errors_of(reply) == errors


def test_rules_against_what_was_shown(api, judge, evaluation, envelope):
    no_change = (
        (*CONTENT, "corrected_scores"), "value_error",
        "no change; send an approval")

    def unknown(loc, name, hint=""):
        return (loc, "unknown_criterion",
                f'unknown criterion "{name}" of judge {judge}{hint}')

    cases = [
        (correction(evaluation, clarity=82), [no_change]),
        (correction(evaluation, clarity=82.0, accuracy=64.50), [no_change]),
        (correction(evaluation, clarty=1), [unknown(
            (*CONTENT, "corrected_scores", "crit_clarty"), "crit_clarty",
            '; did you mean "crit_clarity"?')]),
        (rating(evaluation, 1, target_criteria=["crit_clarity", "tone"]),
         [unknown(("body", "target_criteria", 1), "tone")])]
    for entry, errors in cases:
        reply = send(api, entry)
        envelope(reply, 422, "validation_error")
        assert errors_of(reply) == errors
    assert feedback_of(api, evaluation)["total_feedback_count"] == 0
    # one of two scores differs: that is a correction
    assert send(api, correction(
        evaluation, clarity=82, accuracy=64.51)).status_code == 201


@pytest.mark.parametrize("evaluation_id", [UNKNOWN, "nonsense", "x" * 100])
def test_unknown_evaluation_is_404(api, envelope, evaluation_id):
    reply = send(api, approval(evaluation_id))
    assert envelope(reply, 404, "not_found_error")["detail"] == (
        "no such evaluation")
    envelope(api.get(f"/feedback/evaluation/{evaluation_id}"), 404,
             "not_found_error")


def test_archived_judge_is_409(api, db, envelope):
    judge = new_judge(api)
    batch, (one, two) = new_batch(api, judge)
    other = new_evaluation(api, new_judge(api))["evaluation_id"]
    send(api, approval(one))
    archive(db, judge)
    detail = f"judge {judge} is archived"
    for reply in (send(api, approval(one)),
                  send_many(api, [approval(one), approval(two)]),
                  send_many(api, [7], path=f"/batches/{batch}/feedback"),
                  send_many(api, [approval(one)], atomic=True,
                            path=f"/batches/{batch}/feedback"),
                  send_many(api, [approval(one), approval(other)],
                            atomic=True)):
        assert envelope(reply, 409, "invalid_state_error")["detail"] == detail
    # what is wrong with an entry is told first
    envelope(send(api, correction(one, clarity=82)), 422, "validation_error")
    # other judges' entries are not to blame
    reply = send_many(api, [approval(one), approval(other)])
    assert reply.status_code == 201
    assert [r["message"] for r in reply.json()["validation_results"]] == [
        detail, ""]
    assert feedback_of(api, one)["total_feedback_count"] == 1


def test_repeated_entry_is_answered_once(api, evaluation, envelope):
    key = {"Idempotency-Key": f"feedback-{evaluation}"}
    first = send(api, approval(evaluation), **key)
    again = send(api, approval(evaluation), **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    envelope(send(api, approval(evaluation, False), **key), 422,
             "idempotency_key_reused_error")
    assert feedback_of(api, evaluation)["total_feedback_count"] == 1


# --- read


@pytest.fixture(scope="module")
def told(api):
    """An evaluation with one entry of each kind but two ratings."""
    made = new_evaluation(api, new_judge(api), {"crit_clarity": 82.125})
    one = made["evaluation_id"]
    for entry in (correction(one, clarity=60), rating(one, 4),
                  comment(one), approval(one), approval(one, False),
                  rating(one, 2.5)):
        assert send(api, entry).status_code == 201
    return made


def test_what_there_is_on_an_evaluation(api, told):
    one = told["evaluation_id"]
    body = feedback_of(api, one)
    assert list(body) == [
        "evaluation_id", "total_feedback_count", "feedback_summary",
        "feedback_entries", "evaluation_context", "pagination"]
    assert [e["type"] for e in body.pop("feedback_entries")] == [
        "correction", "rating", "comment", "approval", "approval", "rating"]
    assert body == {
        "evaluation_id": one, "total_feedback_count": 6,
        "feedback_summary": {
            "average_rating": 3.25, "correction_count": 1,
            "approval_count": 1, "rejection_count": 1, "comment_count": 1,
            "rating_count": 2},
        "evaluation_context": {
            "judge_id": told["judge_id"], "judge_version": 1,
            "original_scores": {"crit_clarity": 82.13,
                                "crit_accuracy": 82.13},
            "evaluation_date": told["evaluated_at"],
            "raw_scores": {"crit_clarity": 82.13}},
        "pagination": {
            "total_count": 6, "total_is_exact": True, "limit": 50,
            "offset": 0, "has_next": False, "has_previous": False,
            "next_cursor": None}}


def test_evaluation_without_feedback(api, evaluation):
    body = feedback_of(api, evaluation)
    assert body["feedback_entries"] == []
    assert body["total_feedback_count"] == 0
    assert body["feedback_summary"]["average_rating"] is None


@pytest.mark.parametrize("kind, count", [
    ("correction", 1), ("rating", 2), ("comment", 1), ("approval", 2)])
def test_filter_by_type(api, told, kind, count):
    body = feedback_of(api, told["evaluation_id"], feedback_type=kind)
    assert [e["type"] for e in body["feedback_entries"]] == [kind] * count
    assert body["pagination"]["total_count"] == count
    # of all there is, filter or not
    assert body["total_feedback_count"] == 6
    assert body["feedback_summary"]["rating_count"] == 2


def test_metadata_is_left_out_on_request(api, told):
    one = told["evaluation_id"]
    full = feedback_of(api, one)["feedback_entries"]
    short = feedback_of(api, one, include_metadata="false")
    assert short["feedback_entries"] == [
        {k: v for k, v in e.items()
         if k not in ("submitted_by", "submitted_at")} for e in full]


def test_pages(api, told):
    one = told["evaluation_id"]
    want = [e["feedback_id"]
            for e in feedback_of(api, one)["feedback_entries"]]
    by_cursor, params = [], {"limit": 4}
    while True:
        body = feedback_of(api, one, **params)
        by_cursor += [e["feedback_id"] for e in body["feedback_entries"]]
        params["cursor"] = body["pagination"]["next_cursor"]
        if params["cursor"] is None:
            break
    by_offset = [
        e["feedback_id"] for offset in (0, 4)
        for e in feedback_of(
            api, one, limit=4, offset=offset)["feedback_entries"]]
    assert by_cursor == by_offset == want
    assert feedback_of(
        api, one, offset=4)["pagination"]["has_previous"] is True
    assert feedback_of(api, one, offset=9)["feedback_entries"] == []


@pytest.mark.parametrize("query, name", [
    ("limit=0", "limit"), ("limit=101", "limit"), ("offset=9999", "offset"),
    ("feedback_type=praise", "feedback_type"), ("cursor=%21", "cursor"),
    ("include_metadata=1", "include_metadata"), ("judge_id=x", "judge_id")])
def test_query_is_checked_before_the_evaluation(api, envelope, query, name):
    reply = api.get(f"/feedback/evaluation/{UNKNOWN}?{query}")
    envelope(reply, 422, "validation_error")
    assert [e[0] for e in errors_of(reply)] == [("query", name)]


def finish_job(cur, workspace, judge, through, at):
    """A job that has learned from the entries up to a number."""
    cur.execute("begin")  # or the dispatcher would take what is queued
    cur.execute(
        "insert into trainyard.job (workspace_id, id, organization_id, face,"
        " kind, status, timeout_seconds, created_by, queued_at, config,"
        " judge_id, training_type, options, base_version)"
        " select %s, gen_random_uuid(), o.id, 'judge', 'judge', 'queued', 60,"
        " a.id, now(), %s, %s, 'incremental', %s, 1"
        " from trainyard.organization o, trainyard.account a"
        " where o.key = 'acme' limit 1 returning id",
        (workspace, CONFIG, judge, OPTIONS))
    job = cur.fetchone()[0]
    cur.execute(
        "insert into trainyard.feedback_summary (workspace_id, job_id,"
        " first_number, high_water_mark, corrections, ratings, approved,"
        " rejected, comments) values (%s, %s, 1, %s, 0, 0, 0, 0, 0)",
        (workspace, job, through))
    for status in ("preparing", "training", "validating", "completed"):
        cur.execute("update trainyard.job set status = %s, completed_at ="
                    " case when %s = 'completed' then now()"
                    " + make_interval(secs => %s) end where id = %s",
                    (status, status, at, job))
    cur.execute("update trainyard.judge set mark = %s, mark_job_id = %s"
                " where id = %s and mark < %s", (through, job, judge, through))
    cur.execute("commit")
    return job


def test_processed_entries_name_the_job_that_passed_them(api, db):
    judge = new_judge(api)
    one = new_evaluation(api, judge)["evaluation_id"]
    send_many(api, [rating(one, 3)] * 3 + [comment(one)] * 2
              + [rating(one, 4)] * 2)
    workspace, uuid = judge_row(db, judge)
    with db.cursor() as cur:
        first = finish_job(cur, workspace, uuid, 2, 1)
        # it had less to learn from, and moved no mark
        finish_job(cur, workspace, uuid, 1, 2)
        third = finish_job(cur, workspace, uuid, 5, 3)
    entries = feedback_of(api, one)["feedback_entries"]
    assert [e["processed"] for e in entries] == [True] * 5 + [False] * 2
    notes = [e["processing_notes"] for e in entries]
    assert [uuid_of(n) if n else None for n in notes] == [
        first, first, third, third, third, None, None]
    assert all(is_id(n, "covered by train_job_") for n in notes[:5])
    # 5 usable, 3 of them at or below the mark
    assert counters(api, judge) == (7, 5, 2)


def test_feedback_is_append_only(db, api, evaluation):
    send(api, approval(evaluation))
    with db.cursor() as cur, pytest.raises(Exception, match="append-only"):
        cur.execute("update trainyard.feedback set rating = 5")
