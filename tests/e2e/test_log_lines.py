# SPDX-License-Identifier: BSD-2-Clause
"""A line for each request, and none that a caller has made."""
import json
import pathlib
import re

import pytest

from crowd import JOBS, create, job_body, query, running_stack
from hosted import await_true

LINE = re.compile(r"<6>request method=([A-Z]+|-) route=(/\S+|-) status=\d{3}"
                  r" us=\d+ token=(-|[0-9a-f-]{36})( error=\w+)?"
                  r"( (job|judge)=\S+)? request_id=[0-9a-f]{32}")


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with running_stack(tmp_path_factory.mktemp("lines"), "--set", "slots=0",
                       "--set", "log_level=debug") as made:
        yield made


def log(stack, name):
    return pathlib.Path(stack.logs, name).read_text(errors="replace")


def await_lines(stack, *replies):
    """Both write theirs when the client has its answer already."""
    for reply in replies:
        request_id = reply.headers["X-Request-Id"]
        await_true(lambda: re.search(
            rf"(?m)^<6>request .* request_id={request_id}\n",
            log(stack, "responder.log")) and re.search(
                rf"{request_id}.*\n", log(stack, "access.log")), request_id)


def test_every_request_has_its_line(stack):
    ident, = query(stack, "select id::text from trainyard.token")[0]
    with stack.client(stack.token) as client, stack.client() as anon:
        told = [
            (create(client, "line"), f"token={ident} "),
            (create(client, "line"), f"token={ident} "),
            (client.post(JOBS, json=job_body("line") | {"x": 1}),
             f"token={ident} error=validation_error "),
            (client.get(f"{JOBS}/x"), f"token={ident} error=not_found_error "),
            (client.request("PROPFIND", f"{JOBS}/x"),
             "method=- route=- status=405"),
            (anon.get("/judges"), "token=- error=authentication_error "),
            (anon.get("/healthz"), "token=- ")]
    await_lines(stack, *(reply for reply, _ in told))
    text = log(stack, "responder.log")
    access = log(stack, "access.log")
    for reply, part in told:
        request_id = reply.headers["X-Request-Id"]
        line, = re.findall(rf"^<6>request .* request_id={request_id}$", text,
                           re.M)
        assert LINE.fullmatch(line), line
        assert part in line and f" status={reply.status_code} " in line
        assert request_id in access


def test_the_line_of_a_create_names_what_it_made(stack):
    with stack.client(stack.token) as client:
        reply = create(client, "named")
    await_lines(stack, reply)
    lines = re.findall(rf"^.*request_id={reply.headers['X-Request-Id']}$",
                       log(stack, "responder.log"), re.M)
    assert f" job={reply.json()['id']} " in lines[0] and len(lines) == 1


def test_what_callers_send_makes_no_line_of_its_own(stack):
    """Nothing that is sent can be taken for another line."""
    replies = []
    with stack.client(stack.token) as client:
        for path in (f"{JOBS}/a%0A%3C3%3Eforged", f"{JOBS}/%1b%5b31mforged",
                     f"{JOBS}/%C2%85forged"):
            replies.append(client.get(path))
        replies.append(client.get(JOBS + "/x", headers={
            "User-Agent": 'forged" status=200', "X-Request-Id": "forged"}))
    assert {reply.status_code for reply in replies} == {404}
    await_lines(stack, *replies)
    text = log(stack, "responder.log")
    assert "forged" not in text and "\x1b" not in text
    for line in text.splitlines():
        assert re.match(r"<[5-7]>[a-z]", line), line
    for line in log(stack, "access.log").splitlines():
        json.loads(line)
