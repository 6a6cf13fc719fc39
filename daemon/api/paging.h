/* Lists come in pages: `limit` objects, from below the id `before`. */
#pragma once

#include <stdint.h>

#include "err.h"
#include "request.h"

#define PAGE_DEFAULT 50
#define PAGE_MAX     200

struct paging {
	int64_t limit;
	int64_t before; /* -1: from the newest */
};

/* From the query. ERR_BAD_INPUT. */
int paging_read(const struct request *req, struct paging *paging, struct err *e) MUST_CHECK;
