# SPDX-License-Identifier: BSD-2-Clause
"""What the published client sends, call after call, and what it must find.

It reads every reply with a model: a required member that is missing, or one
of another type, fails the command after the call has done its work.
"""
from concurrent.futures import ThreadPoolExecutor

import pytest

from hosted import Place, new_token, rl, sft
from routes import ROUTES

TEXT, WHOLE, YES, LIST, OBJECT = str, int, bool, list, dict
REQUIRED = {
    "organization": {
        "id": TEXT, "name": TEXT, "key": TEXT,
        "effective_max_sandbox_runtime_seconds": WHOLE,
        "max_sandbox_runtime_source_level": TEXT,
        "effective_default_sandbox_runtime_seconds": WHOLE,
        "default_sandbox_runtime_source_level": TEXT,
        "platform_max_sandbox_runtime_seconds": WHOLE,
        "platform_default_sandbox_runtime_seconds": WHOLE,
        "created_at": TEXT, "updated_at": TEXT},
    "workspace": {"id": TEXT, "name": TEXT, "key": TEXT, "org_id": TEXT,
                  "created_at": TEXT, "updated_at": TEXT},
    "project": {"id": TEXT, "key": TEXT, "name": TEXT, "created_at": TEXT,
                "updated_at": TEXT},
    "user": {"id": TEXT, "email_address": TEXT, "username": TEXT},
    "job": {"id": TEXT, "organization_id": TEXT, "workspace_id": TEXT,
            "status": TEXT, "backend": TEXT, "trainer_type": TEXT,
            "model": TEXT, "trajectory_dataset_refs": LIST,
            "capability": OBJECT, "config": OBJECT, "metrics": OBJECT,
            "artifacts": OBJECT, "tags": LIST, "created_at": TEXT},
    "jobs": {"items": LIST, "total": WHOLE, "page": WHOLE,
             "page_size": WHOLE},
    "logs": {"items": LIST},
    "artifacts": {"artifacts": OBJECT},
    "catalog": {"models": LIST, "total": WHOLE, "limit": WHOLE},
    "model": {"tinker_id": TEXT, "display_name": TEXT, "family": TEXT,
              "type": TEXT, "context_length": WHOLE,
              "supported_algorithms": LIST}}
OPTIONAL = {
    "organization": {"description": TEXT, "is_active": YES,
                     "max_members": WHOLE, "member_count": WHOLE,
                     "plan_type": TEXT},
    "workspace": {"is_default": YES, "org_name": TEXT},
    "project": {"workspace_id": TEXT, "is_default": YES},
    "user": {"full_name": TEXT, "features": LIST, "groups": LIST,
             "teams": LIST}}
JOBS = "/api/v1/org/{org}/ws/{ws}/training/jobs"
JOB = JOBS + "/{job_id}"
# command, method, route, model of the reply
COMMANDS = [
    ("sft", "POST", JOBS, "job"), ("rl", "POST", JOBS, "job"),
    ("list", "GET", JOBS, "jobs"), ("get", "GET", JOB, "job"),
    ("cancel", "POST", JOB + "/cancel", "job"),
    ("retry", "POST", JOB + "/retry", "job"),
    ("logs", "GET", JOB + "/logs", "logs"),
    ("artifacts", "GET", JOB + "/artifacts", "artifacts"),
    ("catalog", "GET", "/api/v1/training/catalog", "catalog")]
SERVED = [c for c in COMMANDS if c[1] in ROUTES.get(c[2], ())]


def fits(body, model):
    """The client's model takes this object."""
    for name, kind in REQUIRED[model].items():
        assert type(body[name]) is kind, name
    for name, kind in OPTIONAL.get(model, {}).items():
        assert name not in body or body[name] is None or \
            type(body[name]) is kind, name
    return body


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "client").furnish()
    yield made
    made.close()


@pytest.fixture
def client(stack, place):
    """Headers and patience of the published client."""
    token = new_token(place, org=None)
    with stack.client() as made:
        made.headers.update({
            "User-Agent": "dreadnode-sdk/2.0.52", "X-API-Key": token,
            "Accept": "application/json", "X-Dreadnode-Network": "public"})
        yield made


def scope(client, workspace="client", project=None):
    """The calls around every command; the project that it then has."""
    fits(client.get("/api/v1/org/acme").json(), "organization")
    if workspace:
        reply = client.get(f"/api/v1/org/acme/ws/{workspace}")
        fits(reply.json(), "workspace")
    else:
        listed = client.get("/api/v1/org/acme/ws").json()["workspaces"]
        chosen = [w for w in listed if w["is_default"]] or listed
        workspace = fits(chosen[0], "workspace")["key"]
    if project:
        reply = client.get(
            f"/api/v1/org/acme/ws/{workspace}/projects/{project}")
        if reply.status_code == 200:
            fits(reply.json(), "project")
        else:
            assert reply.status_code == 404
            assert "404" in f"{reply.status_code}: {reply.json()['detail']}"
            project = None
    fits(client.get("/api/v1/user").json(), "user")
    return workspace, project


def run(client, place, command, method, route, model, project):
    """The command's own call, for a job that is there already."""
    body = None
    if method == "POST" and route == JOBS:
        body = sft() if command == "sft" else rl()
        body |= {"tags": [], "backend": "tinker", "trainer_type": command}
        if project:
            body["project_ref"] = project
        path = place.jobs
    elif "{job_id}" in route:
        job = place.made(sft())["id"]
        path = place.jobs + "/" + job + route.removeprefix(JOB)
        if command == "retry":
            place.do("update trainyard.job set status = 'cancelled',"
                     " completed_at = now() where id = %s", job)
    else:
        path = place.jobs if route == JOBS else route
    query = {"page": 1, "page_size": 20} if command == "list" else {
        "limit": 20} if command == "catalog" else None
    reply = client.request(method, path, json=body, params=query)
    assert reply.status_code in (200, 201), reply.text
    return fits(reply.json(), model)


@pytest.mark.parametrize("project", [None, "default", "nothing"])
@pytest.mark.parametrize("command, method, route, model", SERVED)
def test_a_command(client, place, command, method, route, model, project):
    _, found = scope(client, project=project)
    assert found == (project if project == "default" else None)
    body = run(client, place, command, method, route, model, found)
    if model == "jobs":
        for item in body["items"]:
            fits(item, "job")
    if model == "catalog":
        for item in body["models"]:
            fits(item, "model")
            assert item["family"] in ("llama", "qwen")
    if model == "job":
        assert body["project_ref"] == "default"
        assert body["status"] in (
            "queued", "running", "completed", "failed", "cancelled")


def test_without_a_workspace_the_default_one_is_taken(client):
    assert scope(client, workspace=None) == ("main", None)


def test_scope_calls_at_the_same_time(client, place):
    """Newer releases make them in threads."""
    paths = ["/api/v1/org/acme", place.base,
             f"{place.base}/projects/default", "/api/v1/user"]
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(client.get, paths * 8))
    assert {r.status_code for r in replies} == {200}


def test_errors_read_as_the_client_prints_them(client, place):
    """"<status>: <detail>", from an object whatever happens."""
    for reply, text in (
            (client.get("/api/v1/org/nobody"), "404: no such organization"),
            (client.get(f"{place.jobs}/x"), "404: no such job"),
            (client.get("/api/v1/user", headers={"X-API-Key": "x"}),
             "401: the token is unknown, expired or revoked"),
            (client.post(place.jobs, json=sft() | {"model": "Qwen3-8B"}),
             "422: model: unknown model \"Qwen3-8B\"; did you mean")):
        assert f"{reply.status_code}: {reply.json()['detail']}".startswith(
            text)
