#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api_impl.h"
#include "auto.h"
#include "batch_json.h"
#include "batch_report.h"
#include "handlers.h"
#include "job_body.h"
#include "json.h"
#include "paging.h"
#include "read.h"
#include "rig_batch.h"
#include "routes.h"

static int accepted(struct request *req, struct reply *reply, const struct batch *batch,
		    struct err *e)
{
	request_note(req, "batch %" PRId64 ": %s in %zu slots%s", batch->id,
		     job_type_name(batch->request.type), batch->n_slots,
		     batch->hands_free ? ", hands-free" : "");
	reply_header(reply, "Location", API_ROOT "/batches/%" PRId64, batch->id);
	return json_reply(reply, HTTP_ACCEPTED, batch_json(api_of(req)->db, batch), e);
}

static int no_memory(struct err *e)
{
	return err_set(e, ERR_MEMORY, "out of memory for a batch");
}

static int post(const struct request *req, struct batch *batch, struct err *e)
{
	const struct api *api = api_of(req);
	struct job_key key = { .text = NULL };
	bool existed;

	if (jobs_read_key(req, &key.text, e) < 0 ||
	    batch_body_read(req->body, req->body_len, api->info.json_depth, batch, key.fingerprint,
			    e) < 0 ||
	    jobs_check_allowed(req, &batch->request, e) < 0)
		return -1;
	return rig_batch_submit(api->rig, batch, key.text ? &key : NULL, &existed, e);
}

int batches_post(struct request *req, struct reply *reply, struct err *e)
{
	AUTO(auto_free) struct batch *batch = malloc(sizeof *batch);

	if (!batch)
		return no_memory(e);
	return post(req, batch, e) < 0 ? -1 : accepted(req, reply, batch, e);
}

static int load(const struct request *req, struct batch *batch, struct err *e)
{
	return rig_batch_get(api_of(req)->rig, req->args.id, batch, e);
}

int batches_get(struct request *req, struct reply *reply, struct err *e)
{
	AUTO(auto_free) struct batch *batch = malloc(sizeof *batch);

	if (!batch)
		return no_memory(e);
	if (load(req, batch, e) < 0)
		return -1;
	return json_reply(reply, HTTP_OK, batch_json(api_of(req)->db, batch), e);
}

static cJSON *wire_batches(struct db *db, const struct batch *batches, size_t n)
{
	AUTO(auto_json) cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < n; i++)
		if (!array || !json_push(array, batch_json(db, &batches[i])))
			return NULL;
	return TAKE(array);
}

static int load_page(struct db *db, int64_t before, struct batch *batches, struct page *page,
		     struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);

	return batch_list(&tx, before, batches, page, e);
}

int batches_list(struct request *req, struct reply *reply, struct err *e)
{
	struct db *db = api_of(req)->db;
	AUTO(auto_free) struct batch *batches = NULL;
	struct paging paging;
	struct page page;

	if (paging_read(req, &paging, e) < 0)
		return -1;
	page = (struct page){ .max = (size_t)paging.limit };
	batches = calloc(page.max, sizeof *batches);
	if (!batches)
		return no_memory(e);
	if (load_page(db, paging.before, batches, &page, e) < 0)
		return -1;
	return json_reply_list(reply, "batches", wire_batches(db, batches, page.n), page.next, e);
}

/* ---- what can be done with one */

static int cancel(const struct request *req, struct batch *batch, struct err *e)
{
	struct rig *rig = api_of(req)->rig;

	return rig_batch_cancel(rig, req->args.id, e) < 0 ? -1 : load(req, batch, e);
}

static int finish(const struct request *req, struct batch *batch, struct err *e)
{
	struct rig *rig = api_of(req)->rig;

	return rig_batch_finish(rig, req->args.id, e) < 0 ? -1 : load(req, batch, e);
}

static int run_again(const struct request *req, struct batch *batch, struct err *e)
{
	struct rig *rig = api_of(req)->rig;

	if (rig_batch_get(rig, req->args.id, batch, e) < 0 ||
	    jobs_check_allowed(req, &batch->request, e) < 0)
		return -1;
	return rig_batch_again(rig, req->args.id, batch, e);
}

static int act(struct request *req, struct reply *reply,
	       int (*action)(const struct request *, struct batch *, struct err *), struct err *e)
{
	AUTO(auto_free) struct batch *batch = malloc(sizeof *batch);

	if (!batch)
		return no_memory(e);
	if (read_nothing(req, e) < 0 || action(req, batch, e) < 0)
		return -1;
	return accepted(req, reply, batch, e);
}

int batches_cancel(struct request *req, struct reply *reply, struct err *e)
{
	return act(req, reply, cancel, e);
}

int batches_finish(struct request *req, struct reply *reply, struct err *e)
{
	return act(req, reply, finish, e);
}

int batches_run(struct request *req, struct reply *reply, struct err *e)
{
	return act(req, reply, run_again, e);
}

/* ---- report */

static int reply_csv(struct db *db, const struct batch *batch, struct reply *reply, struct err *e)
{
	char *text;

	if (batch_report_csv(db, batch, &text, e) < 0)
		return -1;
	reply_header(reply, "Content-Disposition", "attachment; filename=\"batch-%" PRId64 ".csv\"",
		     batch->id);
	return reply_text(reply, HTTP_OK, "text/csv; charset=utf-8", text, e);
}

static int reply_json(struct db *db, const struct batch *batch, struct reply *reply, struct err *e)
{
	cJSON *report;

	if (batch_report_json(db, batch, &report, e) < 0)
		return -1;
	return json_reply(reply, HTTP_OK, report, e);
}

int batches_report(struct request *req, struct reply *reply, struct err *e)
{
	const char *format = request_query(req, "format");
	const bool csv = format && !strcmp(format, "csv");
	AUTO(auto_free) struct batch *batch = malloc(sizeof *batch);

	if (!batch)
		return no_memory(e);
	if (format && !csv && strcmp(format, "json") != 0)
		return err_set(e, ERR_BAD_INPUT, "query: format: \"csv\" or \"json\" is wanted");
	if (load(req, batch, e) < 0)
		return -1;
	return csv ? reply_csv(api_of(req)->db, batch, reply, e)
		   : reply_json(api_of(req)->db, batch, reply, e);
}
