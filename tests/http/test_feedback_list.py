# SPDX-License-Identifier: BSD-2-Clause
"""GET /feedback: filters and pages."""
import itertools

import pytest

from judges import (
    approval, comment, correction, errors_of, judge_row, new_batch, new_judge,
    rating, send, send_many)


@pytest.fixture(scope="module")
def shelf(stack):
    """A workspace of its own: nine entries on two judges."""
    stack.trainyard("workspace", "create", "acme/feedback-shelf")
    token = stack.trainyard(
        "token", "create", "--user", "ada@acme.example", "--org", "acme",
        "--workspace", "feedback-shelf").strip()
    conn = stack.connect()
    with stack.client(token) as client:
        one, two = new_judge(client), new_judge(client)
        batch, ones = new_batch(client, one, 2)
        _, twos = new_batch(client, two, 2)
        entries = [
            correction(ones[0], clarity=10),
            rating(twos[0], 4, target_criteria=["crit_clarity"],
                   criterion_specific=True, submitted_by="bob"),
            comment(ones[1], submitted_by="bob"),
            approval(twos[1])]
        made = [send(client, e).json() for e in entries]
        many = send_many(client, [
            correction(ones[0], clarity=20, accuracy=30),
            rating(twos[0], 2), approval(ones[1], False, submitted_by="bob"),
            comment(ones[0]), correction(ones[1], accuracy=1)]).json()
        whole = {e["feedback_id"]: e for one_id in ones + twos
                 for e in client.get(f"/feedback/evaluation/{one_id}").json()[
                     "feedback_entries"]}
        made += [whole[r["feedback_id"]] for r in many["validation_results"]]
        yield Shelf(client, conn, one, two, batch, ones, twos, made)
    conn.close()


class Shelf:
    def __init__(self, client, db, one, two, batch, ones, twos, made):
        self.client, self.db, self.one, self.two = client, db, one, two
        self.batch, self.ones, self.twos, self.made = batch, ones, twos, made

    def list(self, **params):
        reply = self.client.get("/feedback", params=params)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def positions(self, **params):
        """Which of the entries, in the order of the list."""
        ids = [e["feedback_id"] for e in self.made]
        return [ids.index(e["feedback_id"])
                for e in self.list(**params)["feedback_entries"]]


def test_newest_come_first_and_whole(shelf):
    body = shelf.list()
    assert list(body) == ["feedback_entries", "pagination"]
    got = body["feedback_entries"]
    # what came in one call has one time for each judge
    assert [e["submitted_at"] for e in got] == sorted(
        (e["submitted_at"] for e in got), reverse=True)
    assert sorted(got, key=lambda e: e["feedback_id"]) == sorted(
        shelf.made, key=lambda e: e["feedback_id"])
    assert body["pagination"] == {
        "total_count": 9, "total_is_exact": True, "limit": 50, "offset": 0,
        "has_next": False, "has_previous": False, "next_cursor": None}


def test_filters(shelf):
    find = shelf.positions
    assert find(judge_id=shelf.one) == [8, 7, 6, 4, 2, 0]
    assert find(judge_id=shelf.two) == [5, 3, 1]
    assert find(evaluation_id=shelf.ones[0]) == [7, 4, 0]
    assert find(batch_id=shelf.batch) == [8, 7, 6, 4, 2, 0]
    assert find(feedback_type="correction") == [8, 4, 0]
    assert find(feedback_type="approval") == [6, 3]
    assert find(judge_id=shelf.two, feedback_type="rating") == [5, 1]
    assert find(submitted_by="bob") == [6, 2, 1]
    assert find(submitted_by="bob", judge_id=shelf.one) == [6, 2]
    assert find(submitted_by="bob", feedback_type="rating") == [1]
    assert find(judge_id=shelf.one, criterion_id="crit_clarity") == [4, 0]
    assert find(criterion_id="crit_clarity") == [4, 1, 0]
    assert find(criterion_id="crit_accuracy") == [8, 4]
    assert find(criterion_id="crit_clarity", submitted_by="bob") == [1]
    assert find(criterion_id="crit_clarity", batch_id=shelf.batch) == [4, 0]
    assert find(criterion_id="crit_clarity", feedback_type="rating") == [1]
    assert find(evaluation_id=shelf.ones[0], judge_id=shelf.two) == []


@pytest.mark.parametrize("params", [
    {"judge_id": "jdg_nobody"}, {"evaluation_id": "x"}, {"batch_id": "x"},
    {"evaluation_id": "eval_01hm7v2s2pesntnm42ckaqjq9s"},
    {"criterion_id": "crit_nobody"}, {"submitted_by": "nobody"},
    {"judge_id": "jdg_nobody", "processed": "true"}, {"offset": 100}])
def test_what_nothing_matches_is_an_empty_page(shelf, params):
    body = shelf.list(**params)
    assert body["feedback_entries"] == []
    assert body["pagination"]["total_count"] == (9 if "offset" in params
                                                 else 0)


def test_after_is_inclusive_and_before_is_not(shelf):
    at = [e["submitted_at"] for e in shelf.made]
    for more in ({}, {"criterion_id": "crit_clarity"},
                 {"judge_id": shelf.one}, {"submitted_by": "bob"},
                 {"feedback_type": "rating"}):
        every = shelf.positions(**more)
        assert shelf.positions(submitted_after=at[1], **more) == [
            n for n in every if at[n] >= at[1]]
        assert shelf.positions(submitted_before=at[2], **more) == [
            n for n in every if at[n] < at[2]]
        assert shelf.positions(
            submitted_after=at[1], submitted_before=at[3], **more) == [
            n for n in every if at[1] <= at[n] < at[3]]
        assert shelf.positions(submitted_before=at[0], **more) == []


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_cursors_lead_through_every_filter(shelf, limit):
    for more in ({}, {"judge_id": shelf.one}, {"submitted_by": "bob"},
                 {"feedback_type": "correction"}, {"batch_id": shelf.batch},
                 {"evaluation_id": shelf.ones[0]},
                 {"criterion_id": "crit_clarity"},
                 {"criterion_id": "crit_accuracy", "judge_id": shelf.one},
                 {"judge_id": shelf.one, "feedback_type": "comment"}):
        whole = shelf.list(**more)
        got, params = [], dict(more)
        for page in itertools.count():
            body = shelf.list(limit=limit, **params)
            got += body["feedback_entries"]
            info = body["pagination"]
            assert info["total_count"] == whole["pagination"]["total_count"]
            assert info["has_previous"] == (page > 0)
            assert info["has_next"] == (info["next_cursor"] is not None)
            if not info["has_next"]:
                break
            params["cursor"] = info["next_cursor"]
        assert got == whole["feedback_entries"]


def test_offsets_lead_through_the_list_too(shelf):
    for more in ({}, {"criterion_id": "crit_clarity"}):
        whole = shelf.list(**more)["feedback_entries"]
        got = itertools.chain.from_iterable(
            shelf.list(limit=2, offset=n, **more)["feedback_entries"]
            for n in range(0, 10, 2))
        assert list(got) == whole


def test_processed_is_up_to_the_mark(shelf):
    uuid = judge_row(shelf.db, shelf.one)[1]
    jobs = ["018d0ce4-7c40-7abc-8def-0123456789ab",
            "018d0ce4-7c40-7abc-8def-0123456789ac"]
    find = shelf.positions
    assert find(judge_id=shelf.one, processed="true") == []
    assert find(judge_id=shelf.one, processed="false") == [8, 7, 6, 4, 2, 0]
    with shelf.db.cursor() as cur:
        # inside of what came in one call, too
        for mark, job in zip((1, 4), jobs):
            cur.execute("update trainyard.judge set mark = %s, mark_job_id ="
                        " %s where id = %s", (mark, job, uuid))
    try:
        assert find(judge_id=shelf.one, processed="true") == [6, 4, 2, 0]
        assert find(judge_id=shelf.one, processed="false") == [8, 7]
        assert find(judge_id=shelf.one, processed="true",
                    criterion_id="crit_clarity") == [4, 0]
        notes = {e["feedback_id"]: (e["processed"], e["processing_notes"])
                 for e in shelf.list(judge_id=shelf.one)["feedback_entries"]}
        first = "covered by train_job_01hm6e8z20fay8vvr14d2pf2db"
        later = "covered by train_job_01hm6e8z20fay8vvr14d2pf2dc"
        assert [notes[shelf.made[n]["feedback_id"]]
                for n in (0, 2, 4, 6, 7, 8)] == [
            (True, first), (True, later), (True, later), (True, later),
            (False, None), (False, None)]
        # the same as on the evaluation
        for entry in shelf.client.get(
                f"/feedback/evaluation/{shelf.ones[0]}").json()[
                    "feedback_entries"]:
            assert notes[entry["feedback_id"]] == (
                entry["processed"], entry["processing_notes"])
    finally:
        with shelf.db.cursor() as cur:
            cur.execute("update trainyard.judge set mark = 0 where id = %s",
                        (uuid,))
            cur.execute("delete from trainyard.judge_mark"
                        " where judge_id = %s", (uuid,))


QUERIES = {
    "processed=true": ("processed", "value_error"),
    "processed=1&judge_id=x": ("processed", "bool_type"),
    "limit=0": ("limit", "greater_than_equal"),
    "limit=101": ("limit", "less_than_equal"),
    "offset=9951": ("offset", "value_error"),
    "offset=1&cursor=NC4u": ("cursor", "value_error"),
    "cursor=x": ("cursor", "value_error"),
    "feedback_type=rejection": ("feedback_type", "literal_error"),
    "submitted_after=2024-01-01": ("submitted_after", "datetime_parsing"),
    "submitted_before=now": ("submitted_before", "datetime_parsing"),
    "type=rating": ("type", "extra_forbidden"),
}


@pytest.mark.parametrize("query", QUERIES)
def test_list_refuses(api, envelope, query):
    name, kind = QUERIES[query]
    reply = api.get(f"/feedback?{query}")
    envelope(reply, 422, "validation_error")
    assert [(e[0], e[1]) for e in errors_of(reply)] == [
        (("query", name), kind)]


def test_other_workspaces_see_nothing(api, shelf):
    for params in ({"judge_id": shelf.one}, {"batch_id": shelf.batch},
                   {"evaluation_id": shelf.ones[0]}):
        reply = api.get("/feedback", params=params)
        assert reply.json()["feedback_entries"] == []
