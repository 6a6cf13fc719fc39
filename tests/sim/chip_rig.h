/* A chip in the hand: one command per call, at a clock of its own. For tests of the model. */
#pragma once

#include <stdint.h>
#include <stdlib.h>

#include "auto.h"
#include "chip.h"
#include "clock.h"

#define RIG_HZ   8000000u
#define RIG_SIZE 0x400000u
#define US       ((uint64_t)CLOCK_US)
#define MS       ((uint64_t)CLOCK_MS)
#define S        ((uint64_t)CLOCK_S)

struct chip_rig {
	struct chip chip;
	uint8_t *cells;
	uint64_t now_ns;
};

/* W25Q32 as its data sheet has it, without jitter. */
static const struct chip_part rig_w25q32 = {
	.jedec_id = 0xef4016,
	.size = RIG_SIZE,
	.page = 256,
	.address_bytes = 3,
	.has_unique_id = true,
	.unique_id = { 1, 2, 3, 4, 5, 6, 7, 8 },
	.erase = { { 0x20, 0x1000 }, { 0x52, 0x8000 }, { 0xd8, 0x10000 } },
	.timing = { .program = 400 * US,
		    .erase_4k = 45 * MS,
		    .erase_32k = 120 * MS,
		    .erase_64k = 150 * MS,
		    .erase_chip = 10 * S,
		    .status = 10 * MS },
};

static inline struct chip_rig rig_new(const struct chip_part *part)
{
	struct chip_rig rig = { .cells = calloc(1, part->size) };

	if (!rig.cells)
		abort();
	chip_init(&rig.chip, part, rig.cells, 1);
	return rig;
}

static inline void rig_free(struct chip_rig *rig)
{
	free(rig->cells);
}

static inline void rig_piece(struct chip_rig *rig, const uint8_t *tx, uint8_t *rx, size_t len)
{
	chip_xfer(&rig->chip,
		  &(struct chip_piece){
			  .tx = tx, .rx = rx, .len = len, .start_ns = rig->now_ns, .hz = RIG_HZ });
	rig->now_ns += len * 1000;
}

/* A fresh W25Q32 that ends with its scope. */
#define RIG AUTO(rig_free) struct chip_rig rig = rig_new(&rig_w25q32)

/* tx_len bytes out, then rx_len bytes in, under one chip select. */
static inline void rig_command(struct chip_rig *rig, const uint8_t *tx, size_t tx_len, uint8_t *rx,
			       size_t rx_len)
{
	chip_select(&rig->chip, rig->now_ns);
	rig_piece(rig, tx, NULL, tx_len);
	rig_piece(rig, NULL, rx, rx_len);
	chip_deselect(&rig->chip, rig->now_ns);
}

/* rig_send(&rig, 0x20, 0x00, 0x10, 0x00): a command that has no answer. */
#define rig_send(rig, ...) \
	rig_command((rig), (const uint8_t[]){ __VA_ARGS__ }, \
		    sizeof((const uint8_t[]){ __VA_ARGS__ }), NULL, 0)

/* rig_ask(&rig, rx, len, 0x9f): a command that has. */
#define rig_ask(rig, rx, len, ...) \
	rig_command((rig), (const uint8_t[]){ __VA_ARGS__ }, \
		    sizeof((const uint8_t[]){ __VA_ARGS__ }), (rx), (len))

static inline uint8_t rig_status(struct chip_rig *rig, uint8_t opcode)
{
	uint8_t value = 0;

	rig_command(rig, &opcode, 1, &value, 1);
	return value;
}

static inline void rig_wait(struct chip_rig *rig, uint64_t ns)
{
	rig->now_ns += ns;
}

/* Until any operation is over. */
static inline void rig_idle(struct chip_rig *rig)
{
	rig_wait(rig, 100 * S);
}

static inline uint8_t rig_byte(const struct chip_rig *rig, uint32_t addr)
{
	uint8_t byte;

	chip_peek(&rig->chip, addr, &byte, 1);
	return byte;
}

/* Puts bytes on the chip past the wire. */
static inline void rig_fill(struct chip_rig *rig, uint32_t addr, uint8_t value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		chip_poke(&rig->chip, addr + (uint32_t)i, &value, 1);
}

static inline bool rig_is_blank(const struct chip_rig *rig, uint32_t addr, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (rig_byte(rig, addr + (uint32_t)i) != 0xff)
			return false;
	return true;
}
