#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api_impl.h"
#include "auto.h"
#include "handlers.h"
#include "job_body.h"
#include "job_json.h"
#include "json.h"
#include "paging.h"
#include "read.h"
#include "routes.h"

int jobs_accepted(struct request *req, struct reply *reply, const struct job *job, struct err *e)
{
	request_note(req, "job %" PRId64 ": %s%s%s", job->id, job_type_name(job->request.type),
		     job->request.slot[0] ? " in slot " : "", job->request.slot);
	reply_header(reply, "Location", API_ROOT "/jobs/%" PRId64, job->id);
	return json_reply(reply, HTTP_ACCEPTED, job_json(api_of(req)->db, job), e);
}

int jobs_read_key(const struct request *req, const char **key, struct err *e)
{
	const char *text = request_header(req, "Idempotency-Key");
	const size_t len = text ? strlen(text) : 0;

	for (size_t i = 0; i < len; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return err_set(e, ERR_BAD_INPUT,
				       "Idempotency-Key: only printable ASCII is taken");
	if (text && (len == 0 || len >= JOB_KEY))
		return err_set(e, ERR_BAD_INPUT, "Idempotency-Key: 1 to %d bytes are taken",
			       JOB_KEY - 1);
	*key = text;
	return 0;
}

int jobs_check_allowed(const struct request *req, const struct job_request *request, struct err *e)
{
	return request->force > 0 ? door_need(req, SCOPE_ADMIN, "force", e) : 0;
}

int jobs_post(struct request *req, struct reply *reply, struct err *e)
{
	const struct api *api = api_of(req);
	struct job_request request;
	struct job_key key = { .text = NULL };
	struct job job;
	bool existed;

	if (jobs_read_key(req, &key.text, e) < 0 ||
	    job_body_read(req->body, req->body_len, api->info.json_depth, &request, key.fingerprint,
			  e) < 0 ||
	    jobs_check_allowed(req, &request, e) < 0 ||
	    rig_submit(api->rig, &request, key.text ? &key : NULL, &job, &existed, e) < 0)
		return -1;
	return jobs_accepted(req, reply, &job, e);
}

static int read_names(const struct request *req, struct job_filter *filter, struct err *e)
{
	const char *state = request_query(req, "state"), *type = request_query(req, "type");

	filter->slot = request_query(req, "slot");
	filter->has_state = state != NULL;
	filter->has_type = type != NULL;
	if (state && job_state_parse(state, &filter->state) < 0)
		return err_set(e, ERR_BAD_INPUT, "query: state: no job is ever \"%.40s\"", state);
	if (type && job_type_parse(type, &filter->type) < 0)
		return err_set(e, ERR_BAD_INPUT, "query: type: there is no job of type \"%.40s\"",
			       type);
	return 0;
}

static cJSON *wire_jobs(struct db *db, const struct job *jobs, size_t n)
{
	AUTO(auto_json) cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < n; i++)
		if (!array || !json_push(array, job_json(db, &jobs[i])))
			return NULL;
	return TAKE(array);
}

int jobs_list(struct request *req, struct reply *reply, struct err *e)
{
	struct job_filter filter = { .batch = JOB_NONE };
	AUTO(auto_free) struct job *jobs = NULL;
	struct paging paging;
	struct page page;

	if (paging_read(req, &paging, e) < 0 || read_names(req, &filter, e) < 0 ||
	    request_query_int(req, "batch", 1, INT64_MAX, &filter.batch, e) < 0)
		return -1;
	filter.before = paging.before;
	page = (struct page){ .max = (size_t)paging.limit };
	jobs = calloc(page.max, sizeof *jobs);
	if (!jobs)
		return err_set(e, ERR_MEMORY, "out of memory for a list of jobs");
	if (rig_job_list(api_of(req)->rig, &filter, jobs, &page, e) < 0)
		return -1;
	return json_reply_list(reply, "jobs", wire_jobs(api_of(req)->db, jobs, page.n), page.next,
			       e);
}

int jobs_get(struct request *req, struct reply *reply, struct err *e)
{
	struct job job;

	if (rig_job_get(api_of(req)->rig, req->args.id, &job, e) < 0)
		return -1;
	return json_reply(reply, HTTP_OK, job_json(api_of(req)->db, &job), e);
}

int jobs_cancel(struct request *req, struct reply *reply, struct err *e)
{
	struct rig *rig = api_of(req)->rig;
	struct job job;

	if (read_nothing(req, e) < 0 || rig_job_cancel(rig, req->args.id, e) < 0 ||
	    rig_job_get(rig, req->args.id, &job, e) < 0)
		return -1;
	return jobs_accepted(req, reply, &job, e);
}

/* Who may not ask with force may not repeat it either. */
static int check_resume(const struct request *req, struct err *e)
{
	struct job job;

	if (rig_job_get(api_of(req)->rig, req->args.id, &job, e) < 0)
		return -1;
	return jobs_check_allowed(req, &job.request, e);
}

int jobs_resume(struct request *req, struct reply *reply, struct err *e)
{
	struct job job;

	if (read_nothing(req, e) < 0 || check_resume(req, e) < 0 ||
	    rig_job_resume(api_of(req)->rig, req->args.id, &job, e) < 0)
		return -1;
	return jobs_accepted(req, reply, &job, e);
}

int jobs_log(struct request *req, struct reply *reply, struct err *e)
{
	char *text;

	if (rig_job_log(api_of(req)->rig, req->args.id, &text, e) < 0)
		return -1;
	return reply_text(reply, HTTP_OK, "text/plain; charset=utf-8", text, e);
}

int jobs_bootlog(struct request *req, struct reply *reply, struct err *e)
{
	char *text;

	if (rig_job_boot_log(api_of(req)->rig, req->args.id, &text, e) < 0)
		return -1;
	return reply_text(reply, HTTP_OK, "text/plain; charset=utf-8", text, e);
}
