/* A simulated board that can be pulled out and put back, for tests. */
#pragma once

#include <stdatomic.h>

#include "board.h"

struct flaky_board {
	struct board base; /* first member; wires and clock are those of inner */
	struct board *inner;
	atomic_bool gone;
};

/* Takes inner. */
void flaky_board_init(struct flaky_board *flaky, struct board *inner);
