# SPDX-License-Identifier: BSD-2-Clause
"""How much a token may ask for, and how many jobs a workspace may queue."""
import concurrent.futures
import time

import pytest

from hosted import Place, new_token, sft

PATH = "/api/v1/training/catalog"


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "rate").furnish()
    yield made
    made.close()


def limits(reply):
    found = {name: int(reply.headers[f"x-ratelimit-{name}"])
             for name in ("limit", "remaining", "reset")}
    assert reply.headers["ratelimit-policy"] == (
        f'"token";q={found["limit"]};w=60')
    window = reply.headers["ratelimit"].split(";")
    assert window[0] == '"token"'
    assert window[1] == f"r={found['remaining']}"
    assert window[2].startswith("t=")
    found["wait"] = int(window[2][2:])
    return found


def no_credit(reply):
    assert "credit" not in reply.text.lower()


# --- rate


def test_every_authenticated_reply_tells(place, stack):
    token = new_token(place, workspace="rate", rate=600)
    with stack.client(token) as client:
        left = 600
        for reply in (
                client.get(PATH), client.get(PATH, params={"x": "1"}),
                client.post(place.jobs, json=sft()),
                client.post(place.jobs, content=b"{"),
                client.get(f"{place.jobs}/x"), client.head(PATH),
                client.get("/api/v1/org/no/ws/no/training/jobs/x"),
                client.put(place.path("dataset", "r", "1"), content=b"r"),
                client.get(place.path("dataset", "r", "1")),
                client.get(place.path("dataset", "r", "1") + "/content"),
                client.get(place.path("dataset", "r", "1") + "/content",
                           headers={"Range": "bytes=5-"}),
                client.get("/api/v1/user"),
                client.get("/judges")):
            found = limits(reply)
            assert found["limit"] == 600
            # one each; what has come back meanwhile is more
            assert found["remaining"] >= left - 1
            left -= 1
            assert found["remaining"] < 600
            assert abs(found["reset"] - time.time()) < 120


def test_no_limit_is_told_before_the_token_is_known(anon, place, stack):
    for reply in (anon.get(PATH), anon.get("/healthz"),
                  anon.get(PATH, headers={"X-API-Key": "unknown"})):
        assert not [k for k in reply.headers if "ratelimit" in k.lower()]


def test_over_the_limit(place, stack, envelope):
    token = new_token(place, workspace="rate", rate=2)
    with stack.client(token) as client:
        for left in (1, 0):
            reply = client.get(PATH)
            assert reply.status_code == 200
            assert limits(reply)["remaining"] == left
        jobs = place.job_count()
        for _ in range(3):
            reply = client.post(place.jobs, json=sft())
            body = envelope(reply, 429, "rate_limit_error")
            assert body["detail"] == "rate limit: 2 requests a minute"
            no_credit(reply)
            wait = int(reply.headers["retry-after"])
            assert 1 <= wait <= 30
            found = limits(reply)
            assert found["limit"] == 2 and found["remaining"] == 0
            assert found["wait"] == wait
        assert place.job_count() == jobs
        # rate comes before tenant and scope, token and path before rate
        assert client.get(
            "/api/v1/org/no/ws/no/training/jobs/x").status_code == 429
        assert client.get("/api/v1/nothing").status_code == 404


def test_tokens_are_counted_apart(place, stack):
    first = new_token(place, workspace="rate", rate=1)
    second = new_token(place, workspace="rate", rate=1)
    for token in (first, second):
        with stack.client(token) as client:
            assert client.get(PATH).status_code == 200
    for token in (first, second):
        with stack.client(token) as client:
            assert client.get(PATH).status_code == 429


def test_clients_of_one_token_are_counted_together(place, stack):
    token = new_token(place, workspace="rate", rate=20)
    with stack.client(token) as client:
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            codes = list(pool.map(
                lambda _: client.get(PATH).status_code, range(60)))
    # a token comes back every three seconds
    assert 20 <= codes.count(200) <= 30
    assert codes.count(429) == 60 - codes.count(200)


def test_no_limit_for_a_token(place, stack):
    token = new_token(place, workspace="rate", rate=0)
    with stack.client(token) as client:
        reply = client.get(PATH)
        assert reply.status_code == 200
        assert not [k for k in reply.headers if "ratelimit" in k.lower()]


# --- quota


@pytest.fixture
def small(stack, serial, place):
    made = Place(stack, f"quota-{next(serial)}", quota=3).furnish()
    yield made
    made.close()


def over(reply, place):
    assert reply.status_code == 429
    body = reply.json()
    assert body["type"] == "rate_limit_error"
    assert body["detail"] == (
        f"quota: 3 jobs are queued in workspace {place.key}")
    assert int(reply.headers["retry-after"]) >= 1
    no_credit(reply)


def test_quota_of_a_workspace(small):
    jobs = [small.made(sft()) for _ in range(3)]
    for _ in range(3):
        over(small.create(sft()), small)
    assert small.job_count() == 3
    # a dry run that passes must mean something
    over(small.create(sft(), params={"validate_only": "true"}), small)
    # what is not queued any more leaves its place, at once
    small.do("update trainyard.job set status = 'cancelled',"
             " completed_at = now() where id = %s", jobs[0]["id"])
    assert small.made(sft())
    over(small.create(sft()), small)


def test_dry_runs_take_no_place(small):
    for _ in range(10):
        assert small.create(sft(), params={
            "validate_only": "true"}).status_code == 200
    for _ in range(3):
        small.made(sft())
    over(small.create(sft()), small)


def test_failures_take_no_place(small):
    for _ in range(10):
        assert small.create(sft(batch_size=0)).status_code == 422
        assert small.create(sft() | {"model": "no"}).status_code == 422
    for _ in range(3):
        small.made(sft())
    over(small.create(sft()), small)


def test_quota_comes_after_references(small):
    for _ in range(3):
        small.made(sft())
    assert small.create(sft() | {"model": "no"}).status_code == 422


def test_a_replay_needs_no_place(small):
    key = {"headers": {"Idempotency-Key": "q"}}
    first = small.made(sft(), **key)
    small.made(sft())
    small.made(sft())
    again = small.create(sft(), **key)
    assert again.status_code == 201 and again.json() == first


def test_many_at_once_never_go_over(stack, serial, place):
    for n in range(3):
        one = Place(stack, f"quota-{next(serial)}", quota=10).furnish()
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            codes = list(pool.map(
                lambda _, p=one: p.create(sft()).status_code, range(64)))
        assert one.job_count() == codes.count(201) <= 10
        assert codes.count(429) == 64 - codes.count(201)
        # who was refused in the crowd is let in afterwards
        while one.job_count() < 10:
            one.made(sft())
        assert one.create(sft()).status_code == 429
        one.close()
