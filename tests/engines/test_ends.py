# SPDX-License-Identifier: BSD-2-Clause
"""Jobs that end together."""
import contextlib
import os
import pathlib
import signal
import time

import pytest

from dispatchers import await_gone
from hosted import await_true

# epoll_wait, or the epoll_pwait that stands for it
WAITING = {"232", "281"} if os.uname().machine == "x86_64" else {"22"}
LOOK_EVERY = 1      # seconds between a dispatcher's looks at a run
START = {"event": {"event_type": "training_start", "message": "started"}}


def end(message):
    return {"event": {"event_type": "training_end", "message": message}}


def stop_between_turns(dispatcher):
    """Stopped where it waits: when it goes on a whole turn begins."""

    def stopped():
        dispatcher.stop_clock()
        call = pathlib.Path(
            f"/proc/{dispatcher.process.pid}/syscall").read_text().split()[0]
        if call not in WAITING:
            dispatcher.kill(signal.SIGCONT)
        return call in WAITING

    await_true(stopped, "a wait")


@contextlib.contextmanager
def ending_together(site, *words):
    """Jobs that end, with these words, when the dispatcher looks away."""
    dispatcher = site.dispatcher()
    gates = [site.gate() for _ in words]
    jobs = [site.job(START, {"gate": gate.path}, end(word))
            for gate, word in zip(gates, words)]
    for job, gate in zip(jobs, gates):
        site.under_way(job, gate)
    keepers = [site.keeper(job)[0] for job in jobs]
    stop_between_turns(dispatcher)
    yield jobs
    for gate in gates:
        gate.open()
    for keeper in keepers:
        await_gone(keeper)
    # its first turn is one without news, and looks at runs that are due: all
    time.sleep(LOOK_EVERY)
    dispatcher.kill(signal.SIGCONT)


def test_ends_that_are_found_together_share_a_commit(site):
    with ending_together(site, "a", "b", "c", "d") as jobs:
        pass
    for job in jobs:
        site.await_status(job, "completed")
    assert site.run("select count(distinct xmin::text) from trainyard.job"
                    " where id = any (%s::uuid[])", jobs) == [(1,)]
    assert [site.attempts(job) for job in jobs] == [[(1, "completed")]] * 4
    assert [site.logs(job)[-1] for job in jobs] == ["a", "b", "c", "d"]


def test_the_end_of_a_superseded_attempt_changes_nothing(site):
    with ending_together(site, "a", "b", "c") as jobs:
        site.run("update trainyard.attempt set status = 'lost',"
                 " completed_at = now() where job_id = %s", jobs[1])
        site.run("update trainyard.job set status = 'queued', attempt = 2,"
                 " started_at = null where id = %s", jobs[1])
    for job in jobs[0], jobs[2]:
        site.await_status(job, "completed")
    site.dispatchers[0].await_line("superseded", jobs[1])
    assert site.attempts(jobs[1])[0] == (1, "lost")
    assert "b" not in site.logs(jobs[1])


@pytest.mark.parametrize("place", range(3))
def test_an_end_that_cannot_be_written_does_not_keep_others(site, place):
    site.run("alter table trainyard.job_log add check (message <> 'no')")
    words = ["a", "b", "c"]
    words[place] = "no"
    with ending_together(site, *words) as jobs:
        pass
    for job in jobs:
        site.await_status(job, "completed")
    assert [site.logs(job)[-1] for job in jobs] == [
        "started" if word == "no" else word for word in words]
