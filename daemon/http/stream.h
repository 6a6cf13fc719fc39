/* Server-sent events: a reply that does not end, on a connection that sleeps between events. */
#pragma once

#include <microhttpd.h>
#include <stdatomic.h>

#include "err.h"
#include "hub.h"
#include "request.h"

struct streams {
	struct http_app *app;
	unsigned max;
	atomic_uint open;
};

/* What a follower asked for. */
struct stream_wish {
	const struct grant *granted;
	const char *last_id; /* NULL: nothing */
	const char *topic;   /* "": all events that have none */
};

/*
 * The reply for one follower. last_id is the value of its Last-Event-ID header, or NULL: it goes
 * on after that event if the hub still can, else it starts with a snapshot. It ends when what it
 * was granted is taken back. ERR_TOO_MANY.
 */
struct MHD_Response *stream_response(struct streams *streams, struct MHD_Connection *conn,
				     const struct stream_wish *wish, struct err *e) MUST_CHECK;
