/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kinds of jobs, as trainyard.job.kind names them.  KIND(name): the
 * settings runner_<name> and engine_<name> say what trains them, and where.
 */
KIND(judge)
KIND(tinker_sft)
KIND(tinker_rl)
KIND(ray_grpo)
