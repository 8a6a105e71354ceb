# SPDX-License-Identifier: BSD-2-Clause
"""Evaluations: one, many, and back; calibrated by the active version."""
import concurrent.futures

import pytest

from judge_job import group_key, split_u
from judges import (
    SCORES, TIME, archive, errors_of, is_id, new_batch,
    new_evaluation, new_judge, uuid_of)
from trained import add_version, put_blob

# What test_lost_model_is_an_error_and_stores_nothing provokes.
EXPECTED_LOG = [r"could not load the model of a judge version"]


@pytest.fixture(scope="module")
def judge(api):
    return new_judge(api)


@pytest.fixture(scope="module")
def images(api):
    return new_judge(api, content_type="image")


def stored(db, judge):
    with db.cursor() as cur:
        cur.execute("select count(*) from trainyard.evaluation e"
                    " join trainyard.judge j on j.id = e.judge_id"
                    " where j.key = %s", (judge,))
        return cur.fetchone()[0]


# --- one


def test_example(api, judge):
    reply = api.post("/evaluations", json={
        "judge_id": judge, "criteria_scores": SCORES,
        "content": "Please restart the router, then sign in again.",
        "external_id": "ticket-5521", "metadata": {"model": "judge-prompt-7"}})
    assert reply.status_code == 201
    body = reply.json()
    assert list(body) == [
        "evaluation_id", "judge_id", "content_id", "content_ref",
        "external_id", "batch_id", "judge_version", "status",
        "overall_score", "criteria_scores", "raw_overall_score", "summary",
        "strengths", "weaknesses", "suggestions", "metadata", "evaluated_at",
        "evaluation_duration_sec"]
    evaluation = body.pop("evaluation_id")
    assert is_id(evaluation, "eval_")
    assert reply.headers["location"] == f"/evaluations/{evaluation}"
    assert TIME.fullmatch(body.pop("evaluated_at"))
    assert 0 <= body.pop("evaluation_duration_sec") < 1
    assert body == {
        "judge_id": judge, "content_id": None, "content_ref": None,
        "external_id": "ticket-5521", "batch_id": None, "judge_version": 1,
        "status": "completed", "overall_score": 70.33, "criteria_scores": [
            {"criterion_id": "crit_clarity", "name": "Clarity", "score": 82,
             "raw_score": 82, "feedback": None},
            {"criterion_id": "crit_accuracy", "name": "Accuracy",
             "score": 64.5, "raw_score": 64.5, "feedback": None}],
        "raw_overall_score": 70.33, "summary": None, "strengths": [],
        "weaknesses": [], "suggestions": [],
        "metadata": {"model": "judge-prompt-7"}}


def test_words_are_echoed(api, judge):
    words = {"summary": "fine \u2028 \"quoted\" \\ /",
             "strengths": ["short", ""], "weaknesses": ["ä" * 2000],
             "suggestions": []}
    body = new_evaluation(
        api, judge, content_ref="https://x.example/1", **words,
        criteria_feedback={"crit_accuracy": "mostly right"})
    assert {key: body[key] for key in words} == words
    assert [c["feedback"] for c in body["criteria_scores"]] == [
        None, "mostly right"]
    assert body["content_id"] == body["content_ref"] == "https://x.example/1"
    assert body["metadata"] == {}


def test_get_equals_what_create_answered(api, judge):
    made = new_evaluation(
        api, judge, content="Text", content_ref="r", external_id="e",
        metadata={"b": "1", "a": "2"}, summary="s", strengths=["x"],
        criteria_feedback={"crit_clarity": "c"})
    path = f"/evaluations/{made['evaluation_id']}"
    assert api.get(path).json() == made
    # the order of the caller's keys stays, too
    assert list(api.get(path).json()["metadata"]) == ["b", "a"]
    full = api.get(path, params={"include_content": "true"}).json()
    assert full == {**made, "content": "Text"}


def test_content_is_null_when_there_is_none(api, judge):
    made = new_evaluation(api, judge)
    full = api.get(f"/evaluations/{made['evaluation_id']}",
                   params={"include_content": "true"}).json()
    assert full["content"] is None


def test_criterion_without_score_takes_the_mean_of_the_given(api):
    judge = new_judge(api, criteria=[
        {"name": "a"}, {"name": "b", "weight": 3}, {"name": "c"}])
    body = new_evaluation(api, judge, {"crit_a": 10, "crit_c": 21})
    assert [(c["score"], c["raw_score"]) for c in body["criteria_scores"]] == [
        (10, 10), (15.5, None), (21, 21)]
    # (10 + 3 * 15.5 + 21) / 5
    assert body["overall_score"] == body["raw_overall_score"] == 15.5


@pytest.mark.parametrize("given, shown", [
    (82.005, 82.01), (82.004, 82), (1.005, 1.01), (0.005, 0.01),
    (99.999, 100), (33.333333333333336, 33.33), (100.0, 100), (1e1, 10)])
def test_scores_are_rounded_half_away_from_zero(api, judge, given, shown):
    body = new_evaluation(api, judge, {
        "crit_clarity": given, "crit_accuracy": given})
    assert body["criteria_scores"][0]["score"] == shown
    assert body["criteria_scores"][0]["raw_score"] == shown
    assert body["overall_score"] == shown


ITEM = {"content_ref": "x", "criteria_scores": SCORES}
INVALID = {
    "empty": ({}, [
        (("body", "judge_id"), "missing", "field required"),
        (("body", "criteria_scores"), "missing", "field required")]),
    "neither content nor content_ref": (
        {"judge_id": "jdg_nobody", "criteria_scores": SCORES},
        [(("body", "content"), "value_error",
          "content or content_ref is required")]),
    "scores": (
        {**ITEM, "judge_id": "j",
         "criteria_scores": {"crit_a": 101, "crit_b": -0.1, "crit_c": "5",
                             "crit_d": None}},
        [(("body", "criteria_scores", "crit_a"), "less_than_equal",
          "must be less than or equal to 100"),
         (("body", "criteria_scores", "crit_b"), "greater_than_equal",
          "must be greater than or equal to 0"),
         (("body", "criteria_scores", "crit_c"), "float_type",
          "must be a finite number"),
         (("body", "criteria_scores", "crit_d"), "float_type",
          "must be a finite number")]),
    "no scores": (
        {**ITEM, "judge_id": "j", "criteria_scores": {}},
        [(("body", "criteria_scores"), "too_short",
          "must have at least 1 item")]),
    "metadata": (
        {**ITEM, "judge_id": "j",
         "metadata": {"a" * 65: "x", "b": 1, "c": "y" * 513}},
        [(("body", "metadata", "a" * 65), "string_too_long",
          "key must have at most 64 characters"),
         (("body", "metadata", "b"), "string_type", "must be a string"),
         (("body", "metadata", "c"), "string_too_long",
          "must have at most 512 characters")]),
    "words": (
        {**ITEM, "judge_id": "j", "criteria_feedback": {"crit_a": 1},
         "summary": "x" * 10001, "strengths": ["x" * 2001],
         "weaknesses": [""] * 51, "suggestions": "x"},
        [(("body", "criteria_feedback", "crit_a"), "string_type",
          "must be a string"),
         (("body", "summary"), "string_too_long",
          "must have at most 10000 characters"),
         (("body", "strengths", 0), "string_too_long",
          "must have at most 2000 characters"),
         (("body", "weaknesses"), "too_long", "must have at most 50 items"),
         (("body", "suggestions"), "list_type", "must be an array")]),
    "unknown field": (
        {**ITEM, "judge_id": "j", "external-id": "x"},
        [(("body", "external-id"), "extra_forbidden",
          'unknown field; did you mean "external_id"?')]),
    "NUL": (
        {**ITEM, "judge_id": "j", "content": "a\0b"},
        [(("body", "content"), "value_error", "must not contain NUL")]),
}


@pytest.mark.parametrize("case", INVALID)
def test_create_tells_every_fault(api, envelope, case):
    body, errors = INVALID[case]
    reply = api.post("/evaluations", json=body)
    envelope(reply, 422, "validation_error")
    assert errors_of(reply) == errors


def test_unknown_judge_is_404_before_its_rules(api, envelope):
    reply = api.post("/evaluations", json={
        **ITEM, "judge_id": "jdg_nobody", "criteria_scores": {"x": 1}})
    envelope(reply, 404, "not_found_error")


def test_rules_against_the_judge(api, images, envelope):
    reply = api.post("/evaluations", json={
        "judge_id": images, "content": "text", "criteria_scores":
            {"crit_clarity": 1, "crit_claritx": 1, "nonsense": 2},
        "criteria_feedback": {"crit_acuracy": "x"}})
    envelope(reply, 422, "validation_error")
    assert errors_of(reply) == [
        (("body", "content"), "not_applicable",
         'does not apply to content_type "image"'),
        (("body", "criteria_scores", "crit_claritx"), "unknown_criterion",
         f'unknown criterion "crit_claritx" of judge {images};'
         ' did you mean "crit_clarity"?'),
        (("body", "criteria_scores", "nonsense"), "unknown_criterion",
         f'unknown criterion "nonsense" of judge {images}'),
        (("body", "criteria_feedback", "crit_acuracy"), "unknown_criterion",
         f'unknown criterion "crit_acuracy" of judge {images};'
         ' did you mean "crit_accuracy"?')]


def test_archived_judge_is_409_after_its_rules(api, db, envelope):
    judge = new_judge(api)
    made = new_evaluation(api, judge)
    archive(db, judge)
    reply = api.post("/evaluations", json={**ITEM, "judge_id": judge})
    assert envelope(reply, 409, "invalid_state_error")["detail"] == (
        f"judge {judge} is archived")
    reply = api.post("/evaluations", json={
        **ITEM, "judge_id": judge, "criteria_scores": {"crit_x": 1}})
    envelope(reply, 422, "validation_error")
    reply = api.post("/evaluations/batch", json={
        "judge_id": judge, "items": [ITEM]})
    envelope(reply, 409, "invalid_state_error")
    # what there is can be read
    assert api.get(f"/evaluations/{made['evaluation_id']}").json() == made


@pytest.mark.parametrize("evaluation", [
    "eval_01hm7v2s2pesntnm42ckaqjq9s", "invalid", "jdg_xyz789",
    "eval_01HM7V2S2PESNTNM42CKAQJQ9S"])
def test_what_does_not_exist_is_404(api, envelope, evaluation):
    envelope(api.get(f"/evaluations/{evaluation}"), 404, "not_found_error")


def test_deleting_is_405(api, envelope, judge):
    made = new_evaluation(api, judge)
    reply = api.delete(f"/evaluations/{made['evaluation_id']}")
    envelope(reply, 405, "method_not_allowed_error")
    assert reply.headers["allow"] == "GET, HEAD"


def test_repeated_create_is_answered_once(api, db, envelope):
    judge = new_judge(api)
    headers = {"Idempotency-Key": f"evaluation-{judge}"}
    body = {**ITEM, "judge_id": judge}

    def create(_):
        return api.post("/evaluations", json=body, headers=headers)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(create, range(8)))
    assert {r.status_code for r in replies} <= {201, 409}
    done = [r for r in replies if r.status_code == 201]
    assert len({r.content for r in done}) == 1
    assert len({r.headers["location"] for r in done}) == 1
    again = create(0)
    assert again.content == done[0].content
    assert again.headers["idempotent-replayed"] == "true"
    assert api.get(done[0].headers["location"]).json() == done[0].json()
    assert stored(db, judge) == 1
    # the key belongs to the path, too
    other = api.post("/evaluations", headers=headers, json={
        **body, "external_id": "other"})
    envelope(other, 422, "idempotency_key_reused_error")


def test_groups_are_stored_as_the_trainer_makes_them(api, db, judge):
    cases = [{"content": "  Hello,\n\tWORLD!! ä"}, {"content_ref": "a/b?C"},
             {"content": "...", "content_ref": "x"}]
    for case in cases:
        made = new_evaluation(api, judge, **case)
        with db.cursor() as cur:
            cur.execute("select group_key, group_u from trainyard.evaluation"
                        " where id = %s", (uuid_of(made["evaluation_id"]),))
            key, place = cur.fetchone()
        assert key == group_key(case.get("content"), case.get("content_ref"))
        assert place == split_u(judge, key)


# --- many


def test_batch_answers_item_by_item(api, judge, db):
    before = stored(db, judge)
    reply = api.post("/evaluations/batch", json={
        "judge_id": judge, "name": "Monday", "items": [
            {**ITEM, "external_id": "one", "summary": "s"},
            {**ITEM, "external_id": "two", "criteria_scores": {"crit_x": 1}},
            7,
            {"content": "", "external_id": 5},
            {"content": "ok", "criteria_scores": {"crit_accuracy": 30}},
            {**ITEM, "metadata": {"k": "a\0b"}},
            {"criteria_scores": SCORES}]})
    assert reply.status_code == 201
    body = reply.json()
    assert list(body) == [
        "batch_id", "judge_id", "judge_version", "name", "status",
        "total_items", "processed_items", "failed_items", "created_at",
        "results"]
    assert is_id(body["batch_id"], "batch_")
    assert TIME.fullmatch(body["created_at"])
    assert [body[k] for k in (
        "judge_id", "judge_version", "name", "status", "total_items",
        "processed_items", "failed_items")] == [
        judge, 1, "Monday", "completed", 7, 2, 5]
    results = body["results"]
    assert [r["index"] for r in results] == list(range(7))
    assert [r["message"] for r in results] == [
        None, f'criteria_scores.crit_x: unknown criterion "crit_x" of judge'
        f' {judge}', "must be an object",
        "content: must have at least 1 character (and 2 more)", None,
        "metadata.k: must not contain NUL",
        "content: content or content_ref is required"]
    assert results[1] == {
        "index": 1, "status": "failed", "external_id": "two",
        "evaluation_id": None, "overall_score": None, "criteria_scores": None,
        "message": results[1]["message"]}
    assert stored(db, judge) == before + 2
    for i in (0, 4):
        one = api.get(f"/evaluations/{results[i]['evaluation_id']}").json()
        assert results[i] == {
            "index": i, "status": "completed",
            "external_id": one["external_id"],
            "evaluation_id": one["evaluation_id"],
            "overall_score": one["overall_score"],
            "criteria_scores": one["criteria_scores"], "message": None}
        assert one["batch_id"] == body["batch_id"]
        assert one["evaluated_at"] == body["created_at"]
    assert results[0]["criteria_scores"][0]["score"] == 82


def test_batch_without_a_good_item_stores_nothing(api, judge, db):
    before = stored(db, judge)
    reply = api.post("/evaluations/batch", json={
        "judge_id": judge, "items": [{}, None]})
    assert reply.status_code == 200
    body = reply.json()
    assert TIME.fullmatch(body["created_at"])
    assert [body[k] for k in (
        "batch_id", "judge_version", "name", "status", "total_items",
        "processed_items", "failed_items")] == [
        None, 1, None, "failed", 2, 0, 2]
    assert body["results"][1]["message"] == "must be an object"
    assert stored(db, judge) == before


BAD_BATCHES = {
    "empty": ({}, [("judge_id", "missing"), ("items", "missing")]),
    "no items": ({"judge_id": "j", "items": []}, [("items", "too_short")]),
    "too many": ({"judge_id": "j", "items": [1] * 1001},
                 [("items", "too_long")]),
    "items": ({"judge_id": "j", "items": {}}, [("items", "list_type")]),
    "name": ({"judge_id": "j", "items": [1], "name": "", "nam": 1},
             [("name", "string_too_short"), ("nam", "extra_forbidden")]),
}


@pytest.mark.parametrize("case", BAD_BATCHES)
def test_shape_of_the_batch_itself(api, envelope, case):
    body, errors = BAD_BATCHES[case]
    reply = api.post("/evaluations/batch", json=body)
    envelope(reply, 422, "validation_error")
    assert [(e[0], e[1]) for e in errors_of(reply)] == [
        (("body", field), kind) for field, kind in errors]


def test_batch_of_an_unknown_judge(api, envelope):
    reply = api.post("/evaluations/batch", json={
        "judge_id": "jdg_nobody", "items": [ITEM]})
    envelope(reply, 404, "not_found_error")


def test_batch_of_a_thousand(api, judge):
    reply = api.post("/evaluations/batch", json={
        "judge_id": judge, "items": [
            {"content_ref": str(i), "criteria_scores":
                {"crit_clarity": i / 10}} for i in range(1000)]})
    assert reply.status_code == 201
    results = reply.json()["results"]
    assert [r["overall_score"] for r in results] == [
        i / 10 for i in range(1000)]
    assert len({r["evaluation_id"] for r in results}) == 1000


def test_repeated_batch_is_answered_once(api, db):
    judge = new_judge(api)
    headers = {"Idempotency-Key": f"batch-{judge}"}
    body = {"judge_id": judge, "items": [ITEM, 7]}
    first = api.post("/evaluations/batch", json=body, headers=headers)
    again = api.post("/evaluations/batch", json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert stored(db, judge) == 1


def test_long_references_are_taken(api, judge):
    made = new_evaluation(api, judge, content_ref="\U0001f9d1" * 2048)
    assert len(made["content_ref"]) == 2048


def test_batches_count_for_the_version(api):
    judge = new_judge(api)
    new_batch(api, judge, 3)
    version = api.get(f"/judges/{judge}/versions").json()["versions"][0]
    assert version["performance_metrics"]["evaluation_count"] == 3


# --- a trained version


def test_active_version_calibrates(api, stack, db, model):
    judge = new_judge(api)
    before = new_evaluation(api, judge)
    add_version(stack, db, judge, model)
    after = new_evaluation(api, judge)
    assert after["judge_version"] == 2
    clarity, accuracy = after["criteria_scores"]
    assert clarity["raw_score"] == 82 and abs(clarity["score"] - 62) < 3
    assert accuracy["raw_score"] == 64.5 and abs(accuracy["score"] - 64.5) < 3
    assert clarity["name"] == "Clarity II"
    assert after["raw_overall_score"] == 70.33
    # of the scores that are shown
    assert after["overall_score"] == pytest.approx(
        (clarity["score"] + 2 * accuracy["score"]) / 3, abs=0.0051)
    assert api.get(f"/evaluations/{after['evaluation_id']}").json() == after
    # what was said before stays as it was
    assert api.get(f"/evaluations/{before['evaluation_id']}").json() == before
    batch, (one, _) = new_batch(api, judge)
    assert api.get(f"/evaluations/{one}").json()["criteria_scores"] == (
        after["criteria_scores"])


def test_lost_model_is_an_error_and_stores_nothing(
        api, stack, db, model, envelope):
    judge = new_judge(api)
    made = new_evaluation(api, judge)
    # another digest than above, which is in memory
    add_version(stack, db, judge, model + b" ")
    put_blob(stack, model + b" ")[1].unlink()
    for path, body in (
            ("/evaluations", {**ITEM, "judge_id": judge}),
            ("/evaluations/batch", {"judge_id": judge, "items": [ITEM]})):
        detail = envelope(api.post(path, json=body), 500,
                          "internal_error")["detail"]
        assert "blob" not in detail and "/" not in detail
    assert stored(db, judge) == 1
    assert api.get(f"/evaluations/{made['evaluation_id']}").json() == made
