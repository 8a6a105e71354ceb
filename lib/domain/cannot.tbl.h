/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What trainyard-runner cannot do: fields of a hosted job's config that are
 * refused where it runs such jobs.  Validator and trainyard-api(7) are made
 * from these rows.
 *
 * CANNOT(field, test, word, why)
 *   test  GIVEN   whatever its value
 *         BEYOND1 numbers above one
 *         NAMED   an object whose name is word
 */
CANNOT("world_manifest_id", GIVEN, "", "has no Worlds runtime")
CANNOT("world_runtime_id", GIVEN, "", "has no Worlds runtime")
CANNOT("world_agent_name", GIVEN, "", "has no Worlds runtime")
CANNOT("world_goal", GIVEN, "", "has no Worlds runtime")
CANNOT("world_reward", GIVEN, "", "has no Worlds runtime")
CANNOT("max_turns", BEYOND1, "", "takes one turn in a rollout")
CANNOT("max_episode_steps", BEYOND1, "", "takes one step in an episode")
CANNOT("reward_recipe", NAMED, "task_env_verifier_v1",
    "has no environments of tasks")
CANNOT("reward_recipe", NAMED, "task_env_agent_v1",
    "has no environments of tasks")
