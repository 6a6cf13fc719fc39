#include "openbeken.h"

#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "bytes.h"

#define VERSION 4
#define PINS    0x33e
#define N_PINS  32

/* A shift of a negative char copies its sign. */
uint8_t openbeken_crc(const uint8_t *bytes, size_t len, bool has_sign)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < len; i++) {
		uint32_t byte = bytes[i];

		for (int bit = 0; bit < 8; bit++, byte >>= 1) {
			const bool mix = (crc ^ byte) & 1;
			const uint32_t sign = has_sign ? crc & 0x80 : 0;

			crc = crc >> 1 | sign;
			if (mix)
				crc ^= 0x8c;
		}
	}
	return (uint8_t)crc;
}

bool openbeken_is(const uint8_t sector[FLASH_SECTOR])
{
	const uint32_t version = le32(sector + VERSION);
	const size_t end = version <= 3 ? 2016 : 3584;

	if (memcmp(sector, "CFG", 3) != 0 || version > 1000)
		return false;
	return sector[3] == openbeken_crc(sector + 4, end - 4, false) ||
	       sector[3] == openbeken_crc(sector + 4, end - 4, true);
}

static const struct field {
	const char *name;
	uint16_t at, size;
	enum privacy privacy;
} fields[] = {
	{ "ssid", 0x14, 64, PRIVACY_NETWORK },
	{ "wifi_password", 0x54, 64, PRIVACY_SECRET },
	{ "mqtt_host", 0x94, 256, PRIVACY_PERSONAL },
	{ "mqtt_client", 0x194, 64, PRIVACY_PERSONAL },
	{ "mqtt_user", 0x1d4, 64, PRIVACY_PERSONAL },
	{ "mqtt_password", 0x214, 128, PRIVACY_SECRET },
	{ "short_name", 0x2de, 32, PRIVACY_FREE },
	{ "long_name", 0x2fe, 64, PRIVACY_FREE },
	{ "startup_command", 0x5e0, 512, PRIVACY_PERSONAL },
	{ "ssid2", 0xc00, 64, PRIVACY_NETWORK },
	{ "wifi_password2", 0xc40, 64, PRIVACY_SECRET },
	{ "web_password", 0xc84, 33, PRIVACY_SECRET },
};

static void add(struct settings *settings, const char *name, enum privacy privacy, uint32_t at,
		const uint8_t *value, size_t len)
{
	struct setting setting = { .store = "openbeken",
				   .privacy = privacy,
				   .fact = { SURE_CHECKED, at } };

	snprintf(setting.name, sizeof setting.name, "%s", name);
	settings_add(settings, &setting, value, len);
}

static void add_number(struct settings *settings, const char *name, uint32_t at, uint32_t number)
{
	char text[12];
	const int len = snprintf(text, sizeof text, "%u", number);

	add(settings, name, PRIVACY_FREE, at, (const uint8_t *)text, (size_t)len);
}

/* A pin without a role is not worth a line. */
static void add_pins(const uint8_t *sector, uint32_t at, struct settings *settings)
{
	for (uint32_t pin = 0; pin < N_PINS; pin++) {
		const uint8_t role = sector[PINS + pin], channel = sector[PINS + N_PINS + pin];
		char name[32], text[32];
		int len;

		if (role == 0 || role == 0xff)
			continue;
		snprintf(name, sizeof name, "pin%u", pin);
		len = snprintf(text, sizeof text, "role %u, channel %u", role, channel);
		add(settings, name, PRIVACY_FREE, at + PINS + pin, (const uint8_t *)text,
		    (size_t)len);
	}
}

void openbeken_settings(const uint8_t sector[FLASH_SECTOR], uint32_t at, struct settings *settings)
{
	add_number(settings, "version", at + VERSION, le32(sector + VERSION));
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		const struct field *f = &fields[i];
		const size_t len = strnlen((const char *)sector + f->at, f->size);

		if (len > 0 && !bytes_erased(sector + f->at, f->size))
			add(settings, f->name, f->privacy, at + f->at, sector + f->at, len);
	}
	add_number(settings, "mqtt_port", at + 0x294, le32(sector + 0x294));
	add_pins(sector, at, settings);
}
