#include "tuya_vault_make.h"

#include <assert.h>
#include <nettle/aes.h>

#include "bytes.h"

#define PAGE  128u
#define PAGES 32u

static void lock_bytes(const uint8_t *key, uint8_t sector[FLASH_SECTOR])
{
	struct aes128_ctx aes;

	aes128_set_encrypt_key(&aes, key);
	aes128_encrypt(&aes, FLASH_SECTOR, sector, sector);
}

void tuya_vault_make_key(const uint8_t inner[TUYA_VAULT_KEY], uint8_t sector[FLASH_SECTOR])
{
	memset(sector, 0xff, FLASH_SECTOR);
	put_le32(sector, 0x13579753);
	put_le32(sector + 4, byte_sum(inner, TUYA_VAULT_KEY));
	memcpy(sector + 8, inner, TUYA_VAULT_KEY);
	lock_bytes((const uint8_t *)"qwertyuiopasdfgh", sector);
}

/* A page that names the value, and the pages behind it that hold it; returns the next that is free. */
static uint32_t put_value(uint8_t *sector, uint32_t page, const char *name, const char *text)
{
	uint8_t *head = sector + (size_t)page * PAGE;
	const size_t len = strlen(text) + 1, named = strlen(name) + 1;
	const uint32_t pages = (uint32_t)((len + PAGE - 1) / PAGE);

	assert(page + 1 + pages <= PAGES && named <= PAGE - 22);
	put_le32(head, byte_sum((const uint8_t *)text, len));
	put_le32(head + 4, (uint32_t)len);
	head[10] = (uint8_t)page;
	head[11] = 1;
	head[17] = (uint8_t)named;
	memcpy(head + 18, name, named);
	head[18 + named + 2] = (uint8_t)(page + 1);
	head[18 + named + 3] = (uint8_t)(page + pages);
	memcpy(head + PAGE, text, len);
	sector[15 + page / 8] |= (uint8_t)(1u << page % 8);
	return page + 1 + pages;
}

void tuya_vault_make_data(const uint8_t inner[TUYA_VAULT_KEY], const char *const *values,
			  uint8_t sector[FLASH_SECTOR])
{
	uint8_t key[TUYA_VAULT_KEY];
	uint32_t page = 1;

	memset(sector, 0, FLASH_SECTOR);
	put_le32(sector, 0x98761234);
	sector[14] = 4;
	for (; *values; values += 2)
		page = put_value(sector, page, values[0], values[1]);
	put_le32(sector + 4, byte_sum(sector + 8, FLASH_SECTOR - 8));
	tuya_vault_data_key(inner, key);
	lock_bytes(key, sector);
}
