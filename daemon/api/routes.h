/* The table of everything that can be asked. */
#pragma once

#include "err.h"
#include "route.h"

#define API_ROOT "/api/v1"

/* The API's routes and one for each file of the page. From malloc: the caller frees it. ERR_MEMORY. */
struct route *routes_new(size_t *n, struct err *e) MUST_CHECK;
