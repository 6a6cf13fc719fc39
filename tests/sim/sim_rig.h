/* Simulated boards of 1 MiB at 8 MHz, and the commands that tests give them. */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "auto.h"
#include "sim_board.h"

#define SIZE 0x100000u
#define MHZ8 8000000u
#define MS   ((uint64_t)CLOCK_MS)

static const struct nor_part part = {
	.jedec_id = 0x0b4014,
	.vendor = "XTX",
	.names = "XT25F08",
	.size = SIZE,
	.page = 256,
	.address_bytes = 3,
	.erase = { { 0x20, 0x1000 }, { 0xd8, 0x10000 }, { 0xc7, SIZE } },
};

static const struct sim_board_config bare = { .part = &part, .bare = true, .max_hz = MHZ8 };
static const struct sim_board_config beken = { .part = &part,
					       .max_hz = MHZ8,
					       .entry_success = 1.0 };

static inline struct board *open_board(const struct sim_board_config *config)
{
	const struct spi_setup setup = { .hz = MHZ8 };
	struct err e;
	struct board *board = sim_board_open(config, &e);

	if (!board)
		fprintf(stderr, "%s\n", e.text);
	if (!board || spi_setup(board->spi, &setup, &e) < 0)
		abort();
	return board;
}

#define BOARD(config) AUTO(auto_board_close) struct board *b = open_board(&(config))

static inline int send(struct board *b, const uint8_t *tx, size_t len)
{
	struct err e;

	return spi_command(b->spi, tx, len, NULL, 0, &e);
}

static inline uint32_t id_seen(struct board *b)
{
	uint8_t rx[3] = { 0 };
	struct err e;

	if (spi_command(b->spi, (const uint8_t[]){ 0x9f }, 1, rx, 3, &e) < 0)
		return 0;
	return (uint32_t)rx[0] << 16 | (uint32_t)rx[1] << 8 | rx[2];
}

static inline void wait_ready(struct board *b)
{
	uint8_t status = 1;
	struct err e;

	while (status & 1)
		if (spi_command(b->spi, (const uint8_t[]){ 0x05 }, 1, &status, 1, &e) < 0)
			return;
}

static inline void program(struct board *b, uint8_t value)
{
	(void)send(b, (const uint8_t[]){ 0x06 }, 1);
	(void)send(b, (const uint8_t[]){ 0x02, 0, 0, 0, value }, 5);
	wait_ready(b);
}

static inline uint8_t byte_at(struct board *b, uint32_t addr)
{
	uint8_t byte;

	sim_board_peek(b, addr, &byte, 1);
	return byte;
}
