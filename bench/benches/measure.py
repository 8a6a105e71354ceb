# SPDX-License-Identifier: BSD-2-Clause
"""Load generators, and tables of what they came to."""

import dataclasses
import json
import os
import pathlib
import statistics
import subprocess

HERE = pathlib.Path(__file__).resolve().parent.parent


@dataclasses.dataclass
class Context:
    """What a bench is given."""
    stack: object           # the stack all share
    fresh: object           # fresh("name=value", ...): a stack of its own
    rounds: int
    seconds: float
    hold: float             # seconds that a snapshot is held
    requests: int           # of the memory bench
    rows: list              # sizes of the growth series
    say: object             # prints a line, into the report too


def wrk(url: str, seconds: float, token: str, *, method: str = "GET",
        body: pathlib.Path | None = None, paths: pathlib.Path | None = None,
        etag: str | None = None, prefer: str | None = None,
        connections: int = 64, within: tuple = ()) -> float:
    """Requests a second; an error status or a lost connection ends the run.

    within: a command in front, such as what enters a namespace.
    """
    environment = dict(os.environ, BENCH_METHOD=method, BENCH_TOKEN=token)
    for name, value in (("BODY", body), ("PATHS", paths), ("ETAG", etag),
                        ("PREFER", prefer)):
        if value is not None:
            environment["BENCH_" + name] = str(value)
    out = subprocess.run(
        # a peer may take more than wrk's two seconds for a page
        [*within, "wrk", "-t2", f"-c{connections}", f"-d{seconds:g}s",
         "--timeout", "10s", "--latency", "-s", HERE / "wrk.lua", url],
        env=environment, check=True, capture_output=True, text=True).stdout
    line = [x for x in out.splitlines() if x.startswith("BENCH ")][-1]
    result = json.loads(line.removeprefix("BENCH "))
    if result["bad"] or result["requests"] == 0:
        raise SystemExit(f"{url}: {result}\n{out}")
    return result["requests"] / result["seconds"]


def pgbench(stack, script: pathlib.Path, seconds: float,
            clients: int = 64) -> float:
    out = subprocess.run(
        ["pgbench", "-n", "-M", "prepared", "-f", script, "-c", str(clients),
         "-j", "2", "-T", f"{seconds:g}", stack.env["TRAINYARD_DSN"]],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in out.splitlines():
        if line.startswith("tps = "):
            return float(line.split()[2])
    raise SystemExit(out)


def insert_script(stack, table: str, row_id: str, *but: str) -> pathlib.Path:
    """An INSERT of the very row that the API made, with a new id."""
    skipped = ", ".join(f"'{c}'" for c in ("id", *but))
    columns = stack.psql(
        "select string_agg(format('%I', attname), ', ' order by attnum) "
        f"from pg_attribute where attrelid = '{table}'::regclass "
        "and attnum > 0 and not attisdropped and attgenerated = ''"
        f"and attname not in ({skipped})").split(", ")
    values = stack.psql(
        "select concat_ws(', ', " + ", ".join(
            f"quote_nullable({c})" for c in columns)
        + f") from {table} where id = '{row_id}'")
    return stack.file(
        f"insert-{table}.sql",
        f"insert into {table} (id, {', '.join(columns)})\n"
        f"values (gen_random_uuid(), {values});\n")


def compare(ctx: Context, bench, contenders: dict) -> None:
    """Every contender in every round, one after the other; prints a table.

    A contender is called with seconds and gives a figure.  The first one is
    ours; bench.targets holds, by label, the least ratio of our median to that
    contender's, bench.limit what our own median must reach.
    """
    figures = {label: [] for label in contenders}
    for run in contenders.values():
        run(min(1, ctx.seconds))
    for _ in range(ctx.rounds):
        for label, run in contenders.items():
            figures[label].append(run(ctx.seconds))
    table(ctx, bench, figures)


def table(ctx: Context, bench, figures: dict, ratios: bool = True) -> None:
    """Prints the table of these figures, label to values."""
    first = next(iter(figures))
    middle = statistics.median(figures[first])
    count = len(figures[first])
    ctx.say(f"\n{bench.name}: {bench.what}")
    ctx.say(f"{'':<38}{bench.unit:>11}{'min':>11}{'max':>11}"
            f"{'ratio':>8}{'target':>9}  ({count} rounds)")
    for label, values in figures.items():
        this = statistics.median(values)
        line = (f"  {label:<36}{number(this)}{number(min(values))}"
                f"{number(max(values))}")
        if label == first:
            if bench.limit is not None:
                line += f"{'':8}{bench.sign + f'{bench.limit:g}':>9}"
        elif ratios:
            ratio = middle / this if bench.sign == ">=" else this / middle
            line += f"{ratio:8.2f}"
            if label in bench.targets:
                line += f"{'>=' + format(bench.targets[label], 'g'):>9}"
        ctx.say(line)


def number(value: float) -> str:
    return f"{value:11.0f}" if abs(value) >= 100 else f"{value:11.2f}"
