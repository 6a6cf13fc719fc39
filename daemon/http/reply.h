/*
 * What goes back to the client. A handler fills it with one of the functions that set a status;
 * headers may be added before or after. Headers that are set when a handler fails go out with the
 * error.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define REPLY_HEADERS 12
#define REPLY_TOPIC   80
#define REPLY_VALUE   320

#define HTTP_OK              200
#define HTTP_CREATED         201
#define HTTP_ACCEPTED        202
#define HTTP_NO_CONTENT      204
#define HTTP_PARTIAL_CONTENT 206
#define HTTP_NOT_MODIFIED    304

/* Bytes that are made while they are sent. First member of the source's own struct. */
struct reply_source {
	/*
	 * Fills buf with all len bytes from at on; reads come in order, in pieces of up to
	 * REPLY_PIECE. May block for a disk. On -1 the connection is cut, so that the client
	 * sees that bytes are missing.
	 */
	int (*read)(struct reply_source *source, uint64_t at, uint8_t *buf, size_t len,
		    struct err *e);
	/*
	 * In the place of read(), when nobody knows how many bytes there will be: fills up to
	 * len; *got is 0 at the end.
	 */
	int (*next)(struct reply_source *source, uint8_t *buf, size_t len, size_t *got,
		    struct err *e);
	/* Called once, when all is sent or the client has gone. */
	void (*free)(struct reply_source *source);
};

#define REPLY_PIECE   65536u
#define REPLY_UNKNOWN UINT64_MAX /* a size */

enum reply_kind {
	REPLY_EMPTY,  /* no body */
	REPLY_TEXT,   /* owned bytes */
	REPLY_STATIC, /* bytes that stay */
	REPLY_SOURCE,
	REPLY_STREAM /* events, until the client goes */
};

struct reply {
	enum reply_kind kind;
	unsigned status;
	const char *type; /* Content-Type, a literal; NULL for none */
	uint64_t size;
	char *text;                  /* REPLY_TEXT, owned */
	const void *bytes;           /* REPLY_STATIC, borrowed */
	struct reply_source *source; /* REPLY_SOURCE, owned */
	char topic[REPLY_TOPIC];     /* of a stream; "": all that have none */
	size_t n_headers;
	struct {
		const char *name; /* a literal */
		char value[REPLY_VALUE];
	} header[REPLY_HEADERS];
};

/* The status that a code becomes: the one table of it. */
unsigned reply_status_of(enum err_code code);

/* Takes text, which comes from malloc; NULL is ERR_MEMORY. */
int reply_text(struct reply *reply, unsigned status, const char *type, char *text, struct err *e)
	MUST_CHECK;

/* bytes must stay as long as the server. */
void reply_static(struct reply *reply, const char *type, const void *bytes, size_t len);

/* Takes source, which gives size bytes. Status 200 or 206. */
void reply_source(struct reply *reply, unsigned status, const char *type,
		  struct reply_source *source, uint64_t size);

/* Takes source, which has a next(). Status 200. */
void reply_flow(struct reply *reply, const char *type, struct reply_source *source);

/* 204: no body. */
void reply_empty(struct reply *reply, unsigned status);

/* 304: the reply stays as it would be, only its body is not sent. */
void reply_not_modified(struct reply *reply);

/* The hub's events, after a snapshot or from where the client was. */
void reply_stream(struct reply *reply);

/* Only the events of a topic (hub.h), after what the app has kept of it. */
void reply_stream_of(struct reply *reply, const char *topic);

/* Sets a header, in the place of one of that name. A value that is too long is a mistake of ours. */
void reply_header(struct reply *reply, const char *name, const char *fmt, ...) PRINTF(3, 4);

/* The value that was set, NULL for none. */
const char *reply_header_get(const struct reply *reply, const char *name);

/* Drops the body, keeps the headers. */
void reply_clear(struct reply *reply);
