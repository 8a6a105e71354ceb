/* SPDX-License-Identifier: BSD-2-Clause */
/* What is read is written and read again as the same instant. */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "util/ts.h"

static void
check_instant(int64_t us)
{
	char text[TS_LEN], again[TS_LEN];
	int64_t back;

	ts_format(us, text);
	REQUIRE(strlen(text) == TS_LEN - 1);
	REQUIRE(ts_parse(text, TS_LEN - 1, &back) == 0);
	ts_format(back, again);
	REQUIRE(strcmp(text, again) == 0);
	if (us >= -62135596800 * INT64_C(1000000) &&
	    us < 253402300800 * INT64_C(1000000))
		REQUIRE(back == us);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	int64_t us;

	if (ts_parse((const char *)data, len, &us) == 0) {
		REQUIRE(len >= 20 && len <= 35);
		REQUIRE(us >= -62135596800 * INT64_C(1000000));
		REQUIRE(us < 253402300800 * INT64_C(1000000));
		check_instant(us);
	}
	if (len >= sizeof(us)) {
		memcpy(&us, data, sizeof(us));
		check_instant(us);
	}
	return 0;
}
