#include "easyflash.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "bytes.h"

#define SECTOR_HEAD 16u
#define HEAD        24u
#define MAGIC       4
#define LENGTH      8
#define CRC         12
#define NAME_LENGTH 16
#define VALUE_SIZE  20

static uint32_t crc_of(const uint8_t *node, size_t name, size_t value)
{
	static const uint8_t gap[3] = { 0xff, 0xff, 0xff };
	uint32_t crc = (uint32_t)crc32(0, node + NAME_LENGTH, 1);

	crc = (uint32_t)crc32(crc, gap, sizeof gap);
	crc = (uint32_t)crc32(crc, node + VALUE_SIZE, 4);
	return (uint32_t)crc32(crc, node + HEAD, (unsigned)(name + value));
}

/* Written, and not deleted since. */
static bool is_live(uint8_t status)
{
	return status == 0x3f || status == 0xbf;
}

static bool add(const uint8_t *node, size_t room, uint32_t at, struct settings *settings)
{
	const size_t name = node[NAME_LENGTH], value = le32(node + VALUE_SIZE);
	struct setting setting = { .store = "easyflash",
				   .privacy = PRIVACY_SECRET,
				   .fact = { SURE_CHECKED, at } };

	if (name == 0 || name >= SETTING_NAME || value > room - HEAD ||
	    name > room - HEAD - value || crc_of(node, name, value) != le32(node + CRC))
		return false;
	if (!is_live(node[0]))
		return true;
	fact_text(setting.name, sizeof setting.name, node + HEAD, name);
	settings_add(settings, &setting, node + HEAD + name, value);
	return true;
}

size_t easyflash_settings(const uint8_t sector[FLASH_SECTOR], uint32_t at,
			  struct settings *settings)
{
	size_t right = 0;

	for (size_t i = SECTOR_HEAD, n; i + HEAD <= FLASH_SECTOR; i += n) {
		const uint8_t *node = sector + i;

		n = 4; /* nodes begin at words */
		if (memcmp(node + MAGIC, "KV40", 4) != 0)
			continue;
		if (!add(node, FLASH_SECTOR - i, at + (uint32_t)i, settings))
			continue;
		right++;
		n = (le32(node + LENGTH) + 3) & ~3u;
		if (n < HEAD || n > FLASH_SECTOR - i)
			n = HEAD;
	}
	return right;
}
