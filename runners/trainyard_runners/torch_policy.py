# SPDX-License-Identifier: BSD-2-Clause
"""What policies on PyTorch have in common: losses, Adam, samples, checkpoints.

They run on the CPU or one CUDA device.  Only weights that learn are copied
and kept: those of the last sync, which samples come from, those that training
began with, and those of checkpoints.
"""
from __future__ import annotations

import contextlib
import math
import os
import pathlib
from concurrent.futures import ThreadPoolExecutor
from typing import Iterator, Sequence

import torch
from torch import nn

from .policy import Datum, Sample, Sampling
from .protocol import JobError

CLIP = 0.2          # of the probability ratio: 0.8 to 1.2
KL = 0.01           # pull of GRPO towards the model that training began with
LARGEST_NORM = 1.0  # of a gradient

Weights = list[torch.Tensor]


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


class TorchPolicy:
    """policy.Policy but for encode, decode, conversation and end.

    model(tokens, real, past) gives logits and the cache that past is of; real
    is False where there is padding.
    """

    end: int
    context: int

    def __init__(self, model: nn.Module, kind: object, *,
                 folder: pathlib.Path, samples: bool, reference: bool,
                 workers: int = 1) -> None:
        """kind: what a checkpoint must agree with.  folder: for checkpoints.
        samples: sample() will be asked for.  reference: GRPO will.  workers:
        threads that sample.
        """
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
        torch.use_deterministic_algorithms(True, warn_only=True)
        self._device = device()
        self._model = model.to(self._device)
        self._kind = kind
        self._folder = folder / "checkpoints"
        self._workers = workers
        self._names, learned = zip(*[
            (name, p) for name, p in self._model.named_parameters()
            if p.requires_grad])
        self._learned: Weights = list(learned)
        self._first = self._copy() if reference else None
        self._samples = samples
        #: weights of the last sync, None while they are those that learn
        self._synced: Weights | None = None
        self._optimizer = torch.optim.Adam(
            self._learned, lr=0.0, betas=(0.9, 0.95), eps=1e-8)
        self._batches = 0
        #: how many steps were taken; Sample.version counts with it
        self.version = 0
        self._synced_version = 0

    def decode(self, tokens: Sequence[int]) -> str:
        raise NotImplementedError

    def _copy(self) -> Weights:
        return [p.detach().clone() for p in self._learned]

    @contextlib.contextmanager
    def _using(self, weights: Weights | None) -> Iterator[None]:
        """The model with other weights for a while, without gradients."""
        with torch.no_grad():
            if weights is None:
                yield
                return
            own = [p.data for p in self._learned]
            try:
                for parameter, other in zip(self._learned, weights):
                    parameter.data = other
                yield
            finally:
                for parameter, data in zip(self._learned, own):
                    parameter.data = data

    # -- learning

    def _padded(self, rows: Sequence[Sequence[float]], kind: torch.dtype,
                left: bool = False) -> torch.Tensor:
        longest = max(len(r) for r in rows)
        return torch.tensor(
            [[0] * (longest - len(r)) + list(r) if left
             else list(r) + [0] * (longest - len(r)) for r in rows],
            dtype=kind, device=self._device)

    def _logprobs(self, batch: Sequence[Datum]) -> torch.Tensor:
        """log p of each token but the first, (batch, longest - 1)."""
        tokens = self._padded([d.tokens for d in batch], torch.long)
        real = self._padded([[1] * len(d.tokens) for d in batch], torch.bool)
        logits, _ = self._model(tokens[:, :-1], real[:, :-1])
        return logits.float().log_softmax(-1).gather(
            -1, tokens[:, 1:, None]).squeeze(-1)

    def _loss(self, batch: Sequence[Datum], loss: str) -> torch.Tensor:
        first = None
        if loss == "grpo":
            with self._using(self._first):
                first = self._logprobs(batch)
        now = self._logprobs(batch)
        weights = self._padded([d.weights for d in batch],
                               torch.float32)[:, 1:]
        total = weights.sum().clamp(min=1e-9)
        if loss == "cross_entropy":
            return -(now * weights).sum() / total
        old = self._padded([d.logprobs for d in batch], torch.float32)[:, 1:]
        advantage = self._padded([d.advantages for d in batch],
                                 torch.float32)[:, 1:]
        ratio = (now - old).clamp(-20, 20).exp()
        gain = ratio * advantage
        if loss in ("ppo", "grpo"):
            # Schulman et al., 2017: the smaller of the two
            gain = torch.minimum(
                gain, ratio.clamp(1 - CLIP, 1 + CLIP) * advantage)
        if first is not None:
            # the estimator that is never negative (Shao et al., 2024)
            gap = (first - now).clamp(-20, 20)
            gain = gain - KL * (gap.exp() - gap - 1)
        return -(gain * weights).sum() / total

    def step(self, batches: Sequence[Sequence[Datum]], loss: str,
             learning_rate: float) -> list[float]:
        """See policy.Policy."""
        values = []
        for batch in batches:
            value = self._loss(batch, loss)
            value.backward()
            values.append(value.item())
        learned = [p for p in self._learned if p.grad is not None]
        for parameter in learned:
            parameter.grad /= len(batches)
        nn.utils.clip_grad_norm_(learned, LARGEST_NORM)
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate
        if self._samples and self._synced is None:
            # samples go on coming from the weights of the last sync
            self._synced = self._copy()
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self.version += 1
        return values

    def loss(self, batch: Sequence[Datum]) -> float:
        with torch.no_grad():
            return self._loss(batch, "cross_entropy").item()

    # -- sampling

    def sync(self) -> None:
        self._synced = None
        self._synced_version = self.version

    @property
    def synced_version(self) -> int:
        """The version that samples come from."""
        return self._synced_version

    def weights(self) -> Weights:
        """What samples come from, for take() of another process."""
        return [w.detach().cpu().clone() for w
                in self._synced or self._learned]

    def take(self, weights: Weights, version: int) -> None:
        """From now on samples come from these."""
        with torch.no_grad():
            for parameter, weight in zip(self._learned, weights):
                parameter.copy_(weight)
        self._synced = None
        self.version = self._synced_version = version

    def sample(self, prompts: Sequence[list[int]], sampling: Sampling,
               seed: int) -> list[Sample]:
        room = self.context - sampling.max_tokens
        if room < 1:
            raise JobError(f"max_new_tokens is {sampling.max_tokens}: the "
                           f"model's context is {self.context}")
        size = math.ceil(len(prompts) / self._workers)
        parts = [[p[-room:] for p in prompts[at:at + size]]
                 for at in range(0, len(prompts), size)]

        def one(number: int) -> list[Sample]:
            with torch.no_grad():
                return self._sample(parts[number], sampling, seed + number)

        with self._using(self._synced):
            if len(parts) == 1:
                return one(0)
            with ThreadPoolExecutor(len(parts)) as pool:
                return [s for made in pool.map(one, range(len(parts)))
                        for s in made]

    def _sample(self, prompts: list[list[int]], sampling: Sampling,
                seed: int) -> list[Sample]:
        random = torch.Generator(device=self._device).manual_seed(seed)
        new = self._padded(prompts, torch.long, left=True)
        real = self._padded([[1] * len(p) for p in prompts], torch.bool,
                            left=True)
        made = [Sample([], [], "", self._synced_version) for _ in prompts]
        ended = [False] * len(prompts)
        past = None
        for _ in range(sampling.max_tokens):
            logits, past = self._model(new, real, past)
            logprobs = logits[:, -1].float().log_softmax(-1)
            if sampling.temperature > 0:
                new = torch.multinomial(
                    (logprobs / sampling.temperature).softmax(-1), 1,
                    generator=random)
            else:
                new = logprobs.argmax(-1, keepdim=True)
            chosen = logprobs.gather(-1, new)
            real = torch.cat((real, torch.ones_like(new, dtype=torch.bool)),
                             1)
            for i, sample in enumerate(made):
                if ended[i]:
                    continue
                sample.tokens.append(int(new[i]))
                sample.logprobs.append(float(chosen[i]))
                ended[i] = self._finished(sample, sampling.stop)
            if all(ended):
                break
        return made

    def _finished(self, sample: Sample, stop: Sequence[str]) -> bool:
        sample.text = self.decode(sample.tokens)
        if sample.tokens[-1] == self.end:
            return True
        for word in stop:
            at = sample.text.find(word)
            if at != -1:
                sample.text = sample.text[:at]
                return True
        return False

    # -- keeping

    def save(self, name: str, state: dict[str, object]) -> str:
        self._folder.mkdir(exist_ok=True)
        path = self._folder / f"{name}.pt"
        part = path.with_suffix(".part")
        with open(part, "wb") as file:
            torch.save({
                "kind": self._kind,
                "weights": dict(zip(self._names,
                                    (p.detach() for p in self._learned))),
                "optimizer": self._optimizer.state_dict(),
                "synced": self._synced, "version": self.version,
                "synced_version": self._synced_version, "state": state}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return str(path)

    def restore(self, address: str) -> dict[str, object]:
        try:
            kept = torch.load(address, map_location=self._device,
                              weights_only=False)  # a file of our own
        except (OSError, RuntimeError, EOFError) as error:
            raise JobError(f"checkpoint {address}: {error}") from None
        if not isinstance(kept, dict) or kept.get("kind") != self._kind:
            raise JobError(f"checkpoint {address} is of another model or "
                           "other data")
        with torch.no_grad():
            for name, parameter in zip(self._names, self._learned):
                parameter.copy_(kept["weights"][name])
        self._optimizer.load_state_dict(kept["optimizer"])
        self._synced = kept["synced"]
        self.version = kept["version"]
        self._synced_version = kept["synced_version"]
        return kept["state"]
