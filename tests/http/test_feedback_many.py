# SPDX-License-Identifier: BSD-2-Clause
"""Feedback: many entries in a call, and the numbers they get."""
import concurrent.futures
import itertools
import json

import pytest

from judges import (
    TIME, approval, comment, correction, counters, errors_of, feedback_of,
    is_id, new_batch, new_evaluation, new_judge, rating, send, send_many)

UNKNOWN = "eval_01hkxh6qt0fxqr5dec5hx536vj"


@pytest.fixture(scope="module")
def judge(api):
    return new_judge(api)


def test_example(api, judge):
    batch, (one, _) = new_batch(api, judge)
    other = new_evaluation(api, judge)["evaluation_id"]
    reply = send_many(api, [correction(one, clarity=60), approval(other)],
                      path=f"/batches/{batch}/feedback",
                      submitted_by="reviewer-12")
    assert reply.status_code == 201
    body = reply.json()
    assert list(body) == [
        "batch_id", "feedback_session_id", "submitted_count", "failed_count",
        "processing_status", "validation_results", "impact_analysis",
        "submitted_at"]
    session = body.pop("feedback_session_id")
    assert is_id(session, "fbs_")
    assert TIME.fullmatch(body["submitted_at"])
    feedback = body["validation_results"][0].pop("feedback_id")
    assert is_id(feedback, "fb_")
    assert body == {
        "batch_id": batch, "submitted_count": 1, "failed_count": 1,
        "processing_status": "submitted", "validation_results": [
            {"index": 0, "evaluation_id": one, "status": "accepted",
             "message": ""},
            {"index": 1, "evaluation_id": other, "status": "rejected",
             "message": "evaluation is not in this batch",
             "feedback_id": None}],
        "impact_analysis": {
            "significant_corrections": 1, "approval_rate": None,
            "average_rating": None,
            "retraining_recommended":
                body["impact_analysis"]["retraining_recommended"]},
        "submitted_at": body["submitted_at"]}
    (entry,) = feedback_of(api, one)["feedback_entries"]
    assert (entry["feedback_id"], entry["feedback_session_id"],
            entry["batch_id"], entry["submitted_by"],
            entry["submitted_at"]) == (
        feedback, session, batch, "reviewer-12", body["submitted_at"])


def test_bad_entries_do_not_fail_the_call(api, evaluation):
    reply = send_many(api, [
        approval(evaluation, submitted_by="me"), 7, {}, rating(UNKNOWN, 3),
        rating("nonsense", 3), correction(evaluation, clarity=82),
        correction(evaluation, tone=1), comment(evaluation, "a\0b"),
        comment(evaluation, "fine")], submitted_by="you")
    assert reply.status_code == 201
    body = reply.json()
    assert body["batch_id"] is None
    assert (body["submitted_count"], body["failed_count"]) == (2, 7)
    results = body["validation_results"]
    assert [r["index"] for r in results] == list(range(9))
    assert [r["evaluation_id"] for r in results] == [
        evaluation, None, None, UNKNOWN, "nonsense", *[evaluation] * 4]
    judge = feedback_of(api, evaluation)["evaluation_context"]["judge_id"]
    assert [r["message"] for r in results] == [
        "", "must be an object", "evaluation_id: field required (and 2 more)",
        "no such evaluation", "no such evaluation",
        "content.corrected_scores: no change; send an approval",
        f'content.corrected_scores.crit_tone: unknown criterion "crit_tone"'
        f' of judge {judge}', "content.comment: must not contain NUL", ""]
    assert [e["submitted_by"] for e in
            feedback_of(api, evaluation)["feedback_entries"]] == ["me", "you"]


def test_nothing_stored_is_200(api, judge):
    before = counters(api, judge)
    batch, _ = new_batch(api, judge)
    reply = send_many(api, [7, approval(UNKNOWN)],
                      path=f"/batches/{batch}/feedback")
    assert reply.status_code == 200
    body = reply.json()
    assert body["processing_status"] == "failed"
    assert body["batch_id"] == batch
    assert is_id(body["feedback_session_id"], "fbs_")
    assert TIME.fullmatch(body["submitted_at"])
    assert body["impact_analysis"] == {
        "significant_corrections": 0, "approval_rate": None,
        "average_rating": None, "retraining_recommended": False}
    assert counters(api, judge) == before


@pytest.mark.parametrize("batch", [
    "batch_01hm7tskx4fqwv1s822n2f90tb", "nonsense"])
def test_unknown_batch_is_404_after_the_shape(api, envelope, batch):
    path = f"/batches/{batch}/feedback"
    envelope(send_many(api, [approval(UNKNOWN)], path=path), 404,
             "not_found_error")
    envelope(send_many(api, [], path=path), 422, "validation_error")


BAD_CALLS = {
    "empty": ({}, [("feedback_entries",)], "missing"),
    "no entries": ({"feedback_entries": []}, [("feedback_entries",)],
                   "too_short"),
    "too many": ({"feedback_entries": [1] * 1001}, [("feedback_entries",)],
                 "too_long"),
    "options": ({"feedback_entries": [1], "feedback_options": {
        "atomc": True}}, [("feedback_options", "atomc")], "extra_forbidden"),
}


@pytest.mark.parametrize("case", BAD_CALLS)
def test_shape_of_the_call_itself(api, envelope, case):
    body, locs, kind = BAD_CALLS[case]
    reply = api.post("/feedback/batch", json=body)
    envelope(reply, 422, "validation_error")
    assert [(e[0][1:], e[1]) for e in errors_of(reply)] == [
        (loc, kind) for loc in locs]


def test_atomic_call_stores_all_or_nothing(api, evaluation, envelope):
    good = approval(evaluation)
    cases = [
        ([good, 7, good, {"type": "x"}], [
            ((1,), "dict_type"), ((3, "evaluation_id"), "missing"),
            ((3, "type"), "literal_error"), ((3, "content"), "missing")]),
        ([good, rating(evaluation, 1, criterion_specific=True)], [
            ((1, "criterion_specific"), "value_error")]),
        ([good, good, approval(UNKNOWN), correction(evaluation, clarity=82)],
         [((2,), "value_error"),
          ((3, "content", "corrected_scores"), "value_error")])]
    for entries, errors in cases:
        reply = send_many(api, entries, atomic=True)
        envelope(reply, 422, "validation_error")
        assert [(e[0], e[1]) for e in errors_of(reply)] == [
            (("body", "feedback_entries", *loc), kind)
            for loc, kind in errors]
    assert feedback_of(api, evaluation)["total_feedback_count"] == 0
    reply = send_many(api, [good, good], atomic=True)
    assert reply.status_code == 201
    assert feedback_of(api, evaluation)["total_feedback_count"] == 2


def test_impact_is_left_out_on_request(api, evaluation):
    reply = send_many(api, [approval(evaluation)], skip_impact_analysis=True)
    assert "impact_analysis" not in reply.json()


def impact(api, entries):
    reply = send_many(api, entries)
    assert reply.status_code == 201, reply.text
    return tuple(reply.json()["impact_analysis"].values())


def test_impact_of_the_stored_entries(api):
    one = new_evaluation(api, new_judge(api))["evaluation_id"]
    assert impact(api, [
        correction(one, clarity=72), correction(one, clarity=72.01),
        correction(one, clarity=81, accuracy=100),
        correction(one, clarity=82),  # rejected
        approval(one), approval(one), approval(one, False),
        rating(one, 2), rating(one, 4.5)]) == (2, 0.6667, 3.25, False)


def test_impact_recommends_retraining(api):
    one, two, three = (
        new_evaluation(api, new_judge(api))["evaluation_id"]
        for _ in range(3))
    assert impact(api, [correction(one, clarity=10)] * 5)[3] is True
    # each judge by itself: four corrections here, four there
    assert impact(api, [correction(two, clarity=10)] * 4
                  + [correction(three, clarity=10)] * 4) == (
        8, None, None, False)
    assert impact(api, [approval(two)] * 6
                  + [approval(two, False)] * 4)[3] is True
    assert impact(api, [approval(three)] * 7
                  + [approval(three, False)] * 3)[3] is False
    # comments teach nothing, and rejections neither: 11 usable so far
    assert impact(api, [comment(three)] * 100)[3] is False
    assert impact(api, [rating(three, 3)] * 38)[3] is False
    assert impact(api, [rating(three, 3)])[3] is True


def test_several_judges_in_one_call(api):
    judges = [new_judge(api) for _ in range(3)]
    evaluations = [new_evaluation(api, j)["evaluation_id"] for j in judges]
    reply = send_many(api, [
        rating(e, 3) for _ in range(4) for e in reversed(evaluations)])
    assert reply.json()["submitted_count"] == 12
    for judge, evaluation in zip(judges, evaluations):
        assert counters(api, judge) == (4, 4, 4)
        context = feedback_of(api, evaluation)["evaluation_context"]
        assert context["judge_id"] == judge


def test_repeated_call_is_answered_once(api, judge):
    before = counters(api, judge)[0]
    one = new_evaluation(api, judge)["evaluation_id"]
    body = {"feedback_entries": [approval(one), 7]}
    headers = {"Idempotency-Key": f"many-{one}"}
    replies = [api.post("/feedback/batch", json=body, headers=headers)
               for _ in range(2)]
    assert replies[0].content == replies[1].content
    assert replies[1].headers["idempotent-replayed"] == "true"
    assert counters(api, judge)[0] == before + 1


# --- numbers


KINDS = ("corrections", "ratings", "approvals", "rejections", "comments")
KIND = """case f.type when 'approval' then case when f.approved
    then 'approvals' else 'rejections' end else f.type || 's' end"""


def recount(db, judge):
    """What the columns say of each entry, and what counting says."""
    counts = ", ".join(
        f"count(*) filter (where {KIND} = '{k}') over ({{0}}),"
        for k in KINDS)
    columns = ", ".join(KINDS)
    with db.cursor() as cur:
        cur.execute(f"""
            select f.number, f.touch_set, f.target_criteria, {columns},
                   {", ".join("set_" + k for k in KINDS)},
                   {counts.format("order by f.number")}
                   {counts.format("partition by f.touch_set"
                                  " order by f.number")}
                   f.submitted_at
              from trainyard.feedback f
              join trainyard.judge j on j.id = f.judge_id
             where j.key = %s
             order by f.number""".replace(",,", ","), (judge,))
        return cur.fetchall()


def test_calls_of_many_may_be_eight_times_as_long(api, judge, envelope):
    batch, (one, other) = new_batch(api, judge)
    many = {"feedback_entries": [approval(one)]}
    items = {"judge_id": judge, "items": [{
        "content_ref": "long", "criteria_scores": {"crit_clarity": 1}}]}
    for path, body, most in (
            ("/feedback/batch", many, 8 << 20),
            (f"/batches/{batch}/feedback", many, 8 << 20),
            ("/evaluations/batch", items, 8 << 20),
            ("/feedback", approval(other), 1 << 20)):
        for size in (most, most + 1):
            reply = api.post(path, content=json.dumps(body).ljust(size),
                             headers={"Content-Type": "application/json"})
            if size == most:
                assert reply.status_code == 201, reply.text
            else:
                envelope(reply, 413, "payload_too_large_error")


def test_numbers_and_totals_hold_under_many_writers(api, db):
    judges = [new_judge(api) for _ in range(2)]
    evaluations = [new_evaluation(api, j)["evaluation_id"]
                   for j in judges for _ in range(2)]
    subsets = [[], ["crit_clarity"], ["crit_accuracy"],
               ["crit_accuracy", "crit_clarity"],
               ["crit_clarity", "crit_accuracy"]]

    def entries(n):
        makers = (lambda e, t: rating(e, 3, target_criteria=t),
                  lambda e, t: approval(e, True, target_criteria=t),
                  lambda e, t: approval(e, False, target_criteria=t),
                  lambda e, t: comment(e, target_criteria=t),
                  lambda e, t: correction(e, clarity=n % 80))
        for i in range(1 + n % 5):
            yield makers[(n + i) % 5](
                evaluations[(n // 2 + i) % 4], subsets[(n + 2 * i) % 5])

    def call(n):
        made = list(entries(n))
        # judges now in this order, now in that
        reply = send_many(api, made if n % 2 else made[::-1])
        assert reply.status_code == 201, reply.text
        assert reply.json()["failed_count"] == 0
        return len(made)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        total = sum(pool.map(call, range(120)))

    seen = 0
    for judge in judges:
        rows = recount(db, judge)
        seen += len(rows)
        assert [r[0] for r in rows] == list(range(1, len(rows) + 1))
        for row in rows:
            assert row[3:13] == row[13:23]
        times = [r[23] for r in rows]
        assert times == sorted(times)
        sets = {r[1]: tuple(sorted(r[2])) for r in rows}
        # one number for a set, whatever the order it was named in
        assert len(set(sets.values())) == len(sets) == 4
        assert all(sets[r[1]] == tuple(sorted(r[2])) for r in rows)
        last = rows[-1]
        assert counters(api, judge) == (len(rows), sum(last[3:6]),
                                        sum(last[3:6]))
        with db.cursor() as cur:
            cur.execute("select t.last_number, t.corrections, t.ratings,"
                        " t.approved, t.rejected, t.comments, t.earliest,"
                        " t.latest from trainyard.feedback_tally t"
                        " join trainyard.judge j on j.id = t.judge_id"
                        " where j.key = %s", (judge,))
            assert cur.fetchone() == (
                len(rows), *last[3:8], times[0], times[-1])
    assert seen == total


def test_fifty_long_criteria_can_be_touched(api):
    ids = ["crit_" + "".join(c) for c in itertools.islice(
        itertools.permutations("abcdefgh0123456789", 18), 0, 50)]
    ids = [i.ljust(65, "x")[:65] for i in ids]
    judge = new_judge(api, criteria=[
        {"name": str(n), "id": i} for n, i in enumerate(ids)])
    one = new_evaluation(api, judge, {i: 50 for i in ids})["evaluation_id"]
    reply = send(api, rating(one, 3, target_criteria=ids))
    assert reply.status_code == 201
    assert reply.json()["target_criteria"] == ids
