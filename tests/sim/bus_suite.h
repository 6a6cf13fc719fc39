/* What every backend of struct spi must do, as tests that take the backend. */
#pragma once

#include "board.h"

struct bus_backend {
	const char *name; /* in front of each test's name */
	/*
	 * A fresh board whose spi reaches a flash (in SPI mode, if it takes that), in mode 0, at
	 * a clock the flash can do. NULL and *e when there is none.
	 */
	struct board *(*open)(struct err *e);
	uint32_t max_hz;   /* the bus's limit */
	uint32_t jedec_id; /* of the flash, */
	uint8_t (*content)(
		uint32_t
			addr); /* and what it holds, in 64 KiB at least; at 0x2000 a sector of FF */
};

/* Runs the suite; 0 when all is well, as check_all(). */
int bus_suite_run(const struct bus_backend *backend, const char *only);
