/* Numbers as they stand in flash, and how bytes look. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t le16(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8;
}

static inline uint32_t le32(const uint8_t *bytes)
{
	return le16(bytes) | le16(bytes + 2) << 16;
}

static inline uint32_t be32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       (uint32_t)bytes[3];
}

static inline void put_le32(uint8_t *bytes, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
}

/* The check of Tuya's stores: a plain sum. */
static inline uint32_t byte_sum(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += bytes[i];
	return sum;
}

static inline bool bytes_all(const uint8_t *bytes, size_t len, uint8_t value)
{
	return len == 0 || (bytes[0] == value && !memcmp(bytes, bytes + 1, len - 1));
}

static inline bool bytes_erased(const uint8_t *bytes, size_t len)
{
	return bytes_all(bytes, len, 0xff);
}
