# SPDX-License-Identifier: BSD-2-Clause
"""PostgreSQL goes away and comes back: nobody else has to be restarted."""
import random
import re
import threading

import pytest

from crowd import (
    AWAY, JOBS, WORKSPACE, Crowd, Wire, create, insist, job_body, query,
    running_stack)
from harness import PATIENCE
from idle_judges import Judges, make_token

EXPECTED_LOG = AWAY + ["terminating connection due to administrator command"]
NOBODY = "01890a5d-ac96-774b-bcce-b302099a8057"
WIRE = "01h455vb4pex5vsknk084sn02q"
# kind of route -> method, path, body
ROUTES = {
    "a job": ("GET", f"{JOBS}/{NOBODY}", None),
    "create a job": ("POST", JOBS, job_body("x")),
    "the catalog": ("GET", "/api/v1/training/catalog", None),
    "an artifact": ("GET", f"{WORKSPACE}/artifacts/dataset/rows/1", None),
    "a judge's job": ("GET", f"/training/jobs/train_job_{WIRE}", None),
    "create a judge's job": ("POST", "/training/jobs", {
        "judge_id": "jdg_x", "training_type": "full_retrain"}),
    "judges": ("GET", "/judges", None),
    "an evaluation": ("GET", f"/evaluations/eval_{WIRE}", None),
    "create an evaluation": ("POST", "/evaluations", {
        "judge_id": "jdg_x", "content": "x",
        "criteria_scores": {"crit_clarity": 1}}),
    "feedback": ("POST", "/feedback", {
        "evaluation_id": f"eval_{WIRE}", "type": "rating",
        "content": {"rating": 3}}),
    "ready": ("GET", "/readyz", None),
    "health": ("GET", "/api/v1/health", None),
}
# The server's own time for a request without a database, microseconds.
MOST = 2_000_000 * PATIENCE / 60
CUT = """
select pg_terminate_backend(pid) from pg_stat_activity
 where application_name like 'trainyard%%' and pid <> pg_backend_pid()
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with running_stack(tmp_path_factory.mktemp("outage")) as made:
        yield made


@pytest.fixture(scope="module")
def outage(stack, client):
    """Every route's reply while PostgreSQL is stopped, and log lines."""
    pids = {part: stack.pid(part) for part in ("responder", "dispatcher")}
    told = {}
    assert client.get("/readyz").status_code == 200
    stack.stop("postgres")
    try:
        for name, (method, path, body) in ROUTES.items():
            # twice: the first may be who finds the connections dead
            for n in (1, 2):
                told[name, n] = client.request(method, path, json=body)
        told["alive"] = client.get("/healthz")
    finally:
        stack.start("postgres")
    told["back"] = insist(lambda: client.get("/readyz"))
    told["pids"] = pids
    return told


def took(stack, request_id):
    """Microseconds of a request, as the responder logged them."""
    line = re.search(rf"^.* request_id={request_id}$",
                     stack.log("responder.log"), re.M)[0]
    return int(re.search(r" us=(\d+) ", line)[1])


@pytest.mark.parametrize("name", ROUTES)
def test_requests_are_refused_soon(stack, outage, envelope, name):
    for n in (1, 2):
        reply = outage[name, n]
        body = envelope(reply, 503, "service_unavailable_error")
        assert int(reply.headers["Retry-After"]) >= 1
        assert took(stack, body["request_id"]) < MOST


def test_the_process_is_alive_all_the_time(outage):
    assert outage["alive"].status_code == 200
    assert outage["alive"].json() == {"status": "ok"}


def test_all_works_again_without_a_restart(stack, client, outage):
    assert outage["back"].json() == {"status": "ready"}
    judges = Judges(stack)
    try:
        key = judges.trained(20)
        job = judges.create(key).json()["job_id"]
        poll = threading.Event()
        for _ in range(int(PATIENCE * 20)):
            status = client.get(f"/training/jobs/{job}").json()["status"]
            if status == "completed":
                break
            poll.wait(0.05)
        assert status == "completed"
    finally:
        judges.close()
    reply = create(client, "after-the-outage")
    assert reply.status_code == 201
    assert client.get(reply.headers["Location"]).json() == reply.json()
    assert {part: stack.pid(part) for part in outage["pids"]} == outage["pids"]
    for part, pid in outage["pids"].items():
        assert f"{part} " in stack.command("status")
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            assert stat.read()


def test_a_token_revoked_meanwhile_is_refused(stack):
    token = make_token(stack, "main")
    row, = query(stack, "select id::text from trainyard.token"
                 " order by created_at desc limit 1")
    with stack.client(token) as client:
        assert client.get("/judges").status_code == 200
        stack.stop("postgres")
        stack.start("postgres")
        # nobody is listening who could hear of it, or may be by now
        stack.trainyard("token", "revoke", row[0])
        reply = insist(lambda: client.get("/judges"))
        assert reply.status_code == 401, reply.text
        assert reply.json()["type"] == "authentication_error"


def test_cut_connections_cost_nothing_but_a_retry(stack):
    """Backends die all the time; replies are good ones or 503."""
    told, jobs = [], {}
    dice = random.Random(11)

    def load(crowd, n):
        with Wire(stack) as mine:
            i = 0
            while not crowd.stopping.is_set():
                key = f"cut-{n}-{i}"
                reply = create(mine, key)
                told.append(reply)
                crowd.tell()
                if reply.status_code == 201:
                    jobs[key] = reply.json()["id"]
                    told.append(mine.get(reply.headers["Location"]))
                    i += 1

    with Crowd() as crowd:
        for n in range(8):
            crowd.start(load, crowd, n)
        for _ in range(25):
            crowd.await_more(dice.randint(1, 40))
            query(stack, CUT, dsn=stack.superuser_dsn)
        crowd.await_more(16)
    statuses = [reply.status_code for reply in told]
    assert set(statuses) <= {200, 201, 409, 503}
    assert 503 in statuses          # else nothing was cut
    for reply in told:
        if reply.status_code == 503:
            assert "Retry-After" in reply.headers
            assert reply.json()["type"] == "service_unavailable_error"
    with Wire(stack) as mine:
        for key, job in jobs.items():
            assert insist(lambda: create(mine, key)).json()["id"] == job
    # a key that got no answer has a job or none, and never two
    assert query(stack, "select name from trainyard.job where name like"
                 " 'cut-%%' group by name having count(*) > 1") == []
