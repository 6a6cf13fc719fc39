#include "tuya_vault.h"

#include <nettle/aes.h>
#include <stdlib.h>

#include "auto.h"
#include "bytes.h"
#include "fact.h"

#define KEY_MAGIC      0x13579753u
#define DATA_MAGIC     0x98761234u
#define DATA_MAGIC_OLD 0x135726abu
#define PAGE           128u
#define PAGES          32u

/* The same in every device: what protects a store is that nobody looks. */
static const uint8_t master[] = "qwertyuiopasdfgh";

static void decrypt(const uint8_t key[TUYA_VAULT_KEY], const uint8_t *in, uint8_t *out, size_t len)
{
	struct aes128_ctx aes;

	aes128_set_decrypt_key(&aes, key);
	aes128_decrypt(&aes, len, out, in);
}

bool tuya_vault_begins(const uint8_t *sector)
{
	uint8_t head[AES_BLOCK_SIZE];

	decrypt(master, sector, head, sizeof head);
	return le32(head) == KEY_MAGIC;
}

void tuya_vault_data_key(const uint8_t inner[TUYA_VAULT_KEY], uint8_t key[TUYA_VAULT_KEY])
{
	static const char chip[] = "8710_2M", salt[] = "HHRRQbyemofrtytf";

	for (size_t i = 0; i < TUYA_VAULT_KEY; i++)
		key[i] = (uint8_t)(chip[i & 3] + salt[i] + inner[i]);
}

/* ---- sectors */

static int read_key(struct flash *flash, struct tuya_vault *vault, struct err *e)
{
	uint8_t raw[2 * AES_BLOCK_SIZE], head[2 * AES_BLOCK_SIZE];

	if (flash_read(flash, vault->at, raw, sizeof raw, e) < 0)
		return -1;
	decrypt(master, raw, head, sizeof head);
	vault->has_key =
		le32(head) == KEY_MAGIC && le32(head + 4) == byte_sum(head + 8, TUYA_VAULT_KEY);
	if (vault->has_key)
		tuya_vault_data_key(head + 8, vault->key);
	return 0;
}

static bool is_data(const uint8_t *clear)
{
	return le32(clear) == DATA_MAGIC || le32(clear) == DATA_MAGIC_OLD;
}

/* The newest sector of each number counts. */
static void keep(struct tuya_vault *vault, uint32_t at, const uint8_t *clear)
{
	const uint32_t id = le16(clear + 8), generation = le32(clear + 10);

	if (le32(clear + 4) != byte_sum(clear + 8, FLASH_SECTOR - 8) || id >= TUYA_VAULT_IDS) {
		vault->bad++;
		return;
	}
	vault->good++;
	vault->end = at + FLASH_SECTOR;
	if (vault->has[id] && vault->generation[id] >= generation)
		return;
	vault->has[id] = true;
	vault->generation[id] = generation;
	vault->sector_at[id] = at;
	memcpy(vault->sector[id], clear, FLASH_SECTOR);
}

int tuya_vault_read(struct flash *flash, uint32_t at, struct tuya_vault *vault, struct err *e)
{
	uint8_t raw[FLASH_SECTOR], clear[FLASH_SECTOR];

	memset(vault, 0, sizeof *vault);
	vault->at = at;
	vault->end = at + FLASH_SECTOR;
	if (read_key(flash, vault, e) < 0)
		return -1;
	for (uint32_t i = 1; vault->has_key && i <= TUYA_VAULT_SECTORS; i++) {
		const uint32_t where = at + i * FLASH_SECTOR;

		if (!flash_has(flash, where, FLASH_SECTOR))
			break;
		if (flash_read(flash, where, raw, sizeof raw, e) < 0)
			return -1;
		decrypt(vault->key, raw, clear, sizeof clear);
		if (is_data(clear))
			keep(vault, where, clear);
	}
	return 0;
}

/* ---- values */

/* The head of a page that names a value. */
#define SUM    0
#define LENGTH 4
#define ID     8
#define NUMBER 10
#define PARTS  11
#define NAMED  17
#define NAME   18
#define PART   4

static void add_part(const struct tuya_vault *vault, const uint8_t *part, struct tuya_value *value,
		     size_t *got)
{
	const uint32_t id = le16(part), first = part[2], last = part[3];

	if (id >= TUYA_VAULT_IDS || !vault->has[id])
		return;
	for (uint32_t p = first; p <= last && p < PAGES && p > 0; p++) {
		const size_t room = sizeof value->bytes - *got;
		const size_t n = room < PAGE ? room : PAGE;

		memcpy(value->bytes + *got, vault->sector[id] + (size_t)p * PAGE, n);
		*got += n;
	}
}

/* What a page says, when it is one that names a value. */
static bool read_value(const struct tuya_vault *vault, uint32_t id, uint32_t number,
		       struct tuya_value *value)
{
	const uint8_t *page = vault->sector[id] + (size_t)number * PAGE;
	const size_t named = page[NAMED], parts = le16(page + PARTS);
	size_t got = 0;

	if (le16(page + ID) != id || page[NUMBER] != number || named < 2 ||
	    named > TUYA_VAULT_NAME || parts > (PAGE - NAME - named) / PART ||
	    page[NAME + named - 1] != 0)
		return false;
	value->len = le32(page + LENGTH);
	value->at = vault->sector_at[id] + number * PAGE;
	fact_text(value->name, sizeof value->name, page + NAME, named - 1);
	for (size_t i = 0; i < parts; i++)
		add_part(vault, page + NAME + named + i * PART, value, &got);
	value->right = value->len <= got && byte_sum(value->bytes, value->len) == le32(page + SUM);
	if (value->len > got)
		value->len = got;
	return true;
}

static void each_page(const struct tuya_vault *vault, uint32_t id, struct tuya_value *value,
		      struct tuya_visitor *visitor)
{
	const uint32_t map = le32(vault->sector[id] + 15);

	for (uint32_t p = 1; p < PAGES; p++)
		if (map >> p & 1 && read_value(vault, id, p, value))
			visitor->value(visitor, value);
}

int tuya_vault_each(const struct tuya_vault *vault, struct tuya_visitor *visitor, struct err *e)
{
	AUTO(auto_free) struct tuya_value *value = calloc(1, sizeof *value);

	if (!value)
		return err_set(e, ERR_MEMORY, "out of memory for a store's values");
	for (uint32_t id = 0; id < TUYA_VAULT_IDS; id++)
		if (vault->has[id])
			each_page(vault, id, value, visitor);
	return 0;
}

/* ---- the protected sector */

#define LAYER      32u
#define ENTRY_HEAD 36u
#define ENTRY_NAME 32u

static void each_entry(const uint8_t *bytes, size_t len, uint32_t at, struct tuya_value *value,
		       struct tuya_visitor *visitor)
{
	for (size_t n, i = 0; i + ENTRY_HEAD <= len; i += ENTRY_HEAD + n) {
		const uint8_t *name = bytes + i + 4;

		n = le32(bytes + i);
		if (n == 0 || n > len - i - ENTRY_HEAD)
			return;
		fact_text(value->name, sizeof value->name, name,
			  strnlen((const char *)name, ENTRY_NAME));
		value->at = at;
		value->right = true;
		value->len = n;
		memcpy(value->bytes, bytes + i + ENTRY_HEAD, n);
		if (value->name[0])
			visitor->value(visitor, value);
	}
}

static bool is_protected(const uint8_t *clear)
{
	return le32(clear) == KEY_MAGIC &&
	       le32(clear + 4) == byte_sum(clear + 8, FLASH_SECTOR - 8) &&
	       le32(clear + 24) <= FLASH_SECTOR - LAYER;
}

int tuya_protected_each(struct flash *flash, uint32_t at, bool *found, struct tuya_visitor *visitor,
			struct err *e)
{
	uint8_t raw[FLASH_SECTOR], clear[FLASH_SECTOR], inner[FLASH_SECTOR - LAYER];
	uint8_t key[TUYA_VAULT_KEY];
	AUTO(auto_free) struct tuya_value *value = calloc(1, sizeof *value);

	if (!value)
		return err_set(e, ERR_MEMORY, "out of memory for a store's values");
	if (flash_read(flash, at, raw, sizeof raw, e) < 0)
		return -1;
	decrypt(master, raw, clear, sizeof clear);
	*found = is_protected(clear);
	if (!*found || !visitor)
		return 0;
	tuya_vault_data_key(clear + 8, key);
	decrypt(key, clear + LAYER, inner, sizeof inner);
	each_entry(inner, le32(clear + 24), at, value, visitor);
	return 0;
}
