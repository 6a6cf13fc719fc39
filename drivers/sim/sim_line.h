/* CEN of a simulated board: held high by the board's own pull-up when nobody drives it. */
#pragma once

#include "line.h"
#include "sim_wire.h"

struct sim_line {
	struct line base;
	struct sim_wire *wire; /* borrowed */
	bool driven;
};

/* Part of the board: closing it brings it to rest and frees nothing. */
void sim_line_init(struct sim_line *line, struct sim_wire *wire);
