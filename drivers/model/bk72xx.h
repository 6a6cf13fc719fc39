/*
 * A Beken BK72xx around its flash, as the wire sees it. Its firmware is deaf to SPI. After a pulse
 * on CEN, or when power comes, the boot ROM listens for a while for a train of D2h bytes under one
 * chip select; with luck it takes it, and from then on the flash stands on the pins, until the
 * next pulse on CEN. Like chip.h: no I/O, no clock, no floating point.
 *
 * On MISO: 00 while CEN is low; FF without power, and while nobody listens (unless the firmware
 * uses the pin); D2 00 00 ... for a train, and now and then 52 D2 D2 D2 D2 00 ... for one that is
 * then not taken. The chip hears a train that is too fast with wrong bits, and does not take it.
 */
#pragma once

#include "chip.h"

enum bk72xx_modes { BK72XX_MODES_BOTH, BK72XX_MODE_0_ONLY, BK72XX_MODE_3_ONLY };

struct bk72xx_params {
	uint32_t reset_min_us;     /* shorter pulses on CEN reset nothing */
	uint32_t window_open_us;   /* a train must begin so long after CEN rises, */
	uint32_t window_close_us;  /* and not later than this; */
	uint32_t window_jitter_us; /* by which the window moves, either way, from boot to boot */
	uint32_t train_min;        /* bytes */
	uint32_t train_max_hz;     /* faster trains arrive with flipped bits; 0: no such limit */
	uint32_t flash_max_hz;     /* faster answers of the flash do; 0: no such limit */
	enum bk72xx_modes modes;   /* in which trains are heard */
	uint32_t late_echo;        /* of boots without luck one in so many echoes late; 0: none */
	bool firmware_busy;        /* the firmware has a slow square wave on the MISO pin */
	uint64_t success;          /* chance that a boot takes a train, of CHANCE_ALWAYS */
};

/* All but success: what the boards of all public programs accept, with room to spare. */
struct bk72xx_params bk72xx_defaults(void);

enum bk72xx_state {
	BK72XX_OFF, /* no power */
	BK72XX_FIRMWARE,
	BK72XX_RESET, /* CEN is low */
	BK72XX_BOOT,  /* until the window closes */
	BK72XX_FLASH  /* SPI mode */
};

struct bk72xx {
	struct bk72xx_params params;
	struct chip *chip; /* borrowed */
	uint64_t chance;
	uint64_t flips;                  /* chance too, apart: speed must not change the luck */
	enum bk72xx_state state, before; /* before: what a pulse that is too short goes back to */
	bool cen_low;
	uint64_t cen_ns; /* when CEN last moved, or power came */

	/* What this boot will make of a train, and when. */
	bool lucky, late_echo;
	uint64_t open_ns, close_ns;

	/* One chip-select period. */
	bool selected, listening;
	uint64_t clocked, train; /* bytes, and the D2h among them in one run from the first */

	uint64_t resets; /* pulses on CEN */
	uint64_t trains; /* trains that were long enough, within the window */
};

/* Powered, CEN high, running its firmware. */
void bk72xx_init(struct bk72xx *bk, const struct bk72xx_params *params, struct chip *chip,
		 uint64_t seed);

/* Power comes (and the chip boots, if CEN is high) or goes. now_ns never goes back. */
void bk72xx_power(struct bk72xx *bk, bool on, uint64_t now_ns);

/* CEN is high (also when the board's pull-up does it) or low. */
void bk72xx_cen(struct bk72xx *bk, bool high, uint64_t now_ns);

/* As the functions of the chip. */
void bk72xx_select(struct bk72xx *bk, uint64_t now_ns);
void bk72xx_xfer(struct bk72xx *bk, const struct chip_piece *piece);
void bk72xx_deselect(struct bk72xx *bk, uint64_t now_ns);
