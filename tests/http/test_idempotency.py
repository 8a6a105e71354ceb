# SPDX-License-Identifier: BSD-2-Clause
"""Idempotency-Key: the same request twice is one job."""
import concurrent.futures
import json

import pytest

from hosted import JSON, Place, faults, new_token, sft


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "idem").furnish()
    yield made
    made.close()


@pytest.fixture
def key(serial):
    return f"key-{next(serial)}"


def with_key(key):
    return {"headers": {"Idempotency-Key": key}}


def test_replay_is_the_stored_reply(place, key):
    first = place.create(sft(), **with_key(key))
    jobs = place.job_count()
    again = place.create(sft(), **with_key(key))
    assert first.status_code == again.status_code == 201
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["content-type"] == "application/json"
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert place.job_count() == jobs
    # what was stored is what GET shows
    assert place.http.get(first.headers["location"]).json() == first.json()


def test_without_a_key_each_is_a_job_of_its_own(place):
    assert place.made(sft())["id"] != place.made(sft())["id"]


def test_another_body_is_refused(place, key, envelope):
    place.made(sft(), **with_key(key))
    jobs = place.job_count()
    # the same job, but other bytes
    for body in (sft(steps=1), json.dumps(sft()) + " "):
        envelope(place.create(body, **with_key(key)),
                 422, "idempotency_key_reused_error")
    envelope(place.create(sft(), params={"validate_only": "false"},
                          **with_key(key)),
             422, "idempotency_key_reused_error")
    assert place.job_count() == jobs


def test_quotes_belong_to_the_header(place, key):
    first = place.made(sft(), **with_key(f'"{key}"'))
    assert place.made(sft(), **with_key(key))["id"] == first["id"]


@pytest.mark.parametrize("bad", [
    "", '""', "a b", "ä", "a\tb", "k" * 256, '"' + "k" * 256 + '"'])
def test_keys_that_are_none(place, envelope, bad):
    jobs = place.job_count()
    reply = place.create(sft(), headers={
        "Idempotency-Key": bad.encode("latin-1")})
    envelope(reply, 400, "invalid_request_error")
    assert place.job_count() == jobs


@pytest.mark.parametrize("good", ["k", "k" * 255, "!~#{}|<>,;", '"', "0"])
def test_keys_that_are_some(place, good):
    first = place.made(sft(), **with_key(good))
    assert place.made(sft(), **with_key(good))["id"] == first["id"]


def test_a_bad_key_comes_before_bad_json(place, envelope, key):
    envelope(place.create("{", headers={"Idempotency-Key": "a b"}),
             400, "invalid_request_error")
    place.made(sft(), **with_key(key))
    # and so does a used one
    envelope(place.create("{", **with_key(key)),
             422, "idempotency_key_reused_error")


def test_a_failure_frees_the_key(place, key):
    assert faults(place.create(sft(batch_size=0), **with_key(key)))
    assert place.create("{", **with_key(key)).status_code == 400
    first = place.made(sft(), **with_key(key))
    assert place.made(sft(), **with_key(key)) == first


def test_validate_only_takes_no_key(place, key):
    dry = {"params": {"validate_only": "true"}}
    for _ in range(2):
        reply = place.create(sft(), **with_key(key), **dry)
        assert reply.status_code == 200
        assert "idempotent-replayed" not in reply.headers
    assert place.made(sft(), **with_key(key))


def test_keys_are_the_users_and_the_paths(place, stack, key):
    first = place.made(sft(), **with_key(key))
    # another token of the same user
    with stack.client(new_token(place)) as client:
        again = client.post(place.jobs, content=json.dumps(sft()), headers={
            **JSON, "Idempotency-Key": key})
        assert again.json() == first
        assert again.headers["idempotent-replayed"] == "true"
    # another user
    stack.trainyard("user", "create", "bea@acme.example")
    stack.trainyard("member", "add", "acme", "bea@acme.example", "--owner")
    with stack.client(new_token(place, email="bea@acme.example")) as client:
        other = client.post(place.jobs, content=json.dumps(sft()), headers={
            **JSON, "Idempotency-Key": key})
        assert other.status_code == 201
        assert other.json()["id"] != first["id"]
    # another workspace
    elsewhere = Place(stack, "idem-other").furnish()
    assert elsewhere.made(sft(), **with_key(key))["id"] != first["id"]
    elsewhere.close()


def test_a_key_is_kept_for_a_day(place, key):
    first = place.made(sft(), **with_key(key))
    place.do("update trainyard.idempotency_key set created_at = now()"
             " - interval '23 hours 59 minutes' where key = %s", key)
    assert place.made(sft(), **with_key(key)) == first
    place.do("update trainyard.idempotency_key set created_at = now()"
             " - interval '24 hours 1 minute' where key = %s", key)
    second = place.made(sft(steps=2), **with_key(key))
    assert second["id"] != first["id"]
    assert place.made(sft(steps=2), **with_key(key)) == second


def test_key_and_job_are_one_transaction(place, key):
    job = place.made(sft(), **with_key(key))
    assert place.rows(
        "select k.xmin = j.xmin, k.status, k.location from"
        "  trainyard.idempotency_key k, trainyard.job j"
        " where k.key = %s and j.id = %s", key, job["id"]) == [
            (True, 201, f"{place.jobs}/{job['id']}")]


def test_many_clients_create_the_same_jobs(place, stack):
    """16 clients, the same 500 requests each, in different orders."""
    before = place.job_count()
    bodies = [json.dumps(sft() | {"name": f"same-{i}"}) for i in range(500)]

    def client_run(n):
        seen = {}
        with stack.client(place.token) as client:
            for i in range(500):
                k = (i * 7 + n * 31) % 500 if n % 2 else i
                reply = client.post(place.jobs, content=bodies[k], headers={
                    **JSON, "Idempotency-Key": f"same-{k}"})
                assert reply.status_code == 201, reply.text
                seen[k] = reply.content
        return seen

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        seen = list(pool.map(client_run, range(16)))
    assert place.job_count() == before + 500
    for one in seen:
        assert one == seen[0]
    names = place.rows(
        "select name, count(*) from trainyard.job where name like 'same-%%'"
        " and workspace_id = %s::uuid group by name having count(*) <> 1",
        place.id)
    assert names == []


def test_the_same_key_at_the_same_time_with_other_bodies(place, key):
    """One wins, the others are told that the key was used."""
    before = place.job_count()

    def one(n):
        return place.create(sft(steps=n + 1), **with_key(key))

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(one, range(8)))
    assert sorted(r.status_code for r in replies) == [201] + [422] * 7
    for reply in replies:
        if reply.status_code == 422:
            assert reply.json()["type"] == "idempotency_key_reused_error"
    assert place.job_count() == before + 1
