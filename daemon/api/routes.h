/* The table of everything that can be asked. */
#pragma once

#include <stdbool.h>

#include "err.h"
#include "request.h"
#include "route.h"

#define API_ROOT "/api/v1"

/* The API's routes and one for each file of the page. From malloc: the caller frees it. ERR_MEMORY. */
struct route *routes_new(size_t *n, struct err *e) MUST_CHECK;

/* True for what reads and unpacks megabytes of dumps before the first byte of its answer. */
bool routes_take_long(const struct request *req);
