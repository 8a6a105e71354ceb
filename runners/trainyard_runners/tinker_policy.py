# SPDX-License-Identifier: BSD-2-Clause
"""A policy that Tinker trains: the weights stay there, the loop runs here.

Checkpoints are Tinker's, tinker://...; what the loop itself remembers lies in
a file of the work folder, where later attempts of the job find it.
"""
from __future__ import annotations

import functools
import hashlib
import itertools
import math
import os
import pathlib
import pickle
import warnings
from typing import Any, Sequence

# nothing about jobs leaves this site but what is trained on
os.environ.setdefault("TINKER_TELEMETRY", "0")
# the log is the job's, not that of libraries
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
warnings.simplefilter("ignore", FutureWarning)
import tinker  # noqa: E402
from tinker import types  # noqa: E402

from .chat import Chat  # noqa: E402
from .data import Messages  # noqa: E402
from .policy import Datum, Sample, Sampling  # noqa: E402
from .protocol import JobError  # noqa: E402

#: tokens, where the service does not say
CONTEXT = 32768
#: seconds that it keeps the weights of samples
SAMPLER_TTL = 7 * 86400


def told(call: Any) -> Any:
    """What the service refuses ends the job, in its words."""
    @functools.wraps(call)
    def wrapped(*args: Any, **options: Any) -> Any:
        try:
            return call(*args, **options)
        except (tinker.TinkerError, ValueError) as error:
            raise JobError(f"Tinker: {error}") from None
    return wrapped


def made(client: Any) -> Any:
    """A client: newer SDKs give a future of it."""
    return client.result() if hasattr(client, "result") else client


class TinkerPolicy:
    """policy.Policy; a checkpoint is resumed by a client of its own."""

    @told
    def __init__(self, model: str, *, rank: int, seed: int,
                 folder: pathlib.Path, tokenizer: pathlib.Path | None,
                 base_url: str | None) -> None:
        """folder: of this attempt.  tokenizer: a folder of this host that has
        it; None asks the service which one it is.
        """
        self._model = model
        self._folder = folder
        self._rank = rank
        self._seed = seed & 0x7fffffff
        self._client: Any = None
        self._service = tinker.ServiceClient(base_url=base_url)
        self.context = self._context_of(model)
        self._chat = Chat(self._tokenizer(tokenizer))
        self.version = 0
        self._sampler: Any = None
        self._sampler_path: str | None = None
        self._synced_version = 0
        self._serial = 0

    @property
    def _training(self) -> Any:
        """Made when it is needed: restore() brings one of its own."""
        if self._client is None:
            self._client = made(self._service.create_lora_training_client(
                self._model, rank=self._rank, seed=self._seed))
        return self._client

    def _context_of(self, model: str) -> int:
        name, _, longer = model.partition(":peft:")
        if longer:
            return int(longer)
        able = self._service.get_server_capabilities()
        for one in able.supported_models:
            if one.model_name == name and one.max_context_length:
                return one.max_context_length
        return CONTEXT

    def _tokenizer(self, path: pathlib.Path | None) -> Any:
        if path is None:
            return self._training.get_tokenizer()
        from transformers import AutoTokenizer
        return AutoTokenizer.from_pretrained(str(path), local_files_only=True)

    def conversation(self, messages: Messages, answer: bool) \
            -> tuple[list[int], list[float]]:
        return self._chat.conversation(messages, answer)

    # -- learning

    @staticmethod
    def _datum(datum: Datum, loss: str) -> types.Datum:
        """Inputs and what each is to predict: one token less of both."""
        inputs = {"target_tokens": datum.tokens[1:]}
        if loss == "cross_entropy":
            inputs["weights"] = [float(w) for w in datum.weights[1:]]
        else:
            inputs["logprobs"] = [float(v) for v in datum.logprobs[1:]]
            inputs["advantages"] = [
                a * w for a, w in zip(datum.advantages[1:],
                                      datum.weights[1:])]
        return types.Datum(
            model_input=types.ModelInput.from_ints(datum.tokens[:-1]),
            loss_fn_inputs=inputs)

    def _send(self, call: Any, batch: Sequence[Datum], loss: str) -> Any:
        return call([self._datum(d, loss) for d in batch], loss)

    @staticmethod
    def _value(batch: Sequence[Datum], loss: str, output: Any) -> float:
        """The loss per weighted token, of what the service tells.

        PPO's without its clipping.
        """
        total = weight = 0.0
        for datum, told_of in zip(batch, output.loss_fn_outputs):
            logprobs = told_of["logprobs"].to_numpy().tolist()
            for i, (now, w) in enumerate(zip(logprobs, datum.weights[1:]), 1):
                total -= w * (
                    now if loss == "cross_entropy" else datum.advantages[i]
                    * math.exp(min(now - datum.logprobs[i], 20)))
                weight += w
        return total / weight if weight else 0.0

    @told
    def step(self, batches: Sequence[Sequence[Datum]], loss: str,
             learning_rate: float) -> list[float]:
        """All is on its way before anything is waited for: one clock cycle."""
        outputs = [self._send(self._training.forward_backward, batch, loss)
                   for batch in batches]
        optimizer = self._training.optim_step(types.AdamParams(
            learning_rate=learning_rate, beta1=0.9, beta2=0.95, eps=1e-8))
        values = [self._value(batch, loss, output.result())
                  for batch, output in zip(batches, outputs)]
        optimizer.result()
        self.version += 1
        return values

    @told
    def loss(self, batch: Sequence[Datum]) -> float:
        output = self._send(self._training.forward, batch, "cross_entropy")
        return self._value(batch, "cross_entropy", output.result())

    # -- sampling

    @told
    def sync(self) -> None:
        self._serial += 1
        self._sampler_path = self._training.save_weights_for_sampler(
            f"sampler-{self.version:06d}-{self._serial}",
            ttl_seconds=SAMPLER_TTL).result().path
        self._sampler = made(self._service.create_sampling_client(
            model_path=self._sampler_path))
        self._synced_version = self.version

    @told
    def sample(self, prompts: Sequence[list[int]], sampling: Sampling,
               seed: int) -> list[Sample]:
        room = self.context - sampling.max_tokens
        if room < 1:
            raise JobError(f"max_new_tokens is {sampling.max_tokens}: the "
                           f"model's context is {self.context}")
        if self._sampler is None:
            self.sync()
        asked = []
        # a group shares its prompt: one request
        for at, (prompt, group) in enumerate(itertools.groupby(prompts)):
            asked.append(self._sampler.sample(
                types.ModelInput.from_ints(prompt[-room:]), len(list(group)),
                types.SamplingParams(
                    max_tokens=sampling.max_tokens,
                    temperature=sampling.temperature,
                    stop=[*sampling.stop, self._chat.end_text]
                    if sampling.stop else [self._chat.end],
                    seed=(seed + at) & 0x7fffffff)))
        return [self._sample_of(sequence, sampling) for future in asked
                for sequence in future.result().sequences]

    def _sample_of(self, sequence: Any, sampling: Sampling) -> Sample:
        text = self._chat.decode(sequence.tokens)
        ends = [at for at in (text.find(word) for word in sampling.stop)
                if at != -1]
        return Sample(list(sequence.tokens), list(sequence.logprobs or ()),
                      text[:min(ends)] if ends else text,
                      self._synced_version)

    # -- keeping

    def _state_name(self, address: str) -> str:
        digest = hashlib.sha256(address.encode()).hexdigest()
        return f"checkpoints/{digest[:32]}.state"

    @told
    def save(self, name: str, state: dict[str, object]) -> str:
        address = self._training.save_state(name).result().path
        path = self._folder / self._state_name(address)
        path.parent.mkdir(exist_ok=True)
        part = path.with_suffix(".part")
        with open(part, "wb") as file:
            pickle.dump({"address": address, "version": self.version,
                         "sampler": self._sampler_path,
                         "synced_version": self._synced_version,
                         "serial": self._serial, "state": state}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        return address

    @told
    def restore(self, address: str) -> dict[str, object]:
        # work folders of a job's attempts lie beside each other
        found = next(self._folder.parent.glob(
            "*/" + self._state_name(address)), None)
        if found is None:
            raise JobError(f"checkpoint {address}: what the loop remembered "
                           "is not in the work folders of this job")
        with open(found, "rb") as file:  # a file of our own
            kept = pickle.load(file)
        self._client = made(
            self._service.create_training_client_from_state_with_optimizer(
                address))
        self.version = kept["version"]
        self._serial = kept["serial"]
        self._synced_version = kept["synced_version"]
        self._sampler_path = kept["sampler"]
        if self._sampler_path is not None:
            self._sampler = made(self._service.create_sampling_client(
                model_path=self._sampler_path))
        return kept["state"]
