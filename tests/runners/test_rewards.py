# SPDX-License-Identifier: BSD-2-Clause
"""What completions are worth."""
import hashlib

import pytest

from trainyard_runners import rewards
from trainyard_runners.protocol import JobError


def recipe(name, params=None, task=None):
    job = {"reward_recipe": {"name": name, "params": params or {}},
           "task": task}
    return rewards.recipe(job)


@pytest.mark.parametrize("name, params, row, completion, value", [
    ("exact_match_v1", {}, {"expected_output": "b"}, " b\n", 1.0),
    ("exact_match_v1", {}, {"expected_output": "b"}, "B", 0.0),
    ("exact_match_v1", {"expected": "x"}, {"expected_output": "b"}, "x", 1.0),
    ("contains_v1", {"needle": "FLAG{"}, {}, "a FLAG{1}", 1.0),
    ("contains_v1", {"needle": "FLAG{"}, {}, "a flag{1}", 0.0),
    ("contains_v1", {"needle": "a", "reward_if_true": 2,
                     "reward_if_false": -1}, {}, "b", -1.0),
    ("row_reward_v1", {}, {"reward": 0.25}, "anything", 0.25),
    ("row_reward_v1", {"default": 0.5}, {}, "anything", 0.5),
    ("row_reward_v1", {"default": 0.5}, {"reward": 0}, "anything", 0.0),
    ("trajectory_imitation_v1", {}, {"expected_output": "go", "reward": 3},
     "go", 3.0),
    ("trajectory_imitation_v1", {"reward_if_true": 2},
     {"expected_output": "go"}, "go", 2.0),
    ("trajectory_imitation_v1", {"reward_if_false": -2},
     {"expected_output": "go", "reward": 3}, "stay", -2.0),
    ("gsm8k_v1", {}, {"expected_output": "so\n#### 1,234"}, "12 or #### 1234",
     1.0),
    ("gsm8k_v1", {}, {"expected_output": "7"}, "first 3, then 7.0000001",
     1.0),
    ("gsm8k_v1", {}, {"expected_output": "7"}, "#### 8 is not 7", 0.0),
    ("gsm8k_v1", {}, {"expected_output": "7"}, "none", 0.0),
    ("gsm8k_v1", {"expected": -2}, {}, "#### -2", 1.0),
])
def test_value(name, params, row, completion, value):
    assert recipe(name, params)(completion, row) == value


def test_a_flag_is_known_by_its_hash():
    task = {"verification": {"method": "flag", "hash": "sha256:"
                             + hashlib.sha256(b"FLAG{1}").hexdigest()}}
    reward = recipe("task_verifier_v1", {"reward_if_true": 5}, task)
    assert reward("  FLAG{1}\n", {}) == 5.0
    assert reward("FLAG{2}", {}) == 0.0


@pytest.mark.parametrize("name, params, task, text", [
    ("contains_v1", {}, None, "contains_v1 requires params.needle"),
    ("task_verifier_v1", {}, None,
     "task_verifier_v1 requires a task with verification config"),
    ("task_verifier_v1", {}, {"verification": {"method": "shell"}},
     "task_verifier_v1 currently supports only flag-based task verification"),
    ("task_verifier_v1", {}, {"verification": {"method": "flag"}},
     "task_verifier_v1 requires verification.hash"),
    ("task_env_agent_v1", {}, None, "this runner has no environment for the "
     "reward recipe task_env_agent_v1"),
])
def test_what_cannot_be_judged_ends_the_job(name, params, task, text):
    with pytest.raises(JobError, match=text):
        recipe(name, params, task)


@pytest.mark.parametrize("name, text", [
    ("exact_match_v1", "exact_match_v1 requires an expected output"),
    ("trajectory_imitation_v1",
     "trajectory_imitation_v1 requires an expected output"),
    ("gsm8k_v1", "gsm8k_v1 requires expected_output .or params.expected.")])
def test_a_row_without_an_answer_ends_the_job(name, text):
    with pytest.raises(JobError, match=text):
        recipe(name)("1", {"prompt": "?"})


@pytest.mark.parametrize("value", ["1", True, [1], {}])
def test_a_rows_reward_that_is_no_number_is_told(value):
    for name in ("row_reward_v1", "trajectory_imitation_v1"):
        with pytest.raises(JobError, match="a row's reward is .*number"):
            recipe(name)("go", {"expected_output": "go", "reward": value})
