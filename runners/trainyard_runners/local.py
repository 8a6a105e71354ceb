# SPDX-License-Identifier: BSD-2-Clause
"""The embedded models, which are made on the spot.

A vocabulary of the characters in the job's data and a transformer of some
hundred thousand parameters.  Its linear layers learn through LoRA,
embeddings, norms and head wholly: there is nothing in a random model that
would be worth freezing.
"""
from __future__ import annotations

from typing import Any, Iterable, Sequence

import torch

from .data import Messages
from .lora import add_lora
from .policy import plain
from .tiny import Shape, Tiny
from .torch_policy import TorchPolicy

END, UNKNOWN = 0, 1


class LocalPolicy(TorchPolicy):
    """policy.Policy for an embedded model."""

    end = END

    def __init__(self, model: str, texts: Iterable[str], *, bias: bool,
                 seed: int, rank: int, alpha: float, **options: Any) -> None:
        """bias: in queries, keys and values.  options: TorchPolicy's."""
        self._letters = sorted({c for text in texts for c in text})
        self._number = {c: n for n, c in enumerate(self._letters, 2)}
        shape = Shape(len(self._letters) + 2, bias=bias)
        self.context = shape.context
        torch.manual_seed(seed)
        made = Tiny(shape)
        add_lora(made.blocks, rank, alpha)
        super().__init__(made, [model, rank, alpha, self._letters], **options)

    def encode(self, text: str) -> list[int]:
        return [self._number.get(c, UNKNOWN) for c in text]

    def decode(self, tokens: Sequence[int]) -> str:
        return "".join(self._letters[t - 2] if t > UNKNOWN else
                       "\ufffd" if t == UNKNOWN else "" for t in tokens)

    def conversation(self, messages: Messages, answer: bool) \
            -> tuple[list[int], list[float]]:
        return plain(messages, answer, self.encode, END)
