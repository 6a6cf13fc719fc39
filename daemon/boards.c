#include "boards.h"

#include <stdio.h>
#include <string.h>

#include "board.h"
#include "demo_content.h"
#include "log.h"
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

static struct board *open_sim(struct boards *boards, const struct config_slot *slot,
			      const char *data, struct err *e)
{
	struct sim_board_config sim;
	char image[1024];

	config_sim_board(slot, &sim);
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
	return sim_board_open(&sim, e);
}

static struct board *open_board(struct boards *boards, const struct config_slot *slot,
				const char *data, struct err *e)
{
	switch (slot->board) {
	case CONFIG_SIM: return open_sim(boards, slot, data, e);
	case CONFIG_LINUX:
	case CONFIG_BOARD_NONE: break;
	}
	err_set(e, ERR_OFFLINE, "this build of flashrigd drives simulated boards only");
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
					      .entry_timeout_ms = slot->entry_timeout_ms };
		snprintf(slots[i].name, sizeof slots[i].name, "%s", slot->name);
		snprintf(slots[i].backend, sizeof slots[i].backend, "%s",
			 slot->board == CONFIG_SIM ? "sim" : "linux");
		slots[i].board = open_board(boards, slot, data, e);
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
	boards->n = 0;
}
