/*
 * Serial Flash Discoverable Parameters (JESD216): what a chip says about itself. This is a border
 * where foreign bytes come in: nothing is believed that does not fit.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "nor_parts.h"

#define SFDP_MAX 1024 /* bytes of the SFDP space that are looked at */

#define SFDP_NOT_SAID        0xff
#define SFDP_QE_SR2_ONLY     6    /* quad_enable: 31h writes SR2, 01h takes one byte */
#define SFDP_STATUS_VOLATILE 0x0c /* status_writes: 50h before 01h writes until the power goes */

struct sfdp_erase {
	uint8_t opcode;
	uint8_t opcode_4b;   /* the same with four address bytes; 0: none told of */
	uint32_t size;       /* bytes */
	uint32_t typical_us; /* 0: not said */
	uint32_t maximum_us;
};

struct sfdp {
	uint8_t major, minor;  /* of the basic flash parameter table */
	uint64_t size;         /* bytes */
	uint32_t page;         /* bytes; 256 where the table is too old to tell */
	uint8_t address_bytes; /* 3; 4 where the chip knows nothing else; 34 where it knows both */
	uint8_t enter_4b;      /* the ways into four-byte addressing: BFPT dword 16, bits 31:24 */
	bool read_4b;          /* 13h is known */
	bool program_4b;       /* 12h is known */
	struct sfdp_erase erase[4];
	size_t erases;
	uint32_t page_program_typical_us, page_program_maximum_us; /* 0: not said */
	uint32_t chip_erase_typical_ms, chip_erase_maximum_ms;
	uint8_t quad_enable;   /* BFPT dword 15, bits 22:20: where QE is; SFDP_NOT_SAID */
	uint8_t status_writes; /* BFPT dword 16, bits 6:0: what goes before 01h; 0: not said */
};

/*
 * Reads the parameter tables out of a copy of the first len bytes of the SFDP space.
 * ERR_UNKNOWN_CHIP when there is no signature or the tables make no sense; never reads past len.
 */
int sfdp_parse(const uint8_t *bytes, size_t len, struct sfdp *sfdp, struct err *e) MUST_CHECK;
