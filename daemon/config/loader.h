/* The making of a config: shared by the file and the demo. */
#pragma once

#include "config.h"

/* A slot with all defaults. */
void config_slot_default(struct config_slot *slot, const char *name);

/* Appends a copy. ERR_MEMORY. */
int config_slot_add(struct config *config, const struct config_slot *slot, struct err *e)
	MUST_CHECK;
