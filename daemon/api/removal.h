/* Removing a thing whose bytes are in the archive, and what that frees. */
#pragma once

#include "api_impl.h"

/* Takes the thing out, in tx. */
typedef int removal_fn(struct tx *tx, const struct request *req, struct err *e);

/*
 * Runs take_out in a transaction, gives its space back to the disk, tells the followers that this
 * kind of thing ("image") with the request's id is gone, and answers 204 with what it freed.
 */
int removal_run(const struct request *req, removal_fn *take_out, const char *kind,
		struct reply *reply, struct err *e) MUST_CHECK;
