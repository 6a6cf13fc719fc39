#include "dump_store.h"

#include <stdlib.h>

#include "api_impl.h"
#include "auto.h"
#include "dump_fields.h"
#include "dump_query.h"
#include "dump_search.h"
#include "handlers.h"
#include "json.h"
#include "log.h"
#include "paging.h"
#include "params.h"
#include "removal.h"
#include "tell.h"
#include "wire.h"
#include "words.h"

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

/* What the index does not know yet is not found; on a full disk that is better than no answer. */
static void catch_up(struct db *db)
{
	struct err e;

	if (words_catch_up(db, &e) < 0)
		log_warning("archive: new words are not found yet: %s", e.text);
}

/* An index of words that is damaged is made anew: nothing stands in it alone. */
static int load_words(struct db *db, const struct dump_filter *filter, int64_t limit,
		      struct reply *reply, struct err *e)
{
	catch_up(db);
	if (load(db, filter, limit, reply, e) == 0)
		return 0;
	if (e->code != ERR_ARCHIVE_DAMAGED || words_rebuild(db, e) < 0)
		return -1;
	log_warning("archive: the index of words was damaged, and is made anew");
	return load(db, filter, limit, reply, e);
}

static int answer_list(struct db *db, const struct dump_filter *filter, int64_t limit,
		       struct reply *reply, struct err *e)
{
	return filter->q ? load_words(db, filter, limit, reply, e)
			 : load(db, filter, limit, reply, e);
}

int dumps_list(struct request *req, struct reply *reply, struct err *e)
{
	struct dump_query query;
	struct paging paging;
	struct needle needle;
	bool inside;

	if (paging_read(req, &paging, e) < 0 || dump_query_read(req, &query, e) < 0 ||
	    search_read(req, &needle, &inside, e) < 0)
		return -1;
	if (inside && query.filter.best_first)
		return err_set(e, ERR_BAD_INPUT,
			       "query: contains goes from the newest: no sort=best");
	query.filter.before = paging.before;
	return inside ? dump_search_reply(req, &query.filter, &needle, paging.limit, reply, e)
		      : answer_list(api_of(req)->db, &query.filter, paging.limit, reply, e);
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
	int64_t device;

	if (dump_get(&tx, req->args.id, dump, e) < 0)
		return -1;
	device = dump->device;
	if (dump_fields_read(req->body, req->body_len, api->info.json_depth, dump, e) < 0 ||
	    (dump->device != device && dump_move(&tx, dump, e) < 0) ||
	    dump_update(&tx, dump, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

int dumps_patch(struct request *req, struct reply *reply, struct err *e)
{
	struct dump dump;

	if (change(req, &dump, e) < 0)
		return -1;
	tell_dump(api_of(req), dump.id);
	return json_reply(reply, HTTP_OK, wire_dump(&dump), e);
}

static int take_out(struct tx *tx, const struct request *req, struct err *e)
{
	bool force;

	if (param_flag(req, "force", &force, e) < 0)
		return -1;
	return dump_remove(tx, req->args.id, force ? DUMP_FORCE : DUMP_SPARE_LAST, e);
}

int dumps_delete(struct request *req, struct reply *reply, struct err *e)
{
	return removal_run(req, take_out, "dump", reply, e);
}

/* ---- what it would mean to remove one */

static cJSON *wire_removal(uint64_t frees, const struct err *why)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_int(o, "frees", (int64_t)frees) && json_bool(o, "needs_force", why != NULL) &&
	    json_text_or_null(o, "reason", why ? why->text : ""))
		return TAKE(o);
	return NULL;
}

static int look_ahead(struct db *db, int64_t id, struct dump *dump, bool *alone, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);

	return dump_get(&tx, id, dump, e) < 0 ? -1 : dump_alone_has(&tx, dump, alone, e);
}

/* False with the reason in *why. */
static bool may_go(struct db *db, int64_t id, struct dump *dump, struct err *why)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);

	return dump_may_go(&tx, id, DUMP_SPARE_LAST, dump, why) == 0;
}

int dump_removal_get(struct request *req, struct reply *reply, struct err *e)
{
	struct db *db = api_of(req)->db;
	AUTO(auto_free) struct dump *dump = calloc(1, sizeof *dump);
	uint64_t frees = 0;
	bool alone, free_to_go;
	struct err why;

	if (!dump)
		return err_set(e, ERR_MEMORY, "out of memory for a dump's record");
	if (look_ahead(db, req->args.id, dump, &alone, e) < 0 ||
	    (alone && archive_would_free(db, dump->content.id, &frees, e) < 0))
		return -1;
	free_to_go = may_go(db, req->args.id, dump, &why);
	if (!free_to_go && why.code != ERR_CONFLICT) {
		*e = why;
		return -1;
	}
	return json_reply(reply, HTTP_OK, wire_removal(frees, free_to_go ? NULL : &why), e);
}
