#include "device_store.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "archive.h"
#include "auto.h"
#include "words.h"

#define NONE (-1)

/* ---- recognising */

static int by_unique_id(struct tx *tx, const struct device_clue *clue, int64_t *id, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT id FROM device WHERE unique_id = ? AND jedec_id = ?"
				     " AND unique_id <> ''"
				     " UNION ALL SELECT device FROM device_known_as"
				     " WHERE unique_id = ? AND jedec_id = ? AND unique_id <> ''");

	for (int i = 0; i < 2; i++) {
		stmt_text(&s, clue->unique_id);
		stmt_text(&s, clue->jedec_id);
	}
	*id = stmt_row(&s) ? stmt_col_int(&s, "id") : NONE;
	return stmt_end(&s, e);
}

/* Should two have it, the one that was seen last. Some loaders cannot tell the flash: "" is any. */
static int by_mac(struct tx *tx, const struct device_clue *clue, int64_t *id, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(
		tx, "SELECT id FROM device WHERE id IN"
		    " (SELECT id FROM device"
		    "   WHERE mac = ? AND (? IN ('', jedec_id) OR jedec_id = '') AND mac <> ''"
		    "  UNION ALL SELECT device FROM device_known_as"
		    "   WHERE mac = ? AND (? IN ('', jedec_id) OR jedec_id = '') AND mac <> '')"
		    " ORDER BY last_seen_ms DESC, id DESC LIMIT 1");

	for (int i = 0; i < 2; i++) {
		stmt_text(&s, clue->mac);
		stmt_text(&s, clue->jedec_id);
	}
	*id = stmt_row(&s) ? stmt_col_int(&s, "id") : NONE;
	return stmt_end(&s, e);
}

/* What was read last in this slot: whose it is, and what it was. */
struct last {
	int64_t device, content;
};

static int last_of(struct tx *tx, const char *sql, const struct device_clue *clue,
		   struct last *last, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, sql);

	*last = (struct last){ .device = NONE };
	stmt_text(&s, clue->jedec_id);
	stmt_text(&s, clue->slot);
	if (stmt_row(&s) && stmt_col_int(&s, "same"))
		*last = (struct last){ .device = stmt_col_int(&s, "device"),
				       .content = stmt_col_int(&s, "content") };
	return stmt_end(&s, e);
}

/* A job that found the board to hold what a dump holds already has made none, but says so. */
static int last_in_slot(struct tx *tx, const struct device_clue *clue, struct last *last,
			struct err *e)
{
	static const char by_job[] =
		"SELECT device.id AS device, dump.content AS content,"
		" (? IN ('', device.jedec_id) OR device.jedec_id = '') AS same FROM job"
		" JOIN dump ON dump.id = coalesce(job.dump, job.backup)"
		" JOIN device ON device.id = job.device"
		" WHERE job.slot = ? ORDER BY job.id DESC LIMIT 1";
	static const char by_dump[] =
		"SELECT device.id AS device, dump.content AS content,"
		" (? IN ('', device.jedec_id) OR device.jedec_id = '') AS same FROM dump"
		" JOIN device ON device.id = dump.device"
		" WHERE dump.slot = ? ORDER BY dump.id DESC LIMIT 1";

	if (last_of(tx, by_job, clue, last, e) < 0)
		return -1;
	return last->device == NONE ? last_of(tx, by_dump, clue, last, e) : 0;
}

/*
 * Content and place of what the newest write to this device in this slot was to bring, whatever
 * came of it; mix->fresh is NONE where that is no content.
 */
static int written_mix(struct tx *tx, const struct device_clue *clue, const struct last *last,
		       struct content_mix *mix, bool *found, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT coalesce(image.content, dump.content) AS content,"
				     " coalesce(req_offset, dump.chip_offset, 0) AS at FROM job"
				     " LEFT JOIN image ON image.id = req_image"
				     " LEFT JOIN dump ON dump.id = req_dump"
				     " WHERE job.slot = ? AND job.device = ?"
				     " AND job.type IN ('write', 'restore', 'erase')"
				     " ORDER BY job.id DESC LIMIT 1");

	*mix = (struct content_mix){ .old = last->content, .fresh = NONE };
	stmt_text(&s, clue->slot);
	stmt_int(&s, last->device);
	*found = stmt_row(&s);
	if (*found && stmt_col_int(&s, "at") % ARCHIVE_BLOCK == 0) {
		mix->fresh = stmt_col_int_or_null(&s, "content");
		mix->shift = (uint64_t)stmt_col_int(&s, "at") / ARCHIVE_BLOCK;
	}
	return stmt_end(&s, e);
}

/*
 * A board that was written since it was read last, to the end or not: most of what is there was
 * there before, or was to come.
 */
static int is_written(struct tx *tx, const struct last *last, const struct device_clue *clue,
		      bool *written, struct err *e)
{
	struct content_mix mix;
	uint64_t known = 0, used = 0;

	if (written_mix(tx, clue, last, &mix, written, e) < 0)
		return -1;
	if (!*written)
		return 0;
	if (content_explained(tx, clue->content, &mix, &known, &used, e) < 0)
		return -1;
	*written = known * 2 >= used;
	return 0;
}

/* An erased chip looks like every other: it is known only by being still erased. */
static int by_content(struct tx *tx, const struct device_clue *clue, int64_t *id, struct err *e)
{
	uint64_t common = 0, used = 0;
	struct last last;
	bool written;

	*id = NONE;
	if (last_in_slot(tx, clue, &last, e) < 0)
		return -1;
	if (last.device == NONE)
		return 0;
	if (content_common(tx, last.content, clue->content, &common, &used, e) < 0)
		return -1;
	if (last.content != clue->content && !(used && common * 2 >= used)) {
		if (is_written(tx, &last, clue, &written, e) < 0)
			return -1;
		if (!written)
			return 0;
	}
	*id = last.device;
	return 0;
}

static int find(struct tx *tx, const struct device_clue *clue, int64_t *id, struct err *e)
{
	if (*clue->unique_id)
		return by_unique_id(tx, clue, id, e);
	if (*clue->mac)
		return by_mac(tx, clue, id, e);
	return by_content(tx, clue, id, e);
}

static int add(struct tx *tx, const struct device_clue *clue, int64_t *id, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "INSERT INTO device (jedec_id, unique_id, mac,"
				     " first_seen_ms, last_seen_ms) VALUES (?, ?, ?, ?, ?)");

	stmt_text(&s, clue->jedec_id);
	stmt_text(&s, clue->unique_id);
	stmt_text(&s, clue->mac);
	stmt_int(&s, clue->now_ms);
	stmt_int(&s, clue->now_ms);
	if (stmt_end(&s, e) < 0)
		return -1;
	*id = tx_last_id(tx);
	return 0;
}

/* A clock that jumped back makes nobody younger. */
static int see_again(struct tx *tx, const struct device_clue *clue, int64_t id, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(
		tx, "UPDATE device SET last_seen_ms = max(last_seen_ms, ?),"
		    " mac = CASE mac WHEN '' THEN ? ELSE mac END,"
		    " jedec_id = CASE jedec_id WHEN '' THEN ? ELSE jedec_id END WHERE id = ?");

	stmt_int(&s, clue->now_ms);
	stmt_text(&s, clue->mac);
	stmt_text(&s, clue->jedec_id);
	stmt_int(&s, id);
	return stmt_end(&s, e);
}

int device_find_or_add(struct tx *tx, const struct device_clue *clue, int64_t *id, struct err *e)
{
	int64_t found = NONE;

	if (*clue->unique_id || clue->content >= 0) {
		if (find(tx, clue, &found, e) < 0)
			return -1;
		if (found == NONE ? add(tx, clue, &found, e) < 0
				  : see_again(tx, clue, found, e) < 0)
			return -1;
	}
	*id = found;
	return 0;
}

int device_find_by_ids(struct tx *tx, const struct device_clue *clue, int64_t *id, struct err *e)
{
	return *clue->unique_id ? by_unique_id(tx, clue, id, e) : by_mac(tx, clue, id, e);
}

static int by_mac_alone(struct tx *tx, const char *mac, int64_t *id, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT id FROM device WHERE id IN"
				     " (SELECT id FROM device WHERE mac = ? AND mac <> ''"
				     "  UNION ALL SELECT device FROM device_known_as"
				     "   WHERE mac = ? AND mac <> '')"
				     " ORDER BY last_seen_ms DESC, id DESC LIMIT 1");

	stmt_text(&s, mac);
	stmt_text(&s, mac);
	*id = stmt_row(&s) ? stmt_col_int(&s, "id") : NONE;
	return stmt_end(&s, e);
}

int device_find_by_mac(struct tx *tx, const struct device_clue *clue, int64_t *id, struct err *e)
{
	const bool chip_known = *clue->jedec_id;
	int64_t found = NONE;

	if (chip_known ? by_mac(tx, clue, &found, e) < 0
		       : by_mac_alone(tx, clue->mac, &found, e) < 0)
		return -1;
	if (found == NONE && chip_known && add(tx, clue, &found, e) < 0)
		return -1;
	*id = found;
	return 0;
}

/* ---- reading and writing */

#define SELECT_DEVICE \
	"SELECT *, (SELECT count(*) FROM dump WHERE dump.device = device.id) AS dumps FROM device"

static int read_tags(struct tx *tx, struct device *device, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT tag FROM device_tag WHERE device = ? ORDER BY tag");

	stmt_int(&s, device->id);
	while (device->tags < DEVICE_TAGS && stmt_row(&s))
		stmt_copy_text(&s, "tag", device->tag[device->tags++], DEVICE_TAG);
	return stmt_end(&s, e);
}

static int read_device(struct tx *tx, struct stmt *s, struct device *device, struct err *e)
{
	*device = (struct device){ .id = stmt_col_int(s, "id"),
				   .first_seen_ms = stmt_col_int(s, "first_seen_ms"),
				   .last_seen_ms = stmt_col_int(s, "last_seen_ms"),
				   .dumps = stmt_col_int(s, "dumps") };
	stmt_copy_text(s, "label", device->label, sizeof device->label);
	stmt_copy_text(s, "notes", device->notes, sizeof device->notes);
	stmt_copy_text(s, "jedec_id", device->jedec_id, sizeof device->jedec_id);
	stmt_copy_text(s, "unique_id", device->unique_id, sizeof device->unique_id);
	stmt_copy_text(s, "mac", device->mac, sizeof device->mac);
	if (read_tags(tx, device, e) < 0)
		return -1;
	return partial_get(tx, device->id, &device->partial, e);
}

static int not_found(int64_t id, struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "there is no device %lld", (long long)id);
}

bool device_has_tag(const struct device *device, const char *tag)
{
	for (size_t i = 0; i < device->tags; i++)
		if (!strcmp(device->tag[i], tag))
			return true;
	return false;
}

int device_get(struct tx *tx, int64_t id, struct device *device, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, SELECT_DEVICE " WHERE id = ?");

	stmt_int(&s, id);
	if (!stmt_row(&s))
		return stmt_end(&s, e) < 0 ? -1 : not_found(id, e);
	return read_device(tx, &s, device, e);
}

/* What q may be a part of. */
#define DEVICE_TEXT \
	"label || char(10) || notes || char(10) || jedec_id || char(10) || unique_id" \
	" || char(10) || mac || char(10) || coalesce((SELECT group_concat(tag, char(10))" \
	"  FROM device_tag WHERE device_tag.device = device.id), '')" \
	" || char(10) || coalesce((SELECT group_concat(unique_id || char(10) || mac, char(10))" \
	"  FROM device_known_as WHERE device_known_as.device = device.id), '')"

/* instr() has no wildcards; both sides in lower case. */
#define WHERE_Q " AND instr(lower(" DEVICE_TEXT "), lower(?)) > 0"

int device_list(struct tx *tx, const struct device_filter *filter, struct device *devices,
		struct page *page, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(
		tx, filter->q ? SELECT_DEVICE " WHERE id < ?" WHERE_Q " ORDER BY id DESC LIMIT ?"
			      : SELECT_DEVICE " WHERE id < ? ORDER BY id DESC LIMIT ?");

	page_bind_before(&s, filter->before);
	if (filter->q)
		stmt_text(&s, filter->q);
	page_bind_limit(page, &s);
	while (page_row(page, &s))
		if (read_device(tx, &s, &devices[page->n - 1], e) < 0)
			return -1;
	return stmt_end(&s, e);
}

static int update_row(struct tx *tx, const struct device *device, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "UPDATE device SET label = ?, notes = ? WHERE id = ?");

	stmt_text(&s, device->label);
	stmt_text(&s, device->notes);
	stmt_int(&s, device->id);
	if (stmt_end(&s, e) < 0)
		return -1;
	return sqlite3_changes(tx->conn->raw) ? 0 : not_found(device->id, e);
}

static int remove_tags(struct tx *tx, int64_t id, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "DELETE FROM device_tag WHERE device = ?");

	stmt_int(&s, id);
	return stmt_end(&s, e);
}

static int add_tags(struct tx *tx, const struct device *device, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s =
		stmt_new(tx, "INSERT OR IGNORE INTO device_tag (device, tag) VALUES (?, ?)");

	for (size_t i = 0; i < device->tags; i++) {
		stmt_reset(&s);
		stmt_int(&s, device->id);
		stmt_text(&s, device->tag[i]);
		if (stmt_end(&s, e) < 0)
			return -1;
	}
	return 0;
}

int device_update(struct tx *tx, const struct device *device, struct err *e)
{
	assert(device->tags <= DEVICE_TAGS);
	if (update_row(tx, device, e) < 0 || remove_tags(tx, device->id, e) < 0)
		return -1;
	return add_tags(tx, device, e) < 0 ? -1 : words_note_device(tx, device->id, e);
}

int device_seen(struct tx *tx, int64_t id, int64_t at_ms, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "UPDATE device SET first_seen_ms = min(first_seen_ms, ?),"
				     " last_seen_ms = max(last_seen_ms, ?) WHERE id = ?");

	stmt_int(&s, at_ms);
	stmt_int(&s, at_ms);
	stmt_int(&s, id);
	return stmt_end(&s, e);
}
