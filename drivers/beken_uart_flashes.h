/* Which bits of which status registers protect a flash, as the loaders' own tables have it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct beken_flash {
	uint32_t jedec_id;  /* manufacturer first */
	uint32_t size;      /* bytes */
	uint8_t read_op[3]; /* status registers to read, in order of the mask's bytes; 0: no more */
	uint8_t write_len;  /* bytes behind the 01h that writes them */
	uint16_t mask;      /* the bits that protect: BP0.., CMP */
};

/* NULL when the ID is not in the table. */
const struct beken_flash *beken_flash_by_id(uint32_t jedec_id);

/* All, by ascending ID. */
const struct beken_flash *beken_flashes(size_t *n);
