/* A real board on this machine's wires, behind the same struct board as a simulated one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "board.h"
#include "linux_bus.h"

/* Strings may be NULL or "" where a slot has none; they are copied. */
struct linux_board_config {
	const char *slot;             /* shown as the lines' consumer: flashrig:SLOT */
	const char *spi;              /* /dev/spidev0.0: needed */
	const char *cen, *power, *cs; /* lines as gpio_name.h says */
	const char *uart, *log;       /* /dev/ttyAMA1 */
	uint32_t max_hz;              /* the slot's clock limit */
	struct linux_bus *bus; /* borrowed: of all slots on this SPI controller; NULL: alone */
};

/*
 * Touches no device: board_wake() opens them, and later opens what has vanished and come back.
 * Until then, and from the moment one vanishes, its operations fail with ERR_OFFLINE. At rest CEN
 * and power are inputs (driven high and low for a moment before), a chip select stays driven high.
 * Errors: ERR_BAD_INPUT (a line that cannot be named so), ERR_MEMORY.
 */
struct board *linux_board_open(const struct linux_board_config *config, struct err *e) MUST_CHECK;

/* "libgpiod 1.6.3": for logs and test reports. */
const char *linux_board_gpio_library(void);

/* ---- self-test */

#define LINUX_PROBE_ROWS 8

enum linux_probe_state { LINUX_PROBE_OK, LINUX_PROBE_BAD, LINUX_PROBE_NOT_TRIED };

struct linux_probe_row {
	enum linux_probe_state state;
	char what[160];   /* "spi /dev/spidev0.0" */
	char found[320];  /* "there, messages up to 4096 bytes"; or what is wrong */
	char advice[240]; /* what to do; "" for nothing */
};

struct linux_probe {
	struct linux_probe_row row[LINUX_PROBE_ROWS];
	size_t n, bad;
};

/*
 * Opens every device of a slot by itself, so that all that is missing is told, and with bare
 * (a flash that needs no entry) reads its ID. Pulses and powers nothing: lines are only held as
 * inputs, a chip select is driven high. Blocks for some milliseconds. The slot's board must not be
 * open meanwhile: the daemon must not run.
 */
void linux_board_probe(const struct linux_board_config *config, bool bare,
		       struct linux_probe *probe);
