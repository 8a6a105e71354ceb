/* SPDX-License-Identifier: BSD-2-Clause */
/* Signatures, and the schedule of tries. */
#include "config.h"

#include "unit.h"

#include "domain/webhook.h"
#include "domain/webhook_url.h"

#define SECRET	"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define ID	"whd_01hm6h56qgf8zr3m5v0k2x7c9d"
#define TIME	1705314642
#define BODY	"{\"event\":\"training.job.completed\"," \
    "\"job_id\":\"train_job_01\",\"status\":\"completed\"}"

static struct arena *arena;

static int
setup(void **state)
{
	arena = arena_new(4096);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(arena);
	return 0;
}

static const char *
sign(const char *secret, const char *previous)
{
	return webhook_sign(arena, secret, previous, ID, TIME, BODY,
	    strlen(BODY));
}

static void
signatures_are_those_of_the_contract(void **state)
{
	assert_string_equal("sha256=7c3f8166ce071fd4b0aedb4d8d27006bf9e19c9a"
	    "b49456aa470c7cd0383ecc2d", webhook_sign_body(arena, SECRET, BODY,
	    strlen(BODY)));
	assert_string_equal("v1,7jHtPYMPZnoU6DQ1ix8sOtr+qJMAp1xv2PPuwEIBFbw=",
	    sign(SECRET, NULL));
}

static void
two_secrets_sign_side_by_side(void **state)
{
	const char *one = sign("another secret of mine", NULL);

	assert_string_equal(arena_printf(arena, "%s %s", one,
	    sign(SECRET, NULL)), sign("another secret of mine", SECRET));
}

static void
a_secret_that_is_no_base64_is_taken_by_its_bytes(void **state)
{
	static const char *const odd[] = { "whsec_", "whsec_not base64",
		"whsec_AAEC=AwQ", "WHSEC_AAECAwQFBgcICQoLDA0ODw==" };
	size_t i;

	/* different texts, different keys: none is cut or decoded */
	for (i = 0; i < UNIT_COUNT(odd); i++) {
		assert_string_not_equal(sign(odd[i], NULL),
		    sign(SECRET, NULL));
		assert_string_not_equal(sign(odd[i], NULL),
		    sign(arena_printf(arena, "%sx", odd[i]), NULL));
	}
}

static void
tries_follow_the_schedule(void **state)
{
	static const int64_t seconds[] = { 5, 300, 1800, 7200, 18000, 36000,
		50400 };
	int i;

	for (i = 0; i < (int)UNIT_COUNT(seconds); i++) {
		assert_int_equal(seconds[i] * 1000,
		    webhook_delay(i + 1, 0, 0));
		assert_int_equal(seconds[i] * (i == 0 ? 1000 : 1100),
		    webhook_delay(i + 1, 0.5, 0));
	}
	assert_int_equal(-1, webhook_delay(WEBHOOK_TRIES, 0, 0));
	assert_int_equal(-1, webhook_delay(WEBHOOK_TRIES, 0, 100));
	assert_int_equal(-1, webhook_delay(WEBHOOK_TRIES + 1, 0, 0));
}

static void
a_receiver_can_only_delay(void **state)
{
	assert_int_equal(60000, webhook_delay(1, 0, 60));
	assert_int_equal(300000, webhook_delay(2, 0, 60));
	assert_int_equal(86400000, webhook_delay(1, 0, 86400));
	assert_int_equal(86400000, webhook_delay(1, 0, INT64_MAX));
}

/* The list stays: this is the last test. */
static void
a_site_may_allow_its_own_networks(void **state)
{
	static const char *const good[] = { "https://10.1.2.3/",
		"http://10.1.2.3/", "http://10.1.2.3:80/x",
		"http://10.1.2.3:8080/", "https://[fd00::1]/",
		"http://[fd00::1]:8080/", "http://hooks.example/",
		"https://hooks.example/", "https://8.8.8.8/" };
	static const char *const bad[] = { "http://8.8.8.8/",
		"http://[2606:4700:4700::1111]/", "https://127.0.0.1/",
		"http://127.0.0.1/", "https://10.1.2.3:80/",
		"http://10.1.2.3:22/", "https://[::1]/",
		"https://[::ffff:10.1.2.3]/", "ftp://10.1.2.3/" };
	size_t i;

	webhook_allow("10.0.0.0/8 fd00::/8");
	for (i = 0; i < UNIT_COUNT(good); i++)
		if (!webhook_url_ok(good[i]))
			fail_msg("refused: %s", good[i]);
	for (i = 0; i < UNIT_COUNT(bad); i++)
		if (webhook_url_ok(bad[i]))
			fail_msg("taken: %s", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_are_those_of_the_contract),
		cmocka_unit_test(two_secrets_sign_side_by_side),
		cmocka_unit_test(
		    a_secret_that_is_no_base64_is_taken_by_its_bytes),
		cmocka_unit_test(tries_follow_the_schedule),
		cmocka_unit_test(a_receiver_can_only_delay),
		cmocka_unit_test(a_site_may_allow_its_own_networks),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
