#include "dump_search.h"

#include <inttypes.h>
#include <stdlib.h>

#include "api_impl.h"
#include "auto.h"
#include "handlers.h"
#include "json.h"
#include "log.h"
#include "wire.h"
#include "words.h"

#define SHOWN 16   /* addresses with each dump */
#define LOOK  32   /* dumps that are listed at a time */
#define WORK  4096 /* blocks read in one request: 16 MiB; a dump counts for some too */
#define MAP   4    /* what it costs to look at a dump of which all is known */

struct hunt {
	struct api *api;
	struct finder *finder;
	struct dump_filter *filter;
	cJSON *array;
	int64_t limit, n; /* dumps to find, and found */
	int64_t next;
	uint64_t work;
};

static cJSON *wire_addresses(const struct found *found)
{
	AUTO(auto_json) cJSON *all = cJSON_CreateArray();

	for (size_t i = 0; i < found->n; i++)
		if (!all || !json_push(all, cJSON_CreateNumber((double)found->at[i])))
			return NULL;
	return TAKE(all);
}

static cJSON *wire_found(const struct dump *dump, const struct found *found)
{
	AUTO(auto_json) cJSON *o = wire_dump(dump);

	if (o && json_child(o, "found", wire_addresses(found)) &&
	    json_bool(o, "found_more", found->more))
		return TAKE(o);
	return NULL;
}

static int look_inside(struct hunt *h, const struct dump *dump, struct err *e)
{
	const uint64_t before = finder_reads(h->finder);
	uint64_t at[SHOWN];
	struct found found = { .max = SHOWN, .at = at };

	if (finder_look(h->finder, dump->content.id, 0, &found, e) < 0)
		return -1;
	if (found.unreadable)
		log_warning("search: %" PRIu64 " sectors of dump %" PRId64 " cannot be read",
			    found.unreadable, dump->id);
	h->work += finder_reads(h->finder) - before + MAP;
	if (found.n == 0)
		return 0;
	h->n++;
	return json_push(h->array, wire_found(dump, &found))
		       ? 0
		       : err_set(e, ERR_MEMORY, "out of memory for a list of dumps");
}

static int list(struct hunt *h, struct dump *dumps, struct page *page, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(h->api->db);

	return dump_list(&tx, h->filter, dumps, page, e);
}

static bool is_over(const struct hunt *h)
{
	return h->n >= h->limit || h->work >= WORK;
}

/* The next dumps; *more is false when the list, or this request, is at its end. */
static int look_at_some(struct hunt *h, struct dump *dumps, bool *more, struct err *e)
{
	struct page page = { .max = LOOK };
	size_t i = 0;

	if (list(h, dumps, &page, e) < 0)
		return -1;
	while (i < page.n && !is_over(h))
		if (look_inside(h, &dumps[i++], e) < 0)
			return -1;
	h->next = i < page.n ? dumps[i - 1].id : page.next;
	h->filter->before = h->next;
	*more = h->next >= 0 && !is_over(h);
	return 0;
}

static int hunt(struct hunt *h, struct err *e)
{
	AUTO(auto_free) struct dump *dumps = calloc(LOOK, sizeof *dumps);

	if (!dumps)
		return err_set(e, ERR_MEMORY, "out of memory for a list of dumps");
	for (bool more = true; more;)
		if (look_at_some(h, dumps, &more, e) < 0)
			return -1;
	return 0;
}

int dump_search_reply(const struct request *req, struct dump_filter *filter,
		      const struct needle *needle, int64_t limit, struct reply *reply,
		      struct err *e)
{
	struct api *api = api_of(req);
	AUTO(auto_json) cJSON *array = cJSON_CreateArray();
	struct hunt h = { .api = api, .filter = filter, .array = array, .limit = limit };
	int result;

	if (!array)
		return err_set(e, ERR_MEMORY, "out of memory for a list of dumps");
	if (filter->q && words_catch_up(api->db, e) < 0)
		return -1;
	h.finder = search_take(&api->search, api->db, needle, e);
	if (!h.finder)
		return -1;
	result = hunt(&h, e);
	search_give(&api->search, h.finder);
	return result < 0 ? -1 : json_reply_list(reply, "dumps", TAKE(array), h.next, e);
}

/* ---- one dump */

#define PLACES 256 /* addresses on a page */

static int find_content(const struct request *req, int64_t *content, struct err *e)
{
	AUTO(auto_free) struct dump *dump = calloc(1, sizeof *dump);
	AUTO(tx_end) struct tx tx = tx_begin_read(api_of(req)->db);

	if (!dump)
		return err_set(e, ERR_MEMORY, "out of memory for a dump's record");
	if (dump_get(&tx, req->args.id, dump, e) < 0)
		return -1;
	*content = dump->content.id;
	return 0;
}

static int look(struct api *api, const struct needle *needle, int64_t content, uint64_t from,
		struct found *found, struct err *e)
{
	struct finder *finder = search_take(&api->search, api->db, needle, e);
	int result;

	if (!finder)
		return -1;
	result = finder_look(finder, content, from, found, e);
	search_give(&api->search, finder);
	return result;
}

int dump_find_get(struct request *req, struct reply *reply, struct err *e)
{
	uint64_t at[PLACES];
	struct found found = { .max = PLACES, .at = at };
	struct needle needle;
	int64_t content = -1, after = -1;
	bool given;

	if (search_read(req, &needle, &given, e) < 0 ||
	    request_query_int(req, "after", 0, INT64_MAX - 1, &after, e) < 0)
		return -1;
	if (!given)
		return err_set(e, ERR_BAD_INPUT, "contains: missing");
	if (find_content(req, &content, e) < 0 ||
	    look(api_of(req), &needle, content, (uint64_t)(after + 1), &found, e) < 0)
		return -1;
	return json_reply_list(reply, "found", wire_addresses(&found),
			       found.more ? (int64_t)at[found.n - 1] : -1, e);
}
