/* Writing one block of a chip: look, plan, erase, program, prove. The inside of nor_write(). */
#pragma once

#include "nor_image.h"
#include "nor_plan.h"
#include "nor_write.h"

struct nor_work {
	struct nor *nor;
	const struct nor_image *image;
	struct nor_erasers erasers;
	uint32_t page; /* what is programmed at once */
	struct nor_meter meter;
	struct nor_written done;
	uint64_t refused;        /* commands that the chip did not take */
	bool again;              /* the second round: what is skipped was counted in the first */
	bool blank;              /* all was just erased: the first look is spared */
	struct nor_source *seen; /* borrowed: see nor_write_options; NULL: look everywhere */

	/* The block that is worked on. */
	struct nor_plan plan;
	uint8_t *want, *have; /* erasers.block bytes each */
};

/*
 * What shall be in the block that begins at start (a cell's beginning) and has len bytes (whole
 * cells): the image's bytes and, where it reaches beyond the image, what two reads of the chip
 * agree on. Sets want; have, as far as it matters; and the plan.
 */
int nor_block_look(struct nor_work *work, uint32_t start, uint32_t len, struct err *e) MUST_CHECK;

/*
 * Brings the block to what it shall be, with up to four tries. Where bytes beyond the image would
 * be lost, no cancel is heard between the erase and the proof that they are back.
 */
int nor_block_write(struct nor_work *work, uint32_t start, uint32_t len, struct err *e) MUST_CHECK;
