/*
 * The doctor's own experiments, after attempts that explain nothing: what MISO shows while CEN is
 * low, and while the firmware runs; whether a slow train is taken; whether one is after power-up,
 * which needs no CEN.
 */
#pragma once

#include "beken_entering.h"

/*
 * Adds to in->evidence and in->entry. Takes less than a second, progress is told. Errors:
 * ERR_CANCELLED, those of bus and lines. Leaves CEN high and power on.
 */
int beken_examine(struct beken_entering *in, struct err *e) MUST_CHECK;
