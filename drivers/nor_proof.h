/*
 * Reads that can be believed. One read of a flash over a handful of wires proves nothing: wires
 * pick up noise, and a chip that fell out of SPI mode answers FFs that look like an erased flash.
 */
#pragma once

#include "nor.h"

#define NOR_VOTES 7 /* reads of a sector that was seen to change; more than half must agree */

/*
 * The chip that was identified still answers with its ID (in one of three tries, so that noise is
 * not taken for death). ERR_NO_CHIP when it does not.
 */
int nor_check_alive(struct nor *nor, struct err *e) MUST_CHECK;

/*
 * nor_read() of a range of any length in slices of at most about 50 ms of wire time, with
 * progress after each (base is added to what it reports), and nor_check_alive() at the end: what
 * was read while the chip was gone is never taken for content.
 */
struct nor_range {
	uint32_t addr;
	uint8_t *buf;
	size_t len;
};
int nor_read_alive(struct nor *nor, const struct nor_range *range, struct progress *progress,
		   struct err *e) MUST_CHECK;

/*
 * What most of NOR_VOTES reads of a sector (len <= NOR_SECTOR) agree on. ERR_UNSTABLE_READ when
 * no reading has a majority; the text names the address.
 */
int nor_read_majority(struct nor *nor, uint32_t addr, uint8_t *buf, size_t len, struct err *e)
	MUST_CHECK;

/*
 * range->buf (at most NOR_SECTOR bytes) holds one reading: reads once more, and where the two
 * disagree a vote decides. buf gets what is believed. Errors as of both functions above.
 */
int nor_read_again(struct nor *nor, const struct nor_range *range, struct progress *progress,
		   struct err *e) MUST_CHECK;
