# SPDX-License-Identifier: BSD-2-Clause
"""The benches, in the order in which they run."""

import dataclasses
import typing

from . import (cost, growth, hosted, judge, machine, parted, queue, queue_cost,
               request_cost, scale)


@dataclasses.dataclass
class Bench:
    name: str
    what: str
    unit: str
    run: typing.Callable
    # by label of a contender: the least ratio of ours to it
    targets: dict = dataclasses.field(default_factory=dict)
    limit: float | None = None      # what our own median must reach
    sign: str = ">="                # "<=": less is better


BENCHES = [
    Bench("create", "hosted SFT jobs, every row durable, nginx + TLS, 64"
          " connections", "creates/s", hosted.create,
          {"pgbench, single-row insert": 1.0, "FastAPI": 5.0}),
    Bench("create-kinds", "jobs of every kind, the same way", "creates/s",
          hosted.create_kinds),
    Bench("get", "one job, nginx + TLS, 64 connections", "GETs/s",
          hosted.get, {"FastAPI": 6.0}),
    Bench("list", "a page of 20 jobs, the same way", "GETs/s", hosted.listed),
    Bench("poll", "one job that has not changed: 304, the same way",
          "GETs/s", hosted.poll),
    Bench("progress", "events of 128 running jobs, durable and fenced",
          "events/s", hosted.progress, {"trainyard, creates": 1.0}),
    Bench("request-cost", "processor time of each program for one of them",
          "us", request_cost.requests, sign="<="),
    Bench("claim", "jobs claimed and completed in batches, durable",
          "jobs/s", queue.claim, limit=25000),
    Bench("claim-held", "the same while another session holds a snapshot",
          "jobs/s", queue.held, {"first fifth": 0.9}),
    Bench("claim-cost", "processor time of the database for each of them",
          "us", queue_cost.claim, sign="<="),
    Bench("pickup", "a new job's wait for an idle dispatcher", "ms",
          queue.pickup, limit=50, sign="<="),
    Bench("evaluate", "evaluations, every row durable, 64 connections",
          "posts/s", judge.evaluate),
    Bench("feedback", "entries in batches of 100, durable", "entries/s",
          judge.feedback),
    Bench("training", "a judge over 50 epochs, the whole program; processor"
          " seconds", "s",
          judge.training, {"scikit-learn SGD": 5.0}, sign="<="),
    Bench("upload", "an artifact of 64 MiB, hashed and synced", "MB/s",
          machine.upload),
    Bench("download", "an artifact of 64 MiB", "MB/s", machine.download),
    Bench("startup", "the responder until /readyz answers", "ms",
          machine.startup, limit=300, sign="<="),
    Bench("memory", "resident size of the responder after many requests",
          "MiB", machine.memory, limit=64, sign="<="),
    Bench("scale-out", "hosted RL jobs over TLS, on two hosts against one",
          "creates/s", scale.out, {"one host": 0.8}),
    Bench("job-cost", "what running jobs cost, and a prediction of it", "",
          cost.jobs),
    Bench("growth", "statements on large tables against small ones", "ms",
          growth.series, limit=1.5, sign="<="),
    Bench("partitions", "processor time of PostgreSQL's session", "us",
          parted.run, sign="<="),
]
