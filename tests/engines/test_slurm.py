# SPDX-License-Identifier: BSD-2-Clause
"""Jobs on a real Slurm of one node, which crashes where that is the point."""
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

import pytest

from dispatchers import PATIENCE
from hosted import await_true
from judge_rows import Judge
from slurm_cluster import Slurm

START = {"event": {"event_type": "training_start", "message": "started"}}
END = {"event": {"event_type": "training_end", "message": "over",
                 "metrics": {"train/steps": 3}}}
SETTINGS = {
    "engine_judge": "slurm", "engine_tinker_sft": "slurm",
    "engine_poll_seconds": 1, "slurm_slots": 4}


@pytest.fixture(scope="module")
def slurm():
    # the address of a Unix socket has 107 bytes
    with tempfile.TemporaryDirectory(prefix="slurm") as folder:
        made = Slurm(folder)
        try:
            yield made.up()
        finally:
            made.down()


@pytest.fixture
def dispatch(site, slurm):
    """Starts dispatchers that give their jobs to Slurm."""
    slurm.mend()

    def start(**extra):
        made = site.dispatcher(env=slurm.env, **{**SETTINGS, **extra})
        made.await_line("engine slurm can be used")
        return made

    return start


def processes(job, attempt=1):
    """The script on the node and what it has started, oldest first."""
    name = f"SLURM_JOB_NAME=trainyard-{job}-{attempt}".encode()
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if name in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return sorted(found)


def await_saved(slurm, job):
    """The controller would know after a crash that the job runs.

    It saves all jobs at once, some time after a change: a later one's name is
    in a file that has this job as it is now.
    """
    mark = f"saved-{job}"
    subprocess.run(["sbatch", "--quiet", "--hold", f"--job-name={mark}",
                    "--output=/dev/null", "--wrap=true"],
                   env=os.environ | slurm.env, check=True)
    file = slurm.folder / "state/job_state"
    await_true(lambda: file.exists() and
               mark.encode() in file.read_bytes(), "saved")


def await_completed(site, slurm, job):
    """Resumes a node that Slurm drains because a number came twice.

    Which may happen to more than one attempt.
    """
    def completed():
        return site.status(job) == "completed" or slurm.resume()

    await_true(completed, "completed", PATIENCE * 3)


def stop_controller(slurm, d):
    """Until the dispatcher has noticed."""
    seen = len(d.lines)
    slurm.kill9("slurmctld")
    d.await_line("engine slurm cannot be used now", since=seen)


def test_a_job_runs_there_and_its_attempt_says_so(site, slurm, dispatch):
    dispatch()
    job = site.job(START, {"tell": None}, END)
    site.await_status(job, "completed")
    engine, handle = site.one(
        "select engine, handle from trainyard.attempt where job_id = %s", job)
    assert engine == "slurm" and handle.startswith("job ")
    told = json.loads(site.value(
        "select data::text from trainyard.job_log where job_id = %s"
        " and message = 'told'", job))
    assert told["env"]["SLURM_JOB_NAME"] == f"trainyard-{job}-1"
    assert told["cwd"] == str(site.workdir(job))
    await_true(lambda: (site.workdir(job) / "exit").exists(), "an end")
    assert (site.workdir(job) / "exit").read_text() == "0\n"


def test_secrets_are_in_no_script_and_no_log(site, slurm, dispatch):
    secrets = site.folder / "secrets"
    secrets.write_text("# for runners\nHUB_TOKEN=fj39'x $y\n")
    secrets.chmod(0o600)
    d = dispatch(runner_env=secrets)
    job = site.job(START, {"tell": None}, END)
    site.await_status(job, "completed")
    told = json.loads(site.value(
        "select data::text from trainyard.job_log where job_id = %s"
        " and message = 'told'", job))
    assert told["env"]["HUB_TOKEN"] == "fj39'x $y"
    folder = site.workdir(job)
    assert "fj39" not in (folder / "slurm.sh").read_text()
    assert (folder / "slurm.env").stat().st_mode & 0o077 == 0
    assert "fj39" not in slurm.ask("scontrol", "show", "job", "-dd")
    assert "fj39" not in d.text()


def test_what_others_can_read_holds_no_secrets(site, slurm, dispatch):
    secrets = site.folder / "secrets"
    secrets.write_text("HUB_TOKEN=fj39\n")
    secrets.chmod(0o644)
    dispatch(runner_env=secrets)
    job = site.job(START, END)
    site.await_status(job, "failed")
    assert "others may read it" in site.value(
        "select error from trainyard.job where id = %s", job)


def test_the_limits_of_a_job_are_slurms(site, slurm, dispatch):
    gate = site.gate()
    dispatch(job_memory_mb=200, job_cpus=1, job_seconds=600)
    job = site.job(START, {"gate": gate.path}, END)
    site.under_way(job, gate)
    shown = slurm.ask("scontrol", "show", "job", "-o", slurm.ask(
        "squeue", "--noheader", f"--name=trainyard-{job}-1",
        "--format=%i").strip())
    gate.open()
    assert "MinMemoryNode=200M" in shown
    assert "CPUs/Task=1" in shown
    assert "TimeLimit=00:12:00" in shown
    assert "Requeue=0" in shown
    assert f"Comment=trainyard-{job}-1" in shown
    site.await_status(job, "completed")


def test_a_submit_that_slurm_refuses_fails_the_job(site, slurm, dispatch):
    dispatch(slurm_options="--partition=nowhere")
    job = site.job(START, END)
    site.await_status(job, "failed")
    assert "invalid partition" in site.value(
        "select error from trainyard.job where id = %s", job)


def test_an_exit_status_is_told_with_the_last_words(site, slurm, dispatch):
    dispatch()
    job = site.job(START, {"stderr": "no such corpus\n"}, {"exit": 3})
    site.await_status(job, "failed")
    error = site.value("select error from trainyard.job where id = %s", job)
    assert "status 3" in error and "no such corpus" in error


def test_a_running_job_is_stopped_by_sigterm(site, slurm, dispatch):
    gate = site.gate()
    dispatch()
    job = site.job({"on_term": 3}, START, {"gate": gate.path}, END)
    site.under_way(job, gate)
    site.cancel(job)
    site.await_status(job, "cancelled")
    assert site.attempts(job) == [(1, "cancelled")]
    # it left by itself, as it does when it is asked
    assert (site.workdir(job) / "exit").read_text() == f"{3 << 8}\n"


def test_who_does_not_listen_is_killed(site, slurm, dispatch):
    gate = site.gate()
    dispatch(grace_seconds=1)
    job = site.job({"ignore": signal.SIGTERM}, START, {"gate": gate.path},
                   END)
    site.under_way(job, gate)
    site.cancel(job)
    site.await_status(job, "cancelled")
    await_true(lambda: "RUNNING" not in slurm.states(job), "an end")
    # killed with all the rest, the script may have noted why
    end = site.workdir(job) / "exit"
    assert not end.exists() or end.read_text() == f"{signal.SIGKILL:d}\n"


def test_what_waits_in_slurm_is_cancelled(site, slurm, dispatch):
    d = dispatch(slurm_options="--begin=now+1hour")
    job = site.job(START, END)
    d.await_line("waits name=trainyard-" + job, "BeginTime")
    site.cancel(job)
    site.await_status(job, "cancelled")
    await_true(lambda: slurm.states(job) == ["CANCELLED"], "a cancel")


def test_a_killed_dispatcher_finds_its_run_again(site, slurm, dispatch):
    gate = site.gate()
    first = dispatch()
    job = site.job(START, {"gate": gate.path}, END)
    site.under_way(job, gate)
    first.end(signal.SIGKILL)
    second = dispatch()
    second.await_line("found again", job, "running")
    gate.open()
    site.await_status(job, "completed")
    assert site.attempts(job) == [(1, "completed")]
    assert slurm.states(job) in (["COMPLETED"], ["COMPLETING"], ["RUNNING"])


def test_what_ended_meanwhile_is_found_ended(site, slurm, dispatch):
    gate = site.gate()
    first = dispatch()
    job = site.job(START, {"gate": gate.path}, END)
    site.under_way(job, gate)
    first.end(signal.SIGKILL)
    gate.open()
    await_true(lambda: (site.workdir(job) / "exit").exists(), "an end")
    dispatch().await_line("found again", job, "ended")
    site.await_status(job, "completed")
    assert site.attempts(job) == [(1, "completed")]


def test_a_submit_that_nobody_recorded_is_not_repeated(site, slurm, dispatch):
    """As after a crash between submit and the note of it."""
    gate = site.gate()
    first = dispatch()
    job = site.job(START, {"gate": gate.path}, END)
    site.under_way(job, gate)
    first.end(signal.SIGKILL)
    (site.workdir(job) / "slurm.submitted").unlink()
    dispatch().await_line("found again", job, "running")
    gate.open()
    site.await_status(job, "completed")
    assert len(slurm.states(job)) == 1


def test_a_job_that_vanishes_is_run_again(site, slurm, dispatch):
    gate = site.gate()
    dispatch()
    job = site.job(START, {"on_attempt": {"number": 1, "steps": [
        {"checkpoint": "one"}, {"gate": gate.path}]}}, {"tell": None}, END)
    gate.reached()
    for pid in processes(job):
        # some end with those that are killed before
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    site.await_status(job, "completed")
    assert site.attempts(job) == [(1, "lost"), (2, "completed")]
    told = json.loads(site.value(
        "select data::text from trainyard.job_log where job_id = %s"
        " and message = 'told'", job))
    assert told["resume"] == str(site.workdir(job) / "one")


def test_a_second_start_of_the_script_works_for_nobody(site, slurm, dispatch):
    """What a controller does that crashed before it had saved its state."""
    gate = site.gate()
    d = dispatch(engine_poll_seconds=600)
    job = site.job(START, {"on_attempt": {"number": 1, "steps": [
        {"gate": gate.path}]}}, END)
    site.under_way(job, gate)
    slurm.ask("sbatch", "--wait", "--output=/dev/null",
              f"--job-name=trainyard-{job}-1", "--open-mode=append",
              str(site.workdir(job) / "slurm.sh"))
    assert (site.workdir(job) / "exit").read_text() == f"{75 << 8}\n"
    d.end(signal.SIGKILL)
    dispatch()
    site.await_status(job, "completed")
    assert site.attempts(job) == [(1, "lost"), (2, "completed")]
    # nothing of the first is left beside the second
    await_true(lambda: "RUNNING" not in slurm.states(job), "an end")


@pytest.mark.parametrize("after", [0.3, 1, 2])
def test_a_controller_that_dies_after_a_submit(site, slurm, dispatch, after):
    d = dispatch(engine_timeout_seconds=15)
    job = site.job(START, {"work": 1}, END)
    d.await_line("started", job)
    time.sleep(after)   # what was saved until then is up to chance
    slurm.kill9("slurmctld")
    slurm.start("slurmctld")

    await_completed(site, slurm, job)
    attempts = site.attempts(job)
    assert [s for _, s in attempts].count("completed") == 1
    assert attempts[-1][1] == "completed"
    # one result, one end
    assert site.statuses(job).count("completed") == 1
    assert site.value("select metrics->>'train/steps' from trainyard.job"
                      " where id = %s", job) == "3"


def test_without_a_controller_jobs_wait_and_leases_live(
        site, slurm, dispatch):
    gate = site.gate()
    d = dispatch(lease_seconds=4, engine_timeout_seconds=5)
    job = site.job(START, {"gate": gate.path}, END)
    site.under_way(job, gate)
    await_saved(slurm, job)
    stop_controller(slurm, d)
    waiting = site.job(START, END)
    # the lease is renewed while calls hang
    until = site.value("select lease_until from trainyard.attempt"
                       " where job_id = %s", job)
    site.await_sql("select lease_until > %s::timestamptz + interval '5 s'"
                   " from trainyard.attempt where job_id = %s", until, job)
    assert site.status(waiting) == "queued"
    slurm.start("slurmctld")
    gate.open()
    site.await_status(job, "completed")
    await_completed(site, slurm, waiting)
    assert site.attempts(job) == [(1, "completed")]


def test_without_a_controller_a_job_is_cancelled_all_the_same(
        site, slurm, dispatch):
    gate = site.gate()
    d = dispatch(grace_seconds=0, engine_timeout_seconds=5)
    job = site.job({"ignore": signal.SIGTERM}, START, {"gate": gate.path},
                   END)
    site.under_way(job, gate)
    await_saved(slurm, job)
    stop_controller(slurm, d)
    site.cancel(job)
    site.await_status(job, "cancelled")
    slurm.start("slurmctld")
    await_true(lambda: not processes(job), "an end of what ran")
    await_true(lambda: not (site.workdir(job) / "engine").exists(),
               "an end that is known")


def test_a_node_that_reports_late_is_fenced(site, slurm, dispatch):
    gate = site.gate()
    first = dispatch(lease_seconds=3)
    job = site.job(START, {"on_attempt": {"number": 1, "steps": [
        {"ignore": signal.SIGTERM}, {"gate": gate.path},
        {"event": {"event_type": "training_end", "message": "late",
                   "metrics": {"late": 1}}}]}},
        {"on_attempt": {"number": 2, "steps": [END]}})
    site.under_way(job, gate)
    first.stop_clock()
    dispatch(lease_seconds=3)
    site.await_status(job, "completed")
    await_true(lambda: slurm.states(job) != ["RUNNING"], "its end")
    first.kill(signal.SIGCONT)
    first.await_line("superseded attempt stopped", job)
    assert site.attempts(job) == [(1, "lost"), (2, "completed")]
    assert site.value("select metrics ? 'late' from trainyard.job"
                      " where id = %s", job) is False


def test_a_judge_is_trained_there(site, slurm, dispatch):
    dispatch()
    judge = Judge(site)
    judge.corrections(judge.evaluations(30))
    job = judge.job()
    site.await_sql("select status in ('completed', 'failed')"
                   " from trainyard.job where id = %s", job)
    assert site.one("select status, error from trainyard.job where id = %s",
                    job) == ("completed", None)


def test_an_unknown_engine_is_a_fault_of_the_settings(site):
    d = site.dispatcher(ready=False, engine_judge="abacus")
    d.await_line("engine_judge: there is no engine abacus")
    assert d.process.wait(PATIENCE) == 1
