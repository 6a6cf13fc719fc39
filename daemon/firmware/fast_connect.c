#include "fast_connect.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "bytes.h"

#define RECORD   171u
#define SSID     0
#define BSSID    33
#define CHANNEL  40
#define PMK      41
#define PASSWORD 106
#define PMK_LEN  64

/* Newer ones are XORed with this, again and again. */
static const uint8_t mask[] = { 0x55, 0xaa, 0x5a, 0x55, 0xa5, 0x4d, 0x63, 0x7f };

static bool is_text(const uint8_t *field, size_t size, bool may_be_empty)
{
	const size_t len = strnlen((const char *)field, size);

	if (len == size || (len == 0 && !may_be_empty))
		return false;
	for (size_t i = 0; i < len; i++)
		if (field[i] < 0x20 || field[i] == 0x7f)
			return false;
	return bytes_all(field + len, size - len, 0);
}

static bool is_pmk(const uint8_t *field)
{
	const size_t len = strnlen((const char *)field, PMK_LEN + 1);

	for (size_t i = 0; i < len; i++)
		if (!isxdigit(field[i]))
			return false;
	return len == 0 || len == PMK_LEN;
}

static bool is_record(const uint8_t *record)
{
	return is_text(record + SSID, 33, false) && is_pmk(record + PMK) &&
	       is_text(record + PASSWORD, 65, true) && record[CHANNEL] <= 14;
}

static void add(struct settings *settings, uint32_t at, const char *name, enum privacy privacy,
		const uint8_t *value, size_t len)
{
	struct setting setting = { .store = "fast-connect",
				   .privacy = privacy,
				   .fact = { SURE_PATTERN, at } };

	snprintf(setting.name, sizeof setting.name, "%s", name);
	if (len > 0)
		settings_add(settings, &setting, value, len);
}

static void add_all(struct settings *settings, uint32_t at, const uint8_t *r)
{
	const uint8_t *b = r + BSSID;
	char bssid[18];

	snprintf(bssid, sizeof bssid, "%02X:%02X:%02X:%02X:%02X:%02X", b[0], b[1], b[2], b[3], b[4],
		 b[5]);
	add(settings, at, "ssid", PRIVACY_NETWORK, r, strnlen((const char *)r, 33));
	add(settings, at + BSSID, "bssid", PRIVACY_PERSONAL, (uint8_t *)bssid, strlen(bssid));
	add(settings, at + PMK, "pmk", PRIVACY_SECRET, r + PMK, strnlen((const char *)r + PMK, 65));
	add(settings, at + PASSWORD, "password", PRIVACY_SECRET, r + PASSWORD,
	    strnlen((const char *)r + PASSWORD, 65));
}

bool fast_connect_settings(const uint8_t sector[FLASH_SECTOR], uint32_t at,
			   struct settings *settings)
{
	uint8_t record[RECORD];

	memcpy(record, sector, RECORD);
	if (!is_record(record)) {
		for (size_t i = 0; i < RECORD; i++)
			record[i] ^= mask[i % sizeof mask];
		if (!is_record(record))
			return false;
	}
	add_all(settings, at, record);
	return true;
}
