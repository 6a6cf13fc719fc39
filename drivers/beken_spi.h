/*
 * Bringing a Beken BK72xx into SPI mode: after a reset by CEN the chip listens for a short time
 * for a train of D2h bytes; when it takes it, its flash stands on the same four pins. One attempt
 * is a matter of chance, so attempts go on until one succeeds, the caller cancels, or a limit is
 * reached.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "board.h"
#include "progress.h"

#define BEKEN_TRAIN_MIN \
	250u          /* D2h bytes under one chip select; all public programs send at least these */
#define BEKEN_SEEN 8  /* bytes of MISO that are kept as evidence */
#define BEKEN_SETS 96 /* sets of parameters that one entry keeps count of */

struct beken_memory;

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
	bool glance;           /* only a look whether a board is there: a failure is not examined */
	struct beken_memory
		*memory; /* borrowed: asked and told what works; NULL: nothing is known */
};

/* What an entry that failed shows to be the likely cause; the names are part of the HTTP contract. */
enum beken_finding {
	BEKEN_NOTHING,          /* "nothing" */
	BEKEN_MISO_OPEN,        /* "miso-open": no power, no ground, MISO open or swapped */
	BEKEN_MISO_LOW,         /* "miso-low": held low */
	BEKEN_MOSI_MISO_BRIDGE, /* "mosi-miso-bridge" */
	BEKEN_CEN_NO_EFFECT,    /* "cen-no-effect": the firmware runs on while CEN is low */
	BEKEN_TRAIN_NOT_HEARD,  /* "train-not-heard": alive and reset by CEN, but deaf */
	BEKEN_CLOCK_TOO_FAST,   /* "clock-too-fast": well when slower */
	BEKEN_UNSTABLE_ANSWERS, /* "unstable-answers": a flash, but no two reads agree at any clock */
	BEKEN_NOT_A_FLASH,      /* "not-a-flash": a steady ID, but what a flash can do it cannot */
	BEKEN_NO_LUCK,          /* "no-luck": trains are taken, chance was against it */
	BEKEN_UNCLEAR           /* "unclear" */
};

const char *beken_finding_name(enum beken_finding finding);

/* How one set of parameters fared in one entry. */
struct beken_tried {
	struct beken_params params;
	uint32_t attempts;
	uint32_t echoes; /* attempts in which MISO showed that the train was taken */
	uint64_t ns;     /* what the attempts took together */
	bool entered;
};

/* How the entry went; filled on failure too. */
struct beken_entry {
	uint32_t attempts;
	uint64_t ns;                    /* by the board's clock, from the first reset to the end */
	struct beken_params params;     /* of the last attempt: on success, the one that worked */
	uint8_t train_seen[BEKEN_SEEN]; /* MISO at the start of the last train */
	uint8_t id_seen[4];             /* MISO during the last 9Fh, first byte included */

	const char *
		finding; /* a name of beken_finding; "nothing" on success at max_hz and when cut short */
	const char *refused; /* what the last chip that answered failed to prove; NULL */
	uint32_t good_hz;    /* the fastest clock at which a flash was proven; 0: none */
	bool examined;       /* after the last attempt MISO was looked at, the train left aside: */
	uint8_t cen_low_seen[BEKEN_SEEN], cen_high_seen[BEKEN_SEEN];

	/* Each set that was tried. Of those that explored, showed no sign of life, and had to make
	 * room for others, only `attempts` above knows. */
	struct beken_tried tried[BEKEN_SETS];
	size_t sets;
};

/*
 * Tries until a flash is proven: the same plausible ID in several reads, a status register that is
 * there and stable, a known ID or an SFDP signature, two reads of one page that agree; all that at
 * max_hz or, where it does not hold there, at the fastest of its halves where it does. What worked last for the slot is tried first, then what worked for its target, then what
 * public programs do, the short attempts first; one attempt in four explores. A set of parameters
 * that makes the chip echo is preferred to one that does not.
 *
 * On success the flash is on board->spi, CEN is high, and the bus runs at entry->good_hz (the
 * slot's max_hz, unless the finding is "clock-too-fast") in the mode that worked. progress counts attempts (total 0: unknown). A line that is bridged in each of
 * the first 30 attempts, or low in each of the first 100, is given up before the limits. After a failure that
 * explains nothing the board is examined for up to a second more: MISO with CEN low and high, slow
 * trains, and, where the slot has a power line, a train after power-up. On failure CEN and power
 * are wherever they were: board_rest() is the caller's.
 *
 * Errors: ERR_NO_CHIP (limit reached; the text says what the line showed), ERR_WIRING (a fault
 * that has a name: held low, bridged, CEN without effect), ERR_UNSTABLE_READ (answers that change,
 * or do at max_hz), ERR_BAD_INPUT (no CEN, or a bus whose messages are too small for the train),
 * ERR_CANCELLED, those of bus and line.
 */
int beken_spi_enter(struct board *board, const struct beken_limits *limits,
		    struct progress *progress, struct beken_entry *entry, struct err *e) MUST_CHECK;

/* A reset into the firmware: CEN low, then at rest. For a board without CEN, nothing. */
int beken_reset(struct board *board, struct err *e) MUST_CHECK;
