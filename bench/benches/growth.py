# SPDX-License-Identifier: BSD-2-Clause
"""The time of every statement while the tables grow.

Statements, parameters and rows are those of tests/growth, where the plans
are tested; here they are timed, each as the median of some runs that are
rolled back.
"""

import json
import os
import statistics
import subprocess
import sys

from .measure import HERE

ROOT = HERE.parent
PROGRAM = """
import json, sys
sys.path.insert(0, {tests!r})
from growth import cases, grown
out = {{}}
with grown.database() as conn:
    for name, n in grown.CALLS:
        times = []
        for _ in range({repeats} + 1):
            said = grown.explained(conn, name, cases.CASES[name][n])
            times.append(said["Execution Time"])
        out[f"{{name}} {{n}}"] = (sorted(times[1:])[len(times[1:]) // 2],
                              grown.read_by(said["Plan"])[0])
json.dump(out, sys.stdout)
"""


def timed(rows: int, repeats: int) -> dict:
    out = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(tests=str(ROOT / "tests"),
                                              repeats=repeats)],
        check=True, stdout=subprocess.PIPE, text=True,
        env=dict(os.environ, GROWTH_ROWS=str(rows))).stdout
    return json.loads(out)


def series(ctx, bench) -> None:
    """For each size, the ratio to the first one; what grew most by name.

    Behind each are the rows it read: a count goes up to a bound, and takes
    longer where there are as many.
    """
    sizes = ctx.rows
    calls = {rows: timed(rows, ctx.rounds) for rows in sizes}
    times = {rows: {n: t for n, (t, _) in calls[rows].items()}
             for rows in sizes}
    first = times[sizes[0]]
    ctx.say(f"\n{bench.name}: {bench.what}")
    ctx.say(f"{'':<38}{'calls':>7}{'median':>11}{'slowest':>11}"
            f"{'over 1.5 x':>12}")
    for rows in sizes:
        now = times[rows]
        # what is below a tenth of a millisecond is noise
        grown = {n: now[n] / max(first[n], 0.1) for n in now
                 if now[n] > 1.5 * max(first[n], 0.1)}
        ctx.say(f"  {rows:<36d}{len(now):7d}"
                f"{statistics.median(now.values()):11.3f}"
                f"{max(now.values()):11.2f}{len(grown):12d}")
        for name in sorted(grown, key=grown.get, reverse=True)[:20]:
            ctx.say(f"    {name:<40}{first[name]:9.3f} ms{now[name]:10.3f} ms"
                    f"{grown[name]:8.1f} x  read {calls[sizes[0]][name][1]:.0f}"
                    f", {calls[rows][name][1]:.0f} rows")
