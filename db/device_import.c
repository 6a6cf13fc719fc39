#include "device_import.h"

#include <stdlib.h>
#include <string.h>

#include "auto.h"

static int add(struct tx *tx, const struct device *d, int64_t *id, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "INSERT INTO device (jedec_id, unique_id, mac, first_seen_ms,"
				     " last_seen_ms) VALUES (?, ?, ?, ?, ?)");

	stmt_text(&s, d->jedec_id);
	stmt_text(&s, d->unique_id);
	stmt_text(&s, d->mac);
	stmt_int(&s, d->first_seen_ms);
	stmt_int(&s, d->last_seen_ms);
	if (stmt_end(&s, e) < 0)
		return -1;
	*id = tx_last_id(tx);
	return 0;
}

static int fill(struct tx *tx, int64_t id, const struct device *theirs, struct err *e)
{
	AUTO(auto_free) struct device *ours = calloc(1, sizeof *ours);

	if (!ours)
		return err_set(e, ERR_MEMORY, "out of memory for a device");
	if (device_get(tx, id, ours, e) < 0)
		return -1;
	if (!*ours->label)
		memcpy(ours->label, theirs->label, sizeof ours->label);
	if (!*ours->notes)
		memcpy(ours->notes, theirs->notes, sizeof ours->notes);
	for (size_t i = 0; i < theirs->tags && ours->tags < DEVICE_TAGS; i++)
		if (!device_has_tag(ours, theirs->tag[i]))
			memcpy(ours->tag[ours->tags++], theirs->tag[i], DEVICE_TAG);
	if (device_update(tx, ours, e) < 0 || device_seen(tx, id, theirs->first_seen_ms, e) < 0)
		return -1;
	return device_seen(tx, id, theirs->last_seen_ms, e);
}

int device_import(struct tx *tx, const struct device *theirs, int64_t *id, bool *made,
		  struct err *e)
{
	const struct device_clue clue = { .jedec_id = theirs->jedec_id,
					  .unique_id = theirs->unique_id,
					  .mac = theirs->mac,
					  .slot = "",
					  .content = -1 };
	int64_t found;

	if (device_find_by_ids(tx, &clue, &found, e) < 0)
		return -1;
	if (found < 0)
		found = *id;
	*made = found < 0;
	if (found < 0 && add(tx, theirs, &found, e) < 0)
		return -1;
	*id = found;
	return fill(tx, found, theirs, e);
}
