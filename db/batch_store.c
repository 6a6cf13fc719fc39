#include "batch_store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "clock.h"
#include "hash.h"
#include "request_text.h"

/* ---- adding */

static int find_key(struct tx *tx, const struct job_key *key, int64_t *id, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT id, idem_print FROM batch WHERE idem_key = ?");
	size_t len;

	*id = JOB_NONE;
	stmt_text(&s, key->text);
	if (stmt_row(&s)) {
		const void *print = stmt_col_blob(&s, "idem_print", &len);

		*id = stmt_col_int(&s, "id");
		if (len != HASH_SHA256_LEN || memcmp(print, key->fingerprint, len) != 0)
			return err_set(e, ERR_CONFLICT,
				       "this Idempotency-Key came with another request before, "
				       "which made batch %lld",
				       (long long)*id);
	}
	return stmt_end(&s, e);
}

static int insert_batch(struct tx *tx, const struct batch *batch, const struct job_key *key,
			struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "INSERT INTO batch (label, request, hands_free, again_of,"
				     " created_ms, idem_key, idem_print)"
				     " VALUES (?, ?, ?, ?, ?, ?, ?)");
	char text[REQUEST_TEXT];

	request_text_write(&batch->request, text);
	stmt_text(&s, batch->label);
	stmt_text(&s, text);
	stmt_int(&s, batch->hands_free);
	stmt_int_or_null(&s, batch->again_of);
	stmt_int(&s, clock_wall_ms());
	stmt_text(&s, key ? key->text : NULL);
	if (key)
		stmt_blob(&s, key->fingerprint, sizeof key->fingerprint);
	else
		stmt_text(&s, NULL);
	return stmt_end(&s, e);
}

static int insert_slot(struct tx *tx, int64_t id, size_t seq, const struct batch_slot *slot,
		       struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "INSERT INTO batch_slot (batch, seq, slot, gone)"
				     " VALUES (?, ?, ?, ?)");

	stmt_int(&s, id);
	stmt_int(&s, (int64_t)seq);
	stmt_text(&s, slot->name);
	stmt_int(&s, slot->gone);
	return stmt_end(&s, e);
}

static int insert(struct tx *tx, const struct batch *batch, const struct job_key *key, int64_t *id,
		  struct err *e)
{
	if (insert_batch(tx, batch, key, e) < 0)
		return -1;
	*id = tx_last_id(tx);
	for (size_t i = 0; i < batch->n_slots; i++)
		if (insert_slot(tx, *id, i, &batch->slot[i], e) < 0)
			return -1;
	return 0;
}

int batch_add(struct tx *tx, struct batch *batch, const struct job_key *key, bool *existed,
	      struct err *e)
{
	int64_t id = JOB_NONE;
	bool known;

	assert(batch->n_slots <= BATCH_SLOTS);
	if (key && find_key(tx, key, &id, e) < 0)
		return -1;
	known = id != JOB_NONE;
	if ((!known && insert(tx, batch, key, &id, e) < 0) || batch_get(tx, id, batch, e) < 0)
		return -1;
	*existed = known;
	return 0;
}

/* ---- reading */

static int read_slots(struct tx *tx, struct batch *batch, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s =
		stmt_new(tx, "SELECT slot, gone FROM batch_slot WHERE batch = ? ORDER BY seq");

	stmt_int(&s, batch->id);
	for (; batch->n_slots < BATCH_SLOTS && stmt_row(&s); batch->n_slots++) {
		struct batch_slot *slot = &batch->slot[batch->n_slots];

		stmt_copy_text(&s, "slot", slot->name, sizeof slot->name);
		slot->gone = stmt_col_int(&s, "gone");
	}
	return stmt_end(&s, e);
}

static size_t *counter_of(struct batch *batch, enum job_state state)
{
	switch (state) {
	case JOB_QUEUED: return &batch->queued;
	case JOB_RUNNING: return &batch->running;
	case JOB_DONE: return &batch->done;
	case JOB_FAILED: return &batch->failed;
	case JOB_CANCELLED: return &batch->cancelled;
	case JOB_INTERRUPTED: break;
	}
	return &batch->interrupted;
}

static int count_jobs(struct tx *tx, struct batch *batch, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT state, count(*) AS n, max(finished_ms) AS at FROM job"
				     " WHERE batch = ? GROUP BY state");
	enum job_state state;

	stmt_int(&s, batch->id);
	while (stmt_row(&s)) {
		const size_t n = (size_t)stmt_col_int(&s, "n");
		const int64_t at = stmt_col_int(&s, "at");

		if (job_state_parse(stmt_col_text(&s, "state"), &state) < 0)
			continue; /* the job's own reader says what is wrong with it */
		*counter_of(batch, state) += n;
		batch->total += n;
		if (at > batch->finished_ms)
			batch->finished_ms = at;
	}
	return stmt_end(&s, e);
}

/* Open or not, and since when not. */
static void judge(struct batch *batch)
{
	batch->open = batch->queued || batch->running ||
		      (batch->hands_free && batch->ended_ms == JOB_NONE);
	if (batch->open)
		batch->finished_ms = JOB_NONE;
	else if (batch->finished_ms < batch->ended_ms)
		batch->finished_ms = batch->ended_ms;
}

static int read_batch(struct tx *tx, struct stmt *s, struct batch *batch, struct err *e)
{
	*batch = (struct batch){ .id = stmt_col_int(s, "id"),
				 .hands_free = stmt_col_int(s, "hands_free"),
				 .again_of = stmt_col_int_or_null(s, "again_of"),
				 .created_ms = stmt_col_int(s, "created_ms"),
				 .ended_ms = stmt_col_int_or_null(s, "ended_ms"),
				 .finished_ms = JOB_NONE };
	stmt_copy_text(s, "label", batch->label, sizeof batch->label);
	if (request_text_read(stmt_col_text(s, "request"), &batch->request, e) < 0)
		return err_prefix(e, "batch %lld: ", (long long)batch->id);
	if (read_slots(tx, batch, e) < 0 || count_jobs(tx, batch, e) < 0)
		return -1;
	judge(batch);
	return 0;
}

int batch_get(struct tx *tx, int64_t id, struct batch *batch, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "SELECT * FROM batch WHERE id = ?");

	stmt_int(&s, id);
	if (stmt_row(&s))
		return read_batch(tx, &s, batch, e);
	if (stmt_end(&s, e) < 0)
		return -1;
	return err_set(e, ERR_NOT_FOUND, "there is no batch %lld", (long long)id);
}

/* ---- lists */

/* The statement has a LIMIT. */
static int read_rows(struct tx *tx, struct stmt *s, struct batch *batches, size_t *n, struct err *e)
{
	size_t found = 0;

	for (; stmt_row(s); found++)
		if (read_batch(tx, s, &batches[found], e) < 0)
			return -1;
	if (stmt_end(s, e) < 0)
		return -1;
	*n = found;
	return 0;
}

int batch_list(struct tx *tx, int64_t before, struct batch *batches, struct page *page,
	       struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT * FROM batch WHERE id < ? ORDER BY id DESC LIMIT ?");

	page_bind_before(&s, before);
	page_bind_limit(page, &s);
	while (page_row(page, &s))
		if (read_batch(tx, &s, &batches[page->n - 1], e) < 0)
			return -1;
	return stmt_end(&s, e);
}

int batch_list_open(struct tx *tx, struct batch *batches, size_t max, size_t *n, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT * FROM batch WHERE id IN"
				     " (SELECT batch FROM job WHERE state = 'queued'"
				     "  UNION SELECT batch FROM job WHERE state = 'running'"
				     "  UNION SELECT id FROM batch"
				     "   WHERE hands_free = 1 AND ended_ms IS NULL)"
				     " ORDER BY id DESC LIMIT ?");

	stmt_int(&s, (int64_t)max);
	return read_rows(tx, &s, batches, n, e);
}

int batch_list_hands_free(struct tx *tx, int64_t after, struct batch *batches, size_t max,
			  size_t *n, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT * FROM batch WHERE hands_free = 1"
				     " AND ended_ms IS NULL AND id > ? ORDER BY id LIMIT ?");

	stmt_int(&s, after);
	stmt_int(&s, (int64_t)max);
	return read_rows(tx, &s, batches, n, e);
}

int batch_jobs(struct tx *tx, int64_t id, int64_t ids[BATCH_JOBS], size_t *n, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT id FROM (SELECT id FROM job WHERE batch = ?"
				     " ORDER BY id DESC LIMIT ?) ORDER BY id");
	size_t found = 0;

	stmt_int(&s, id);
	stmt_int(&s, BATCH_JOBS);
	while (found < BATCH_JOBS && stmt_row(&s))
		ids[found++] = stmt_col_int(&s, "id");
	if (stmt_end(&s, e) < 0)
		return -1;
	*n = found;
	return 0;
}

/* ---- hands-free */

int batch_end(struct tx *tx, int64_t id, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "UPDATE batch SET ended_ms = ? WHERE id = ?"
				     " AND hands_free = 1 AND ended_ms IS NULL");

	stmt_int(&s, clock_wall_ms());
	stmt_int(&s, id);
	return stmt_end(&s, e);
}

int batch_set_gone(struct tx *tx, int64_t id, const char *slot, bool gone, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "UPDATE batch_slot SET gone = ? WHERE batch = ? AND slot = ?");

	stmt_int(&s, gone);
	stmt_int(&s, id);
	stmt_text(&s, slot);
	return stmt_end(&s, e);
}

int batch_tally(struct tx *tx, int64_t id, const char *slot, struct batch_tally *tally,
		struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT state, count(*) AS n, max(id) AS last FROM job"
				     " WHERE batch = ? AND slot = ? GROUP BY state");
	struct batch_tally found = { .last = JOB_NONE };
	enum job_state state;

	stmt_int(&s, id);
	stmt_text(&s, slot);
	while (stmt_row(&s)) {
		const size_t n = (size_t)stmt_col_int(&s, "n");
		const int64_t last = stmt_col_int(&s, "last");

		if (job_state_parse(stmt_col_text(&s, "state"), &state) < 0)
			continue;
		found.boards += job_state_ended(state) ? n : 0;
		found.failed += job_state_ended(state) && state != JOB_DONE ? n : 0;
		found.state = last > found.last ? state : found.state;
		found.last = last > found.last ? last : found.last;
	}
	if (stmt_end(&s, e) < 0)
		return -1;
	*tally = found;
	return 0;
}
