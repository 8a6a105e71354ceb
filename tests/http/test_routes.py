# SPDX-License-Identifier: BSD-2-Clause
"""Paths and methods: what exists, what does not, what is allowed."""
import re

import pytest

from harness import Reply
from routes import ROUTES, filled

JOBS = "/api/v1/org/acme/ws/main/training/jobs"


def test_the_table_is_there():
    assert len(ROUTES) > 15
    assert ROUTES["/healthz"] == ["GET"]
    assert "GET" in ROUTES[
        "/api/v1/org/{org}/ws/{ws}/training/jobs/{job_id}"]


@pytest.mark.parametrize("path", ROUTES)
def test_other_methods_are_405_with_allow(api, envelope, path):
    allowed = set(ROUTES[path])
    if "GET" in allowed:
        allowed.add("HEAD")
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE",
                   "OPTIONS", "PROPFIND"):
        reply = api.request(method, filled(path))
        if method in allowed:
            assert reply.status_code != 405, method
            continue
        assert reply.status_code == 405
        assert set(reply.headers["allow"].split(", ")) == allowed
        if method != "HEAD":
            envelope(reply, 405, "method_not_allowed_error")


@pytest.mark.parametrize("path", ROUTES)
def test_every_route_reaches_the_responder(api, path):
    """nginx's locations cover the table."""
    for method in ROUTES[path]:
        reply = api.request(method, filled(path))
        assert not (reply.status_code == 404 and
                    reply.json()["detail"] in ("not found", "no such path"))


@pytest.mark.parametrize("path", ROUTES)
def test_a_slash_more_is_another_path(api, envelope, path):
    for method in ROUTES[path]:
        envelope(api.request(method, filled(path) + "/"),
                 404, "not_found_error")


@pytest.mark.parametrize("path", [p for p in ROUTES if "{" in p or
                                  p.count("/") > 1])
def test_a_slash_twice_is_another_path(stack, envelope, path):
    at = filled(path)
    for i in [m.start() for m in re.finditer("/", at)]:
        doubled = at[:i] + "/" + at[i:]
        reply = Reply(stack.raw(
            f"GET {doubled} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {stack.token}\r\n"
            "Connection: close\r\n\r\n".encode()))
        envelope(reply, 404, "not_found_error")


@pytest.mark.parametrize("path", [
    "/api", "/api/v1", "/api/v1/", "/api/v2/training/catalog", "/api/v1/org",
    "/api/v1/Training/Catalog", "/training", "/api/v1/training/catalog.json",
    "/api/v1/training/catalog;x=1", JOBS + "/x/y/z", "/judges/",
    "/api/v1/org/acme/ws/main/artifacts/dataset",
    "/index.html", "/favicon.ico", "/.well-known/x", "/api/v1/healthz",
    # what the API that the judge face is compatible with has besides
    "/evaluations/single", "/api-key/evaluations/batch", "/batches",
    "/batches/evaluate", "/api-keys", "/content", "/v1/judges",
    "/v1/evaluations"])
def test_unknown_paths(api, envelope, path):
    for method in ("GET", "POST", "DELETE"):
        envelope(api.request(method, path), 404, "not_found_error")


@pytest.mark.parametrize("path", [
    JOBS + "%2Fx",
    "/api/v1/org/a%2Fb/ws/main/training/jobs/x",
    "/api/v1/org/acme/ws/..%2f..%2f/training/jobs/x"])
def test_an_escaped_slash_is_a_slash(api, envelope, path):
    """So it makes another path, never a longer name."""
    reply = api.get(path)
    if path == JOBS + "%2Fx":
        body = envelope(reply, 404, "not_found_error")
        assert body["detail"] == "no such job"
    else:
        envelope(reply, 404, "not_found_error")


def test_nothing_redirects(stack, api):
    for path in ("/api/v1", "/judges/", JOBS + "/", "//", "/api/v1//org"):
        assert not api.get(path).has_redirect_location


def test_unknown_paths_need_no_token(anon, envelope):
    envelope(anon.get("/api/v1/nothing"), 404, "not_found_error")
    envelope(anon.delete("/api/v1/training/catalog"),
             405, "method_not_allowed_error")
    envelope(anon.get("/api/v1/training/catalog"),
             401, "authentication_error")


def test_health(anon):
    for path, status in (("/healthz", "ok"), ("/readyz", "ready"),
                         ("/api/v1/health", "ok")):
        reply = anon.get(path)
        assert reply.status_code == 200
        assert reply.json() == {"status": status}
        assert reply.headers["cache-control"] == "no-store"
        assert anon.head(path).status_code == 200


def test_a_header_of_the_request_id_is_not_taken_over(api):
    sent = "0" * 32
    reply = api.get(JOBS + "/x", headers={"X-Request-Id": sent})
    assert reply.headers["x-request-id"] != sent
    assert reply.json()["request_id"] == reply.headers["x-request-id"]
    # every one is new
    assert len({api.get(JOBS + "/x").headers["x-request-id"]
                for _ in range(20)}) == 20


@pytest.mark.parametrize("header", [
    "X-Accel-Redirect", "Status", "Content-Length-X", "X-Accel-Expires"])
def test_a_callers_header_steers_nothing(api, header):
    reply = api.get(JOBS + "/x", headers={header: "/_blobs/x"})
    assert reply.status_code == 404
    assert header.lower() not in reply.headers


def test_both_protocols_answer_alike(api, api2):
    for path in ("/api/v1/training/catalog", JOBS + "/x", "/judges"):
        one, two = api.get(path), api2.get(path)
        assert (one.http_version, two.http_version) == ("HTTP/1.1", "HTTP/2")
        assert one.status_code == two.status_code
        assert set(two.headers) - set(one.headers) == set()
