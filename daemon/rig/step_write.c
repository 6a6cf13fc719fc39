#include "steps.h"

#include <inttypes.h>
#include <stdlib.h>

#include "auto.h"
#include "partial_store.h"
#include "rig_impl.h"
#include "slot_log.h"

/* Bytes that an erase takes along come from dumps of whole chips only. */
static int64_t way_back(const struct run *run)
{
	return run->flash->start == 0 ? run->job->result.backup : JOB_NONE;
}

/* What the write may change: its span, and what an erase takes along at either end. */
static int mark_span(struct run *run, struct tx *tx, const struct wanted_span *span, struct err *e)
{
	const uint64_t cell = run->flash->cell, end = (uint64_t)span->addr + span->len;
	const uint64_t start = span->addr / cell * cell;
	const struct partial mark = { .device = run->job->result.device,
				      .job = run->job->id,
				      .start = start,
				      .length = (end + cell - 1) / cell * cell - start,
				      .backup = way_back(run),
				      .since_ms = clock_wall_ms() };

	return partial_add(tx, &mark, e);
}

/*
 * On the disk before the first write enable: whoever finds the board knows that it is half done,
 * and which dump to go back to.
 */
static int mark_partial(struct run *run, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(run->slot->rig->db);

	for (size_t i = 0; run->job->result.device != JOB_NONE && i < run->wanted.spans; i++)
		if (mark_span(run, &tx, &run->wanted.span[i], e) < 0)
			return -1;
	return job_save(&tx, run->job, e) < 0 ? -1 : tx_commit(&tx, e);
}

static void add_up(struct run *run, const struct nor_written *w)
{
	struct job_result *r = &run->job->result;

	r->erased += (int64_t)w->erased;
	r->programmed += (int64_t)w->programmed;
	r->skipped += (int64_t)w->skipped;
	run->repaired = run->repaired || w->repairs > 0;
	run_log(run,
		"write: %" PRIu64 " bytes erased in %" PRIu64 " erases, %" PRIu64
		" programmed in %" PRIu64 ", %" PRIu64 " were right already, %" PRIu64 " repairs%s",
		w->erased, w->erases, w->programmed, w->programs, w->skipped, w->repairs,
		w->unprotected ? "; protection was cleared and put back" : "");
}

/* What a backup holds, at the addresses it came from. */
static struct wanted as_before(const struct run *run, int64_t content)
{
	return (struct wanted){ .base.read = wanted_read,
				.db = run->slot->rig->db,
				.content = content,
				.around = -1,
				.start = run->flash->start,
				.len = run->flash->size - run->flash->start,
				.content_len = run->flash->size - run->flash->start };
}

static int backup_content(struct run *run, int64_t *content, struct err *e)
{
	AUTO(auto_free) struct dump *dump = calloc(1, sizeof *dump);
	AUTO(tx_end) struct tx tx = tx_begin_read(run->slot->rig->db);

	if (!dump)
		return err_set(e, ERR_MEMORY, "no memory for a dump's record");
	if (dump_get(&tx, run->job->result.backup, dump, e) < 0)
		return -1;
	*content = dump->content.id;
	return 0;
}

static int write_span(struct run *run, const struct wanted_span *span, struct nor_source *seen,
		      struct err *e)
{
	struct nor_written written = { 0 };
	const struct nor_image image = { .source = &run->wanted.base,
					 .addr = span->addr,
					 .len = span->len };
	const struct nor_write_options options = { .unprotect = true,
						   .force = run->job->request.force == 1,
						   .seen = seen,
						   .progress = &run->progress,
						   .written = &written };
	int result;

	run_log(run, "write: 0x%x to 0x%x", span->addr, span->addr + span->len - 1);
	result = board_flash_write(run->flash, &image, &options, e);
	add_up(run, &written);
	return result;
}

/* ---- what an earlier write has lost at the ends of its range */

static int dump_content(struct tx *tx, int64_t id, int64_t *content, struct err *e)
{
	AUTO(auto_free) struct dump *dump = calloc(1, sizeof *dump);

	if (!dump)
		return err_set(e, ERR_MEMORY, "no memory for a dump's record");
	if (dump_get(tx, id, dump, e) < 0)
		return -1;
	if (!dump->complete)
		return err_set(e, ERR_CONFLICT, "dump %" PRId64 " is not of a whole chip", id);
	*content = dump->content.id;
	return 0;
}

static bool lies_in(const struct partial *mark, const struct wanted_span *span)
{
	return mark->start >= span->addr &&
	       mark->start + mark->length <= (uint64_t)span->addr + span->len;
}

static struct wanted_span to_cells(const struct wanted_span *span, uint32_t cell)
{
	const uint32_t start = span->addr / cell * cell;
	const uint64_t end = ((uint64_t)span->addr + span->len + cell - 1) / cell * cell;

	return (struct wanted_span){ start, (uint32_t)(end - start) };
}

/* The oldest mark that this span proves only together with the rest of its cells. */
static const struct partial *find_mark(const struct wanted_span *span, uint32_t cell,
				       const struct partial *marks, size_t n)
{
	const struct wanted_span wide = to_cells(span, cell);

	for (size_t i = 0; i < n; i++)
		if (marks[i].backup >= 0 && lies_in(&marks[i], &wide) && !lies_in(&marks[i], span))
			return &marks[i];
	return NULL;
}

static int mend_span(struct run *run, struct tx *tx, size_t i, uint32_t cell,
		     const struct partial *mark, struct err *e)
{
	const struct wanted_span wide = to_cells(&run->wanted.span[i], cell);
	int64_t content = JOB_NONE;

	if (dump_content(tx, mark->backup, &content, e) < 0)
		return err_prefix(e, "what was there before: ");
	if (run->wanted.around >= 0 && run->wanted.around != content)
		return 0; /* two ways back: what this one does not mend stays marked */
	run_log(run,
		"write: 0x%x to 0x%x as a whole: what the write of job %" PRId64
		" may have lost at its ends comes from dump %" PRId64,
		wide.addr, wide.addr + wide.len - 1, mark->job, mark->backup);
	wanted_widen(&run->wanted, i, wide, content);
	return 0;
}

/*
 * A write that ended between an erase and its programs has lost bytes that were not its own: those
 * that share an erase cell with its ends. A later backup does not have them; the one of that write
 * has.
 */
static int mend_ends(struct run *run, struct err *e)
{
	AUTO(auto_free) struct partial *marks = calloc(PARTIAL_MARKS, sizeof *marks);
	AUTO(tx_end) struct tx tx = tx_begin_read(run->slot->rig->db);
	size_t n = 0;

	if (!marks)
		return err_set(e, ERR_MEMORY, "no memory for a device's marks");
	if (run->job->result.device == JOB_NONE)
		return 0;
	if (partial_list(&tx, run->job->result.device, marks, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < run->wanted.spans; i++) {
		const struct partial *mark =
			find_mark(&run->wanted.span[i], run->flash->cell, marks, n);

		if (mark && mend_span(run, &tx, i, run->flash->cell, mark, e) < 0)
			return -1;
	}
	return 0;
}

int step_write(struct run *run, struct err *e)
{
	struct job_result *r = &run->job->result;
	struct wanted before;
	int64_t content = JOB_NONE;

	if (mend_ends(run, e) < 0 || mark_partial(run, e) < 0)
		return -1;
	if (r->backup != JOB_NONE && backup_content(run, &content, e) < 0)
		return -1;
	before = as_before(run, content);
	run->changed = true;
	r->erased = r->programmed = r->skipped = 0;
	for (size_t i = 0; i < run->wanted.spans; i++) {
		run_phase(run, "write", "bytes", JOB_NONE);
		if (write_span(run, &run->wanted.span[i],
			       r->backup != JOB_NONE ? &before.base : NULL, e) < 0)
			return -1;
	}
	return 0;
}

static int compare(struct run *run, const struct nor_image *image, struct err *e)
{
	struct nor_difference d;

	if (board_flash_compare(run->flash, image, &run->progress, &d, e) < 0)
		return -1;
	if (d.sectors == 0)
		return 0;
	err_set(e, ERR_VERIFY_FAILED, "%zu sectors differ, first at 0x%x", d.sectors, d.first);
	return err_at(e, d.first, (int64_t)d.sectors);
}

int step_prove(struct run *run, struct err *e)
{
	struct job_result *r = &run->job->result;
	struct wanted_span span;
	struct wanted before;
	int64_t content = JOB_NONE;

	r->verified = 1; /* nor_write() has read back all that it was to write */
	if (r->backup == JOB_NONE)
		return 0;
	if (backup_content(run, &content, e) < 0)
		return -1;
	before = as_before(run, content);
	for (size_t i = 0; wanted_outside(&run->wanted, run->flash->size, i, &span); i++) {
		const uint32_t end = span.addr + span.len;
		const uint32_t from = span.addr > run->flash->start ? span.addr : run->flash->start;
		const struct nor_image image = { .source = &before.base,
						 .addr = from,
						 .len = end > from ? end - from : 0,
						 .seen = !run->repaired &&
							 !run->spi.nor.mirrored_suspect };

		run_phase(run, "prove", "bytes", JOB_NONE);
		if (compare(run, &image, e) < 0) {
			r->verified = 0;
			return err_prefix(e, "outside of what was written: ");
		}
	}
	run_log(run, "prove: all that was not to be written is as it was");
	return 0;
}

int step_compare(struct run *run, struct err *e)
{
	const struct nor_image image = { .source = &run->wanted.base,
					 .addr = run->wanted.start,
					 .len = run->wanted.len };

	if (compare(run, &image, e) < 0)
		return -1;
	run->job->result.verified = 1;
	return 0;
}

int step_blank(struct run *run, struct err *e)
{
	return board_flash_blank_check(run->flash, run->wanted.start, run->wanted.len,
				       &run->progress, e);
}

/* The board starts what was written. */
int step_leave(struct run *run, struct err *e)
{
	if (run->slot->log && *run->job->request.boot_pattern)
		slot_log_settle(run->slot->log); /* what the old firmware printed is no answer */
	if (run->slot->log)
		run->log_from = slot_log_mark(run->slot->log);
	return board_flash_leave(run->flash, e);
}
