/* Which part of the chip the status registers protect. */
#pragma once

#include "chip.h"

struct chip_range {
	uint32_t start, len; /* bytes; len 0: none */
};

/* By BP, TB and SEC of SR1 and CMP of SR2, as in the tables of the W25Q data sheets. */
struct chip_range chip_protected(const struct chip *chip);

bool chip_is_protected(const struct chip *chip, uint32_t addr, uint32_t len);

/* True when the status registers take no write: SRL, or SRP with the WP pin low. */
bool chip_status_locked(const struct chip *chip);
