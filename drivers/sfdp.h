/*
 * Serial Flash Discoverable Parameters (JESD216): what a chip says about itself. This is a border
 * where foreign bytes come in: nothing is believed that does not fit.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "nor_parts.h"

#define SFDP_MAX 1024 /* bytes of the SFDP space that are looked at */

struct sfdp_erase {
	uint8_t opcode;
	uint32_t size;       /* bytes */
	uint32_t typical_us; /* 0: not said */
	uint32_t maximum_us;
};

struct sfdp {
	uint8_t major, minor;  /* of the basic flash parameter table */
	uint64_t size;         /* bytes */
	uint32_t page;         /* bytes; 256 where the table is too old to tell */
	uint8_t address_bytes; /* 3; 4 where the chip knows nothing else; 34 where it knows both */
	struct sfdp_erase erase[4];
	size_t erases;
	uint32_t page_program_typical_us, page_program_maximum_us; /* 0: not said */
	uint32_t chip_erase_typical_ms, chip_erase_maximum_ms;
};

/*
 * Reads the parameter tables out of a copy of the first len bytes of the SFDP space.
 * ERR_UNKNOWN_CHIP when there is no signature or the tables make no sense; never reads past len.
 */
int sfdp_parse(const uint8_t *bytes, size_t len, struct sfdp *sfdp, struct err *e) MUST_CHECK;
