/* How far a long operation is, for the functions it is made of: none of them sees the whole. */
#pragma once

#include <stdbool.h>

#include "progress.h"

/*
 * Handed to lower floors as `base`: what they report as done becomes "as far as before", or, to be
 * followed, is added to it.
 */
struct nor_meter {
	struct progress base;
	struct progress *outer; /* borrowed; may be NULL */
	uint64_t done, total;
	bool follow;
	bool deaf; /* nothing is reported, and so nothing cancelled: what is under way must end */
};

void nor_meter_init(struct nor_meter *meter, struct progress *outer, uint64_t total);

/* extra is shown, not kept. -1 when the owner cancels. */
int nor_meter_show(struct nor_meter *meter, uint64_t extra, struct err *e) MUST_CHECK;
