# SPDX-License-Identifier: BSD-2-Clause
"""Logs tell what happened, and nothing of what was sent or stored."""
import pytest

from crowd import JOBS, WORKSPACE, create, job_body, query, running_stack
from fastcgi import fastcgi
from harness import FAULTS
from hosted import await_true

# Every text that a caller gives holds this word; logs never do.
MARK = "hushhush"
SECRET = f"{MARK}-webhook-secret"
KEY = f"jdg_{MARK}"
LOGS = ("responder.log", "dispatcher.log", "nginx.log", "access.log")
SCORES = {"crit_clarity": 31.25, "crit_hushhush_tone": 62.5}


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with running_stack(tmp_path_factory.mktemp("logs"),
                       "--set", "log_level=debug") as made:
        with made.client(made.token) as client:
            made.replies = list(healthy(made, client))
            made.healthy = {name: made.log(name) for name in LOGS}
            made.replies += refused(made, client)
        yield made


def healthy(stack, client):
    """As it is meant; tests/http/test_described.py asks every route."""
    for path in ("/healthz", "/readyz", "/api/v1/health",
                 "/api/v1/training/catalog"):
        yield client.get(path)
    artifact = f"{WORKSPACE}/artifacts/dataset/words/1"
    yield client.put(artifact, content=MARK.encode() * 100)
    yield client.get(artifact)
    yield client.get(f"{artifact}/content")
    job = {**job_body(MARK), "tags": [MARK], "run_ref": MARK}
    made = client.post(JOBS, json=job, headers={"Idempotency-Key": MARK})
    yield made
    yield client.get(made.headers["Location"])
    yield client.post("/judges", json={
        "id": KEY, "name": MARK, "description": MARK, "content_type": "text",
        "criteria": [{"name": "Clarity", "description": MARK},
                     {"name": f"{MARK} tone"}]})
    yield client.get("/judges")
    yield client.get(f"/judges/{KEY}")
    yield client.get(f"/judges/{KEY}/versions")
    one = client.post("/evaluations", json={
        "judge_id": KEY, "content": f"{MARK} text",
        "criteria_scores": SCORES})
    yield one
    one = one.json()["evaluation_id"]
    yield client.get(f"/evaluations/{one}")
    many = client.post("/evaluations/batch", json={
        "judge_id": KEY, "items": [
            {"content": f"{MARK} {n}", "criteria_scores": SCORES}
            for n in range(30)]})
    yield many
    yield client.post("/feedback", json={
        "evaluation_id": one, "type": "comment",
        "content": {"comment": MARK}})
    entries = [{"evaluation_id": item["evaluation_id"], "type": "correction",
                "content": {"corrected_scores": {"crit_clarity": 77}},
                "submitted_by": f"{MARK}@acme.example"}
               for item in many.json()["results"]]
    yield client.post("/feedback/batch", json={"feedback_entries": entries})
    yield client.post(f"/batches/{many.json()['batch_id']}/feedback",
                      json={"feedback_entries": entries})
    yield client.get(f"/feedback/evaluation/{one}")
    training = client.post("/training/jobs", json={
        "judge_id": KEY, "training_type": "full_retrain",
        "training_config": {"max_epochs": 5}, "execution_options": {
            "webhook_url": f"https://hooks.example/{MARK}",
            "webhook_secret": SECRET}})
    yield training
    path = f"/training/jobs/{training.json()['job_id']}"
    await_true(lambda: client.get(path).json()["status"] in (
        "completed", "failed"), "the training is over")
    yield client.get(path)
    assert client.get(path).json()["status"] == "completed"


def refused(stack, client):
    """What goes wrong here, in nginx, and in the database."""
    wrong = client.headers["Authorization"] + MARK
    yield client.get("/judges", headers={"Authorization": wrong})
    yield client.get("/judges", headers={
        "Authorization": wrong, "X-API-Key": f"ty_key_{MARK}"})
    yield client.post(JOBS, content=b'{"name": "%s' % MARK.encode(),
                      headers={"Content-Type": "application/json"})
    yield client.post(JOBS, json={MARK: SECRET, "config": MARK})
    yield client.post(JOBS, json=job_body(f"{MARK} other"),
                      headers={"Idempotency-Key": MARK})
    yield client.post("/judges", json={
        "id": KEY, "name": MARK, "description": MARK, "content_type": "text",
        "criteria": [{"name": "Clarity"}]})
    yield client.post("/training/jobs", json={
        "judge_id": KEY, "training_type": "full_retrain",
        "execution_options": {"webhook_secret": MARK, "webhook_url": MARK}})
    yield client.post(JOBS, content=MARK.encode() * 200_000)
    yield client.put(f"{WORKSPACE}/artifacts/dataset/words/1",
                     content=MARK.encode())
    # a row that the database alone refuses: PostgreSQL quotes it
    query(stack, "alter table trainyard.job add constraint short"
          " check (length(name) < 30)")
    yield create(client, MARK * 5)
    query(stack, "alter table trainyard.job drop constraint short")
    # cut off in the middle
    fastcgi(stack.socket, "POST", JOBS, MARK.encode(), cut=True,
            CONTENT_LENGTH="100", CONTENT_TYPE="application/json",
            HTTP_AUTHORIZATION=f"Bearer {stack.token}")
    # and without a database
    stack.stop("postgres")
    yield create(client, f"{MARK}-away")
    stack.start("postgres")


def test_all_of_it_happened(stack):
    """Else the logs would be clean for want of anything to tell."""
    statuses = {reply.status_code for reply in stack.replies}
    assert statuses >= {200, 201, 400, 401, 409, 413, 422, 503}


@pytest.mark.parametrize("name", LOGS)
def test_nothing_that_was_sent_or_stored(stack, name):
    log = stack.log(name)
    assert stack.token not in log
    assert SECRET not in log
    for line in log.splitlines():
        # what is asked for is named in nginx's lines, as everywhere
        line = line.replace(KEY, "")
        assert MARK not in line, line
        assert "31.25" not in line and "62.5" not in line, line


@pytest.mark.parametrize("name", LOGS[:3])
def test_a_healthy_run_has_no_warning(stack, name):
    log = stack.healthy[name]
    assert name == "nginx.log" or log
    for line in log.splitlines():
        assert not FAULTS[name].search(line), line
        assert name != "nginx.log", line


def test_every_request_can_be_found_by_its_id(stack):
    """In nginx's log, and in the responder's when it came so far."""
    responder, access = stack.log("responder.log"), stack.log("access.log")
    for reply in stack.replies:
        found = reply.headers["X-Request-Id"]
        assert f'"request_id":"{found}"' in access
        if reply.status_code != 413:
            assert f" request_id={found}\n" in responder
