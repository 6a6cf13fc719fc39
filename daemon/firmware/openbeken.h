/* The configuration sector of OpenBeken: "CFG", a sum, and fields at fixed places. */
#pragma once

#include "flash.h"
#include "setting.h"

/* True when a sector is one: its sum is right in one of the two forms that builds have. */
bool openbeken_is(const uint8_t sector[FLASH_SECTOR]);

/* Its fields; at: where it stands. */
void openbeken_settings(const uint8_t sector[FLASH_SECTOR], uint32_t at, struct settings *settings);

/* CRC-8, reflected 8Ch from 0; with a sign that comes along when the compiler's char has one. */
uint8_t openbeken_crc(const uint8_t *bytes, size_t len, bool has_sign);
