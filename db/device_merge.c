#include "device_merge.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "device_store.h"

int device_now(struct tx *tx, int64_t *id, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "SELECT device FROM device_gone WHERE id = ?");
	int64_t now = *id;

	stmt_int(&s, *id);
	if (stmt_row(&s))
		now = stmt_col_int(&s, "device");
	if (stmt_end(&s, e) < 0)
		return -1;
	*id = now;
	return 0;
}

/* ---- what people have written */

static int join_tags(struct device *into, const struct device *other, struct err *e)
{
	for (size_t i = 0; i < other->tags; i++) {
		if (device_has_tag(into, other->tag[i]))
			continue;
		if (into->tags == DEVICE_TAGS)
			return err_set(e, ERR_UNPROCESSABLE,
				       "the two devices have more than %d tags together",
				       DEVICE_TAGS);
		memcpy(into->tag[into->tags++], other->tag[i], DEVICE_TAG);
	}
	return 0;
}

/* Appends a paragraph. */
static bool add_note(struct device *device, const char *text)
{
	const size_t len = strlen(device->notes), more = strlen(text);
	const size_t gap = len && more ? 1 : 0;

	if (len + gap + more >= sizeof device->notes)
		return false;
	memcpy(device->notes + len, "\n", gap);
	memcpy(device->notes + len + gap, text, more + 1);
	return true;
}

static int join_texts(struct device *into, const struct device *other, struct err *e)
{
	const bool same = !strcmp(into->label, other->label);
	bool fits = true;

	if (!*into->label)
		memcpy(into->label, other->label, sizeof into->label);
	else if (!same)
		fits = add_note(into, other->label);
	if (fits && strcmp(into->notes, other->notes) != 0)
		fits = add_note(into, other->notes);
	if (fits)
		return 0;
	err_set(e, ERR_UNPROCESSABLE,
		"the notes of both devices together are longer than %zu bytes",
		sizeof into->notes - 1);
	return err_hint(e, "Shorten the notes of one of them first.");
}

/* ---- rows that name the other one */

/* SQL with two question marks: the device that stays, and the one that goes. */
static int run(struct tx *tx, const char *sql, int64_t into, int64_t other, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, sql);

	stmt_int(&s, into);
	stmt_int(&s, other);
	return stmt_end(&s, e);
}

static int move_rows(struct tx *tx, int64_t into, int64_t other, struct err *e)
{
	static const char *const moves[] = {
		"UPDATE dump SET device = ? WHERE device = ?",
		"UPDATE job SET device = ? WHERE device = ?",
		"UPDATE partial SET device = ? WHERE device = ?",
		"UPDATE device_known_as SET device = ? WHERE device = ?",
		"UPDATE device_gone SET device = ? WHERE device = ?",
		"INSERT OR IGNORE INTO device_known_as (device, jedec_id, unique_id, mac)"
		" SELECT ?, jedec_id, unique_id, '' FROM device WHERE id = ? AND unique_id <> ''",
		"INSERT INTO device_known_as (device, jedec_id, unique_id, mac)"
		" SELECT ?, jedec_id, '', mac FROM device WHERE id = ? AND mac <> ''",
		"INSERT INTO device_gone (device, id) VALUES (?, ?)",
	};

	for (size_t i = 0; i < ARRAY_LEN(moves); i++)
		if (run(tx, moves[i], into, other, e) < 0)
			return -1;
	return 0;
}

static int remove_row(struct tx *tx, int64_t id, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "DELETE FROM device WHERE id = ?");

	stmt_int(&s, id);
	return stmt_end(&s, e);
}

/* What it was not known by itself it shows now. The other's row must be gone: IDs are unique. */
static int adopt_ids(struct tx *tx, const struct device *into, const struct device *other,
		     struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "UPDATE device SET unique_id = ?, mac = ? WHERE id = ?");
	const bool same_chip = !strcmp(into->jedec_id, other->jedec_id);

	stmt_text(&s, !*into->unique_id && same_chip ? other->unique_id : into->unique_id);
	stmt_text(&s, *into->mac ? into->mac : other->mac);
	stmt_int(&s, into->id);
	return stmt_end(&s, e);
}

static int load(struct tx *tx, int64_t id, int64_t other, struct device two[2], struct err *e)
{
	if (device_get(tx, id, &two[0], e) < 0)
		return -1;
	if (id == other)
		return err_set(e, ERR_UNPROCESSABLE, "device %lld is itself already",
			       (long long)id);
	if (device_get(tx, other, &two[1], e) == 0)
		return 0;
	if (e->code == ERR_NOT_FOUND)
		e->code = ERR_UNPROCESSABLE;
	return -1;
}

int device_merge(struct tx *tx, int64_t id, int64_t other, struct err *e)
{
	AUTO(auto_free) struct device *two = calloc(2, sizeof *two);

	if (!two)
		return err_set(e, ERR_MEMORY, "out of memory for two devices");
	if (load(tx, id, other, two, e) < 0 || join_tags(&two[0], &two[1], e) < 0 ||
	    join_texts(&two[0], &two[1], e) < 0 || move_rows(tx, id, other, e) < 0 ||
	    remove_row(tx, other, e) < 0 || adopt_ids(tx, &two[0], &two[1], e) < 0 ||
	    device_update(tx, &two[0], e) < 0 || device_seen(tx, id, two[1].first_seen_ms, e) < 0)
		return -1;
	return device_seen(tx, id, two[1].last_seen_ms, e);
}
