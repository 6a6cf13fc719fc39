#include "auto.h"
#include "dump_store.h"
#include "in_use.h"
#include "partial_store.h"
#include "words.h"

/* *id is the newest complete, verified dump of a device; 0 when there is none. */
static int last_backup(struct tx *tx, int64_t device, int64_t *id, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT id FROM dump WHERE device = ? AND complete = 1"
				     " AND verified = 1 ORDER BY id DESC LIMIT 1");

	stmt_int(&s, device);
	*id = stmt_row(&s) ? stmt_col_int(&s, "id") : 0;
	return stmt_end(&s, e);
}

static int check_spare(struct tx *tx, const struct dump *dump, struct err *e)
{
	int64_t last;

	if (last_backup(tx, dump->device, &last, e) < 0)
		return -1;
	if (last != dump->id)
		return 0;
	err_set(e, ERR_CONFLICT, "dump %lld is the last verified backup of device %lld",
		(long long)dump->id, (long long)dump->device);
	return err_hint(e, "Make another backup of the device first; ?force=1 removes it all "
			   "the same.");
}

/* The way back of a device that is half-written is not spare. */
static int check_partial(struct tx *tx, const struct dump *dump, struct err *e)
{
	int64_t device;

	if (partial_needs(tx, dump->id, &device, e) < 0)
		return -1;
	if (device < 0)
		return 0;
	err_set(e, ERR_CONFLICT,
		"dump %lld is what device %lld held before a write that has not come to its end",
		(long long)dump->id, (long long)device);
	return err_hint(e, "Restore it or resume that write first; ?force=1 removes it all the "
			   "same.");
}

static int delete_row(struct tx *tx, int64_t id, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "DELETE FROM dump WHERE id = ?");

	stmt_int(&s, id);
	return stmt_end(&s, e);
}

int dump_may_go(struct tx *tx, int64_t id, enum dump_force force, struct dump *dump, struct err *e)
{
	if (dump_get(tx, id, dump, e) < 0 || in_use_dump(tx, id, e) < 0)
		return -1;
	if (force == DUMP_FORCE)
		return 0;
	return check_partial(tx, dump, e) < 0 ? -1 : check_spare(tx, dump, e);
}

int dump_remove(struct tx *tx, int64_t id, enum dump_force force, struct err *e)
{
	AUTO(auto_free) struct dump *dump = calloc(1, sizeof *dump);

	if (!dump)
		return err_set(e, ERR_MEMORY, "out of memory for a dump's record");
	if (dump_may_go(tx, id, force, dump, e) < 0 || delete_row(tx, id, e) < 0 ||
	    words_note(tx, id, e) < 0)
		return -1;
	return content_release(tx, dump->content.id, e);
}

int dump_alone_has(struct tx *tx, const struct dump *dump, bool *alone, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s =
		stmt_new(tx, "SELECT NOT EXISTS (SELECT 1 FROM dump WHERE content = ? AND id <> ?)"
			     " AND NOT EXISTS (SELECT 1 FROM image WHERE content = ?) AS alone");

	stmt_int(&s, dump->content.id);
	stmt_int(&s, dump->id);
	stmt_int(&s, dump->content.id);
	*alone = stmt_row(&s) && stmt_col_int(&s, "alone");
	return stmt_end(&s, e);
}
