/* Tuya's store of files: two sectors that each hold the directory, the newer one in use; data behind them. */
#pragma once

#include <stdbool.h>

#include "flash.h"

#define TUYA_FILES 40 /* entries of a directory */

struct tuya_files {
	bool right; /* a directory, and its sum */
	uint32_t generation;
	uint32_t files;
};

/* Looks at one sector. */
struct tuya_files tuya_files_read(const uint8_t sector[FLASH_SECTOR]);
