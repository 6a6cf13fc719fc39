/* What the demo's boards hold: generated once, kept as files, so that a flashed demo board stays flashed. */
#pragma once

#include "config.h"

/*
 * Makes DATA/demo/SLOT.bin where it is not there yet; path gets its name. Blocks on the disk.
 * ERR_IO, ERR_MEMORY.
 */
int demo_content_make(const char *data, const struct config_slot *slot, char *path, size_t size,
		      struct err *e) MUST_CHECK;
