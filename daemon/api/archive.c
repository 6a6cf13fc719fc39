/* The archive as a whole: how much there is, and whether it is sound. */
#include "api_impl.h"
#include "audit_due.h"
#include "audit_store.h"
#include "auto.h"
#include "handlers.h"
#include "json.h"
#include "read.h"

/* When everything was read again, how many dumps that were, and how many damaged ranges. */
static cJSON *wire_last(const struct audit_last *last)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_time(o, "time", last->ended_ms) &&
	    json_int(o, "checked", (int64_t)last->checked) &&
	    json_int(o, "damaged", (int64_t)last->damages))
		return TAKE(o);
	return NULL;
}

static cJSON *wire_archive(const struct archive_totals *t, const struct audit_last *last,
			   int64_t next_ms)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();
	const bool any = last->ended_ms >= 0;

	if (o && json_int(o, "dumps", (int64_t)t->dumps) &&
	    json_int(o, "devices", (int64_t)t->devices) &&
	    json_int(o, "bytes_logical", (int64_t)t->bytes_logical) &&
	    json_int(o, "bytes_stored", (int64_t)t->bytes_stored) &&
	    json_int(o, "free_bytes", (int64_t)t->free_bytes) &&
	    json_int(o, "damaged", any ? (int64_t)last->damages : 0) &&
	    json_child_or_null(o, "last_check", any, any ? wire_last(last) : NULL) &&
	    json_time(o, "next_check", next_ms))
		return TAKE(o);
	return NULL;
}

int archive_get(struct request *req, struct reply *reply, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(api_of(req)->db);
	struct archive_totals totals;
	struct audit_last last;
	int64_t next_ms;

	if (archive_totals_get(&tx, &totals, e) < 0 || audit_last(&tx, &last, e) < 0 ||
	    audit_due(&tx, api_of(req)->info.check_every_ms, &next_ms, e) < 0)
		return -1;
	return json_reply(reply, HTTP_OK, wire_archive(&totals, &last, next_ms), e);
}

int archive_check(struct request *req, struct reply *reply, struct err *e)
{
	const struct job_request request = job_request(JOB_CHECK);
	struct job job;
	bool existed;

	if (read_nothing(req, e) < 0 ||
	    rig_submit(api_of(req)->rig, &request, NULL, &job, &existed, e) < 0)
		return -1;
	return jobs_accepted(req, reply, &job, e);
}
