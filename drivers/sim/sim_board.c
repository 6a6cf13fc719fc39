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
#include "sim_live.h"
#include "sim_part.h"
#include "sim_spi.h"
#include "sim_wire.h"

#define DEFAULT_LEN 4096u /* spidev's bufsiz */

/* What the seed of a slot is used for, beside the faults, which take it as it is. */
enum purpose { PURPOSE_CHIP = 1, PURPOSE_ENTRY, PURPOSE_WIRES, PURPOSE_SOCKET, PURPOSE_UART };

struct sim_board {
	struct board base;
	struct clock_virtual clock; /* unless in real time */
	struct sim_wire wire;
	pthread_mutex_t hands; /* with it, those of a board with nothing but a UART look at wire */
	struct sim_line cen;   /* unless bare */
	struct sim_line power; /* if asked for */
	struct sim_bus *own_bus;
	uint8_t *cells; /* owned, unless they are live */
	struct sim_live live;
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
	if (b->wire.uart)
		sim_uart_hold(b->wire.uart);
	const int result = sim_image_save(chip, b->save_to, e);

	if (b->wire.uart)
		sim_uart_let_go(b->wire.uart);
	if (result < 0)
		return err_prefix(e, "saving ");
	b->saved = chip->changes;
	return 0;
}

static int sim_board_plug(struct board *board, const struct board_plug *plug, struct err *e)
{
	struct sim_board *b = from_board(board);
	const bool reached = board->spi || board->cen || board->power;

	if (sim_socket_plug(&b->wire.socket, plug, b->wire.chip.part.size, e) < 0)
		return -1;
	if (!reached) {
		LOCK(&b->hands);
		sim_wire_look(&b->wire);
	}
	return 0;
}

static void sim_board_close(struct board *board)
{
	struct sim_board *b = from_board(board);
	const bool is_live = b->live.cells != NULL;
	struct err e;
	int saved;

	line_close(board->power);
	line_close(board->cen);
	serial_close(board->uart);
	serial_close(board->log);
	saved = sim_board_settle(board, &e);
	if (saved < 0)
		log_error("simulated board: %s", e.text);
	spi_close(board->spi);
	sim_bus_free(b->own_bus);
	sim_uart_free(b->wire.uart);
	sim_socket_done(&b->wire.socket);
	pthread_mutex_destroy(&b->hands);
	free(b->save_to);
	sim_live_close(&b->live, saved < 0);
	if (!is_live)
		free(b->cells);
	free(b);
}

static const struct board_ops sim_board_ops = {
	.name = "sim", .settle = sim_board_settle, .plug = sim_board_plug, .close = sim_board_close
};

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
	b->wire.supply = true;
	pthread_mutex_init(&b->hands, NULL);
	sim_socket_init(&b->wire.socket, chance_fork(config->faults.seed, PURPOSE_SOCKET));
	return b;
}

/* *found: they hold what a killed process has left. */
static int add_cells(struct sim_board *b, const struct sim_board_config *config, uint32_t size,
		     bool *found, struct err *e)
{
	if (config->image && config->image_live) {
		if (sim_live_open(&b->live, config->image, size, found, e) < 0)
			return -1;
		b->cells = b->live.cells;
		return 0;
	}
	/* Not malloc: memory that nobody has written stays with the kernel. */
	b->cells = calloc(1, size);
	return b->cells ? 0 : err_set(e, ERR_MEMORY, "no memory for a chip of %u bytes", size);
}

static int add_chip(struct sim_board *b, const struct sim_board_config *config, bool *found,
		    struct err *e)
{
	struct chip_part part = sim_part(config->part);

	if (add_cells(b, config, part.size, found, e) < 0)
		return -1;
	part.no_sfdp |= config->no_sfdp;
	part.has_unique_id = config->has_unique_id;
	memcpy(part.unique_id, config->unique_id, sizeof part.unique_id);
	chip_init(&b->wire.chip, &part, b->cells, chance_fork(config->faults.seed, PURPOSE_CHIP));
	chip_set_status(&b->wire.chip, config->protect, 0);
	b->wire.chip.wp_low = true; /* so that SRP in `protect` locks the registers */
	return 0;
}

/* The file itself, not a link to it: it is replaced, and the link should stay. */
static int add_image(struct sim_board *b, const struct sim_board_config *config, bool found,
		     struct err *e)
{
	if (!config->image)
		return 0;
	if (found) {
		log_info("image %s: the chip holds what it held when it was left (.live)",
			 config->image);
		b->saved = b->wire.chip.changes - 1; /* the image is older */
	} else if (sim_image_load(&b->wire.chip, config->image, e) < 0) {
		return -1;
	}
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
	if (config->no_spi)
		return 0;
	b->base.spi = sim_spi_open(&b->wire, &limits, e);
	if (b->base.spi && !fault_plan_is_quiet(&config->faults))
		b->base.spi = fault_open(b->base.spi, &config->faults, e);
	return b->base.spi ? 0 : -1;
}

static uint32_t or_default(uint32_t value, uint32_t otherwise)
{
	return value ? value : otherwise;
}

static struct bk72xx_params beken_params(const struct sim_board_config *config)
{
	static const enum bk72xx_modes modes[] = { [SIM_MODES_BOTH] = BK72XX_MODES_BOTH,
						   [SIM_MODE_0_ONLY] = BK72XX_MODE_0_ONLY,
						   [SIM_MODE_3_ONLY] = BK72XX_MODE_3_ONLY };
	const struct sim_beken *beken = &config->beken;
	const struct bk72xx_params usual = bk72xx_defaults();

	return (struct bk72xx_params){
		.reset_min_us = or_default(beken->reset_min_us, usual.reset_min_us),
		.window_open_us = beken->window_open_us,
		.window_close_us = or_default(beken->window_close_us, usual.window_close_us),
		.window_jitter_us = beken->window_jitter_us,
		.train_min = or_default(beken->train_min, usual.train_min),
		.train_max_hz = beken->train_max_hz,
		.flash_max_hz = beken->flash_max_hz,
		.modes = modes[beken->modes],
		.late_echo = beken->always_late ? 1 : usual.late_echo,
		.firmware_busy = beken->firmware_busy,
		.success = (uint64_t)(config->entry_success * (double)CHANCE_ALWAYS),
	};
}

static void add_beken(struct sim_board *b, const struct sim_board_config *config)
{
	const struct bk72xx_params params = beken_params(config);

	if (config->bare)
		return;
	bk72xx_init(&b->wire.bk, &params, &b->wire.chip,
		    chance_fork(config->faults.seed, PURPOSE_ENTRY));
	sim_line_init_cen(&b->cen, &b->wire);
	b->base.cen = config->no_cen ? NULL : &b->cen.base;
}

/* Faults of the lines are in the wire; those of the bus are the model's. */
static void add_wires(struct sim_board *b, const struct sim_board_config *config)
{
	static const enum wires_fault faults[] = { [SIM_WIRED] = WIRES_GOOD,
						   [SIM_MISO_OPEN] = WIRES_MISO_OPEN,
						   [SIM_MISO_NOISE] = WIRES_MISO_NOISE,
						   [SIM_MISO_LOW] = WIRES_MISO_LOW,
						   [SIM_BRIDGED] = WIRES_BRIDGED,
						   [SIM_SWAPPED] = WIRES_SWAPPED,
						   [SIM_MOSI_OPEN] = WIRES_MOSI_OPEN,
						   [SIM_CEN_OPEN] = WIRES_GOOD,
						   [SIM_NO_POWER] = WIRES_GOOD };

	b->wire.wires = (struct wires){
		.fault = faults[config->wiring],
		.chance = chance_fork(config->faults.seed, PURPOSE_WIRES),
	};
	b->wire.cen_open = config->wiring == SIM_CEN_OPEN;
	b->wire.no_power = config->wiring == SIM_NO_POWER;
}

/* With a line of its own the board is off until somebody switches it on. */
static void add_power(struct sim_board *b, const struct sim_board_config *config)
{
	if (config->power_line) {
		sim_line_init_power(&b->power, &b->wire);
		b->base.power = &b->power.base;
	}
	if (config->power_line || b->wire.no_power)
		sim_wire_power(&b->wire, false);
}

/* Real time, whatever the board's clock: a port of this machine stands before it. */
static int add_uart(struct sim_board *b, const struct sim_board_config *config, struct err *e)
{
	struct sim_uart_config set = {
		.loader = uart_loader_defaults(config->loader_in_flash ? UART_LOADER_IN_FLASH
								       : UART_LOADER_ROM),
		.clock = clock_real(),
		.paced = config->real_time,
		.seed = chance_fork(config->faults.seed, PURPOSE_UART),
		.faults = { .drop = config->faults.uart_drop,
			    .twice = config->faults.uart_twice,
			    .flip = config->faults.uart_flip },
		.narrator = config->narrator,
	};

	if (!config->uart || config->bare)
		return 0;
	set.loader.no_sums = config->faults.uart_no_crc != 0;
	set.loader.deaf = config->faults.uart_deaf != 0;
	b->wire.uart = sim_uart_new(&set, &b->wire.chip, e);
	if (!b->wire.uart)
		return -1;
	b->base.uart = sim_uart_port(b->wire.uart);
	b->base.log = sim_uart_log(b->wire.uart);
	b->base.port_clock = clock_real();
	return 0;
}

static void auto_sim_board_close(struct sim_board **b)
{
	if (*b)
		sim_board_close(&(*b)->base);
}

struct board *sim_board_open(const struct sim_board_config *config, struct err *e)
{
	AUTO(auto_sim_board_close) struct sim_board *b = board_new(config, e);
	bool found = false;

	assert(config->entry_success >= 0 && config->entry_success <= 1);
	if (!b || add_chip(b, config, &found, e) < 0 || add_image(b, config, found, e) < 0 ||
	    add_bus(b, config, e) < 0 || add_uart(b, config, e) < 0)
		return NULL;
	add_beken(b, config);
	add_wires(b, config);
	add_power(b, config);
	if (b->wire.uart && !config->power_line && !b->wire.no_power)
		sim_uart_power(b->wire.uart, true);
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

struct sim_uart *sim_board_uart(struct board *board)
{
	return from_board(board)->wire.uart;
}

bool sim_board_at_rest(struct board *board)
{
	const struct sim_board *b = from_board(board);

	return !b->cen.driven && !b->power.driven;
}
