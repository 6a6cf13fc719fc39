/* flashrigd --check-config --probe: what of each slot is really there, as a table for people. */
#pragma once

#include <stdio.h>

#include "config.h"

/*
 * Tries every device of every slot and prints a line for each, and what to do below those that are
 * missing. Pulses nothing (see linux_board_probe()); blocks for some milliseconds a slot. Returns
 * how many devices are missing, or in use: a daemon that runs holds its own.
 */
size_t probe_slots(const struct config *config, FILE *to);
