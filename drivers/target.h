/* What a slot may hold: a Beken chip that must be brought into SPI mode, or a bare flash. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct target {
	const char *name;     /* "bk7252": as in the configuration */
	const char *title;    /* "BK7252" */
	bool enters_spi_mode; /* by CEN and a train of D2h; false: the flash is simply there */
	bool loader_in_flash; /* the UART bootloader lives in the flash's first 0x11000 bytes */
};

/* All targets, and how many. */
const struct target *targets(size_t *n);

/* NULL when there is none of that name. */
const struct target *target_by_name(const char *name);
