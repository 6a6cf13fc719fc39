#include "steps.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "auto.h"
#include "keep_dump.h"
#include "partial_store.h"
#include "reading.h"
#include "rig_impl.h"

/* The way back: a verified dump in the archive of exactly what is on the chip. */
static int find_equal(struct run *run, int64_t *dump, struct err *e)
{
	uint8_t sha256[HASH_SHA256_LEN];
	AUTO(tx_end) struct tx tx = tx_begin_read(run->slot->rig->db);

	ingest_sum(run->ingest, sha256);
	return dump_find_equal(&tx, run->job->result.jedec_id, sha256, dump, e);
}

/* Whose board it is, by the content that the archive holds already. */
static int find_owner(struct run *run, int64_t dump, struct err *e)
{
	AUTO(auto_free) struct dump *known = calloc(1, sizeof *known);
	AUTO(tx_end) struct tx tx = tx_begin(run->slot->rig->db);

	if (!known)
		return err_set(e, ERR_MEMORY, "no memory for a dump's record");
	if (dump_get(&tx, dump, known, e) < 0 || keep_device(run, &tx, known->content.id, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

static int load_content(struct run *run, int64_t dump, struct content *content, struct err *e)
{
	AUTO(auto_free) struct dump *known = calloc(1, sizeof *known);
	AUTO(tx_end) struct tx tx = tx_begin_read(run->slot->rig->db);

	if (!known)
		return err_set(e, ERR_MEMORY, "no memory for a dump's record");
	if (dump_get(&tx, dump, known, e) < 0)
		return -1;
	*content = known->content;
	return 0;
}

static int read_piece(struct run *run, int64_t content, uint64_t at, size_t len, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(run->slot->rig->db);

	return content_read(&tx, content, at, run->piece, len, e);
}

/* Whether the way back can really be gone: all of it is read, each sector against its hash. */
static int read_back(struct run *run, int64_t dump, struct err *e)
{
	struct content content = { .size = 0 };

	if (load_content(run, dump, &content, e) < 0)
		return -1;
	for (uint64_t at = 0; at < content.size; at += RUN_PIECE) {
		const uint64_t left = content.size - at;

		if (read_piece(run, content.id, at, left < RUN_PIECE ? (size_t)left : RUN_PIECE,
			       e) < 0 ||
		    slot_check_cancel(run->slot, e) < 0)
			return -1;
	}
	return 0;
}

static int use_known(struct run *run, int64_t dump, struct err *e)
{
	if (find_owner(run, dump, e) < 0)
		return -1;
	run->job->result.backup = dump;
	run_log(run, "backup: dump %" PRId64 " is exactly what is on the chip", dump);
	ingest_close(TAKE(run->ingest));
	return 0;
}

static int store(struct run *run, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(run->slot->rig->db);
	int64_t dump;

	if (keep_dump(run, &tx, &dump, e) < 0 || tx_commit(&tx, e) < 0)
		return -1;
	run->job->result.backup = dump;
	return 0;
}

/* A dump that is damaged is made anew, which mends it. */
static int check_known(struct run *run, int64_t *known, struct err *e)
{
	if (*known == JOB_NONE || read_back(run, *known, e) == 0)
		return 0;
	if (e->code != ERR_ARCHIVE_DAMAGED)
		return -1;
	run_log(run, "backup: dump %" PRId64 " would do, but it is damaged: %s", *known, e->text);
	*known = JOB_NONE;
	return 0;
}

static int make(struct run *run, struct err *e)
{
	if (reading_prove(run, e) < 0 || ingest_seal(run->ingest, &run->content, e) < 0 ||
	    store(run, e) < 0)
		return -1;
	ingest_close(TAKE(run->ingest));
	run_log(run, "backup: dump %" PRId64 " is on the disk", run->job->result.backup);
	rig_tell_dump(run->slot->rig, run->job->result.backup);
	if (run->unstables == 0)
		return 0;
	err_set(e, ERR_UNSTABLE_READ,
		"the backup (dump %" PRId64 ") could not be verified; nothing was written",
		run->job->result.backup);
	err_hint(e, "Shorten the wires, check the supply, lower %s, and try again.",
		 run->uart ? "uart_baud" : "spi_hz");
	return err_at(e, (int64_t)run->unstable[0].offset, ERR_NO_OFFSET);
}

int step_backup(struct run *run, struct err *e)
{
	const int64_t mode = run->job->request.backup;
	int64_t known = JOB_NONE;

	if (mode == JOB_BACKUP_NEVER) {
		run_log(run, "backup: none, as the request says");
		return find_device_only(run, e);
	}
	run->from = run->flash->start;
	run->len = run->flash->size - run->flash->start;
	if (reading_first(run, e) < 0)
		return -1;
	if (mode == JOB_BACKUP_AUTO &&
	    (find_equal(run, &known, e) < 0 || check_known(run, &known, e) < 0))
		return -1;
	return known != JOB_NONE ? use_known(run, known, e) : make(run, e);
}

/* A dump of another board that was once exactly what this one held, and so its backup. */
static int is_way_back(struct run *run, bool *way_back, struct err *e)
{
	const struct job *job = run->job;
	AUTO(tx_end) struct tx tx = tx_begin_read(run->slot->rig->db);

	*way_back = false;
	return job->result.device == JOB_NONE
		       ? 0
		       : job_was_backup(&tx, job->request.dump, job->result.device, way_back, e);
}

/* What is resumed is the work on one board, not on whatever sits in the slot by now. */
static int check_resumed(struct run *run, struct err *e)
{
	struct partial old;
	AUTO(tx_end) struct tx tx = tx_begin_read(run->slot->rig->db);

	if (partial_of_job(&tx, run->job->resumes, &old, e) < 0)
		return -1;
	if (old.job < 0 || old.device == run->job->result.device)
		return 0;
	err_set(e, ERR_CHIP_MISMATCH,
		"job %" PRId64 " was writing to device %" PRId64
		", and the board in slot %s is another one",
		old.job, old.device, run->slot->set.name);
	return err_hint(e, "Nothing was written. Put the right board in, or start the same write "
			   "for this one.");
}

/* A dump goes back to the board it came from, or whose backup it was, unless the request says otherwise. */
int step_own_board(struct run *run, struct err *e)
{
	const int64_t device = run->job->result.device;
	bool way_back;

	if (run->job->resumes > 0 && check_resumed(run, e) < 0)
		return -1;
	if (run->job->request.type != JOB_RESTORE || run->job->request.other_device == 1 ||
	    (device != JOB_NONE && device == run->origin_device))
		return 0;
	if (is_way_back(run, &way_back, e) < 0)
		return -1;
	if (way_back)
		return 0;
	if (device == JOB_NONE)
		err_set(e, ERR_CHIP_MISMATCH, "it cannot be told whose board this is");
	else
		err_set(e, ERR_CHIP_MISMATCH,
			"the board in slot %s is device %" PRId64
			", the dump is of device %" PRId64,
			run->slot->set.name, device, run->origin_device);
	return err_hint(e, "Nothing was written. Put the right board in, or say "
			   "\"other_device\": true; a dump holds keys and calibration of its own "
			   "board.");
}
