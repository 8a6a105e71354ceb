# SPDX-License-Identifier: BSD-2-Clause
"""/openapi.json and /docs: served to everyone, whole, and nothing foreign."""
import re

import pytest

from harness import DESCRIPTION, TOP

FILES = {
    "/openapi.json": "application/json",
    "/docs": "text/html; charset=utf-8",
    "/docs/docs.css": "text/css; charset=utf-8",
    "/docs/docs.js": "text/javascript; charset=utf-8",
}


@pytest.mark.parametrize("path, kind", FILES.items())
def test_anyone_may_read_it(anon, path, kind):
    reply = anon.get(path)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == kind
    assert reply.headers["cache-control"] == "public, no-cache"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert re.fullmatch("[0-9a-f]{32}", reply.headers["x-request-id"])
    head = anon.head(path)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("path", FILES)
def test_a_reader_who_has_it_is_told_so(anon, path):
    etag = anon.get(path).headers["etag"]
    again = anon.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", FILES)
def test_it_can_only_be_read(anon, envelope, path):
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        reply = anon.request(method, path)
        envelope(reply, 405, "method_not_allowed_error")
        assert reply.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", [
    "/docs/", "/docs/index.html", "/docs/x.js", "/docs/docs.js/",
    "/openapi.json/", "/openapi", "/docs/../openapi.json/"])
def test_other_paths_beside_it_are_not_there(anon, envelope, path):
    envelope(anon.get(path), 404, "not_found_error")


def test_the_description_is_the_one_that_was_built(anon):
    served = anon.get("/openapi.json").json()
    assert served["openapi"] == "3.1.0"
    assert served["paths"] == DESCRIPTION().doc["paths"]
    version = re.search(r"AC_INIT\(\[trainyard\],\[([^]]+)\]",
                        (TOP / "configure.ac").read_text())[1]
    assert served["info"]["version"] == version


def test_the_page_may_load_nothing_from_elsewhere(anon):
    policy = anon.get("/docs").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    for path in ("/docs", "/docs/docs.css", "/docs/docs.js"):
        text = anon.get(path).text
        assert not re.search(r"https?:|//[a-z]+\.|\bstyle=|\bon[a-z]+=\"",
                             text.replace("// SPDX", "")), path
