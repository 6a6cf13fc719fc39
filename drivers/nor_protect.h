/*
 * Write protection by status register bits: BP0-2 or BP0-3, TB, SEC and CMP. A status register is
 * only ever written when a bit must change, and never blindly: writes that change nothing have
 * ruined chips whose register cells wear out or lock.
 */
#pragma once

#include "nor.h"

struct nor_protection {
	uint8_t sr1, sr2; /* as they were read, WIP and WEL left out */
	bool has_sr2;     /* there is an SR2 that a write must keep */
	bool exact;       /* the part's bits are known well enough to tell the range */
	uint32_t start;   /* the range that takes no change; where it is not exact, all that */
	uint32_t len;     /* may be protected is: the whole chip. 0: nothing is */
};

/* Reads the registers until two reads agree. Errors: ERR_UNSTABLE_READ, those of the bus. */
int nor_protection_read(struct nor *nor, struct nor_protection *protection, struct err *e)
	MUST_CHECK;

/* True when some of the range is (or, if not exact, may be) protected. */
bool nor_protection_covers(const struct nor_protection *protection, uint32_t addr, size_t len);

/*
 * Clears BP and CMP if that frees anything; QE, SRP, TB, SEC and all other bits stay. The change
 * is forgotten with the power where the part can do that (50h). Blocks for some milliseconds.
 * *before gets what nor_protection_restore() puts back, on failure too. ERR_PROTECTED when the
 * register did not take it; the hint says what to do. Errors of the bus, ERR_NO_CHIP, ERR_TIMEOUT.
 */
int nor_unprotect(struct nor *nor, struct nor_protection *before, struct err *e) MUST_CHECK;

/* Puts the registers back if they are not as they were. Errors as above. */
int nor_protection_restore(struct nor *nor, const struct nor_protection *before, struct err *e)
	MUST_CHECK;

/* Fills *e with ERR_PROTECTED and a hint for a chip that is protected like that. Returns -1. */
int nor_protection_err(const struct nor_protection *protection, struct err *e);
