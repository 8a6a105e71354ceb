/* SPDX-License-Identifier: BSD-2-Clause */
/* Any file is read or told; what is in effect reads back the same. */
#include "config.h"

#include <sys/mman.h>

#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "util/conf.h"

/* A file that is nowhere, and its name. */
static int fd = -1;
static char path[32];

static int
load(struct conf *c, const void *data, size_t len, size_t *told)
{
	char *errs;
	size_t n;
	FILE *f = open_memstream(&errs, &n);
	int faults;

	REQUIRE(f != NULL);
	REQUIRE(ftruncate(fd, 0) == 0);
	REQUIRE(pwrite(fd, data, len, 0) == (ssize_t)len);
	faults = conf_load(c, path, f);
	REQUIRE(fclose(f) == 0);
	*told = n;
	free(errs);
	return faults;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *once, *twice;
	size_t n, m, told;
	struct conf c;
	FILE *f;
	int faults;

	if (fd == -1) {
		REQUIRE((fd = memfd_create("conf", MFD_CLOEXEC)) != -1);
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	faults = load(&c, data, len, &told);
	REQUIRE(faults >= 0);
	REQUIRE((faults == 0) == (told == 0));
	REQUIRE((f = open_memstream(&once, &n)) != NULL);
	conf_dump(&c, f);
	REQUIRE(fclose(f) == 0);
	conf_free(&c);

	REQUIRE(load(&c, once, n, &told) == 0);
	REQUIRE((f = open_memstream(&twice, &m)) != NULL);
	conf_dump(&c, f);
	REQUIRE(fclose(f) == 0);
	conf_free(&c);
	REQUIRE(n == m && memcmp(once, twice, n) == 0);
	free(once);
	free(twice);
	return 0;
}
