/* An analysis as the contract shows it. Each returns a new object, NULL without memory. */
#pragma once

#include <cjson/cJSON.h>

#include "analysis.h"
#include "diff.h"

enum analysis_secrets { SECRETS_MASKED, SECRETS_SHOWN };

/* "dump" or "image", and its id, stand in front. */
cJSON *wire_analysis(const struct analysis *a, const char *of, int64_t id,
		     enum analysis_secrets secrets);

/* [{name, offset, length, ok}], those that the content has something of. */
cJSON *wire_map_partitions(const struct analysis *a);

/* [{name, offset, length, differing_sectors}]: a sector counts for the partition of its first byte. */
cJSON *wire_diff_partitions(const struct analysis *a, const struct diff *diff);
