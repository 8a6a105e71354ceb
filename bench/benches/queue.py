# SPDX-License-Identifier: BSD-2-Clause
"""The queue: claims and completions, and how soon an idle dispatcher looks."""

import json
import multiprocessing
import os
import re
import statistics
import subprocess
import time

from . import hosted
from .measure import HERE, compare, number, table

WORKERS = 4
BATCH = 500     # CLAIM_MOST of dispatch/claim.c
KINDS = ("judge", "tinker_sft", "tinker_rl", "ray_grpo")


def statement(name: str) -> str:
    """The very text that the dispatcher runs, for psycopg2."""
    text = (HERE.parent / "sql/queries.sql").read_text()
    text = text.split(f"\n-- {name} --\n")[1].split("\n\n-- ")[0]
    return re.sub(r"^ *--.*\n", "", text + "\n", flags=re.M)


def array(values) -> str:
    return "{" + ",".join("NULL" if v is None else f'"{v}"'
                          for v in values) + "}"


def work(stack, seconds: float, done) -> None:
    """One dispatcher: claims a batch behind its watermark, ends it.

    As failed: a job that has not reported yet cannot have completed.
    """
    conn = stack.connect()
    cursor = conn.cursor()
    marks = {(k, p): 0 for k in KINDS for p in (1, 0, -1)}
    cursor.execute("prepare claim as " + statement("job_claim"))
    cursor.execute("prepare finish as " + statement("attempt_finish"))
    ended, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        cursor.execute(
            "execute claim (%s, %s, %s, %s, 'bench', 'local', '60')",
            (array(k for k, _ in marks), array(p for _, p in marks),
             array(marks.values()), str(BATCH)))
        rows = cursor.fetchall()
        if not rows:
            raise SystemExit("the queue of the bench ran dry")
        for row in rows:
            # a little behind, as there: ids are not committed in order
            marks[row[3], row[6]] = max(marks[row[3], row[6]],
                                        row[7] - 20 * BATCH)
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
        ended += n
    done.put(ended)


def fill(stack, n: int) -> None:
    """Queued jobs, as many more as there are to be.

    Each is what POST made of hosted.SFT, with an id as the responder makes
    them: they grow with time (UUIDv7).
    """
    same = stack.psql(
        "select string_agg(format('%I', attname), ', ' order by attnum)"
        " from pg_attribute where attrelid = 'trainyard.job'::regclass"
        " and attnum > 0 and not attisdropped and attname not in ('id',"
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


def turn(stack, seconds: float) -> float:
    """Jobs a second that WORKERS dispatchers claim and complete."""
    fill(stack, int(40000 * seconds) + 10 * BATCH * WORKERS)
    done = multiprocessing.Queue()
    workers = [multiprocessing.Process(target=work,
                                       args=(stack, seconds, done))
               for _ in range(WORKERS)]
    start = time.monotonic()
    for w in workers:
        w.start()
    for w in workers:
        w.join()
        if w.exitcode != 0:
            raise SystemExit("a worker of the bench failed")
    took = time.monotonic() - start
    return sum(done.get() for _ in workers) / took


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


def claim(ctx, bench) -> None:
    stack = ctx.fresh("slots=0")
    hosted.furnish(stack)
    stack.call("POST", stack.jobs, hosted.SFT)
    compare(ctx, bench, {
        "trainyard, fenced": lambda s: turn(stack, s),
        "graphile-worker": node(stack, "graphile"),
        "pg-boss": node(stack, "pgboss")})


def held(ctx, bench) -> None:
    """Rates while another session holds a snapshot; the last of them count.

    The first line is the rate in the last fifth of the time, the second in
    the first fifth: the ratio says how flat it was.
    """
    stack = ctx.fresh("slots=0")
    hosted.furnish(stack)
    stack.call("POST", stack.jobs, hosted.SFT)
    turn(stack, 1)
    slices = max(5, round(ctx.hold / 2))
    with stack.connect() as conn, conn.cursor() as cursor:
        conn.autocommit = False
        cursor.execute("set transaction isolation level repeatable read")
        cursor.execute("select count(*) from trainyard.workspace")
        rates = [turn(stack, ctx.hold / slices) for _ in range(slices)]
        conn.rollback()
    fifth = max(1, slices // 5)
    table(ctx, bench, {"last fifth": rates[-fifth:],
                       "first fifth": rates[:fifth]})


def pickup(ctx, bench) -> None:
    """From the row to the claim, by the server's clock."""
    stack = ctx.fresh("slots=64", "runner_tinker_sft=/bin/true")
    hosted.furnish(stack)
    waits = []
    for _ in range(max(20, int(ctx.rounds * ctx.seconds * 4))):
        job = stack.call("POST", stack.jobs, hosted.SFT)["id"]
        took = ""
        while not took:
            took = stack.psql(
                "select extract(epoch from a.claimed_at - j.created_at)"
                " * 1000 from trainyard.attempt a join trainyard.job j"
                " on j.workspace_id = a.workspace_id and j.id = a.job_id"
                f" where j.id = '{job}' and a.number = 1")
        waits.append(float(took))
    waits.sort()
    p99 = waits[min(len(waits) - 1, round(0.99 * len(waits)))]
    table(ctx, bench, {"p99": [p99]})
    ctx.say(f"  {'median of ' + str(len(waits)) + ' jobs':<36}"
            + number(statistics.median(waits)))
