/* Does the archive have these bytes already? By their sums, without the bytes. */
#pragma once

#include <stddef.h>

#include "db.h"
#include "hash.h"

/* What is known of the bytes: the SHA-256, or the CRC-32 and the size. */
struct lookup {
	bool has_sha256;
	uint8_t sha256[HASH_SHA256_LEN];
	uint32_t crc32;
	uint64_t size;
};

/* Ids of dumps, and of images, with these bytes, newest first: at most max, *n of them. */
int lookup_dumps(struct tx *tx, const struct lookup *lookup, int64_t *ids, size_t max, size_t *n,
		 struct err *e) MUST_CHECK;
int lookup_images(struct tx *tx, const struct lookup *lookup, int64_t *ids, size_t max, size_t *n,
		  struct err *e) MUST_CHECK;
