/* The record that lets a device join its network again without asking: name, password and key of the last one. */
#pragma once

#include "flash.h"
#include "setting.h"

/* Adds what a sector says, when it begins with such a record, in clear or masked. */
bool fast_connect_settings(const uint8_t sector[FLASH_SECTOR], uint32_t at,
			   struct settings *settings);
