/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engines.  ENGINE(name, slots): struct engine engine_<name>, the
 * setting that says how many runs it may have at once.  `local` is the first.
 */
ENGINE(local, slots)
ENGINE(slurm, slurm_slots)
ENGINE(ray, ray_slots)
