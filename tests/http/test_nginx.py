# SPDX-License-Identifier: BSD-2-Clause
"""What nginx answers by itself, each status asked for over the wire."""
import json
import os
import re
import ssl
import time

import httpx
import pytest

from harness import PATIENCE, Reply, stack_in
from hosted import await_true
from routes import ROUTES, filled

CRLF = b"\r\n"
PATH = b"/api/v1/user"
JOBS = "/api/v1/org/acme/ws/main/training/jobs"
ARTIFACT = "/api/v1/org/acme/ws/main/artifacts/dataset/rows/1"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A stack with nginx's limits on, which these tests may break."""
    with stack_in(tmp_path_factory.mktemp("site")) as own:
        own.mark_logs()
        yield own
        # nginx calls a missing socket critical
        assert own.log_faults([r"connect\(\) to unix:\S+ failed"]) == []


def request(method=b"GET", target=PATH, *lines, version=b"HTTP/1.1",
            host=b"Host: 127.0.0.1"):
    first = b" ".join((method, target, version))
    return CRLF.join((first, host, b"Connection: close", *lines, b"", b""))


REFUSED = {
    "bytes that are not HTTP":
        (b"\x00\x01\x02\r\n\r\n", 400, "invalid_request_error"),
    "method in lower case":
        (request(b"get"), 400, "invalid_request_error"),
    "bad version":
        (request(version=b"HTTP/x"), 400, "invalid_request_error"),
    "HTTP/2 preface without HTTP/2":
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "invalid_request_error"),
    "no host":
        (b"GET /api/v1/user HTTP/1.1\r\n\r\n", 400, "invalid_request_error"),
    "bad host":
        (request(host=b"Host: a b"), 400, "invalid_request_error"),
    "two hosts":
        (request(b"GET", PATH, b"Host: b"), 400, "invalid_request_error"),
    "NUL in the path":
        (request(target=b"/api/v1/%00"), 400, "invalid_request_error"),
    "control byte in the path":
        (request(target=b"/api/v1/\x01"), 400, "invalid_request_error"),
    "path above the root":
        (request(target=b"/../../etc/passwd"), 400, "invalid_request_error"),
    "header name with a blank":
        (request(b"GET", PATH, b"bad name: x"), 400, "invalid_request_error"),
    "NUL in a header":
        (request(b"GET", PATH, b"A: \x00"), 400, "invalid_request_error"),
    "two Authorization headers":
        (request(b"GET", PATH, b"Authorization: Bearer a",
                 b"Authorization: Bearer b"), 400, "invalid_request_error"),
    "negative length":
        (request(b"POST", PATH, b"Content-Length: -1"),
         400, "invalid_request_error"),
    "two lengths":
        (request(b"POST", PATH, b"Content-Length: 1", b"Content-Length: 1"),
         400, "invalid_request_error"),
    "length and chunks":
        (request(b"POST", PATH, b"Content-Length: 1",
                 b"Transfer-Encoding: chunked"), 400, "invalid_request_error"),
    "bad chunk":
        (request(b"POST", PATH, b"Transfer-Encoding: chunked") + b"zz\r\n",
         400, "invalid_request_error"),
    "unknown path":
        (request(target=b"/nothing/here"), 404, "not_found_error"),
    "root":
        (request(target=b"/"), 404, "not_found_error"),
    "two slashes":
        (request(target=b"//api/v1/user"), 404, "not_found_error"),
    "no version of the interface":
        (request(target=b"/api/v1"), 404, "not_found_error"),
    "error page from outside":
        (request(target=b"/_err/500"), 404, "not_found_error"),
    "artifact folder from outside":
        (request(target=b"/_blobs/ab/cd"), 404, "not_found_error"),
    "absolute address":
        (request(target=b"https://elsewhere.example/x"),
         404, "not_found_error"),
    "HTTP/1.0":
        (request(target=b"/nothing", version=b"HTTP/1.0"),
         404, "not_found_error"),
    "TRACE":
        (request(b"TRACE"), 405, "method_not_allowed_error"),
    "long address":
        (request(target=b"/" + b"a" * 9000), 414, "uri_too_long_error"),
    "long header":
        (request(b"GET", PATH, b"A: " + b"a" * 9000),
         431, "header_too_large_error"),
    "many headers":
        (request(b"GET", PATH,
                 *(b"A%d: %s" % (i, b"a" * 4000) for i in range(20))),
         431, "header_too_large_error"),
    "unknown transfer coding":
        (request(b"POST", PATH, b"Transfer-Encoding: gzip"),
         501, "not_implemented_error"),
    "unknown version":
        (request(version=b"HTTP/3.0"), 505, "http_version_error"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_envelope(site, envelope, name):
    data, status, kind = REFUSED[name]
    envelope(Reply(site.raw(data)), status, kind)


def test_error_before_http_1_0_is_the_bare_envelope(site):
    body = json.loads(site.raw(b"GET /nothing\r\n"))
    assert body["code"] == 404 and body["type"] == "not_found_error"


def test_trace_names_the_methods_there_are(site):
    reply = Reply(site.raw(request(b"TRACE")))
    assert "GET" in reply.headers["allow"].split(", ")


def test_head_has_the_headers_of_the_error_and_no_body(site):
    reply = Reply(site.raw(request(b"HEAD", b"/nothing")))
    assert reply.status_code == 404
    assert len(reply.headers["x-request-id"]) == 32
    assert reply.body == b""


def test_callers_request_id_is_not_taken_over(site, envelope):
    mine = b"0123456789abcdef0123456789abcdef"
    body = envelope(
        Reply(site.raw(request(b"GET", b"/x", b"X-Request-Id: " + mine))),
        404, "not_found_error")
    assert body["request_id"] != mine.decode()


# Largest bodies: those of every location that has a size of its own.
SIZES = [
    ("/healthz", 1024),
    ("/readyz", 1024),
    ("/api/v1/org/acme", 64 * 1024),
    (JOBS + "/x/cancel", 64 * 1024),
    (JOBS, MIB),
    (JOBS + "/x/progress", 8 * MIB),
    (ARTIFACT, 2048 * MIB),
    (ARTIFACT + "/content", 1024),
    ("/judges", MIB),
    ("/judges/x/versions/1/deploy", MIB),
    ("/evaluations", MIB),
    ("/evaluations/batch", 8 * MIB),
    ("/feedback", MIB),
    ("/feedback/batch", 8 * MIB),
    ("/batches/x/feedback", 8 * MIB),
    ("/training/jobs", MIB),
    ("/training/jobs/x/cancel", MIB),
    ("/training-jobs/x/execute", MIB),
    ("/jobs/x/start", MIB),
    ("/retraining/runs", MIB),
    ("/webhooks/deliveries/x/redeliver", MIB),
]


@pytest.mark.parametrize("path,size", SIZES)
def test_body_one_byte_too_long_is_413(site, envelope, path, size):
    length = b"Content-Length: %d" % (size + 1)
    data = request(b"POST", path.encode(), length)
    envelope(Reply(site.raw(data)), 413, "payload_too_large_error")


@pytest.mark.parametrize(
    "path,size", [(p, s) for p, s in SIZES if s <= 8 * MIB])
def test_body_of_the_largest_size_reaches_the_responder(site, path, size):
    length = b"Content-Length: %d" % size
    data = request(b"POST", path.encode(), length) + b" " * size
    reply = Reply(site.raw(data))
    assert reply.status_code in (401, 404, 405)
    if reply.status_code == 404:  # not nginx's
        assert b'"no such path"' in reply.body


def test_chunks_are_counted_too(site, envelope):
    chunk = b"10000\r\n" + b" " * 0x10000 + CRLF
    data = request(b"POST", PATH, b"Transfer-Encoding: chunked") + 2 * chunk
    envelope(Reply(site.raw(data)), 413, "payload_too_large_error")


# -- HTTP/2

@pytest.mark.parametrize("method,path,body,status,kind", [
    ("GET", "/nothing", b"", 404, "not_found_error"),
    ("GET", "//api/v1/user", b"", 404, "not_found_error"),
    ("TRACE", "/api/v1/user", b"", 405, "method_not_allowed_error"),
    ("POST", "/healthz", b" " * 1025, 413, "payload_too_large_error"),
    ("GET", "/api/v1/%00", b"", 400, "invalid_request_error"),
], ids=["unknown", "slashes", "trace", "large", "nul"])
def test_http2_is_refused_alike(site, envelope, method, path, body, status,
                                kind):
    with site.client(http2=True) as client:
        reply = client.request(method, site.url + path, content=body)
    assert reply.http_version == "HTTP/2"
    envelope(reply, status, kind)
    assert "connection" not in reply.headers
    assert "upgrade" not in reply.headers


# -- plain HTTP

PLAIN = [
    ("plain port", {"tls": False}),
    ("plain HTTP on the TLS port", {"tls": False, "port": "https"}),
]


@pytest.mark.parametrize("where", [w for _, w in PLAIN],
                         ids=[name for name, _ in PLAIN])
@pytest.mark.parametrize("accept", [b"*/*", b"text/html"])
def test_plain_http_is_told_to_upgrade(site, envelope, where, accept):
    where = dict(where)
    if where.pop("port", None):
        where["port"] = site.https_port
    reply = Reply(site.raw(
        request(b"GET", PATH, b"Accept: " + accept), **where))
    envelope(reply, 426, "upgrade_required_error")
    assert reply.headers["upgrade"] == "TLS/1.2, HTTP/1.1"
    options = reply.headers["connection"].lower().split(", ")
    assert "upgrade" in options


def test_http_1_0_is_offered_no_upgrade(site, envelope):
    reply = Reply(site.raw(request(version=b"HTTP/1.0"), tls=False))
    envelope(reply, 426, "upgrade_required_error")
    assert "upgrade" not in reply.headers


@pytest.mark.parametrize("path", [b"/", b"/docs"])
def test_browser_is_sent_to_the_page(site, path):
    reply = Reply(site.raw(
        request(b"GET", path, b"Accept: text/html,*/*;q=0.8"), tls=False))
    assert reply.status_code == 308
    assert reply.headers["location"] == site.url + path.decode()
    assert len(reply.headers["x-request-id"]) == 32


@pytest.mark.parametrize("method,path,accept", [
    (b"POST", b"/", b"text/html"),
    (b"GET", b"/", b"application/json"),
    (b"GET", b"/judges", b"text/html"),
    (b"GET", b"/docs/x", b"text/html"),
])
def test_nobody_else_is_redirected(site, envelope, method, path, accept):
    envelope(
        Reply(site.raw(request(method, path, b"Accept: " + accept),
                       tls=False)),
        426, "upgrade_required_error")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_old_tls_is_refused(site):
    old = ssl.create_default_context(cafile=site.ca)
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with httpx.Client(verify=old) as client:
        with pytest.raises(httpx.ConnectError):
            client.get(site.url + "/healthz")


# -- routes

@pytest.mark.parametrize("method,path", [
    (verb, path) for path, verbs in ROUTES.items() for verb in verbs])
def test_every_route_reaches_the_responder(site, method, path):
    """Without token it asks for one, or needs none; nginx would say 404."""
    with site.client() as client:
        reply = client.request(method, filled(path))
    assert reply.status_code in (200, 401, 501), reply.text


# -- artifacts

@pytest.fixture(scope="module")
def artifact(site):
    body = bytes(range(256)) * 4
    with site.client(site.token) as client:
        reply = client.put(ARTIFACT, content=body)
        assert reply.status_code == 201, reply.text
        yield client, body


def test_content_comes_with_its_headers(artifact):
    client, body = artifact
    reply = client.get(ARTIFACT + "/content")
    assert reply.status_code == 200 and reply.content == body
    assert reply.headers.get_list("cache-control") == [
        "private, immutable, max-age=31536000"]
    assert reply.headers["content-disposition"].startswith("attachment")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["content-type"] == "application/octet-stream"
    assert len(reply.headers.get_list("x-request-id")) == 1
    assert re.fullmatch(r'"[^"]+"', reply.headers["etag"])
    assert "content-encoding" not in reply.headers


def test_content_by_range(artifact):
    client, body = artifact
    reply = client.get(ARTIFACT + "/content", headers={"Range": "bytes=8-15"})
    assert reply.status_code == 206 and reply.content == body[8:16]
    assert reply.headers["content-range"] == f"bytes 8-15/{len(body)}"


def test_content_behind_its_end_is_416(artifact):
    client, body = artifact
    reply = client.get(ARTIFACT + "/content", headers={"Range": "bytes=9999-"})
    assert reply.status_code == 416
    assert reply.headers["content-range"] == f"bytes */{len(body)}"
    problem = reply.json()
    assert problem["type"] == "range_not_satisfiable_error"
    assert reply.headers.get_list("x-request-id") == [problem["request_id"]]


def test_content_by_etag(artifact):
    client, body = artifact
    path = ARTIFACT + "/content"
    tag = client.get(path).headers["etag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    part = {"Range": "bytes=0-3"}
    same = client.get(path, headers={"If-Range": tag, **part})
    assert same.status_code == 206 and same.content == body[:4]
    other = client.get(path, headers={"If-Range": '"x"', **part})
    assert other.status_code == 200 and other.content == body


def test_content_whose_file_is_gone_is_500(site, artifact, envelope):
    client, _ = artifact
    blobs = os.path.join(site.data, "blobs")
    os.rename(blobs, blobs + ".away")
    try:
        reply = client.get(ARTIFACT + "/content")
        envelope(reply, 500, "internal_error")
    finally:
        os.rename(blobs + ".away", blobs)


# -- the responder is away

def test_stopped_responder_is_502(site, envelope):
    site.stop("responder")
    try:
        with site.client() as client:
            reply = client.get("/api/v1/health")
        envelope(reply, 502, "bad_gateway_error")
        assert int(reply.headers["retry-after"]) > 0
    finally:
        site.start("responder")
    with site.client() as client:
        assert client.get("/api/v1/health").status_code == 200


def test_address_that_asks_too_often_is_429(site, envelope):
    """Without responder nginx says 502 faster than an address may ask."""
    site.stop("responder")
    try:
        with site.client() as client:
            many = request(target=b"/api/v1/health").replace(
                b"Connection: close\r\n", b"") * 99
            reply = client.get("/api/v1/health")
            end = time.monotonic() + PATIENCE
            while reply.status_code == 502 and time.monotonic() < end:
                with site.connection() as conn:
                    conn.sendall(many + request(target=b"/api/v1/health"))
                    while conn.recv(65536):
                        pass
                reply = client.get("/api/v1/health")
            envelope(reply, 429, "rate_limit_error")
            assert int(reply.headers["retry-after"]) > 0
            health = client.get("/healthz")
            assert health.status_code == 502, "probes are not limited"
    finally:
        site.start("responder")


def test_silent_responder_is_504(site, envelope):
    site.freeze("responder")
    try:
        with site.client() as client:
            reply = client.get("/healthz")
        envelope(reply, 504, "gateway_timeout_error")
        assert int(reply.headers["retry-after"]) > 0
    finally:
        site.thaw("responder")


# -- the log

def test_access_log_is_json_with_the_request_id(site, envelope):
    body = envelope(
        Reply(site.raw(request(target=b'/look-"-for-me'))),
        404, "not_found_error")
    # nginx writes its line when the reply is on the way
    await_true(lambda: body["request_id"] in site.log("access.log"), "a line")
    mine = [json.loads(line) for line in site.log("access.log").splitlines()
            if body["request_id"] in line]
    assert len(mine) == 1
    assert mine[0]["request_id"] == body["request_id"]
    assert mine[0]["request"] == 'GET /look-"-for-me HTTP/1.1'
    assert mine[0]["status"] == 404
