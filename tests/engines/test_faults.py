# SPDX-License-Identifier: BSD-2-Clause
"""What happens when something dies, stops, hangs or comes back."""
import os
import signal

from dispatchers import alive, await_gone
from hosted import await_true

START = {"event": {"event_type": "training_start", "message": "started"}}
END = {"event": {"event_type": "training_end", "message": "over"}}


def line(text):
    return {"print": text + "\n"}


def ends(site, job):
    """How often the job came to an end."""
    return sum(s in ("completed", "failed", "cancelled")
               for s in site.statuses(job))


def test_two_dispatchers_claim_each_job_once(site):
    first = site.dispatcher(slots=64, poll_ms=10)
    second = site.dispatcher(slots=64, poll_ms=10)
    jobs = [site.job(START, END) for _ in range(40)]
    for job in jobs:
        site.await_status(job, "completed")
    assert site.run(
        "select count(*), count(distinct job_id), max(number)"
        " from trainyard.attempt") == [(40, 40, 1)]
    assert first.end() == 0 and second.end() == 0
    claims = sum(d.text().count("claimed job=") for d in (first, second))
    assert claims == 40
    workers = site.run("select distinct worker from trainyard.attempt")
    assert 1 <= len(workers) <= 2


SLOW = """
create function trainyard.slow() returns trigger language plpgsql as $$
begin
    perform pg_sleep(3);
    return null;
end
$$;
create trigger slow after insert on trainyard.job_metric
    for each statement execute function trainyard.slow();
"""


def test_long_reports_of_many_cost_no_job_its_lease(site):
    """Four times a third of a lease, one after the other."""
    step = {"event": {"event_type": "step_complete", "data": {"step": 1},
                      "metrics": {"loss": [1]}}}
    # ends are slow as well: no statement is to run into its limit
    settings = {"lease_seconds": 9, "statement_timeout_ms": 20000}
    busy = site.dispatcher(slots=5, **settings)
    other = site.dispatcher(slots=0, **settings)
    gates = [site.gate() for _ in range(5)]
    jobs = [site.job(START, {"gate": gate.path}, *([step] * (gate != gates[0])),
                     END) for gate in gates]
    for job, gate in zip(jobs, gates):
        site.under_way(job, gate)
    site.run(SLOW)
    for gate in gates[1:]:
        gate.open()
    for job in jobs[1:]:
        site.await_status(job, "completed")
    gates[0].open()
    site.await_status(jobs[0], "completed")
    assert [site.attempts(job) for job in jobs] == [[(1, "completed")]] * 5
    assert busy.end() == other.end() == 0


def test_higher_priority_goes_first_then_the_oldest(site):
    jobs = [site.job(START, END, priority=p) for p in (-1, 0, 0, 1, 1)]
    site.dispatcher(slots=1)
    for job in jobs:
        site.await_status(job, "completed")
    order = [job for job, in site.run(
        "select job_id::text from trainyard.attempt order by claimed_at")]
    assert order == [jobs[3], jobs[4], jobs[1], jobs[2], jobs[0]]


def test_a_job_committed_late_is_found_behind_the_watermark(site):
    d = site.dispatcher(slots=8)
    # takes its queue_seq now, is there later
    site.run("begin")
    late = site.job(START, END)
    other = site.cluster.connect("trainyard_owner", site.name)
    mine, site.db = site.db, other
    jobs = [site.job(START, END) for _ in range(3)]
    for job in jobs:
        site.await_status(job, "completed")
    other.close()
    site.db = mine
    site.run("commit")
    site.await_status(late, "completed")
    await_true(lambda: d.text().count("claimed job=") == 4, "four claims")


def test_slots_bound_what_runs_at_the_same_time(site):
    gates = [site.gate() for _ in range(3)]
    jobs = [site.job(START, {"gate": g.path}, END) for g in gates]
    site.dispatcher(slots=2)
    gates[0].reached()
    gates[1].reached()
    assert site.status(jobs[2]) == "queued"
    gates[0].open()
    gates[2].reached().open()
    gates[1].open()
    for job in jobs:
        site.await_status(job, "completed")


def test_a_killed_dispatcher_finds_its_runs_again(site):
    gate = site.gate()
    first = site.dispatcher()
    job = site.job(START, line("before"), {"gate": gate.path}, line("after"),
                   END)
    gate.reached()
    site.await_sql("select count(*) = 1 from trainyard.job_log"
                   " where job_id = %s and message = 'before'", job)
    keeper, runner = site.keeper(job)
    first.end(signal.SIGKILL)
    assert alive(keeper) and alive(runner)
    second = site.dispatcher()
    second.await_line("found again", job, "running")
    gate.open()
    site.await_status(job, "completed")
    assert site.attempts(job) == [(1, "completed")]
    assert site.logs(job) == ["started", "before", "after", "over"]
    assert site.keeper(job) == (keeper, runner)
    assert ends(site, job) == 1


def test_what_ended_while_nobody_was_there_is_recorded(site):
    gate = site.gate()
    first = site.dispatcher()
    job = site.job(START, {"gate": gate.path}, END)
    site.under_way(job, gate)
    first.end(signal.SIGKILL)
    keeper, _ = site.keeper(job)
    gate.open()
    await_gone(keeper)
    assert site.status(job) == "running"
    site.dispatcher().await_line("found again", "ended")
    site.await_status(job, "completed")
    assert site.attempts(job) == [(1, "completed")]


def test_sigterm_leaves_runs_and_a_restart_finds_them(site):
    gate = site.gate()
    first = site.dispatcher()
    job = site.job(START, {"gate": gate.path}, END)
    gate.reached()
    assert first.end() == 0
    assert alive(site.keeper(job)[0])
    worker = site.value("select worker from trainyard.attempt")
    second = site.dispatcher()
    second.await_line("found again", job, "running")
    second.await_line("ready worker=" + worker)
    gate.open()
    site.await_status(job, "completed")
    assert site.attempts(job) == [(1, "completed")]


def test_sigint_hands_jobs_back_without_a_strike(site):
    gate = site.gate()
    first = site.dispatcher()
    job = site.job({"on_attempt": {"number": 1, "steps": [
        {"on_term": 75}, START, {"checkpoint": "one"},
        {"gate": gate.path}]}}, START, {"tell": None}, END)
    gate.reached()
    site.await_sql("select checkpoint is not null from trainyard.attempt")
    assert first.end(signal.SIGINT) == 0
    assert site.status(job) == "queued"
    assert site.attempts(job) == [(1, "lost")]
    assert site.value("select lost_leases from trainyard.job") == 0
    assert not alive(site.keeper(job)[0])
    site.dispatcher()
    site.await_status(job, "completed")
    told = site.value("select data from trainyard.job_log"
                      " where message = 'told'")
    assert told["resume"] == str(site.workdir(job) / "one")


def test_a_stopped_dispatcher_is_refused_when_it_comes_back(site):
    gate = site.gate()
    asleep = site.dispatcher(lease_seconds=3)
    job = site.job(
        {"on_attempt": {"number": 1, "steps": [
            START, {"gate": gate.path}, line("late"), END]}},
        {"on_attempt": {"number": 2, "steps": [START, line("second"), END]}})
    gate.reached()
    asleep.stop_clock()
    # its runner goes on and says its last word
    gate.open()
    other = site.dispatcher(lease_seconds=3)
    other.await_line("lease over", job)
    site.await_status(job, "completed")
    asleep.kill(signal.SIGCONT)
    asleep.await_line("superseded attempt", job, "stale=1")
    assert site.attempts(job) == [(1, "lost"), (2, "completed")]
    assert ends(site, job) == 1
    assert "late" not in site.logs(job)
    assert site.value("select lost_leases from trainyard.job") == 1
    # and works on
    assert other.end() == 0
    again = site.job(START, END)
    site.await_status(again, "completed")
    assert asleep.end() == 0
    asleep.await_line("stopped", "stale=1")


def test_a_lost_job_resumes_from_its_newest_checkpoint(site):
    gate = site.gate()
    first = site.dispatcher(lease_seconds=3)
    job = site.job(
        {"on_attempt": {"number": 1, "steps": [
            START, {"checkpoint": "one"}, {"checkpoint": "two"},
            {"gate": gate.path}]}},
        START, {"tell": None}, END)
    gate.reached()
    site.await_sql("select checkpoint like '%%/two' from trainyard.attempt")
    keeper, runner = site.keeper(job)
    os.kill(keeper, signal.SIGKILL)
    first.await_line("attempt lost, the job is queued", job)
    site.await_status(job, "completed")
    await_gone(runner)
    assert site.attempts(job) == [(1, "lost"), (2, "completed")]
    told = site.value("select data from trainyard.job_log"
                      " where message = 'told'")
    assert told["resume"] == str(site.workdir(job) / "two")
    assert told["env"]["TRAINYARD_ATTEMPT"] == "2"
    assert site.run(
        "select event, attempt from trainyard.job_event where event like"
        " '%%attempt_lost'") == [("training.job.attempt_lost", 1)]


def test_a_retry_starts_from_the_beginning(site):
    site.dispatcher()
    job = site.job({"on_attempt": {"number": 1, "steps": [
        START, {"checkpoint": "one"}, {"exit": 1}]}}, START, {"tell": None},
        END)
    site.await_status(job, "failed")
    site.run("update trainyard.job set status = 'queued', attempt = 2,"
             " error = null, error_type = null, completed_at = null,"
             " started_at = null, metrics = '{}', artifacts = '{}',"
             " queue_seq = nextval('trainyard.queue_seq')"
             " where id = %s", job)
    site.notify("trainyard_job", "")
    site.await_status(job, "completed")
    assert site.value("select data from trainyard.job_log"
                      " where message = 'told'")["resume"] == ""


def test_a_missing_checkpoint_is_not_handed_on(site):
    gate = site.gate()
    d = site.dispatcher()
    job = site.job({"on_attempt": {"number": 1, "steps": [
        START, {"checkpoint": "one"}, {"gate": gate.path}]}}, START,
        {"tell": None}, END)
    gate.reached()
    site.await_sql("select checkpoint is not null from trainyard.attempt")
    (site.workdir(job) / "one").unlink()
    os.kill(site.keeper(job)[0], signal.SIGKILL)
    site.await_status(job, "completed")
    d.await_line("checkpoint of an earlier attempt cannot be read")
    assert site.value("select data from trainyard.job_log"
                      " where message = 'told'")["resume"] == ""


def test_the_third_loss_fails_the_job(site):
    gates = [site.gate() for _ in range(3)]
    site.dispatcher()
    job = site.job(*[{"on_attempt": {"number": n + 1, "steps": [
        START, {"gate": g.path}]}} for n, g in enumerate(gates)])
    for n, gate in enumerate(gates):
        gate.reached()
        os.kill(site.keeper(job, n + 1)[0], signal.SIGKILL)
    site.await_status(job, "failed")
    assert site.attempts(job) == [(1, "lost"), (2, "lost"), (3, "failed")]
    error, kind = site.one("select error, error_type from trainyard.job")
    assert kind == "worker_lost_error"
    assert "third time" in error
    assert ends(site, job) == 1


def test_a_dispatcher_that_never_comes_back_loses_its_job(site):
    gate = site.gate()
    first = site.dispatcher(lease_seconds=3)
    job = site.job({"on_attempt": {"number": 1, "steps": [
        START, {"gate": gate.path}]}}, START, END)
    gate.reached()
    keeper, runner = site.keeper(job)
    first.end(signal.SIGKILL)
    # the name of the first must not be taken up again
    for file in (site.data / "workers").iterdir():
        file.unlink()
    other = site.dispatcher(lease_seconds=3)
    other.await_line("lease over, the job is queued", job)
    # two runs of one job are one too many
    other.await_line("nobody waits for is killed", job, "attempt=1")
    await_gone(runner)
    await_gone(keeper)
    site.await_status(job, "completed")
    assert site.attempts(job) == [(1, "lost"), (2, "completed")]


def test_a_start_kills_what_works_for_nobody(site):
    gate = site.gate()
    first = site.dispatcher(lease_seconds=3)
    job = site.job(START, {"gate": gate.path}, END)
    site.under_way(job, gate)
    keeper, runner = site.keeper(job)
    first.end(signal.SIGKILL)
    for file in (site.data / "workers").iterdir():
        file.unlink()
    site.run("update trainyard.attempt set status = 'cancelled',"
             " completed_at = now()")
    site.run("update trainyard.job set status = 'cancelled',"
             " completed_at = now()")
    site.dispatcher().await_line("nobody waits for is killed", job)
    await_gone(runner)
    await_gone(keeper)


def test_a_keeper_that_hangs_is_killed_with_its_runner(site):
    gate = site.gate()
    d = site.dispatcher(grace_seconds=0)
    job = site.job(START, {"child": False}, {"gate": gate.path}, END)
    site.under_way(job, gate)
    keeper, runner = site.keeper(job)
    os.kill(keeper, signal.SIGSTOP)
    site.cancel(job)
    d.await_line("cancelling", job)
    site.await_status(job, "cancelled")
    await_gone(keeper)
    await_gone(runner)


def test_processes_that_left_the_group_end_with_the_runner(site):
    gate = site.gate()
    site.dispatcher()
    job = site.job(START, {"child": True}, {"child": False},
                   {"gate": gate.path}, END)
    gate.reached()
    _, runner = site.keeper(job)
    with open(f"/proc/{runner}/task/{runner}/children") as f:
        children = [int(pid) for pid in f.read().split()]
    assert len(children) == 2
    gate.open()
    site.await_status(job, "completed")
    for child in children:
        await_gone(child)


def test_postgresql_restarts_while_jobs_run(site):
    gate = site.gate()
    d = site.dispatcher(lease_seconds=3)
    job = site.job(START, {"gate": gate.path}, line("while away"), END)
    gate.reached()
    keeper, runner = site.keeper(job)
    at = d.await_line("started job=")
    site.cluster.server("--kill")
    gate.open()
    await_gone(runner)
    d.await_line("the database is away", since=at)
    site.cluster.server("--start")
    site.reconnect()
    d.await_line("the database is back")
    site.await_status(job, "completed")
    assert site.attempts(job) == [(1, "completed")]
    assert site.logs(job) == ["started", "while away", "over"]
    again = site.job(START, END)
    site.await_status(again, "completed")
    assert d.process.poll() is None


def test_broken_connections_come_back(site):
    d = site.dispatcher()
    for _ in range(5):
        site.break_connections()
        job = site.job(START, END)
        site.await_status(job, "completed")
    assert d.process.poll() is None


def test_a_lease_lost_while_postgresql_was_away_stops_the_run(site):
    gate = site.gate()
    d = site.dispatcher()
    job = site.job(START, {"gate": gate.path}, END)
    site.under_way(job, gate)
    _, runner = site.keeper(job)
    d.stop_clock()
    # as another dispatcher's housekeeping does
    site.run("update trainyard.attempt set status = 'lost',"
             " completed_at = now()")
    site.run("update trainyard.job set status = 'queued', attempt = 2,"
             " started_at = null")
    site.run("update trainyard.job set status = 'cancelled',"
             " completed_at = now()")
    site.break_connections()
    d.kill(signal.SIGCONT)
    d.await_line("superseded attempt", job)
    await_gone(runner)
    assert site.attempts(job) == [(1, "lost")]


def test_cancel_stops_a_runner_that_ends_by_itself(site):
    gate = site.gate()
    site.dispatcher()
    job = site.job({"on_term": 3}, START, {"gate": gate.path}, END)
    site.under_way(job, gate)
    site.cancel(job)
    site.await_status(job, "cancelled")
    assert site.attempts(job) == [(1, "cancelled")]
    assert site.value("select error from trainyard.job") is None


def test_cancel_kills_a_runner_that_does_not_listen(site):
    gate = site.gate()
    site.dispatcher(grace_seconds=1)
    job = site.job({"ignore": signal.SIGTERM}, START, {"child": False},
                   {"gate": gate.path}, END)
    site.under_way(job, gate)
    _, runner = site.keeper(job)
    site.cancel(job)
    site.await_status(job, "cancelled")
    await_gone(runner)


def test_cancel_reaches_a_dispatcher_that_was_not_told(site):
    gate = site.gate()
    site.dispatcher(lease_seconds=3)
    job = site.job({"on_term": 0}, START, {"gate": gate.path}, END)
    site.under_way(job, gate)
    site.run("update trainyard.job set cancel_requested_at = now()")
    site.await_status(job, "cancelled")


def test_an_end_that_comes_before_the_stop_completes_the_job(site):
    gate = site.gate()
    d = site.dispatcher()
    job = site.job({"ignore": signal.SIGTERM}, START, {"gate": gate.path},
                   END)
    site.under_way(job, gate)
    site.cancel(job)
    d.await_line("cancelling", job)
    gate.open()
    site.await_status(job, "completed")


def test_an_error_after_a_cancel_is_a_cancellation(site):
    gate = site.gate()
    d = site.dispatcher()
    job = site.job({"ignore": signal.SIGTERM}, START, {"gate": gate.path},
                   {"event": {"event_type": "training_error",
                              "error": "stopped"}})
    site.under_way(job, gate)
    site.cancel(job)
    d.await_line("cancelling", job)
    gate.open()
    site.await_status(job, "cancelled")
    assert site.value("select error from trainyard.job") is None


def test_a_claim_that_is_cancelled_at_once_is_stopped(site):
    gate = site.gate()
    d = site.dispatcher()
    # no event yet: the job still shows as queued
    job = site.job({"gate": gate.path}, START, END)
    gate.reached()
    _, runner = site.keeper(job)
    assert site.status(job) == "claimed"
    site.cancel(job)
    assert site.status(job) == "cancelled"
    d.await_line("cancelled before it began", job)
    await_gone(runner)
    assert site.status(job) == "cancelled"
    assert site.attempts(job) == [(1, "cancelled")]
    assert not d.has("superseded")


def test_a_job_that_takes_too_long_fails(site):
    gate = site.gate()
    site.dispatcher()
    # long enough for Python to start
    job = site.job(START, {"gate": gate.path}, END, timeout=10)
    gate.reached()
    _, runner = site.keeper(job)
    site.await_status(job, "failed")
    assert site.one("select error, error_type from trainyard.job") == (
        "timed out after 10 s", "timeout_error")
    await_gone(runner)
    assert ends(site, job) == 1


def test_time_goes_on_while_nobody_watches(site):
    gate = site.gate()
    first = site.dispatcher()
    job = site.job(START, {"gate": gate.path}, END, timeout=2)
    site.await_sql("select count(*) = 1 from trainyard.attempt")
    first.end(signal.SIGKILL)
    site.await_sql("select clock_timestamp() > claimed_at"
                   " + interval '2 s' from trainyard.attempt")
    site.dispatcher()
    site.await_status(job, "failed")
    assert site.value("select error from trainyard.job") == \
        "timed out after 2 s"


def test_a_database_without_the_schema_is_refused(site, cluster):
    cluster.connect("postgres", "postgres").cursor().execute(
        "create database empty_one owner trainyard_owner")
    d = site.dispatcher(ready=False, database_dispatcher='"%s"' % cluster.dsn(
        "trainyard_dispatch", "empty_one"))
    assert d.process.wait(60) == 1
    d.reader.join()
    assert d.has("schema", 'run "trainyard migrate"')


def test_a_database_that_is_away_at_the_start_is_waited_for(site):
    site.cluster.server("--stop")
    d = site.dispatcher(ready=False)
    d.await_line("the database is away")
    site.cluster.server("--start")
    site.reconnect()
    d.await_line("ready worker=")
    job = site.job(START, END)
    site.await_status(job, "completed")
