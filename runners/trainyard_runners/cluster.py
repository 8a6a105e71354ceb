# SPDX-License-Identifier: BSD-2-Clause
"""A policy whose rollouts are sampled by actors of a Ray cluster.

The learner stays in the driver.  Each call takes the weights of the last sync
with it, so a rollout is as stale as the loop asked for, wherever and whenever
it is sampled, and a worker that dies is replaced without a trace in the
numbers.
"""
from __future__ import annotations

import os
import sys
from typing import Any, Callable, Sequence

import ray
from ray.exceptions import GetTimeoutError, RayActorError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from .policy import Sample, Sampling
from .protocol import JobError, Reporter
from .torch_policy import TorchPolicy

#: seconds until all workers must have found a place
PLACED = 600
#: how often one worker is replaced before the job gives up
REPLACED = 8


class Worker:
    """One rollout worker: a model that only samples."""

    def __init__(self, make: Callable[..., TorchPolicy],
                 options: dict[str, Any]) -> None:
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            os.environ.setdefault(name, "1")
        self._policy = make(**options)
        self._version: int | None = None

    def ready(self) -> int:
        return os.getpid()

    def sample(self, weights: list[Any], version: int,
               prompts: list[list[int]], sampling: Sampling, seed: int) \
            -> tuple[int, list[tuple[list[int], list[float], str]]]:
        """This process, and (tokens, logprobs, text) of each prompt."""
        if version != self._version:
            self._policy.take(weights, version)
            self._version = version
        return os.getpid(), [(s.tokens, s.logprobs, s.text) for s in
                             self._policy.sample(prompts, sampling, seed)]


def placement(mode: str) -> Any:
    """Where rollout workers run, by the job's execution_mode."""
    if mode == "colocated":
        return NodeAffinitySchedulingStrategy(
            ray.get_runtime_context().get_node_id(), soft=True)
    return "SPREAD" if mode == "distributed" else "DEFAULT"


class RayPolicy:
    """policy.Policy: a local learner with rollouts elsewhere."""

    def __init__(self, make: Callable[..., TorchPolicy],
                 options: dict[str, Any], *, mode: str,
                 report: Reporter) -> None:
        """make: with options, those of TorchPolicy, the learner; workers
        among them are actors here, not threads.
        """
        self._learner = make(**options | {"workers": 1})
        self._report = report
        if not ray.is_initialized():
            ray.init(logging_level="WARNING")
        # the nodes need torch, not this package
        package = sys.modules[__package__]
        ray.cloudpickle.register_pickle_by_value(package)
        actor = ray.remote(Worker).options(
            num_cpus=float(os.environ.get("TRAINYARD_WORKER_CPUS", 1)),
            num_gpus=float(os.environ.get("TRAINYARD_WORKER_GPUS", 0)),
            max_restarts=REPLACED, max_task_retries=-1,
            scheduling_strategy=placement(mode))
        theirs = options | {"reference": False, "workers": 1}
        self._workers = [actor.remote(make, theirs)
                         for _ in range(options["workers"])]
        self._pids = self._placed()
        self._publish()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._learner, name)

    def _placed(self) -> list[int]:
        try:
            return ray.get([w.ready.remote() for w in self._workers],
                           timeout=PLACED)
        except GetTimeoutError:
            raise JobError(
                f"{len(self._workers)} rollout workers were wanted, the "
                f"cluster had no room for all of them in {PLACED} s: it has "
                f"{ray.cluster_resources().get('CPU', 0):g} CPUs and "
                f"{ray.cluster_resources().get('GPU', 0):g} GPUs") from None
        except (RayActorError, RayTaskError) as error:
            raise JobError(f"no rollout worker can be started: {error}") \
                from None

    def _publish(self) -> None:
        self._weights = ray.put(self._learner.weights())

    def sync(self) -> None:
        self._learner.sync()
        self._publish()

    def restore(self, address: str) -> dict[str, object]:
        state = self._learner.restore(address)
        self._publish()
        return state

    def begin(self, prompts: Sequence[list[int]], sampling: Sampling,
              seed: int) -> Callable[[], list[Sample]]:
        """Asks all workers, each for a part; the reply is there later."""
        version, size = self._learner.synced_version, len(self._workers)
        parts = [list(prompts[i::size]) for i in range(size)]
        asked = [
            worker.sample.remote(self._weights, version, part, sampling,
                                 seed ^ (i << 40))
            for i, (worker, part) in enumerate(zip(self._workers, parts))
            if part]
        return lambda: self._collect(asked, len(prompts), version)

    def _collect(self, asked: list[Any], count: int, version: int) \
            -> list[Sample]:
        made: list[Sample | None] = [None] * count
        try:
            replies = ray.get(asked)
        except RayActorError as error:
            raise JobError("a rollout worker ended, and so did "
                           f"{REPLACED} that took its place: {error}") \
                from None
        except RayTaskError as error:
            raise error.cause if isinstance(error.cause, JobError) else \
                JobError(f"a rollout worker failed: {error}") from None
        for i, (pid, samples) in enumerate(replies):
            if pid != self._pids[i]:
                self._report.warn(f"rollout worker {i + 1} ended and was "
                                  "replaced")
                self._pids[i] = pid
            made[i::len(self._workers)] = [
                Sample(*sample, version) for sample in samples]
        return made

    def sample(self, prompts: Sequence[list[int]], sampling: Sampling,
               seed: int) -> list[Sample]:
        return self.begin(prompts, sampling, seed)()
