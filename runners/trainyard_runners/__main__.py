# SPDX-License-Identifier: BSD-2-Clause
"""Trains the job that TRAINYARD_JOB names: python3 -m trainyard_runners."""
from __future__ import annotations

import os
import sys

from .protocol import Job, JobError, Reporter, Stopped, reporter
from .rl import Rl
from .sft import Sft

#: sysexits(3) EX_TEMPFAIL: the attempt is lost, the job may run again
TRY_AGAIN = 75


def train(job: Job, report: Reporter) -> None:
    loop = Sft(job, report) if job["trainer_type"] == "sft" \
        else Rl(job, report)
    # small models are fastest on one thread, and give the same sums each time
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    try:
        from .local import LocalPolicy  # torch takes seconds to load
    except ModuleNotFoundError as missing:
        raise JobError(
            f"the runner lacks the Python module {missing.name}: on Debian, "
            "apt-get install python3-torch libopenblas0-pthread") from None
    loop.run(LocalPolicy(
        job.model, loop.texts(), seed=job.seed,
        rank=job.value("lora_rank", 16), alpha=job.config.get("lora_alpha"),
        folder=job.workdir, reference=job["algorithm"] == "grpo"))


def main() -> int:
    try:
        job = Job()
    except JobError as error:
        print(f"trainyard-runner: {error}", file=sys.stderr)
        return 1
    report = reporter(job)
    report.listen()
    try:
        try:
            train(job, report)
        except JobError as error:
            report.error(str(error))
            return 1
    except Stopped as why:
        print(f"stopped: {why}", file=sys.stderr)
        return TRY_AGAIN
    return 0


if __name__ == "__main__":
    sys.exit(main())
