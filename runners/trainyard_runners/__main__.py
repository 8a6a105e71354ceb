# SPDX-License-Identifier: BSD-2-Clause
"""Trains the job that TRAINYARD_JOB names: python3 -m trainyard_runners."""
from __future__ import annotations

import sys

from .choose import choose
from .kept import Kept
from .protocol import Job, JobError, Reporter, Stopped, reporter
from .rl import Rl
from .sft import Sft

#: sysexits(3) EX_TEMPFAIL: the attempt is lost, the job may run again
TRY_AGAIN = 75


def train(job: Job, report: Reporter) -> None:
    loop = Sft(job, report) if job["trainer_type"] == "sft" \
        else Rl(job, report)
    policy = choose(job, report, loop.texts(), workers=loop.workers)
    loop.run(policy if job.server is None else Kept(policy, job))


def main() -> int:
    try:
        job = Job()
    except JobError as error:
        print(f"trainyard-runner: {error}", file=sys.stderr)
        return 1
    except Stopped as why:
        print(f"stopped: {why}", file=sys.stderr)
        return TRY_AGAIN
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
