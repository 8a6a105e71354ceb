# SPDX-License-Identifier: BSD-2-Clause
"""A request with everything wrong: what is told first, and what then."""
import json

import pytest

from hosted import Place, new_token, ref, sft


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "order", quota=1).furnish()
    made.made(sft())
    yield made
    made.close()


def test_checks_are_made_in_the_contracts_order(place, stack, anon, envelope):
    """Each step mends what the last reply was about, and nothing else."""
    big = b" " * (1 << 20)
    bad = new_token(place, scopes=["training:read"], rate=1)
    poor = new_token(place, scopes=["training:read"])
    good = new_token(place)
    with stack.client(bad) as client:       # its minute is used up
        assert client.get("/api/v1/training/catalog").status_code == 200
    state = {
        "method": "PATCH", "path": "/api/v1/org/no/ws/no/training/job",
        "token": None, "other": "x", "type": "text/plain", "key": "a b",
        "query": "dry=1", "body": b"{" + big,
    }

    def ask():
        headers = {"Content-Type": state["type"],
                   "Idempotency-Key": state["key"]}
        if state["token"]:
            headers["Authorization"] = f"Bearer {state['token']}"
        if state["other"]:
            headers["X-API-Key"] = state["other"]
        body = state["body"]
        if isinstance(body, dict):
            body = json.dumps(body).encode()
        return anon.request(
            state["method"], f"{state['path']}?{state['query']}",
            content=body, headers={k: v for k, v in headers.items() if v})

    def step(status, kind, **change):
        reply = ask()
        envelope(reply, status, kind)
        state.update(change)
        return reply

    jobs = "/api/v1/org/no/ws/no/training/jobs"
    # nginx knows paths and sizes, and tells them before anything else
    step(413, "payload_too_large_error", body=b"{")
    step(404, "not_found_error", path=jobs)
    step(405, "method_not_allowed_error", method="POST")
    step(401, "authentication_error", token=bad)
    step(400, "invalid_request_error", other=None)
    step(429, "rate_limit_error", token=poor)
    step(404, "not_found_error", path=place.jobs)
    step(403, "permission_error", token=good)
    step(415, "unsupported_media_type_error", type="application/json")
    step(400, "invalid_request_error", key=None)
    reply = step(400, "invalid_request_error", body=b"[]")
    assert reply.json()["errors"][0]["type"] == "json_invalid"
    reply = step(400, "invalid_request_error", body={
        **sft(dataset_ref=None, batch_size=0), "model": "no"})
    assert reply.json()["errors"][0]["type"] == "dict_type"
    reply = step(422, "validation_error", query="")
    assert [e["loc"] for e in reply.json()["errors"]] == [
        ["query", "dry"], ["body", "config", "batch_size"]]
    reply = step(422, "validation_error", body={
        **sft(dataset_ref=None), "model": "no"})
    assert [e["loc"] for e in reply.json()["errors"]] == [
        ["body", "config", "batch_size"]]
    reply = step(422, "validation_error", body={
        **sft(dataset_ref=ref("no")), "model": "no"})
    assert [e["loc"] for e in reply.json()["errors"]] == [
        ["body", "config"]]
    reply = step(422, "validation_error", body=sft())
    assert [e["loc"] for e in reply.json()["errors"]] == [
        ["body", "model"], ["body", "config", "dataset_ref"]]
    reply = step(429, "rate_limit_error")
    assert reply.json()["detail"].startswith("quota: ")
    place.do("update trainyard.workspace set queue_quota = 0"
             " where key = 'order'")


def test_who_sees_no_workspace_is_not_told_of_scopes(place, stack, envelope):
    with stack.client(new_token(place, scopes=[])) as client:
        for path in ("/api/v1/org/acme/ws/nobody/training/jobs/x",
                     "/api/v1/org/nobody/ws/order/training/jobs/x"):
            envelope(client.get(path), 404, "not_found_error")
        envelope(client.get(f"{place.jobs}/x"), 403, "permission_error")


def test_on_the_judge_face_scopes_come_before_the_body(
        place, stack, envelope):
    with stack.client(new_token(place, scopes=["judges:read"])) as client:
        envelope(client.post("/judges", content=b"not JSON"), 403,
                 "permission_error")
        envelope(client.get("/judges", params={"x": "y"}), 422,
                 "validation_error")
