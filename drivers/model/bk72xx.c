#include "bk72xx.h"

#include "chance.h"

#define US        1000u /* in ns */
#define TRAIN     0xd2
#define LATE_ECHO 8u /* one in so many boots without luck echoes late */

struct bk72xx_params bk72xx_defaults(void)
{
	return (struct bk72xx_params){
		.reset_min_us = 1000,
		.window_open_us = 0,
		.window_close_us = 60000,
		.train_min = 250,
	};
}

void bk72xx_init(struct bk72xx *bk, const struct bk72xx_params *params, struct chip *chip,
		 uint64_t seed)
{
	*bk = (struct bk72xx){
		.params = *params,
		.chip = chip,
		.chance = seed,
		.state = BK72XX_FIRMWARE,
	};
}

static void fall(struct bk72xx *bk)
{
	bk->before = bk->state;
	bk->state = BK72XX_RESET;
	bk->listening = false;
	chip_abandon(bk->chip);
}

/* All chance of a boot is drawn here, so that it does not depend on how often a train is tried. */
static void rise(struct bk72xx *bk, uint64_t low_ns)
{
	bk->resets++;
	if (low_ns < (uint64_t)bk->params.reset_min_us * US) {
		bk->state = bk->before;
		return;
	}
	bk->state = BK72XX_BOOT;
	bk->lucky = chance_hit(&bk->chance, bk->params.success);
	bk->late_echo = chance_below(&bk->chance, LATE_ECHO) == 0 && !bk->lucky;
}

void bk72xx_cen(struct bk72xx *bk, bool high, uint64_t now_ns)
{
	if (high == (bk->state != BK72XX_RESET))
		return;
	if (high)
		rise(bk, now_ns - bk->cen_ns);
	else
		fall(bk);
	bk->cen_ns = now_ns;
}

static bool window_is_open(struct bk72xx *bk, uint64_t now_ns)
{
	const uint64_t since_ns = now_ns - bk->cen_ns;

	if (bk->state != BK72XX_BOOT)
		return false;
	if (since_ns > (uint64_t)bk->params.window_close_us * US)
		bk->state = BK72XX_FIRMWARE;
	return bk->state == BK72XX_BOOT && since_ns >= (uint64_t)bk->params.window_open_us * US;
}

void bk72xx_select(struct bk72xx *bk, uint64_t now_ns)
{
	bk->selected = true;
	bk->listening = window_is_open(bk, now_ns);
	bk->clocked = 0;
	bk->train = 0;
	if (bk->state == BK72XX_FLASH)
		chip_select(bk->chip, now_ns);
}

static uint8_t echo(const struct bk72xx *bk)
{
	static const uint8_t late[] = { 0x52, TRAIN, TRAIN, TRAIN, TRAIN };

	if (bk->late_echo)
		return bk->clocked < sizeof late ? late[bk->clocked] : 0;
	return bk->clocked == 0 ? TRAIN : 0;
}

/* One byte in the window; returns what MISO shows meanwhile. */
static uint8_t listen(struct bk72xx *bk, uint8_t in)
{
	const bool in_train = in == TRAIN && bk->train == bk->clocked;
	const uint8_t out = in_train ? echo(bk) : 0xff;

	bk->train += in_train;
	bk->clocked++;
	return out;
}

static void boot_xfer(struct bk72xx *bk, const struct chip_piece *piece)
{
	const uint32_t max_hz = bk->params.train_max_hz;

	if (max_hz && piece->hz > max_hz)
		bk->listening = false;
	for (size_t i = 0; i < piece->len; i++) {
		const uint8_t in = piece->tx ? piece->tx[i] : 0;
		const uint8_t out = bk->listening ? listen(bk, in) : 0xff;

		if (piece->rx)
			piece->rx[i] = out;
	}
}

void bk72xx_xfer(struct bk72xx *bk, const struct chip_piece *piece)
{
	switch (bk->state) {
	case BK72XX_FLASH: chip_xfer(bk->chip, piece); return;
	case BK72XX_BOOT: boot_xfer(bk, piece); return;
	case BK72XX_RESET:
	case BK72XX_FIRMWARE: break;
	}
	if (piece->rx)
		memset(piece->rx, bk->state == BK72XX_RESET ? 0x00 : 0xff, piece->len);
}

/* A train that was long enough decides what becomes of this boot. */
static void end_train(struct bk72xx *bk)
{
	bk->trains++;
	bk->state = bk->lucky ? BK72XX_FLASH : BK72XX_FIRMWARE;
}

void bk72xx_deselect(struct bk72xx *bk, uint64_t now_ns)
{
	if (bk->selected && bk->listening && bk->train >= bk->params.train_min)
		end_train(bk);
	else if (bk->state == BK72XX_FLASH)
		chip_deselect(bk->chip, now_ns);
	bk->selected = false;
	bk->listening = false;
}
