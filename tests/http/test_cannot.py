# SPDX-License-Identifier: BSD-2-Clause
"""What the site's own runner cannot do is refused at create, and only that."""
import pytest

from crowd import running_stack
from hosted import Place, faults, ray, ref, rl

WHY = ("trainyard-runner, which runs these jobs here, {}: leave it out, or "
       "ask the administrator for another runner")
WORLDS = WHY.format("has no Worlds runtime")
ENVIRONMENTS = WHY.format("has no environments of tasks")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Its own runner has RL's jobs, a stranger's program those of Ray."""
    with running_stack(
            tmp_path_factory.mktemp("cannot"), "--set", "slots=0",
            "--set", "runner_tinker_rl=/usr/lib/trainyard-runner --x",
            "--set", "runner_ray_grpo=/opt/not-trainyard-runner") as stack:
        made = Place(stack, "cannot").furnish()
        yield made
        made.close()


def told(reply):
    return [(loc[2], msg) for loc, kind, msg in faults(reply)
            if loc[:2] == ["body", "config"] and kind == "value_error"]


def test_worlds_are_refused_field_by_field(place):
    before = place.counts()
    assert told(place.create(rl(
        world_manifest_id="office-world", world_runtime_id="r",
        world_agent_name="a", world_goal="g",
        world_reward={"name": "goal_only_v1"}))) == [
            (f"world_{what}", WORLDS) for what in (
                "manifest_id", "runtime_id", "agent_name", "goal", "reward")]
    assert place.counts() == before


@pytest.mark.parametrize("field, why", [
    ("max_turns", "takes one turn in a rollout"),
    ("max_episode_steps", "takes one step in an episode")])
def test_one_turn_is_taken_and_two_are_refused(place, field, why):
    place.made(rl(**{field: 1}))
    assert told(place.create(rl(**{field: 2}))) == [(field, WHY.format(why))]


@pytest.mark.parametrize("recipe", ["task_env_verifier_v1",
                                    "task_env_agent_v1"])
def test_recipes_that_need_an_environment_are_refused(place, recipe):
    assert told(place.create(rl(
        task_ref="find-flag@3", reward_recipe={"name": recipe}))) == [
            ("reward_recipe", ENVIRONMENTS)]


def test_it_is_told_beside_what_is_missing(place):
    found = faults(place.create(rl(
        max_turns=3, prompt_dataset_ref=ref("nothing"))))
    assert [f[1] for f in found] == ["artifact_not_found", "value_error"]


def test_another_program_may_do_what_it_can(place):
    place.made(ray(max_turns=5, max_episode_steps=9,
                   reward_recipe={"name": "task_env_agent_v1"}))


def test_a_dry_run_refuses_it_too(place):
    reply = place.create(rl(max_turns=2), params={"validate_only": "true"})
    assert [f for f, _ in told(reply)] == ["max_turns"]
