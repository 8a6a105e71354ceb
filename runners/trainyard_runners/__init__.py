# SPDX-License-Identifier: BSD-2-Clause
"""Runners of hosted training jobs: supervised fine-tuning and RL over a policy.

A loop (sft, rl) knows data, rewards, steps and reports; a policy (local,
tinker) knows a model: how to sample from it, how to take a step, how to keep
it.  trainyard-runner(7) is the protocol with the dispatcher.
"""
