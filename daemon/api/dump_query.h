/* The query of GET /dumps. */
#pragma once

#include "dump_store.h"
#include "request.h"

/* The parameters it knows, but those of a page. */
/* clang-format off */
#define DUMP_QUERY "device jedec_id sha256 crc32 q sort slot tag label chip verified size min_size max_size since until "
/* clang-format on */

/* What the filter borrows from. */
struct dump_query {
	struct dump_filter filter;
	char jedec_id[7], sha256[HASH_SHA256_TEXT], crc32[9];
};

/* before is not touched. Texts are borrowed from the request. ERR_BAD_INPUT. */
int dump_query_read(const struct request *req, struct dump_query *query, struct err *e) MUST_CHECK;
