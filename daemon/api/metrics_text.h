/* The text that Prometheus reads (its exposition format 0.0.4). */
#pragma once

#include <stdio.h>

#include "api_impl.h"

/* The upper ends of the buckets of request times. */
extern const unsigned metrics_bucket_us[METRICS_BUCKETS];

/* Writes everything. What the archive cannot tell now is left out. */
void metrics_write(struct api *api, FILE *out);
