/*
 * A bench for a kernel that has none: four boards of the project's own chip and board model behind
 * a real SPI controller and a real gpiochip, so that spidev and the GPIO character device are what
 * they are on a Raspberry Pi.
 *
 *   chip select 0   Beken, XT25F32B, CEN0
 *   chip select 1   Beken, W25Q16, CEN1 and POWER1
 *   chip select 2   a bare W25Q32
 *   GPIO CS3        a bare W25Q16, for a spidev with SPI_NO_CS
 *
 * Two more lines are named TWIN, and one SPARE. In debugfs: flashrig/boardN/content (read and
 * write), boardN/counters (a write sets them to 0), lines.
 */
#pragma once

#include <linux/mutex.h>
#include <linux/types.h>

#include "bk72xx.h"
#include "chip.h"
#include "wires.h"

#define BENCH_BOARDS     4
#define BENCH_GPIO_BOARD 3 /* the one that is selected by a GPIO */

enum bench_line {
	LINE_CEN0,
	LINE_CEN1,
	LINE_POWER1,
	LINE_CS3,
	LINE_SPARE,
	LINE_TWIN_A,
	LINE_TWIN_B,
	BENCH_LINES
};

struct bench_counters {
	u64 messages, transfers, selects, bytes;
	u64 conflicts; /* transfers while another board was selected too */
};

struct bench_board {
	struct chip chip;
	struct bk72xx bk; /* unless bare */
	bool bare, selected;
	u8 *cells;
	struct wires wires;
	struct bench_counters counters;
	struct chip_counters chip_before; /* the chip's, when ours were set to 0 */
};

struct bench_gpio_line {
	bool output, value;
};

struct bench {
	struct mutex lock; /* guards all below */
	struct bench_board board[BENCH_BOARDS];
	struct bench_gpio_line line[BENCH_LINES];
	u64 wire_until_ns; /* the end of what was clocked */
};

extern struct bench bench;

/* Module parameters; see bench_main.c. */
extern unsigned int bench_success_ppm, bench_flip_ppm, bench_min_hz;
extern int bench_wiring;
extern bool bench_persist, bench_no_cs;

/* Under the lock: the time at the wire, never before the end of what was clocked. */
u64 bench_now_ns(void);

/* Under the lock. */
void bench_select(struct bench_board *board);
void bench_deselect(struct bench_board *board);
void bench_xfer(struct bench_board *board, const struct chip_piece *piece);
void bench_line_moved(enum bench_line line);
bool bench_level(enum bench_line line);

extern const char *const bench_line_names[BENCH_LINES];

int bench_spi_add(void);
void bench_spi_remove(void);
int bench_gpio_add(void);
void bench_gpio_remove(void);
void bench_debug_add(void);
void bench_debug_remove(void);
