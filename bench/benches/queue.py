# SPDX-License-Identifier: BSD-2-Clause
"""The queue: claims and completions, and how soon an idle dispatcher looks."""

import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import time

from . import hosted
from .measure import HERE, compare, number, table

sys.path.insert(0, str(HERE.parent / "tests"))
import statements  # noqa: E402
from statements import PLANNER  # noqa: E402

WORKERS = 4
# as in dispatch/claim.c
BATCH = 500         # CLAIM_MOST
MARK_LAG = 0.25
SCAN_EVERY = 5
SCAN_SHARE = 50
KINDS = ("judge", "tinker_sft", "tinker_rl", "ray_grpo")


def array(values) -> str:
    return "{" + ",".join("NULL" if v is None else f'"{v}"'
                          for v in values) + "}"


class Marks:
    """Where claims begin, as in dispatch/claim.c.

    A little behind what was claimed last, since ids are not committed in
    order; and now and then at the beginning, for what came later still.
    """

    def __init__(self) -> None:
        self.newest = {(k, p): 0 for k in KINDS for p in (1, 0, -1)}
        self.recent = dict(self.newest)
        self.settled = dict(self.newest)
        self.moved = 0
        self.next_scan = 0

    def claim(self, cursor) -> list:
        start = time.monotonic()
        if start - self.moved >= MARK_LAG:
            self.moved = start
            self.settled, self.recent = self.recent, dict(self.newest)
        scan = start >= self.next_scan
        cursor.execute(
            "execute claim (%s, %s, %s, %s, 'bench', 'local', '60')",
            (array(k for k, _ in self.newest),
             array(p for _, p in self.newest),
             array(0 if scan else self.settled[x] for x in self.newest),
             str(BATCH)))
        rows = cursor.fetchall()
        if scan:
            now = time.monotonic()
            self.next_scan = now + max(SCAN_EVERY, (now - start) * SCAN_SHARE)
        for row in rows:
            place = row[3], row[6]
            self.newest[place] = max(self.newest[place], row[7])
        return rows


def work(stack, start: float, seconds: float, parts: int, done) -> None:
    """One dispatcher: claims a batch behind its watermark, ends it.

    As failed: a job that has not reported yet cannot have completed.
    """
    conn = stack.connect(PLANNER)
    cursor = conn.cursor()
    marks = Marks()
    cursor.execute("prepare claim as " + statements.text("job_claim"))
    cursor.execute("prepare finish as " + statements.text("attempt_finish"))
    ended = [0] * parts
    while (now := time.monotonic() - start) < seconds:
        rows = marks.claim(cursor)
        if not rows:
            raise SystemExit("the queue of the bench ran dry")
        n = len(rows)
        none = array([None] * n)
        cursor.execute(
            "execute finish (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
            " %s)",
            (array(r[0] for r in rows), array(r[1] for r in rows),
             array(r[5] for r in rows), array(["failed"] * n),
             none, array(["bench"] * n), array(["bench_error"] * n), none,
             none, array([1] * n), none, none, none))
        if len(cursor.fetchall()) != n:
            raise SystemExit("a completion was refused")
        ended[int(now / seconds * parts)] += n
    done.put((ended, time.monotonic() - start))


def fill(stack, n: int) -> None:
    """Queued jobs, as many more as there are to be.

    Each is what POST made of hosted.SFT, with an id as the responder makes
    them: they grow with time (UUIDv7).
    """
    same = stack.psql(
        "select string_agg(format('%I', attname), ', ' order by attnum)"
        " from pg_attribute where attrelid = 'trainyard.job'::regclass"
        " and attnum > 0 and not attisdropped and attgenerated = ''"
        " and attname not in ('id',"
        " 'status', 'queue_seq', 'attempt', 'timeout_seconds', 'revision',"
        " 'created_at', 'queued_at', 'started_at', 'completed_at',"
        " 'updated_at', 'error', 'error_type', 'metrics', 'artifacts',"
        " 'progress')")
    stack.psql(f"""
        with life as materialized (
            select clock_timestamp() as at, md5(random()::text) as noise
              from generate_series(1, {n}
                   - (select count(*) from trainyard.job
                       where status = 'queued' and kind = 'tinker_sft'))
        )
        insert into trainyard.job (id, status, timeout_seconds, created_at,
            queued_at, updated_at, {same})
        select (lpad(to_hex((extract(epoch from l.at) * 1000)::bigint), 12,
                     '0') || '7' || substr(l.noise, 1, 3) || '8'
                || substr(l.noise, 4, 15))::uuid,
               'queued', 60, l.at, l.at, l.at, {same}
          from life l
         cross join (select * from trainyard.job where kind = 'tinker_sft'
                      limit 1) j""")


def turn(stack, seconds: float, parts: int = 1, most: int = 40000) -> tuple:
    """Jobs a second that WORKERS dispatchers claim and complete, by part.

    And the seconds of processor that the database took for each.
    most: jobs a second that are there to be had.
    """
    fill(stack, int(most * seconds) + 10 * BATCH * WORKERS)
    done = multiprocessing.Queue()
    used = stack.database_seconds()
    start = time.monotonic()
    workers = [multiprocessing.Process(target=work, args=(
        stack, start, seconds, parts, done)) for _ in range(WORKERS)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
        if w.exitcode != 0:
            raise SystemExit("a worker of the bench failed")
    used = stack.database_seconds() - used
    results = [done.get() for _ in workers]
    part = seconds / parts
    rates = [sum(x) / part for x in zip(*(r[0] for r in results))]
    # the last batches ended a little later
    rates[-1] *= part / (part + max(r[1] for r in results) - seconds)
    return rates, used / sum(sum(r[0]) for r in results)


def say_used(ctx, used: list) -> None:
    """What is left of a rate when others use the machine."""
    ctx.say(f"  {'us of processor a job, the database':<36}"
            + number(statistics.median(used) * 1e6))


def node(stack, name: str):
    """A peer of npm's: it fills its own queue and says jobs a second."""
    def run(seconds: float) -> float:
        out = subprocess.run(
            ["node", HERE / f"peers/queue/{name}.js"], check=True,
            stdout=subprocess.PIPE, text=True, env=dict(
                os.environ, SECONDS=str(seconds), WORKERS=str(WORKERS),
                BATCH=str(BATCH), DSN=stack.dsn_url("public"),
                NODE_PATH=str(HERE.parent / "run/bench/node_modules"))).stdout
        return json.loads(out.splitlines()[-1])["jobs_per_second"]
    return run


def ready(ctx):
    """A stack whose jobs nobody but the bench takes, and one of them."""
    stack = ctx.fresh("slots=0")
    hosted.furnish(stack)
    stack.call("POST", stack.jobs, hosted.SFT)
    return stack


def claim(ctx, bench) -> None:
    stack = ready(ctx)

    used = []

    def ours(seconds: float) -> float:
        rates, cost = turn(stack, seconds)
        used.append(cost)
        return rates[0]
    compare(ctx, bench, {
        "trainyard, fenced": ours,
        "graphile-worker": node(stack, "graphile"),
        "pg-boss": node(stack, "pgboss")})
    say_used(ctx, used[1:])


def held(ctx, bench) -> None:
    """Rates while another session holds a snapshot; the last of them count.

    The first line is the rate in the last fifth of the time, the second in
    the first fifth: the ratio says how flat it was.
    """
    stack = ready(ctx)
    rates, _ = turn(stack, 2)
    most = int(2 * rates[0])
    fifth = max(1, round(ctx.hold / 10))
    fill(stack, int(most * ctx.hold) + 10 * BATCH * WORKERS)
    # else autovacuum comes meanwhile, for millions that came at once
    stack.psql("vacuum (analyze) trainyard.job")
    stack.psql("checkpoint", superuser=True)
    with stack.connect() as conn, conn.cursor() as cursor:
        conn.autocommit = False
        cursor.execute("set transaction isolation level repeatable read")
        cursor.execute("select count(*) from trainyard.workspace")
        rates, used = turn(stack, ctx.hold, 5 * fifth, most)
        conn.rollback()
    table(ctx, bench, {"last fifth": rates[-fifth:],
                       "first fifth": rates[:fifth]})
    say_used(ctx, [used])


def pickup(ctx, bench) -> None:
    """From the row to the claim, by the server's clock.

    The next job comes when the one before has ended: a dispatcher that is
    starting a job is not idle.
    """
    stack = ctx.fresh("slots=64", "runner_tinker_sft=/bin/true")
    hosted.furnish(stack)
    cursor = stack.connect().cursor()
    waits = []
    for _ in range(max(20, int(ctx.rounds * ctx.seconds * 4))):
        job = stack.call("POST", stack.jobs, hosted.SFT)["id"]
        ended = None
        while ended is None:
            time.sleep(0.01)
            cursor.execute(
                "select extract(epoch from a.claimed_at - j.created_at)"
                " * 1000 from trainyard.attempt a join trainyard.job j"
                " on j.workspace_id = a.workspace_id and j.id = a.job_id"
                " where j.id = %s and a.number = 1"
                " and a.completed_at is not null", (job,))
            ended = cursor.fetchone()
        waits.append(float(ended[0]))
        time.sleep(0.02)    # it puts its runner away
    waits.sort()
    p99 = waits[min(len(waits) - 1, round(0.99 * len(waits)))]
    table(ctx, bench, {"p99": [p99]})
    ctx.say(f"  {'median of ' + str(len(waits)) + ' jobs':<36}"
            + number(statistics.median(waits)))
