/* The erases of a chip: which it has, which may be used, and doing one. */
#pragma once

#include "nor_busy.h"

struct nor_eraser {
	uint8_t opcode; /* 0: there is none */
	uint32_t size;  /* bytes, a power of two */
	bool whole;     /* the chip: no address follows */
	struct nor_pace *pace;
	uint64_t worth; /* of the meter: what one erase moves it on while it lasts */
};

struct nor_erasers {
	struct nor_eraser level[NOR_ERASES]; /* ascending, one of each size, none above block */
	size_t levels;
	struct nor_eraser chip;
	uint32_t cell;  /* the smallest that can be erased */
	uint32_t block; /* what is planned at once: 64 KiB, or a cell where that is larger */
};

/*
 * The erases of *nor that make sense: a known opcode, a power of two that divides the chip. On a
 * chip with 4-byte addresses opcodes for them go before those that need a mode. Paces point into
 * *nor. ERR_UNKNOWN_CHIP when nothing is left.
 */
int nor_erasers_init(struct nor *nor, struct nor_erasers *erasers, struct err *e) MUST_CHECK;

/* The erase at addr, which is a multiple of its size. As nor_change(). */
struct nor_change nor_erase_change(const struct nor *nor, const struct nor_eraser *eraser,
				   uint32_t addr);
