/*
 * How BK72xx code is scrambled: each word is XORed with a stream that follows from its logical
 * address and a key of four words (the "coefficients" burnt into the chip). The same operation
 * both ways. CRCs are over the scrambled bytes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scramble_key {
	uint32_t k[4];
};

struct scramble_known {
	const char *name;  /* "tuya" */
	const char *title; /* who uses it */
	struct scramble_key key;
};

/* All keys that have a name, and how many. */
const struct scramble_known *scramble_known(size_t *n);

/* The stream's word at a logical address that is a multiple of 4. */
uint32_t scramble_word(const struct scramble_key *key, uint32_t addr);

/* Scrambles or clears bytes in place; addr and len are multiples of 4. */
void scramble_apply(const struct scramble_key *key, uint32_t addr, uint8_t *bytes, size_t len);

/* True for a key that changes nothing. */
bool scramble_is_clear(const struct scramble_key *key);

/* The name of a key, by its stream; NULL for one that has none. */
const char *scramble_name(const struct scramble_key *key);

/* A block of 32 bytes that is a vector table, at the logical address where it is linked. */
struct scramble_sample {
	uint32_t addr;
	const uint8_t *block;
};

/* True when all samples are vector tables under the key, and there is one at all. */
bool scramble_fits(const struct scramble_key *key, const struct scramble_sample *sample, size_t n);

/*
 * Finds a key under which all samples are vector tables: one of the known, or any other whose
 * selectors can be tried (124 of them). One sample alone may fit several unknown keys; the first
 * is as good as any for that block, so ask for two where there are two.
 */
bool scramble_find(const struct scramble_sample *sample, size_t n, struct scramble_key *key);

/* The same among the known keys alone. */
bool scramble_find_known(const struct scramble_sample *sample, size_t n, struct scramble_key *key);
