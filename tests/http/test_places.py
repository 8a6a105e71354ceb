# SPDX-License-Identifier: BSD-2-Clause
"""Where a token may act: organisations, workspaces, projects, the user."""
import pytest

from hosted import TIME, UUID, Place, await_true, new_token

ORG = "/api/v1/org/acme"
LOGIN = [("POST", "/api/v1/auth/device/code"),
         ("GET", "/api/v1/auth/device/code/x-1"),
         ("HEAD", "/api/v1/auth/device/code/x-1"),
         ("POST", "/api/v1/auth/device/token"),
         ("POST", "/api/v1/user/api-keys")]


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "places")
    yield made
    made.close()


@pytest.fixture
def client(stack, place):
    """client(...) of a token with these properties."""
    opened = []

    def make(**options):
        opened.append(stack.client(new_token(place, **options)))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def org(stack, serial):
    """A new organisation of ada's, with more settings."""
    def make(*options):
        key = f"places-{next(serial)}"
        stack.trainyard("org", "create", key, *options)
        stack.trainyard("member", "add", key, "ada@acme.example", "--owner")
        return key
    return make


def get(client, path):
    reply = client.get(path)
    assert reply.status_code == 200, reply.text
    return reply.json()


# --- organisation


def test_an_organisation_has_every_field(api, place):
    body = get(api, ORG)
    assert UUID.fullmatch(body.pop("id"))
    assert TIME.fullmatch(body.pop("created_at"))
    assert TIME.fullmatch(body.pop("updated_at"))
    assert body.pop("member_count") == place.value(
        "select count(*) from trainyard.member m"
        " join trainyard.organization o on o.id = m.organization_id"
        " where o.key = 'acme'")
    assert body == {
        "name": "Acme", "key": "acme", "description": None, "is_active": True,
        "effective_max_sandbox_runtime_seconds": 86400,
        "max_sandbox_runtime_source_level": "platform",
        "effective_default_sandbox_runtime_seconds": 3600,
        "default_sandbox_runtime_source_level": "platform",
        "platform_max_sandbox_runtime_seconds": 86400,
        "platform_default_sandbox_runtime_seconds": 3600, "max_members": 0}


@pytest.mark.parametrize("options, most, usual", [
    (("--max-runtime", "7200"), (7200, "organization"), (3600, "platform")),
    (("--default-runtime", "60"), (86400, "platform"), (60, "organization")),
    (("--max-runtime", "1800"), (1800, "organization"),
     (1800, "organization")),
    (("--max-runtime", "90", "--default-runtime", "60"),
     (90, "organization"), (60, "organization"))])
def test_an_organisations_runtimes(client, org, options, most, usual):
    body = get(client(org=None), f"/api/v1/org/{org(*options)}")
    assert (body["effective_max_sandbox_runtime_seconds"],
            body["max_sandbox_runtime_source_level"]) == most
    assert (body["effective_default_sandbox_runtime_seconds"],
            body["default_sandbox_runtime_source_level"]) == usual
    assert body["platform_max_sandbox_runtime_seconds"] == 86400
    assert body["platform_default_sandbox_runtime_seconds"] == 3600


def test_description_and_members_are_told(client, org, stack):
    key = org("--description", "Much to do")
    stack.trainyard("org", "set", key, "--max-members", "5")
    body = get(client(org=None), f"/api/v1/org/{key}")
    assert body["description"] == "Much to do"
    assert (body["max_members"], body["member_count"]) == (5, 1)


def test_organisations_of_a_token(client, org):
    keys = sorted([org(), org()])
    free = [o["key"] for o in get(
        client(org=None), "/api/v1/user/organizations")]
    assert set(keys) < set(free) and "acme" in free
    assert free == sorted(free)
    bound = client(org="acme")
    assert get(bound, "/api/v1/user/organizations") == [get(bound, ORG)]


@pytest.mark.parametrize("key", ["nobody", "ACME", "-x", "a" * 64, "%C3%A4"])
def test_unknown_organisations(api, envelope, key):
    for rest in ("", "/ws"):
        body = envelope(api.get(f"/api/v1/org/{key}{rest}"),
                        404, "not_found_error")
        assert body["detail"] == "no such organization"


def test_foreign_organisations_are_404(client, org, stack, envelope):
    key = org()
    stack.trainyard("member", "remove", key, "ada@acme.example")
    # not a member, and bound to another one
    for token in (client(org=None), client(org="acme")):
        for rest in ("", "/ws", "/ws/main", "/ws/main/projects",
                     "/ws/main/projects/default"):
            envelope(token.get(f"/api/v1/org/{key}{rest}"),
                     404, "not_found_error")
        assert key not in [
            o["key"] for o in get(token, "/api/v1/user/organizations")]


def test_an_inactive_organisation_is_gone(client, org, stack):
    key, token = org(), client(org=None)
    get(token, f"/api/v1/org/{key}")
    stack.trainyard("org", "set", key, "--disable")
    for rest in ("", "/ws"):
        assert token.get(f"/api/v1/org/{key}{rest}").status_code == 404
    await_true(lambda: token.get(
        f"/api/v1/org/{key}/ws/main").status_code == 404, "it is closed")
    assert key not in [
        o["key"] for o in get(token, "/api/v1/user/organizations")]


# --- workspaces


def test_a_workspace_has_every_field(place):
    body = get(place.http, place.base)
    assert TIME.fullmatch(body.pop("created_at"))
    assert TIME.fullmatch(body.pop("updated_at"))
    assert body == {
        "id": place.id, "name": place.key, "key": place.key,
        "org_id": place.org_id, "org_name": "Acme", "is_default": False}


def test_the_default_workspace_comes_first(client, org, stack):
    key = org()
    for name in ("alpha", "zeta"):
        stack.trainyard("workspace", "create", f"{key}/{name}")
    token = client(org=key)
    body = get(token, f"/api/v1/org/{key}/ws")
    assert list(body) == ["workspaces"]
    assert [(w["key"], w["is_default"]) for w in body["workspaces"]] == [
        ("main", True), ("alpha", False), ("zeta", False)]
    assert body["workspaces"][1] == get(token, f"/api/v1/org/{key}/ws/alpha")


def test_a_member_sees_the_own_workspaces(client, org, stack):
    key = org()
    stack.trainyard("workspace", "create", f"{key}/other")
    stack.trainyard("user", "create", f"{key}@acme.example")
    stack.trainyard("member", "add", key, f"{key}@acme.example")
    # being added comes with access to the default one
    stack.trainyard("workspace", "access", "remove", f"{key}/main",
                    f"{key}@acme.example")
    token = client(org=key, email=f"{key}@acme.example")
    assert get(token, f"/api/v1/org/{key}/ws") == {"workspaces": []}
    stack.trainyard("workspace", "access", "add", f"{key}/other",
                    f"{key}@acme.example")
    seen = get(token, f"/api/v1/org/{key}/ws")["workspaces"]
    assert [w["key"] for w in seen] == ["other"]
    assert token.get(f"/api/v1/org/{key}/ws/main").status_code == 404


def test_a_token_of_one_workspace_sees_that_one(client, place):
    token = client(workspace="places")
    seen = get(token, f"{ORG}/ws")["workspaces"]
    assert [w["key"] for w in seen] == ["places"]
    assert get(token, ORG)["key"] == "acme"
    assert token.get(f"{ORG}/ws/main").status_code == 404


# --- projects


def test_projects_of_the_command(place, stack):
    listed = f"{place.base}/projects"
    assert [(p["key"], p["is_default"]) for p in get(place.http, listed)] == [
        ("default", True)]
    stack.trainyard("project", "create", "acme/places", "alpha", "--name",
                    "The first")
    assert "alpha" in stack.trainyard("project", "list", "acme/places")
    found = get(place.http, listed)
    assert [p["key"] for p in found] == ["default", "alpha"]
    one = get(place.http, f"{listed}/alpha")
    assert one == found[1]
    assert UUID.fullmatch(one.pop("id"))
    assert TIME.fullmatch(one.pop("created_at"))
    assert TIME.fullmatch(one.pop("updated_at"))
    assert one == {"key": "alpha", "name": "The first",
                   "workspace_id": place.id, "is_default": False}


@pytest.mark.parametrize("key", [
    "nothing", "DEFAULT", "x" * 64, "%C3%A4",
    "019b8d2b-8c00-7e22-9d3f-6cae204f7b51"])
def test_unknown_projects(place, envelope, key):
    body = envelope(place.http.get(f"{place.base}/projects/{key}"),
                    404, "not_found_error")
    assert body["detail"] == "no such project"


def test_no_other_error_of_a_project_says_404(place, client, stack, anon,
                                              envelope):
    """The published client would take it for a project that is not there."""
    path = f"{place.base}/projects/default"
    for reply in (
            place.http.get(path, params={"a404": "1"}),
            place.http.get(path + "?404"),
            anon.get(path), anon.get(path, headers={"X-API-Key": "404"}),
            anon.get(path, headers={"Authorization": "Basic 404"}),
            place.http.delete(path)):
        assert reply.status_code in (401, 405, 422)
        assert "404" not in f"{reply.status_code}: {reply.json()['detail']}"
    limited = client(workspace="places", rate=404)
    while (reply := limited.get(path)).status_code == 200:
        continue
    body = envelope(reply, 429, "rate_limit_error")
    assert "404" not in body["detail"]
    # elsewhere nothing is hidden
    body = envelope(place.http.get(ORG, params={"a404": "1"}),
                    422, "validation_error")
    assert body["detail"] == "a404: unknown field"


# --- the user


def test_the_user(client, stack):
    body = get(client(), "/api/v1/user")
    assert UUID.fullmatch(body.pop("id"))
    assert body == {
        "email_address": "ada@acme.example", "username": "ada",
        "full_name": None, "features": [], "groups": [], "teams": []}
    stack.trainyard("user", "create", "full@acme.example",
                    "--full-name", "Full Name")
    body = get(client(org=None, email="full@acme.example"), "/api/v1/user")
    assert body["full_name"] == "Full Name"


# --- rules for all


def paths(place):
    return [ORG, f"{ORG}/ws", place.base, f"{place.base}/projects",
            f"{place.base}/projects/default", "/api/v1/user",
            "/api/v1/user/organizations"]


def test_any_token_will_do_without_a_scope(client, place, anon, envelope):
    token = client(workspace="places", scopes=[])
    for path in paths(place):
        get(token, path)
        envelope(anon.get(path), 401, "authentication_error")


def test_head_and_no_query(place, envelope):
    for path in paths(place):
        one, head = place.http.get(path), place.http.head(path)
        assert head.status_code == 200 and head.content == b""
        assert head.headers["content-length"] == str(len(one.content))
        assert one.headers["cache-control"] == "no-store"
        envelope(place.http.get(path, params={"page": 1}),
                 422, "validation_error")


@pytest.mark.parametrize("method, path", LOGIN)
def test_there_is_no_browser_login(anon, api, envelope, method, path):
    for client in (anon, api):
        reply = client.request(method, path, json={"device_code": "x"})
        assert reply.status_code == 501
        if method == "HEAD":
            continue
        body = envelope(reply, 501, "not_implemented_error")
        assert body["detail"] == (
            "browser login is not available on this server; ask its"
            " administrator for an API key")
