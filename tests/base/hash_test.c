#include "hash.h"

#include "check.h"

/* Both sums of a text, fed in pieces of `step` bytes. */
static void sums(const char *text, size_t step, uint32_t *crc32, char hex[HASH_SHA256_TEXT])
{
	uint8_t sha256[HASH_SHA256_LEN];
	struct hash hash;

	hash_init(&hash);
	for (size_t at = 0, len = strlen(text); at < len; at += step)
		hash_update(&hash, text + at, len - at < step ? len - at : step);
	*crc32 = hash.crc32;
	hash_sha256(&hash, sha256);
	hash_hex(sha256, sizeof sha256, hex);
}

/* FIPS 180-4 examples; CRC-32's check value is that of "123456789". */
#define SHA_EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SHA_ABC   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define LONG_TEXT "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
#define SHA_LONG  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"

static void known_texts_have_known_sums(void)
{
	char hex[HASH_SHA256_TEXT];
	uint32_t crc32;

	sums("", 1, &crc32, hex);
	CHECK(crc32 == 0 && !strcmp(hex, SHA_EMPTY));
	sums("abc", 3, &crc32, hex);
	CHECK(crc32 == 0x352441c2 && !strcmp(hex, SHA_ABC));
	sums("123456789", 9, &crc32, hex);
	CHECK(crc32 == 0xcbf43926);
	sums(LONG_TEXT, 100, &crc32, hex);
	CHECK(!strcmp(hex, SHA_LONG));
}

static void pieces_make_no_difference(void)
{
	uint32_t whole;

	sums(LONG_TEXT, 100, &whole, (char[HASH_SHA256_TEXT]){ 0 });
	for (size_t step = 1; step < strlen(LONG_TEXT); step++) {
		char hex[HASH_SHA256_TEXT];
		uint32_t crc32;

		sums(LONG_TEXT, step, &crc32, hex);
		CHECK(crc32 == whole && !strcmp(hex, SHA_LONG));
	}
}

static void the_length_is_counted(void)
{
	struct hash hash;

	hash_init(&hash);
	hash_update(&hash, "abc", 3);
	hash_update(&hash, "", 0);
	hash_update(&hash, "de", 2);
	CHECK(hash.len == 5);
}

static void a_copy_shows_the_sums_so_far(void)
{
	uint8_t sha256[HASH_SHA256_LEN];
	char hex[HASH_SHA256_TEXT];
	struct hash hash, so_far;

	hash_init(&hash);
	hash_update(&hash, "abc", 3);
	so_far = hash;
	hash_update(&hash, "def", 3);
	hash_sha256(&so_far, sha256);
	hash_hex(sha256, sizeof sha256, hex);
	CHECK(!strcmp(hex, SHA_ABC) && so_far.crc32 == 0x352441c2);
}

static void one_piece_is_as_good_as_many(void)
{
	uint8_t sha256[HASH_SHA256_LEN];
	char hex[HASH_SHA256_TEXT];

	hash_sha256_of("abc", 3, sha256);
	hash_hex(sha256, sizeof sha256, hex);
	CHECK(!strcmp(hex, SHA_ABC));
}

static void hex_digits_come_back_as_bytes(void)
{
	static const uint8_t bytes[] = { 0x00, 0x01, 0x7f, 0x80, 0xab, 0xff };
	uint8_t back[sizeof bytes];
	char text[2 * sizeof bytes + 1];

	hash_hex(bytes, sizeof bytes, text);
	CHECK(!strcmp(text, "00017f80abff"));
	CHECK(hash_unhex("00017F80aBfF", back, sizeof back) == 0);
	CHECK(!memcmp(back, bytes, sizeof bytes));
}

static void anything_but_exactly_the_digits_is_refused(void)
{
	uint8_t bytes[2];

	CHECK(hash_unhex("", bytes, 2) == -1);
	CHECK(hash_unhex("123", bytes, 2) == -1);
	CHECK(hash_unhex("12345", bytes, 2) == -1);
	CHECK(hash_unhex("123456", bytes, 2) == -1);
	CHECK(hash_unhex("12g4", bytes, 2) == -1);
	CHECK(hash_unhex("12 4", bytes, 2) == -1);
	CHECK(hash_unhex("0x12", bytes, 2) == -1);
	CHECK(hash_unhex("", bytes, 0) == 0);
}

static const struct check all[] = {
	{ "known texts have known sums", known_texts_have_known_sums },
	{ "pieces make no difference", pieces_make_no_difference },
	{ "the length is counted", the_length_is_counted },
	{ "a copy shows the sums so far", a_copy_shows_the_sums_so_far },
	{ "one piece is as good as many", one_piece_is_as_good_as_many },
	{ "hex digits come back as bytes", hex_digits_come_back_as_bytes },
	{ "anything but exactly the digits is refused",
	  anything_but_exactly_the_digits_is_refused },
};
CHECK_MAIN(all)
