/*
 * What shall be on a chip: the bytes of an image or a dump, fill behind or instead of them, and
 * ranges in between that stay as they are.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db.h"
#include "nor_image.h"

#define WANTED_SPANS 17 /* 16 preserved ranges leave at most one more between them */

struct wanted_span {
	uint32_t addr, len;
};

struct wanted {
	struct nor_source base; /* first member: reads what shall stand at an address */
	struct db *db;          /* borrowed */
	int64_t content;        /* in the archive; -1: fill alone */
	uint32_t start, len;    /* the range on the chip */
	uint32_t content_len;   /* bytes of it that come from the content, from its start */
	uint8_t fill;           /* the rest */
	struct wanted_span span[WANTED_SPANS]; /* what is touched, ascending; nothing else is */
	size_t spans;
	/*
	 * Spans that reach beyond what was asked for, to mend what an earlier write has lost at their
	 * ends: there stands what this content holds at the same address. -1: none does.
	 */
	int64_t around;
	struct wanted_span asked[WANTED_SPANS]; /* what the spans were before */
	size_t n_asked;
};

/* Its reads: content in short transactions of the archive. */
int wanted_read(struct nor_source *source, uint32_t addr, uint8_t *buf, size_t len, struct err *e)
	MUST_CHECK;

/*
 * Sets the spans: the range without the preserved ones ("0+4096 69632+4096"; "" for none).
 * ERR_UNPROCESSABLE for more than 16 of them, and when nothing is left.
 */
int wanted_set_spans(struct wanted *wanted, const char *preserve, struct err *e) MUST_CHECK;

/*
 * Makes the i-th span reach over all of `span`, filled up from the content `around` (one for all
 * spans); what was asked for stays. Spans that meet become one.
 */
void wanted_widen(struct wanted *wanted, size_t i, struct wanted_span span, int64_t around);

/* The i-th range of a chip of that size that no span touches; false after the last. */
bool wanted_outside(const struct wanted *wanted, uint32_t chip, size_t i, struct wanted_span *out);
