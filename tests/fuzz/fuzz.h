/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fuzz target is LLVMFuzzerTestOneInput in one file: linked with libFuzzer
 * it searches (configure --enable-fuzz), linked with replay_main.c it runs
 * over the inputs in corpus/, in every check and with every compiler.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Stays when NDEBUG is set. */
#define REQUIRE(cond) do {						\
	if (!(cond)) {							\
		(void)fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,	\
		    __LINE__, #cond);					\
		abort();						\
	}								\
} while (0)

#endif
