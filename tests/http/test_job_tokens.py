# SPDX-License-Identifier: BSD-2-Clause
"""What the token of an attempt may do, and for how long."""
import concurrent.futures
import contextlib

import pytest

from hosted import JSON, Place, await_true, sft
from reports import END, ERROR, START, get, step, written


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "job-tokens").furnish()
    yield made
    made.close()


@pytest.fixture
def worker(place, job):
    """A client with the token of the job's attempt."""
    with as_worker(place, job, 1) as client:
        yield client


@contextlib.contextmanager
def as_worker(place, job, number):
    with place.stack.client(place.hand_token(job, number)) as client:
        yield client


def path(place, job, tail=""):
    return f"{place.jobs}/{job['id']}{tail}"


def post(place, client, job, event):
    return client.post(path(place, job, "/progress"), json=event)


def test_it_reports_for_its_job(place, job, worker):
    reply = post(place, worker, job, START)
    assert reply.status_code == 200
    assert reply.json()["status"] == "running"
    # the site's limit, but no less than 6000
    assert reply.headers["x-ratelimit-limit"] == "1000000"
    # as X-API-Key too
    with place.stack.client() as client:
        reply = client.post(path(place, job, "/progress"), json=step(1),
                            headers={"X-API-Key": worker.headers[
                                "authorization"].split()[1]})
    assert reply.status_code == 200


def test_it_reads_its_job(place, job, worker):
    assert worker.get(path(place, job)).json() == get(place, job)
    assert worker.get(path(place, {"id": job["id"].upper()})).json() == job


def test_it_makes_the_calls_around(place, worker, job, envelope):
    for call, key in (("/api/v1/org/acme", "key"),
                      ("/api/v1/org/acme/ws", "workspaces"), (place.base, "key"),
                      ("/api/v1/user", "username")):
        reply = worker.get(call)
        assert reply.status_code == 200, reply.text
        assert key in reply.json()
    assert worker.get("/api/v1/user").json()["username"] == "ada"
    assert worker.get("/api/v1/user/organizations").status_code == 200
    project = f"{place.base}/projects"
    assert worker.get(project).status_code == 200
    for key in ("mine", "other"):
        place.stack.trainyard("project", "create", f"acme/{place.key}", key)
    place.do("update trainyard.job set project_key = 'mine' where id = %s",
             job["id"])
    with as_worker(place, job, 1) as again:
        assert again.get(f"{project}/mine").json()["key"] == "mine"
        envelope(again.get(f"{project}/other"), 403, "permission_error")


def test_it_reads_artifacts_here_and_on_the_shelf(place, stack, api, worker):
    assert worker.get(place.path("dataset", "tickets", "2026.03")
                      ).status_code == 200
    assert worker.get(place.path("dataset", "tickets", "2026.03")
                      + "/content").content == b"{}\n"
    assert worker.get(f"{place.base}/artifacts").status_code == 200
    shelf = "/api/v1/org/acme/ws/main/artifacts"
    assert api.put(f"{shelf}/dataset/on-the-shelf/1", content=b"x"
                   ).status_code in (200, 201)
    assert worker.get(f"{shelf}/dataset/on-the-shelf/1").status_code == 200
    assert worker.get(f"{shelf}/dataset/on-the-shelf/1/content"
                      ).content == b"x"


@pytest.mark.parametrize("kind, status", [
    ("model", 201), ("checkpoint", 201), ("other", 201), ("dataset", 403),
    ("trajectory_dataset", 403), ("task", 403), ("capability", 403)])
def test_what_it_publishes(place, worker, serial, kind, status):
    where = place.path(kind, f"made-{next(serial)}", "1")
    assert worker.put(where, content=b"x").status_code == status


def test_everything_else_is_forbidden(place, api, job, worker, envelope):
    other = place.made(sft())
    place.claim(other)
    shelf = "/api/v1/org/acme/ws/main"
    for method, call in (
            ("POST", place.jobs), ("GET", path(place, other)),
            ("POST", path(place, other, "/progress")),
            ("GET", "/api/v1/training/catalog"), ("GET", "/judges"),
            ("GET", shelf), ("PUT", f"{shelf}/artifacts/model/made/1")):
        reply = worker.request(method, call, content=b"{}", headers=JSON)
        envelope(reply, 403, "permission_error")


def test_other_places_are_not_there(place, stack, job, worker, envelope):
    elsewhere = Place(stack, "job-tokens-2")
    try:
        for call in (elsewhere.base, path(elsewhere, job),
                     f"{elsewhere.base}/artifacts",
                     "/api/v1/org/nobody/ws/main"):
            envelope(worker.get(call), 404, "not_found_error")
    finally:
        elsewhere.close()


def test_it_dies_with_its_attempt(place, job, worker, envelope):
    assert worker.get(path(place, job)).status_code == 200
    place.lose(job)
    for call in (path(place, job), "/api/v1/user", place.base,
                 f"{place.base}/artifacts", "/judges"):
        reply = worker.get(call)
        envelope(reply, 401, "authentication_error")
        assert 'error="invalid_token"' in reply.headers["www-authenticate"]


def test_a_late_worker_is_told_and_changes_nothing(place, stack, job, worker,
                                                   envelope):
    assert post(place, worker, job, START).status_code == 200
    place.lose(job)
    before = written(place, job)
    stack.mark_logs()
    for event in (step(2), END, ERROR):
        envelope(post(place, worker, job, event), 409, "conflict_error")
    assert written(place, job) == before
    place.claim(job)
    before = written(place, job)
    for event in (step(2), END, ERROR):
        envelope(post(place, worker, job, event), 409, "conflict_error")
    assert written(place, job) == before
    late = [line for line in stack.log("responder.log")[
        stack.marks["responder.log"]:].splitlines()
        if "superseded attempt" in line and job["id"] in line]
    assert len(late) == 6
    counted = [int(line.rpartition("refused=")[2].split()[0]) for line in late]
    assert counted == list(range(counted[0], counted[0] + 6))
    # its successor is not disturbed
    with as_worker(place, job, 2) as second:
        assert post(place, second, job, START).json()["attempt"] == 2
    envelope(post(place, worker, job, step(2)), 409, "conflict_error")


@pytest.mark.parametrize("last", [END, ERROR])
def test_the_last_event_again_after_the_end(place, job, worker, envelope,
                                            last):
    first = post(place, worker, job, last)
    assert first.status_code == 200
    again = post(place, worker, job, last)
    assert again.status_code == 200
    assert again.json() == first.json()
    envelope(post(place, worker, job, step(9)), 409, "job_finished_error")
    envelope(worker.get(path(place, job)), 401, "authentication_error")


def test_tokens_that_are_none(place, stack, job, worker, envelope):
    token = worker.headers["authorization"].split()[1]
    for bad in (token[:-1] + ("A" if token[-1] != "A" else "B"),
                token.replace("_1_", "_2_", 1), "ty_job_", token[:59],
                token.replace("ty_job_", "ty_job_0", 1),
                token.replace("_1_", "_01_", 1),
                token.replace("_1_", "_99999999999999999999_", 1)):
        with stack.client(bad) as client:
            for reply in (client.get(path(place, job)),
                          post(place, client, job, START)):
                envelope(reply, 401, "authentication_error")


def test_a_member_who_left_does_not_stop_the_job(place, stack, serial):
    """The job's token is the job's, not its creator's."""
    name = f"guest{next(serial)}"
    stack.trainyard("user", "create", f"{name}@acme.example", "--username",
                    name)
    guest = place.value("select id from trainyard.account where username ="
                        " %s", name)
    made = place.made(sft())
    place.do("update trainyard.job set created_by = %s where id = %s", guest,
             made["id"])
    place.claim(made)
    with as_worker(place, made, 1) as worker:
        assert post(place, worker, made, START).status_code == 200
        assert worker.get("/api/v1/user").json()["username"] == name


def test_a_publication_that_outlives_its_attempt(place, stack, job, worker,
                                                 envelope):
    """The attempt is lost while its artifact is on the way."""
    where = place.path("checkpoint", "late", "1")
    with contextlib.closing(stack.connect()) as conn, \
            concurrent.futures.ThreadPoolExecutor(1) as crowd:
        cursor = conn.cursor()
        cursor.execute("begin")
        cursor.execute(
            "update trainyard.attempt set status = 'lost', completed_at ="
            " now() where job_id = %s", (job["id"],))
        upload = crowd.submit(worker.put, where, content=b"x")
        # the token was good when it came
        await_true(lambda: place.value(
            "select count(*) > 0 from pg_stat_activity"
            " where %s = any(pg_blocking_pids(pid))",
            conn.info.backend_pid), "it waits")
        cursor.execute("commit")
        envelope(upload.result(), 401, "authentication_error")
    assert place.http.get(where).status_code == 404
    assert any(job["id"] in line and "superseded attempt" in line
               for line in stack.log("responder.log").splitlines())
