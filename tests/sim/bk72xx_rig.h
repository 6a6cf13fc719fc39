/* A Beken part in the hand, with a clock of its own. For tests of the model. */
#pragma once

#include "auto.h"
#include "bk72xx.h"
#include "chance.h"
#include "chip_rig.h"

struct beken {
	struct chip_rig rig;
	struct bk72xx bk;
	uint64_t now_ns;
};

static inline void beken_init_with(struct beken *b, const struct bk72xx_params *params,
				   uint64_t seed)
{
	*b = (struct beken){ .rig = rig_new(&rig_w25q32) };
	bk72xx_init(&b->bk, params, &b->rig.chip, seed);
}

static inline void beken_init(struct beken *b, uint64_t success, uint64_t seed)
{
	struct bk72xx_params params = bk72xx_defaults();

	params.success = success;
	beken_init_with(b, &params, seed);
}

static inline void beken_done(struct beken *b)
{
	rig_free(&b->rig);
}

#define BEKEN(success, seed) \
	AUTO(beken_done) struct beken b; \
	beken_init(&b, success, seed)

static inline void pulse(struct beken *b, uint64_t low_ns, uint64_t pause_ns)
{
	bk72xx_cen(&b->bk, false, b->now_ns);
	b->now_ns += low_ns;
	bk72xx_cen(&b->bk, true, b->now_ns);
	b->now_ns += pause_ns;
}

static inline void piece_in(struct beken *b, const struct chip_piece *piece)
{
	struct chip_piece now = *piece;

	now.start_ns = b->now_ns;
	bk72xx_xfer(&b->bk, &now);
	b->now_ns += now.len * chip_byte_ns(now.hz);
}

static inline void piece(struct beken *b, const uint8_t *tx, uint8_t *rx, size_t len, uint32_t hz)
{
	piece_in(b, &(struct chip_piece){ .tx = tx, .rx = rx, .len = len, .hz = hz });
}

/* len times D2 under one chip select; rx gets the first eight bytes of the echo. */
static inline void train_in(struct beken *b, size_t len, uint32_t hz, uint8_t mode, uint8_t rx[8])
{
	uint8_t tx[600], echo[600];

	memset(tx, 0xd2, sizeof tx);
	bk72xx_select(&b->bk, b->now_ns);
	piece_in(b,
		 &(struct chip_piece){ .tx = tx, .rx = echo, .len = len, .hz = hz, .mode = mode });
	bk72xx_deselect(&b->bk, b->now_ns);
	memcpy(rx, echo, 8);
}

static inline void train_at(struct beken *b, size_t len, uint32_t hz, uint8_t rx[8])
{
	train_in(b, len, hz, 0, rx);
}

static inline void train(struct beken *b, size_t len)
{
	uint8_t rx[8];

	train_at(b, len, 1000000, rx);
}

static inline uint32_t id_seen_at(struct beken *b, uint32_t hz)
{
	uint8_t rx[4];

	bk72xx_select(&b->bk, b->now_ns);
	piece(b, (const uint8_t[]){ 0x9f, 0, 0, 0 }, rx, 4, hz);
	bk72xx_deselect(&b->bk, b->now_ns);
	return (uint32_t)rx[1] << 16 | (uint32_t)rx[2] << 8 | rx[3];
}

static inline uint32_t id_seen(struct beken *b)
{
	return id_seen_at(b, 1000000);
}

#define DEAF  0xffffffu
#define FLASH 0xef4016u
