#include "hash.h"

#include <string.h>
#include <zlib.h>

void hash_init(struct hash *hash)
{
	*hash = (struct hash){ .crc32 = (uint32_t)crc32_z(0, NULL, 0) };
	sha256_init(&hash->sha);
}

void hash_update(struct hash *hash, const void *bytes, size_t len)
{
	hash->len += len;
	hash->crc32 = (uint32_t)crc32_z(hash->crc32, bytes, len);
	sha256_update(&hash->sha, len, bytes);
}

void hash_sha256(struct hash *hash, uint8_t sha256[HASH_SHA256_LEN])
{
	sha256_digest(&hash->sha, HASH_SHA256_LEN, sha256);
}

void hash_sha256_of(const void *bytes, size_t len, uint8_t sha256[HASH_SHA256_LEN])
{
	struct sha256_ctx sha;

	sha256_init(&sha);
	sha256_update(&sha, len, bytes);
	sha256_digest(&sha, HASH_SHA256_LEN, sha256);
}

void hash_hex(const uint8_t *bytes, size_t len, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
	}
	*text = '\0';
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int hash_unhex(const char *text, uint8_t *bytes, size_t len)
{
	if (strlen(text) != 2 * len)
		return -1;
	for (size_t i = 0; i < len; i++) {
		const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -1;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}
