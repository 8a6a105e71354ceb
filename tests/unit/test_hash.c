/* SPDX-License-Identifier: BSD-2-Clause */
/* Published vectors for digests, HMAC, base64 and hex. */
#include "config.h"

#include "unit.h"

#include "util/hash.h"

static const char *
hex(const uint8_t digest[SHA256_LEN])
{
	static char out[SHA256_HEX_LEN];

	hex_encode(digest, SHA256_LEN, out);
	return out;
}

/* FIPS 180-2, appendix B. */
static const struct {
	const char	*text;
	const char	*digest;
} sha_vectors[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	    "248d6a61d20638b8e5c026930c3e6039"
	    "a33ce45964ff2167f6ecedd419db06c1" },
};

static void
sha256_follows_the_vectors(void **state)
{
	uint8_t d[SHA256_LEN];
	size_t i;

	for (i = 0; i < UNIT_COUNT(sha_vectors); i++) {
		sha256(sha_vectors[i].text, strlen(sha_vectors[i].text), d);
		assert_string_equal(sha_vectors[i].digest, hex(d));
	}
}

static void
sha256_in_pieces_is_the_same(void **state)
{
	const char *text = sha_vectors[2].text;
	uint8_t d[SHA256_LEN];
	struct sha256 *h;
	size_t cut;

	for (cut = 0; cut <= strlen(text); cut++) {
		h = sha256_new();
		sha256_add(h, text, cut);
		sha256_add(h, text + cut, strlen(text) - cut);
		sha256_end(h, d);
		assert_string_equal(sha_vectors[2].digest, hex(d));
	}
	h = sha256_new();
	sha256_add(h, text, 3);
	sha256_free(h);
	sha256_free(NULL);
}

/* RFC 4231, cases 1, 2 and 6; an empty key by hmac.new(b"", b""). */
static void
hmac_follows_the_vectors(void **state)
{
	uint8_t key[131], d[SHA256_LEN];

	memset(key, 0x0b, 20);
	hmac_sha256(key, 20, "Hi There", 8, d);
	assert_string_equal("b0344c61d8db38535ca8afceaf0bf12b"
	    "881dc200c9833da726e9376c2e32cff7", hex(d));
	hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, d);
	assert_string_equal("5bdcc146bf60754e6a042426089575c7"
	    "5a003f089d2739839dec58b964ec3843", hex(d));
	memset(key, 0xaa, 131);
	hmac_sha256(key, 131, "Test Using Larger Than Block-Size Key - "
	    "Hash Key First", 54, d);
	assert_string_equal("60e431591ee0b67f0d8a26aacbf5b77f"
	    "8e0bc6213728c5140546040f0ee37f54", hex(d));
	hmac_sha256(NULL, 0, "", 0, d);
	assert_string_equal("b613679a0814d9ec772f95d778c35fc5"
	    "ff1697c493715653c6c712144292c5ad", hex(d));
}

static void
equal_compares_every_byte(void **state)
{
	char a[64], b[64];
	size_t i;

	memset(a, 'x', sizeof(a));
	memset(b, 'x', sizeof(b));
	assert_true(hash_equal(a, b, sizeof(a)));
	assert_true(hash_equal(a, b, 0));
	for (i = 0; i < sizeof(a); i++) {
		b[i] ^= 1;
		assert_false(hash_equal(a, b, sizeof(a)));
		b[i] ^= 1;
	}
}

static void
random_bytes_differ(void **state)
{
	uint8_t a[32], b[32], zero[32] = { 0 };

	memset(a, 0, sizeof(a));
	hash_random(a, sizeof(a));
	hash_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	assert_memory_not_equal(a, zero, sizeof(a));
}

static void
hex_goes_there_and_back(void **state)
{
	uint8_t bytes[256], back[256];
	char text[513];
	size_t i;

	for (i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	hex_encode(bytes, 256, text);
	assert_memory_equal("000102", text, 6);
	assert_int_equal(512, strlen(text));
	assert_int_equal(0, hex_decode(text, back, 256));
	assert_memory_equal(bytes, back, 256);
	assert_int_equal(0, hex_decode("aBcD", back, 2));
	assert_memory_equal("\xab\xcd", back, 2);
	assert_int_equal(0, hex_decode("", back, 0));
}

static void
hex_of_another_length_or_alphabet_is_refused(void **state)
{
	uint8_t out[4];

	assert_int_equal(-1, hex_decode("abc", out, 2));
	assert_int_equal(-1, hex_decode("abcde", out, 2));
	assert_int_equal(-1, hex_decode("abcdef", out, 2));
	assert_int_equal(-1, hex_decode("", out, 1));
	assert_int_equal(-1, hex_decode("0x00", out, 2));
	assert_int_equal(-1, hex_decode("abcg", out, 2));
	assert_int_equal(-1, hex_decode("ab d", out, 2));
}

/* RFC 4648, section 10. */
static const struct {
	const char	*text;
	const char	*b64;
} b64_vectors[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xfb\xff\xbf", "+/+/" },
};

static void
base64_follows_the_vectors(void **state)
{
	char text[32], out[32];
	size_t i, n;

	for (i = 0; i < UNIT_COUNT(b64_vectors); i++) {
		n = base64_encode(b64_vectors[i].text,
		    strlen(b64_vectors[i].text), text);
		assert_string_equal(b64_vectors[i].b64, text);
		assert_int_equal(strlen(text), n);
		assert_int_equal(strlen(b64_vectors[i].text),
		    base64_decode(text, n, out));
		assert_memory_equal(b64_vectors[i].text, out,
		    strlen(b64_vectors[i].text));
	}
}

static void
base64_of_any_length_comes_back(void **state)
{
	uint8_t bytes[100], back[4 * 34 + 3];
	char text[4 * 34 + 1];
	size_t n;

	for (n = 0; n <= sizeof(bytes); n++) {
		hash_random(bytes, n);
		assert_int_equal(4 * ((n + 2) / 3), base64_encode(bytes, n,
		    text));
		assert_int_equal(n, base64_decode(text, strlen(text), back));
		if (n > 0)
			assert_memory_equal(bytes, back, n);
	}
}

static void
base64_that_is_not_canonical_is_refused(void **state)
{
	static const char *const bad[] = {
		"Z", "Zg", "Zg=", "Zm9", "Zg==Zg==", "Z===", "====", "=",
		"Zh==", "Zm9=", "Zm9v\n", "Zm 9", "Zm-_", "Zg=a", "Zm9vZ",
		"\xc3\xa9\xc3\xa9",
	};
	char out[32];
	size_t i;

	for (i = 0; i < UNIT_COUNT(bad); i++)
		if (base64_decode(bad[i], strlen(bad[i]), out) != -1)
			fail_msg("accepted: %s", bad[i]);
	assert_int_equal(-1, base64_decode("Zm9\0", 4, out));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_follows_the_vectors),
		cmocka_unit_test(sha256_in_pieces_is_the_same),
		cmocka_unit_test(hmac_follows_the_vectors),
		cmocka_unit_test(equal_compares_every_byte),
		cmocka_unit_test(random_bytes_differ),
		cmocka_unit_test(hex_goes_there_and_back),
		cmocka_unit_test(hex_of_another_length_or_alphabet_is_refused),
		cmocka_unit_test(base64_follows_the_vectors),
		cmocka_unit_test(base64_of_any_length_comes_back),
		cmocka_unit_test(base64_that_is_not_canonical_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
