# SPDX-License-Identifier: BSD-2-Clause
"""Two hosts against one: namespaces of this machine, so on the same cores."""

import concurrent.futures
import contextlib
import dataclasses
import json
import os
import pathlib
import sys
import tempfile
import time

from . import hosted
from .measure import compare, wrk

JOBS = "/api/v1/org/acme/ws/main/training/jobs"
ENDED = 300     # jobs of one turn
QUICK = """#!/bin/sh
printf '{"event_type":"training_end"}\\n'
"""


@contextlib.contextmanager
def site(ctx, runner: str, kinds: tuple, *settings: str):
    """Two hosts, their database and a front; None where there can be none.

    runner: the script that hosted jobs of these kinds run.
    """
    os.environ["TRAINYARD_BUILD"] = str(pathlib.Path(
        ctx.stack.build).resolve())
    tests = str(pathlib.Path(__file__).resolve().parents[2] / "tests")
    if tests not in sys.path:
        sys.path.insert(0, tests)
    import hosts  # pylint: disable=import-outside-toplevel,import-error

    if why := hosts.why_not():
        ctx.say(f"\nno bench with several hosts: {why}")
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="trainyard-hosts-") as folder:
        os.chmod(folder, 0o711)
        script = pathlib.Path(folder, "runner")
        script.write_text(runner.replace("@folder@", folder))
        script.chmod(0o755)
        made = hosts.Hosts(
            folder, "queue_quota=0", *settings,
            *(f"runner_{kind}={script}" for kind in kinds))
        try:
            made.query = Asker(made)
            furnish(made)
            yield made
        finally:
            made.close()


def furnish(made) -> None:
    """What the bodies of hosted.py name."""
    with made.caller() as client:
        for path, data in (
                ("capability/assistant/1.2.0", b"be kind"),
                ("dataset/tickets/2026.03", b'{"prompt": "a"}\n'),
                ("task/find-flag/3", json.dumps(hosted.TASK).encode())):
            reply = client.request(
                "PUT", f"/api/v1/org/acme/ws/main/artifacts/{path}", data)
            if reply.status_code != 201:
                raise SystemExit(reply.text)


def creates(made, urls, seconds: float) -> float:
    """Of all together; connections are shared out evenly."""
    body = made.folder / "rl.json"
    body.write_text(json.dumps(hosted.RL))
    inside = ("ip", "netns", "exec", made.client)

    def one(url: str) -> float:
        return wrk(url + JOBS, seconds, made.token, method="POST",
                   body=body, connections=64 // len(urls), within=inside)

    with concurrent.futures.ThreadPoolExecutor(len(urls)) as pool:
        return sum(pool.map(one, urls))


class Asker:
    """The bench's own session, which counts what it asks."""

    def __init__(self, made):
        self.conn = made.db.connect()
        self.asked = 0

    def __call__(self, sql: str, *values) -> list:
        self.asked += 1
        with self.conn.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []


def lives(made, hosts) -> float:
    """Jobs a second from the first claim to the last end."""
    for host in made.hosts:
        host.stop("dispatcher")
    with made.caller() as client:
        ids = [client.post(JOBS, hosted.SFT).json()["id"]
               for _ in range(ENDED)]
    for host in hosts:
        host.start("dispatcher")
    took = [(0, None)]
    while took[0][0] < ENDED:
        time.sleep(0.2)
        took = made.query(
            "select count(j.completed_at), extract(epoch from"
            " max(j.completed_at) - min(a.claimed_at)) from trainyard.job j"
            " left join trainyard.attempt a on a.workspace_id ="
            " j.workspace_id and a.job_id = j.id"
            " where j.id = any(%s::uuid[])", ids)
    return ENDED / float(took[0][1])


def out(ctx, bench) -> None:
    """A second host takes little away; what it brings, these cores hide.

    A little: two writers make smaller groups than one.
    """
    with site(ctx, QUICK, ("tinker_sft",), "slots=8") as made:
        if made is None:
            return
        a, both = made.hosts[:1], made.hosts
        urls = [host.url for host in both]
        compare(ctx, bench, {
            "two hosts": lambda s: creates(made, urls, s),
            "one host": lambda s: creates(made, urls[:1], s),
            "two hosts behind the front": lambda s: creates(
                made, [f"https://{made.front.where}"], s)})
        compare(ctx, dataclasses.replace(
            bench, what=f"{ENDED} SFT jobs whose runner ends at once, 8 slots"
            " a host", unit="jobs/s"), {
                "two hosts": lambda _: lives(made, both),
                "one host": lambda _: lives(made, a)})
