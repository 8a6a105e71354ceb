# SPDX-License-Identifier: BSD-2-Clause
"""Conversations in the form of a model that has a tokenizer of its own."""
from __future__ import annotations

import os.path
from typing import Any, Sequence

from .data import Messages
from .policy import plain


class Chat:
    """Around a tokenizer of transformers."""

    def __init__(self, tokenizer: Any) -> None:
        if tokenizer.chat_template:
            import jinja2  # noqa: F401  transformers wants it, but later
        self._tokenizer = tokenizer
        #: ends what the assistant says
        self.end: int = tokenizer.eos_token_id
        self.end_text: str = tokenizer.eos_token

    def encode(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False)
                    ["input_ids"])

    def decode(self, tokens: Sequence[int]) -> str:
        return self._tokenizer.decode(list(tokens), skip_special_tokens=True)

    def conversation(self, messages: Messages, answer: bool) \
            -> tuple[list[int], list[float]]:
        """See policy.Policy."""
        if not self._tokenizer.chat_template:
            return plain(messages, answer, self.encode, self.end)
        tokens: list[int] = []
        learned: list[float] = []
        for text, said in self._parts(messages, answer):
            piece = self.encode(text) if text else []
            tokens += piece
            learned += [float(said)] * len(piece)
        return tokens, learned

    def _text(self, messages: Messages, answer: bool) -> str:
        if not messages:
            return ""
        return self._tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=answer)

    def _parts(self, messages: Messages, answer: bool) \
            -> list[tuple[str, bool]]:
        """The model's form, cut where the assistant begins and ends.

        A form that changes what was said before, as one that drops thoughts
        does, has its earlier answers as they were changed and not learned.
        """
        whole = self._text(messages, answer)
        parts: list[tuple[str, bool]] = []
        at = 0
        for i, one in enumerate(messages):
            if one["role"] != "assistant":
                continue
            after = self._text(messages[:i + 1], False)
            before = os.path.commonprefix((self._text(messages[:i], True),
                                           after))
            if len(before) >= at and whole.startswith(after):
                parts += [(whole[at:len(before)], False),
                          (whole[len(before):len(after)], True)]
                at = len(after)
        return parts + [(whole[at:], False)]
