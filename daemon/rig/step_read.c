#include "steps.h"

#include "nor_proof.h"
#include "rig_impl.h"

/* The range of the request, within the chip. */
static int settle_range(struct run *run, struct err *e)
{
	const struct job_request *q = &run->job->request;
	struct job_result *r = &run->job->result;
	const int64_t chip = run->nor.size;
	const int64_t offset = q->offset == JOB_NONE ? 0 : q->offset;
	const int64_t length = q->length == JOB_NONE ? chip - offset : q->length;

	if (offset < 0 || offset >= chip || length <= 0 || length > chip - offset)
		return err_set(e, ERR_UNPROCESSABLE,
			       "offset %lld, length %lld is not inside the chip's %lld bytes",
			       (long long)offset, (long long)length, (long long)chip);
	r->offset = offset;
	r->size = length;
	return 0;
}

int step_read(struct run *run, struct err *e)
{
	struct job_result *r = &run->job->result;

	if (settle_range(run, e) < 0)
		return -1;
	run->ingest = ingest_open(run->slot->rig->db, e);
	if (!run->ingest)
		return -1;
	run_phase(run, "read", "bytes", r->size);
	for (int64_t at = 0; at < r->size; at += RUN_PIECE) {
		const struct nor_range range = {
			.addr = (uint32_t)(r->offset + at),
			.buf = run->piece,
			.len = r->size - at < RUN_PIECE ? (size_t)(r->size - at) : RUN_PIECE,
		};

		run->base = (uint64_t)at;
		if (nor_read_alive(&run->nor, &range, &run->progress, e) < 0 ||
		    ingest_append(run->ingest, range.buf, range.len, e) < 0)
			return -1;
	}
	r->reads = 1;
	return 0;
}
