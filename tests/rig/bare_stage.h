/* A stage with one slot, "bare": a chip of 256 KiB with a unique ID, all of whose bytes a test can look at. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "stage.h"

#define BARE_SIZE (256u * 1024) /* EF4012 */

/* What bare_start() takes; the test may change it before. */
struct stage_slot bare_slot(void);

struct job_request bare_ask(enum job_type type);

/* Fills the chip's file with noise, which `before` tells, and starts the rig. */
bool bare_start(struct stage *stage, struct stage_slot *slot, uint8_t before[BARE_SIZE]);

/* What the chip holds; between jobs. */
void bare_see(struct stage *stage, uint8_t now[BARE_SIZE]);
