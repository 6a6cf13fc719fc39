#include "bench.h"

#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

#include "chance.h"

#define PPM 1000000u
#define US  1000ull
#define MS  (1000 * US)

struct bench bench;

unsigned int bench_success_ppm = PPM;
module_param_named(success_ppm, bench_success_ppm, uint, 0644);
MODULE_PARM_DESC(success_ppm, "chance that a boot takes a train of D2h");

unsigned int bench_flip_ppm;
module_param_named(flip_ppm, bench_flip_ppm, uint, 0644);
MODULE_PARM_DESC(flip_ppm, "chance per byte read that one of its bits is wrong");

int bench_wiring;
module_param_named(wiring, bench_wiring, int, 0644);
MODULE_PARM_DESC(wiring, "enum wires_fault of all boards; 0: good");

bool bench_persist;
module_param_named(persist, bench_persist, bool, 0644);
MODULE_PARM_DESC(persist, "released GPIO outputs stay driven, as on Raspberry Pi OS kernels");

bool bench_no_cs = true;
module_param_named(no_cs, bench_no_cs, bool, 0444);
MODULE_PARM_DESC(no_cs, "the controller can do SPI_NO_CS");

unsigned int bench_min_hz = 3815;
module_param_named(min_hz, bench_min_hz, uint, 0444);
MODULE_PARM_DESC(min_hz, "the slowest clock of the controller");

static const struct chip_timing timing = {
	.program = 400 * US,
	.erase_4k = 45 * MS,
	.erase_32k = 120 * MS,
	.erase_64k = 150 * MS,
	.erase_chip = 10000 * MS,
	.status = 10 * MS,
	.jitter = CHIP_JITTER_UNIT / 10,
};

static const struct {
	u32 jedec_id, size;
	bool bare;
} kinds[BENCH_BOARDS] = {
	{ 0x0b4016, 0x400000, false },
	{ 0xef4015, 0x200000, false },
	{ 0xef4016, 0x400000, true },
	{ 0xef4015, 0x200000, true },
};

/* ---- what happens at a board, under the lock */

u64 bench_now_ns(void)
{
	const u64 now_ns = ktime_get_ns();

	return now_ns > bench.wire_until_ns ? now_ns : bench.wire_until_ns;
}

void bench_select(struct bench_board *board)
{
	board->selected = true;
	board->counters.selects++;
	if (board->bare)
		chip_select(&board->chip, bench_now_ns());
	else
		bk72xx_select(&board->bk, bench_now_ns());
}

void bench_deselect(struct bench_board *board)
{
	board->selected = false;
	if (board->bare)
		chip_deselect(&board->chip, bench_now_ns());
	else
		bk72xx_deselect(&board->bk, bench_now_ns());
}

static void flip(struct bench_board *board, const struct chip_piece *piece)
{
	const u64 threshold = (u64)bench_flip_ppm * CHANCE_ALWAYS / PPM;

	if (!piece->rx || threshold == 0)
		return;
	for (size_t i = 0; i < piece->len; i++)
		if (chance_hit(&board->wires.chance, threshold))
			piece->rx[i] ^= (u8)(1u << chance_below(&board->wires.chance, 8));
}

void bench_xfer(struct bench_board *board, const struct chip_piece *piece)
{
	struct chip_piece heard;

	board->wires.fault = bench_wiring;
	heard = wires_heard(&board->wires, piece);
	if (board->bare)
		chip_xfer(&board->chip, &heard);
	else
		bk72xx_xfer(&board->bk, &heard);
	wires_spoil(&board->wires, piece);
	flip(board, piece);
	board->counters.transfers++;
	board->counters.bytes += piece->len;
}

static void cen_moved(struct bench_board *board, bool high)
{
	board->bk.params.success = (u64)bench_success_ppm * CHANCE_ALWAYS / PPM;
	bk72xx_cen(&board->bk, high, bench_now_ns());
}

static void cs_moved(struct bench_board *board, bool high)
{
	if (board->selected && high)
		bench_deselect(board);
	else if (!board->selected && !high)
		bench_select(board);
}

void bench_line_moved(enum bench_line line)
{
	const bool high = bench_level(line);

	switch (line) {
	case LINE_CEN0: cen_moved(&bench.board[0], high); return;
	case LINE_CEN1: cen_moved(&bench.board[1], high); return;
	case LINE_POWER1: bk72xx_power(&bench.board[1].bk, high, bench_now_ns()); return;
	case LINE_CS3: cs_moved(&bench.board[BENCH_GPIO_BOARD], high); return;
	case LINE_SPARE:
	case LINE_TWIN_A:
	case LINE_TWIN_B:
	case BENCH_LINES: return;
	}
}

/* ---- coming and going */

static int add_board(unsigned int i)
{
	struct bench_board *board = &bench.board[i];
	const struct bk72xx_params params = bk72xx_defaults();
	const struct chip_part part = {
		.jedec_id = kinds[i].jedec_id,
		.size = kinds[i].size,
		.page = 256,
		.address_bytes = 3,
		.has_unique_id = true,
		.unique_id = { 0xf1, 0xa5, 4, 3, 2, 1, 0, (u8)i },
		.erase = { { 0x20, 0x1000 }, { 0x52, 0x8000 }, { 0xd8, 0x10000 } },
		.timing = timing,
	};

	board->cells = vzalloc(part.size);
	if (!board->cells)
		return -ENOMEM;
	board->bare = kinds[i].bare;
	board->wires.chance = chance_fork(i, 1);
	chip_init(&board->chip, &part, board->cells, chance_fork(i, 2));
	if (!board->bare)
		bk72xx_init(&board->bk, &params, &board->chip, chance_fork(i, 3));
	return 0;
}

static void free_boards(void)
{
	for (unsigned int i = 0; i < BENCH_BOARDS; i++)
		vfree(bench.board[i].cells);
}

static int add_boards(void)
{
	int result = 0;

	for (unsigned int i = 0; i < BENCH_BOARDS && result == 0; i++)
		result = add_board(i);
	if (result == 0)
		bench_line_moved(LINE_POWER1);
	else
		free_boards();
	return result;
}

static int __init bench_init(void)
{
	int result;

	mutex_init(&bench.lock);
	result = add_boards();
	if (result < 0)
		return result;
	result = bench_gpio_add();
	if (result == 0)
		result = bench_spi_add();
	if (result < 0) {
		bench_gpio_remove();
		free_boards();
		return result;
	}
	bench_debug_add();
	return 0;
}

static void __exit bench_exit(void)
{
	bench_debug_remove();
	bench_spi_remove();
	bench_gpio_remove();
	free_boards();
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_DESCRIPTION("simulated boards behind a real SPI controller and gpiochip");
MODULE_LICENSE("Dual MIT/GPL");
