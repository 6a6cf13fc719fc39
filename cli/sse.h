/* Server-sent events taken apart as they come in, whatever the pieces: a sink for client_follow(). */
#pragma once

#include "client.h"

#define SSE_LINE (1u << 20) /* of one event's data; more is an error */

struct sse {
	struct client_sink sink; /* first member */
	/* One event; text is clean of nothing. Borrowed for the call. -1 ends the stream. */
	int (*event)(struct sse *sse, const char *type, const char *data, struct err *e);
	char id[32]; /* of the last event: where to go on */

	char type[40];
	char *line, *data;
	size_t line_len, line_room, data_len, data_room;
};

void sse_init(struct sse *sse,
	      int (*event)(struct sse *sse, const char *type, const char *data, struct err *e));
void sse_done(struct sse *sse);

/* Forgets half an event, after the stream broke. */
void sse_restart(struct sse *sse);
