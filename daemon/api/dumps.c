#include "dump_store.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "api_impl.h"
#include "auto.h"
#include "dump_fields.h"
#include "handlers.h"
#include "json.h"
#include "paging.h"
#include "wire.h"

/* A parameter of hex digits, in the case in which they are stored; out is "" when it was not given. */
static int read_hex(const struct request *req, const char *name, size_t max, int (*to_case)(int c),
		    char *out)
{
	const char *text = request_query(req, name);
	const size_t len = text ? strlen(text) : 0;

	if (len > max || (text && len == 0) ||
	    strspn(text ? text : "", "0123456789abcdefABCDEF") != len)
		return -1;
	for (size_t i = 0; i < len; i++)
		out[i] = (char)to_case((unsigned char)text[i]);
	out[len] = '\0';
	return 0;
}

struct hex_filters {
	char jedec_id[7], sha256[HASH_SHA256_TEXT];
};

static int read_filter(const struct request *req, struct dump_filter *filter,
		       struct hex_filters *hex, struct err *e)
{
	if (read_hex(req, "jedec_id", 6, toupper, hex->jedec_id) < 0 ||
	    (hex->jedec_id[0] && strlen(hex->jedec_id) != 6))
		return err_set(e, ERR_BAD_INPUT, "query: jedec_id has six hex digits");
	if (read_hex(req, "sha256", 64, tolower, hex->sha256) < 0)
		return err_set(e, ERR_BAD_INPUT, "query: sha256 has up to 64 hex digits");
	filter->device = -1;
	filter->jedec_id = hex->jedec_id[0] ? hex->jedec_id : NULL;
	filter->sha256 = hex->sha256[0] ? hex->sha256 : NULL;
	filter->q = request_query(req, "q");
	return request_query_int(req, "device", 1, INT64_MAX, &filter->device, e);
}

static cJSON *wire_dumps(const struct dump *dumps, size_t n)
{
	AUTO(auto_json) cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < n; i++)
		if (!array || !json_push(array, wire_dump(&dumps[i])))
			return NULL;
	return TAKE(array);
}

static int load(struct db *db, const struct dump_filter *filter, int64_t limit, struct reply *reply,
		struct err *e)
{
	AUTO(auto_free) struct dump *dumps = calloc((size_t)limit, sizeof *dumps);
	AUTO(tx_end) struct tx tx = tx_begin_read(db);
	struct page page = { .max = (size_t)limit };

	if (!dumps)
		return err_set(e, ERR_MEMORY, "out of memory for a list of dumps");
	if (dump_list(&tx, filter, dumps, &page, e) < 0)
		return -1;
	return json_reply_list(reply, "dumps", wire_dumps(dumps, page.n), page.next, e);
}

int dumps_list(struct request *req, struct reply *reply, struct err *e)
{
	struct dump_filter filter;
	struct hex_filters hex;
	struct paging paging;

	if (paging_read(req, &paging, e) < 0 || read_filter(req, &filter, &hex, e) < 0)
		return -1;
	filter.before = paging.before;
	return load(api_of(req)->db, &filter, paging.limit, reply, e);
}

int dumps_get(struct request *req, struct reply *reply, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(api_of(req)->db);
	struct dump dump;

	if (dump_get(&tx, req->args.id, &dump, e) < 0)
		return -1;
	return json_reply(reply, HTTP_OK, wire_dump(&dump), e);
}

static int change(const struct request *req, struct dump *dump, struct err *e)
{
	const struct api *api = api_of(req);
	AUTO(tx_end) struct tx tx = tx_begin(api->db);

	if (dump_get(&tx, req->args.id, dump, e) < 0 ||
	    dump_fields_read(req->body, req->body_len, api->info.json_depth, dump, e) < 0 ||
	    dump_update(&tx, dump, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

int dumps_patch(struct request *req, struct reply *reply, struct err *e)
{
	struct dump dump;

	if (change(req, &dump, e) < 0)
		return -1;
	api_publish_dump(api_of(req), &dump);
	return json_reply(reply, HTTP_OK, wire_dump(&dump), e);
}
