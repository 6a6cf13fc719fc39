/*
 * CEN and power of a simulated board. When nobody drives them, the board's own pulls do: CEN goes
 * high, power goes off.
 */
#pragma once

#include "line.h"
#include "sim_wire.h"

struct sim_line {
	struct line base;
	struct sim_wire *wire; /* borrowed */
	void (*act)(struct sim_wire *wire, bool high);
	bool rests_high;
	bool driven;
};

/* Part of the board: closing it brings it to rest and frees nothing. */
void sim_line_init_cen(struct sim_line *line, struct sim_wire *wire);
void sim_line_init_power(struct sim_line *line, struct sim_wire *wire);
