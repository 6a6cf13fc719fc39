/* What of a request goes into the audit log. */
#pragma once

#include "api_impl.h"

/*
 * After a request: notes it when it asked for a change, or when it was turned away though it showed
 * a token. Never blocks.
 */
void trail_answered(struct api *api, const struct request *req, const struct reply *reply,
		    const struct err *why);
