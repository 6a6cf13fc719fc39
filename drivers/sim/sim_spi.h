/* The bus of a simulated board: struct spi over the model, every byte charged to the clock. */
#pragma once

#include "sim_wire.h"
#include "spi.h"

struct sim_spi_limits {
	uint32_t max_hz;
	size_t max_len;
};

/* wire is borrowed. NULL and *e without memory. Modes 0 and 3, any clock up to max_hz. */
struct spi *sim_spi_open(struct sim_wire *wire, const struct sim_spi_limits *limits, struct err *e)
	MUST_CHECK;
