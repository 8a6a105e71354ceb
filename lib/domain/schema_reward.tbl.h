/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known of rewards: the parameters of recipes, of a world's presets
 * and of their components, each under its name on the wire.  A part of
 * schema.tbl.h; recipe.c says which is which.
 */

/* Parameters that the server knows of reward recipes; more may be given. */
#define PAYOFF \
FIELD("reward_if_true", F_NUM, .min = 0, .max = 0, .flags = F_UNBOUNDED, \
    .dflt = "1.0", .doc = "reward of a success") \
FIELD("reward_if_false", F_NUM, .min = 0, .max = 0, .flags = F_UNBOUNDED, \
    .dflt = "0.0", .doc = "reward of a failure")

SCHEMA(recipe_exact_match, "exact_match_v1",
    "1.0 if both texts, stripped, are equal, else 0.0")
FIELD("expected", F_STR, .doc = "the row's expected_output when absent")
SCHEMA_END(recipe_exact_match)

SCHEMA(recipe_contains, "contains_v1", "case-sensitive substring")
FIELD("needle", F_STR, .min = 1, .doc = "what must occur; required")
PAYOFF
SCHEMA_END(recipe_contains)

SCHEMA(recipe_row_reward, "row_reward_v1", "the row's reward")
FIELD("default", F_NUM, .flags = F_UNBOUNDED, .dflt = "0.0",
    .doc = "for rows without one")
SCHEMA_END(recipe_row_reward)

SCHEMA(recipe_trajectory, "trajectory_imitation_v1",
    "on a match the row's reward, else reward_if_true")
FIELD("expected", F_STR, .doc = "the row's expected_output when absent")
PAYOFF
SCHEMA_END(recipe_trajectory)

SCHEMA(recipe_task_verifier, "task_verifier_v1",
    "SHA-256 of the stripped completion equals the task's hash")
PAYOFF
SCHEMA_END(recipe_task_verifier)

SCHEMA(recipe_gsm8k, "gsm8k_v1",
    "last #### n, else last bare number; equal within 1e-6")
FIELD("expected", F_STR, .doc = "the row's expected_output when absent")
PAYOFF
SCHEMA_END(recipe_gsm8k)

SCHEMA(recipe_task_env_verifier, "task_env_verifier_v1",
    "one completion, then the environment verifies")
FIELD("max_concurrent_rollouts", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .dflt = "8", .doc = "environments at the same time")
FIELD("env_timeout_sec", F_NUM, .flags = F_GT, .dflt = "300",
    .doc = "longest time of one environment")
PAYOFF
SCHEMA_END(recipe_task_env_verifier)

SCHEMA(recipe_task_env_agent, "task_env_agent_v1",
    "many turns, verified at the end")
FIELD("max_turns", F_INT, .min = 1, .max = INT_MAX_WIRE, .dflt = "20",
    .doc = "turns of an episode")
FIELD("max_concurrent_rollouts", F_INT, .min = 1, .max = INT_MAX_WIRE,
    .dflt = "8", .doc = "environments at the same time")
FIELD("env_timeout_sec", F_NUM, .flags = F_GT, .dflt = "600",
    .doc = "longest time of one environment")
PAYOFF
SCHEMA_END(recipe_task_env_agent)

/* What a world's events are worth.  Parameters that are not here are handed
 * on. */
#define WORTH(key, value, about) \
FIELD(key, F_NUM, .min = 0, .max = 0, .flags = F_UNBOUNDED, .dflt = value, \
    .doc = about)
#define WORTH_OF_FINDS \
WORTH("host_discovery_reward", "0.10", "a host was found") \
WORTH("credential_discovery_reward", "0.20", "a credential was found") \
WORTH("privilege_escalation_reward", "0.35", "more rights were gained")
#define WORTH_OF_END \
WORTH("success_reward", "1.0", "the goal was reached") \
WORTH("stall_penalty", "-0.25", "nothing went on") \
WORTH("max_steps_penalty", "-0.35", "the steps were used up") \
WORTH("error_penalty", "-1.0", "it ended with an error")

SCHEMA(world_heuristic, "heuristic_v1", "every step and the end; the default")
WORTH("reasoning_trace_bonus", "0.01", "the agent reasoned")
WORTH("tool_observation_reward", "0.02", "a tool answered")
WORTH_OF_FINDS
WORTH("stop_tool_bonus", "0.15", "the agent stopped by itself")
WORTH("terminal_success_reward", "1.0", "the goal was reached")
WORTH("terminal_stall_penalty", "-0.25", "nothing went on")
WORTH("terminal_max_steps_penalty", "-0.35", "the steps were used up")
WORTH("terminal_error_penalty", "-1.0", "it ended with an error")
WORTH("tool_error_penalty", "-0.20", "a tool failed")
SCHEMA_END(world_heuristic)

SCHEMA(world_goal_only, "goal_only_v1", "the end alone")
WORTH_OF_END
SCHEMA_END(world_goal_only)

SCHEMA(world_discovery, "discovery_v1", "what is found, and the end")
WORTH_OF_FINDS
WORTH_OF_END
SCHEMA_END(world_discovery)

SCHEMA(component, "WorldRewardComponent", "one of params.components")
FIELD("name", F_STR, .flags = F_REQUIRED, .min = 1, .max = 100,
    .doc = "a component; an unknown one is skipped")
FIELD("params", F_MAP, .dflt = "{}", .doc = "its parameters")
SCHEMA_END(component)

SCHEMA(component_reasoning_trace, "reasoning_trace", "the agent reasoned")
WORTH("value", "0.01", "each time")
SCHEMA_END(component_reasoning_trace)

SCHEMA(component_tool_observation, "tool_observation", "a tool answered")
WORTH("value", "0.02", "each time")
SCHEMA_END(component_tool_observation)

SCHEMA(component_host, "host_discovery", "a host was found")
WORTH("value", "0.10", "each time")
SCHEMA_END(component_host)

SCHEMA(component_credential, "credential_discovery", "a credential was found")
WORTH("value", "0.20", "each time")
SCHEMA_END(component_credential)

SCHEMA(component_privilege, "privilege_escalation", "more rights were gained")
WORTH("value", "0.35", "each time")
SCHEMA_END(component_privilege)

SCHEMA(component_tool_stop, "tool_stop", "the agent stopped by itself")
WORTH("value", "0.15", "once")
SCHEMA_END(component_tool_stop)

SCHEMA(component_tool_error, "tool_error_penalty", "a tool failed")
WORTH("value", "-0.20", "each time")
SCHEMA_END(component_tool_error)

SCHEMA(component_terminal, "terminal_state", "how the episode ended")
WORTH_OF_END
SCHEMA_END(component_terminal)
