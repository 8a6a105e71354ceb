# SPDX-License-Identifier: BSD-2-Clause
"""No log tells a secret or a body, not even at its most talkative."""
import json
import pathlib
import re

import pytest

from crowd import JOBS, WORKSPACE, create, job_body, query, running_stack

SECRET = "hush-4711-hush"
EXPECTED_LOG = []


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with running_stack(tmp_path_factory.mktemp("secrets"), "--set", "slots=0",
                       "--set", "log_level=debug") as made:
        yield made


@pytest.fixture(scope="module")
def told(stack):
    """Requests full of secrets, good ones and bad ones, and their ids."""
    ids = []

    def keep(reply, *expected):
        assert reply.status_code in expected, reply.text
        ids.append(reply.headers["X-Request-Id"])
        return reply

    with stack.client(stack.token) as client, stack.client() as anon:
        body = job_body(SECRET) | {"run_ref": SECRET, "tags": [SECRET]}
        keep(client.post(JOBS, json=body, headers={
            "Idempotency-Key": SECRET}), 201)
        keep(client.post(JOBS, json=body | {SECRET: SECRET}), 422)
        keep(client.post(JOBS, json=body | {"model": SECRET}), 422)
        keep(client.post(JOBS, content=f'{{"{SECRET}'.encode()), 400)
        keep(client.post(JOBS, content=f'{{"{SECRET}":1,"{SECRET}":1}}'),
             422)
        keep(client.post(JOBS, content=SECRET, headers={
            "Content-Type": f"text/{SECRET}"}), 415)
        keep(client.get(f"{JOBS}/{SECRET}"), 404)
        keep(client.get("/api/v1/training/catalog", params={
            "query": SECRET}), 200)
        keep(client.get("/api/v1/training/catalog", params={
            SECRET: SECRET}), 422)
        path = f"{WORKSPACE}/artifacts/task/quiet/1"
        keep(client.put(path, json={"verification": {
            "method": "flag", "hash": SECRET}}), 201)
        keep(client.put(path, content=SECRET.encode()), 409)
        keep(client.put(path + "x", content=b"x", headers={
            "Content-Digest": f"sha-256=:{SECRET}:"}), 422)
        for headers in ({"Authorization": f"Bearer {SECRET}"},
                        {"X-API-Key": SECRET},
                        {"Authorization": f"Basic {SECRET}"}):
            keep(anon.get("/api/v1/training/catalog", headers=headers), 401)
        keep(anon.get("/api/v1/training/catalog", headers={
            "Authorization": f"Bearer {SECRET}",
            "X-API-Key": stack.token}), 400)
        judge = keep(client.post("/judges", json={
            "name": SECRET, "description": SECRET, "content_type": "text",
            "criteria": [{"name": SECRET}]}), 201).json()["id"]
        keep(client.post("/judges", json={
            "id": judge, "name": SECRET, "description": SECRET,
            "content_type": "text", "criteria": [{"name": SECRET}]}), 409)
        keep(client.post("/evaluations", json={
            "judge_id": judge, "content": SECRET, "summary": SECRET,
            "criteria_scores": {"crit_hush_4711_hush": 1}}), 201)
    return ids


def logs(stack):
    return {path.name: path.read_text(errors="replace")
            for path in pathlib.Path(stack.logs).iterdir()
            if path.is_file()}


def test_no_secret_in_any_log(stack, told):
    found = logs(stack)
    assert "debug" not in found["responder.log"] or told
    for name, text in found.items():
        for secret in (stack.token, stack.token[len("ty_key_"):]):
            assert secret not in text, name
    # nginx writes the request's line, as it should; nobody else does
    for name in ("responder.log", "nginx.log", "postgres.log"):
        text = found[name]
        if SECRET in text:
            lines = [line for line in text.splitlines() if SECRET in line]
            raise AssertionError(f"{name}: {lines[0]}")


def test_every_request_has_its_line(stack, told):
    text = logs(stack)["responder.log"]
    access = logs(stack)["access.log"]
    for request_id in told:
        line, = re.findall(
            rf"^<6>request .* request_id={request_id}$", text, re.M)
        assert re.search(r" method=[A-Z]+ route=/\S+ status=\d{3} us=\d+"
                         r" token=(-|[0-9a-f-]{36})( error=\w+)? ", line)
        assert request_id in access


def test_a_token_is_named_by_its_id(stack, told):
    ident = query(stack, "select id::text from trainyard.token")[0][0]
    assert f"token={ident} " in logs(stack)["responder.log"]


def test_what_callers_send_makes_no_line_of_its_own(stack):
    """Nothing that is sent can be taken for another log line."""
    with stack.client(stack.token) as client:
        for path in (f"{JOBS}/a%0A%3C3%3Eforged", f"{JOBS}/%1b%5b31m"):
            assert client.get(path).status_code == 404
    text = logs(stack)["responder.log"]
    assert "forged" not in text and "\x1b" not in text
    for line in text.splitlines():
        assert re.match(r"<[3-7]>[a-z]", line), line
    for line in logs(stack)["access.log"].splitlines():
        json.loads(line)
