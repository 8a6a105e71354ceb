# SPDX-License-Identifier: BSD-2-Clause
"""Supervised fine-tuning."""
from __future__ import annotations

import math
import random
from typing import Any, Callable, Sequence

from . import data
from .policy import Datum, Policy
from .protocol import Job, JobError, Reporter, Stopped

#: used when the job says nothing; the API's documented values
BATCH, ACCUMULATION, RATE, EPOCHS, INTERVAL, LENGTH = 16, 1, 1e-4, 1, 10, 2048


class Sft:
    """One job, from its data to its last event."""

    workers = 1

    def __init__(self, job: Job, report: Reporter) -> None:
        self.job = job
        self.report = report
        self.batch = job.value("batch_size", BATCH)
        self.accumulation = job.value("gradient_accumulation_steps",
                                      ACCUMULATION)
        self.rate = job.value("learning_rate", RATE)
        self.interval = job.value("checkpoint_interval", INTERVAL)
        self.system = data.entry_prompt(job["capability"])
        self.rows = self._read([job["dataset"],
                                *(job["trajectory_datasets"] or [])])
        self.eval_rows = self._read([job["eval_dataset"]])
        if not self.rows:
            raise JobError("the data sets have no rows")
        self.per_epoch = math.ceil(len(self.rows)
                                   / (self.batch * self.accumulation))
        self.steps = self._steps()
        self.losses: list[float] = []
        self.sequences = self.tokens = 0
        self.checkpoints: list[str] = []

    def _read(self, sets: Sequence[dict[str, Any] | None]) \
            -> list[data.Messages]:
        return [messages for one in sets if one is not None
                for messages in data.examples(one, self.system)]

    def texts(self) -> list[str]:
        return [text for messages in self.rows + self.eval_rows
                for text, _ in data.render(messages, False)]

    def _steps(self) -> int:
        """Of all that limits it, what comes first."""
        steps, epochs = (self.job.config.get(k) for k in ("steps", "epochs"))
        if steps is None:
            return self.per_epoch * (EPOCHS if epochs is None else epochs)
        return steps if epochs is None else min(steps,
                                                self.per_epoch * epochs)

    def _datum(self, policy: Policy, messages: data.Messages) -> Datum:
        tokens, weights = policy.conversation(messages, False)
        longest = min(self.job.value("max_sequence_length", LENGTH),
                      policy.context)
        return Datum(tokens[-longest:], weights[-longest:])

    def run(self, policy: Policy) -> None:
        self.report.start(self.job)
        if self.job.resume:
            self._restore(policy)
        learned = [self._datum(policy, m) for m in self.rows]
        held = [self._datum(policy, m) for m in self.eval_rows]
        for step in range(len(self.losses) + 1, self.steps + 1):
            self._step(policy, learned, step)
            if self.report.stopping:
                self._checkpoint(policy, step)
                raise Stopped("told to stop")
            if step % self.interval == 0 or step == self.steps:
                self._checkpoint(policy, step)
        self.report.end(self._metrics(policy, held), self._artifacts())

    def _step(self, policy: Policy, learned: list[Datum], step: int) -> None:
        size = self.batch * self.accumulation
        epoch, place = divmod(step - 1, self.per_epoch)
        order = list(range(len(learned)))
        random.Random(f"{self.job.seed} {epoch}").shuffle(order)
        chosen = [learned[i] for i in order[place * size:(place + 1) * size]]
        parts = [chosen[i:i + self.batch]
                 for i in range(0, len(chosen), self.batch)]
        values = policy.step(parts, "cross_entropy", self.rate)
        self.losses.append(sum(values) / len(values))
        self.sequences += len(chosen)
        self.tokens += sum(len(d.tokens) for d in chosen)
        self.report.step(step, {"train/loss": self.losses[-1],
                                "train/learning_rate": self.rate})

    def _checkpoint(self, policy: Policy, step: int) -> None:
        self.checkpoints.append(policy.save(f"step-{step:06d}", {
            "losses": self.losses, "sequences": self.sequences,
            "tokens": self.tokens, "checkpoints": self.checkpoints}))
        self.report.checkpoint(len(self.checkpoints), self.checkpoints[-1])

    def _restore(self, policy: Policy) -> None:
        state = policy.restore(self.job.resume)
        self.losses = list(state["losses"])
        self.sequences, self.tokens = state["sequences"], state["tokens"]
        self.checkpoints = [*state["checkpoints"], self.job.resume]

    def _metrics(self, policy: Policy, held: list[Datum]) -> dict[str, Any]:
        count = len(self.losses)
        made: dict[str, Any] = {
            "train/steps": count, "train/num_examples": len(self.rows),
            "train/num_sequences_processed": self.sequences,
            "train/num_tokens_processed": self.tokens,
            "train/gradient_accumulation_steps": self.accumulation,
            "train/epochs_completed": round(self.sequences
                                            / len(self.rows), 3),
            "steps": list(range(1, count + 1)),
            "train/loss": self.losses, "train_loss": self.losses,
            "train/loss_last": self.losses[-1],
            "train/loss_mean": sum(self.losses) / count,
            "train/loss_best": min(self.losses),
            "train/learning_rate": [self.rate] * count,
            "learning_rate": [self.rate] * count}
        if held:
            value = evaluate(policy.loss, held, self.batch)
            made |= {"eval/num_examples": len(held), "eval/loss": value,
                     "eval/steps": [count], "eval/loss_history": [value]}
        return made

    def _artifacts(self) -> dict[str, Any]:
        return named(self.job, ("dataset", "eval_dataset")) | {
            "checkpoints": self.checkpoints}


def evaluate(loss: Callable[[Sequence[Datum]], float], held: list[Datum],
             size: int) -> float:
    """Cross entropy per learned token over all of them."""
    total = weight = 0.0
    for i in range(0, len(held), size):
        part = held[i:i + size]
        counted = sum(sum(d.weights[1:]) for d in part)
        total += loss(part) * counted
        weight += counted
    return total / weight if weight else 0.0


def named(job: Job, keys: Sequence[str]) -> dict[str, Any]:
    """What the job used, as "name@version" under each key."""
    capability = job["capability"]
    made: dict[str, Any] = {}
    if capability:
        made["capability"] = f"{capability['name']}@{capability['version']}"
    for key in keys:
        if job[key]:
            made[key] = job[key]["reference"]
    if job["trajectory_datasets"]:
        made["trajectory_datasets"] = [d["reference"] for d
                                       in job["trajectory_datasets"]]
    return made
