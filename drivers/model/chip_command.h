/* What a chip does with an opcode: the table behind chip.c. */
#pragma once

#include "chip.h"

enum chip_address {
	CHIP_ADDRESS_NONE,
	CHIP_ADDRESS_3,
	CHIP_ADDRESS_4,
	CHIP_ADDRESS_MODE /* 3, or 4 after B7 */
};

#define CHIP_ANY_DATA 0xffffffffu

enum chip_command_flag {
	CHIP_BIG = 1,        /* only parts with 4-byte addresses know it */
	CHIP_WHILE_BUSY = 2, /* heard while an operation goes on */
	CHIP_SR2 = 4,        /* about SR2; else SR1 */
	CHIP_SR3 = 8,
	CHIP_WHILE_AAI = 16 /* heard in the middle of AAI */
};

struct chip_command {
	uint8_t opcode;
	uint8_t dummies; /* bytes between address and data */
	uint8_t flags;
	enum chip_address address;
	uint32_t min_data, max_data; /* bytes; another number, and it is not taken */

	/* Data goes by: fills piece->rx, looks at piece->tx. NULL: MISO floats. */
	void (*data)(struct chip *chip, const struct chip_piece *piece);

	/* The chip select rises on a complete command. NULL: nothing happens. */
	void (*take)(struct chip *chip, uint64_t now_ns);
};

/* What the part does with opcode, as it is now; never NULL. An erase of its list sets frame.block. */
const struct chip_command *chip_command_find(struct chip *chip, uint8_t opcode);
