# SPDX-License-Identifier: BSD-2-Clause
"""Where the processor time of a claim and an end goes."""

import statistics

from . import queue
from .measure import table

# What is taken away, one after the other.
PARTS = {
    "history and legality (job_updated)":
        "alter table trainyard.job disable trigger job_updated",
    "indexes of finished jobs, by word":
        "drop index trainyard.job_done_word_idx",
    "indexes of finished jobs, the others":
        "do $$ declare i regclass; begin for i in select x.indexrelid"
        " from pg_index x where x.indrelid = 'trainyard.job'::regclass"
        " and x.indexrelid::regclass::text like '%job_done%' loop"
        " execute 'drop index ' || i; end loop; end $$",
}


def spent(ctx, stack) -> float:
    """Microseconds of the database for a job."""
    return statistics.median(queue.turn(stack, ctx.seconds)[1] * 1e6
                             for _ in range(ctx.rounds))


def claim(ctx, bench) -> None:
    """What the database spends less for each job without it."""
    stack = queue.ready(ctx)
    queue.turn(stack, 1)
    figures = {"a claim and an end": [spent(ctx, stack)]}
    left = figures["a claim and an end"][0]
    for label, sql in PARTS.items():
        stack.psql(sql)
        now = spent(ctx, stack)
        figures[label] = [left - now]
        left = now
    figures["the rest: keys, locks, versions, log"] = [left]
    table(ctx, bench, figures)
