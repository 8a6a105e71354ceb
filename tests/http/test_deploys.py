# SPDX-License-Identifier: BSD-2-Clause
"""One version, deploys and rollbacks."""
import concurrent.futures
import itertools

import pytest

from judges import (
    body_of_judge, errors_of, judge_row, new_evaluation, new_judge, version)
from trained import add_version


@pytest.fixture
def judge(api):
    """Version 2 is active, 1 was before."""
    judge = new_judge(api, name="One")
    api.put(f"/judges/{judge}", json={
        "name": "Two", "description": "Words.",
        "criteria": [{"name": "Tone"}]})
    return judge


def deploy(api, judge, number, verb="deploy", **more):
    reply = api.post(f"/judges/{judge}/versions/{number}/{verb}", **more)
    assert reply.status_code == 200, reply.text
    return reply.json()


def statuses(api, judge):
    return [v["status"] for v in api.get(f"/judges/{judge}/versions").json()[
        "versions"]][::-1]


def told(db, judge):
    """What the organisation is told about the judge's versions."""
    with db.cursor() as cur:
        cur.execute("select event, target, (snapshot ->> 'number')::int,"
                    " snapshot ->> 'status' from trainyard.outbox"
                    " where judge_id = %s order by created_at, id",
                    (judge_row(db, judge)[1],))
        return cur.fetchall()


@pytest.fixture
def hook(db):
    """The organisation has an address for webhooks."""
    def put(url):
        with db.cursor() as cur:
            cur.execute("update trainyard.organization set webhook_url = %s"
                        " where key = 'acme'", (url,))
    put("https://acme.example/hook")
    yield "https://acme.example/hook"
    put(None)


# --- one version


def test_one_version_has_more_than_an_item_of_the_list(api):
    made = api.post("/judges", json=body_of_judge()).json()
    item = api.get(f"/judges/{made['id']}/versions").json()["versions"][0]
    got = version(api, made["id"], 1)
    assert list(got) == [*item, "name", "description", "criteria",
                         "deployments"]
    assert got == {
        **item, "name": made["name"], "description": made["description"],
        "criteria": made["criteria"], "deployments": [
            {"at": made["created_at"], "by": made["created_by"],
             "reason": None, "job_id": None}]}


@pytest.mark.parametrize("number", [
    "3", "0", "01", "-1", "1.0", "x", "%20", "2147483648", "9" * 30])
def test_version_that_does_not_exist(api, judge, envelope, number):
    path = f"/judges/{judge}/versions/{number}"
    for reply in (api.get(path), api.post(path + "/deploy"),
                  api.post(path + "/rollback", json={"reason": "x"})):
        assert envelope(reply, 404, "not_found_error")[
            "detail"] == "no such version"


def test_version_of_nobody(api, envelope):
    reply = api.get("/judges/jdg_nobody/versions/1")
    assert envelope(reply, 404, "not_found_error")["detail"] == (
        "no such judge")


def test_last_hundred_deployments_are_shown(api, db, judge):
    workspace, uuid = judge_row(db, judge)
    with db.cursor() as cur:
        cur.execute("insert into trainyard.deployment (workspace_id,"
                    " judge_id, version, at, reason) select %s, %s, 2,"
                    " now() + n * interval '1 s', n::text"
                    " from generate_series(1, 120) n", (workspace, uuid))
    shown = version(api, judge, 2)["deployments"]
    assert [d["reason"] for d in shown] == [str(n) for n in range(21, 121)]


# --- deploy


def test_deploy_restores_the_whole_version(api, db, judge, hook):
    before = api.get(f"/judges/{judge}").json()
    got = deploy(api, judge, 1, json={"reason": "better"})
    assert (got["version_number"], got["status"]) == (1, "active")
    assert got == version(api, judge, 1)
    record = got["deployments"][-1]
    assert record == {"at": got["deployed_at"], "reason": "better",
                      "by": before["created_by"], "job_id": None}
    after = api.get(f"/judges/{judge}").json()
    assert (after["name"], after["description"], after["version_number"]) == (
        "One", "Grades answers.", 1)
    assert [c["id"] for c in after["criteria"]] == [
        "crit_clarity", "crit_accuracy"]
    assert after["updated_at"] == got["deployed_at"]
    assert statuses(api, judge) == ["active", "deployed"]
    assert new_evaluation(api, judge)["judge_version"] == 1
    assert told(db, judge) == [
        ("judge.version.deployed", hook, 1, "active")]
    with db.cursor() as cur:
        cur.execute("select action from trainyard.audit where target = %s",
                    (f"{judge}/versions/1",))
        assert cur.fetchall() == [("judge.deploy",)]


def test_deploy_of_the_active_version_changes_nothing(api, db, judge, hook):
    before = version(api, judge, 2)
    judge_before = api.get(f"/judges/{judge}").json()
    assert deploy(api, judge, 2, json={"reason": "again"}) == before
    assert api.get(f"/judges/{judge}").json() == judge_before
    assert told(db, judge) == []


def test_nobody_is_told_of_changes(api, db, hook):
    judge = new_judge(api)
    api.put(f"/judges/{judge}", json={"name": "Other"})
    assert told(db, judge) == []


def test_nothing_is_written_for_an_organisation_without_address(
        api, db, judge):
    deploy(api, judge, 1)
    assert told(db, judge) == []


def test_deployed_draft_makes_the_judge_ready(api, stack, db, model):
    judge = new_judge(api)
    assert add_version(stack, db, judge, model, "draft") == 2
    assert api.get(f"/judges/{judge}").json()["status"] == "learning"
    assert new_evaluation(api, judge)["criteria_scores"][0]["score"] == 82
    deploy(api, judge, 2)
    assert api.get(f"/judges/{judge}").json()["status"] == "ready"
    assert new_evaluation(api, judge)["criteria_scores"][0]["score"] < 70
    # it stays ready: a trained version has been active once
    deploy(api, judge, 1)
    got = api.get(f"/judges/{judge}").json()
    assert (got["status"], got["training_progress"]) == ("ready", 100)
    assert new_evaluation(api, judge)["criteria_scores"][0]["score"] == 82


def set_status(db, judge, number, status):
    with db.cursor() as cur:
        cur.execute("update trainyard.judge_version set status = %s"
                    " where judge_id = %s and number = %s",
                    (status, judge_row(db, judge)[1], number))


REFUSED = [
    ("deploy", 1, "archived", "version 1 is archived"),
    ("rollback", 1, "archived", "version 1 is archived"),
    ("rollback", 1, "draft", "version 1 was never active; deploy it"),
    ("rollback", 2, "active", "version 2 is active"),
]


@pytest.mark.parametrize("verb, number, status, detail", REFUSED)
def test_states_that_refuse(
        api, db, judge, envelope, verb, number, status, detail):
    set_status(db, judge, number, status)
    reply = api.post(f"/judges/{judge}/versions/{number}/{verb}",
                     json={"reason": "x"})
    assert envelope(reply, 409, "invalid_state_error")["detail"] == detail
    assert api.get(f"/judges/{judge}").json()["version_number"] == 2


# --- rollback


def test_rollback_goes_back_to_an_older_version(api, db, judge, hook):
    got = deploy(api, judge, 1, "rollback", json={"reason": "worse"})
    assert got["status"] == "active"
    assert got["deployments"][-1]["reason"] == "worse"
    assert statuses(api, judge) == ["active", "deployed"]
    assert [t[0] for t in told(db, judge)] == ["judge.version.deployed"]
    with db.cursor() as cur:
        cur.execute("select action from trainyard.audit where target = %s",
                    (f"{judge}/versions/1",))
        assert cur.fetchall() == [("judge.rollback",)]


BODIES = [
    ("rollback", {}, [(("body", "reason"), "missing", "field required")]),
    ("rollback", {"reason": ""}, [
        (("body", "reason"), "string_too_short",
         "must have at least 1 character")]),
    ("deploy", {"reason": "x" * 1001}, [
        (("body", "reason"), "string_too_long",
         "must have at most 1000 characters")]),
    ("deploy", {"resaon": "x"}, [
        (("body", "resaon"), "extra_forbidden",
         'unknown field; did you mean "reason"?')]),
]


@pytest.mark.parametrize("verb, body, errors", BODIES)
def test_bodies_that_refuse(api, judge, envelope, verb, body, errors):
    reply = api.post(f"/judges/{judge}/versions/1/{verb}", json=body)
    envelope(reply, 422, "validation_error")
    assert errors_of(reply) == errors


def test_rollback_needs_a_body_and_deploy_does_not(api, judge, envelope):
    envelope(api.post(f"/judges/{judge}/versions/1/rollback"), 400,
             "invalid_request_error")
    deploy(api, judge, 1)
    deploy(api, judge, 2, json={})


def test_repeated_deploy_is_answered_once(api, judge, envelope):
    path = f"/judges/{judge}/versions/1/deploy"
    headers = {"Idempotency-Key": f"deploy-{judge}"}
    first = api.post(path, headers=headers)
    deploy(api, judge, 2)
    again = api.post(path, headers=headers)
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert api.get(f"/judges/{judge}").json()["version_number"] == 2
    envelope(api.post(path, headers=headers, json={"reason": "x"}), 422,
             "idempotency_key_reused_error")


# --- at once


def test_one_version_is_active_whatever_happens_at_once(api, db, judge):
    """Deploys, rollbacks and changes together, while evaluations go on."""
    def call(n):
        kind = n % 4
        path = f"/judges/{judge}/versions/{1 + n % 2}"
        if kind == 0:
            return api.put(f"/judges/{judge}", json={"name": f"n{n}"})
        if kind == 1:
            return api.post(path + "/rollback", json={"reason": "x"})
        if kind == 2:
            return api.post(path + "/deploy")
        return api.get(f"/judges/{judge}")

    with db.cursor() as cur, \
            concurrent.futures.ThreadPoolExecutor(12) as pool:
        calls = [pool.submit(call, n) for n in range(120)]
        while not all(c.done() for c in calls):
            cur.execute(
                "select array_agg(v.number), (select j.active_version from"
                " trainyard.judge j where j.id = %(id)s) from"
                " trainyard.judge_version v where v.judge_id = %(id)s"
                " and v.status = 'active'", {"id": judge_row(db, judge)[1]})
            numbers, active = cur.fetchone()
            assert numbers == [active]
    got = {c.result().status_code for c in calls}
    assert 200 in got and got <= {200, 409}
    found = api.get(f"/judges/{judge}/versions", params={
        "limit": 100}).json()
    assert found["total_versions"] == 2 + 30
    assert [v["version_number"] for v in found["versions"]] == list(
        range(32, 0, -1))
    assert [v["version_number"] for v in found["versions"]
            if v["status"] == "active"] == [found["current_version"]]


def test_every_answer_is_of_one_whole_version(api, stack, db, model):
    """Version 1 leaves 82 as it is, version 2 takes some 20 off."""
    judge = new_judge(api)
    add_version(stack, db, judge, model)
    want = {}
    for number in (1, 2):
        deploy(api, judge, number)
        want[number] = new_evaluation(api, judge)["criteria_scores"]
    assert want[1] != want[2]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        swaps, made = [], []
        for number in itertools.islice(itertools.cycle((1, 2)), 40):
            swaps.append(pool.submit(deploy, api, judge, number))
            made += [pool.submit(new_evaluation, api, judge)
                     for _ in range(2)]
    assert {s.result()["status"] for s in swaps} <= {"active", "deployed"}
    seen = set()
    for one in made:
        body = one.result()
        seen.add(body["judge_version"])
        assert body["criteria_scores"] == want[body["judge_version"]]
    assert seen == {1, 2}
