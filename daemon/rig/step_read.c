#include "steps.h"

#include "reading.h"

/* The range of the request, within the chip. */
static int settle_range(struct run *run, struct err *e)
{
	const struct job_request *q = &run->job->request;
	struct job_result *r = &run->job->result;
	const int64_t chip = run->flash->size, start = run->flash->start;
	const int64_t offset = q->offset == JOB_NONE ? start : q->offset;
	const int64_t length = q->length == JOB_NONE ? chip - offset : q->length;

	if (offset < 0 || offset >= chip || length <= 0 || length > chip - offset)
		return err_set(e, ERR_UNPROCESSABLE,
			       "offset %lld, length %lld is not inside the chip's %lld bytes",
			       (long long)offset, (long long)length, (long long)chip);
	if (offset < start) {
		err_set(e, ERR_PROTECTED,
			"the first 0x%llx bytes are the loader's, which hides them on this board",
			(long long)start);
		return err_hint(e, "Begin at 0x%llx, or read by SPI.", (long long)start);
	}
	r->offset = run->from = offset;
	r->size = run->len = length;
	return 0;
}

int step_read(struct run *run, struct err *e)
{
	if (settle_range(run, e) < 0)
		return -1;
	return reading_first(run, e);
}

int step_verify(struct run *run, struct err *e)
{
	if (reading_prove(run, e) < 0)
		return -1;
	run->job->result.verified = run->unstables == 0;
	return 0;
}
