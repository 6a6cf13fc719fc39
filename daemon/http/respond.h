/* From a reply to what libmicrohttpd sends. */
#pragma once

#include <microhttpd.h>

#include "err.h"
#include "reply.h"

/* Takes the reply's body; of a stream (stream.h) only what HEAD shows. ERR_MEMORY. */
struct MHD_Response *respond_make(struct reply *reply, struct err *e) MUST_CHECK;

/* Adds the reply's type and headers, and those that every reply has. */
int respond_headers(struct MHD_Response *res, const struct reply *reply, struct err *e) MUST_CHECK;
