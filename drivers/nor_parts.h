/* What is known of SPI NOR parts by their JEDEC ID, before anything is asked of the chip. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define NOR_ERASES 8

/* How a part is programmed. */
enum nor_program {
	NOR_PROGRAM_PAGE, /* 02h, up to a page at a time */
	NOR_PROGRAM_BYTE, /* 02h, one byte at a time */
	NOR_PROGRAM_AAI   /* ADh, auto address increment, words */
};

struct nor_erase {
	uint8_t opcode; /* 0: end of the list */
	uint32_t size;  /* bytes; the whole chip for a chip erase; 0 for blocks of mixed sizes */
};

struct nor_part {
	uint32_t jedec_id;  /* manufacturer, type, capacity: 0x0b4016 */
	const char *vendor; /* "Winbond" */
	const char *
		names; /* all parts that share the ID: "W25Q16JV/W25Q16DV"; a '.' stands for any one character */
	uint32_t size;         /* bytes */
	uint16_t page;         /* bytes */
	uint8_t address_bytes; /* 3 or 4 */
	enum nor_program program;
	uint16_t mv_min, mv_max; /* supply; 0: not known */
	struct nor_erase
		erase[NOR_ERASES]; /* none: as SFDP says, else 20h 4 KiB, D8h 64 KiB, C7h chip */
	const char *notes;         /* "" or a warning for people */
};

/* All parts, by ascending ID. */
const struct nor_part *nor_parts(size_t *n);

/* NULL when the ID is not in the table. */
const struct nor_part *nor_part_by_id(uint32_t jedec_id);

/*
 * A part by what a person writes: six hex digits, or a part name in either case, whole or its
 * beginning. ERR_BAD_INPUT when nothing fits, and when parts with several IDs fit: the text then
 * names the IDs.
 */
const struct nor_part *nor_part_by_name(const char *text, struct err *e);

/* True when q (any case, "" fits all) is part of the vendor, of a name, or begins the ID in hex. */
bool nor_part_matches(const struct nor_part *part, const char *q);
