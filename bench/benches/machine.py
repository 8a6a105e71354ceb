# SPDX-License-Identifier: BSD-2-Clause
"""Bytes, start-up and memory."""

import os
import pathlib
import statistics
import subprocess
import time

from . import hosted
from .measure import compare, number, table, wrk

SIZE = 64 << 20


def curl(stack, *words) -> float:
    """MB a second of one transfer."""
    out = subprocess.run(
        ["curl", "-sS", "--fail", "--http1.1", "-o", "/dev/null", "--cacert",
         stack.env["TRAINYARD_CA"], "-H", "Authorization: Bearer "
         + stack.token, "-w", "%{time_total}", *words],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    return SIZE / 1e6 / float(out)


def repeated(seconds: float, once) -> float:
    """The median of what fits into so many seconds, one at least."""
    until, values = time.monotonic() + seconds, []
    while not values or time.monotonic() < until:
        values.append(once())
    return statistics.median(values)


def blob(n: int) -> bytes:
    return n.to_bytes(8, "big") + b"\xa5" * (SIZE - 8)


def upload(ctx, bench) -> None:
    """Every upload is of other bytes: hashed, synced, and made known."""
    stack, count = ctx.stack, iter(range(1 << 30))
    static = stack.static(b"")

    def ours() -> float:
        n = next(count)
        path = stack.file("blob", blob(n))
        return curl(stack, "-T", path,
                    f"{stack.url}{stack.base}/artifacts/other/b{n}/1")

    def theirs() -> float:
        path = stack.file("blob", blob(next(count)))
        return curl(stack, "-T", path, static + "/up/file-up")

    compare(ctx, bench, {
        "trainyard": lambda s: repeated(s, ours),
        "nginx, PUT without hash and sync": lambda s: repeated(s, theirs)})


def download(ctx, bench) -> None:
    stack = ctx.stack
    stack.publish("other", "download", "1", blob(1 << 40))
    static = stack.static(blob(1 << 40))
    ours = f"{stack.url}{stack.base}/artifacts/other/download/1/content"
    compare(ctx, bench, {
        "trainyard": lambda s: repeated(s, lambda: curl(stack, ours)),
        "nginx, static": lambda s: repeated(
            s, lambda: curl(stack, static + "/file"))})


def responder(stack) -> int:
    """Its process."""
    return int((stack.folder / "pids/responder").read_text().split()[0])


def resident(pid: int) -> float:
    """MiB."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit(f"no process {pid}")


def startup(ctx, bench) -> None:
    """From the process to the first answer of /readyz through nginx.

    Cold: the program's pages are dropped before, as far as the system lets
    us.
    """
    stack = ctx.fresh()
    tool = str(stack_script())
    figures = {"warm": [], "cold": []}
    for _ in range(ctx.rounds):
        for label, values in figures.items():
            subprocess.run([tool, "stop", stack.folder, "responder"],
                           check=True)
            if label == "cold":
                drop(pathlib.Path(stack.build) / "trainyard-fcgi")
            values.append(ready(stack, tool))
    table(ctx, bench, figures)


def stack_script() -> pathlib.Path:
    return pathlib.Path(__file__).resolve().parents[2] / "tests/stack"


def drop(path: pathlib.Path) -> None:
    """Out of the page cache."""
    with open(path, "rb") as f:
        os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def ready(stack, tool: str) -> float:
    """Milliseconds since the process began."""
    run = subprocess.Popen([tool, "start", stack.folder, "responder"])
    begun, start = None, time.monotonic()
    while time.monotonic() < start + 60:
        if begun is None:
            try:
                begun = born(responder(stack))
            except (OSError, ValueError):
                continue
        answer = subprocess.run(
            ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}",
             "--cacert", stack.env["TRAINYARD_CA"], stack.url + "/readyz"],
            stdout=subprocess.PIPE, text=True, check=False).stdout
        if answer == "200":
            took = (time.clock_gettime(time.CLOCK_BOOTTIME) - begun) * 1000
            run.wait()
            return took
    raise SystemExit("the responder does not answer")


def born(pid: int) -> float:
    """Seconds since boot when a process began."""
    words = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
    return int(words.split()[19]) / os.sysconf("SC_CLK_TCK")


def memory(ctx, bench) -> None:
    """Of the responder, after each tenth of the requests."""
    stack = ctx.fresh("slots=0")
    hosted.furnish(stack)
    job = stack.call("POST", stack.jobs, hosted.SFT)["id"]
    body = stack.file("sft.json", hosted.SFT)
    pid = responder(stack)
    seen, done = [], 0
    while done < ctx.requests:
        begun = done
        while done < min(ctx.requests, begun + ctx.requests / 10):
            done += wrk(stack.jobs, 1, stack.token, method="POST", body=body)
            done += wrk(f"{stack.jobs}/{job}", 1, stack.token)
            done += wrk(stack.jobs, 1, stack.token)
        seen.append(resident(pid))
    table(ctx, bench, {"at the end": seen[-1:]})
    ctx.say(f"  {'after the first tenth':<36}" + number(seen[0])
            + f"   {done:.0f} requests")
