/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an engine needs.  CHECK(engine, name, doc): a function
 * check_<engine>_<name> (see check.h); one that fails makes the engine
 * unusable.  They are made in this order until one fails.
 */
CHECK(local, commands, "runners are found and may be executed")
