/* CRC-32 and SHA-256 of bytes that come in pieces. zlib and nettle do the work. */
#pragma once

#include <nettle/sha2.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_SHA256_LEN  32
#define HASH_SHA256_TEXT 65 /* lower-case hex and NUL */

/* Both sums at once. Plain data: copy it to look at the sums so far. */
struct hash {
	uint64_t len;
	uint32_t crc32; /* zlib's */
	struct sha256_ctx sha;
};

void hash_init(struct hash *hash);
void hash_update(struct hash *hash, const void *bytes, size_t len);

/* The SHA-256; crc32 and len are read from the struct. Ends the hash: init before using it again. */
void hash_sha256(struct hash *hash, uint8_t sha256[HASH_SHA256_LEN]);

/* Of one piece. */
void hash_sha256_of(const void *bytes, size_t len, uint8_t sha256[HASH_SHA256_LEN]);

void hash_hex(const uint8_t *bytes, size_t len, char *text /* 2 * len + 1 */);

/* Exactly 2 * len hex digits of either case, or -1. */
int hash_unhex(const char *text, uint8_t *bytes, size_t len);
