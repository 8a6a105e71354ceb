# SPDX-License-Identifier: BSD-2-Clause
"""What a loop asks of a model.

Tokens are ints of the policy's own vocabulary.  A policy is used by one
thread.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, Sequence

#: losses of forward_backward
LOSSES = ("cross_entropy", "importance_sampling", "ppo", "grpo")


@dataclass
class Datum:
    """One sequence to learn from.

    weights[i] is what the loss of predicting tokens[i] counts, weights[0] is
    ignored.  For the losses of RL, logprobs[i] is log p(tokens[i]) at
    sampling and advantages[i] its advantage; both are as long as tokens.
    """
    tokens: list[int]
    weights: list[float]
    logprobs: list[float] = field(default_factory=list)
    advantages: list[float] = field(default_factory=list)


@dataclass
class Sample:
    """One completion: its tokens and their log-probabilities, its text."""
    tokens: list[int]
    logprobs: list[float]
    text: str
    #: the weights that it was sampled with, Policy.version then
    version: int = 0


@dataclass
class Sampling:
    """How to sample.  temperature 0 is greedy."""
    max_tokens: int
    temperature: float
    stop: Sequence[str] = ()


class Policy(Protocol):
    """A model that is trained."""

    def encode(self, text: str) -> list[int]: ...

    def decode(self, tokens: Sequence[int]) -> str: ...

    #: the token that ends a completion
    end: int

    def forward_backward(self, batch: Sequence[Datum], loss: str) -> float:
        """Adds to the gradients; the loss per weighted token of the batch."""

    def optim_step(self, learning_rate: float) -> None:
        """One step of Adam (0.9, 0.95, 1e-8) and empty gradients."""

    def loss(self, batch: Sequence[Datum]) -> float:
        """Cross entropy per weighted token, without gradients."""

    def sync(self) -> None:
        """From now on samples come from the weights as they are."""

    def sample(self, prompts: Sequence[list[int]], sampling: Sampling,
               seed: int) -> list[Sample]:
        """One completion for each prompt."""

    def save(self, name: str, state: dict[str, object]) -> str:
        """A durable checkpoint, with the loop's own state; its address."""

    def restore(self, address: str) -> dict[str, object]:
        """Weights, optimiser and the loop's state of a checkpoint."""
