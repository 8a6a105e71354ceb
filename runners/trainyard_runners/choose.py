# SPDX-License-Identifier: BSD-2-Clause
"""Which policy trains a job's model.

Embedded models are made here.  A model that lies in this host's folder of
models is trained here as well.  Any other is trained by Tinker, where the
site has a key for it.
"""
from __future__ import annotations

import functools
import os
import pathlib
from typing import Any, Callable, Mapping

from .policy import Policy
from .protocol import Job, JobError, Reporter

#: models that are made here; whether they have Qwen's bias
EMBEDDED = {"trainyard/tiny-llama": False, "trainyard/tiny-qwen": True}
VENV = ", in a virtual environment whose python runs trainyard-runner"
#: how to get modules that policies need
PACKAGES = {"torch": "apt-get install python3-torch libopenblas0-pthread",
            "transformers": "pip install transformers" + VENV,
            "jinja2": "pip install jinja2" + VENV,
            "ray": "pip install 'ray[default]'" + VENV,
            "tinker": "pip install tinker" + VENV}


def choose(job: Job, report: Reporter, texts: list[str], *, workers: int,
           environ: Mapping[str, str] = os.environ) -> Policy:
    """texts: what the model must be able to read and write."""
    try:
        return _choose(job, report, texts, workers, environ)
    except ModuleNotFoundError as missing:
        hint = PACKAGES.get(missing.name or "")
        if hint is None:
            raise
        raise JobError(f"the runner lacks the Python module {missing.name}, "
                       f"which {job.model} needs: {hint}") from None


def _choose(job: Job, report: Reporter, texts: list[str], workers: int,
            environ: Mapping[str, str]) -> Policy:
    # small models are fastest on one thread, and give the same sums each time
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    rank = job.value("lora_rank", 16)
    options = {"folder": job.workdir, "samples": job["trainer_type"] == "rl",
               "reference": job["algorithm"] == "grpo", "workers": workers}
    alpha = job.value("lora_alpha", 2 * rank)
    if job.model in EMBEDDED:
        from .local import LocalPolicy  # torch takes seconds to load
        return place(job, report, functools.partial(
            LocalPolicy, job.model, texts, bias=EMBEDDED[job.model],
            seed=job.seed, rank=rank, alpha=alpha), options, environ)
    # the variant with a longer context is of the same weights
    name = job.model.partition(":peft:")[0]
    found = folder_of(name, environ)
    if found is not None:
        from .folder import FolderPolicy
        return place(job, report, functools.partial(
            FolderPolicy, name, found, seed=job.seed, rank=rank,
            alpha=alpha), options, environ)
    if job["backend"] == "tinker" and environ.get("TINKER_API_KEY"):
        from .tinker_policy import TinkerPolicy
        if job.config.get("lora_alpha") is not None:
            report.warn("lora_alpha: Tinker chooses its own")
        return TinkerPolicy(
            job.model, rank=rank, seed=job.seed, folder=job.workdir,
            tokenizer=folder_of(name, environ, "tokenizer.json"),
            base_url=environ.get("TINKER_BASE_URL"))
    raise JobError(
        f"model {job.model} cannot be trained here: it is none of "
        f"{', '.join(EMBEDDED)}, no folder of that name lies in this host's "
        "model_dir, and " + (
            "there is no key for Tinker" if job["backend"] == "tinker"
            else "Ray jobs do not go to Tinker"))


def place(job: Job, report: Reporter, make: Callable[..., Any],
          options: dict[str, Any], environ: Mapping[str, str]) -> Policy:
    """Inside a Ray job the cluster's workers sample, else this process."""
    if job["backend"] != "ray" or "RAY_ADDRESS" not in environ:
        return make(**options)
    from .cluster import RayPolicy
    policy = RayPolicy(make, options, report=report,
                       mode=job.value("execution_mode", "async"))
    # Ray has taken SIGTERM for itself
    report.listen()
    return policy


def folder_of(name: str, environ: Mapping[str, str],
              file: str = "config.json") -> pathlib.Path | None:
    """Where the model lies; never outside the folder of models."""
    models = environ.get("TRAINYARD_MODELS")
    if not models:
        return None
    top = pathlib.Path(models).resolve()
    found = (top / name).resolve()
    if top not in found.parents or not (found / file).is_file():
        return None
    return found
