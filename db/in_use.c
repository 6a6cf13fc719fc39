#include "in_use.h"

#include <stdlib.h>

#include "auto.h"
#include "batch_store.h"
#include "job_store.h"

#define PAGE 8

/* What is to go, and how a request names it. */
struct thing {
	const char *kind;
	int64_t id;
	int (*find_job)(struct tx *tx, int64_t id, int64_t *job, struct err *e);
	int64_t (*named_by)(const struct job_request *request);
};

static int64_t image_of(const struct job_request *request)
{
	return request->image;
}

static int64_t dump_of(const struct job_request *request)
{
	return request->dump;
}

static int check_jobs(struct tx *tx, const struct thing *thing, struct err *e)
{
	int64_t job;

	if (thing->find_job(tx, thing->id, &job, e) < 0)
		return -1;
	if (job == JOB_NONE)
		return 0;
	err_set(e, ERR_CONFLICT, "%s %lld is needed by job %lld, which waits or runs", thing->kind,
		(long long)thing->id, (long long)job);
	return err_hint(e, "Wait for the job to end, or cancel it.");
}

static int check_batch(const struct batch *batch, const struct thing *thing, struct err *e)
{
	if (thing->named_by(&batch->request) != thing->id)
		return 0;
	err_set(e, ERR_CONFLICT, "%s %lld is needed by batch %lld, which is hands-free",
		thing->kind, (long long)thing->id, (long long)batch->id);
	return err_hint(e, "Finish the batch first.");
}

static int check_batches(struct tx *tx, const struct thing *thing, struct err *e)
{
	AUTO(auto_free) struct batch *batches = calloc(PAGE, sizeof *batches);
	int64_t after = 0;
	size_t n;

	if (!batches)
		return err_set(e, ERR_MEMORY, "out of memory for a list of batches");
	do {
		if (batch_list_hands_free(tx, after, batches, PAGE, &n, e) < 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			after = batches[i].id;
			if (check_batch(&batches[i], thing, e) < 0)
				return -1;
		}
	} while (n == PAGE);
	return 0;
}

int in_use_image(struct tx *tx, int64_t id, struct err *e)
{
	const struct thing image = { "image", id, job_find_image_user, image_of };

	return check_jobs(tx, &image, e) < 0 ? -1 : check_batches(tx, &image, e);
}

int in_use_dump(struct tx *tx, int64_t id, struct err *e)
{
	const struct thing dump = { "dump", id, job_find_dump_user, dump_of };

	return check_jobs(tx, &dump, e) < 0 ? -1 : check_batches(tx, &dump, e);
}
