# SPDX-License-Identifier: BSD-2-Clause
"""What partitions by time cost those who write and who read one job.

The statements of the servers, on the tables of tests/growth (twelve partitions
that are full, and those of today), against the same on plain tables with the
same rows and keys.  The figure is processor time of PostgreSQL's session, so
that what else runs on the machine has little to say.
"""

import contextlib
import dataclasses
import itertools
import sys
import time

from .measure import HERE, compare

sys.path.insert(0, str(HERE.parent / "tests"))
from growth import cases, grown  # noqa: E402

WARM = 50       # by then a session has plans that it keeps
TABLES = ("job_log", "job_event")
LINES = [["{1,1,1,1,1}"], ["{one,two,three,four,five}"],
         ["{NULL,NULL,NULL,NULL,NULL}"]]


def plain(conn) -> None:
    """Copies without partitions, next to the tables."""
    with conn.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"""
                create table trainyard.{table}_plain (like trainyard.{table}
                    including identity including defaults
                    including constraints,
                    primary key (workspace_id, job_id, seq));
                insert into trainyard.{table}_plain overriding system value
                select * from trainyard.{table};
                alter table trainyard.{table}_plain
                    alter column seq restart with 1000000000;
                create index on trainyard.{table}_plain using brin (at)""")
        cursor.execute("analyze")


def busy(pid: int) -> float:
    """Microseconds that a process has run."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) / 1000


def timed(conn, text: str, calls: list):
    """Runs a statement for some seconds; microseconds of each call."""
    def run(seconds: float) -> float:
        with conn.cursor() as cursor:
            cursor.execute("deallocate all")
            cursor.execute("prepare s as " + text)
            ready = [cursor.mogrify("execute s(" + ", ".join(
                ["%s"] * len(values)) + ")", [
                    grown.literal(cursor, v) for v in values])
                     for values in calls]
            for call in itertools.islice(itertools.cycle(ready), WARM):
                cursor.execute(call)
            count, pid = 0, conn.info.backend_pid
            begin, end = busy(pid), time.monotonic() + seconds
            for call in itertools.cycle(ready):
                cursor.execute(call)
                count += 1
                if time.monotonic() >= end:
                    return (busy(pid) - begin) / count
        return 0
    return run


@contextlib.contextmanager
def tables():
    with grown.database() as conn:
        conn.autocommit = True
        plain(conn)
        yield conn


def whole(text: str) -> str:
    """A statement on the tables without partitions, all times of them."""
    for table in TABLES:
        text = text.replace(f"trainyard.{table}\n",
                            f"trainyard.{table}_plain\n").replace(
                                f"trainyard.{table} ",
                                f"trainyard.{table}_plain ")
    return "".join(line for line in text.splitlines(keepends=True)
                   if "::text)::timestamptz" not in line)


def report(conn) -> tuple:
    """A step with five lines, of jobs that run."""
    text = grown.STATEMENTS["attempt_report"][1]
    calls = [[[cases.Id("job", n)], *cases.REPORT[1:9], *LINES,
              *cases.REPORT[12:], [False]]
             for n in range(503, grown.ROWS, 500) if n % 10 != 9]
    return timed(conn, text, calls), timed(conn, whole(text), calls)


def page(conn, name: str, *values) -> tuple:
    """Of jobs of all ages; since and until come last where they are asked."""
    text = grown.STATEMENTS[name][1]
    jobs = [n for n in range(11, grown.ROWS, grown.ROWS // 100)
            if n % 20 not in (0, 9)]
    calls = [[cases.W, cases.Id("job", n), *values] for n in jobs]
    spans = [[cases.at(n - 60), cases.at(n + 660)] for n in jobs]
    return (timed(conn, text, [c + s for c, s in zip(calls, spans)]),
            timed(conn, whole(text), calls))


def run(ctx, bench) -> None:
    with tables() as conn:
        for what, least, pair in (
                ("a step with five lines, recorded", 0.95, report(conn)),
                ("the lines of a job", 0.67,
                 page(conn, "log_page", 0, 1000, 0, None, 4 << 20)),
                ("what happened to a job", 0.67,
                 page(conn, "job_events", 0, 100))):
            compare(ctx, dataclasses.replace(
                bench, what=f"{what}: {bench.what}",
                targets={"one table": least}),
                dict(zip(("partitions", "one table"), pair)))
