# SPDX-License-Identifier: BSD-2-Clause
"""Judges after their creation: changes, the archive, retraining policies."""
import concurrent.futures

import pytest

from judges import (
    ACCURACY, CLARITY, SCORES, TIME, comment, errors_of, judge_row, new_batch,
    new_evaluation, new_judge, rating, send, send_many, version)
from trained import add_version


@pytest.fixture
def judge(api):
    return new_judge(api)


def change(api, judge, **what):
    reply = api.put(f"/judges/{judge}", json=what)
    assert reply.status_code == 200, reply.text
    return reply.json()


def audited(db, judge):
    with db.cursor() as cur:
        cur.execute("select action from trainyard.audit where target = %s"
                    " order by seq", (judge,))
        return [action for action, in cur.fetchall()]


# --- PUT


def test_change_makes_an_active_version_at_once(api, judge):
    before = api.get(f"/judges/{judge}").json()
    body = change(api, judge, name="Renamed")
    message = body.pop("message")
    assert list(body) == list(before)
    assert message == "name changed; version 2 is active"
    assert body == {**before, "name": "Renamed", "version_number": 2,
                    "updated_at": body["updated_at"]}
    assert body["updated_at"] > before["updated_at"]
    assert api.get(f"/judges/{judge}").json() == body
    versions = api.get(f"/judges/{judge}/versions").json()["versions"]
    assert [(v["version_number"], v["status"], v["base_version_number"],
             v["training_info"]) for v in versions] == [
        (2, "active", 1, None), (1, "deployed", None, None)]
    assert versions[0]["changes_summary"] == "name changed"
    assert versions[0]["created_at"] == versions[0]["deployed_at"]
    # the next answer is the new version's
    assert new_evaluation(api, judge)["judge_version"] == 2


def test_version_is_a_snapshot_of_the_whole_judge(api, judge):
    change(api, judge, name="Two", description="Other words.",
           criteria=[{"name": "Tone", "weight": 3}])
    first, second = (version(api, judge, n) for n in (1, 2))
    assert first["description"] == "Grades answers."
    assert [c["name"] for c in first["criteria"]] == ["Clarity", "Accuracy"]
    assert (second["name"], second["description"]) == ("Two", "Other words.")
    assert second["criteria"] == [{"id": "crit_tone", "name": "Tone",
                                   "description": None, "weight": 3}]
    assert second["changes_summary"] == (
        "name, description and criteria changed (1 added, 2 removed)")


def test_no_difference_makes_no_version(api, judge):
    before = api.get(f"/judges/{judge}").json()
    body = change(api, judge, name=before["name"],
                  description=before["description"],
                  criteria=[CLARITY, ACCURACY], is_active=True)
    assert body.pop("message") == "nothing changed"
    assert body == before


def test_order_of_criteria_is_a_difference(api, judge):
    body = change(api, judge, criteria=[ACCURACY, CLARITY])
    assert body["version_number"] == 2
    assert [c["id"] for c in body["criteria"]] == [
        "crit_accuracy", "crit_clarity"]
    assert body["message"].startswith("criteria changed; ")


def test_criteria_are_matched_by_id_else_by_name(api, judge):
    body = change(api, judge, criteria=[
        {"name": "Precision", "id": "crit_accuracy"}, {"name": "Clarity"},
        {"name": "Tone"}])
    assert [(c["id"], c["name"]) for c in body["criteria"]] == [
        ("crit_accuracy", "Precision"), ("crit_clarity", "Clarity"),
        ("crit_tone", "Tone")]


def test_new_criterion_takes_no_id_of_one_that_goes(api, judge):
    change(api, judge, criteria=[{"name": "Plain", "id": "crit_clarity"}])
    body = change(api, judge, criteria=[{"name": "Clarity"}])
    assert [c["id"] for c in body["criteria"]] == ["crit_clarity_2"]


def test_name_does_not_match_what_an_id_has_claimed(api, judge):
    body = change(api, judge, criteria=[
        {"name": "Clarity"}, {"name": "Plain", "id": "crit_clarity"}])
    assert [(c["id"], c["name"]) for c in body["criteria"]] == [
        ("crit_clarity_2", "Clarity"), ("crit_clarity", "Plain")]


def scores(api, judge):
    return {s["criterion_id"]: s["score"] - s["raw_score"]
            for s in new_evaluation(api, judge, {
                c["id"]: 80 for c in api.get(f"/judges/{judge}").json()[
                    "criteria"]})["criteria_scores"]}


def test_matched_criterion_keeps_its_head_and_a_new_one_has_none(
        api, stack, db, judge, model):
    add_version(stack, db, judge, model)
    assert scores(api, judge)["crit_clarity"] < -15
    change(api, judge, criteria=[{"name": "Bright", "id": "crit_clarity"},
                                 {"name": "Tone"}])
    shift = scores(api, judge)
    assert shift["crit_clarity"] < -15 and shift["crit_tone"] == 0
    # one that was away is new, whatever the model knows under its id
    change(api, judge, criteria=[{"name": "Tone"}])
    change(api, judge, criteria=[{"name": "Tone"},
                                 {"name": "X", "id": "crit_clarity"}])
    assert scores(api, judge) == {"crit_tone": 0, "crit_clarity": 0}
    # and stays it with the next change
    change(api, judge, description="More words.")
    assert scores(api, judge) == {"crit_tone": 0, "crit_clarity": 0}


def test_change_inherits_model_and_lineage(api, stack, db, judge, model):
    add_version(stack, db, judge, model)
    with db.cursor() as cur:
        cur.execute("update trainyard.judge_version set trained_through = 7,"
                    " seen_through = 9, seen_split = 0.2 where judge_id = %s"
                    " and number = 2", (judge_row(db, judge)[1],))
    change(api, judge, name="Three")
    with db.cursor() as cur:
        cur.execute("select trained_through, seen_through, seen_split,"
                    " model_sha256 is not null, feedback_count, validation,"
                    " job_id from trainyard.judge_version where judge_id = %s"
                    " and number = 3", (judge_row(db, judge)[1],))
        assert cur.fetchone() == (7, 9, 0.2, True, None, None, None)
    assert api.get(f"/judges/{judge}").json()["status"] == "ready"


PUT = {
    "nothing": ({}, [(("body",), "value_error", "one of name, description, "
                      "criteria and is_active is required")]),
    "null is absent": ({"name": None}, [
        (("body",), "value_error", "one of name, description, criteria and "
         "is_active is required")]),
    "is_active false": ({"is_active": False}, [
        (("body", "is_active"), "value_error",
         "must be true; DELETE archives a judge")]),
    "no criteria": ({"criteria": []}, [
        (("body", "criteria"), "too_short", "must have at least 1 item")]),
    "names twice": ({"criteria": [{"name": "a"}, {"name": "a"}]}, [
        (("body", "criteria", 1, "name"), "value_error", "appears twice")]),
    "what cannot change": ({"content_type": "image", "nmae": "x"}, [
        (("body", "content_type"), "extra_forbidden", "unknown field"),
        (("body", "nmae"), "extra_forbidden",
         'unknown field; did you mean "name"?')]),
    "empty name": ({"name": ""}, [
        (("body", "name"), "string_too_short",
         "must have at least 1 character")]),
}


@pytest.mark.parametrize("case", PUT)
def test_change_tells_every_fault(api, judge, envelope, case):
    body, errors = PUT[case]
    reply = api.put(f"/judges/{judge}", json=body)
    envelope(reply, 422, "validation_error")
    assert errors_of(reply) == errors
    assert api.get(f"/judges/{judge}").json()["version_number"] == 1


def test_shape_is_checked_before_the_judge(api, envelope):
    envelope(api.put("/judges/jdg_nobody", json={}), 422, "validation_error")
    envelope(api.put("/judges/jdg_nobody", json={"name": "x"}), 404,
             "not_found_error")


def test_of_changes_at_once_each_makes_its_version(api, db, judge):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(
            lambda n: api.put(f"/judges/{judge}", json={"name": f"n{n}"}),
            range(16)))
    assert {r.status_code for r in replies} == {200}
    numbers = sorted(r.json()["version_number"] for r in replies)
    assert numbers == list(range(2, 18))
    listed = api.get(f"/judges/{judge}/versions", params={
        "limit": 100}).json()["versions"]
    assert [v["version_number"] for v in listed] == list(range(17, 0, -1))
    assert [v["status"] for v in listed] == ["active"] + ["deployed"] * 16
    # each is based on the one before it
    assert [v["base_version_number"] for v in listed[:-1]] == list(
        range(16, 0, -1))


# --- the archive


def test_archived_judge_can_be_read_only(api, db, envelope):
    judge = new_judge(api)
    made = new_evaluation(api, judge)["evaluation_id"]
    batch, ids = new_batch(api, judge)
    reply = api.delete(f"/judges/{judge}")
    assert reply.status_code == 200
    body = reply.json()
    assert body.pop("message") == "judge archived"
    assert body["is_active"] is False and TIME.fullmatch(body["archived_at"])
    assert body["updated_at"] == body["archived_at"]
    assert api.get(f"/judges/{judge}").json() == body
    # a second time changes nothing
    again = api.delete(f"/judges/{judge}")
    assert again.status_code == 200
    assert again.json() == {**body, "message": "judge is archived already"}

    detail = f"judge {judge} is archived"
    job = {"judge_id": judge, "training_type": "full_retrain",
           "training_config": {}}
    item = {"content_ref": "x", "criteria_scores": SCORES}
    for reply in (
            api.post("/evaluations", json={"judge_id": judge, **item}),
            api.post("/evaluations/batch",
                     json={"judge_id": judge, "items": [item]}),
            send(api, comment(made)), send_many(api, [comment(made)]),
            send_many(api, [comment(ids[0])], f"/batches/{batch}/feedback"),
            api.post("/training/jobs", json=job),
            api.post(f"/judges/{judge}/versions/1/deploy"),
            api.post(f"/judges/{judge}/versions/1/rollback",
                     json={"reason": "x"}),
            api.put(f"/judges/{judge}", json={"name": "x"}),
            api.put(f"/judges/{judge}",
                    json={"is_active": True, "name": "x"})):
        assert envelope(reply, 409, "invalid_state_error")[
            "detail"] == detail
    for path in (f"/judges/{judge}/versions", f"/evaluations/{made}",
                 f"/judges/{judge}/versions/1",
                 f"/judges/{judge}/retraining-policy",
                 f"/feedback/evaluation/{made}"):
        assert api.get(path).status_code == 200
    assert audited(db, judge) == ["judge.create", "judge.archive"]


def test_archived_judge_comes_back(api, db):
    judge = new_judge(api)
    before = api.get(f"/judges/{judge}").json()
    api.delete(f"/judges/{judge}")
    body = change(api, judge, is_active=True)
    assert body.pop("message") == "judge is active again"
    assert body == {**before, "updated_at": body["updated_at"]}
    new_evaluation(api, judge)
    assert audited(db, judge) == [
        "judge.create", "judge.archive", "judge.restore"]


def test_archive_of_nobody(api, envelope):
    envelope(api.delete("/judges/jdg_nobody"), 404, "not_found_error")


def test_change_is_in_the_audit_trail(api, db, judge):
    change(api, judge, name="Audited")
    change(api, judge, name="Audited")
    assert audited(db, judge) == ["judge.create", "judge.update"]


def test_change_needs_its_scope(stack, judge, envelope):
    token = stack.trainyard(
        "token", "create", "--user", "ada@acme.example", "--org", "acme",
        "--workspace", "main", "--scope", "judges:read").strip()
    with stack.client(token) as reader:
        for reply in (reader.put(f"/judges/{judge}", json={}),
                      reader.delete(f"/judges/{judge}"),
                      reader.post(f"/judges/{judge}/versions/1/deploy"),
                      reader.put(f"/judges/{judge}/retraining-policy",
                                 json={})):
            assert "judges:write" in envelope(
                reply, 403, "permission_error")["detail"]
        path = f"/judges/{judge}/retraining-policy"
        assert reader.get(path).status_code == 200


# --- retraining policy


UNSET = {"enabled": False, "min_new_feedback": 50, "min_interval_hours": 24,
         "auto_deploy": False, "updated_at": None, "updated_by": None,
         "last_run_id": None, "last_fired_at": None}


def policy(api, judge, **what):
    path = f"/judges/{judge}/retraining-policy"
    reply = api.put(path, json=what) if what else api.get(path)
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_policy_that_was_never_set_is_off(api, judge):
    got = policy(api, judge)
    assert got == {"judge_id": judge, **UNSET}
    assert list(got) == ["judge_id", *UNSET]


def test_policy_is_kept_and_replaced_as_a_whole(api, db, judge):
    made = policy(api, judge, enabled=True, min_new_feedback=3,
                  min_interval_hours=0.5, auto_deploy=True)
    assert TIME.fullmatch(made["updated_at"])
    assert made == {
        "judge_id": judge, "enabled": True, "min_new_feedback": 3,
        "min_interval_hours": 0.5, "auto_deploy": True,
        "updated_at": made["updated_at"],
        "updated_by": api.get(f"/judges/{judge}").json()["created_by"],
        "last_run_id": None, "last_fired_at": None}
    assert policy(api, judge) == made
    # what is left out is the default, not what was there
    again = policy(api, judge, enabled=False)
    assert again["updated_at"] > made["updated_at"]
    assert {**again, "updated_at": None, "updated_by": None} == {
        "judge_id": judge, **UNSET}
    assert audited(db, judge) == ["judge.create"] + ["judge.policy"] * 2


def test_new_policy_keeps_what_was_fired(api, db, judge):
    policy(api, judge, enabled=True)
    with db.cursor() as cur:
        cur.execute("update trainyard.retraining_policy set last_fired_at ="
                    " now(), last_run_id ="
                    " '018d0ce4-7c40-7abc-8def-0123456789ab'"
                    " where judge_id = %s", (judge_row(db, judge)[1],))
    got = policy(api, judge, enabled=True, min_new_feedback=7)
    assert got["last_run_id"] == "run_01hm6e8z20fay8vvr14d2pf2db"
    assert TIME.fullmatch(got["last_fired_at"])


POLICIES = {
    "empty": ({}, [(("body", "enabled"), "missing", "field required")]),
    "bounds": ({"enabled": True, "min_new_feedback": 0,
                "min_interval_hours": 8760.5}, [
        (("body", "min_new_feedback"), "greater_than_equal",
         "must be greater than or equal to 1"),
        (("body", "min_interval_hours"), "less_than_equal",
         "must be less than or equal to 8760")]),
    "types": ({"enabled": "yes", "auto_deploy": 1, "min_interval_hours": "1",
               "min_new_feedback": 1.5}, [
        (("body", "enabled"), "bool_type", "must be true or false"),
        (("body", "min_new_feedback"), "int_type", "must be an integer"),
        (("body", "min_interval_hours"), "float_type",
         "must be a finite number"),
        (("body", "auto_deploy"), "bool_type", "must be true or false")]),
}


@pytest.mark.parametrize("case", POLICIES)
def test_policy_tells_every_fault(api, judge, envelope, case):
    body, errors = POLICIES[case]
    reply = api.put(f"/judges/{judge}/retraining-policy", json=body)
    envelope(reply, 422, "validation_error")
    assert errors_of(reply) == errors


def test_policy_of_nobody(api, envelope):
    path = "/judges/jdg_nobody/retraining-policy"
    envelope(api.get(path), 404, "not_found_error")
    envelope(api.put(path, json={"enabled": True}), 404, "not_found_error")


def recommended(api, judge, n):
    _, ids = new_batch(api, judge, n)
    reply = send_many(api, [rating(i, 4) for i in ids])
    return reply.json()["impact_analysis"]["retraining_recommended"]


def test_policy_says_how_much_feedback_is_worth_a_retraining(api, judge):
    assert not recommended(api, judge, 2)
    policy(api, judge, enabled=False, min_new_feedback=4)
    assert not recommended(api, judge, 1)
    assert recommended(api, judge, 1)
