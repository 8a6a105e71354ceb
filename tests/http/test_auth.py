# SPDX-License-Identifier: BSD-2-Clause
"""Who calls and what they may: tokens, scopes, organisations, workspaces."""
import pytest

from hosted import Place, await_true, new_token, sft

PATH = "/api/v1/training/catalog"
REALM = 'Bearer realm="trainyard"'
INVALID = REALM + ', error="invalid_token"'


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "auth").furnish()
    yield made
    made.close()


@pytest.fixture
def get(anon):
    """GET with these headers only; a pair twice is sent twice."""
    def ask(*headers, path=PATH):
        return anon.get(path, headers=list(headers))
    return ask


# --- headers


def test_either_header_will_do(stack, get):
    for headers in (
            [("Authorization", f"Bearer {stack.token}")],
            [("authorization", f"bearer {stack.token}")],
            [("Authorization", f"BEARER   {stack.token}")],
            [("X-API-Key", stack.token)],
            [("x-api-key", stack.token)],
            [("Authorization", f"Bearer {stack.token}"),
             ("X-API-Key", stack.token)],
            # an empty one is none
            [("Authorization", f"Bearer {stack.token}"), ("X-API-Key", "")],
            [("Authorization", ""), ("X-API-Key", stack.token)]):
        assert get(*headers).status_code == 200, headers


def test_different_tokens_are_a_mistake(stack, place, get, envelope):
    other = new_token(place)
    for first, second in ((stack.token, other), (other, "x"), ("x", other)):
        reply = get(("Authorization", f"Bearer {first}"),
                    ("X-API-Key", second))
        envelope(reply, 400, "invalid_request_error")
        assert "www-authenticate" not in reply.headers


def test_no_token(get, envelope):
    for headers in ([], [("X-API-Key", "")], [("Authorization", "")]):
        reply = get(*headers)
        envelope(reply, 401, "authentication_error")
        assert reply.headers["www-authenticate"] == REALM


@pytest.mark.parametrize("value", [
    "Basic YWRhOng=", "Bearer", "Bearerty_key_x", "Token ty_key_x", "ty_key",
    "Digest x", "Bear er x"])
def test_other_schemes(stack, get, envelope, value):
    reply = get(("Authorization", value))
    envelope(reply, 401, "authentication_error")
    assert reply.headers["www-authenticate"] == REALM
    # even beside a good one
    reply = get(("Authorization", value), ("X-API-Key", stack.token))
    assert reply.status_code == 401


@pytest.mark.parametrize("change", [
    lambda t: t + "x", lambda t: t[:-1], lambda t: t.upper(),
    lambda t: t + " x", lambda t: "ty_key_", lambda t: t.encode() + b"\xff",
    lambda t: "x" * 4000, lambda t: "'; drop table token --"])
def test_unknown_tokens(stack, get, envelope, change):
    token = change(stack.token)
    bearer = b"Bearer " + (
        token if isinstance(token, bytes) else token.encode())
    for header in (("Authorization", bearer), ("X-API-Key", bearer[7:])):
        reply = get(header)
        body = envelope(reply, 401, "authentication_error")
        assert reply.headers["www-authenticate"] == INVALID
        assert body["detail"] == "the token is unknown, expired or revoked"


def test_expired_tokens(place, get, envelope):
    good = new_token(place, expires="1 hour")
    assert get(("X-API-Key", good)).status_code == 200
    bad = new_token(place, expires="-1 second")
    reply = get(("X-API-Key", bad))
    envelope(reply, 401, "authentication_error")
    assert reply.headers["www-authenticate"] == INVALID


def test_a_token_expires_while_it_is_remembered(place, get):
    token = new_token(place, expires="5 seconds")
    assert get(("X-API-Key", token)).status_code == 200
    await_true(lambda: get(("X-API-Key", token)).status_code == 401,
               "the token expires")


def test_revoked_tokens(place, get, envelope):
    bad = new_token(place, revoked="0 seconds")
    envelope(get(("X-API-Key", bad)), 401, "authentication_error")


def test_revocation_holds_at_once(place, get):
    token = new_token(place)
    for _ in range(5):
        assert get(("X-API-Key", token)).status_code == 200
    place.do("update trainyard.token set revoked_at = now()"
             " where sha256 = sha256(%s) and revoked_at is null",
             token.encode())
    # the notification is on its way; nothing like a cache's minute
    await_true(lambda: get(("X-API-Key", token)).status_code == 401,
               "the revocation is heard")
    assert get(("X-API-Key", token)).status_code == 401


def test_the_commands_revocation_holds_at_once(stack, place, get):
    token = stack.trainyard("token", "create", "--user", "ada@acme.example",
                            "--org", "acme", "--name", "revoke-me").strip()
    assert get(("X-API-Key", token)).status_code == 200
    ident = place.value("select id::text from trainyard.token"
                        " where name = 'revoke-me'")
    stack.trainyard("token", "revoke", ident)
    await_true(lambda: get(("X-API-Key", token)).status_code == 401,
               "the revocation is heard")


def test_401_before_404_of_the_tenant_and_after_404_of_the_path(
        get, envelope):
    envelope(get(path="/api/v1/org/nobody/ws/x/training/jobs/y"),
             401, "authentication_error")
    envelope(get(path="/api/v1/nothing"), 404, "not_found_error")


# --- scopes


def uses(place):
    """(scope, what needs it)."""
    path = place.path("dataset", "scoped", "1")
    job = place.made(sft())["id"]
    return [
        ("training:write",
         lambda c: c.post(place.jobs, json=sft())),
        ("training:read", lambda c: c.get(f"{place.jobs}/{job}")),
        ("artifacts:write", lambda c: c.put(path, content=b"x")),
        ("artifacts:read", lambda c: c.get(path)),
        ("artifacts:read", lambda c: c.get(path + "/content")),
        ("judges:read", lambda c: c.get("/judges")),
    ]


def test_each_scope_opens_its_own(place, stack, envelope):
    place.publish("dataset", "scoped", "1", b"x")
    for scope, use in uses(place):
        token = new_token(place, workspace="auth", scopes=[scope])
        with stack.client(token) as client:
            assert use(client).status_code in (200, 201), scope
        others = [s for s in (
            "training:read", "training:write", "training:worker",
            "artifacts:read", "artifacts:write", "judges:read",
            "judges:write", "feedback:read", "feedback:write") if s != scope]
        token = new_token(place, workspace="auth", scopes=others)
        with stack.client(token) as client:
            body = envelope(use(client), 403, "permission_error")
            assert body["detail"] == f"the token lacks the scope {scope}"


def test_no_scope_at_all_reads_the_catalog(place, get, envelope):
    token = new_token(place, scopes=[])
    assert get(("X-API-Key", token)).status_code == 200
    envelope(get(("X-API-Key", token), path=f"{place.jobs}/x"),
             403, "permission_error")


def test_a_scope_that_nobody_knows_opens_nothing(place, get, envelope):
    token = new_token(place, scopes=["training", "training:*", "*"])
    envelope(get(("X-API-Key", token), path=f"{place.jobs}/x"),
             403, "permission_error")


# --- organisations and workspaces


@pytest.mark.parametrize("org, ws", [
    ("nobody", "auth"), ("acme", "nobody"), ("ACME", "auth"),
    ("acme", "Auth"), ("acme", "auth%20"), ("-acme", "auth"),
    ("a" * 64, "auth"), ("acme", "%C3%A4"), ("acme", "a'b")])
def test_unknown_tenants(place, envelope, org, ws):
    body = envelope(place.http.get(
        f"/api/v1/org/{org}/ws/{ws}/training/jobs/x"), 404,
        "not_found_error")
    assert body["detail"] == "no such organization or workspace"


def test_foreign_organisations_are_404(place, stack, envelope):
    stack.trainyard("org", "create", "foreign", "--name", "Foreign")
    stack.trainyard("user", "create", "eve@foreign.example")
    stack.trainyard("member", "add", "foreign", "eve@foreign.example",
                    "--owner")
    for token, org, ws in (
            (new_token(place, org=None), "foreign", "main"),
            (new_token(place, org=None, email="eve@foreign.example"),
             "acme", "auth")):
        with stack.client(token) as client:
            for reply in (
                    client.get(f"/api/v1/org/{org}/ws/{ws}/training/jobs/x"),
                    client.post(f"/api/v1/org/{org}/ws/{ws}/training/jobs",
                                json={}),
                    client.get(f"/api/v1/org/{org}/ws/{ws}/artifacts/task/"
                               "find-flag/3")):
                envelope(reply, 404, "not_found_error")


def test_a_token_bound_to_one_place_sees_no_other(place, stack, envelope):
    jobs = {ws: f"/api/v1/org/acme/ws/{ws}/training/jobs/x"
            for ws in ("auth", "main")}
    bound = new_token(place, workspace="auth")
    free = new_token(place)
    with stack.client(bound) as client:
        assert client.get(jobs["auth"]).json()["detail"] == "no such job"
        body = envelope(client.get(jobs["main"]), 404, "not_found_error")
        assert body["detail"] == "no such organization or workspace"
    with stack.client(free) as client:
        for path in jobs.values():
            assert client.get(path).json()["detail"] == "no such job"


def test_members_see_their_workspaces_at_once(place, stack):
    stack.trainyard("user", "create", "joe@acme.example")
    token = new_token(place, email="joe@acme.example")
    with stack.client(token) as client:
        def sees():
            return client.get(f"{place.jobs}/x").json()["detail"]

        hidden = "no such organization or workspace"
        assert sees() == hidden
        stack.trainyard("member", "add", "acme", "joe@acme.example")
        assert sees() == hidden
        stack.trainyard("workspace", "access", "add", "acme/auth",
                        "joe@acme.example")
        await_true(lambda: sees() == "no such job", "access is heard of")
        stack.trainyard("workspace", "access", "remove", "acme/auth",
                        "joe@acme.example")
        await_true(lambda: sees() == hidden, "its end is heard of")
        stack.trainyard("workspace", "access", "add", "acme/auth",
                        "joe@acme.example")
        await_true(lambda: sees() == "no such job", "access is heard of")
        place.do("delete from trainyard.workspace_member")
        stack.trainyard("member", "remove", "acme", "joe@acme.example")
        await_true(lambda: sees() == hidden, "its end is heard of")


def test_an_inactive_organisation_is_gone(place, stack, envelope):
    stack.trainyard("org", "create", "sleepy", "--name", "Sleepy")
    stack.trainyard("member", "add", "sleepy", "ada@acme.example", "--owner")
    token = new_token(place, org=None)
    path = "/api/v1/org/sleepy/ws/main/training/jobs/x"
    with stack.client(token) as client:
        assert client.get(path).json()["detail"] == "no such job"
        place.do("update trainyard.organization set is_active = false"
                 " where key = 'sleepy'")
        await_true(lambda: client.get(path).json()["detail"] != "no such job",
                   "the organisation is closed")
        envelope(client.get(path), 404, "not_found_error")


def test_the_judge_face_needs_a_token_of_an_organisation(place, stack, envelope):
    with stack.client(new_token(place, org=None)) as client:
        envelope(client.get("/judges"), 403, "permission_error")
    with stack.client(new_token(place, org="acme")) as client:
        assert client.get("/judges").status_code == 200


def test_tokens_are_kept_as_digests(place, stack):
    dump = place.rows("select t::text from trainyard.token t")
    assert not any(stack.token in row for row, in dump)


# --- the client's version


def test_old_clients_are_told_to_upgrade(fresh_stack, envelope):
    stack = fresh_stack("--set", "min_client_version=2.0.19",
                        "--rate-limit", "off")
    with stack.client(stack.token) as client:
        def ask(agent):
            return client.get(PATH, headers={"User-Agent": agent})

        for agent in ("dreadnode-sdk/2.0.19", "dreadnode-sdk/2.0.20",
                      "dreadnode-sdk/2.1", "dreadnode-sdk/10.0.0",
                      "dreadnode-sdk/2.0.19+local", "curl/7.88.1",
                      "Dreadnode-SDK/1.0", ""):
            assert ask(agent).status_code == 200, agent
        for agent in ("dreadnode-sdk/2.0.18", "dreadnode-sdk/1.99.99",
                      "dreadnode-sdk/2.0.9", "dreadnode-sdk/",
                      "dreadnode-sdk/x.y.z"):
            reply = ask(agent)
            envelope(reply, 426, "upgrade_required_error")
            assert reply.headers["upgrade"] == "dreadnode-sdk/2.0.19"
            assert "upgrade" in reply.headers["connection"].lower()
        # a bad token is told first, a bad place later
        assert client.get(PATH, headers={
            "Authorization": "Bearer x",
            "User-Agent": "dreadnode-sdk/1.0.0"}).status_code == 401
        assert client.get(
            "/api/v1/org/no/ws/no/training/jobs/x",
            headers={"User-Agent": "dreadnode-sdk/1.0.0"}).status_code == 426
    with stack.client(stack.token, http2=True) as client:
        reply = client.get(PATH, headers={
            "User-Agent": "dreadnode-sdk/1.0.0"})
        envelope(reply, 426, "upgrade_required_error")
        assert reply.http_version == "HTTP/2"
        assert "upgrade" not in reply.headers
        assert "connection" not in reply.headers
