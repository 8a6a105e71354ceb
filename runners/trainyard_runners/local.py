# SPDX-License-Identifier: BSD-2-Clause
"""A policy on PyTorch, on the CPU or one CUDA device.

The embedded models are made on the spot: a vocabulary of the characters in
the job's data and a transformer of some hundred thousand parameters.  Their
linear layers learn through LoRA, embeddings, norms and head wholly: there is
nothing in a random model that would be worth freezing.
"""
from __future__ import annotations

import copy
import os
import pathlib
from typing import Iterable, Sequence

import torch
from torch import nn

from .policy import Datum, Sample, Sampling
from .protocol import JobError
from .tiny import Shape, Tiny

#: what the embedded models differ in
EMBEDDED = {"trainyard/tiny-llama": False, "trainyard/tiny-qwen": True}

CLIP = 0.2          # of the probability ratio: 0.8 to 1.2
KL = 0.01           # pull of GRPO towards the model that training began with
LARGEST_NORM = 1.0  # of a gradient

END, UNKNOWN = 0, 1


class LoRA(nn.Module):
    """base(x) + (alpha / rank) * B A x with a frozen base (Hu et al., 2021)."""

    def __init__(self, base: nn.Linear, rank: int, alpha: float) -> None:
        super().__init__()
        rank = min(rank, base.in_features, base.out_features)
        self.base = base
        for parameter in base.parameters():
            parameter.requires_grad_(False)
        self.a = nn.Parameter(torch.empty(rank, base.in_features))
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))
        nn.init.normal_(self.a, std=base.in_features ** -0.5)
        self.scale = alpha / rank

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.base(x) + (x @ self.a.T) @ self.b.T * self.scale


def with_lora(model: Tiny, rank: int, alpha: float) -> Tiny:
    for block in model.blocks:
        for name, layer in list(block.named_children()):
            if isinstance(layer, nn.Linear):
                setattr(block, name, LoRA(layer, rank, alpha))
    return model


class LocalPolicy:
    """policy.Policy for the embedded models."""

    end = END

    def __init__(self, model: str, texts: Iterable[str], *, seed: int,
                 rank: int, alpha: float | None, folder: pathlib.Path,
                 reference: bool) -> None:
        """folder: for checkpoints.  reference: GRPO will be asked for."""
        if model not in EMBEDDED:
            raise JobError(
                f"model {model} is not one that is made on this machine; "
                f"those are {', '.join(EMBEDDED)}")
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
        torch.use_deterministic_algorithms(True, warn_only=True)
        self._device = torch.device("cuda" if torch.cuda.is_available()
                                    else "cpu")
        self._folder = folder / "checkpoints"
        self._letters = sorted({c for text in texts for c in text})
        self._number = {c: n for n, c in enumerate(self._letters, 2)}
        self._shape = Shape(len(self._letters) + 2, bias=EMBEDDED[model])
        torch.manual_seed(seed)
        self._model = with_lora(
            Tiny(self._shape), rank,
            2.0 * rank if alpha is None else alpha).to(self._device)
        self._first = copy.deepcopy(self._model).eval() if reference else None
        self._sampler = self._model
        self._optimizer = torch.optim.Adam(
            [p for p in self._model.parameters() if p.requires_grad],
            lr=0.0, betas=(0.9, 0.95), eps=1e-8)
        self._batches = 0
        #: how many steps were taken; Sample.version counts with it
        self.version = 0
        self._sampled_version = 0

    @property
    def context(self) -> int:
        return self._shape.context

    def encode(self, text: str) -> list[int]:
        return [self._number.get(c, UNKNOWN) for c in text]

    def decode(self, tokens: Sequence[int]) -> str:
        return "".join(self._letters[t - 2] if t > UNKNOWN else
                       "\ufffd" if t == UNKNOWN else "" for t in tokens)

    def _padded(self, rows: Sequence[Sequence[float]], kind: torch.dtype,
                left: bool = False) -> torch.Tensor:
        longest = max(len(r) for r in rows)
        return torch.tensor(
            [[0] * (longest - len(r)) + list(r) if left
             else list(r) + [0] * (longest - len(r)) for r in rows],
            dtype=kind, device=self._device)

    def _logprobs(self, model: nn.Module, batch: Sequence[Datum]) \
            -> torch.Tensor:
        """log p of each token but the first, (batch, longest - 1)."""
        tokens = self._padded([d.tokens for d in batch], torch.long)
        real = self._padded([[1] * len(d.tokens) for d in batch], torch.bool)
        logits, _ = model(tokens[:, :-1], real[:, :-1])
        return logits.log_softmax(-1).gather(
            -1, tokens[:, 1:, None]).squeeze(-1)

    def _loss(self, batch: Sequence[Datum], loss: str) -> torch.Tensor:
        now = self._logprobs(self._model, batch)
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
        if loss == "grpo":
            with torch.no_grad():
                first = self._logprobs(self._first, batch)
            # the estimator that is never negative (Shao et al., 2024)
            gap = (first - now).clamp(-20, 20)
            gain = gain - KL * (gap.exp() - gap - 1)
        return -(gain * weights).sum() / total

    def forward_backward(self, batch: Sequence[Datum], loss: str) -> float:
        value = self._loss(batch, loss)
        value.backward()
        self._batches += 1
        return value.item()

    def optim_step(self, learning_rate: float) -> None:
        learned = [p for g in self._optimizer.param_groups
                   for p in g["params"] if p.grad is not None]
        for parameter in learned:
            parameter.grad /= max(self._batches, 1)
        nn.utils.clip_grad_norm_(learned, LARGEST_NORM)
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate
        if self._sampler is self._model:
            # samples go on coming from the weights of the last sync
            self._sampler = copy.deepcopy(self._model).eval()
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self._batches = 0
        self.version += 1

    def loss(self, batch: Sequence[Datum]) -> float:
        with torch.no_grad():
            return self._loss(batch, "cross_entropy").item()

    def sync(self) -> None:
        self._sampler = self._model
        self._sampled_version = self.version

    @torch.no_grad()
    def sample(self, prompts: Sequence[list[int]], sampling: Sampling,
               seed: int) -> list[Sample]:
        room = self.context - sampling.max_tokens
        if room < 1:
            raise JobError(f"max_new_tokens is {sampling.max_tokens}: the "
                           f"model's context is {self.context}")
        prompts = [p[-room:] for p in prompts]
        random = torch.Generator(device=self._device).manual_seed(seed)
        new = self._padded(prompts, torch.long, left=True)
        real = self._padded([[1] * len(p) for p in prompts], torch.bool,
                            left=True)
        made = [Sample([], [], "", self._sampled_version) for _ in prompts]
        ended = [False] * len(prompts)
        past = None
        for _ in range(sampling.max_tokens):
            logits, past = self._sampler(new, real, past)
            logprobs = logits[:, -1].log_softmax(-1)
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
        if sample.tokens[-1] == END:
            return True
        for word in stop:
            at = sample.text.find(word)
            if at != -1:
                sample.text = sample.text[:at]
                return True
        return False

    def save(self, name: str, state: dict[str, object]) -> str:
        self._folder.mkdir(exist_ok=True)
        path = self._folder / f"{name}.pt"
        part = path.with_suffix(".part")
        with open(part, "wb") as file:
            torch.save({
                "letters": self._letters, "model": self._model.state_dict(),
                "optimizer": self._optimizer.state_dict(),
                "sampler": None if self._sampler is self._model
                else self._sampler.state_dict(),
                "version": self.version,
                "sampled_version": self._sampled_version,
                "state": state}, file)
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
            kept = torch.load(address, map_location=self._device)
        except (OSError, RuntimeError, EOFError) as error:
            raise JobError(f"checkpoint {address}: {error}") from None
        if kept["letters"] != self._letters:
            raise JobError(f"checkpoint {address} is of other data")
        self._model.load_state_dict(kept["model"])
        self._optimizer.load_state_dict(kept["optimizer"])
        self._sampler = self._model
        if kept["sampler"] is not None:
            self._sampler = copy.deepcopy(self._model).eval()
            self._sampler.load_state_dict(kept["sampler"])
        self.version = kept["version"]
        self._sampled_version = kept["sampled_version"]
        return kept["state"]
