# SPDX-License-Identifier: BSD-2-Clause
"""/openapi.json and /docs: served to everyone, whole, and nothing foreign."""
import json
import re
import shutil
import subprocess

import jsonschema
import pytest

from harness import BUILD, DESCRIPTION, TOP

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


# --- what it says is well formed


def test_the_description_passes_a_public_validator():
    """openapi-spec-validator, which Debian does not have; ./check gets it."""
    program = TOP / "run/venv/bin/openapi-spec-validator"
    if not program.exists():
        pytest.skip(f"no {program}: ./check http installs it")
    done = subprocess.run(
        [program, "--errors", "all", BUILD / "gen/www/openapi.json"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "name", DESCRIPTION().doc["components"]["schemas"])
def test_schemas_are_json_schema_and_fit_their_examples(name):
    doc = DESCRIPTION().doc
    schema = doc["components"]["schemas"][name]
    jsonschema.Draft202012Validator.check_schema(schema)
    for example in schema.get("examples", []):
        jsonschema.Draft202012Validator(
            schema, resolver=jsonschema.RefResolver("", doc)).validate(example)


def test_references_lead_somewhere_and_nothing_is_left_over():
    doc = DESCRIPTION().doc
    named = set(re.findall(r'"\$ref": "#/components/([^"]+)"',
                           json.dumps(doc)))
    there = {f"{part}/{name}" for part in ("schemas", "responses", "headers")
             for name in doc["components"][part]}
    assert named == there


def test_every_body_has_an_example():
    """share/examples/<schema>.json, shown on the page and installed."""
    bodies = [content["schema"] for o in DESCRIPTION().operations
              for content in o.said.get(
                  "requestBody", {"content": {}})["content"].values()
              if "schema" in content]
    names = {ref.rsplit("/")[-1] for ref in re.findall(
        r'"\$ref": "([^"]+)"', json.dumps(bodies))}
    have = {path.stem for path in (TOP / "share/examples").iterdir()}
    assert names == have


def test_operations_have_names_of_their_own():
    names = [o.id for o in DESCRIPTION().operations]
    assert len(set(names)) == len(names)


# --- the page, in a browser


def test_the_page_shows_every_operation(stack):
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("no chromium: the page was not looked at")
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu",
         "--ignore-certificate-errors", "--virtual-time-budget=20000",
         "--enable-logging=stderr", "--dump-dom", f"{stack.url}/docs"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    shown = re.findall(r'<article id="(\w+)"', done.stdout)
    assert sorted(shown) == sorted(o.id for o in DESCRIPTION().operations)
    # whatever the policy refuses, and each fault of the script
    assert "CONSOLE" not in done.stderr, done.stderr
