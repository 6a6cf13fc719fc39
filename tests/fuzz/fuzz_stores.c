/*
 * What stands in stores, behind their encryption: pages of Tuya's, entries of its protected
 * sector, sectors of others, containers, partition tables. Sums are made right where a wrong one
 * would end the matter.
 */
#include <nettle/aes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "auto.h"
#include "bytes.h"
#include "easyflash.h"
#include "fal.h"
#include "fast_connect.h"
#include "openbeken.h"
#include "rbl.h"
#include "setting.h"
#include "tuya_settings.h"
#include "tuya_vault.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bytes {
	struct flash flash; /* first */
	uint8_t at[4 * FLASH_SECTOR];
};

static int read_bytes(struct flash *flash, uint64_t offset, uint8_t *buf, size_t len, struct err *e)
{
	(void)e;
	if (offset > flash->size || len > flash->size - offset)
		abort();
	memcpy(buf, ((struct bytes *)flash)->at + offset, len);
	return 0;
}

static void lock_bytes(const uint8_t *key, const uint8_t *in, uint8_t *out, size_t len)
{
	struct aes128_ctx aes;

	aes128_set_encrypt_key(&aes, key);
	aes128_encrypt(&aes, len, out, in);
}

static const uint8_t master[] = "qwertyuiopasdfgh";

/* A store whose one data sector is the input. */
static void vault(struct bytes *b, struct settings *settings, uint8_t sector[FLASH_SECTOR])
{
	AUTO(auto_free) struct tuya_vault *v = malloc(sizeof *v);
	uint8_t head[FLASH_SECTOR] = { 0 }, key[TUYA_VAULT_KEY];
	struct err e;

	put_le32(head, 0x13579753);
	lock_bytes(master, head, b->at + FLASH_SECTOR, sizeof head);
	tuya_vault_data_key(head + 8, key);
	put_le32(sector, 0x98761234);
	sector[8] %= TUYA_VAULT_IDS;
	sector[9] = 0;
	put_le32(sector + 4, byte_sum(sector + 8, FLASH_SECTOR - 8));
	lock_bytes(key, sector, b->at + 2 * FLASH_SECTOR, FLASH_SECTOR);
	if (!v)
		return;
	if (tuya_vault_read(&b->flash, FLASH_SECTOR, v, &e) < 0 || !v->has_key || v->good != 1)
		abort();
	(void)!tuya_settings(&b->flash, v, settings, &e);
}

/* A protected sector in front of it. */
static void protect(struct bytes *b, const uint8_t sector[FLASH_SECTOR])
{
	uint8_t clear[FLASH_SECTOR], key[TUYA_VAULT_KEY];

	memset(clear, 0, sizeof clear);
	put_le32(clear, 0x13579753);
	put_le32(clear + 24, le16(sector) % (FLASH_SECTOR - 31));
	tuya_vault_data_key(clear + 8, key);
	lock_bytes(key, sector, clear + 32, FLASH_SECTOR - 32);
	put_le32(clear + 4, byte_sum(clear + 8, FLASH_SECTOR - 8));
	lock_bytes(master, clear, b->at, sizeof clear);
}

static void container(struct bytes *b, const uint8_t sector[FLASH_SECTOR])
{
	struct rbl rbl;
	struct err e;
	bool found;

	memcpy(b->at, sector, FLASH_SECTOR);
	memcpy(b->at, "RBL", 4);
	put_le32(b->at + 92, (uint32_t)crc32(0, b->at, 92));
	if (rbl_at(&b->flash, 0, &rbl, &found, &e) < 0 || !found)
		abort();
	(void)!rbl_unpack(&b->flash, &rbl, NULL, &e);
	(void)!rbl_prove_installed(&b->flash, 0, &rbl, &e);
}

static void others(uint8_t sector[FLASH_SECTOR], struct settings *settings)
{
	struct fal fal;

	(void)easyflash_settings(sector, 0x1000, settings);
	(void)fast_connect_settings(sector, 0x1000, settings);
	openbeken_settings(sector, 0x1000, settings);
	(void)fal_find(sector, FLASH_SECTOR, &fal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(auto_free) struct bytes *b = calloc(1, sizeof *b);
	AUTO(auto_free) struct settings *settings = calloc(1, sizeof *settings);
	uint8_t sector[FLASH_SECTOR];

	if (!b || !settings)
		return 0;
	memset(sector, 0xff, sizeof sector);
	if (size > 0)
		memcpy(sector, data, size < sizeof sector ? size : sizeof sector);
	b->flash = (struct flash){ .read = read_bytes, .size = sizeof b->at };
	others(sector, settings);
	protect(b, sector);
	vault(b, settings, sector);
	container(b, sector);
	if (settings->used > SETTING_TEXT || settings->n > SETTINGS)
		abort();
	return 0;
}
