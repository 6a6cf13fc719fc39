/* Programming: bits go from 1 to 0, within one page, in the way that the part knows. */
#pragma once

#include "nor_busy.h"

/*
 * The bytes that 02h takes at once: the chip's page, as far as it is a power of two and the bus
 * holds it in a message. Programming never crosses a multiple of it.
 */
uint32_t nor_program_page(const struct nor *nor);

/*
 * Programs len bytes that lie within one page. FF changes nothing and is left out where bytes or
 * words go one by one. *taken as of nor_change(): false when any of it was not taken.
 */
struct nor_piece {
	uint32_t addr;
	const uint8_t *bytes;
	size_t len;
};
int nor_program(struct nor *nor, const struct nor_piece *piece, struct nor_meter *meter,
		bool *taken, struct err *e) MUST_CHECK;
