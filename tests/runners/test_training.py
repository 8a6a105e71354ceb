# SPDX-License-Identifier: BSD-2-Clause
"""Whole trainings of the embedded models, as trainyardd starts them."""
import json
import types

import pytest
import torch

from trainyard_runners.data import Prompt
from trainyard_runners.policy import Sample, Sampling
from trainyard_runners.protocol import Job, Reporter
from trainyard_runners.rl import Rl


def test_sft_halves_the_loss_on_what_it_learns_and_on_what_it_does_not(
        jobs, digits):
    short = jobs.run(digits(steps=1))
    assert short.end() == 0, short.stderr()
    run = jobs.run(digits(epochs=30))
    assert run.end() == 0, run.stderr()
    final = run.events[-1]["metrics"]
    assert final["train/loss_last"] < final["train/loss"][0] / 2
    assert final["eval/loss"] < short.events[-1]["metrics"]["eval/loss"] / 2


def test_sft_reports_what_the_contract_lists(jobs, digits):
    run = jobs.run(digits(batch_size=8, gradient_accumulation_steps=2,
                        epochs=2, steps=7, checkpoint_interval=3))
    assert run.end() == 0, run.stderr()
    first, *_, last = run.events
    assert first["event_type"] == "training_start"
    assert first["message"] == "Training started on trainyard/tiny-llama"
    assert last["event_type"] == "training_end"
    metrics = last["metrics"]
    assert set(metrics) == {
        "train/steps", "train/num_examples", "train/num_sequences_processed",
        "train/num_tokens_processed", "train/gradient_accumulation_steps",
        "train/epochs_completed", "steps", "train/loss", "train_loss",
        "train/loss_last", "train/loss_mean", "train/loss_best",
        "train/learning_rate", "learning_rate", "eval/num_examples",
        "eval/loss", "eval/steps", "eval/loss_history"}
    # 80 rows, 16 a step: the seven steps end before the second epoch does
    assert metrics["train/steps"] == 7
    assert metrics["train/num_sequences_processed"] == 112
    assert metrics["train/epochs_completed"] == 1.4
    assert run.series("steps") == metrics["steps"] == list(range(1, 8))
    assert run.series("train/loss") == metrics["train/loss"]
    saved = [e["artifacts"]["latest_checkpoint"] for e in run.events
             if e["event_type"] == "checkpoint_saved"]
    assert [p[-9:-3] for p in saved] == ["000003", "000006", "000007"]
    assert last["artifacts"] == {
        "capability": "scholar@1.0", "dataset": "reverse@1.0",
        "eval_dataset": "reverse-held-out@1.0", "checkpoints": saved}


def test_what_is_longer_than_max_sequence_length_is_cut_from_the_left(
        jobs, digits):
    whole, cut = (jobs.run(digits(steps=1, **config)) for config
                  in ({}, {"max_sequence_length": 4}))
    assert whole.end() == cut.end() == 0
    tokens = [r.events[-1]["metrics"]["train/num_tokens_processed"]
              for r in (whole, cut)]
    assert tokens[0] > tokens[1] == 16 * 4


def resumed(jobs, document, stop_after):
    """The series of a training that was stopped, and of its second half."""
    first = jobs.run(document)
    first.until("step_complete", stop_after)
    first.stop()
    assert first.end() == 75, first.stderr()
    saved = [e["artifacts"]["latest_checkpoint"] for e in first.events
             if e["event_type"] == "checkpoint_saved"]
    assert saved and "training_end" not in {e["event_type"]
                                            for e in first.events}
    second = jobs.run(document, resume=saved[-1])
    assert second.end() == 0, second.stderr()
    return first, second


def test_sft_that_was_stopped_ends_as_if_it_had_not_been(jobs, digits):
    document = digits(steps=30)
    whole = jobs.run(document)
    assert whole.end() == 0
    first, second = resumed(jobs, document, 8)
    assert 8 <= len(first.series("steps")) < 30
    assert first.series("train/loss") + second.series("train/loss") \
        == whole.series("train/loss")
    for key in ("train/loss", "eval/loss", "train/num_tokens_processed"):
        assert second.events[-1]["metrics"][key] \
            == whole.events[-1]["metrics"][key]


@pytest.mark.parametrize("config", [
    {"algorithm": "ppo", "execution_mode": "sync"},
    {"algorithm": "importance_sampling", "execution_mode": "fully_async",
     "max_steps_off_policy": 3}])
def test_rl_that_was_stopped_ends_as_if_it_had_not_been(jobs, letters,
                                                        config):
    document = letters("tinker", steps=16, num_rollouts=16, max_new_tokens=2,
                       temperature=1.0, learning_rate=0.003, **config)
    whole = jobs.run(document)
    assert whole.end() == 0
    first, second = resumed(jobs, document, 4)
    assert 4 <= len(first.series("steps")) < 16
    for key in ("train/reward", "train/num_rollouts",
                "async/max_staleness_observed"):
        assert second.events[-1]["metrics"][key] \
            == whole.events[-1]["metrics"][key]


def test_grpo_learns_the_next_letter(jobs, letters):
    run = jobs.run(letters("ray", passes=100, algorithm="grpo",
                           execution_mode="colocated", num_rollouts=8,
                           batch_size=8, learning_rate=0.003))
    assert run.end() == 0, run.stderr()
    reward = run.events[-1]["metrics"]["train/reward"]
    assert len(reward) == 200 and run.series("train/reward") == reward
    assert sum(reward[:5]) / 5 < 0.2
    assert sum(reward[-5:]) / 5 > 0.9


@pytest.mark.parametrize("algorithm", ["ppo", "importance_sampling"])
def test_tinker_rl_learns_too(jobs, letters, algorithm):
    run = jobs.run(letters(
        "tinker", algorithm=algorithm, steps=120, num_rollouts=64,
        batch_size=8, max_new_tokens=1, temperature=1.0,
        learning_rate=0.003))
    assert run.end() == 0, run.stderr()
    reward = run.events[-1]["metrics"]["train/reward"]
    assert sum(reward[-5:]) / 5 > 3 * sum(reward[:5]) / 5


def test_rl_reports_what_the_contract_lists(jobs, letters):
    document = letters(
        "tinker", algorithm="ppo", steps=6, num_rollouts=16, batch_size=8,
        max_new_tokens=2, temperature=1.0, execution_mode="fully_async",
        max_steps_off_policy=2, weight_sync_interval=2, eval_interval=3,
        eval_max_rollouts=5)
    document["eval_dataset"] = document["prompt_dataset"]
    run = jobs.run(document)
    assert run.end() == 0, run.stderr()
    final = run.events[-1]
    metrics = final["metrics"]
    assert set(metrics) == {
        "train/steps", "train/num_rollouts", "train/reward_mean",
        "train/reward_max", "train/reward_min", "async/generation_step",
        "async/training_step", "async/model_version",
        "async/last_synced_model_version", "async/weight_sync_count",
        "async/max_staleness_observed",
        "async/max_pending_generation_groups", "steps", "train/reward",
        "train/reward_max_per_step", "train/reward_min_per_step",
        "eval/steps", "eval/reward", "eval/reward_max", "eval/reward_min",
        "eval/extraction_failed_rate"}
    assert metrics["train/num_rollouts"] == 6 * 16
    assert metrics["async/weight_sync_count"] == 3
    assert metrics["async/last_synced_model_version"] == 6
    assert metrics["eval/steps"] == [3, 6]
    assert metrics["async/max_pending_generation_groups"] == 2
    # two steps ahead, and weights that are synced every second step
    assert metrics["async/max_staleness_observed"] == max(
        run.series("train/staleness")) == 3
    assert final["artifacts"]["execution_mode"] == "fully_async"
    assert final["artifacts"]["prompt_dataset"] == "letters@1.0"


def test_sync_learns_from_its_own_weights_only(jobs, letters):
    run = jobs.run(letters("tinker", algorithm="ppo", steps=3,
                           num_rollouts=8, temperature=1.0, max_new_tokens=1))
    assert run.end() == 0, run.stderr()
    metrics = run.events[-1]["metrics"]
    assert metrics["async/max_staleness_observed"] == 0
    assert run.series("train/staleness") == []


def test_trajectories_alone_are_imitated(jobs):
    rows = jobs.rows(*[{"messages": [
        {"role": "user", "content": c}, {"role": "assistant",
                                         "content": c}]} for c in "abcd"])
    run = jobs.run(jobs.document(
        "tinker", "rl", {"algorithm": "ppo", "steps": 2, "num_rollouts": 8,
                         "max_new_tokens": 1, "temperature": 1.0},
        trajectory_datasets=[rows],
        reward_recipe={"name": "trajectory_imitation_v1", "params": {}}))
    assert run.end() == 0, run.stderr()


@pytest.mark.parametrize("change, text", [
    ({"model": "Qwen/Qwen3-8B"}, "model Qwen/Qwen3-8B cannot be trained "
     "here: it is none of trainyard/tiny-llama, trainyard/tiny-qwen, no "
     "folder of that name lies in this host's model_dir, and there is no key "
     "for Tinker"),
    ({"dataset": {"reference": "far@1", "artifacts": {
        "path": None, "uri": "s3://x"}}},
     "far@1 is not kept here, this runner cannot read it")])
def test_what_it_cannot_do_ends_the_job_in_words(jobs, digits, change, text):
    run = jobs.run(digits() | change)
    assert run.end() == 1
    assert run.events[-1]["event_type"] == "training_error"
    assert run.events[-1]["error"] == run.events[-1]["message"] == text


@pytest.mark.parametrize("config, text", [
    ({"world_manifest_id": "office"},
     "world_manifest_id: this runner has no Worlds runtime"),
    ({"max_turns": 2}, "max_turns: rollouts of this runner have one turn"),
    ({"max_episode_steps": 2},
     "max_episode_steps: rollouts of this runner have one turn")])
def test_what_it_has_no_runtime_for_is_refused_in_words(jobs, letters,
                                                        config, text):
    run = jobs.run(letters("tinker", algorithm="ppo", **config))
    assert run.end() == 1
    assert run.events[-1]["error"] == text


def test_temperature_0_is_warned_of(jobs, letters):
    run = jobs.run(letters("tinker", algorithm="ppo", max_new_tokens=1))
    assert run.end() == 0, run.stderr()
    assert "warning: temperature is 0" in run.stderr()


def checkpoint(run):
    """What the last checkpoint of a run holds."""
    assert run.end() == 0, run.stderr()
    path = run.events[-1]["artifacts"]["checkpoints"][-1]
    return torch.load(path, weights_only=False)


def test_a_checkpoint_holds_weights_that_learn_and_once(jobs, digits):
    kept = checkpoint(jobs.run(digits(steps=2)))
    assert kept["synced"] is None
    assert not [name for name in kept["weights"] if ".base." in name]
    assert [name for name in kept["weights"] if name.endswith(".a")]


def test_weights_that_samples_come_from_are_kept_while_they_differ(
        jobs, letters):
    kept = checkpoint(jobs.run(letters(
        "tinker", algorithm="ppo", steps=3, num_rollouts=64, batch_size=8,
        temperature=1.0, max_new_tokens=1, weight_sync_interval=2)))
    synced, learned = kept["synced"], list(kept["weights"].values())
    assert (kept["version"], kept["synced_version"]) == (3, 2)
    assert [s.shape for s in synced] == [w.shape for w in learned]
    assert any((s != w).any() for s, w in zip(synced, learned))


def test_workers_share_the_rollouts_of_a_step(jobs, letters):
    """Each has random numbers of its own, and the sum is as repeatable."""
    def rewards(**config):
        run = jobs.run(letters(
            "ray", passes=3, algorithm="grpo", execution_mode="colocated",
            num_rollouts=8, batch_size=8, learning_rate=0.003, **config))
        assert run.end() == 0, run.stderr()
        return run.series("train/reward")
    two = rewards(num_rollout_workers=2)
    assert two == rewards(num_rollout_workers=2) != rewards()


def test_a_prompt_longer_than_the_context_is_cut_from_the_left():
    """What is learned from is what was sampled behind: both must fit."""
    policy = types.SimpleNamespace(
        context=10, conversation=lambda *_: (list(range(30)), []))
    loop = types.SimpleNamespace(plan=types.SimpleNamespace(
        sampling=Sampling(4, 1.0)))
    assert Rl._begins(loop, policy, [Prompt([], {})]) == [
        [24, 25, 26, 27, 28, 29]]


@pytest.mark.parametrize("config, asked", [
    ({"batch_size": 3}, 3), ({}, 8), ({"eval_max_rollouts": 5}, 5)])
def test_an_evaluation_asks_for_so_many_prompts(jobs, letters, config, asked):
    """Those of a batch when the job does not say."""
    (jobs.folder / "job.json").write_text(json.dumps(letters(
        "tinker", algorithm="ppo", num_rollouts=16, eval_interval=1, **config)))
    job = Job({"TRAINYARD_JOB": str(jobs.folder / "job.json"),
               "TRAINYARD_WORKDIR": str(jobs.folder)})
    job.document["eval_dataset"] = job["prompt_dataset"]
    events = []
    loop = Rl(job, Reporter(events.append))
    asked_for = []

    def sample(prompts, sampling, _seed):
        asked_for.append((len(prompts), sampling.temperature))
        return [Sample([2], [0.0], "x") for _ in prompts]

    loop._evaluate(types.SimpleNamespace(
        context=999, conversation=lambda *_: ([1], [0.0]), sample=sample), 1)
    assert asked_for == [(asked, 0.0)]
    assert events[0]["metrics"]["eval/reward"] == [0.0]
