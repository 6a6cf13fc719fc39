#include "bench.h"

#include <inttypes.h>
#include <stdio.h>

int bench_open(struct bench *bench, const char *part, uint32_t hz, struct err *e)
{
	const struct spi_setup setup = { .hz = hz, .mode = 0 };
	struct sim_board_config config = { .part = nor_part_by_name(part, e), .bare = true };

	*bench = (struct bench){ .board = config.part ? sim_board_open(&config, e) : NULL };
	if (!bench->board || spi_setup(bench->board->spi, &setup, e) < 0)
		return -1;
	return bench_begin(bench, e);
}

void bench_close(struct bench *bench)
{
	board_close(bench->board);
}

int bench_begin(struct bench *bench, struct err *e)
{
	if (nor_probe(bench->board->spi, bench->board->clock, &bench->nor, e) < 0)
		return -1;
	bench->start_ns = clock_now_ns(bench->board->clock);
	sim_board_counters(bench->board, &bench->start);
	return 0;
}

uint64_t bench_ns(const struct bench *bench)
{
	return clock_now_ns(bench->board->clock) - bench->start_ns;
}

struct sim_counters bench_counters(const struct bench *bench)
{
	struct sim_counters now;

	sim_board_counters(bench->board, &now);
	now.bytes -= bench->start.bytes;
	now.programs -= bench->start.programs;
	now.erases -= bench->start.erases;
	now.polls -= bench->start.polls;
	now.messages -= bench->start.messages;
	return now;
}

uint64_t bench_clock_ns(const struct bench *bench, uint64_t bytes)
{
	return bytes * 8 * CLOCK_S / bench->board->spi->now.hz;
}

bool bench_time(const char *what, uint64_t measured_ns, uint64_t bound_ns, double bar)
{
	const double ratio = (double)measured_ns / (double)bound_ns;

	printf("bench: %-52s %9.3f s   bound %9.3f s   ratio %.4f (bar %.2f)\n", what,
	       (double)measured_ns / CLOCK_S, (double)bound_ns / CLOCK_S, ratio, bar);
	return ratio <= bar;
}

bool bench_count(const char *what, uint64_t measured, uint64_t bound)
{
	printf("bench: %-52s %9" PRIu64 "     bound %9" PRIu64 "\n", what, measured, bound);
	return measured <= bound;
}

void bench_random(uint8_t *bytes, size_t len, uint64_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		bytes[i] = (uint8_t)(seed >> 56);
	}
}
