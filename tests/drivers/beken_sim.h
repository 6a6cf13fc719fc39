/* Simulated Beken boards for the tests of the entry. */
#pragma once

#include <stdlib.h>

#include "auto.h"
#include "beken_spi.h"
#include "fake_bus.h"
#include "sim_board.h"

static const struct nor_part beken_sim_part = {
	.jedec_id = 0x0b4016,
	.vendor = "XTX",
	.names = "XT25F32B",
	.size = 0x400000,
	.page = 256,
	.address_bytes = 3,
};

/* One that lets everybody in. */
static const struct sim_board_config beken_sim_easy = {
	.part = &beken_sim_part,
	.entry_success = 1.0,
	.max_hz = 8000000,
};

static inline struct board *beken_sim_open(const struct sim_board_config *config)
{
	struct err e;
	struct board *board = sim_board_open(config, &e);

	if (!board)
		abort();
	return board;
}
