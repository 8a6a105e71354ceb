# SPDX-License-Identifier: BSD-2-Clause
"""Everything is killed at random, and every job still ends exactly once."""
import os
import random
import signal
import time

from dispatchers import alive
from hosted import await_true

JOBS = 24
LINES = 30
ROUNDS = 40


def steps():
    made = [{"event": {"event_type": "training_start"}}]
    for n in range(LINES):
        made += [{"work": 0.02}, {"print": f"line {n}\n"},
                 {"event": {"event_type": "step_complete",
                            "data": {"step": n},
                            "metrics": {"steps": [n]}}}]
        if n % 10 == 5:
            made.append({"checkpoint": f"c{n}"})
    return made + [{"event": {"event_type": "training_end"}}]


def running(site):
    """Keepers and runners that are at work."""
    for file in site.data.glob("work/*/*/keeper"):
        keeper, runner = map(int, file.read_text().split()[:2])
        if alive(keeper) or alive(runner):
            yield keeper, runner


def strike(site, rnd, dispatchers):
    """Kills something; what was a dispatcher is started again."""
    what = rnd.choice(["dispatcher", "keeper", "runner", "connections"])
    if what == "dispatcher":
        at = rnd.randrange(len(dispatchers))
        dispatchers[at].end(signal.SIGKILL)
        dispatchers[at] = site.dispatcher(slots=6, lease_seconds=3)
    elif what == "connections":
        site.break_connections()
    else:
        alive = sorted(running(site))
        if alive:
            try:
                os.kill(rnd.choice(alive)[what == "runner"], signal.SIGKILL)
            except ProcessLookupError:
                pass  # it has just ended


def test_random_kills_leave_each_job_with_one_end(site):
    rnd = random.Random(20261123)
    dispatchers = [site.dispatcher(slots=6, lease_seconds=3)
                   for _ in range(2)]
    jobs = [site.job(*steps()) for _ in range(JOBS)]
    for _ in range(ROUNDS):
        strike(site, rnd, dispatchers)
        time.sleep(rnd.uniform(0, 0.2))
    for job in jobs:
        site.await_sql("select completed_at is not null from trainyard.job"
                       " where id = %s", job)
    for job in jobs:
        ends = [s for s in site.statuses(job)
                if s in ("completed", "failed", "cancelled")]
        assert len(ends) == 1
        attempts = site.attempts(job)
        assert [n for n, _ in attempts] == list(range(1, len(attempts) + 1))
        assert all(s == "lost" for _, s in attempts[:-1])
        assert attempts[-1][1] == ends[0]
        check_lines(site, job, attempts)
    for d in dispatchers:
        assert d.end() == 0
    # who has said its last word may still be on its way out
    await_true(lambda: not list(running(site)), "the end of all runners")


def check_lines(site, job, attempts):
    """Each attempt's lines once, in order and without gaps."""
    for number, status in attempts:
        lines = [m for m, in site.run(
            "select message from trainyard.job_log where job_id = %s and"
            " attempt = %s and message like 'line %%' order by seq", job,
            number)]
        assert lines == [f"line {n}" for n in range(len(lines))]
        got = [n for points, in site.run(
            "select points from trainyard.job_series where job_id = %s and"
            " attempt = %s and key = 'steps' order by seq", job, number)
            for n in points]
        assert got == list(range(len(got)))
        if status == "completed":
            assert len(lines) == len(got) == LINES
