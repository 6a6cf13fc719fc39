/* What the application on a simulated board prints when it starts: what is on its flash, in words. */
#pragma once

#include "config.h"
#include "sim_content.h"

struct boot_text {
	struct sim_narrator base; /* first member */
	char board[160];          /* the lines that are the same whatever is on it */
};

/* Of that slot's board; the slot is not needed any more afterwards. */
void boot_text_init(struct boot_text *text, const struct config_slot *slot);
