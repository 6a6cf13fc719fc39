/* How a job comes into a queue: what rig.h says of rig_submit() and rig_job_resume(). */
#include "submit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "dump_store.h"
#include "image_store.h"
#include "rig_impl.h"

int place_promise(struct slot *slot, size_t max, struct err *e)
{
	LOCK(&slot->lock);

	if (slot->stopping)
		return err_set(e, ERR_UNAVAILABLE, "the daemon is stopping");
	if (queue_promise(&slot->queue, max, e) < 0)
		return err_prefix(e, "slot %s: ", slot->set.name);
	return 0;
}

void place_unpromise(struct slot *slot)
{
	LOCK(&slot->lock);

	queue_unpromise(&slot->queue);
}

void place_push(struct slot *slot, int64_t id)
{
	LOCK(&slot->lock);

	queue_push(&slot->queue, id);
	pthread_cond_signal(&slot->wake);
}

static int unprocessable(struct err *e, const char *why)
{
	return err_set(e, ERR_UNPROCESSABLE, "%s", why);
}

/* What a request must say to make sense, before anything is known of the chip. */
int request_check(const struct job_request *q, struct err *e)
{
	const bool dump = q->dump > 0, image = q->image > 0;

	if (q->length == 0)
		return unprocessable(e, "length is 0: there is nothing to do");
	if (dump && image)
		return unprocessable(e, "a dump or an image, not both");
	switch ((int)q->type) {
	case JOB_VERIFY:
		return dump || image ? 0
				     : unprocessable(e, "verify against what? give dump or image");
	case JOB_RESTORE: return dump ? 0 : unprocessable(e, "restore what? give a dump");
	case JOB_WRITE:
		if (!dump && !image && q->fill == JOB_NONE)
			return unprocessable(e, "write what? give image, dump or fill");
		break;
	}
	return 0;
}

/* The bytes that a request wants on the chip. */
struct named {
	const char *kind;
	int64_t id, size, offset;
};

static int find_image(struct tx *tx, const struct job_request *q, struct named *named,
		      struct err *e)
{
	AUTO(auto_free) struct image *image = calloc(1, sizeof *image);

	if (!image)
		return err_set(e, ERR_MEMORY, "no memory for a record");
	if (image_get(tx, q->image, image, e) < 0)
		return -1;
	*named = (struct named){ "image", q->image, (int64_t)image->content.size, 0 };
	return 0;
}

static int find_dump(struct tx *tx, const struct job_request *q, struct named *named, struct err *e)
{
	AUTO(auto_free) struct dump *dump = calloc(1, sizeof *dump);

	if (!dump)
		return err_set(e, ERR_MEMORY, "no memory for a record");
	if (dump_get(tx, q->dump, dump, e) < 0)
		return -1;
	*named = (struct named){ "dump", q->dump, (int64_t)dump->content.size,
				 (int64_t)dump->offset };
	return 0;
}

/* As far as the slot knows what chip it has. */
static int check_fit(struct slot *slot, const struct job_request *q, const struct named *named,
		     struct err *e)
{
	const int64_t offset = q->offset != JOB_NONE ? q->offset : named->offset;
	const int64_t length = q->length != JOB_NONE ? q->length : named->size;
	struct slot_info info;

	slot_info(slot, &info);
	if (!info.has_chip ||
	    (offset <= (int64_t)info.chip_size && length <= (int64_t)info.chip_size - offset))
		return 0;
	err_set(e, ERR_UNPROCESSABLE,
		"slot %s: %s %" PRId64 ", %" PRId64 " bytes at 0x%" PRIx64
		", does not fit into the %" PRIu64 " bytes of %s",
		info.name, named->kind, named->id, length, offset, info.chip_size, info.chip);
	return err_hint(e, "Is another board in the slot by now? Identify it first.");
}

/* Whether the slot has the wires that are asked for. */
static int check_ways(struct slot *slot, const struct job_request *q, struct err *e)
{
	struct slot_info info;

	slot_info(slot, &info);
	if ((q->type == JOB_BOOTLOG || *q->boot_pattern) && !info.has_log) {
		err_set(e, ERR_UNPROCESSABLE, "slot %s has no log UART", info.name);
		return err_hint(e, "Wire TX2 of the board to a port and name it with `log`.");
	}
	if (q->transport == JOB_BY_UART ? info.has_uart : info.has_spi || !info.has_uart)
		return 0;
	if (q->transport != JOB_BY_UART) {
		err_set(e, ERR_UNPROCESSABLE, "slot %s has no SPI", info.name);
		return err_hint(e, "Use \"transport\": \"uart\", or give the slot an `spi` in the "
				   "configuration.");
	}
	err_set(e, ERR_UNPROCESSABLE, "slot %s has no UART", info.name);
	return err_hint(e, "Use \"transport\": \"spi\", or give the slot a `uart` in the "
			   "configuration.");
}

void request_choose_wires(struct slot *slot, struct job_request *q)
{
	struct slot_info info;

	slot_info(slot, &info);
	if (q->transport == JOB_NONE && !info.has_spi && info.has_uart)
		q->transport = JOB_BY_UART;
}

int request_check_named(struct tx *tx, struct slot *slot, const struct job_request *q,
			struct err *e)
{
	struct named named;

	if (slot && check_ways(slot, q, e) < 0)
		return -1;
	if (q->dump <= 0 && q->image <= 0)
		return 0;
	if (q->dump > 0 ? find_dump(tx, q, &named, e) < 0 : find_image(tx, q, &named, e) < 0) {
		if (e->code == ERR_NOT_FOUND)
			e->code = ERR_UNPROCESSABLE;
		return -1;
	}
	return slot ? check_fit(slot, q, &named, e) : 0;
}

/*
 * Without commit: only asks whether the key is known. What the request names is looked up where
 * the job is stored, so that it cannot go in between. One check of the archive at a time is enough.
 */
static int add_job(struct slot *slot, struct job *job, const struct job_key *key, bool commit,
		   bool *existed, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(slot->rig->db);

	*existed = false;
	if (job->request.type == JOB_CHECK && job_find_open(&tx, JOB_CHECK, job, existed, e) < 0)
		return -1;
	if (!*existed && job_add(&tx, job, key, existed, e) < 0)
		return -1;
	if (!*existed && request_check_named(&tx, slot, &job->request, e) < 0)
		return -1;
	return commit ? tx_commit(&tx, e) : 0;
}

/* A repeat of a job that is already known is answered even when the queue is full: *e says why
 * not. */
static int repeat(struct slot *slot, struct job *job, const struct job_key *key, bool *existed)
{
	struct err ignored;
	bool known;

	if (!key || add_job(slot, job, key, false, &known, &ignored) < 0 || !known)
		return -1;
	*existed = true;
	return 0;
}

/* With a place promised in the slot's queue: uses it, or gives it back. */
static int store(struct slot *slot, struct job *job, const struct job_key *key, bool *existed,
		 struct err *e)
{
	struct rig *rig = slot->rig;
	bool known;

	if (add_job(slot, job, key, true, &known, e) < 0) {
		place_unpromise(slot);
		return -1;
	}
	*existed = known;
	if (known) {
		place_unpromise(slot);
		slot_fill_live(slot, job);
		return 0;
	}
	rig_tell_moved(rig, job);
	place_push(slot, job->id);
	rig_tell_slot(rig, slot->set.name);
	return 0;
}

/* Checks are for the house, the rest for slots. NULL when there is no such place. */
static struct slot *find_place(struct rig *rig, const struct job_request *q)
{
	const bool archive = q->type == JOB_CHECK;

	return archive == !*q->slot ? rig_find_worker(rig, q->slot) : NULL;
}

/* *job says what is wanted. */
static int submit(struct rig *rig, struct job *job, const struct job_key *key, bool *existed,
		  struct err *e)
{
	struct slot *slot = find_place(rig, &job->request);

	if (!slot)
		return rig_no_such_slot(rig, job->request.slot, ERR_UNPROCESSABLE, e);
	request_choose_wires(slot, &job->request);
	if (request_check(&job->request, e) < 0)
		return -1;
	if (place_promise(slot, rig->limits.queued, e) < 0)
		return repeat(slot, job, key, existed);
	return store(slot, job, key, existed, e);
}

int rig_submit(struct rig *rig, const struct job_request *request, const struct job_key *key,
	       struct job *job, bool *existed, struct err *e)
{
	*job = (struct job){ .request = *request, .batch = JOB_NONE };
	return submit(rig, job, key, existed, e);
}

/* ---- once more */

static bool is_change(enum job_type type)
{
	return type == JOB_WRITE || type == JOB_RESTORE || type == JOB_ERASE;
}

static int may_resume(struct tx *tx, const struct job *old, struct err *e)
{
	int64_t other;

	if (!is_change(old->request.type))
		return err_set(e, ERR_CONFLICT,
			       "job %" PRId64 " is a %s: it leaves nothing half-done to resume",
			       old->id, job_type_name(old->request.type));
	if (!job_state_ended(old->state) || old->state == JOB_DONE)
		return err_set(e, ERR_CONFLICT, "job %" PRId64 " is %s: there is nothing to resume",
			       old->id, job_state_name(old->state));
	if (job_find_resume(tx, old->id, &other, e) < 0)
		return -1;
	return other == JOB_NONE ? 0
				 : err_set(e, ERR_CONFLICT,
					   "job %" PRId64 " is resumed by job %" PRId64 " already",
					   old->id, other);
}

static int load_resumable(struct rig *rig, int64_t id, struct job *old, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(rig->db);

	return job_get(&tx, id, old, e) < 0 ? -1 : may_resume(&tx, old, e);
}

int rig_job_resume(struct rig *rig, int64_t id, struct job *job, struct err *e)
{
	AUTO(auto_free) struct job *old = calloc(1, sizeof *old);
	bool existed;

	if (!old)
		return err_set(e, ERR_MEMORY, "no memory for a job");
	if (load_resumable(rig, id, old, e) < 0)
		return -1;
	*job = (struct job){ .request = old->request, .batch = JOB_NONE, .resumes = id };
	return submit(rig, job, NULL, &existed, e);
}
