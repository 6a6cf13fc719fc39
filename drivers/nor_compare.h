/* Is on the chip what should be there? */
#pragma once

#include "nor.h"
#include "nor_image.h"

struct nor_difference {
	size_t sectors; /* of NOR_SECTOR bytes, that differ; 0: all is as it should be */
	uint32_t first; /* address of the first byte that differs; 0 when none does */
};

/*
 * Reads the image's range and compares. A sector that looks different is read once more, and so is
 * one that looks right and ends in FF (unless image->seen), because an answer that was cut off looks
 * like that; where the two reads disagree, a vote decides (nor_read_majority). The chip's ID is
 * asked for behind every 64 KiB, so that a chip that vanished is never taken for an erased one.
 * Progress counts bytes. Errors: ERR_BAD_INPUT (past the end), ERR_UNSTABLE_READ (no majority),
 * ERR_NO_CHIP, those of the bus, the source, progress.
 */
int nor_compare(struct nor *nor, const struct nor_image *image, struct progress *progress,
		struct nor_difference *difference, struct err *e) MUST_CHECK;
