/*
 * Whether content makes sense on a board, at the place where it shall be written: asked before a
 * write. What is told apart is what its own bytes prove to be wrong, and what only looks odd.
 */
#pragma once

#include "analysis.h"

enum suit {
	SUIT_FINE, /* nothing speaks against it */
	SUIT_DOUBTFUL,
	SUIT_WRONG_CHIP,
	SUIT_WRONG /* at this place, or anywhere: it would not run */
};

/* "fine", "doubtful", "wrong". */
const char *suit_name(enum suit suit);

struct suit_verdict {
	enum suit suit;
	char why[200];  /* "" for SUIT_FINE */
	char hint[200]; /* "" when there is nothing to say */
};

/* target: as in the configuration ("bk7231n"); of any other than a BK72xx nothing is known, and all is fine. at: where the first byte shall go. */
void suit_judge(const struct analysis *a, const char *target, uint64_t at,
		struct suit_verdict *verdict);

/* Where the first byte belongs; false when the content does not tell, or is not to be written as it is. */
bool suit_place(const struct analysis *a, uint32_t *at);
