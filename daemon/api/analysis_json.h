/* An analysis as the contract shows it. Each returns a new object, NULL without memory. */
#pragma once

#include <cjson/cJSON.h>

#include "analysis.h"
#include "diff.h"
#include "suit.h"

enum analysis_secrets { SECRETS_MASKED, SECRETS_SHOWN };

/* A board that was asked about; target "": none was. */
struct analysis_board {
	char target[16];
	int64_t at; /* -1: where it belongs */
	struct suit_verdict verdict;
};

/* "dump" or "image", and its id, stand in front. */
struct analysis_view {
	const char *of;
	int64_t id;
	enum analysis_secrets secrets;
	struct analysis_board board;
};

cJSON *wire_analysis(const struct analysis *a, const struct analysis_view *view);

/* [{name, offset, length, ok}], those that the content has something of. */
cJSON *wire_map_partitions(const struct analysis *a);

/* [{name, offset, length, differing_sectors}]: a sector counts for the partition of its first byte. */
cJSON *wire_diff_partitions(const struct analysis *a, const struct diff *diff);
