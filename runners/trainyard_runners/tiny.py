# SPDX-License-Identifier: BSD-2-Clause
"""A small causal transformer, made on the spot for the embedded models.

Llama's block (RMSNorm, rotary positions, SwiGLU); Qwen's is the same with a
bias on queries, keys and values.
"""
from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

Cache = list[tuple[torch.Tensor, torch.Tensor]]


@dataclass(frozen=True)
class Shape:
    """Sizes of a model."""
    vocabulary: int
    width: int = 64
    heads: int = 4
    layers: int = 2
    context: int = 512
    bias: bool = False


class RMSNorm(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True)
                               + 1e-6) * self.weight


def rotate(x: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
    """Rotary embedding (Su et al., 2021) of x (batch, heads, time, size)."""
    half = x.shape[-1] // 2
    step = torch.exp(torch.arange(half, dtype=torch.float32)
                     * (-math.log(10000.0) / half))
    angle = positions[:, None, :, None].float() * step
    sin, cos = angle.sin(), angle.cos()
    a, b = x[..., :half], x[..., half:]
    return torch.cat((a * cos - b * sin, a * sin + b * cos), -1)


class Block(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        w, inner = shape.width, shape.width * 3
        self.heads = shape.heads
        self.before = RMSNorm(w)
        self.q = nn.Linear(w, w, bias=shape.bias)
        self.k = nn.Linear(w, w, bias=shape.bias)
        self.v = nn.Linear(w, w, bias=shape.bias)
        self.o = nn.Linear(w, w, bias=False)
        self.between = RMSNorm(w)
        self.gate = nn.Linear(w, inner, bias=False)
        self.up = nn.Linear(w, inner, bias=False)
        self.down = nn.Linear(inner, w, bias=False)

    def _split(self, x: torch.Tensor) -> torch.Tensor:
        batch, time, width = x.shape
        return x.view(batch, time, self.heads,
                      width // self.heads).transpose(1, 2)

    def forward(self, x: torch.Tensor, positions: torch.Tensor,
                mask: torch.Tensor,
                past: tuple[torch.Tensor, torch.Tensor] | None) \
            -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
        h = self.before(x)
        q = rotate(self._split(self.q(h)), positions)
        k = rotate(self._split(self.k(h)), positions)
        v = self._split(self.v(h))
        if past is not None:
            k, v = torch.cat((past[0], k), 2), torch.cat((past[1], v), 2)
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
        scores = scores.masked_fill(~mask, float("-inf"))
        # a padded query sees nothing: its row is thrown away, not NaN
        weights = torch.nan_to_num(scores.softmax(-1))
        h = (weights @ v).transpose(1, 2).reshape(x.shape)
        x = x + self.o(h)
        h = self.between(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h)), (k, v)


class Tiny(nn.Module):
    """logits = model(tokens, real): real is False where there is padding."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embed = nn.Embedding(shape.vocabulary, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.after = RMSNorm(shape.width)
        self.head = nn.Linear(shape.width, shape.vocabulary, bias=False)
        # signals keep their size, and at first nothing is preferred by much
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=parameter.shape[1] ** -0.5)
        nn.init.normal_(self.embed.weight, std=0.3)
        nn.init.normal_(self.head.weight, std=0.05)

    def forward(self, tokens: torch.Tensor, real: torch.Tensor,
                past: Cache | None = None) -> tuple[torch.Tensor, Cache]:
        """tokens (batch, new); real (batch, past + new)."""
        new, total = tokens.shape[1], real.shape[1]
        positions = (real.long().cumsum(1) - 1).clamp(min=0)[:, -new:]
        causal = torch.ones(new, total, dtype=torch.bool).tril(total - new)
        mask = causal[None, None] & real[:, None, None, :]
        x = self.embed(tokens)
        kept: Cache = []
        for i, block in enumerate(self.blocks):
            x, pair = block(x, positions, mask,
                            None if past is None else past[i])
            kept.append(pair)
        return self.head(self.after(x)), kept
