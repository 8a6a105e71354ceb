# SPDX-License-Identifier: BSD-2-Clause
"""SIGHUP: settings that may change do, a bad file changes nothing, and a log
file that was moved away is made anew."""
import os
import pathlib
import re
import signal

import pytest

from crowd import running_stack
from hosted import await_true
from judges import correction, new_evaluation, new_judge, send

EXPECTED_LOG = ["a setting is read at start only", "unknown setting",
                "the settings stay as they were"]
READ = "settings were read again"


def make_job(client):
    judge = new_judge(client)
    for _ in range(3):
        reply = send(client, correction(
            new_evaluation(client, judge)["evaluation_id"], clarity=50))
        assert reply.status_code == 201, reply.text
    reply = client.post("/training/jobs", json={
        "judge_id": judge, "training_type": "incremental",
        "training_config": {"minimum_feedback_count": 1}})
    assert reply.status_code == 201, reply.text
    return reply.json()["job_id"]


def job_status(client, job):
    return client.get(f"/training/jobs/{job}").json()["status"]


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with running_stack(tmp_path_factory.mktemp("reload"), "--set", "slots=0",
                       "--set", "rate_limit=0") as made:
        yield made


@pytest.fixture
def settings(stack):
    """Replaces settings, tells a program, and waits for what it says."""
    conf = pathlib.Path(stack.conf)
    kept = conf.read_text()
    parts = set()

    def change(part, *says, **values):
        text = kept
        for name, value in values.items():
            text = re.sub(rf"(?m)^{name} = .*\n", "", text)
            text += f"{name} = {value}\n"
        conf.write_text(text)
        parts.add(part)
        hup(stack, part, *says)

    yield change
    conf.write_text(kept)
    for part in parts:
        hup(stack, part, READ)


def hup(stack, part, *says):
    seen = len(stack.log(f"{part}.log"))
    os.kill(stack.pid(part), signal.SIGHUP)
    for words in says:
        await_true(lambda: words in stack.log(f"{part}.log")[seen:], words)


def test_a_rate_limit_holds_from_then_on(stack, settings):
    with stack.client(stack.token) as client:
        assert [client.get("/judges").status_code for _ in range(3)] == [
            200] * 3
        settings("responder", "setting changed name=rate_limit", READ,
                 rate_limit=1)
        await_true(lambda: client.get("/judges").status_code == 429,
                   "a refusal")


def test_slots_are_used_from_then_on(stack, settings):
    """A job that waits is taken, by the same process."""
    pid = stack.pid("dispatcher")
    with stack.client(stack.token) as client:
        job = make_job(client)
        assert job_status(client, job) == "queued"
        settings("dispatcher", "setting changed name=slots", READ, slots=1)
        await_true(lambda: job_status(client, job) != "queued", "taken")
    assert stack.pid("dispatcher") == pid


def test_what_needs_a_restart_is_named(stack, settings):
    settings("responder", "restart to change it name=threads", READ,
             threads=7)
    settings("dispatcher", "restart to change it name=lease_seconds", READ,
             lease_seconds=31)


@pytest.mark.parametrize("part", ["responder", "dispatcher"])
def test_a_file_with_faults_changes_nothing(stack, settings, part):
    settings(part, "the settings stay as they were", slot=4, rate_limit=1)
    with stack.client(stack.token) as client:
        assert [client.get("/judges").status_code for _ in range(3)] == [
            200] * 3


def test_a_log_file_is_opened_anew(stack, settings, tmp_path):
    log = tmp_path / "trainyard.log"

    def opened():
        return log.exists() and READ in log.read_text()

    settings("responder", "setting changed name=log_file", log_file=log)
    await_true(opened, "its log file")
    with stack.client(stack.token) as client:
        client.get("/judges")
        await_true(lambda: "route=/judges" in log.read_text(), "a line")
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z "
                        r"trainyard-fcgi: ", log.read_text())
        log.rename(tmp_path / "old")
        os.kill(stack.pid("responder"), signal.SIGHUP)
        await_true(opened, "a new file")
        seen = len((tmp_path / "old").read_text())
        client.get("/judges")
        await_true(lambda: "route=/judges" in log.read_text(), "a line")
    assert len((tmp_path / "old").read_text()) == seen
    # back to where the others look
    settings("responder", READ, log_file=f"{stack.logs}/responder.log")
