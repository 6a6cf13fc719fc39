/* Which parameters which attempt uses, for beken_spi.c. */
#pragma once

#include "beken_spi.h"

#define BEKEN_TRAIN_MAX 2048u

/* Attempts count from 0. Nothing above max_hz; no train longer than BEKEN_TRAIN_MAX. */
struct beken_params beken_plan(uint32_t attempt, uint32_t max_hz);
