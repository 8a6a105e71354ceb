# SPDX-License-Identifier: BSD-2-Clause
"""GET /evaluations: filters and pages."""
import datetime
import itertools
import json

import pytest

from judges import (
    SCORES, errors_of, judge_row, new_batch, new_evaluation, new_judge)

KEYS = ["evaluations", "total", "has_more", "limit", "offset", "next_cursor",
        "total_is_exact"]


@pytest.fixture(scope="module")
def shelf(stack):
    """A workspace of its own: two judges, seven evaluations."""
    stack.trainyard("workspace", "create", "acme/evaluations-shelf")
    token = stack.trainyard(
        "token", "create", "--user", "ada@acme.example", "--org", "acme",
        "--workspace", "evaluations-shelf").strip()
    with stack.client(token) as client:
        one, two = new_judge(client), new_judge(client)
        made = [
            new_evaluation(client, one, content_ref="a", external_id="x"),
            new_evaluation(client, two, content_ref="a", external_id="y"),
            new_evaluation(client, one, content="words", external_id="x"),
            new_evaluation(client, one, content_ref="b" * 2048),
            new_evaluation(client, two, content_ref="c", summary="s",
                           metadata={"k": "v"}, strengths=["t"])]
        batch, ids = new_batch(client, one, 2)
        made += [client.get(f"/evaluations/{i}").json() for i in ids]
        yield client, one, two, made, batch


def listed(client, **params):
    reply = client.get("/evaluations", params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()


def positions(shelf, **params):
    """Which of the evaluations, in the order of the list."""
    client, _, _, made, _ = shelf
    ids = [e["evaluation_id"] for e in made]
    return [ids.index(e["evaluation_id"])
            for e in listed(client, **params)["evaluations"]]


def test_newest_come_first_and_whole(shelf):
    client, _, _, made, _ = shelf
    body = listed(client)
    assert list(body) == KEYS
    assert body == {
        "evaluations": made[::-1], "total": 7, "has_more": False,
        "limit": 50, "offset": 0, "next_cursor": None,
        "total_is_exact": True}


def test_filters(shelf):
    client, one, two, made, batch = shelf
    assert positions(shelf, judge_id=one) == [6, 5, 3, 2, 0]
    assert positions(shelf, judge_id=two) == [4, 1]
    assert positions(shelf, content_id="a") == [1, 0]
    assert positions(shelf, content_id="b" * 2048) == [3]
    assert positions(shelf, external_id="x") == [2, 0]
    assert positions(shelf, batch_id=batch) == [6, 5]
    assert positions(shelf, status="completed") == list(range(6, -1, -1))
    assert positions(shelf, judge_id=two, content_id="a") == [1]
    assert positions(shelf, judge_id=one, external_id="x",
                     content_id="a") == [0]
    assert positions(shelf, judge_id=two, batch_id=batch) == []


@pytest.mark.parametrize("params", [
    {"judge_id": "jdg_nobody"}, {"batch_id": "x"}, {"status": "failed"},
    {"batch_id": "batch_01hm7tskx4fqwv1s822n2f90tb"}, {"content_id": "zz"},
    {"external_id": "zz"}, {"status": "processing"}, {"offset": 100}])
def test_what_nothing_matches_is_an_empty_page(shelf, params):
    body = listed(shelf[0], **params)
    assert body["evaluations"] == [] and body["has_more"] is False
    assert body["total"] == (7 if "offset" in params else 0)
    assert body["next_cursor"] is None


def test_since_is_inclusive_and_before_is_not(shelf):
    at = [e["evaluated_at"] for e in shelf[3]]
    assert positions(shelf, since=at[4]) == [6, 5, 4]
    assert positions(shelf, before=at[4]) == [3, 2, 1, 0]
    assert positions(shelf, since=at[1], before=at[3]) == [2, 1]
    # any offset from UTC
    moment = datetime.datetime.fromisoformat(at[4]).astimezone(
        datetime.timezone(datetime.timedelta(hours=5, minutes=30)))
    assert positions(shelf, since=moment.isoformat()) == [6, 5, 4]
    assert positions(shelf, since="0001-01-01T00:00:00Z",
                     before="9999-12-31T23:59:59Z") == list(range(6, -1, -1))


@pytest.mark.parametrize("more", [
    {}, {"judge": True}, {"external_id": "x"}, {"content_id": "a"},
    {"batch": True}])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_cursors_lead_through_every_filter(shelf, more, limit):
    client, one, _, _, batch = shelf
    params = dict(more)
    if params.pop("judge", None):
        params["judge_id"] = one
    if params.pop("batch", None):
        params["batch_id"] = batch
    whole = listed(client, **params)
    got = []
    while True:
        page = listed(client, limit=limit, **params)
        got += page["evaluations"]
        assert page["total"] == whole["total"]
        assert page["has_more"] == (page["next_cursor"] is not None)
        if not page["has_more"]:
            break
        params["cursor"] = page["next_cursor"]
    assert got == whole["evaluations"]


def test_offsets_lead_through_the_list_too(shelf):
    client, _, _, made, _ = shelf
    got = itertools.chain.from_iterable(
        listed(client, limit=3, offset=n)["evaluations"] for n in (0, 3, 6))
    assert list(got) == made[::-1]
    assert listed(client, limit=3, offset=3)["offset"] == 3


QUERIES = {
    "limit=0": ("limit", "greater_than_equal"),
    "limit=101": ("limit", "less_than_equal"),
    "offset=9951": ("offset", "value_error"),
    "offset=1&cursor=NC4u": ("cursor", "value_error"),
    "cursor=x": ("cursor", "value_error"),
    "status=done": ("status", "literal_error"),
    "since=yesterday": ("since", "datetime_parsing"),
    "before=2024-01-01T00:00:00": ("before", "datetime_parsing"),
    "judge=x": ("judge", "extra_forbidden"),
    "judge_id=": ("judge_id", "value_error"),
    "include_content=true": ("include_content", "extra_forbidden"),
    "limit=1&limit=2": ("limit", "duplicate_key"),
}


@pytest.mark.parametrize("query", QUERIES)
def test_list_refuses(api, envelope, query):
    name, kind = QUERIES[query]
    reply = api.get(f"/evaluations?{query}")
    envelope(reply, 422, "validation_error")
    assert [(e[0], e[1]) for e in errors_of(reply)] == [
        (("query", name), kind)]


def test_other_workspaces_see_nothing(api, shelf):
    assert listed(api, judge_id=shelf[1])["evaluations"] == []
    assert listed(api, batch_id=shelf[4])["evaluations"] == []


def test_api_key_header_changes_nothing(stack, api):
    with stack.client() as client:
        reply = client.get("/evaluations", headers={"X-API-Key": stack.token})
    assert list(reply.json()) == KEYS


def test_total_is_exact_to_ten_thousand(api, db):
    judge = new_judge(api)
    workspace, uuid = judge_row(db, judge)
    scores = json.dumps(SCORES)

    def fill(count):
        with db.cursor() as cur:
            cur.execute(
                "insert into trainyard.evaluation (workspace_id, id,"
                " judge_id, version, content_ref, raw, scores, raw_overall,"
                " overall, group_key, group_u, created_by)"
                " select %s, gen_random_uuid(), %s, 1, 'r', %s, %s, 0, 0,"
                " 'g', 0, gen_random_uuid() from generate_series(1, %s)",
                (workspace, uuid, scores, scores, count))

    fill(10000)
    body = listed(api, judge_id=judge)
    assert (body["total"], body["total_is_exact"]) == (10000, True)
    fill(1)
    body = listed(api, judge_id=judge)
    assert (body["total"], body["total_is_exact"]) == (10000, False)
    assert body["has_more"]


def test_scope(stack, envelope):
    token = stack.trainyard(
        "token", "create", "--user", "ada@acme.example", "--org", "acme",
        "--workspace", "main", "--scope", "judges:read").strip()
    with stack.client(token) as reader:
        for path in ("/evaluations", "/feedback"):
            assert "feedback:read" in envelope(
                reader.get(path), 403, "permission_error")["detail"]
