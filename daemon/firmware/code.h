/* Code as the CPU sees it: without the CRCs, and in clear. */
#pragma once

#include "flash.h"
#include "scramble.h"

#define CODE_PIECE 16384u /* most that is read at a time: a multiple of 32 */

struct code {
	struct flash *flash;     /* borrowed */
	struct scramble_key key; /* all zero leaves the bytes as they are */
	uint32_t
		shift; /* of what is linked for another place: added to the address for the stream */
	uint8_t raw[CODE_PIECE / 32 * 34]; /* room to work in */
};

/* From a logical address, a multiple of 32, len bytes, such a multiple too and at most CODE_PIECE. */
int code_read(struct code *code, uint32_t logical, uint8_t *buf, size_t len, struct err *e)
	MUST_CHECK;
