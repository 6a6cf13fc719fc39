#include "sim_board.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "chance.h"
#include "log.h"
#include "sim_bus.h"
#include "sim_image.h"
#include "sim_line.h"
#include "sim_part.h"
#include "sim_spi.h"
#include "sim_wire.h"

#define DEFAULT_LEN 4096u /* spidev's bufsiz */

/* What the seed of a slot is used for, beside the faults, which take it as it is. */
enum purpose { PURPOSE_CHIP = 1, PURPOSE_ENTRY };

struct sim_board {
	struct board base;
	struct clock_virtual clock; /* unless in real time */
	struct sim_wire wire;
	struct sim_line cen; /* unless bare */
	struct sim_bus *own_bus;
	uint8_t *cells;
	char *save_to;  /* NULL: content is not saved */
	uint64_t saved; /* chip.changes when the file was last as the chip */
};

static const struct board_ops sim_board_ops;

static struct sim_board *from_board(struct board *board)
{
	assert(board->ops == &sim_board_ops);
	return (struct sim_board *)board;
}

/* ---- what the board does */

static int sim_board_settle(struct board *board, struct err *e)
{
	struct sim_board *b = from_board(board);
	const struct chip *chip = &b->wire.chip;

	if (!b->save_to || b->saved == chip->changes)
		return 0;
	if (sim_image_save(chip, b->save_to, e) < 0)
		return err_prefix(e, "saving ");
	b->saved = chip->changes;
	return 0;
}

static void sim_board_close(struct board *board)
{
	struct sim_board *b = from_board(board);
	struct err e;

	line_close(board->cen);
	if (sim_board_settle(board, &e) < 0)
		log_error("simulated board: %s", e.text);
	spi_close(board->spi);
	sim_bus_free(b->own_bus);
	free(b->save_to);
	free(b->cells);
	free(b);
}

static const struct board_ops sim_board_ops = { .name = "sim",
						.settle = sim_board_settle,
						.close = sim_board_close };

/* ---- putting it together */

static struct sim_board *board_new(const struct sim_board_config *config, struct err *e)
{
	struct sim_board *b = calloc(1, sizeof *b);

	if (!b) {
		err_set(e, ERR_MEMORY, "no memory for a simulated board");
		return NULL;
	}
	clock_virtual_init(&b->clock);
	b->base.ops = &sim_board_ops;
	b->base.clock = config->real_time ? clock_real() : &b->clock.base;
	b->wire.clock = b->base.clock;
	b->wire.bare = config->bare;
	return b;
}

static int add_chip(struct sim_board *b, const struct sim_board_config *config, struct err *e)
{
	struct chip_part part = sim_part(config->part);

	/* Not malloc: memory that nobody has written stays with the kernel. */
	b->cells = calloc(1, part.size);
	if (!b->cells)
		return err_set(e, ERR_MEMORY, "no memory for a chip of %u bytes", part.size);
	part.has_unique_id = config->has_unique_id;
	memcpy(part.unique_id, config->unique_id, sizeof part.unique_id);
	chip_init(&b->wire.chip, &part, b->cells, chance_fork(config->faults.seed, PURPOSE_CHIP));
	chip_set_status(&b->wire.chip, config->protect, 0);
	b->wire.chip.wp_low = true; /* so that SRP in `protect` locks the registers */
	return 0;
}

/* The file itself, not a link to it: it is replaced, and the link should stay. */
static int add_image(struct sim_board *b, const struct sim_board_config *config, struct err *e)
{
	if (!config->image)
		return 0;
	if (sim_image_load(&b->wire.chip, config->image, e) < 0)
		return -1;
	if (config->image_save && !(b->save_to = realpath(config->image, NULL)))
		return err_set(e, ERR_IO, "image %s: it has no full path", config->image);
	return 0;
}

static int add_bus(struct sim_board *b, const struct sim_board_config *config, struct err *e)
{
	const struct sim_spi_limits limits = {
		.max_hz = config->max_hz ? config->max_hz : UINT32_MAX,
		.max_len = config->max_len ? config->max_len : DEFAULT_LEN,
	};

	if (!config->bus && !(b->own_bus = sim_bus_new(e)))
		return -1;
	b->wire.bus = config->bus ? config->bus : b->own_bus;
	b->base.spi = sim_spi_open(&b->wire, &limits, e);
	if (b->base.spi && !fault_plan_is_quiet(&config->faults))
		b->base.spi = fault_open(b->base.spi, &config->faults, e);
	return b->base.spi ? 0 : -1;
}

static void add_beken(struct sim_board *b, const struct sim_board_config *config)
{
	struct bk72xx_params params = bk72xx_defaults();

	if (config->bare)
		return;
	params.success = (uint64_t)(config->entry_success * (double)CHANCE_ALWAYS);
	bk72xx_init(&b->wire.bk, &params, &b->wire.chip,
		    chance_fork(config->faults.seed, PURPOSE_ENTRY));
	sim_line_init(&b->cen, &b->wire);
	b->base.cen = &b->cen.base;
}

static void auto_sim_board_close(struct sim_board **b)
{
	if (*b)
		sim_board_close(&(*b)->base);
}

struct board *sim_board_open(const struct sim_board_config *config, struct err *e)
{
	AUTO(auto_sim_board_close) struct sim_board *b = board_new(config, e);

	assert(config->entry_success >= 0 && config->entry_success <= 1);
	if (!b || add_chip(b, config, e) < 0 || add_image(b, config, e) < 0 ||
	    add_bus(b, config, e) < 0)
		return NULL;
	add_beken(b, config);
	return &TAKE(b)->base;
}

/* ---- what the hardware saw */

void sim_board_counters(struct board *board, struct sim_counters *counters)
{
	const struct sim_wire *wire = &from_board(board)->wire;

	*counters = (struct sim_counters){
		.bytes = wire->bytes,
		.selects = wire->selects,
		.messages = wire->messages,
		.polls = wire->chip.counters.polls,
		.programs = wire->chip.counters.programs,
		.erases = wire->chip.counters.erases,
		.resets = wire->bk.resets,
		.trains = wire->bk.trains,
		.wire_ns = wire->wire_ns,
		.busy_ns = wire->chip.counters.busy_ns,
	};
}

void sim_board_peek(struct board *board, uint32_t addr, uint8_t *buf, size_t len)
{
	const struct chip *chip = &from_board(board)->wire.chip;

	assert(addr <= chip->part.size && len <= chip->part.size - addr);
	chip_peek(chip, addr, buf, len);
}

bool sim_board_at_rest(struct board *board)
{
	return !from_board(board)->cen.driven;
}
