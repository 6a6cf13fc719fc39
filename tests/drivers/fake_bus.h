/*
 * A bus, a CEN line and a progress for the tests of the drivers: small, scripted, and strict about
 * what a message may hold. Time is a virtual clock that each byte and each message charges.
 */
#pragma once

#include "board.h"
#include "progress.h"

#define FAKE_MEM     0x4000u
#define FAKE_MESSAGE 20000u /* ns that a message costs beside its bytes */

enum fake_line {
	FAKE_FLASH,  /* a flash from the start */
	FAKE_BEKEN,  /* a flash behind a boot ROM: deaf (FF) until a train is taken */
	FAKE_HIGH,   /* MISO floats */
	FAKE_LOW,    /* MISO is held low */
	FAKE_BRIDGE, /* MISO is MOSI */
	FAKE_ECHO,   /* takes trains (D2 00 00 ...), never shows a flash */
	FAKE_LATE,   /* 52 D2 D2 D2 D2 00 ..., never shows a flash */
	FAKE_NOISE   /* other bytes each time */
};

struct fake_bus {
	struct spi spi;
	struct clock_virtual clock;

	/* the script */
	enum fake_line line;
	uint32_t jedec_id;
	uint32_t jedec_id_odd; /* answered to each second 9Fh; 0: the same as ever */
	uint32_t good_hz;      /* above it the ID changes; 0: any clock is good */
	uint32_t late_hz;      /* above it all answers come a bit late, steadily; 0: never */
	unsigned train_taken;  /* FAKE_BEKEN: the train that is taken, from 1 */
	int mode_taken;        /* FAKE_BEKEN: the only mode in which trains are taken; -1: both */
	const uint8_t *sfdp;   /* NULL: none */
	size_t sfdp_len;
	uint8_t unique_id[8];
	bool has_unique_id;
	bool asleep;           /* deaf until ABh */
	bool pages_change;     /* 03h answers differently each time */
	bool no_status;        /* 05h answers FF, */
	bool status_changes;   /* or each time differently */
	bool id_in_4b;         /* 4Bh answers with the JEDEC ID again and again */
	uint64_t fail_at;      /* the message that fails with ERR_IO, from 1; 0: none */
	uint32_t slowest_hz;   /* clocks below are ERR_BAD_INPUT */
	uint8_t mem[FAKE_MEM]; /* repeats over the address space */

	/* what happened */
	uint64_t messages, ids, reads, trains, longest;
	uint64_t pulses, short_trains;
	uint32_t last_addr;
	uint8_t last_read_op;
	bool entered;

	/* one chip-select period */
	uint64_t pos;
	uint8_t head[5];
	uint64_t train;
	uint64_t noise;
	uint8_t before; /* the byte before, of answers that come a bit late */
};

void fake_bus_init(struct fake_bus *bus, enum fake_line line, uint32_t jedec_id);

/* CEN (or power) of a fake board; counts what is done to it. */
struct fake_cen {
	struct line line;
	struct fake_bus *bus;
	bool high, at_rest, broken;
	uint64_t lows, rests;
	uint64_t low_since_ns, low_ns; /* low_ns: how long the last pulse was */
};

struct fake_board {
	struct board board;
	struct fake_bus bus;
	struct fake_cen cen, power;
};

void fake_board_init(struct fake_board *fake, enum fake_line line, uint32_t jedec_id);

/* Cancels at the nth call (0: never) and remembers the clock between calls. */
struct fake_progress {
	struct progress progress;
	struct clock *clock;
	uint64_t calls, cancel_at;
	uint64_t last_ns, longest_ns; /* the longest time between two calls */
	uint64_t done;
};

void fake_progress_init(struct fake_progress *progress, struct clock *clock, uint64_t cancel_at);
