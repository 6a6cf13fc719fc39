/*
 * Whose flash this is: the MAC in the RF partition, found while the content streams by. Where the
 * partition lies differs from chip to chip and firmware to firmware, so every sector start is
 * looked at, and the highest place that makes sense counts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RF_SECTOR   4096u
#define RF_MAC      6
#define RF_MAC_TEXT 18 /* "C8:47:8C:00:00:01" and NUL */

/* Initialise with { 0 }. Plain data. */
struct rf_finder {
	bool found;
	uint64_t offset;     /* of the partition */
	uint64_t mac_offset; /* of the MAC in it */
	uint8_t mac[RF_MAC];
};

/* One sector of content; offset is its flash address, a multiple of RF_SECTOR. */
void rf_feed(struct rf_finder *finder, uint64_t offset, const uint8_t sector[RF_SECTOR]);

/* The MAC as people write it; false when none was found. */
bool rf_mac_text(const struct rf_finder *finder, char text[RF_MAC_TEXT]);

/*
 * The MAC of an RF partition at the start of a sector: the signature, groups and records that fit
 * into each other, and a MAC that a station can have (not all equal 00 or FF, no multicast bit).
 */
bool rf_parse(const uint8_t sector[RF_SECTOR], uint8_t mac[RF_MAC]);
