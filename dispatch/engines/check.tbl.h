/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an engine needs.  CHECK(engine, name, doc): a function
 * check_<engine>_<name> (see check.h); one that fails makes the engine
 * unusable.  They are made in this order until one fails.
 */
CHECK(local, commands, "runners are found and may be executed")
CHECK(local, python, "PyTorch can be imported, where trainyard-runner is used")
CHECK(local, tinker, "the key of the Tinker service, where one is named")
CHECK(slurm, commands, "sbatch, squeue, scancel, sinfo and scontrol are found")
CHECK(slurm, controller, "slurmctld answers")
CHECK(slurm, partition, "the partition, or a default one, is up")
CHECK(ray, settings, "ray_address and api_url are set")
CHECK(ray, token, "ray_token_file can be read")
CHECK(ray, jobs, "the cluster's Jobs API answers and takes the token")
