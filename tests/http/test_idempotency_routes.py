# SPDX-License-Identifier: BSD-2-Clause
"""Idempotency-Key on every POST of the responder's own table."""
import hashlib
import uuid

import pytest

from hosted import JSON
from routes import ROUTES, filled

# Without a token nobody owns a key: these answer 501.
LOGIN = {"/api/v1/auth/device/code", "/api/v1/auth/device/token",
         "/api/v1/user/api-keys"}
POSTS = [path for path in ROUTES
         if "POST" in ROUTES[path] and path not in LOGIN]
BODY = b'{"any": "body"}'


@pytest.fixture
def keep(db, stack):
    """Stores a reply as if a POST of BODY had been answered."""
    def store(path, key, query="", status=201):
        digest = hashlib.sha256(query.encode() + b"\n" + BODY).hexdigest()
        with db.cursor() as cursor:
            cursor.execute(
                """insert into trainyard.idempotency_key (account_id, method,
                     path, key, request_hash, status, location, body)
                   select a.id, 'POST', %s, %s, decode(%s, 'hex'), %s,
                          '/somewhere', '{"kept": true}'
                     from trainyard.account a
                    where a.email = 'ada@acme.example'""",
                (path, key, digest, status))
    return store


def post(api, path, key, body=BODY, **options):
    return api.post(path, content=body, headers={
        **JSON, "Idempotency-Key": key}, **options)


def test_the_table_has_posts():
    assert len(POSTS) >= 7
    assert set(LOGIN) < set(ROUTES)


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("bad", ["", "a b", "ä", "k" * 256])
def test_a_bad_key_is_refused(api, envelope, path, bad):
    envelope(post(api, filled(path), bad.encode("latin-1")),
             400, "invalid_request_error")


@pytest.mark.parametrize("path", POSTS)
def test_a_repeat_gets_the_kept_reply(stack, keep, path):
    path, key = filled(path), uuid.uuid4().hex
    keep(path, key)
    # not held against the description: it is none of this route's replies
    with stack.client(stack.token, event_hooks={}) as client:
        reply = post(client, path, key)
    assert reply.status_code == 201
    assert reply.json() == {"kept": True}
    assert reply.headers["location"] == "/somewhere"
    assert reply.headers["idempotent-replayed"] == "true"
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", POSTS)
def test_another_request_is_refused(api, keep, envelope, path):
    path, key = filled(path), uuid.uuid4().hex
    keep(path, key)
    for reply in (post(api, path, key, BODY + b" "),
                  post(api, path, key, params={"x": "1"})):
        envelope(reply, 422, "idempotency_key_reused_error")


@pytest.mark.parametrize("path", POSTS)
def test_a_failure_keeps_nothing(api, db, path):
    key = uuid.uuid4().hex
    assert post(api, filled(path), key, b"[1]").status_code >= 400
    with db.cursor() as cursor:
        cursor.execute("select count(*) from trainyard.idempotency_key"
                       " where key = %s", (key,))
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("path", sorted(LOGIN))
def test_no_key_without_a_token(anon, api, envelope, path):
    for client in (anon, api):
        envelope(post(client, path, "a b"), 501, "not_implemented_error")
