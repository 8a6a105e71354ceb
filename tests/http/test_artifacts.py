# SPDX-License-Identifier: BSD-2-Clause
"""Artifacts: publish once, never change, read in whole or in part."""
import base64
import concurrent.futures
import hashlib
import os
import pathlib

import pytest

from fastcgi import fastcgi
from hosted import JSON, TIME, UUID, Place, await_true, tls_connection

KEYS = ["id", "kind", "name", "version", "media_type", "size", "sha256",
        "created_at", "created_by"]
REFERENCE = {"Content-Type": "application/vnd.trainyard.reference+json"}
KINDS = ["capability", "dataset", "trajectory_dataset", "task", "model",
         "checkpoint", "other"]


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "arts")
    yield made
    made.close()


@pytest.fixture
def name(serial):
    return f"thing-{next(serial)}"


def digest(data, algorithm="sha256"):
    raw = hashlib.new(algorithm, data).digest()
    return base64.b64encode(raw).decode()


def blob(place, data):
    sha = hashlib.sha256(data).hexdigest()
    return pathlib.Path(place.stack.data, "blobs", sha[:2], sha[2:])


def incoming(place):
    return os.listdir(pathlib.Path(place.stack.data, "incoming"))


# --- publish


@pytest.mark.parametrize("kind", KINDS)
def test_publish_and_read(place, name, kind):
    data = os.urandom(1000) + kind.encode()
    path = place.path(kind, name, "1.0.0+b_c-d")
    reply = place.http.put(path, content=data, headers={
        "Content-Type": "text/X-Thing; charset=utf-8"})
    assert reply.status_code == 201
    assert reply.headers["location"] == path
    assert reply.headers["cache-control"] == "no-store"
    body = reply.json()
    rows = ["dataset"] if kind in ("dataset", "trajectory_dataset") else []
    assert list(body) == KEYS + rows
    assert UUID.fullmatch(body["id"]) and TIME.fullmatch(body["created_at"])
    assert body["created_by"] == place.value(
        "select id::text from trainyard.account where username = 'ada'")
    assert {k: body[k] for k in KEYS[1:7]} == {
        "kind": kind, "name": name, "version": "1.0.0+b_c-d",
        "media_type": "text/x-thing", "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest()}
    again = place.http.get(path)
    assert again.status_code == 200 and again.json() == body
    assert place.http.get(path + "/content").content == data
    assert blob(place, data).read_bytes() == data


def test_publishing_is_audited(place, name):
    place.publish("model", name, "7")
    assert place.rows(
        "select actor = (select id::text from trainyard.account"
        "  where username = 'ada'), target from trainyard.audit"
        " where action = 'artifact.publish' and target like %s",
        f"%{name}%") == [(True, f"model/{name}@7")]


def test_the_default_media_type(place, name):
    request = place.http.build_request(
        "PUT", place.path("other", name, "1"), content=b"x")
    request.headers.pop("content-type", None)
    assert place.http.send(request).json()["media_type"] == (
        "application/octet-stream")


def test_nothing_at_all_is_an_artifact(place, name):
    body = place.publish("other", name, "1", b"")
    assert body["size"] == 0
    reply = place.http.get(place.path("other", name, "1") + "/content")
    assert reply.status_code == 200 and reply.content == b""


def test_the_same_bytes_again(place, name):
    path = place.path("dataset", name, "1")
    first = place.http.put(path, content=b"same")
    count = place.counts()
    again = place.http.put(path, content=b"same",
                           headers={"Content-Type": "text/plain"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert "location" not in again.headers
    assert place.counts() == count


def test_other_bytes_are_refused(place, name, envelope):
    path = place.path("dataset", name, "1")
    first = place.http.put(path, content=b"first")
    for data in (b"second", b"", b"first "):
        envelope(place.http.put(path, content=data), 409, "conflict_error")
    assert place.http.get(path).json() == first.json()
    assert place.http.get(path + "/content").content == b"first"


def test_if_none_match(place, name, envelope):
    path = place.path("dataset", name, "1")
    star = {"If-None-Match": "*"}
    assert place.http.put(path, content=b"a", headers=star).status_code == 201
    for data in (b"a", b"b"):
        envelope(place.http.put(path, content=data, headers=star),
                 412, "precondition_failed_error")


def test_two_names_share_their_bytes(place, name):
    data = os.urandom(100)
    place.publish("dataset", name, "1", data)
    place.publish("other", name, "2", data)
    assert blob(place, data).stat().st_nlink == 1
    for kind, version in (("dataset", "1"), ("other", "2")):
        assert place.http.get(place.path(
            kind, name, version) + "/content").content == data


def test_one_of_many_at_once_wins(place, name):
    path = place.path("dataset", name, "1")

    def put(n):
        return place.http.put(path, content=b"%d" % (n % 4))

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(put, range(16)))
    codes = [r.status_code for r in replies]
    assert codes.count(201) == 1
    winner = replies[codes.index(201)].json()
    assert codes.count(200) == 3 and codes.count(409) == 12
    assert all(r.json() == winner for r in replies if r.status_code == 200)
    assert place.http.get(path).json() == winner
    assert incoming(place) == []


def test_workspaces_have_their_own_names(place, stack, name, envelope):
    other = Place(stack, f"arts-{name}")
    place.publish("dataset", name, "1", b"here")
    path = other.path("dataset", name, "1")
    envelope(other.http.get(path), 404, "not_found_error")
    other.publish("dataset", name, "1", b"there")
    assert other.http.get(path + "/content").content == b"there"
    other.close()


# --- digests


def test_content_digest(place, name, serial):
    data = os.urandom(5000)
    right, wrong = digest(data), digest(b"else")
    for header in (f"sha-256=:{right}:",
                   f"sha-512=:{digest(data, 'sha512')}:, sha-256=:{right}:",
                   f"sha-256=:{right}:, sha-512=:AAAA:", "sha-512=:AAAA:",
                   "md5=:AAAA:"):
        reply = place.http.put(
            place.path("dataset", name, str(next(serial))), content=data,
            headers={"Content-Digest": header})
        assert reply.status_code == 201, header
    for header in (f"sha-256=:{wrong}:", f"sha-256={right}", "sha-256=",
                   "sha-256=::", f"sha-256=:{right[:-4]}:",
                   f"sha-256=:{right}", "sha-256=:%%%:",
                   f"sha-256=:{digest(data, 'sha512')}:"):
        path = place.path("dataset", name, str(next(serial)))
        other = os.urandom(100) if wrong in header else data
        reply = place.http.put(path, content=other,
                               headers={"Content-Digest": header})
        assert reply.status_code == 422, header
        (fault,) = reply.json()["errors"]
        assert fault["loc"] == ["header", "Content-Digest"]
        assert place.http.get(path).status_code == 404


def test_a_wrong_digest_leaves_nothing(place, name):
    data = os.urandom(300000)
    before = place.counts()
    reply = place.http.put(
        place.path("dataset", name, "1"), content=data,
        headers={"Content-Digest": f"sha-256=:{digest(b'')}:"})
    assert reply.status_code == 422
    assert reply.json()["detail"] == (
        "Content-Digest: does not match the body")
    assert place.counts() == before
    assert incoming(place) == [] and not blob(place, data).exists()


# --- uploads that do not come to their end


def head_of(place, name, length, *lines):
    return "\r\n".join((
        f"PUT {place.path('dataset', name, '1')} HTTP/1.1",
        "Host: 127.0.0.1", f"Authorization: Bearer {place.token}",
        f"Content-Length: {length}", *lines, "", "")).encode()


def test_a_cut_off_upload_leaves_nothing(place, name):
    before = place.counts()
    for sent in (0, 1, 100000, 3000000):
        with tls_connection(place.stack) as conn:
            conn.sendall(head_of(place, name, 4000000) + b"x" * sent)
    # the next request is answered behind them
    path = place.path("dataset", name, "1")
    assert place.http.get(path).status_code == 404
    assert incoming(place) == [] and place.counts() == before


def test_an_upload_cut_off_behind_nginx_leaves_nothing(place, name):
    """As nginx would if it died in the middle: by FastCGI."""
    before = place.counts()
    for sent, more in ((0, True), (1000, True), (9999, False)):
        answer = fastcgi(
            place.stack.socket, "PUT", place.path("dataset", name, "1"),
            b"x" * sent, cut=more, CONTENT_LENGTH="10000",
            HTTP_X_API_KEY=place.token)
        assert answer == b""
    await_true(lambda: incoming(place) == [], "the file is removed")
    assert place.counts() == before
    assert place.http.get(
        place.path("dataset", name, "1")).status_code == 404


def test_the_least_that_is_too_large(fresh_stack, envelope):
    stack = fresh_stack("--set", "max_artifact_bytes=100000")
    place = Place(stack, "small")
    path = place.path("dataset", "d", "1")
    envelope(place.http.put(path, content=b"x" * 100001), 413,
             "payload_too_large_error")
    envelope(place.http.put(path, content=iter([b"x" * 100000, b"x"])), 413,
             "payload_too_large_error")
    assert incoming(place) == []
    assert place.http.put(path, content=b"x" * 100000).status_code == 201
    place.close()


def rss(pid, field="VmHWM"):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise AssertionError(field)


def test_100_mib_need_no_memory(place, name):
    piece = os.urandom(1 << 20)
    whole = hashlib.sha256(piece * 100)
    pid = place.stack.pid("responder")
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")
    before = rss(pid)
    reply = place.http.put(
        place.path("dataset", name, "1"), content=iter([piece] * 100))
    assert reply.status_code == 201
    assert reply.json()["size"] == 100 << 20
    assert reply.json()["sha256"] == whole.hexdigest()
    assert rss(pid) - before < 8 << 20
    got = hashlib.sha256()
    with place.http.stream(
            "GET", place.path("dataset", name, "1") + "/content") as stream:
        for part in stream.iter_raw():
            got.update(part)
    assert got.digest() == whole.digest()


# --- paths


@pytest.mark.parametrize("kind, thing, version, bad", [
    ("datasets", "n", "1", ["kind"]), ("Dataset", "n", "1", ["kind"]),
    ("dataset", "N", "1", ["name"]), ("dataset", ".n", "1", ["name"]),
    ("dataset", "a" * 129, "1", ["name"]), ("dataset", "a b", "1", ["name"]),
    ("dataset", "-n", "1", ["name"]), ("dataset", "n", ".1", ["version"]),
    ("dataset", "n", "v" * 65, ["version"]), ("dataset", "n", "1@2",
                                              ["version"]),
    ("dataset", "n", "é", ["version"]), ("x", "Y", "+", [
        "kind", "name", "version"])])
def test_bad_paths(place, kind, thing, version, bad):
    for suffix in ("", "/content"):
        reply = place.http.get(place.path(kind, thing, version) + suffix)
        assert reply.status_code == 422
        assert [e["loc"] for e in reply.json()["errors"]] == [
            ["path", part] for part in bad]
    reply = place.http.put(place.path(kind, thing, version), content=b"x")
    assert reply.status_code == 422
    assert [e["loc"] for e in reply.json()["errors"]] == [
        ["path", part] for part in bad]


def test_longest_names(place):
    path = place.path("dataset", "n" * 128, "v" * 64)
    assert place.http.put(path, content=b"x").status_code == 201


def test_nobody_may_be_latest(place, name):
    reply = place.http.put(place.path("dataset", name, "latest"),
                           content=b"x")
    assert [e["loc"] for e in reply.json()["errors"]] == [
        ["path", "version"]]


@pytest.mark.parametrize("thing", ["a%2Fb", "..%2Fx"])
def test_a_slash_in_a_name_is_another_path(place, envelope, thing):
    envelope(place.http.put(place.path("dataset", thing, "1"), content=b"x"),
             404, "not_found_error")


# --- latest


def test_latest_is_what_was_published_last(place, name, envelope):
    latest = place.path("dataset", name, "latest")
    envelope(place.http.get(latest), 404, "not_found_error")
    for version in ("2", "10", "1"):
        made = place.publish("dataset", name, version, version.encode())
        assert place.http.get(latest).json() == made
        assert place.http.get(latest + "/content").content == (
            version.encode())
    # again, the old one: nothing new
    place.publish("dataset", name, "2", b"2")
    assert place.http.get(latest).json()["version"] == "1"


def test_caches_may_keep_versions_not_latest(place, name):
    place.publish("dataset", name, "1", b"1")
    path = place.path("dataset", name, "")
    assert place.http.get(path + "1/content").headers.get_list(
        "cache-control") == ["private, immutable, max-age=31536000"]
    newest = place.http.get(path + "latest/content")
    assert newest.headers.get_list("cache-control") == ["private, no-cache"]
    # the same length, published within the second
    place.publish("dataset", name, "2", b"2")
    again = place.http.get(path + "latest/content", headers={
        "If-None-Match": newest.headers["etag"]})
    assert again.status_code == 200 and again.content == b"2"


# --- content


@pytest.fixture(scope="module")
def text(place):
    data = bytes(range(256)) * 40
    place.publish("dataset", "text", "1", data, **{
        "Content-Type": "text/plain"})
    return data, place.path("dataset", "text", "1") + "/content"


def test_content_headers(place, text):
    data, path = text
    reply = place.http.get(path)
    assert reply.content == data
    headers = {k: reply.headers.get_list(k) for k in (
        "content-type", "content-disposition", "x-content-type-options",
        "accept-ranges", "content-length")}
    assert headers == {
        "content-type": ["text/plain"],
        "content-disposition": ['attachment; filename="text-1"'],
        "x-content-type-options": ["nosniff"],
        "accept-ranges": ["bytes"], "content-length": [str(len(data))]}
    tag = reply.headers["etag"]
    assert tag.startswith('"')
    assert len(reply.headers["x-request-id"]) == 32
    assert "x-accel-redirect" not in reply.headers
    head = place.http.head(path)
    assert head.content == b"" and head.headers["etag"] == tag
    assert head.headers["content-length"] == str(len(data))


def test_the_tag_belongs_to_the_bytes(place, text, name):
    data, path = text
    tag = place.http.get(path).headers["etag"]
    # published again, on another day, under another name
    os.utime(blob(place, data), (1, 1))
    assert place.http.get(path).headers["etag"] != tag
    place.publish("dataset", "text", "1", data)
    place.publish("other", name, "1", data)
    assert place.http.get(path).headers["etag"] == tag
    assert place.http.get(place.path("other", name, "1") + "/content"
                          ).headers["etag"] == tag


@pytest.mark.parametrize("spec, status, part", [
    ("bytes=0-0", 206, slice(0, 1)), ("bytes=10-19", 206, slice(10, 20)),
    ("bytes=10000-", 206, slice(10000, None)),
    ("bytes=-5", 206, slice(-5, None)),
    ("bytes=10000-99999", 206, slice(10000, None)),
    ("lines=1-2", 200, slice(None)), ("bytes=10240-", 416, None),
    ("bytes=20000-30000", 416, None)])
def test_ranges(place, text, spec, status, part):
    data, path = text
    reply = place.http.get(path, headers={"Range": spec})
    assert reply.status_code == status
    if status == 416:
        assert reply.headers["content-range"] == f"bytes */{len(data)}"
        assert reply.json()["type"] == "range_not_satisfiable_error"
        return
    assert reply.content == data[part]
    if status == 206:
        first = len(data[:part.start]) if part.start >= 0 else (
            len(data) + part.start)
        assert reply.headers["content-range"] == (
            f"bytes {first}-{first + len(reply.content) - 1}/{len(data)}")


def test_conditions_on_content(place, text):
    data, path = text
    tag = place.http.get(path).headers["etag"]
    assert place.http.get(path, headers={
        "If-None-Match": tag}).status_code == 304
    part = {"Range": "bytes=0-9"}
    assert place.http.get(path, headers={
        "If-Range": tag, **part}).status_code == 206
    assert place.http.get(path, headers={
        "If-Range": '"else"', **part}).content == data


def test_content_of_nothing(place, envelope):
    body = envelope(
        place.http.get(place.path("dataset", "nope", "1") + "/content"), 404,
        "not_found_error")
    assert body["detail"] == 'no dataset "nope@1" in workspace arts'


# --- kept elsewhere


def put_reference(place, name, body, version="1"):
    return place.http.put(place.path("checkpoint", name, version), json=body,
                          headers=REFERENCE)


def test_references(place, name, envelope):
    body = {"uri": "tinker://9c1e/weights/final", "size": 12,
            "sha256": "ab" * 32, "media_type": "Application/X-Weights"}
    reply = put_reference(place, name, body)
    assert reply.status_code == 201
    seen = reply.json()
    assert list(seen) == [*KEYS[:7], "uri", *KEYS[7:]]
    assert {k: seen[k] for k in ("uri", "size", "sha256", "media_type")} == {
        **body, "media_type": "application/x-weights"}
    path = place.path("checkpoint", name, "1")
    assert place.http.get(path).json() == seen
    envelope(place.http.get(path + "/content"), 404, "not_found_error")
    assert put_reference(place, name, body).status_code == 200
    for other in (body | {"uri": "s3://x/y"}, body | {"size": 13},
                  {"uri": body["uri"]}):
        envelope(put_reference(place, name, other), 409, "conflict_error")


def test_a_reference_needs_an_address_only(place, name):
    seen = put_reference(place, name, {"uri": "https://x.example/y"}).json()
    assert seen["size"] is None and seen["sha256"] is None
    assert seen["media_type"] == "application/octet-stream"


def test_a_reference_is_no_bytes(place, name, envelope):
    put_reference(place, name, {"uri": "s3://bucket/key"})
    reply = place.http.put(place.path("checkpoint", name, "1"), content=b"x")
    envelope(reply, 409, "conflict_error")
    place.http.put(place.path("checkpoint", name, "2"), content=b"x")
    envelope(put_reference(place, name, {"uri": "s3://bucket/key"}, "2"),
             409, "conflict_error")


@pytest.mark.parametrize("body, loc, kind", [
    ({}, ["uri"], "missing"), ({"uri": ""}, ["uri"], "string_too_short"),
    ({"uri": "nowhere"}, ["uri"], "url_parsing"),
    ({"uri": "://x"}, ["uri"], "url_parsing"),
    ({"uri": "s3://"}, ["uri"], "url_parsing"),
    ({"uri": "s3://a b"}, ["uri"], "url_parsing"),
    ({"uri": "s3:///" + "x" * 2048}, ["uri"], "string_too_long"),
    ({"uri": "s3://x", "size": -1}, ["size"], "greater_than_equal"),
    ({"uri": "s3://x", "size": "1"}, ["size"], "int_type"),
    ({"uri": "s3://x", "sha256": "ab"}, ["sha256"], "string_too_short"),
    ({"uri": "s3://x", "sha256": "AB" * 32}, ["sha256"], "value_error"),
    ({"uri": "s3://x", "url": "y"}, ["url"], "extra_forbidden")])
def test_bad_references(place, name, body, loc, kind):
    reply = put_reference(place, name, body)
    assert reply.status_code == 422
    assert [(e["loc"], e["type"]) for e in reply.json()["errors"]] == [
        (["body", *loc], kind)]
    assert place.http.get(
        place.path("checkpoint", name, "1")).status_code == 404


def test_a_reference_is_json(place, name, envelope):
    for data in (b"", b"{", b"[]"):
        envelope(place.http.put(place.path("checkpoint", name, "1"),
                                content=data, headers=REFERENCE),
                 400, "invalid_request_error")
    reply = place.http.put(
        place.path("checkpoint", name, "1"), content=b'{"uri":1,"uri":2}',
        headers=REFERENCE)
    assert reply.json()["errors"][0]["type"] == "duplicate_key"
    envelope(place.http.put(
        place.path("checkpoint", name, "1"), content=b" " * 70000,
        headers=REFERENCE), 413, "payload_too_large_error")


def test_types_that_only_begin_like_a_reference_are_bytes(place, name):
    reply = place.http.put(
        place.path("checkpoint", name, "1"), content=b"{}", headers={
            "Content-Type": REFERENCE["Content-Type"] + "x"})
    assert reply.status_code == 201 and "uri" not in reply.json()


# --- no transfer that nobody asked for


def test_an_odd_body_type_is_no_json(place, name):
    reply = place.http.put(place.path("dataset", name, "1"),
                           content=b"not JSON", headers=JSON)
    assert reply.status_code == 201
    assert reply.json()["media_type"] == "application/json"
