#include "rf.h"

#include <stdio.h>
#include <string.h>

#include "bytes.h"

/*
 * "TLV\0", length of all that follows, then groups {id, length, records}, records {id, length,
 * value}; words little-endian. A record belongs to the group whose upper 24 bits it shares.
 */
#define HEAD      8u
#define GROUP_MAC 0x11111100u
#define MAC       0x11111102u

/* The value of the first entry with this id, and its length in *len; NULL when there is none or
 * the entries before it do not fit into each other. */
static const uint8_t *entry(const uint8_t *at, size_t left, uint32_t id, size_t *len)
{
	while (left >= HEAD) {
		const uint32_t value_len = le32(at + 4);

		if (value_len > left - HEAD)
			return NULL;
		if (le32(at) == id) {
			*len = value_len;
			return at + HEAD;
		}
		at += HEAD + value_len;
		left -= HEAD + value_len;
	}
	return NULL;
}

static bool is_station(const uint8_t mac[RF_MAC])
{
	static const uint8_t zeros[RF_MAC];

	return memcmp(mac, zeros, RF_MAC) != 0 && !(mac[0] & 1); /* all FF is multicast too */
}

/* Where the MAC stands; NULL when there is none. */
static const uint8_t *find_mac(const uint8_t sector[RF_SECTOR])
{
	const size_t total = le32(sector + 4);
	const uint8_t *group, *value;
	size_t len;

	if (memcmp(sector, "TLV", 4) != 0 || total > RF_SECTOR - HEAD)
		return NULL;
	group = entry(sector + HEAD, total, GROUP_MAC, &len);
	value = group ? entry(group, len, MAC, &len) : NULL;
	return value && len == RF_MAC && is_station(value) ? value : NULL;
}

bool rf_parse(const uint8_t sector[RF_SECTOR], uint8_t mac[RF_MAC])
{
	const uint8_t *value = find_mac(sector);

	if (value)
		memcpy(mac, value, RF_MAC);
	return value != NULL;
}

void rf_feed(struct rf_finder *finder, uint64_t offset, const uint8_t sector[RF_SECTOR])
{
	const uint8_t *value = find_mac(sector);

	if (!value || (finder->found && offset < finder->offset))
		return;
	finder->found = true;
	finder->offset = offset;
	finder->mac_offset = offset + (uint64_t)(value - sector);
	memcpy(finder->mac, value, RF_MAC);
}

bool rf_mac_text(const struct rf_finder *finder, char text[RF_MAC_TEXT])
{
	const uint8_t *mac = finder->mac;

	if (finder->found)
		snprintf(text, RF_MAC_TEXT, "%02X:%02X:%02X:%02X:%02X:%02X", mac[0], mac[1], mac[2],
			 mac[3], mac[4], mac[5]);
	return finder->found;
}
