# SPDX-License-Identifier: BSD-2-Clause
"""Where the processor time of a request goes: by program, for each kind."""

import os
import time

from . import hosted
from .measure import table

# part of a stack, and what the table calls it
PARTS = {"nginx": "nginx", "responder": "responder",
         "postgres": "PostgreSQL"}
WRK = "wrk"


def snapshot(stack) -> dict:
    """Processor seconds until now, by label."""
    times = os.times()
    return {**{label: stack.processor_seconds(part)
               for part, label in PARTS.items()},
            WRK: times.children_user + times.children_system}


def measured(stack, run, seconds: float) -> dict:
    """Microseconds a request, by label; all cores' rest is idle's."""
    before, began = snapshot(stack), time.monotonic()
    count = run(seconds) * seconds
    took = time.monotonic() - began
    spent = {label: now - before[label]
             for label, now in snapshot(stack).items()}
    spent["idle, and what else ran"] = max(
        0, took * os.cpu_count() - sum(spent.values()))
    return {label: s * 1e6 / count for label, s in spent.items()}


def requests(ctx, bench) -> None:
    stack = ctx.stack
    figures = {}
    for kind, run in hosted.requests(stack).items():
        run(min(1, ctx.seconds))
        for _ in range(ctx.rounds):
            for label, us in measured(stack, run, ctx.seconds).items():
                figures.setdefault(f"{kind}: {label}", []).append(us)
    table(ctx, bench, figures, ratios=False)
