# SPDX-License-Identifier: BSD-2-Clause
"""The list of artifacts: filters, pages, cursors, counts."""
import pytest

from hosted import Place, faults, new_token

# As they are published: kind, name, version.
SHELF = [
    ("dataset", "tickets", "1"), ("dataset", "tickets", "2"),
    ("trajectory_dataset", "tickets", "1"), ("capability", "assistant", "1"),
    ("checkpoint", "assistant-run", "1"), ("model", "tiny_llama", "2"),
    ("dataset", "tiny-llama", "1"), ("other", "a.b", "2"),
    ("task", "find-flag", "1"), ("dataset", "tickets", "10")]


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "list")
    for kind, name, version in SHELF:
        made.publish(kind, name, version, f"{kind}{name}{version}".encode())
    yield made
    made.close()


def shown(reply):
    assert reply.status_code == 200, reply.text
    return [(i["kind"], i["name"], i["version"])
            for i in reply.json()["items"]]


def ask(place, **query):
    return place.http.get(f"{place.base}/artifacts", params=query)


def test_all_of_them_newest_first(place):
    reply = ask(place)
    assert shown(reply) == SHELF[::-1]
    body = reply.json()
    assert list(body) == ["items", "total", "page", "page_size",
                          "next_cursor", "total_is_exact"]
    assert {k: body[k] for k in list(body)[1:]} == {
        "total": 10, "page": 1, "page_size": 20, "next_cursor": None,
        "total_is_exact": True}


def test_items_are_what_get_answers(place):
    items = ask(place).json()["items"]
    for item in items:
        assert place.http.get(place.path(
            item["kind"], item["name"], item["version"])).json() == item


@pytest.mark.parametrize("query", [
    {"kind": "dataset"}, {"kind": "model"}, {"name": "tickets"},
    {"name": "tickets", "kind": "dataset"}, {"version": "1"},
    {"version": "1", "kind": "dataset"},
    {"name": "tickets", "version": "1"},
    {"name": "tickets", "version": "1", "kind": "trajectory_dataset"},
    {"q": "ick"}, {"q": "t"}, {"q": "ti"}, {"q": "TINY"}, {"q": "y_l"},
    {"q": "y-l"}, {"q": "a.b"}, {"q": "%"}, {"q": "\\"}, {"q": "nothing"},
    {"q": "tickets", "kind": "dataset"}, {"q": "tickets", "version": "1"},
    {"q": "ick", "name": "tickets"}, {"q": "ick", "name": "a.b"},
    {"q": "ass", "kind": "checkpoint", "version": "1"},
    {"name": "nobody"}, {"kind": "capability", "version": "7"},
    {"q": "b", "name": "a.b", "version": "2"},
    {"q": "c", "name": "a.b", "version": "2"}],
    ids=lambda query: "&".join("=".join(pair) for pair in query.items()))
def test_filters(place, query):
    want = [(k, n, v) for k, n, v in SHELF[::-1]
            if query.get("kind", k) == k and query.get("name", n) == n
            and query.get("version", v) == v
            and query.get("q", n).lower() in n]
    reply = ask(place, **query)
    assert shown(reply) == want
    assert reply.json()["total"] == len(want)
    # in pages, and by cursors
    seen = []
    for page in range(1, len(want) + 2):
        seen += shown(ask(place, **query, page=page, page_size=1))
    assert seen == want
    seen, cursor = [], {}
    while cursor is not None:
        body = ask(place, **query, **cursor, page_size=2).json()
        assert body["total"] == len(want) and len(body["items"]) <= 2
        seen += [(i["kind"], i["name"], i["version"]) for i in body["items"]]
        cursor = body["next_cursor"] and {"cursor": body["next_cursor"]}
    assert seen == want


def test_past_the_end_there_is_nothing(place):
    body = ask(place, page=3, page_size=10).json()
    assert body["items"] == [] and body["total"] == 10
    assert body["page"] == 3 and body["next_cursor"] is None


def test_of_this_workspace_only(place, stack):
    other = Place(stack, "list-2")
    assert ask(other).json()["items"] == []
    other.publish("dataset", "tickets", "1")
    assert shown(ask(other, q="ick")) == [("dataset", "tickets", "1")]
    assert ask(place).json()["total"] == 10
    other.close()


def test_what_was_sent_last_is_newest(place, stack):
    """However early its upload began."""
    mine = Place(stack, "list-3")

    def slow():
        yield b"slow"
        mine.publish("dataset", "quick", "1")
        yield b"er"

    assert mine.http.put(mine.path("dataset", "slow", "1"),
                         content=slow()).status_code == 201
    assert [name for _, name, _ in shown(ask(mine))] == ["slow", "quick"]
    mine.close()


@pytest.mark.parametrize("query, loc, kind", [
    ({"kind": "datasets"}, "kind", "literal_error"),
    ({"name": "Tickets"}, "name", "value_error"),
    ({"name": "acme/tickets"}, "name", "value_error"),
    ({"version": "latest"}, "version", "value_error"),
    ({"q": ""}, "q", "value_error"),
    ({"q": "x" * 129}, "q", "string_too_long"),
    ({"page": 0}, "page", "greater_than_equal"),
    ({"page": "one"}, "page", "int_type"),
    ({"page_size": 0}, "page_size", "greater_than_equal"),
    ({"page_size": 101}, "page_size", "less_than_equal"),
    ({"page": 101, "page_size": 100}, "page", "value_error"),
    ({"cursor": "nonsense"}, "cursor", "value_error"),
    ({"nmae": "x"}, "nmae", "extra_forbidden"),
    ({"name": ["a", "b"]}, "name", "duplicate_key")])
def test_bad_queries(place, query, loc, kind):
    found = faults(ask(place, **query))
    assert [(at, what) for at, what, _ in found] == [(["query", loc], kind)]


def test_a_cursor_goes_without_page(place):
    cursor = ask(place, page_size=2).json()["next_cursor"]
    assert shown(ask(place, cursor=cursor, page=1)) == SHELF[-3::-1]
    assert faults(ask(place, cursor=cursor, page=2)) == [
        (["query", "cursor"], "value_error", "does not go with page")]


def test_reading_needs_its_scope(place, envelope):
    token = new_token(place, org="acme", scopes=["training:read"])
    with place.stack.client(token) as client:
        body = envelope(client.get(f"{place.base}/artifacts"), 403,
                        "permission_error")
    assert "artifacts:read" in body["detail"]


def test_counts_are_exact_to_ten_thousand(stack):
    place = Place(stack, "list-many")
    fill = """
        insert into trainyard.artifact (workspace_id, id, kind, name, version,
            media_type, size, sha256, created_by)
        select %s::uuid, (lpad(to_hex(n), 8, '0')
                   || '-0000-7000-8000-000000000000')::uuid,
               'checkpoint', 'run-' || n, '1', 'text/plain', 1,
               sha256(n::text::bytea), a.id
          from generate_series(%s, %s) n, trainyard.account a
         where a.username = 'ada'"""
    filters = ({}, {"kind": "checkpoint"}, {"version": "1"}, {"q": "run"},
               {"q": "run", "kind": "checkpoint", "version": "1"})
    place.do(fill, place.id, 1, 10000)
    for query in filters:
        body = ask(place, **query, page=100, page_size=100).json()
        assert (body["total"], body["total_is_exact"]) == (10000, True)
        assert body["items"][-1]["name"] == "run-1"
        assert body["next_cursor"] is None
    place.do(fill, place.id, 10001, 10001)
    for query in filters:
        body = ask(place, **query, page=100, page_size=100).json()
        assert (body["total"], body["total_is_exact"]) == (10000, False)
        assert body["items"][-1]["name"] == "run-2"
        last = ask(place, **query, cursor=body["next_cursor"]).json()
        assert [i["name"] for i in last["items"]] == ["run-1"]
        assert last["next_cursor"] is None
    assert ask(place, name="run-77").json()["total"] == 1
    place.close()
