/* What a chip says about itself at 5A: Serial Flash Discoverable Parameters, JESD216B. */
#pragma once

#include "chip.h"

/* Basic flash parameter table of 16 words, and the 4-byte instruction table for large parts. */
void chip_sfdp_build(const struct chip_part *part, uint8_t sfdp[CHIP_SFDP]);
