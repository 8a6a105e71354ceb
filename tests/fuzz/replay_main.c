/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a fuzz target over the files of the folders that are named. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "fuzz.h"

static void
replay_file(const char *path)
{
	uint8_t *data = NULL;
	size_t len = 0, n;
	FILE *f;

	if ((f = fopen(path, "rb")) == NULL) {
		(void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	/* Exactly as large as the input: a sanitizer sees each byte more. */
	do {
		data = realloc(data, len + 65536);
		REQUIRE(data != NULL);
		n = fread(data + len, 1, 65536, f);
		len += n;
	} while (n > 0);
	REQUIRE(!ferror(f));
	(void)fclose(f);
	data = realloc(data, len == 0 ? 1 : len);
	REQUIRE(data != NULL);
	(void)LLVMFuzzerTestOneInput(data, len);
	free(data);
}

static size_t
replay_dir(const char *dir)
{
	char path[4096];
	struct dirent *e;
	size_t n = 0;
	DIR *d;

	if ((d = opendir(dir)) == NULL) {
		(void)fprintf(stderr, "%s: %s\n", dir, strerror(errno));
		exit(1);
	}
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		REQUIRE((size_t)snprintf(path, sizeof(path), "%s/%s", dir,
		    e->d_name) < sizeof(path));
		replay_file(path);
		n++;
	}
	(void)closedir(d);
	return n;
}

int
main(int argc, char *argv[])
{
	size_t n = 0;
	int i;

	for (i = 1; i < argc; i++)
		n += replay_dir(argv[i]);
	if (n == 0) {
		(void)fprintf(stderr, "no inputs\n");
		return 1;
	}
	(void)printf("%zu inputs\n", n);
	return 0;
}
