#include "run_end.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "boot_log_store.h"
#include "device_merge.h"
#include "device_store.h"
#include "keep_dump.h"
#include "log.h"
#include "rig_impl.h"

static enum job_state end_state(const struct job *job)
{
	if (!job->has_error)
		return JOB_DONE;
	switch ((int)job->error.code) {
	case ERR_CANCELLED: return JOB_CANCELLED;
	case ERR_INTERRUPTED: return JOB_INTERRUPTED;
	}
	return JOB_FAILED;
}

static void set_error(struct run *run, const struct err *e)
{
	run->job->has_error = true;
	run->job->error = *e;
}

/* A dump whose sectors would not settle is kept, but the job that made it failed. */
static void judge_unstable(struct run *run)
{
	const struct dump_range *first = &run->unstable[0];
	struct err e;
	uint64_t bytes = 0;

	if (run->unstables == 0)
		return;
	for (size_t i = 0; i < run->unstables; i++)
		bytes += run->unstable[i].length;
	err_set(&e, ERR_UNSTABLE_READ,
		"verify: %" PRIu64 " bytes in %zu ranges read differently each time, first at "
		"0x%" PRIx64,
		bytes, run->unstables, first->offset);
	err_hint(&e,
		 "The dump is kept but not verified. Shorten the wires, check the supply, lower "
		 "%s, and make the backup again.",
		 run->uart ? "uart_baud" : "spi_hz");
	err_at(&e, (int64_t)first->offset, (int64_t)(bytes / ARCHIVE_BLOCK));
	set_error(run, &e);
}

/* What was written is proven: whatever was half-done within it is so no more. */
static int end_partial(struct run *run, struct tx *tx, struct err *e)
{
	if (partial_end(tx, run->job->id, e) < 0)
		return -1;
	for (size_t i = 0; i < run->wanted.spans; i++)
		if (partial_clear(tx, run->job->result.device, run->wanted.span[i].addr,
				  run->wanted.span[i].len, e) < 0)
			return -1;
	return 0;
}

/* What the job brought into the archive, as part of tx. */
static int store_result(struct run *run, struct tx *tx, struct err *e)
{
	struct job_result *r = &run->job->result;

	if (device_now(tx, &r->device, e) < 0)
		return -1;
	if (run->changed && !run->job->has_error && r->device != JOB_NONE)
		return end_partial(run, tx, e);
	if (run->sealed)
		return keep_dump(run, tx, &r->dump, e);
	return r->device == JOB_NONE ? keep_device(run, tx, JOB_NONE, e) : 0;
}

static int store_boot_log(struct run *run, struct tx *tx, struct err *e)
{
	return run->boot_text ? boot_log_put(tx, run->job->id, run->boot_text, e) : 0;
}

static int store_end(struct run *run, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(run->slot->rig->db);

	if (store_result(run, &tx, e) < 0 || store_boot_log(run, &tx, e) < 0 ||
	    job_move(&tx, run->job, end_state(run->job), e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

/* The dump could not be stored: the job failed for that reason, whatever came before. */
static void give_up_dump(struct run *run, struct err *e)
{
	if (!run->job->has_error || run->sealed) {
		err_prefix(e, "archive: ");
		set_error(run, e);
	}
	if (run->sealed)
		run->job->result.dump = run->job->result.device = JOB_NONE;
	run->sealed = false;
	run->has_nor = false;
	run->job->state = JOB_RUNNING;
	ingest_close(TAKE(run->ingest)); /* makes room for the record of the failure */
}

static void store_until_done(struct run *run)
{
	struct err e, stop;

	if (store_end(run, &e) == 0)
		return;
	give_up_dump(run, &e);
	while (store_end(run, &e) < 0) {
		log_error("job %" PRId64 ": its end cannot be stored: %s", run->job->id, e.text);
		run->job->state = JOB_RUNNING;
		run_phase(run, "waiting for the archive", "", JOB_NONE);
		clock_sleep_ns(clock_real(), RUN_RETRY_NS);
		if (slot_check_cancel(run->slot, &stop) < 0 && stop.code == ERR_INTERRUPTED)
			return;
	}
}

static void log_end(struct run *run)
{
	const struct job *job = run->job;

	if (job->has_error)
		run_log(run, "%s: %s: %s%s%s", job_state_name(end_state(job)),
			err_name(job->error.code), job->error.text, *job->error.hint ? " " : "",
			job->error.hint);
	else if (!slot_is_house(run->slot))
		run_log(run,
			"done: %" PRId64 " transactions, %" PRId64 " bytes, %" PRId64
			" ms on the wire",
			job->result.wire_transactions, job->result.wire_bytes, job->result.wire_ms);
}

/* What the slot shows of it from now on. */
static void note_seen(struct run *run)
{
	const struct job *job = run->job;

	run->seen.has_error = job->has_error;
	run->seen.error = job->error;
	if (job->result.device != JOB_NONE)
		run->seen.device = job->result.device;
	if (job->has_error && !run->has_nor)
		run->seen.has_chip = false;
}

void run_end(struct run *run, int result, const struct err *e)
{
	struct rig *rig = run->slot->rig;
	struct job *job = run->job;
	char place[JOB_SLOT + 8] = "archive";

	if (!slot_is_house(run->slot))
		snprintf(place, sizeof place, "slot %s", run->slot->set.name);
	if (result < 0)
		set_error(run, e);
	else
		judge_unstable(run);
	log_end(run);
	if (!run->sealed) /* whoever sees the end finds the room that it gives back */
		ingest_close(TAKE(run->ingest));
	store_until_done(run);
	note_seen(run);
	watch_job_ended(run->slot, job);
	slot_release(run->slot, &run->seen);
	job->phase[0] = '\0';
	if (job->result.dump != JOB_NONE)
		rig_tell_dump(rig, job->result.dump);
	rig_tell_moved(rig, job);
	rig_tell_slot(rig, run->slot->set.name);
	if (job->has_error)
		log_warning("%s: job %" PRId64 ": %s", place, job->id, job->error.text);
	else
		log_info("%s: job %" PRId64 " done", place, job->id);
}
