/* A board's flash, reached by SPI. */
#pragma once

#include "board.h"
#include "board_flash.h"

struct nor_flash {
	struct board_flash base; /* first member */
	struct nor nor;
	struct board *board; /* borrowed */
};

/* Probes what is on board->spi: nor_probe(), and which erases there are. */
int nor_flash_probe(struct nor_flash *flash, struct board *board, struct err *e) MUST_CHECK;
