# SPDX-License-Identifier: BSD-2-Clause
"""Workers that slept past their lease: all they write late is refused.

Each refusal is counted: "refused=" in the responder's log, "stale=" in the
dispatcher's.
"""
import itertools
import json
import os
import pathlib
import re
import signal
import sys

import pytest

from dispatchers import alive
from hosted import Place, await_true, sft
from judge_rows import Judge
from reports import END, ERROR, START, get, step

FIXED = pathlib.Path(__file__).with_name("judge_runner.py")
SAVED = {"event_type": "checkpoint_saved", "data": {"checkpoint_num": 9},
         "artifacts": {"latest_checkpoint": "late"}}
TOLD = {"event_type": "eval_complete", "metrics": {"eval/loss": 9}}
names = itertools.count(1)


@pytest.fixture(scope="module")
def place(running):
    made = Place(running, "late").furnish()
    yield made
    made.close()


def folder(running, job, attempt):
    return running.folder / "data/work" / job["id"] / str(attempt)


def refused(running):
    """How many writes of superseded attempts the responder has counted."""
    return max(map(int, re.findall(r" refused=(\d+)",
                                   running.log("responder.log"))), default=0)


def asleep(pid):
    """Stopped by SIGSTOP, and certainly so."""
    text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    return text.rpartition(")")[2].split()[0] == "T"


def test_over_http_each_late_write_is_refused_and_counted(
        running, place, tmp_path):
    late = [step(7, loss=[0.1]), TOLD, SAVED, ERROR, END]
    script = tmp_path / "steps.json"
    script.write_text(json.dumps([
        {"post": START},
        {"on_attempt": {"number": 1, "steps": [
            {"signal": signal.SIGSTOP}, *({"post": e} for e in late),
            {"put": "checkpoint/late/1"}, {"put": "model/late/1"}]}},
        {"on_attempt": {"number": 2, "steps": [
            {"post": step(1)}, {"post": END}]}}]))
    job = place.made({**sft(), "run_ref": str(script)})
    kept = folder(running, job, 1) / "keeper"
    await_true(lambda: get(place, job)["status"] == "running", "its start")
    # the keeper notes it while it is already at work
    await_true(kept.exists, "the keeper's note")
    runner = int(kept.read_text().split()[1])
    await_true(lambda: asleep(runner), "its sleep")
    # its dispatcher sleeps as well: nobody ends it when its lease does
    running.freeze("dispatcher")
    place.lose(job)
    before = get(place, job), refused(running)
    os.kill(runner, signal.SIGCONT)
    answers = folder(running, job, 1) / "answers"
    await_true(lambda: len(answers.read_text().splitlines()) == 8,
               "its late writes")
    assert answers.read_text().splitlines()[1:] == \
        ["409 conflict_error"] * 5 + ["401 authentication_error"] * 2
    assert get(place, job) == before[0]
    assert refused(running) == before[1] + 7
    running.thaw("dispatcher")
    await_true(lambda: get(place, job)["status"] == "completed", "its end")
    done = get(place, job)
    assert (done["attempt"], done["metrics"]["steps"]) == (2, [1])
    assert "latest_checkpoint" not in done["artifacts"]
    for kind in ("checkpoint", "model"):
        reply = place.http.get(place.path(kind, "late", "1"))
        assert reply.status_code == 404


def line(event):
    return {"event": event}


def test_printed_each_late_write_is_dropped_and_the_run_counted(site):
    """Progress, checkpoint and end wait in a file while its reader sleeps."""
    gate = site.gate()
    sleeper = site.dispatcher(lease_seconds=3)
    job = site.job(
        line(START),
        {"on_attempt": {"number": 1, "steps": [
            {"gate": gate.path}, line(step(7)), line(TOLD),
            {"checkpoint": "late"}, {"print": "late\n"}, line(END)]}},
        {"on_attempt": {"number": 2, "steps": [
            line(step(1)), line({"event_type": "training_end"})]}})
    site.under_way(job, gate)
    _, runner = site.keeper(job)
    sleeper.stop_clock()
    gate.open()
    await_true(lambda: not alive(runner), "the end of the first runner")
    other = site.dispatcher(lease_seconds=3)
    site.await_status(job, "completed")
    sleeper.kill(signal.SIGCONT)
    sleeper.await_line("superseded attempt", job, "stale=1")
    assert site.attempts(job) == [(1, "lost"), (2, "completed")]
    assert site.run("select distinct attempt from trainyard.job_metric"
                    " where job_id = %s", job) == [(2,)]
    assert site.value("select artifacts->'latest_checkpoint' is null from"
                      " trainyard.job where id = %s", job)
    assert "late" not in site.logs(job)
    assert site.statuses(job).count("completed") == 1
    assert sleeper.end() == other.end() == 0
    sleeper.await_line("stopped", "stale=1")


def test_a_late_model_becomes_no_version(site):
    """A judge's result: the file is there, its attempt is not any more."""
    judge = Judge(site)
    gate = site.gate()
    command = f"{sys.executable} {FIXED}"
    sleeper = site.dispatcher(runner_judge=command, lease_seconds=3)
    job = judge.job(gate=gate.path, results={})
    gate.reached()
    sleeper.stop_clock()
    _, runner = site.keeper(job)
    gate.open()
    await_true(lambda: not alive(runner), "the end of the first runner")
    other = site.dispatcher(runner_judge=command, lease_seconds=3)
    gate.reached().open()
    site.await_status(job, "completed")
    sleeper.kill(signal.SIGCONT)
    sleeper.await_line("superseded attempt", job, "stale=1")
    assert site.attempts(job) == [(1, "lost"), (2, "completed")]
    assert site.run("select number from trainyard.judge_version where"
                    " judge_id = %s order by number", judge.id) == [(1,),
                                                                    (2,)]
    assert sleeper.end() == other.end() == 0
