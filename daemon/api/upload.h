/*
 * Bytes that a client sends into the archive: they stream into an ingest while they come, are read
 * back and hashed, and become part of the archive together with the row that names them, in one
 * transaction. What ends before that, for whatever reason, leaves nothing.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "api_impl.h"
#include "archive.h"
#include "sink.h"

struct upload;

struct upload_ops {
	/* Looks at the bytes while they pass by. */
	void (*look)(struct upload *upload, const uint8_t *bytes, size_t len);
	/* Says no to content that is not what was announced, before anything is made last. */
	int (*check)(struct upload *upload, const struct content *content, struct err *e);
	/* Adds the row that names the content, now part of tx. */
	int (*store)(struct upload *upload, struct tx *tx, const struct content *content,
		     struct err *e);
	/* It is committed: events, and the reply. */
	int (*answer)(struct upload *upload, struct reply *reply, struct err *e);
};

/* First member of its user's own struct, which comes from malloc: it goes with the request. */
struct upload {
	struct body_sink base; /* first */
	const struct upload_ops *ops;
	struct api *api;       /* borrowed */
	struct ingest *ingest; /* owned; NULL when there is nothing more to remove */
	uint64_t size;
};

/*
 * Opens the archive for it and hands it to the server: req->sink. Takes upload, on failure too;
 * NULL is ERR_MEMORY.
 */
int upload_begin(struct upload *upload, const struct upload_ops *ops, struct request *req,
		 struct err *e) MUST_CHECK;
