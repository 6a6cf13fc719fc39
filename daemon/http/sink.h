/*
 * Where the bytes of a large body go while they come: a file, the archive. The handler of a
 * BODY_STREAM route runs when the head is there, checks what it says, and puts a sink into
 * req->sink; the server hands it the body and lets it make the reply.
 */
#pragma once

#include <stddef.h>

#include "err.h"

struct reply;
struct request;

/* First member of the sink's own struct. One thread at a time. */
struct body_sink {
	/*
	 * The next bytes, in order; at least one. May block for a disk: the client waits, and
	 * with it what else this thread of the server does. On -1 *e is the reply, the rest of
	 * the body is thrown away, and free() follows.
	 */
	int (*write)(struct body_sink *sink, const void *bytes, size_t len, struct err *e);
	/* All has come; makes it last, and fills reply. On -1 *e is the reply. */
	int (*finish)(struct body_sink *sink, struct request *req, struct reply *reply,
		      struct err *e);
	/*
	 * Called once: after finish(), or in its place when something went wrong, the client has
	 * gone or was too slow. What finish() did not make last must leave nothing behind.
	 */
	void (*free)(struct body_sink *sink);
};
