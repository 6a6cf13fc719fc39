/* What the process takes of the machine, under the names that Prometheus has for it. */
#pragma once

#include <stdint.h>
#include <stdio.h>

/* Leaves out what cannot be found out. started_ms is wall clock. */
void process_write(int64_t started_ms, FILE *out);
