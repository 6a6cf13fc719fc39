/*
 * Bringing a Beken BK72xx into SPI mode: after a reset by CEN the chip listens for a short time
 * for a train of D2h bytes; when it takes it, its flash stands on the same four pins. One attempt
 * is a matter of chance, so attempts go on until one succeeds, the caller cancels, or a limit is
 * reached.
 */
#pragma once

#include <stdint.h>

#include "board.h"
#include "progress.h"

#define BEKEN_TRAIN_MIN \
	250u         /* D2h bytes under one chip select; all public programs send at least these */
#define BEKEN_SEEN 8 /* bytes of MISO that are kept as evidence */

/* What one attempt does. */
struct beken_params {
	uint32_t cen_low_us; /* reset length */
	uint32_t pause_us;   /* from CEN high to the first D2h */
	uint32_t settle_us;  /* from the train to 9Fh */
	uint32_t hz;         /* clock of the train, and of the ID read after it */
	uint16_t train;      /* bytes */
	uint8_t mode;        /* SPI mode, 0 or 3 */
};

struct beken_limits {
	uint64_t timeout_ns;   /* of the board's clock; 0: none */
	uint32_t max_attempts; /* 0: none */
	uint32_t max_hz;       /* the slot's upper limit */
};

/* How the entry went; filled on failure too. */
struct beken_entry {
	uint32_t attempts;
	uint64_t ns;                    /* by the board's clock, from the first reset to the end */
	struct beken_params params;     /* of the last attempt: on success, the one that worked */
	uint8_t train_seen[BEKEN_SEEN]; /* MISO at the start of the last train */
	uint8_t id_seen[4];             /* MISO during the last 9Fh, first byte included */
};

/*
 * Tries until the flash answers with a plausible ID that is the same in several reads. On success
 * the flash is on board->spi, CEN is high, and the bus runs at the slot's max_hz in the mode that
 * worked. progress counts attempts (total 0: unknown). A line that is held low or bridged in each
 * of the first 30 attempts is given up before the limits. On failure CEN is wherever it was:
 * board_rest() is the caller's. Errors: ERR_NO_CHIP (limit reached; the text says what the line
 * showed), ERR_WIRING (a fault that has a name: held low, bridged), ERR_UNSTABLE_READ (an ID that
 * changes, or does at max_hz), ERR_BAD_INPUT (no CEN, or a bus whose messages are too small for
 * the train), ERR_CANCELLED, those of bus and line.
 */
int beken_spi_enter(struct board *board, const struct beken_limits *limits,
		    struct progress *progress, struct beken_entry *entry, struct err *e) MUST_CHECK;

/* A reset into the firmware: CEN low, then at rest. For a board without CEN, nothing. */
int beken_reset(struct board *board, struct err *e) MUST_CHECK;
