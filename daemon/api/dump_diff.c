/* What is different between two dumps. */
#include "diff.h"

#include <stdlib.h>

#include "analysis_json.h"
#include "api_impl.h"
#include "auto.h"
#include "bytes_diff.h"
#include "content_flash.h"
#include "handlers.h"
#include "json.h"

static cJSON *wire_range(const struct diff_range *range)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_int(o, "offset", (int64_t)range->offset) &&
	    json_int(o, "length", (int64_t)range->length))
		return TAKE(o);
	return NULL;
}

static cJSON *wire_ranges(const struct diff_range *ranges, size_t n)
{
	AUTO(auto_json) cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < n; i++)
		if (!array || !json_push(array, wire_range(&ranges[i])))
			return NULL;
	return TAKE(array);
}

static cJSON *wire_diff(const struct diff *diff, const struct analysis *a)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_bool(o, "equal", diff->sectors == 0) &&
	    json_int(o, "sector_size", ARCHIVE_BLOCK) &&
	    json_int(o, "differing_sectors", (int64_t)diff->sectors) &&
	    json_int(o, "differing_bytes", (int64_t)diff->bytes) &&
	    json_child(o, "ranges", wire_ranges(diff->range, diff->n)) &&
	    json_bool(o, "truncated", diff->cut) &&
	    json_child(o, "partitions", wire_diff_partitions(a, diff)))
		return TAKE(o);
	return NULL;
}

static int find_dumps(const struct request *req, struct dump dumps[2], struct err *e)
{
	const int64_t ids[] = { req->args.id, req->args.other };
	AUTO(tx_end) struct tx tx = tx_begin_read(api_of(req)->db);

	for (int i = 0; i < 2; i++)
		if (dump_get(&tx, ids[i], &dumps[i], e) < 0)
			return -1;
	return 0;
}

/* The partitions are those of the first; of what is too large to be analysed none are known. */
static int reply_diff(const struct request *req, const struct dump *first, const struct diff *diff,
		      struct reply *reply, struct err *e)
{
	struct db *db = api_of(req)->db;
	AUTO(auto_free) struct analysis *a = content_analyse(db, &first->content, first, NULL, e);

	if (!a && e->code == ERR_UNPROCESSABLE)
		a = calloc(1, sizeof *a);
	return a ? json_reply(reply, HTTP_OK, wire_diff(diff, a), e) : -1;
}

int dump_diff_get(struct request *req, struct reply *reply, struct err *e)
{
	AUTO(auto_free) struct diff *diff = calloc(1, sizeof *diff);
	AUTO(auto_free) struct dump *dumps = calloc(2, sizeof *dumps);

	if (!diff || !dumps)
		return err_set(e, ERR_MEMORY, "out of memory for a comparison");
	if (find_dumps(req, dumps, e) < 0 ||
	    content_diff(api_of(req)->db, dumps[0].content.id, dumps[1].content.id, diff, e) < 0)
		return -1;
	return reply_diff(req, &dumps[0], diff, reply, e);
}

/* ---- to the byte */

static cJSON *wire_bytes(const struct diff_range *ranges, size_t n)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	return o && json_child(o, "ranges", wire_ranges(ranges, n)) ? TAKE(o) : NULL;
}

static int compare_bytes(struct db *db, const struct dump dumps[2], const struct diff_range *window,
			 struct diff_range *ranges, size_t *n, struct err *e)
{
	const int64_t ids[] = { dumps[0].content.id, dumps[1].content.id };
	AUTO(tx_end) struct tx tx = tx_begin_read(db);

	return content_diff_bytes(&tx, ids, window, ranges, n, e);
}

int dump_diff_bytes_get(struct request *req, struct reply *reply, struct err *e)
{
	int64_t offset = 0, length = BYTES_WINDOW;
	AUTO(auto_free) struct dump *dumps = calloc(2, sizeof *dumps);
	AUTO(auto_free) struct diff_range *ranges = calloc(BYTES_WINDOW / 2, sizeof *ranges);
	struct diff_range window;
	size_t n;

	if (!dumps || !ranges)
		return err_set(e, ERR_MEMORY, "out of memory for a comparison");
	if (request_query_int(req, "offset", 0, INT64_MAX, &offset, e) < 0 ||
	    request_query_int(req, "length", 1, BYTES_WINDOW, &length, e) < 0)
		return -1;
	window = (struct diff_range){ .offset = (uint64_t)offset, .length = (uint64_t)length };
	if (find_dumps(req, dumps, e) < 0 ||
	    compare_bytes(api_of(req)->db, dumps, &window, ranges, &n, e) < 0)
		return -1;
	return json_reply(reply, HTTP_OK, wire_bytes(ranges, n), e);
}
