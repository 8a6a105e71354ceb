# SPDX-License-Identifier: BSD-2-Clause
"""Checkpoints of a runner that shares no files: kept as artifacts."""
from __future__ import annotations

import os
import pathlib
from typing import Any

from .policy import Policy
from .protocol import Job, JobError, Stopped
from .server import Refused, Unanswered


class Kept:
    """A policy whose checkpoints are stored, and found, by the API."""

    def __init__(self, policy: Policy, job: Job) -> None:
        self._policy = policy
        self._job = job

    def __getattr__(self, name: str) -> Any:
        return getattr(self._policy, name)

    def save(self, name: str, state: dict[str, object]) -> str:
        made = self._policy.save(name, state)
        if "://" in made:
            return made  # kept by whoever trains
        path = pathlib.Path(made)
        job = self._job
        try:
            address = job.server.store("checkpoint", f"job-{job.id}",
                                       f"{job.attempt}-{name}", path)
        except Refused as no:
            if no.status == 401:
                raise Stopped(str(no)) from None
            raise JobError(f"checkpoint {name} was not taken: {no}") from None
        except Unanswered as why:
            raise Stopped(f"no answer from the server: {why}") from None
        os.unlink(path)
        return address

    def restore(self, address: str) -> dict[str, object]:
        if not address.startswith("artifact://"):
            return self._policy.restore(address)
        try:
            path = self._job.server.fetch_address(
                address, self._job.workdir / "data")
        except (Refused, Unanswered) as why:
            raise Stopped(f"checkpoint {address}: {why}") from None
        if path is None:
            raise JobError(f"checkpoint {address} is not there any more")
        return self._policy.restore(str(path))
