/* A chip of the model from an entry of the parts table. */
#pragma once

#include "chip.h"
#include "nor_parts.h"

/* The unique ID is left to the caller. */
struct chip_part sim_part(const struct nor_part *part);
