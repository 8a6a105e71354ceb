# SPDX-License-Identifier: BSD-2-Clause
"""Models that lie in a folder of this host, in Hugging Face's layout.

Their weights stay as they are; LoRA beside each linear layer learns.  Nothing
is fetched from anywhere, and no code of the folder is run.
"""
from __future__ import annotations

import pathlib
from typing import Any, Sequence

import torch
import transformers
from torch import nn

from .chat import Chat
from .data import Messages
from .lora import add_lora
from .protocol import JobError
from .torch_policy import TorchPolicy


class Causal(nn.Module):
    """A model of transformers as TorchPolicy calls it."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens: torch.Tensor, real: torch.Tensor,
                past: Any = None) -> tuple[torch.Tensor, Any]:
        positions = (real.long().cumsum(1) - 1).clamp(min=0)
        made = self.model(
            input_ids=tokens, attention_mask=real.long(),
            position_ids=positions[:, -tokens.shape[1]:],
            past_key_values=past, use_cache=not torch.is_grad_enabled())
        return made.logits, made.past_key_values


class FolderPolicy(TorchPolicy):
    """policy.Policy for one of them."""

    def __init__(self, name: str, path: pathlib.Path, *, seed: int, rank: int,
                 alpha: float, **options: Any) -> None:
        """options: those of TorchPolicy."""
        transformers.logging.set_verbosity_error()
        try:
            self._chat = Chat(transformers.AutoTokenizer.from_pretrained(
                str(path), local_files_only=True))
            model = transformers.AutoModelForCausalLM.from_pretrained(
                str(path), local_files_only=True, attn_implementation="eager")
        except (OSError, ValueError, ImportError, KeyError) as error:
            raise JobError(f"model {name} cannot be read: {error}") from None
        self.end = self._chat.end
        self.context = model.config.max_position_embeddings
        model = model.float().eval().requires_grad_(False)
        torch.manual_seed(seed)
        # the head stays: it may share its weights with the embedding
        if not add_lora(model.base_model, rank, alpha):
            raise JobError(f"model {name} has no linear layers for LoRA")
        super().__init__(Causal(model), [name, rank, alpha], **options)

    def decode(self, tokens: Sequence[int]) -> str:
        return self._chat.decode(tokens)

    def conversation(self, messages: Messages, answer: bool) \
            -> tuple[list[int], list[float]]:
        return self._chat.conversation(messages, answer)
