#include "nor_stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auto.h"
#include "nor_compare.h"

#define TEMPLATE "/tmp/nor_stage.XXXXXX"

static void auto_unlink(char (*path)[sizeof TEMPLATE])
{
	unlink(*path);
}

/* On the chip by way of a file: past the wire, so that no fault spoils it. */
static int write_file(char *path, const uint8_t *content, size_t len, struct err *e)
{
	AUTO(auto_close) int fd = mkstemp(path);

	if (fd < 0 || write(fd, content, len) != (ssize_t)len)
		return err_set(e, ERR_IO, "%s: cannot be written", path);
	return 0;
}

int stage_open(struct nor_stage *stage, const char *part, const struct sim_board_config *config,
	       const uint8_t *content, size_t len, struct err *e)
{
	AUTO(auto_unlink) char path[] = TEMPLATE;
	const struct spi_setup setup = { .hz = STAGE_HZ };
	struct sim_board_config own = *config;

	*stage = (struct nor_stage){ .board = NULL };
	own.part = nor_part_by_name(part, e);
	own.bare = true;
	own.image = path;
	if (!own.part || write_file(path, content, len, e) < 0)
		return -1;
	stage->board = sim_board_open(&own, e);
	return stage->board ? spi_setup(stage->board->spi, &setup, e) : -1;
}

int stage_new(struct nor_stage *stage, const char *part, const uint8_t *content, size_t len,
	      struct err *e)
{
	const struct sim_board_config config = { .has_unique_id = false };

	if (stage_open(stage, part, &config, content, len, e) < 0)
		return -1;
	return stage_probe(stage, e);
}

void stage_done(struct nor_stage *stage)
{
	board_close(stage->board);
}

int stage_probe(struct nor_stage *stage, struct err *e)
{
	if (nor_probe(stage->board->spi, stage->board->clock, &stage->nor, e) < 0)
		return -1;
	sim_board_counters(stage->board, &stage->start);
	stage->start_ns = clock_now_ns(stage->board->clock);
	return 0;
}

struct sim_counters stage_counters(const struct nor_stage *stage)
{
	struct sim_counters now;

	sim_board_counters(stage->board, &now);
	now.programs -= stage->start.programs;
	now.erases -= stage->start.erases;
	now.polls -= stage->start.polls;
	now.messages -= stage->start.messages;
	now.bytes -= stage->start.bytes;
	now.busy_ns -= stage->start.busy_ns;
	return now;
}

uint64_t stage_ns(const struct nor_stage *stage)
{
	return clock_now_ns(stage->board->clock) - stage->start_ns;
}

bool stage_holds(const struct nor_stage *stage, uint32_t addr, const uint8_t *bytes, size_t len)
{
	AUTO(auto_free) uint8_t *seen = malloc(len + 1);

	if (!seen)
		return false;
	sim_board_peek(stage->board, addr, seen, len);
	return !memcmp(seen, bytes, len);
}

int stage_write(struct nor_stage *stage, uint32_t addr, const uint8_t *bytes, size_t len,
		const struct nor_write_options *options, struct err *e)
{
	struct nor_memory memory = nor_memory(bytes, addr);
	const struct nor_image image = { .source = &memory.base, .addr = addr, .len = len };

	return nor_write(&stage->nor, &image, options, e);
}

int stage_blank_check(struct nor_stage *stage, uint32_t addr, size_t len, struct progress *progress,
		      struct err *e)
{
	const struct nor_image blank = { .addr = addr, .len = len };
	struct nor_difference difference = { .sectors = 0 };

	if (nor_compare(&stage->nor, &blank, progress, &difference, e) < 0)
		return -1;
	if (difference.sectors == 0)
		return 0;
	err_set(e, ERR_NOT_BLANK, "0x%x is not blank", difference.first);
	return err_at(e, difference.first, (int64_t)difference.sectors);
}

void stage_random(uint8_t *bytes, size_t len, uint64_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		bytes[i] = (uint8_t)(seed >> 56);
	}
}
