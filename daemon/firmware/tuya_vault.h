/*
 * The configuration store of Tuya's firmware: a key sector, and data sectors encrypted with a key
 * that follows from it. All keys it starts from are public. Values are kept in pages of 128 bytes
 * under names; sectors that have been replaced stay until they are needed again.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flash.h"

#define TUYA_VAULT_KEY     16u
#define TUYA_VAULT_SECTORS 24u /* behind the key sector that are looked at */
#define TUYA_VAULT_IDS     16u /* numbers that a data sector may have */
#define TUYA_VAULT_NAME    64
#define TUYA_VAULT_VALUE   8192u /* bytes; what is longer is not read */

/* True when a sector begins as a key sector or a protected one does; which of them, the sums tell. */
bool tuya_vault_begins(const uint8_t *sector);

struct tuya_vault {
	uint32_t at;                 /* address of the key sector */
	bool has_key;                /* its checksum is right */
	uint8_t key[TUYA_VAULT_KEY]; /* of the data: a secret */
	uint32_t good, bad; /* data sectors, by their checksums; bad: begins right, sum wrong */
	uint32_t end;       /* address behind the last good one */
	bool has[TUYA_VAULT_IDS];
	uint32_t generation[TUYA_VAULT_IDS]; /* of the newest of each number */
	uint32_t sector_at[TUYA_VAULT_IDS];
	uint8_t sector[TUYA_VAULT_IDS][FLASH_SECTOR]; /* in clear */
};

/* Reads what begins at an address. has_key tells whether there is one. The struct is large: from the heap. */
int tuya_vault_read(struct flash *flash, uint32_t at, struct tuya_vault *vault, struct err *e)
	MUST_CHECK;

struct tuya_value {
	char name[TUYA_VAULT_NAME];
	uint32_t at; /* address of the page that names it */
	bool right;  /* its checksum */
	size_t len;
	uint8_t bytes[TUYA_VAULT_VALUE];
};

/* Who is told of each value. */
struct tuya_visitor {
	void (*value)(struct tuya_visitor *visitor, const struct tuya_value *value);
};

/* All values, in the order of sectors and pages. ERR_MEMORY. */
int tuya_vault_each(const struct tuya_vault *vault, struct tuya_visitor *visitor, struct err *e)
	MUST_CHECK;

/*
 * The protected sector of newer ones: values under a second layer. *found is false when there is
 * none at this address; visitor may be NULL.
 */
int tuya_protected_each(struct flash *flash, uint32_t at, bool *found, struct tuya_visitor *visitor,
			struct err *e) MUST_CHECK;

/* The key of the data, from the inner key. */
void tuya_vault_data_key(const uint8_t inner[TUYA_VAULT_KEY], uint8_t key[TUYA_VAULT_KEY]);
