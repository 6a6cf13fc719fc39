/* Making a store as Tuya's firmware keeps it: for demonstration boards and tests. */
#pragma once

#include "tuya_vault.h"

/* The key sector, for an inner key. */
void tuya_vault_make_key(const uint8_t inner[TUYA_VAULT_KEY], uint8_t sector[FLASH_SECTOR]);

/*
 * A data sector, the first of its kind, with values: name, text, name, text, ..., NULL. Asserts
 * that they fit: 31 pages of 128 bytes, one for each name, and as many as a text needs.
 */
void tuya_vault_make_data(const uint8_t inner[TUYA_VAULT_KEY], const char *const *values,
			  uint8_t sector[FLASH_SECTOR]);
