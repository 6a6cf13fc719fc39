/* EasyFlash: names and values in sectors that begin with "EF40", each value with a CRC. */
#pragma once

#include "flash.h"
#include "setting.h"

/* Adds what a sector holds; how many values were right. */
size_t easyflash_settings(const uint8_t sector[FLASH_SECTOR], uint32_t at,
			  struct settings *settings);
