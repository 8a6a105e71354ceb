# SPDX-License-Identifier: BSD-2-Clause
"""Reward recipes: what a completion is worth.

Names, parameters, values and error texts are those of the API
(GET /api/v1/training/reward-recipes lists them).
"""
from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Any, Callable

from .data import first_of, ANSWERS
from .protocol import JobError

Reward = Callable[[str, dict[str, Any]], float]

NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
MARKED = re.compile(r"####\s*(-?\d[\d,]*(?:\.\d+)?)")


def recipe(job: Any) -> Reward:
    """The reward of a job: (completion, row) -> value.

    Raises JobError for what this runner cannot judge.
    """
    named = job["reward_recipe"] or {"name": "row_reward_v1", "params": {}}
    params = named.get("params") or {}
    try:
        make = RECIPES[named["name"]]
    except KeyError:
        raise JobError(f"this runner has no environment for the reward recipe "
                       f"{named['name']}") from None
    return make(params, job)


def _choice(params: dict[str, Any]) -> tuple[float, float]:
    return (float(params.get("reward_if_true", 1.0)),
            float(params.get("reward_if_false", 0.0)))


def _expected(params: dict[str, Any], row: dict[str, Any]) -> str | None:
    if params.get("expected") is not None:
        return str(params["expected"])
    return first_of(row, ANSWERS)


def _worth(row: dict[str, Any], default: float) -> float:
    """The row's own reward."""
    value = row.get("reward")
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise JobError(f"a row's reward is {json.dumps(value)[:100]}: it must "
                       "be a number")
    return float(value)


def exact_match(params: dict[str, Any], _job: Any) -> Reward:
    def reward(completion: str, row: dict[str, Any]) -> float:
        expected = _expected(params, row)
        if expected is None:
            raise JobError("exact_match_v1 requires an expected output")
        return float(completion.strip() == expected.strip())
    return reward


def contains(params: dict[str, Any], _job: Any) -> Reward:
    if params.get("needle") is None:
        raise JobError("contains_v1 requires params.needle")
    good, bad = _choice(params)
    return lambda completion, row: \
        good if params["needle"] in completion else bad


def row_reward(params: dict[str, Any], _job: Any) -> Reward:
    default = float(params.get("default", 0.0))

    return lambda _completion, row: _worth(row, default)


def trajectory_imitation(params: dict[str, Any], _job: Any) -> Reward:
    good, bad = _choice(params)

    def reward(completion: str, row: dict[str, Any]) -> float:
        expected = _expected(params, row)
        if expected is None:
            raise JobError("trajectory_imitation_v1 requires an expected "
                           "output")
        if completion.strip() != expected.strip():
            return bad
        return _worth(row, good)
    return reward


def task_verifier(params: dict[str, Any], job: Any) -> Reward:
    verification = (job["task"] or {}).get("verification")
    if not verification:
        raise JobError("task_verifier_v1 requires a task with verification "
                       "config")
    if verification.get("method") != "flag":
        raise JobError("task_verifier_v1 currently supports only flag-based "
                       "task verification")
    wanted = verification.get("hash") or verification.get("flag_hash")
    if not wanted:
        raise JobError("task_verifier_v1 requires verification.hash")
    good, bad = _choice(params)

    def reward(completion: str, _row: dict[str, Any]) -> float:
        digest = hashlib.sha256(completion.strip().encode()).hexdigest()
        return good if "sha256:" + digest == wanted else bad
    return reward


def number_of(text: str) -> float | None:
    """The last "#### n", else the last bare number."""
    found = MARKED.findall(text) or NUMBER.findall(text)
    return float(found[-1].replace(",", "")) if found else None


def gsm8k(params: dict[str, Any], _job: Any) -> Reward:
    good, bad = _choice(params)

    def reward(completion: str, row: dict[str, Any]) -> float:
        expected = _expected(params, row)
        if expected is None:
            raise JobError("gsm8k_v1 requires expected_output (or "
                           "params.expected)")
        wanted, got = number_of(expected), number_of(completion)
        if wanted is None or got is None:
            return bad
        return good if math.isclose(wanted, got, rel_tol=0,
                                    abs_tol=1e-6) else bad
    return reward


RECIPES: dict[str, Callable[[dict[str, Any], Any], Reward]] = {
    "exact_match_v1": exact_match,
    "contains_v1": contains,
    "row_reward_v1": row_reward,
    "trajectory_imitation_v1": trajectory_imitation,
    "task_verifier_v1": task_verifier,
    "gsm8k_v1": gsm8k,
}


def nothing_found(job: Any, completion: str) -> bool:
    """Was there nothing in the completion that the recipe could judge?"""
    if (job["reward_recipe"] or {}).get("name") == "gsm8k_v1":
        return number_of(completion) is None
    return not completion.strip()
