#include "bk72xx.h"

#include "chance.h"
#include "wires.h"

#define US     1000u /* in ns */
#define TRAIN  0xd2
#define WAVE   21u /* the firmware's square wave changes every 2^21 ns: 2.1 ms */
#define FLIPS  1u  /* purpose of the chance of flips */
#define MODE_0 0
#define MODE_3 3

struct bk72xx_params bk72xx_defaults(void)
{
	return (struct bk72xx_params){
		.reset_min_us = 1000,
		.window_open_us = 0,
		.window_close_us = 60000,
		.train_min = 250,
		.late_echo = 8,
	};
}

void bk72xx_init(struct bk72xx *bk, const struct bk72xx_params *params, struct chip *chip,
		 uint64_t seed)
{
	*bk = (struct bk72xx){
		.params = *params,
		.chip = chip,
		.chance = seed,
		.flips = chance_fork(seed, FLIPS),
		.state = BK72XX_FIRMWARE,
	};
}

/* ---- power and CEN */

/* How far this boot's window is moved. A window that stands still draws nothing. */
static int64_t draw_shift_ns(struct bk72xx *bk)
{
	const uint32_t jitter = bk->params.window_jitter_us;

	if (jitter == 0)
		return 0;
	return ((int64_t)chance_below(&bk->chance, 2 * jitter + 1) - jitter) * (int64_t)US;
}

static uint64_t moved_ns(uint32_t us, int64_t shift_ns)
{
	const int64_t ns = (int64_t)us * US + shift_ns;

	return ns > 0 ? (uint64_t)ns : 0;
}

/* All chance of a boot is drawn here, so that it does not depend on how often a train is tried. */
static void boot(struct bk72xx *bk)
{
	const uint32_t late = bk->params.late_echo;
	int64_t shift_ns;

	bk->state = BK72XX_BOOT;
	bk->lucky = chance_hit(&bk->chance, bk->params.success);
	bk->late_echo = late && chance_below(&bk->chance, late) == 0 && !bk->lucky;
	shift_ns = draw_shift_ns(bk);
	bk->open_ns = moved_ns(bk->params.window_open_us, shift_ns);
	bk->close_ns = moved_ns(bk->params.window_close_us, shift_ns);
}

static void fall(struct bk72xx *bk)
{
	bk->before = bk->state;
	bk->state = BK72XX_RESET;
	bk->listening = false;
	chip_abandon(bk->chip);
}

static void rise(struct bk72xx *bk, uint64_t low_ns)
{
	bk->resets++;
	if (low_ns < (uint64_t)bk->params.reset_min_us * US)
		bk->state = bk->before;
	else
		boot(bk);
}

void bk72xx_cen(struct bk72xx *bk, bool high, uint64_t now_ns)
{
	if (high == !bk->cen_low)
		return;
	bk->cen_low = !high;
	if (bk->state != BK72XX_OFF) {
		if (high)
			rise(bk, now_ns - bk->cen_ns);
		else
			fall(bk);
	}
	bk->cen_ns = now_ns;
}

void bk72xx_power(struct bk72xx *bk, bool on, uint64_t now_ns)
{
	if (on == (bk->state != BK72XX_OFF))
		return;
	bk->listening = false;
	bk->cen_ns = now_ns;
	if (!on) {
		bk->state = BK72XX_OFF;
		chip_abandon(bk->chip);
		return;
	}
	chip_power_up(bk->chip);
	boot(bk);
	if (bk->cen_low)
		fall(bk);
}

/* ---- the wire */

static bool window_is_open(struct bk72xx *bk, uint64_t now_ns)
{
	const uint64_t since_ns = now_ns - bk->cen_ns;

	if (bk->state != BK72XX_BOOT)
		return false;
	if (since_ns > bk->close_ns)
		bk->state = BK72XX_FIRMWARE;
	return bk->state == BK72XX_BOOT && since_ns >= bk->open_ns;
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

static bool mode_fits(const struct bk72xx *bk, uint8_t mode)
{
	switch (bk->params.modes) {
	case BK72XX_MODES_BOTH: return true;
	case BK72XX_MODE_0_ONLY: return mode == MODE_0;
	case BK72XX_MODE_3_ONLY: return mode == MODE_3;
	}
	return true;
}

static void boot_xfer(struct bk72xx *bk, const struct chip_piece *piece)
{
	if (!mode_fits(bk, piece->mode))
		bk->listening = false;
	for (size_t i = 0; i < piece->len; i++) {
		const uint8_t sent = piece->tx ? piece->tx[i] : 0;
		const uint8_t in =
			wires_too_fast(&bk->flips, piece->hz, bk->params.train_max_hz, sent);
		const uint8_t out = bk->listening ? listen(bk, in) : 0xff;

		if (piece->rx)
			piece->rx[i] = out;
	}
}

static void flash_xfer(struct bk72xx *bk, const struct chip_piece *piece)
{
	const uint32_t max_hz = bk->params.flash_max_hz;

	chip_xfer(bk->chip, piece);
	if (max_hz == 0 || piece->hz <= max_hz)
		return;
	for (size_t i = 0; piece->rx && i < piece->len; i++)
		piece->rx[i] = wires_too_fast(&bk->flips, piece->hz, max_hz, piece->rx[i]);
}

/* What the firmware has on the pin: nothing, or its square wave. */
static void firmware_xfer(const struct bk72xx *bk, const struct chip_piece *piece)
{
	const uint32_t byte_ns = chip_byte_ns(piece->hz);

	for (size_t i = 0; piece->rx && i < piece->len; i++) {
		const uint64_t now_ns = piece->start_ns + i * byte_ns;
		const bool low = bk->params.firmware_busy && (now_ns >> WAVE & 1);

		piece->rx[i] = low ? 0x00 : 0xff;
	}
}

void bk72xx_xfer(struct bk72xx *bk, const struct chip_piece *piece)
{
	switch (bk->state) {
	case BK72XX_FLASH: flash_xfer(bk, piece); return;
	case BK72XX_BOOT: boot_xfer(bk, piece); return;
	case BK72XX_FIRMWARE: firmware_xfer(bk, piece); return;
	case BK72XX_RESET:
	case BK72XX_OFF: break;
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
