/*
 * Is it a flash? More than an ID proves it: a status register that is there and stable, an ID
 * that is known or an SFDP signature, two reads of a page that agree.
 */
#pragma once

#include "progress.h"
#include "spi.h"

enum beken_verdict {
	BEKEN_PROVEN,
	BEKEN_CHANGING, /* answers that differ from read to read */
	BEKEN_REFUSED   /* steady answers that no flash gives */
};

struct beken_proof {
	enum beken_verdict verdict;
	const char *failed; /* what it failed at; NULL when proven */
	uint32_t jedec_id;
};

/*
 * Once, at the bus's clock as it is. Blocks for some milliseconds of wire time; tells progress
 * `done` after each step. Errors: those of the bus, ERR_CANCELLED.
 */
int beken_prove(struct spi *spi, struct progress *progress, uint64_t done,
		struct beken_proof *proof, struct err *e) MUST_CHECK;
