/* The suite for buses of struct spi, on the simulated one and on a quiet fault bus before it. */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "auto.h"
#include "bus_suite.h"
#include "fault.h"
#include "sim_board.h"

#define HELD 0x10000u

static const struct nor_part part = {
	.jedec_id = 0xef4015,
	.vendor = "Winbond",
	.names = "W25Q16",
	.size = 0x200000,
	.page = 256,
	.address_bytes = 3,
	.erase = { { 0x20, 0x1000 }, { 0xd8, 0x10000 } },
};

static uint8_t content(uint32_t addr)
{
	if (addr >= 0x2000 && addr < 0x3000)
		return 0xff;
	return (uint8_t)(addr * 7 + (addr >> 8) * 31 + 5);
}

static void fill(const char *path)
{
	AUTO(auto_fclose) FILE *file = fopen(path, "wb");

	if (!file)
		abort();
	for (uint32_t i = 0; i < HELD; i++)
		putc(content(i), file);
}

static struct board *open_with(size_t max_len, struct err *e)
{
	char path[] = "/tmp/bus_test.XXXXXX";
	AUTO(auto_close) int fd = mkstemp(path);
	const struct sim_board_config config = {
		.part = &part, .bare = true, .image = path, .max_hz = 8000000, .max_len = max_len
	};
	struct board *board;

	if (fd < 0)
		abort();
	fill(path);
	board = sim_board_open(&config, e);
	unlink(path);
	return board;
}

static struct board *open_sim(struct err *e)
{
	return open_with(0, e);
}

static struct board *open_sim_large(struct err *e)
{
	return open_with(65536, e);
}

/* The board's bus with a fault bus before it that has nothing to do. */
static struct board *open_quiet_fault(struct err *e)
{
	AUTO(auto_board_close) struct board *board = open_with(0, e);

	if (!board)
		return NULL;
	board->spi = fault_open(board->spi, &(struct fault_plan){ .seed = 1 }, e);
	return board->spi ? TAKE(board) : NULL;
}

/* One that has, but never does: every message takes the long way. */
static struct board *open_patient_fault(struct err *e)
{
	const struct fault_plan plan = {
		.seed = 1, .flip = 1e-300, .drop = 1e-300, .write_lie = 1e-300, .short_ = 1e-300
	};
	AUTO(auto_board_close) struct board *board = open_with(0, e);

	if (!board)
		return NULL;
	board->spi = fault_open(board->spi, &plan, e);
	return board->spi ? TAKE(board) : NULL;
}

static const struct bus_backend backends[] = {
	{ "sim", open_sim, 8000000, 0xef4015, content },
	{ "sim, 64 KiB messages", open_sim_large, 8000000, 0xef4015, content },
	{ "quiet fault", open_quiet_fault, 8000000, 0xef4015, content },
	{ "patient fault", open_patient_fault, 8000000, 0xef4015, content },
};

int main(int argc, char **argv)
{
	int bad = 0;

	for (size_t i = 0; i < ARRAY_LEN(backends); i++)
		bad |= bus_suite_run(&backends[i], argc > 1 ? argv[1] : NULL);
	return bad;
}
