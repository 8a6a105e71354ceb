# SPDX-License-Identifier: BSD-2-Clause
"""openapi.json is true: every status it names is provoked, through nginx.

The replies' bodies and headers are held against the description by every
client of a stack (apidoc.py); here each operation is made to answer in each
way that it is said to.  described.py has the calls.
"""
import concurrent.futures

import pytest

from apidoc import Operation
import described_runs     # noqa: F401 - registers its calls
import judge_reports      # noqa: F401 - registers its calls
from described import ERROR, LARGEST, MARK, SUCCESS, World
from harness import DESCRIPTION
from hosted import await_true, new_token
from idle_judges import idle_stack

# Statuses that no call of a healthy server provokes.
ELSEWHERE = {
    500: "a fault of the program: there is none to call",
    503: "the database is away: tests/e2e/test_outage.py",
}
ALL_SCOPES = [
    "training:read", "training:write", "training:worker", "artifacts:read",
    "artifacts:write", "judges:read", "judges:write", "feedback:read",
    "feedback:write"]
OPERATIONS = DESCRIPTION().operations
LOCKED = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A stack of its own: nothing is trained, artifacts are small."""
    with idle_stack(
            tmp_path_factory.mktemp("described"), "--set",
            f"max_artifact_bytes={LARGEST}", "--set",
            "rate_limit=1000000") as stack:
        # rows are compared, and it would see to leases and policies
        stack.stop("dispatcher")
        made = World(stack)
        secrets = [stack.token, made.place.token, made.foreign]
        yield made
        made.close()
        # nothing of what was sent to any route is told
        for name in ("responder.log", "dispatcher.log"):
            text = stack.log(name)
            assert MARK not in text
            assert not any(secret in text for secret in secrets)


def types_of(operation: Operation, status):
    """The error types that an operation may give with a status."""
    schema = operation.responses[status]["content"]["application/json"][
        "schema"]
    return schema["properties"]["type"]["enum"]


CASES = [
    (operation, status, kind)
    for operation in OPERATIONS
    for status in operation.responses if status not in ELSEWHERE
    for kind in (types_of(operation, status) if status >= 400 else [None])]


# --- how each is provoked

def good(world, operation):
    """A call that succeeds, new each time."""
    for status in sorted(operation.responses, reverse=True):
        if (operation.id, status) in SUCCESS:
            return SUCCESS[operation.id, status](world)
    if any(status < 300 for status in operation.responses):
        pytest.fail(f"{operation}: no call that succeeds; "
                    "tests/described.py should have one")
    return next(make for (name, _), make in ERROR.items()
                if name == operation.id)(world)


def succeed(world, operation, status):
    if status == 304:
        call = good(world, operation)
        etag = world.send(operation, call).headers["etag"]
        return world.send(operation, call.with_headers(If_None_Match=etag))
    if status == 206:
        call = good(world, operation).with_headers(Range="bytes=0-0")
        return world.send(operation, call)
    if (operation.id, status) not in SUCCESS:
        pytest.fail(f"{operation}: nothing gives {status}; a call in "
                    "tests/described.py should")
    return world.send(operation, SUCCESS[operation.id, status](world))


def unlike(text):
    """An id of the same form that nothing has."""
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def unknown(world, operation):
    """The same call about something that is not there."""
    call = good(world, operation)
    own = [p["name"] for p in operation.parameters("path")
           if p["name"] not in ("org", "ws")]
    if own:
        call.path[own[-1]] = unlike(call.path[own[-1]])
    elif isinstance(call.json, dict) and operation.scopes is not None:
        for name in ("judge_id", "evaluation_id"):
            if name in call.json:
                call.json[name] = unlike(call.json[name])
    if not own and any(p["name"] == "org"
                       for p in operation.parameters("path")):
        call.path["org"] = "nobody"
    return world.send(operation, call)


def two_tokens(world, operation):
    return world.send(operation, good(world, operation),
                      **{"X-API-Key": "another"})


def no_token(world, operation):
    return world.send(operation, good(world, operation), anyone=True)


def scopeless(world, operation):
    if not operation.scopes:
        # every scope will do, but not the token of a job elsewhere
        job = world.running()
        call = good(world, operation)
        call.path["ws"] = "main"
        return world.send(operation, call,
                          token=world.place.hand_token(job, 1))
    token = new_token(world.place, scopes=[
        s for s in ALL_SCOPES if s not in operation.scopes])
    return world.send(operation, good(world, operation), token=token)


def not_current(world, operation):
    call = good(world, operation)
    if any(p["name"] == "If-Match" for p in operation.parameters("header")):
        return world.send(operation, call.with_headers(If_Match='"old"'))
    world.send(operation, call)     # so that it exists
    return world.send(operation, call.with_headers(If_None_Match="*"))


def too_large(world, operation):
    call = good(world, operation)
    call.json = None
    call.content = b" " * (
        LARGEST + 1 if operation.id == "artifact_put" else (8 << 20) + 1)
    return world.send(operation, call)


def other_media(world, operation):
    call = good(world, operation).with_headers(Content_Type="text/plain")
    call.content = call.body() or b"{}"
    return world.send(operation, call)


def beyond_the_end(world, operation):
    call = good(world, operation).with_headers(Range="bytes=1000000-")
    return world.send(operation, call)


def odd_query(world, operation):
    call = good(world, operation)
    call.query["no_such_parameter"] = "1"
    return world.send(operation, call)


def key_reused(world, operation):
    call = good(world, operation).with_headers(
        Idempotency_Key=f"used-{operation.id}")
    first = world.send(operation, call)
    assert 200 <= first.status_code < 300, first.text
    call.content = (call.body() or b"{}") + b" "
    return world.send(operation, call)


def key_in_use(world, operation):
    """Another request holds the key, and then gives it up.

    Most handlers lock the key first; those whose creates are written many at
    once find out by its row, which here expires between their statement and
    their second look.
    """
    key = f"busy-{operation.id}"
    call = good(world, operation).with_headers(Idempotency_Key=key)
    path = operation.path.format(
        **{"org": "acme", "ws": world.place.key, **call.path})
    account = world.place.value(
        "select id::text from trainyard.account where email = %s",
        "ada@acme.example")
    with world.stack.connect() as other, other.cursor() as cursor, \
            concurrent.futures.ThreadPoolExecutor(1) as pool:
        cursor.execute("begin")
        cursor.execute(LOCKED, (f"{account} {path} {key}",))
        cursor.execute(
            "insert into trainyard.idempotency_key (account_id, method, path,"
            " key, request_hash, status, body) values"
            " (%s, 'POST', %s, %s, sha256(''), 201, '{}')",
            (account, path, key))
        cursor.execute("select pg_backend_pid()")
        pid = cursor.fetchone()[0]
        sent = pool.submit(world.send, operation, call)

        await_true(lambda: sent.done() or world.place.rows(
            "select 1 from pg_stat_activity where %s = any"
            " (pg_blocking_pids(pid))", pid), "a request at the key")
        cursor.execute(
            "update trainyard.idempotency_key set created_at ="
            " clock_timestamp() - interval '24 hours' where key = %s", (key,))
        cursor.execute("commit")
        return sent.result()


def too_often(world, operation):
    token = new_token(world.place, rate=1)
    call = good(world, operation)
    world.send(operation, call, token=token)
    return world.send(operation, call, token=token)


GENERAL = {
    "invalid_request_error": two_tokens,
    "authentication_error": no_token,
    "permission_error": scopeless,
    "not_found_error": unknown,
    "precondition_failed_error": not_current,
    "payload_too_large_error": too_large,
    "unsupported_media_type_error": other_media,
    "range_not_satisfiable_error": beyond_the_end,
    "validation_error": odd_query,
    "idempotency_key_reused_error": key_reused,
    "idempotency_in_progress_error": key_in_use,
    "rate_limit_error": too_often,
}


# --- the tests

@pytest.mark.parametrize(
    "operation, status, kind", CASES,
    ids=[f"{o.id}-{s}-{k}" if k else f"{o.id}-{s}" for o, s, k in CASES])
def test_it_answers_as_described(world, envelope, operation, status, kind):
    if kind is None:
        reply = succeed(world, operation, status)
        assert reply.status_code == status, reply.text
        return
    if (operation.id, kind) in ERROR:
        reply = world.send(operation, ERROR[operation.id, kind](world))
    elif kind in GENERAL:
        reply = GENERAL[kind](world, operation)
    else:
        pytest.fail(f"{operation}: nothing gives {kind}; a call in "
                    "tests/described.py should")
    if status == 416:   # found out when nginx has the artifact's headers
        assert (reply.status_code, reply.json()["type"]) == (status, kind)
    else:
        envelope(reply, status, kind)


EXAMPLES = [
    (operation, example["value"])
    for operation in OPERATIONS
    for content in operation.said.get(
        "requestBody", {"content": {}})["content"].values()
    for example in content.get("examples", {}).values()]


@pytest.mark.parametrize("operation, example", EXAMPLES, ids=[
    f"{o.id}-{i}" for i, (o, e) in enumerate(EXAMPLES)])
def test_examples_are_understood(world, operation, example):
    """They may name what is not there, but nothing is wrong with them."""
    call = good(world, operation)
    call.json, call.content = example, None
    if operation.verb == "put" and operation.parameters("path")[-1][
            "name"] == "version":
        call.path["name"] = f"example-{operation.id}"
        call.headers["Content-Type"] = (
            "application/vnd.trainyard.reference+json")
    reply = world.send(operation, call)
    assert reply.status_code in (200, 201, 202, 404), reply.text


def test_no_call_is_left_over():
    """What described.py has for operations and statuses that are gone."""
    known = {(o.id, s) for o, s, k in CASES if k is None} | {
        (o.id, k) for o, s, k in CASES}
    assert not set(SUCCESS) - known
    assert not set(ERROR) - known


# --- walks over everything, with tokens that may not

def everything(world):
    return [(o, good(world, o)) for o in OPERATIONS if o.scopes is not None]


def owned(world):
    """All rows of the world's workspace, digested."""
    tables = world.place.rows(
        "select table_name from information_schema.columns where table_schema"
        " = 'trainyard' and column_name = 'workspace_id' order by 1")
    return {t: world.place.value(
        f"select count(*) || md5(string_agg(x::text, '' order by x::text))"
        f" from trainyard.{t} x where workspace_id = %s::uuid",
        world.place.id) for t, in tables}


@pytest.mark.parametrize("who, status", [
    ("nobody", 401), ("without scopes", 403)])
def test_who_may_not_changes_nothing(world, who, status):
    token = new_token(world.place, scopes=[])
    calls = everything(world)
    before = owned(world)
    wrong = []
    for operation, call in calls:
        reply = world.send(operation, call, token=token,
                           anyone=who == "nobody")
        if status == 403 and operation.scopes == []:
            assert operation.verb == "get"  # every token may read it
        elif reply.status_code != status:
            wrong.append(f"{operation}: {reply.status_code}")
    assert wrong == []
    assert owned(world) == before


def test_foreigners_see_nothing_and_change_nothing(world):
    """A token of another organisation, with every scope.

    What names something of ours is 404.  The rest is about the caller's own
    workspace: it must not show ours.
    """
    calls = everything(world)
    before = owned(world)
    wrong = []
    for operation, call in calls:
        reply = world.send(operation, call, token=world.foreign)
        if 404 in operation.responses:
            if reply.status_code != 404:
                wrong.append(f"{operation}: {reply.status_code}")
        elif operation.verb == "get" and MARK in reply.text:
            wrong.append(f"{operation}: shows what is ours")
    assert wrong == []
    assert owned(world) == before
    # and the calls were good ones: their owner is answered
    for operation, call in calls:
        if operation.verb == "get":
            assert world.send(operation, call).status_code == 200
