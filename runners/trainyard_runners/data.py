# SPDX-License-Identifier: BSD-2-Clause
"""Data sets and capabilities as jobs name them.

A file is JSON Lines or one JSON array, UTF-8, possibly gzipped.  A row is
(a) ``messages``, (b) Worlds / ATIF ``steps``, or (c) a prompt and an answer.
"""
from __future__ import annotations

import gzip
import io
import json
import tarfile
from dataclasses import dataclass
from typing import Any, Iterator

import yaml

from .protocol import JobError

PROMPTS = ("prompt", "input", "question", "task_prompt")
ANSWERS = ("expected_output", "target", "answer", "output")
#: what a message may have of tools, for the model's own renderer
TOOLS = ("tool_calls", "tool_call_id", "name")

#: {role, content}; content is a text, tool_calls and tool_call_id may follow
Messages = list[dict[str, Any]]
#: Texts in order; True: an answer, which is learned and has an end of its own.
Parts = list[tuple[str, bool]]


@dataclass
class Prompt:
    """What a rollout begins with, and the row for its reward."""
    messages: Messages
    row: dict[str, Any]


def rows(dataset: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each row with its number, from 1: a line, or a place in the array."""
    name = dataset["reference"]
    path = (dataset.get("artifacts") or {}).get("path")
    if path is None:
        raise JobError(f"{name} is not kept here, this runner cannot read it")
    try:
        with open(path, "rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        opened = gzip.open(path, "rb") if packed else open(path, "rb")
        with io.TextIOWrapper(opened, encoding="utf-8-sig") as text:
            yield from _rows(text, name)
    except UnicodeDecodeError as error:
        raise JobError(f"{name}: not UTF-8: {error}") from None
    except (OSError, EOFError) as error:
        raise JobError(f"{name}: cannot be read: {error}") from None


def _rows(text: io.TextIOWrapper, name: str) \
        -> Iterator[tuple[int, dict[str, Any]]]:
    first = ""
    while first.isspace() or first == "":
        first = text.read(1)
        if first == "":
            return
    text.seek(0)
    if first == "[":
        try:
            found = json.load(text)
        except ValueError as error:
            raise JobError(f"{name}: {error}") from None
        items = enumerate(found, 1)
    else:
        items = ((n, _line(line, name, n)) for n, line in enumerate(text, 1)
                 if line.strip())
    for number, row in items:
        if not isinstance(row, dict):
            raise JobError(f"{name} line {number}: not an object")
        yield number, row


def _line(line: str, name: str, number: int) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise JobError(f"{name} line {number}: {error}") from None


def first_of(row: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    """The first that is present, as a text."""
    for key in keys:
        if row.get(key) is not None:
            value = row[key]
            return value if isinstance(value, str) else json.dumps(value)
    return None


def _content(value: Any) -> str:
    """A message's content: a text, or a list of parts with texts."""
    if isinstance(value, list):
        return "".join(p.get("text", "") for p in value
                       if isinstance(p, dict))
    return "" if value is None else str(value)


def _message(role: Any, content: Any) -> dict[str, Any]:
    return {"role": str(role), "content": _content(content)}


def _spoken(row: dict[str, Any]) -> Messages | None:
    """The messages of a row, None when it has none."""
    for key in ("messages", "steps"):
        if isinstance(row.get(key), list) and not (row[key] and all(
                isinstance(one, dict) for one in row[key])):
            return None
    if isinstance(row.get("messages"), list):
        return [_message(m.get("role", "user"), m.get("content")) | {
                    key: m[key] for key in TOOLS if m.get(key) is not None}
                for m in row["messages"]]
    if isinstance(row.get("steps"), list):
        return [_message("assistant" if s.get("source") == "agent"
                         else s.get("source", "user"), s.get("message"))
                for s in row["steps"]]
    return None


def _led(messages: Messages, system: str | None) -> Messages:
    """The capability's prompt comes first."""
    return [_message("system", system), *messages] if system else messages


def render(messages: Messages, answer: bool) -> Parts:
    """The form of a conversation, the same in training and in sampling.

    It is that of models without a form of their own.  answer: as far as to
    where the assistant is to speak next.
    """
    parts: Parts = []
    for one in messages:
        text = one["content"] + "".join(
            json.dumps(call) for call in one.get("tool_calls") or ())
        if one["role"] == "assistant":
            parts += [("<assistant>", False), (text, True)]
        else:
            parts.append((f"<{one['role']}>{text}\n", False))
    return parts + [("<assistant>", False)] if answer else parts


def examples(dataset: dict[str, Any], system: str | None) \
        -> Iterator[Messages]:
    """Rows to learn from; what the assistant says is what is learned."""
    for number, row in rows(dataset):
        messages = _spoken(row)
        if messages is None:
            prompt, answer = first_of(row, PROMPTS), first_of(row, ANSWERS)
            if prompt is None or answer is None:
                raise JobError(
                    f"{dataset['reference']} line {number}: neither messages "
                    "nor steps nor a prompt with an answer")
            messages = [_message("user", prompt),
                        _message("assistant", answer)]
        yield _led(messages, system)


def _opening(row: dict[str, Any], system: str | None) -> Messages | None:
    """Up to where the last answer begins; None: the row has no prompt."""
    text = first_of(row, PROMPTS)
    messages = [_message("user", text)] if text is not None else _spoken(row)
    if not messages:
        return None
    last = max((i for i, m in enumerate(messages)
                if m["role"] == "assistant"), default=len(messages))
    return _led(messages[:last], system)


def prompts(dataset: dict[str, Any], system: str | None,
            split: str | None) -> list[Prompt]:
    """Rows to sample from, those of the split when one is named."""
    found = []
    for number, row in rows(dataset):
        if split is not None and row.get("split") != split:
            continue
        messages = _opening(row, system)
        if messages is None:
            raise JobError(f"{dataset['reference']} line {number}: no prompt")
        found.append(Prompt(messages, row))
    if not found:
        raise JobError(f"{dataset['reference']} has no rows"
                       + (f" of split {split!r}" if split else ""))
    return found


def imitations(dataset: dict[str, Any], system: str | None) -> list[Prompt]:
    """Prompts of trajectories; what was answered is what is expected."""
    found = []
    for number, row in rows(dataset):
        answer = next((m["content"] for m in reversed(_spoken(row) or [])
                       if m["role"] == "assistant"), first_of(row, ANSWERS))
        messages = _opening(row, system)
        if answer is None or messages is None:
            raise JobError(f"{dataset['reference']} line {number}: no prompt "
                           "with an answer")
        found.append(Prompt(messages, {"expected_output": answer, **row}))
    if not found:
        raise JobError(f"{dataset['reference']} has no rows")
    return found


def entry_prompt(capability: dict[str, Any] | None) -> str | None:
    """The system text of a capability: its entry agent, or the file itself."""
    path = (capability or {}).get("artifact_s3_prefix")
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        if packed:
            with tarfile.open(path, "r:gz") as bundle:
                return _from_bundle(bundle)
        with open(path, encoding="utf-8") as file:
            return without_front_matter(file.read()).strip() or None
    except (OSError, tarfile.TarError, UnicodeDecodeError,
            yaml.YAMLError) as error:
        raise JobError(f"capability {capability['name']}@"
                       f"{capability['version']}: {error}") from None


def _from_bundle(bundle: tarfile.TarFile) -> str | None:
    files = {m.name.removeprefix("./"): m for m in bundle.getmembers()
             if m.isfile()}

    def read(name: str) -> str:
        return bundle.extractfile(files[name]).read().decode("utf-8")

    wanted: list[str] = []
    if "capability.yaml" in files:
        about = yaml.safe_load(read("capability.yaml"))
        if isinstance(about, dict) and about.get("entry_agent"):
            agent = about["entry_agent"]
            wanted = [f"agents/{agent}.md", f"agents/{agent}.txt"]
    wanted += sorted(n for n in files if n.startswith("agents/")
                     and n.endswith((".md", ".txt")))
    for name in wanted:
        if name in files:
            return without_front_matter(read(name)).strip() or None
    return None


def without_front_matter(text: str) -> str:
    """Markdown without the YAML between its first two lines of dashes."""
    if not text.startswith("---\n"):
        return text
    end = text.find("\n---", 3)
    if end == -1:
        return text
    return text[end + 4:].lstrip("\n")
