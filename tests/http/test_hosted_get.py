# SPDX-License-Identifier: BSD-2-Clause
"""One hosted job: shape, ETag, and all that is 404."""
import concurrent.futures

import pytest

from hosted import Place, new_token, ray, rl, sft


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "get").furnish()
    yield made
    made.close()


@pytest.fixture
def job(place):
    """One that waits."""
    return place.made(sft())


def one(place, job):
    return f"{place.jobs}/{job['id']}"


def test_get_is_what_create_answered(place):
    for body in (sft(), rl(), ray()):
        made = place.create(body)
        reply = place.http.get(made.headers["location"])
        assert reply.status_code == 200
        assert reply.json() == made.json()
        assert list(reply.json()) == list(made.json())


def test_upper_case_is_the_same_job(place, job):
    reply = place.http.get(f"{place.jobs}/{job['id'].upper()}")
    assert reply.json() == job


@pytest.mark.parametrize("name", [
    "x", "019d003a-1e6b-7b3e-9f40-2d8c5a6b1e07", "0" * 36, "019d003a",
    "019d003a1e6b7b3e9f402d8c5a6b1e07",
    "{019d003a-1e6b-7b3e-9f40-2d8c5a6b1e07}",
    "019d003a-1e6b-7b3e-9f40-2d8c5a6b1e0g",
    "019d003a-1e6b-7b3e-9f40-2d8c5a6b1e07x", "%20", "a%00", "%2e", "é",
    "00000000-0000-0000-0000-000000000000", "-1", "x" * 2000])
def test_ids_that_name_nothing(place, envelope, name):
    reply = place.http.get(f"{place.jobs}/{name}")
    if "%00" in name:
        envelope(reply, 400, "invalid_request_error")
    else:
        envelope(reply, 404, "not_found_error")


def test_a_job_is_in_its_workspace_only(place, stack, envelope, job):
    other = Place(stack, "get-other")
    try:
        # the token sees both
        token = new_token(place)
        with stack.client(token) as client:
            assert client.get(one(place, job)).status_code == 200
            envelope(client.get(f"{other.jobs}/{job['id']}"),
                     404, "not_found_error")
        # this one does not see the job's
        envelope(other.http.get(one(place, job)), 404, "not_found_error")
    finally:
        other.close()


def test_many_at_once_get_what_is_theirs(place, stack, request):
    """Look-ups share statements, and nothing else."""
    other = Place(stack, "get-many").furnish()
    request.addfinalizer(other.close)
    jobs = [(p, p.made(sft() | {"name": f"{p.jobs[-20:]}-{n}"}))
            for p in (place, other) for n in range(3)]
    asked = [(p, owner, job) for owner, job in jobs for p in (place, other)]
    with concurrent.futures.ThreadPoolExecutor(len(asked)) as pool:
        for _ in range(10):
            replies = pool.map(lambda a: a[0].http.get(one(a[0], a[2])), asked)
            for (p, owner, job), reply in zip(asked, replies):
                assert reply.status_code == (200 if p is owner else 404)
                assert p is not owner or reply.json() == job


def test_judge_jobs_are_not_here(place, envelope):
    judge, job = place.value("select gen_random_uuid()::text"), place.value(
        "select gen_random_uuid()::text")
    place.do("insert into trainyard.judge (workspace_id, id, key,"
             " content_type, created_by) select %s, %s, 'jdg_get', 'text', id"
             " from trainyard.account limit 1", place.id, judge)
    place.do("insert into trainyard.job (workspace_id, id, organization_id,"
             " face, kind, status, timeout_seconds, created_by, config,"
             " judge_id, training_type, options, base_version)"
             " select %s, %s, %s, 'judge', 'judge', 'created', 60, id, '{}',"
             " %s, 'incremental', '{}', 1 from trainyard.account limit 1",
             place.id, job, place.org_id, judge)
    envelope(place.http.get(f"{place.jobs}/{job}"), 404, "not_found_error")


def test_a_query_is_not_known_here(place, envelope, job):
    body = envelope(place.http.get(one(place, job), params={"x": "1"}),
                    422, "validation_error")
    assert body["errors"] == [{
        "loc": ["query", "x"], "msg": "unknown field",
        "type": "extra_forbidden"}]


# --- conditions


def test_etag(place, job):
    reply = place.http.get(one(place, job))
    tag = reply.headers["etag"]
    assert tag.startswith('"') and tag.endswith('"')
    assert reply.headers["cache-control"] == "private, no-cache"
    assert place.http.get(one(place, job)).headers["etag"] == tag
    for sent in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = place.http.get(one(place, job),
                               headers={"If-None-Match": sent})
        assert again.status_code == 304 and again.content == b""
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == "private, no-cache"
        assert len(again.headers["x-request-id"]) == 32
        assert "content-type" not in again.headers
    for sent in ('"x"', tag[:-1], tag.strip('"'), ""):
        again = place.http.get(one(place, job),
                               headers={"If-None-Match": sent})
        assert again.status_code == 200, sent


def test_what_only_looks_like_the_tag_gets_all(place, job):
    place.do("update trainyard.job set metrics = '{\"loss\": 1}'"
             " where id = %s", job["id"])
    tag = place.http.get(one(place, job)).headers["etag"]
    for sent in (tag[:-1], tag.strip('"'), f'"x{tag[1:]}',
                 f'{tag[:-1]}0"', tag.replace("-", "")):
        again = place.http.get(one(place, job),
                               headers={"If-None-Match": sent})
        assert again.status_code == 200, sent
        assert again.json()["metrics"] == {"loss": 1}, sent


def test_gzip_weakens_the_tag_and_it_still_fits(place):
    job = place.made(sft() | {"tags": [f"{i:02}" + "t" * 62
                                       for i in range(32)]})
    reply = place.http.get(one(place, job),
                           headers={"Accept-Encoding": "gzip"})
    assert reply.headers["content-encoding"] == "gzip"
    assert reply.json() == job
    tag = reply.headers["etag"]
    assert tag.startswith("W/")
    again = place.http.get(one(place, job), headers={
        "If-None-Match": tag, "Accept-Encoding": "gzip"})
    assert again.status_code == 304


def test_the_tag_changes_with_the_job(place, job):
    tag = place.http.get(one(place, job)).headers["etag"]
    place.do("update trainyard.job set revision = revision + 1,"
             " updated_at = now() where id = %s", job["id"])
    reply = place.http.get(one(place, job), headers={"If-None-Match": tag})
    assert reply.status_code == 200 and reply.headers["etag"] != tag
    # two jobs never share one
    other = place.made(sft())
    assert place.http.get(one(place, other), headers={
        "If-None-Match": tag}).status_code == 200


def test_head_is_get_without_a_body(place, job):
    get = place.http.get(one(place, job))
    head = place.http.head(one(place, job))
    assert head.status_code == 200 and head.content == b""
    for name in ("content-type", "content-length", "etag", "cache-control"):
        assert head.headers[name] == get.headers[name]
    missing = place.http.head(f"{place.jobs}/x")
    assert missing.status_code == 404 and missing.content == b""
    same = place.http.head(one(place, job), headers={
        "If-None-Match": get.headers["etag"]})
    assert same.status_code == 304


# --- what happens to it


def test_states_as_the_client_knows_them(place):
    job = place.made(sft())
    path = one(place, job)

    def move(status, **more):
        sets = "".join(f", {k} = {v}" for k, v in more.items())
        place.do("update trainyard.job set status = %s,"
                 f" revision = revision + 1{sets} where id = %s",
                 status, job["id"])
        return place.http.get(path).json()

    # handed out, but no work reported yet
    assert move("claimed")["status"] == "queued"
    seen = move("running", started_at="now()")
    assert seen["status"] == "running" and seen["started_at"]
    seen = move("failed", completed_at="now()", error="'no memory'")
    assert (seen["status"], seen["error"]) == ("failed", "no memory")
    assert seen["completed_at"] > seen["started_at"]
    seen = move("queued", completed_at="null", error="null", attempt="2")
    assert (seen["status"], seen["error"], seen["attempt"]) == (
        "queued", None, 2)
    seen = move("cancelled", completed_at="now()",
                cancel_requested_at="now()")
    assert seen["status"] == "cancelled" and seen["cancel_requested_at"]


def test_metrics_with_series_of_the_current_attempt(place, job):
    place.do("""update trainyard.job set artifacts = '{"worker_id": "w"}',
                metrics = '{"train/steps": 3}' where id = %s""", job["id"])
    for attempt, key, points in (
            (1, "steps", "[1, 2]"), (1, "steps", "[3]"),
            (1, "train/loss", "[0.5, null, 0.25]"), (2, "steps", "[9]")):
        place.do("insert into trainyard.job_series (workspace_id, job_id,"
                 " attempt, key, points) values (%s, %s, %s, %s, %s)",
                 place.id, job["id"], attempt, key, points)
    seen = place.http.get(one(place, job)).json()
    assert seen["metrics"] == {
        "train/steps": 3, "steps": [1, 2, 3],
        "train/loss": [0.5, None, 0.25]}
    assert seen["artifacts"] == {"worker_id": "w"}


def test_whose_account_is_gone_is_still_shown(place, job):
    place.do("update trainyard.job set created_by = gen_random_uuid()"
             " where id = %s", job["id"])
    seen = place.http.get(one(place, job)).json()
    assert seen["created_by"] and seen["created_by_email"] is None
    assert seen["created_by_user"] is None
