# SPDX-License-Identifier: BSD-2-Clause
"""Jobs that are cancelled and retried while dispatchers have them."""
import json
import os
import signal

from dispatchers import await_gone

START = {"event": {"event_type": "training_start", "message": "started"}}
END = {"event": {"event_type": "training_end", "message": "over",
                 "metrics": {"train/steps": 3}}}
# Nothing but a word from the server makes a dispatcher look so late.
DEAF = {"lease_seconds": 600, "poll_ms": 60000}


def events(site, job):
    return [e.removeprefix("training.job.") for e, in site.run(
        "select event from trainyard.job_event where job_id = %s"
        " order by seq", job)]


def test_a_running_job_gets_sigterm_without_a_heartbeat(site):
    gate = site.gate()
    d = site.dispatcher(**DEAF)
    job = site.job({"on_term": 3}, START, {"gate": gate.path}, END)
    site.under_way(job, gate)
    _, runner = site.keeper(job)
    site.cancel(job)
    d.await_line("cancelling", job)
    await_gone(runner)
    site.await_status(job, "cancelled")
    # it left by itself, as it does when it is asked
    assert (site.workdir(job) / "exit").read_text().split()[0] == str(3 << 8)
    assert site.attempts(job) == [(1, "cancelled")]
    assert events(site, job) == ["queued", "claimed", "running",
                                 "cancel_requested", "cancelled"]


def test_a_claim_is_stopped_without_a_heartbeat(site):
    gate = site.gate()
    d = site.dispatcher(**DEAF)
    job = site.job({"ignore": signal.SIGTERM}, {"gate": gate.path}, START,
                   END)
    gate.reached()
    _, runner = site.keeper(job)
    site.cancel(job)
    # at once, whoever has it
    assert site.status(job) == "cancelled"
    assert site.attempts(job) == [(1, "cancelled")]
    d.await_line("cancelled before it began", job)
    await_gone(runner)
    assert site.status(job) == "cancelled"
    assert events(site, job) == ["queued", "claimed", "cancelled"]


def test_retry_runs_a_cancelled_job_again(site):
    gate = site.gate()
    site.dispatcher(**DEAF)
    job = site.job(
        {"on_attempt": {"number": 1, "steps": [
            START, {"checkpoint": "half"}, {"gate": gate.path}]}},
        START, {"tell": None}, END)
    site.under_way(job, gate)
    site.await_sql("select checkpoint is not null from trainyard.attempt")
    site.cancel(job)
    site.await_status(job, "cancelled")
    site.retry(job)
    site.await_status(job, "completed")
    assert site.attempts(job) == [(1, "cancelled"), (2, "completed")]
    told, = site.one("select data from trainyard.job_log where job_id = %s"
                     " and message = 'told'", job)
    assert told["env"]["TRAINYARD_ATTEMPT"] == "2"
    # from the beginning, whatever the first attempt had saved
    assert told["resume"] == ""
    assert site.one(
        "select attempt, metrics, cancel_requested_at from trainyard.job"
        " where id = %s", job) == (2, {"train/steps": 3}, None)
    assert site.one("select artifacts from trainyard.attempt where job_id ="
                    " %s and number = 1", job)[0]["latest_checkpoint"]


def test_retry_runs_a_failed_job_again(site):
    site.dispatcher(**DEAF)
    job = site.job({"on_attempt": {"number": 1, "steps": [{"exit": 9}]}},
                   START, END)
    site.await_status(job, "failed")
    site.retry(job)
    site.await_status(job, "completed")
    assert site.attempts(job) == [(1, "failed"), (2, "completed")]
    assert site.statuses(job) == ["queued", "claimed", "failed", "queued",
                                  "claimed", "running", "completed"]


def test_retry_right_after_a_claim_was_cancelled(site):
    """The dispatcher hears of both at once, and runs the new attempt only."""
    gate = site.gate()
    d = site.dispatcher(**DEAF)
    job = site.job({"on_attempt": {"number": 1, "steps": [
        {"ignore": signal.SIGTERM}, {"gate": gate.path}]}}, START, END)
    gate.reached()
    _, runner = site.keeper(job)
    d.stop_clock()
    site.cancel(job)
    site.retry(job)
    assert site.status(job) == "queued"
    d.kill(signal.SIGCONT)
    site.await_status(job, "completed")
    await_gone(runner)
    assert site.attempts(job) == [(1, "cancelled"), (2, "completed")]
    assert not d.has("superseded")


def test_the_losses_of_a_life_before_do_not_count(site):
    """Three lost leases end a job; a retry begins to count anew."""
    job = site.job({"signal": signal.SIGSTOP}, START, END)
    site.run("update trainyard.job set status = 'claimed'")
    site.run("update trainyard.job set status = 'failed', lost_leases = 3,"
             " completed_at = now(), error = 'the worker was lost'")
    site.retry(job)
    gate = site.gate()
    site.run("update trainyard.job set config = %s", json.dumps(
        {"steps": [{"on_attempt": {"number": 2, "steps": [
            START, {"gate": gate.path}]}}, START, END]}))
    first = site.dispatcher(lease_seconds=3)
    site.under_way(job, gate)
    keeper, _ = site.keeper(job, 2)
    first.end(signal.SIGKILL)
    # gone with its host: nobody finds the attempt again
    for file in (site.data / "workers").iterdir():
        file.unlink()
    os.kill(keeper, signal.SIGQUIT)
    await_gone(keeper)
    site.dispatcher(lease_seconds=3)
    site.await_status(job, "completed")
    assert site.attempts(job) == [(2, "lost"), (3, "completed")]


def test_an_end_before_the_stop_completes_and_is_not_cancelled(site):
    gate = site.gate()
    d = site.dispatcher(**DEAF)
    job = site.job({"ignore": signal.SIGTERM}, START, {"gate": gate.path},
                   END)
    site.under_way(job, gate)
    site.cancel(job)
    d.await_line("cancelling", job)
    gate.open()
    site.await_status(job, "completed")
    assert site.attempts(job) == [(1, "completed")]
    assert events(site, job)[-2:] == ["cancel_requested", "completed"]
