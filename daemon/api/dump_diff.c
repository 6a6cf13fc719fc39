/* What is different between two dumps. */
#include "diff.h"

#include <stdlib.h>

#include "api_impl.h"
#include "auto.h"
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

static cJSON *wire_ranges(const struct diff *diff)
{
	AUTO(auto_json) cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < diff->n; i++)
		if (!array || !json_push(array, wire_range(&diff->range[i])))
			return NULL;
	return TAKE(array);
}

static cJSON *wire_diff(const struct diff *diff)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_bool(o, "equal", diff->sectors == 0) &&
	    json_int(o, "sector_size", ARCHIVE_BLOCK) &&
	    json_int(o, "differing_sectors", (int64_t)diff->sectors) &&
	    json_int(o, "differing_bytes", (int64_t)diff->bytes) &&
	    json_child(o, "ranges", wire_ranges(diff)) && json_bool(o, "truncated", diff->cut) &&
	    json_child(o, "partitions", cJSON_CreateArray()))
		return TAKE(o);
	return NULL;
}

static int find_contents(const struct request *req, int64_t ids[2], struct err *e)
{
	const int64_t dumps[] = { req->args.id, req->args.other };
	AUTO(auto_free) struct dump *dump = calloc(1, sizeof *dump);
	AUTO(tx_end) struct tx tx = tx_begin_read(api_of(req)->db);

	if (!dump)
		return err_set(e, ERR_MEMORY, "out of memory for a dump's record");
	for (int i = 0; i < 2; i++) {
		if (dump_get(&tx, dumps[i], dump, e) < 0)
			return -1;
		ids[i] = dump->content.id;
	}
	return 0;
}

int dump_diff_get(struct request *req, struct reply *reply, struct err *e)
{
	AUTO(auto_free) struct diff *diff = calloc(1, sizeof *diff);
	int64_t ids[2] = { 0 };

	if (!diff)
		return err_set(e, ERR_MEMORY, "out of memory for a comparison");
	if (find_contents(req, ids, e) < 0 ||
	    content_diff(api_of(req)->db, ids[0], ids[1], diff, e) < 0)
		return -1;
	return json_reply(reply, HTTP_OK, wire_diff(diff), e);
}
