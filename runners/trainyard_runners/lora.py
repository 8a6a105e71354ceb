# SPDX-License-Identifier: BSD-2-Clause
"""LoRA: linear layers that learn through two thin ones beside them."""
from __future__ import annotations

import torch
from torch import nn


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


def add_lora(module: nn.Module, rank: int, alpha: float) -> int:
    """Puts LoRA in place of each linear layer inside; how many those are."""
    count = 0
    for name, layer in list(module.named_children()):
        if isinstance(layer, nn.Linear):
            setattr(module, name, LoRA(layer, rank, alpha))
            count += 1
        else:
            count += add_lora(layer, rank, alpha)
    return count
