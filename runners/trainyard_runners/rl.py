# SPDX-License-Identifier: BSD-2-Clause
"""Reinforcement learning with verifiable rewards.

A step takes the rollouts of some prompts, in groups of completions of one
prompt, and moves the policy towards those that are better than their group.
Asynchronous modes sample ahead: a step then learns from rollouts of weights
that are up to so many steps old.
"""
from __future__ import annotations

import math
import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Callable

from . import data, rewards
from .policy import Datum, Policy, Sample, Sampling
from .protocol import Job, JobError, Reporter, Stopped
from .sft import named

#: used when the job says nothing; the API's documented values
RATE, ROLLOUTS, LARGEST_BATCH, NEW_TOKENS, EVAL_INTERVAL = 1e-4, 8, 8, 128, 10
#: sequences that go through the model at once
CHUNK = 64
EPSILON = 1e-6


@dataclass
class Rollouts:
    """What one step learns from."""
    step: int
    version: int
    batch: list[Datum]
    rewards: list[float]


@dataclass
class Asked:
    """Rollouts on their way: sampled by somebody else meanwhile."""
    step: int
    prompts: list[data.Prompt]
    begins: list[list[int]]
    replies: list[Callable[[], list[Sample]]]


@dataclass
class Plan:
    """How many of what: where tinker's and ray's words become the same."""
    loss: str
    steps: int
    prompts: int            # of a step
    group: int              # completions of a prompt
    rollouts: int           # of a step
    ahead: int              # steps that are sampled before they are needed
    sync_every: int
    checkpoint_every: int
    sampling: Sampling
    scaled: bool            # advantages by their group's deviation
    mode: str               # the job's word for it
    workers: int = 1        # threads that sample
    chunk: int = CHUNK      # sequences that are sampled at once


@dataclass
class Totals:
    """What a checkpoint remembers of the steps so far."""
    rewards: list[float] = field(default_factory=list)
    best: list[float] = field(default_factory=list)
    worst: list[float] = field(default_factory=list)
    eval_steps: list[int] = field(default_factory=list)
    evals: list[dict[str, float]] = field(default_factory=list)
    rollouts: int = 0
    syncs: int = 0
    synced_version: int = 0
    stalest: int = 0
    most_pending: int = 0
    checkpoints: list[str] = field(default_factory=list)


class Rl:
    """One job, from its data to its last event."""

    def __init__(self, job: Job, report: Reporter) -> None:
        self.job = job
        self.report = report
        refuse(job, report)
        self.system = data.entry_prompt(job["capability"])
        self.reward = rewards.recipe(job)
        self.prompts = self._prompts()
        self.held = [] if job["eval_dataset"] is None else data.prompts(
            job["eval_dataset"], self.system, job.config.get("eval_split"))
        self.plan = plan(job, self.prompts)
        self.totals = Totals()
        self.pending: deque[Asked | Rollouts] = deque()

    def _prompts(self) -> list[data.Prompt]:
        found = []
        if self.job["prompt_dataset"] is not None:
            found += data.prompts(self.job["prompt_dataset"], self.system,
                                  self.job.config.get("prompt_split"))
        for one in self.job["trajectory_datasets"] or ():
            found += data.imitations(one, self.system)
        return found

    @property
    def workers(self) -> int:
        return self.plan.workers

    def texts(self) -> list[str]:
        return [text for p in self.prompts + self.held
                for text in [t for t, _ in data.render(p.messages, True)]
                + [data.first_of(p.row, data.ANSWERS) or ""]] \
            + [str(v) for v in ((self.job["reward_recipe"] or {})
                                .get("params") or {}).values()]

    def run(self, policy: Policy) -> None:
        self.report.start(self.job)
        if self.job.resume:
            self._restore(policy)
        for step in range(len(self.totals.rewards) + 1, self.plan.steps + 1):
            self._sample_ahead(policy, step)
            self._evaluate(policy, step)
            self._learn(policy, self._arrived(self.pending.popleft()), step)
            if self.report.stopping:
                self._checkpoint(policy, step)
                raise Stopped("told to stop")
            if step % self.plan.checkpoint_every == 0 \
                    or step == self.plan.steps:
                self._checkpoint(policy, step)
        self.report.end(self._metrics(policy), self._artifacts())

    # -- sampling

    def _sample_ahead(self, policy: Policy, step: int) -> None:
        last = min(step + self.plan.ahead, self.plan.steps)
        known = self.pending[-1].step if self.pending else step - 1
        for wanted in range(known + 1, last + 1):
            self.pending.append(self._ask(policy, wanted))
        self.totals.most_pending = max(self.totals.most_pending,
                                       len(self.pending) - 1)

    def _chosen(self, step: int) -> list[data.Prompt]:
        """The prompts of a step: the data in an order of each pass's own."""
        size, count = self.plan.prompts, len(self.prompts)
        chosen = []
        for place in range((step - 1) * size, step * size):
            epoch, at = divmod(place, count)
            if at == 0 or not chosen:
                order = list(range(count))
                random.Random(f"{self.job.seed} {epoch}").shuffle(order)
            chosen.append(self.prompts[order[at]])
        return chosen

    def _ask(self, policy: Policy, step: int) -> Asked:
        prompts = [p for p in self._chosen(step)
                   for _ in range(self.plan.group)][:self.plan.rollouts]
        begins = self._begins(policy, prompts)
        size = self.plan.chunk
        return Asked(step, prompts, begins, [
            begin(policy, begins[at:at + size], self.plan.sampling,
                  self.job.seed ^ (step << 16) ^ at)
            for at in range(0, len(begins), size)])

    def _begins(self, policy: Policy, prompts: list[data.Prompt]) \
            -> list[list[int]]:
        """As tokens, cut from the left so that a completion fits behind."""
        room = max(policy.context - self.plan.sampling.max_tokens, 1)
        return [policy.conversation(p.messages, True)[0][-room:]
                for p in prompts]

    def _arrived(self, asked: Asked | Rollouts) -> Rollouts:
        """Those that were asked for, judged.  Waits for them."""
        if isinstance(asked, Rollouts):
            return asked
        samples = [s for reply in asked.replies for s in reply()]
        values = [float(self.reward(s.text, p.row))
                  for s, p in zip(samples, asked.prompts)]
        return Rollouts(asked.step, samples[0].version, [
            datum(begun, sample, gain) for begun, sample, gain
            in zip(asked.begins, samples, self._advantages(values))], values)

    def _advantages(self, values: list[float]) -> list[float]:
        """Each reward against its group (Shao et al., 2024, without a critic)."""
        made = []
        for at in range(0, len(values), self.plan.group):
            group = values[at:at + self.plan.group]
            mean = sum(group) / len(group)
            scale = 1.0
            if self.plan.scaled:
                scale = math.sqrt(sum((v - mean) ** 2 for v in group)
                                  / len(group)) + EPSILON
            made += [(v - mean) / scale for v in group]
        return made

    # -- learning

    def _learn(self, policy: Policy, rollouts: Rollouts, step: int) -> None:
        totals, plan = self.totals, self.plan
        staleness = policy.version - rollouts.version
        policy.step([rollouts.batch[at:at + CHUNK] for at
                     in range(0, len(rollouts.batch), CHUNK)], plan.loss,
                    self.job.value("learning_rate", RATE))
        if step % plan.sync_every == 0:
            policy.sync()
            totals.syncs += 1
            totals.synced_version = policy.version
        totals.rollouts += len(rollouts.rewards)
        totals.rewards.append(sum(rollouts.rewards) / len(rollouts.rewards))
        totals.best.append(max(rollouts.rewards))
        totals.worst.append(min(rollouts.rewards))
        totals.stalest = max(totals.stalest, staleness)
        metrics = {"train/reward": totals.rewards[-1],
                   "train/reward_max": totals.best[-1],
                   "train/reward_min": totals.worst[-1],
                   "train/model_version": policy.version,
                   "train/weight_sync_count": totals.syncs}
        if plan.ahead:
            metrics |= {"train/staleness": staleness,
                        "train/generation_step": self.pending[-1].step
                        if self.pending else step,
                        "train/pending_generation_groups": len(self.pending)}
        self.report.step(step, metrics)

    def _evaluate(self, policy: Policy, step: int) -> None:
        """Greedy, by the same recipe, before the update of its step."""
        every = self.job.value("eval_interval", EVAL_INTERVAL)
        if not self.held or step % every != 0:
            return
        most = self.job.value("eval_max_rollouts", self.plan.group)
        held = self.held[:most]
        sampling = Sampling(self.plan.sampling.max_tokens, 0.0,
                            self.plan.sampling.stop)
        begins = self._begins(policy, held)
        samples = [s for at in range(0, len(begins), CHUNK)
                   for s in policy.sample(begins[at:at + CHUNK], sampling, 0)]
        values = [float(self.reward(s.text, p.row))
                  for s, p in zip(samples, held)]
        metrics = {"eval/reward": sum(values) / len(values),
                   "eval/reward_max": max(values),
                   "eval/reward_min": min(values),
                   "eval/extraction_failed_rate": sum(
                       rewards.nothing_found(self.job, s.text)
                       for s in samples) / len(samples)}
        self.totals.eval_steps.append(step)
        self.totals.evals.append(metrics)
        self.report.evaluation(step, metrics)

    # -- keeping and telling

    def _checkpoint(self, policy: Policy, step: int) -> None:
        self.pending = deque(self._arrived(p) for p in self.pending)
        path = policy.save(f"step-{step:06d}", {
            "totals": self.totals, "pending": list(self.pending)})
        self.totals.checkpoints.append(path)
        self.report.checkpoint(len(self.totals.checkpoints), path)

    def _restore(self, policy: Policy) -> None:
        state = policy.restore(self.job.resume)
        self.totals = state["totals"]
        self.totals.checkpoints.append(self.job.resume)
        self.pending = deque(state["pending"])

    def _metrics(self, policy: Policy) -> dict[str, Any]:
        totals = self.totals
        count = len(totals.rewards)
        made: dict[str, Any] = {
            "train/steps": count, "train/num_rollouts": totals.rollouts,
            "train/reward_mean": sum(totals.rewards) / count,
            "train/reward_max": max(totals.best),
            "train/reward_min": min(totals.worst),
            "async/generation_step": count, "async/training_step": count,
            "async/model_version": policy.version,
            "async/last_synced_model_version": totals.synced_version,
            "async/weight_sync_count": totals.syncs,
            "async/max_staleness_observed": totals.stalest,
            "async/max_pending_generation_groups": totals.most_pending,
            "steps": list(range(1, count + 1)),
            "train/reward": totals.rewards,
            "train/reward_max_per_step": totals.best,
            "train/reward_min_per_step": totals.worst}
        if totals.evals:
            made["eval/steps"] = totals.eval_steps
            made |= {key: [e[key] for e in totals.evals]
                     for key in totals.evals[0]}
        return made

    def _artifacts(self) -> dict[str, Any]:
        made = named(self.job, ("prompt_dataset", "task"))
        return made | {
            "execution_mode": self.plan.mode,
            "checkpoints": self.totals.checkpoints}


def refuse(job: Job, report: Reporter) -> None:
    """What the job asks for and this runner cannot do.

    Where the responder knows of this runner it has refused it already.
    """
    for key in ("world_manifest_id", "world_runtime_id"):
        if job.config.get(key) is not None:
            raise JobError(f"{key}: this runner has no Worlds runtime")
    for key in ("max_turns", "max_episode_steps"):
        if job.value(key, 1) > 1:
            raise JobError(f"{key}: rollouts of this runner have one turn")
    if job["backend"] == "tinker" and job.value("temperature", 0.0) == 0:
        report.warn("temperature is 0: the completions of a prompt are all "
                    "alike, so nothing is learned")


def plan(job: Job, prompts: list[data.Prompt]) -> Plan:
    """Numbers of the job, with the documented values for what is not said."""
    rollouts = job.value("num_rollouts", ROLLOUTS)
    batch = job.value("batch_size", min(rollouts, LARGEST_BATCH))
    if job["backend"] == "ray":
        # batch_size prompts a step, num_rollouts completions of each; one
        # pass over the prompts
        steps = math.ceil(len(prompts) / batch)
        mode = job.value("execution_mode", "async")
        buffer = job.value("buffer_size", 2 * batch)
        ahead = {"colocated": 0, "distributed": 1}.get(
            mode, max(1, buffer // batch))
        workers = job.value("num_rollout_workers", 1)
        return Plan("grpo", steps, batch, rollouts, batch * rollouts, ahead,
                    1, job.value("checkpoint_interval", steps),
                    Sampling(answer_length(prompts), 1.0), True, mode,
                    workers, min(CHUNK * workers, buffer * rollouts))
    # num_rollouts a step, in groups of batch_size completions of a prompt
    steps = job.value("steps", 1)
    mode = job.value("execution_mode", "sync")
    ahead = {"sync": 0, "one_step_off_async": 1}.get(
        mode, job.value("max_steps_off_policy", 1))
    algorithm = job.config.get("algorithm")
    return Plan(
        algorithm if algorithm == "ppo" else "importance_sampling", steps,
        math.ceil(rollouts / batch), batch, rollouts, ahead,
        job.value("weight_sync_interval", 1),
        job.value("checkpoint_interval", max(steps, 1)),
        Sampling(job.value("max_new_tokens", NEW_TOKENS),
                 float(job.value("temperature", 0.0)),
                 job.value("stop", [])), False, mode)


def answer_length(prompts: list[data.Prompt]) -> int:
    """Room for the longest expected answer, else 32 tokens."""
    answers = [data.first_of(p.row, data.ANSWERS) for p in prompts]
    longest = max((len(a) for a in answers if a), default=32)
    return min(longest, NEW_TOKENS)


def begin(policy: Policy, prompts: list[list[int]], sampling: Sampling,
          seed: int) -> Callable[[], list[Sample]]:
    """policy.sample, elsewhere where the policy can."""
    elsewhere = getattr(policy, "begin", None)
    if elsewhere is not None:
        return elsewhere(prompts, sampling, seed)
    made = policy.sample(prompts, sampling, seed)
    return lambda: made


def datum(begin: list[int], sample: Sample, advantage: float) -> Datum:
    """Only what was sampled is learned from."""
    before, after = len(begin), len(sample.tokens)
    return Datum(begin + sample.tokens, [0.0] * before + [1.0] * after,
                 [0.0] * before + sample.logprobs,
                 [0.0] * before + [advantage] * after)
