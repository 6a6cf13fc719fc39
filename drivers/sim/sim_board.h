/*
 * A whole board in memory: flash chip, Beken part around it, lines, serial ports, with a clock of
 * its own, behind the same struct board as a real one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "board.h"
#include "fault.h"
#include "nor_parts.h"
#include "sim_content.h"

struct sim_bus; /* a wire that several simulated boards share, message by message */

struct sim_bus *sim_bus_new(struct err *e) MUST_CHECK;
void sim_bus_free(struct sim_bus *bus); /* after all its boards */

/* What is wrong with the board's wires. Without power, and where no one drives it, MISO is FF. */
enum sim_wiring {
	SIM_WIRED,
	SIM_MISO_OPEN,
	SIM_MISO_NOISE, /* open, and picks up anything */
	SIM_MISO_LOW,   /* shorted to ground */
	SIM_BRIDGED,    /* MOSI and MISO touch */
	SIM_SWAPPED,    /* MOSI and MISO exchanged */
	SIM_MOSI_OPEN,
	SIM_CEN_OPEN,
	SIM_NO_POWER /* whatever the power line says */
};

/* The SPI modes in which a Beken part hears trains. */
enum sim_modes { SIM_MODES_BOTH, SIM_MODE_0_ONLY, SIM_MODE_3_ONLY };

/*
 * How hard a Beken part makes it to get in. All 0 is easy; where it is not told otherwise, 0 is
 * also what it says. The window is the time after CEN's rise in which a train may begin.
 */
struct sim_beken {
	uint32_t reset_min_us; /* 0: 1000 */
	uint32_t window_open_us;
	uint32_t window_close_us;  /* 0: 60000 */
	uint32_t window_jitter_us; /* either way, from boot to boot */
	uint32_t train_min;        /* bytes; 0: 250 */
	uint32_t train_max_hz;     /* bits of faster trains flip; 0: none */
	uint32_t flash_max_hz;     /* bits of faster answers flip; 0: none */
	enum sim_modes modes;
	bool always_late;   /* all echoes come late (52 D2 D2 D2 D2 00), not one in eight */
	bool firmware_busy; /* the firmware has a square wave on MISO's pin */
};

struct sim_board_config {
	const struct nor_part *part; /* decides ID, size and timing */
	bool bare;                   /* a flash by itself: no CEN, no entry */
	bool no_spi, no_cen;         /* out of reach: not wired */
	const char *image;           /* initial content, the rest is FF; NULL: all FF */
	bool image_save;             /* write it back there after each job and at close */
	bool image_live;             /* and keep it over a kill, see sim_live.h; with image_save */
	double entry_success;        /* chance that one entry attempt succeeds */
	bool real_time;              /* sleep for what things take; false: a virtual clock */
	uint32_t max_hz;             /* the slot's configured clock limit */
	size_t max_len;              /* the largest message in bytes; 0: 4096, spidev's default */
	struct fault_plan faults;
	struct sim_bus *bus; /* borrowed; NULL: a bus of its own */
	bool has_unique_id;
	uint8_t unique_id[8]; /* answered to 4Bh */
	uint8_t protect;      /* initial SR1 */
	bool no_sfdp;         /* 5Ah is ignored */
	bool power_line;      /* board->power: without it high, the chip is dead */
	enum sim_wiring wiring;
	struct sim_beken beken;
	bool uart;                     /* a UART loader and a boot log, in the machine's own time */
	bool loader_in_flash;          /* of which family it is */
	struct sim_narrator *narrator; /* borrowed: what the application prints; NULL: nothing */
};

/* Reads the image. ERR_BAD_INPUT (image larger than the chip), ERR_IO (cannot be read), ERR_MEMORY. */
struct board *sim_board_open(const struct sim_board_config *config, struct err *e) MUST_CHECK;

/* What the simulated hardware saw, for tests and benchmarks. */
struct sim_counters {
	uint64_t bytes, selects, messages; /* clocked on this board's chip select */
	uint64_t polls;                    /* status register reads */
	uint64_t programs, erases;         /* started */
	uint64_t resets, trains;           /* CEN pulses, trains of D2h that were long enough */
	uint64_t wire_ns;                  /* clocking alone, without what messages cost beside */
	uint64_t busy_ns;                  /* program and erase */
};

/* board must be one of sim_board_open(). */
void sim_board_counters(struct board *board, struct sim_counters *counters);

/* The flash content as it is now. Copies len bytes from addr; asserts the range. */
void sim_board_peek(struct board *board, uint32_t addr, uint8_t *buf, size_t len);

/* The simulated UARTs; NULL without. Owned by the board. */
struct sim_uart *sim_board_uart(struct board *board);

/* Levels at the wires, for tests: true when nobody drives CEN (or power) and it rests. */
bool sim_board_at_rest(struct board *board);
