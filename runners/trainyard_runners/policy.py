# SPDX-License-Identifier: BSD-2-Clause
"""What a loop asks of a model.

Tokens are ints of the policy's own vocabulary.  A policy is used by one
thread.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Protocol, Sequence

from .data import Messages, render

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

    #: tokens of a prompt and its completion together, at most
    context: int
    #: how many steps were taken; Sample.version counts with it
    version: int

    def conversation(self, messages: Messages, answer: bool) \
            -> tuple[list[int], list[float]]:
        """Its tokens, and 1.0 for each that the assistant says.

        answer: as far as to where the assistant is to speak next.
        """

    def step(self, batches: Sequence[Sequence[Datum]], loss: str,
             learning_rate: float) -> list[float]:
        """One step of Adam (0.9, 0.95, 1e-8) on the mean of the batches.

        Each batch's loss per weighted token, before the step.
        """

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


def plain(messages: Messages, answer: bool, encode: Callable[[str], list[int]],
          end: int) -> tuple[list[int], list[float]]:
    """Policy.conversation for models without a form of their own."""
    tokens: list[int] = []
    learned: list[float] = []
    for text, said in render(messages, answer):
        piece = encode(text) + ([end] if said else [])
        tokens += piece
        learned += [float(said)] * len(piece)
    return tokens, learned
