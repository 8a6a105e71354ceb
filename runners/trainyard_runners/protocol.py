# SPDX-License-Identifier: BSD-2-Clause
"""The runner protocol: the job's document, progress events, SIGTERM.

trainyard-runner(7) describes it.  Events go to standard output, one JSON
object a line; a runner whose output nobody reads sends them to the API instead
(TRAINYARD_REPORT=api).  One that shares no files with the dispatcher gets the
job's id (TRAINYARD_JOB_ID) in place of a document, and asks the API for all.
"""
from __future__ import annotations

import atexit
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import uuid
from typing import Any, Callable, Mapping

from .server import Refused, Server, Unanswered, document


class JobError(Exception):
    """What ends the job as failed, in words for whoever made it."""


class Stopped(Exception):
    """The dispatcher wants this attempt to end."""


class Job:
    """The document of one hosted job and the environment of its attempt."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        #: where files go that the dispatcher does not share; None: it does
        self.server: Server | None = None
        self.document: dict[str, Any]
        try:
            if "TRAINYARD_JOB_ID" in environ:
                self._ask(environ)
            else:
                path = environ["TRAINYARD_JOB"]
                self.workdir = pathlib.Path(environ["TRAINYARD_WORKDIR"])
                with open(path, encoding="utf-8") as file:
                    self.document = json.load(file)
        except KeyError as missing:
            raise JobError(f"{missing.args[0]} is not set: this program is "
                           "started by trainyardd") from None
        self.attempt = int(environ.get("TRAINYARD_ATTEMPT") or 1)
        #: the newest checkpoint of a lost attempt, None to begin anew
        self.resume = environ.get("TRAINYARD_RESUME") or None
        if self.server is not None and "://" not in (self.resume or ""):
            self.resume = None  # a file of another machine
        self.config: dict[str, Any] = self.document.get("config") or {}
        self.model: str = self.document["model"]
        self.id: str = self.document["job_id"]

    def _ask(self, environ: Mapping[str, str]) -> None:
        self.workdir = pathlib.Path(tempfile.mkdtemp(prefix="trainyard-"))
        atexit.register(shutil.rmtree, self.workdir, ignore_errors=True)
        self.server = Server(environ)
        try:
            self.document = document(self.server, environ["TRAINYARD_JOB_ID"],
                                     self.workdir / "data")
        except Refused as no:
            if no.status == 401:
                raise Stopped(str(no)) from None
            raise JobError(f"the job cannot be read: {no}") from None
        except Unanswered as why:
            raise Stopped(f"no answer from the server: {why}") from None

    def __getitem__(self, key: str) -> Any:
        return self.document.get(key)

    def value(self, name: str, default: Any) -> Any:
        """A setting of the job, or what stands for its absence."""
        found = self.config.get(name)
        return default if found is None else found

    @property
    def seed(self) -> int:
        """The same for every attempt of a job, another for other jobs."""
        return uuid.UUID(self.id).int & 0x7fffffff


class Reporter:
    """Sends events and remembers whether the job may go on."""

    def __init__(self, send: Callable[[dict[str, Any]], None]) -> None:
        self._send = send
        self._stop = False

    def listen(self) -> None:
        """From now on SIGTERM asks for an end between two steps."""
        signal.signal(signal.SIGTERM, self._terminate)

    def _terminate(self, _signal: int, _frame: object) -> None:
        self._stop = True

    @property
    def stopping(self) -> bool:
        return self._stop

    def event(self, event_type: str, **members: Any) -> None:
        """One progress event; members as trainyard-runner(7) lists them."""
        self._send({"event_type": event_type, **members})

    def start(self, job: Job) -> None:
        self.event("training_start", message=f"Training started on {job.model}",
                   data={"trainer_type": job["trainer_type"],
                         "backend": job["backend"]})

    def step(self, n: int, metrics: dict[str, float | int]) -> None:
        """Metrics of step n, each one more point of its series."""
        self.event("step_complete", data={"step": n},
                   metrics={"steps": [n], **{k: [v] for k, v
                                             in metrics.items()}})

    def evaluation(self, n: int, metrics: dict[str, float | int]) -> None:
        self.event("eval_complete", message="evaluation complete",
                   data={"step": n}, metrics={
                       "eval/steps": [n], **{k: [v] for k, v
                                             in metrics.items()}})

    def checkpoint(self, number: int, path: str) -> None:
        """Only once it is durable: from now on a new attempt begins here."""
        self.event("checkpoint_saved", message=f"checkpoint {number} saved",
                   data={"checkpoint_num": number},
                   artifacts={"latest_checkpoint": path})

    def end(self, metrics: dict[str, Any], artifacts: dict[str, Any]) -> None:
        self.event("training_end", message="Training complete",
                   metrics=metrics, artifacts=artifacts)

    def error(self, text: str) -> None:
        text = text[:16384]
        self.event("training_error", level="error", message=text, error=text)

    def warn(self, text: str) -> None:
        """A line for the job's log."""
        print(f"warning: {text}", file=sys.stderr, flush=True)


def to_stdout(event: dict[str, Any]) -> None:
    """One line.  NaN is not JSON: a number that is none is not reported."""
    sys.stdout.write(json.dumps(finite(event), ensure_ascii=False,
                                allow_nan=False) + "\n")
    sys.stdout.flush()


def finite(value: Any) -> Any:
    """The same without numbers that JSON cannot say: they become null."""
    if isinstance(value, float) and (value != value
                                     or value in (float("inf"),
                                                  float("-inf"))):
        return None
    if isinstance(value, dict):
        return {k: finite(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(v) for v in value]
    return value


class Api:
    """Events over HTTPS, with the token of this attempt."""

    def __init__(self, job: Job, server: Server) -> None:
        self._server = server
        self._path = f"{server.place}/training/jobs/{job.id}/progress"

    def send(self, event: dict[str, Any]) -> None:
        """Repeated until answered: the key makes a repetition harmless.

        A refusal (409: another attempt has the job; 401: the lease is gone)
        raises Stopped.
        """
        try:
            self._server.call(
                "POST", self._path,
                json.dumps(finite(event), allow_nan=False).encode(), {
                    "Content-Type": "application/json",
                    "Prefer": "return=minimal",
                    "Idempotency-Key": str(uuid.uuid4())})
        except Refused as no:
            if no.status in (401, 404, 409):
                raise Stopped(no.text) from None
            print(f"event refused: {no}", file=sys.stderr, flush=True)
        except Unanswered as why:
            raise Stopped(f"no answer from the server: {why}") from None


def reporter(job: Job, environ: Mapping[str, str] = os.environ) -> Reporter:
    """To standard output, or with TRAINYARD_REPORT=api to the server."""
    if environ.get("TRAINYARD_REPORT") == "api":
        return Reporter(Api(job, job.server or Server(environ)).send)
    return Reporter(to_stdout)
