#include "boards.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "board.h"
#include "demo_content.h"
#include "linux_bus.h"
#include "log.h"
#include "pty.h"
#include "sim_board.h"

/* The bus of that name, made when it is first asked for. */
static struct sim_bus *find_bus(struct boards *boards, const char *name, struct err *e)
{
	struct sim_bus *bus;

	for (size_t i = 0; i < boards->n; i++)
		if (!strcmp(boards->name[i], name))
			return boards->bus[i];
	bus = sim_bus_new(e);
	if (!bus)
		return NULL;
	boards->bus[boards->n] = bus;
	boards->name[boards->n++] = name;
	return bus;
}

/* What a simulated board has behind its UARTs is talked to through real ports of this machine. */
static struct board *open_ports(struct board *sim, struct err *e)
{
	AUTO(auto_board_close) struct board *board = sim;
	struct serial *port;

	if (!board || !board->uart)
		return TAKE(board);
	port = pty_open(board->uart, e);
	if (!port)
		return NULL;
	board->uart = port;
	port = pty_open(board->log, e);
	if (!port)
		return NULL;
	board->log = port;
	return TAKE(board);
}

static struct sim_narrator *add_text(struct boards *boards, const struct config_slot *slot,
				     struct err *e)
{
	struct boot_text *text = malloc(sizeof *text);

	if (!text) {
		err_set(e, ERR_MEMORY, "no memory for a boot text");
		return NULL;
	}
	boot_text_init(text, slot);
	boards->text[boards->n_texts++] = text;
	return &text->base;
}

static struct board *open_sim(struct boards *boards, const struct config_slot *slot,
			      const char *data, struct err *e)
{
	struct sim_board_config sim;
	char image[1024];

	config_sim_board(slot, &sim);
	sim.narrator = add_text(boards, slot, e);
	if (!sim.narrator)
		return NULL;
	if (slot->bus[0]) {
		sim.bus = find_bus(boards, slot->bus, e);
		if (!sim.bus)
			return NULL;
	}
	if (slot->demo_content) {
		if (demo_content_make(data, slot, image, sizeof image, e) < 0)
			return NULL;
		sim.image = image;
		sim.image_save = true;
	}
	return open_ports(sim_board_open(&sim, e), e);
}

/* /dev/spidev0.0 and /dev/spidev0.1: one controller, two chip selects. */
static bool same_controller(const char *a, const char *b)
{
	const char *dot = strrchr(a, '.');

	return dot ? strncmp(a, b, (size_t)(dot - a) + 1) == 0 : strcmp(a, b) == 0;
}

/* The turn on the controller of that spidev, made when it is first asked for. */
static struct linux_bus *find_wire(struct boards *boards, const char *spi, struct err *e)
{
	struct linux_bus *wire;

	for (size_t i = 0; i < boards->n_wires; i++)
		if (same_controller(boards->device[i], spi))
			return boards->wire[i];
	wire = linux_bus_new(e);
	if (!wire)
		return NULL;
	boards->wire[boards->n_wires] = wire;
	boards->device[boards->n_wires++] = spi;
	return wire;
}

struct linux_board_config boards_linux_config(const struct config_slot *slot)
{
	return (struct linux_board_config){ .slot = slot->name,
					    .spi = slot->spi,
					    .cen = slot->cen,
					    .power = slot->power,
					    .cs = slot->cs,
					    .uart = slot->uart,
					    .log = slot->log,
					    .max_hz = slot->spi_hz };
}

static struct board *open_linux(struct boards *boards, const struct config_slot *slot,
				struct err *e)
{
	struct linux_board_config set = boards_linux_config(slot);

	if (slot->spi[0] && !(set.bus = find_wire(boards, slot->spi, e)))
		return NULL;
	return linux_board_open(&set, e);
}

static struct board *open_board(struct boards *boards, const struct config_slot *slot,
				const char *data, struct err *e)
{
	switch (slot->board) {
	case CONFIG_SIM: return open_sim(boards, slot, data, e);
	case CONFIG_LINUX: return open_linux(boards, slot, e);
	case CONFIG_BOARD_NONE: break;
	}
	err_set(e, ERR_INTERNAL, "slot %s has no kind of board", slot->name);
	return NULL;
}

int boards_open(struct boards *boards, const struct config *config, const char *data,
		struct rig_slot *slots, struct err *e)
{
	*boards = (struct boards){ .n = 0 };
	for (size_t i = 0; i < config->n_slots; i++) {
		const struct config_slot *slot = &config->slots[i];

		slots[i] = (struct rig_slot){ .target = slot->target,
					      .spi_hz = slot->spi_hz,
					      .entry_timeout_ms = slot->entry_timeout_ms,
					      .uart_baud = slot->uart_baud,
					      .uart_timeout_ms = slot->uart_timeout_ms };
		snprintf(slots[i].name, sizeof slots[i].name, "%s", slot->name);
		snprintf(slots[i].backend, sizeof slots[i].backend, "%s",
			 slot->board == CONFIG_SIM ? "sim" : "linux");
		slots[i].board = open_board(boards, slot, data, e);
		/* Whether its devices are there is the worker's to see, then and later. */
		if (slots[i].board)
			continue;
		snprintf(slots[i].why, sizeof slots[i].why, "%s", e->text);
		log_error("slot %s is offline: %s", slot->name, e->text);
	}
	return 0;
}

void boards_done(struct boards *boards)
{
	for (size_t i = 0; i < boards->n; i++)
		sim_bus_free(boards->bus[i]);
	for (size_t i = 0; i < boards->n_wires; i++)
		linux_bus_free(boards->wire[i]);
	for (size_t i = 0; i < boards->n_texts; i++)
		free(boards->text[i]);
	boards->n = boards->n_wires = boards->n_texts = 0;
}
