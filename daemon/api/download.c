#include "download.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "api_impl.h"
#include "auto.h"
#include "conditional.h"

#define ETAG (HASH_SHA256_TEXT + 48)

/* A part of the content. */
struct slice {
	uint64_t offset, length;
};

/* Reads the archive piece by piece, each in a transaction of its own: a slow client holds nothing. */
struct content_source {
	struct reply_source base;
	struct db *db;
	int64_t content;
	uint64_t offset;
};

static int source_read(struct reply_source *source, uint64_t at, uint8_t *buf, size_t len,
		       struct err *e)
{
	const struct content_source *s = (const struct content_source *)source;
	AUTO(tx_end) struct tx tx = tx_begin_read(s->db);

	return content_read(&tx, s->content, s->offset + at, buf, len, e);
}

static void source_free(struct reply_source *source)
{
	free(source);
}

static int bad_range(struct reply *reply, uint64_t size, struct err *e)
{
	reply_header(reply, "Content-Range", "bytes */%" PRIu64, size);
	return err_set(e, ERR_BAD_RANGE, "the content has %" PRIu64 " bytes", size);
}

/* ?offset=&length= */
static int read_slice(const struct request *req, struct reply *reply, uint64_t size,
		      struct slice *slice, struct err *e)
{
	int64_t offset = 0, length = -1;

	if (request_query_int(req, "offset", 0, INT64_MAX, &offset, e) < 0 ||
	    request_query_int(req, "length", 1, INT64_MAX, &length, e) < 0)
		return -1;
	if ((uint64_t)offset >= size || (length > 0 && (uint64_t)length > size - (uint64_t)offset))
		return bad_range(reply, size, e);
	slice->offset = (uint64_t)offset;
	slice->length = length > 0 ? (uint64_t)length : size - (uint64_t)offset;
	return 0;
}

/* A part by query is a thing of its own, and has a tag of its own. */
static void make_etag(const struct content *content, const struct slice *slice, char etag[ETAG])
{
	char sum[HASH_SHA256_TEXT];

	hash_hex(content->sha256, HASH_SHA256_LEN, sum);
	if (slice->length == content->size)
		snprintf(etag, ETAG, "\"%s\"", sum);
	else
		snprintf(etag, ETAG, "\"%s-%" PRIx64 "+%" PRIx64 "\"", sum, slice->offset,
			 slice->length);
}

static int send(const struct request *req, struct reply *reply, unsigned status, int64_t content,
		const struct slice *slice, struct err *e)
{
	struct content_source *s = calloc(1, sizeof *s);

	if (!s)
		return err_set(e, ERR_MEMORY, "out of memory for a download");
	*s = (struct content_source){ .base = { .read = source_read, .free = source_free },
				      .db = api_of(req)->db,
				      .content = content,
				      .offset = slice->offset };
	reply_source(reply, status, "application/octet-stream", &s->base, slice->length);
	return 0;
}

static void describe(struct reply *reply, const char *etag, const char *name)
{
	reply_header(reply, "ETag", "%s", etag);
	reply_header(reply, "Accept-Ranges", "bytes");
	reply_header(reply, "Cache-Control", "private, no-cache");
	reply_header(reply, "Content-Disposition", "attachment; filename=\"%s\"", name);
}

/* What the client has already it need not get: narrows the slice to a Range. The status, or -1. */
static int narrow(const struct request *req, struct reply *reply, const char *etag,
		  struct slice *slice, struct err *e)
{
	const uint64_t size = slice->length;
	uint64_t first, length;

	if (etag_listed(request_header(req, "If-None-Match"), etag))
		return HTTP_NOT_MODIFIED;
	if (!etag_allows_range(request_header(req, "If-Range"), etag))
		return HTTP_OK;
	switch (range_parse(request_header(req, "Range"), size, &first, &length)) {
	case RANGE_ALL: return HTTP_OK;
	case RANGE_BAD: return bad_range(reply, size, e);
	case RANGE_PART: break;
	}
	reply_header(reply, "Content-Range", "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, first,
		     first + length - 1, size);
	*slice = (struct slice){ .offset = slice->offset + first, .length = length };
	return HTTP_PARTIAL_CONTENT;
}

int download_reply(const struct request *req, struct reply *reply, const struct content *content,
		   const char *file_name, struct err *e)
{
	struct slice slice = { 0 };
	char etag[ETAG];
	int status;

	if (read_slice(req, reply, content->size, &slice, e) < 0)
		return -1;
	make_etag(content, &slice, etag);
	status = narrow(req, reply, etag, &slice, e);
	if (status < 0)
		return -1;
	describe(reply, etag, file_name);
	return send(req, reply, (unsigned)status, content->id, &slice, e);
}
