# SPDX-License-Identifier: BSD-2-Clause
"""Two responders on one database: a deploy is known to both at once."""
import concurrent.futures
import json
import subprocess

import pytest

from crowd import running_stack
from fastcgi import fastcgi
from judges import SCORES, new_judge
from responders import PROGRAM, Responder, ended
from trained import add_version, make_model


class Second:
    """Another responder on the stack's database, reached without nginx."""

    def __init__(self, stack):
        self.stack = stack
        self.socket = stack.folder / "sock/second.sock"
        self.conf = stack.folder / "second.conf"
        self.conf.write_text("".join(
            f"listen = {self.socket}\n" if line.startswith("listen ")
            else line + "\n" for line in (
                stack.folder / "trainyard.conf").read_text().splitlines()))

    def start(self):
        return ended(Responder(self.stack, [PROGRAM, "-c", self.conf],
                               stdin=subprocess.DEVNULL))

    def post(self, path, body=None):
        text = b"" if body is None else json.dumps(body).encode()
        head, _, body = fastcgi(
            str(self.socket), "POST", path, text,
            CONTENT_TYPE="application/json", CONTENT_LENGTH=str(len(text)),
            HTTP_AUTHORIZATION=f"Bearer {self.stack.token}").partition(
                b"\r\n\r\n")
        assert head.split(b"\r\n")[0] in (b"Status: 200", b"Status: 201"), (
            head + body)
        return json.loads(body)


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with running_stack(tmp_path_factory.mktemp("two"),
                       "--set", "slots=0") as made:
        yield made


@pytest.fixture(scope="module")
def second(stack):
    made = Second(stack)
    with made.start():
        yield made


@pytest.fixture(scope="module")
def api(stack):
    with stack.client(stack.token) as client:
        yield client


@pytest.fixture(scope="module")
def judge(api, stack, tmp_path_factory):
    """Version 1 leaves scores as they are, 2 does not."""
    judge = new_judge(api)
    conn = stack.connect()
    add_version(stack, conn, judge, make_model(
        tmp_path_factory.mktemp("job")))
    conn.close()
    return judge


def item(judge):
    return {"judge_id": judge, "content_ref": "x", "criteria_scores": SCORES}


def test_next_answer_is_of_the_deployed_version_everywhere(
        api, second, judge):
    for number in (1, 2, 1, 2):
        # in turns, so that neither learns of it from itself
        path = f"/judges/{judge}/versions/{number}/deploy"
        if number == 1:
            assert api.post(path).status_code == 200
        else:
            second.post(path)
        answers = [api.post("/evaluations", json=item(judge)).json(),
                   second.post("/evaluations", item(judge))]
        assert [a["judge_version"] for a in answers] == [number] * 2
        assert answers[0]["criteria_scores"] == answers[1]["criteria_scores"]
        raw = answers[0]["criteria_scores"][0]["score"] == 82
        assert raw == (number == 1)


def test_no_answer_is_half_of_one_and_half_of_the_other(api, second, judge):
    want = {}
    for number in (1, 2):
        second.post(f"/judges/{judge}/versions/{number}/deploy")
        want[number] = second.post("/evaluations", item(judge))[
            "criteria_scores"]
    batch = {"judge_id": judge, "items": [
        {"content_ref": "x", "criteria_scores": SCORES}] * 20}
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        swaps, answers = [], []
        for n in range(30):
            # in turns, so that both versions are there to be seen
            swaps.append(pool.submit(
                second.post, f"/judges/{judge}/versions/{1 + n % 2}/deploy"))
            answers.append(pool.submit(
                second.post, "/evaluations/batch", batch))
            answers.append(pool.submit(
                lambda: api.post("/evaluations/batch", json=batch).json()))
    for swap in swaps:
        swap.result()
    seen = set()
    for answer in answers:
        body = answer.result()
        seen.add(body["judge_version"])
        assert all(r["criteria_scores"] == want[body["judge_version"]]
                   for r in body["results"])
    assert seen == {1, 2}
