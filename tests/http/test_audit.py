# SPDX-License-Identifier: BSD-2-Clause
"""The audit trail: every change is in it, and how it is read."""
import base64

import pytest

from hosted import TIME, Place, new_token, rl, sft
from judges import rating, send, send_many, uuid_of

KEYS = ["seq", "created_at", "actor", "action", "target", "request_id"]


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "audit").furnish()
    yield made
    made.close()


@pytest.fixture(scope="module")
def ada(place):
    return place.value("select id::text from trainyard.account"
                       " where email = 'ada@acme.example'")


@pytest.fixture
def trail(stack, serial):
    """A workspace of its own whose trail is made up: write(...) rows."""
    made = Place(stack, f"audit-{next(serial)}")
    made.write = lambda n, actor="a", action="x.y", target="t", request=None, \
        at="2026-01-01": made.do(
            """insert into trainyard.audit (workspace_id, organization_id,
                 actor, action, target, request_id, at)
               select %s, %s, %s, %s, %s, %s, %s::timestamptz
                 from generate_series(1, %s)""",
            made.id, made.org_id, actor, action, target, request, at, n)
    yield made
    made.close()


def ask(place, path=None, **query):
    reply = place.http.get(path or f"{place.base}/audit", params=query)
    assert reply.status_code == 200, reply.text
    body = reply.json()
    assert list(body) == ["items", "page_size", "next_cursor"]
    for item in body["items"]:
        assert list(item) == KEYS
        assert TIME.fullmatch(item["created_at"])
    return body


def everything(place, **query):
    """All pages; no row twice, none out of order."""
    items, cursor = [], {}
    while True:
        body = ask(place, **query, **cursor)
        assert len(body["items"]) <= body["page_size"]
        items += body["items"]
        if body["next_cursor"] is None:
            break
        assert len(body["items"]) == body["page_size"]
        cursor = {"cursor": body["next_cursor"]}
    order = [(i["created_at"], i["seq"]) for i in items]
    assert order == sorted(order, reverse=True)
    assert len(set(order)) == len(order)
    return items


# --- what is in it


def changes(place):
    """(reply of a change over HTTP, action, target)."""
    job = place.create(sft())
    yield job, "job.create", job.json()["id"]
    put = place.http.put(place.path("dataset", "noted", "1"), content=b"x")
    yield put, "artifact.publish", "dataset/noted@1"
    judge = place.http.post("/judges", json={
        "name": "Noted", "description": "d", "content_type": "text",
        "criteria": [{"name": "Clarity"}]})
    yield judge, "judge.create", judge.json()["id"]
    judge = judge.json()["id"]
    scores = {"crit_clarity": 50}
    one = place.http.post("/evaluations", json={
        "judge_id": judge, "criteria_scores": scores, "content": "c"})
    yield one, "evaluation.create", uuid_of(one.json()["evaluation_id"])
    one = one.json()["evaluation_id"]
    many = place.http.post("/evaluations/batch", json={
        "judge_id": judge,
        "items": [{"criteria_scores": scores, "content": "c"}] * 2})
    yield many, "evaluation.create_batch", uuid_of(many.json()["batch_id"])
    said = send(place.http, rating(one, 5))
    yield said, "feedback.create", uuid_of(said.json()["feedback_id"])
    said = send_many(place.http, [rating(one, n) for n in (4, 3)])
    yield said, "feedback.create_batch", place.value(
        "select session_id::text from trainyard.feedback f"
        " where f.workspace_id = %s and session_id is not null limit 1",
        place.id)
    train = place.http.post("/training/jobs", json={
        "judge_id": judge, "training_type": "full_retrain",
        "training_config": {"minimum_feedback_count": 1},
        "execution_options": {"auto_start": False}})
    yield train, "job.create", uuid_of(train.json()["job_id"])


def test_every_change_over_http_is_there_once(place, ada):
    for reply, action, target in changes(place):
        assert reply.status_code in (200, 201), reply.text
        found = ask(place, request_id=reply.headers["x-request-id"])["items"]
        assert [(i["actor"], i["action"], i["target"], i["request_id"])
                for i in found] == [
            (ada, action, target, reply.headers["x-request-id"])]


def test_what_changed_nothing_is_not_there(place):
    before = place.value("select count(*) from trainyard.audit"
                         " where workspace_id = %s", place.id)
    key = {"Idempotency-Key": "audit-1"}
    place.made(sft(), headers=key)
    place.made(sft(), headers=key)
    place.create(sft(batch_size=0))
    place.create(rl(), params={"validate_only": "true"})
    place.publish("dataset", "tickets", "2026.03", b"{}\n")
    assert place.value("select count(*) from trainyard.audit"
                       " where workspace_id = %s", place.id) == before + 1


def test_the_command_is_there(stack, serial, place):
    key = f"noted-{next(serial)}"
    stack.trainyard("project", "create", f"acme/{place.key}", key)
    [item] = ask(place, target=f"acme/{place.key}/{key}")["items"]
    assert item["action"] == "project.create"
    assert item["actor"].startswith("command:")
    assert item["request_id"] is None


# --- how it is read


def test_newest_first_in_pages(trail):
    trail.write(45)
    items = everything(trail)
    assert len(items) >= 45
    assert ask(trail)["page_size"] == 20
    for size in (1, 7, 45, 100):
        assert everything(trail, page_size=size) == items


def test_filters(trail):
    trail.write(3, actor="a", action="x.y", target="t", request="r1")
    trail.write(4, actor="a", action="x.z", target="u", request="r2")
    trail.write(5, actor="b", action="x.y", target="u", request="r1")
    for query, n in (
            ({"actor": "a"}, 7), ({"actor": "b"}, 5), ({"action": "x.y"}, 8),
            ({"target": "u"}, 9), ({"request_id": "r1"}, 8),
            ({"actor": "a", "action": "x.y"}, 3),
            ({"actor": "b", "action": "x.z"}, 0),
            ({"actor": "a", "target": "u"}, 4),
            ({"action": "x.y", "target": "u", "request_id": "r1"}, 5),
            ({"request_id": "r1", "actor": "a"}, 3),
            ({"actor": "A"}, 0), ({"target": "%"}, 0)):
        found = everything(trail, page_size=2, **query)
        assert len(found) == n, query
        for item in found:
            assert {k: item[k] for k in query} == query


def test_times(trail):
    for day in range(1, 6):
        trail.write(1, at=f"2026-02-0{day}T12:00:00Z", actor=f"d{day}")

    def days(**query):
        return [i["actor"] for i in everything(
            trail, **query) if i["actor"].startswith("d")]

    noon = "2026-02-0{}T12:00:00Z".format
    assert days() == ["d5", "d4", "d3", "d2", "d1"]
    # the first inclusive, the second exclusive
    assert days(created_after=noon(4)) == ["d5", "d4"]
    assert days(created_before=noon(2)) == ["d1"]
    assert days(created_after=noon(2), created_before=noon(4)) == [
        "d3", "d2"]
    assert days(created_after="2026-02-04T13:00:00+01:00",
                action="x.y") == ["d5", "d4"]
    assert days(created_after=noon(4), created_before=noon(4)) == []


@pytest.mark.parametrize("query, kind", [
    ({"page_size": 0}, "greater_than_equal"),
    ({"page_size": 101}, "less_than_equal"), ({"actor": ""}, "value_error"),
    ({"created_after": "yesterday"}, "datetime_parsing"),
    ({"actr": "a"}, "extra_forbidden"), ({"cursor": "x"}, "value_error"),
    ({"cursor": base64.b64encode(
        b"1.019b8d2b-8c00-7e22-9d3f-6cae204f7b51").decode()},
     "value_error")])
def test_bad_queries(place, envelope, query, kind):
    body = envelope(place.http.get(f"{place.base}/audit", params=query),
                    422, "validation_error")
    [name] = query
    assert [(e["loc"], e["type"]) for e in body["errors"]] == [
        (["query", name], kind)]


# --- who may


def test_a_workspace_shows_its_own_only(place, stack, envelope):
    other = Place(stack, "audit-other").furnish()
    job = other.made(sft())["id"]
    assert ask(place, target=job)["items"] == []
    assert len(ask(other, target=job)["items"]) == 1
    envelope(place.http.get(f"{other.base}/audit"), 404, "not_found_error")
    other.close()
    token = new_token(place, workspace="audit", scopes=["training:write"])
    with stack.client(token) as client:
        envelope(client.get(f"{place.base}/audit"), 403, "permission_error")


def test_owners_read_what_belongs_to_no_workspace(place, stack, envelope):
    path = "/api/v1/org/acme/audit"
    stack.trainyard("user", "create", "bob@acme.example")
    stack.trainyard("member", "add", "acme", "bob@acme.example")
    with stack.client(new_token(place)) as client:
        body = client.get(path).json()
        assert [(i["action"], i["target"]) for i in body["items"]][0] == (
            "member.add", "acme bob@acme.example")
        assert not [i for i in body["items"] if i["action"] == "job.create"]
        page = client.get(path, params={"page_size": 1}).json()
        after = client.get(path, params={
            "page_size": 1, "cursor": page["next_cursor"]}).json()
        assert page["items"] + after["items"] == body["items"][:2]
        assert client.get(path, params={"action": "no"}).json()["items"] == []
        envelope(client.get("/api/v1/org/nobody/audit"),
                 404, "not_found_error")
    for token in (
            new_token(place, email="bob@acme.example"),
            new_token(place, workspace="audit"),
            new_token(place, scopes=["training:write"])):
        with stack.client(token) as client:
            envelope(client.get(path), 403, "permission_error")
