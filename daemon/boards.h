/* From the configuration's slots to the rig's: opens every board. */
#pragma once

#include "boot_text.h"
#include "config.h"
#include "linux_board.h"
#include "rig.h"

/* The wires that slots share; freed after the boards. */
struct boards {
	struct sim_bus *bus[CONFIG_SLOTS];
	const char *name[CONFIG_SLOTS]; /* borrowed from the configuration */
	size_t n;
	struct linux_bus *wire[CONFIG_SLOTS]; /* of SPI controllers */
	const char *device[CONFIG_SLOTS];     /* a spidev of each; borrowed likewise */
	size_t n_wires;
	struct boot_text *text[CONFIG_SLOTS]; /* of simulated boards; owned */
	size_t n_texts;
};

/*
 * Fills slots[config->n_slots]. A board that cannot be opened makes its slot offline with the
 * reason, and disturbs no other. data is where generated demo content is kept. ERR_MEMORY.
 */
int boards_open(struct boards *boards, const struct config *config, const char *data,
		struct rig_slot *slots, struct err *e) MUST_CHECK;
void boards_done(struct boards *boards);

/* What a slot with board = linux names; strings are borrowed from it, bus is left NULL. */
struct linux_board_config boards_linux_config(const struct config_slot *slot);
