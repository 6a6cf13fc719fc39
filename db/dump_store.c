#include "dump_store.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "device_merge.h"
#include "dump_row.h"
#include "words.h"

static const char *const source_names[] = {
	[DUMP_SPI] = "spi",
	[DUMP_UART] = "uart",
	[DUMP_IMPORT] = "import",
};

const char *dump_source_name(enum dump_source source)
{
	return source_names[source];
}

static int source_parse(const char *name, enum dump_source *source)
{
	for (size_t i = 0; i < ARRAY_LEN(source_names); i++) {
		if (!strcmp(source_names[i], name)) {
			*source = (enum dump_source)i;
			return 0;
		}
	}
	return -1;
}

/* ---- writing */

static int insert(struct tx *tx, const struct dump *dump, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s =
		stmt_new(tx, "INSERT INTO dump (device, slot, job, jedec_id, chip,"
			     " chip_offset, content, complete, verified, source,"
			     " created_ms, label, notes)"
			     " VALUES (" DEVICE_NOW ", ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

	stmt_int_or_null(&s, dump->device);
	stmt_text(&s, dump->slot);
	stmt_int_or_null(&s, dump->job);
	stmt_text(&s, dump->jedec_id);
	stmt_text(&s, dump->chip);
	stmt_int(&s, (int64_t)dump->offset);
	stmt_int(&s, dump->content.id);
	stmt_int(&s, dump->complete);
	stmt_int(&s, dump->verified);
	stmt_text(&s, dump_source_name(dump->source));
	stmt_int(&s, dump->created_ms);
	stmt_text(&s, dump->label);
	stmt_text(&s, dump->notes);
	return stmt_end(&s, e);
}

/* Tags are a set: one that is named twice is there once. */
static int add_tags(struct tx *tx, int64_t id, const struct dump *dump, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "INSERT OR IGNORE INTO dump_tag (dump, tag) VALUES (?, ?)");

	for (size_t i = 0; i < dump->tags; i++) {
		stmt_reset(&s);
		stmt_int(&s, id);
		stmt_text(&s, dump->tag[i]);
		if (stmt_end(&s, e) < 0)
			return -1;
	}
	return 0;
}

static int add_unstable(struct tx *tx, int64_t id, const struct dump *dump, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "INSERT INTO dump_unstable (dump, start, length)"
				     " VALUES (?, ?, ?)");

	for (size_t i = 0; i < dump->unstables; i++) {
		stmt_reset(&s);
		stmt_int(&s, id);
		stmt_int(&s, (int64_t)dump->unstable[i].offset);
		stmt_int(&s, (int64_t)dump->unstable[i].length);
		if (stmt_end(&s, e) < 0)
			return -1;
	}
	return 0;
}

int dump_add(struct tx *tx, struct dump *dump, struct err *e)
{
	int64_t id;

	assert(dump->tags <= DUMP_TAGS && dump->unstables <= DUMP_UNSTABLE);
	if (insert(tx, dump, e) < 0)
		return -1;
	id = tx_last_id(tx);
	if (add_tags(tx, id, dump, e) < 0 || add_unstable(tx, id, dump, e) < 0)
		return -1;
	dump->id = id;
	return words_note(tx, id, e);
}

static int update_row(struct tx *tx, const struct dump *dump, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "UPDATE dump SET device = " DEVICE_NOW
				     ", label = ?, notes = ? WHERE id = ?");

	stmt_int_or_null(&s, dump->device);
	stmt_text(&s, dump->label);
	stmt_text(&s, dump->notes);
	stmt_int(&s, dump->id);
	if (stmt_end(&s, e) < 0)
		return -1;
	return sqlite3_changes(tx->conn->raw)
		       ? 0
		       : err_set(e, ERR_NOT_FOUND, "there is no dump %lld", (long long)dump->id);
}

static int remove_tags(struct tx *tx, int64_t id, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "DELETE FROM dump_tag WHERE dump = ?");

	stmt_int(&s, id);
	return stmt_end(&s, e);
}

int dump_update(struct tx *tx, const struct dump *dump, struct err *e)
{
	assert(dump->tags <= DUMP_TAGS);
	if (update_row(tx, dump, e) < 0 || remove_tags(tx, dump->id, e) < 0)
		return -1;
	return add_tags(tx, dump->id, dump, e) < 0 ? -1 : words_note(tx, dump->id, e);
}

/* ---- reading */

static int read_content(struct stmt *s, struct content *content, struct err *e)
{
	size_t len;
	const void *sha256 = stmt_col_blob(s, "sha256", &len);

	*content = (struct content){ .id = stmt_col_int(s, "content"),
				     .size = (uint64_t)stmt_col_int(s, "size"),
				     .crc32 = (uint32_t)stmt_col_int(s, "crc32"),
				     .stored_bytes = (uint64_t)stmt_col_int(s, "stored") };
	if (len != sizeof content->sha256)
		return err_set(e, ERR_ARCHIVE_DAMAGED, "content %lld has no hash",
			       (long long)content->id);
	memcpy(content->sha256, sha256, len);
	return 0;
}

static int read_row(struct stmt *s, struct dump *dump, struct err *e)
{
	*dump = (struct dump){
		.id = stmt_col_int(s, "id"),
		.device = stmt_col_int_or_null(s, "device"),
		.job = stmt_col_int_or_null(s, "job"),
		.offset = (uint64_t)stmt_col_int(s, "chip_offset"),
		.complete = stmt_col_int(s, "complete"),
		.verified = stmt_col_int(s, "verified"),
		.created_ms = stmt_col_int(s, "created_ms"),
	};
	stmt_copy_text(s, "slot", dump->slot, sizeof dump->slot);
	stmt_copy_text(s, "jedec_id", dump->jedec_id, sizeof dump->jedec_id);
	stmt_copy_text(s, "chip", dump->chip, sizeof dump->chip);
	stmt_copy_text(s, "label", dump->label, sizeof dump->label);
	stmt_copy_text(s, "notes", dump->notes, sizeof dump->notes);
	if (source_parse(stmt_col_text(s, "source"), &dump->source) < 0)
		return err_set(e, ERR_ARCHIVE_DAMAGED, "dump %lld comes from '%s'",
			       (long long)dump->id, stmt_col_text(s, "source"));
	return read_content(s, &dump->content, e);
}

static int read_tags(struct tx *tx, struct dump *dump, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT tag FROM dump_tag WHERE dump = ? ORDER BY tag");

	stmt_int(&s, dump->id);
	while (dump->tags < DUMP_TAGS && stmt_row(&s))
		stmt_copy_text(&s, "tag", dump->tag[dump->tags++], DUMP_TAG);
	return stmt_end(&s, e);
}

static int read_unstable(struct tx *tx, struct dump *dump, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT start, length FROM dump_unstable WHERE dump = ?"
				     " ORDER BY start");

	stmt_int(&s, dump->id);
	while (dump->unstables < DUMP_UNSTABLE && stmt_row(&s))
		dump->unstable[dump->unstables++] =
			(struct dump_range){ .offset = (uint64_t)stmt_col_int(&s, "start"),
					     .length = (uint64_t)stmt_col_int(&s, "length") };
	return stmt_end(&s, e);
}

int dump_read(struct tx *tx, struct stmt *s, struct dump *dump, struct err *e)
{
	if (read_row(s, dump, e) < 0 || read_tags(tx, dump, e) < 0)
		return -1;
	return read_unstable(tx, dump, e);
}

int dump_get(struct tx *tx, int64_t id, struct dump *dump, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, DUMP_SELECT " WHERE dump.id = ?");
	struct dump found;

	stmt_int(&s, id);
	if (!stmt_row(&s))
		return stmt_end(&s, e) < 0
			       ? -1
			       : err_set(e, ERR_NOT_FOUND, "there is no dump %lld", (long long)id);
	if (dump_read(tx, &s, &found, e) < 0)
		return -1;
	*dump = found;
	return 0;
}

int dump_find_equal(struct tx *tx, const char *jedec_id, const uint8_t sha256[HASH_SHA256_LEN],
		    int64_t *id, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT dump.id AS id FROM dump"
				     " JOIN content ON content.id = dump.content"
				     " WHERE content.sha256 = ? AND content.complete = 1"
				     " AND (dump.jedec_id = ? OR ? = '') AND dump.complete = 1"
				     " AND dump.verified = 1 ORDER BY dump.id DESC LIMIT 1");

	stmt_blob(&s, sha256, HASH_SHA256_LEN);
	stmt_text(&s, jedec_id);
	stmt_text(&s, jedec_id);
	*id = stmt_row(&s) ? stmt_col_int(&s, "id") : -1;
	return stmt_end(&s, e);
}

int dump_find_same(struct tx *tx, const struct dump *dump, int64_t *id, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(tx, "SELECT dump.id AS id FROM content"
				     " JOIN dump ON dump.content = content.id"
				     " WHERE content.sha256 = ? AND content.complete = 1"
				     " AND created_ms = ? AND chip_offset = ? AND jedec_id = ?"
				     " ORDER BY dump.id LIMIT 1");

	stmt_blob(&s, dump->content.sha256, HASH_SHA256_LEN);
	stmt_int(&s, dump->created_ms);
	stmt_int(&s, (int64_t)dump->offset);
	stmt_text(&s, dump->jedec_id);
	*id = stmt_row(&s) ? stmt_col_int(&s, "id") : -1;
	return stmt_end(&s, e);
}

int dump_after(struct tx *tx, int64_t device, int64_t after, int64_t *id, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(
		tx,
		device < 0 ? "SELECT id FROM dump WHERE id > ? ORDER BY id LIMIT 1"
			   : "SELECT id FROM dump WHERE id > ? AND device = ? ORDER BY id LIMIT 1");

	stmt_int(&s, after);
	if (device >= 0)
		stmt_int(&s, device);
	*id = stmt_row(&s) ? stmt_col_int(&s, "id") : -1;
	return stmt_end(&s, e);
}

/* ---- totals */

/* What the file uses, not what it spans: pages of removed things wait for new ones. */
int archive_totals_get(struct tx *tx, struct archive_totals *totals, struct err *e)
{
	AUTO(stmt_free)
	struct stmt s = stmt_new(
		tx, "SELECT (SELECT count(*) FROM dump) AS dumps,"
		    " (SELECT count(*) FROM device) AS devices,"
		    " (SELECT coalesce(sum(size), 0) FROM dump JOIN content"
		    "  ON content.id = dump.content) AS logical,"
		    " (SELECT (page_count - freelist_count) * page_size FROM pragma_page_count,"
		    "  pragma_freelist_count, pragma_page_size) AS stored,"
		    " (SELECT freelist_count * page_size FROM pragma_freelist_count,"
		    "  pragma_page_size) AS free");
	struct archive_totals found = { 0 };

	if (stmt_row(&s))
		found = (struct archive_totals){
			.dumps = (uint64_t)stmt_col_int(&s, "dumps"),
			.devices = (uint64_t)stmt_col_int(&s, "devices"),
			.bytes_logical = (uint64_t)stmt_col_int(&s, "logical"),
			.bytes_stored = (uint64_t)stmt_col_int(&s, "stored"),
			.free_bytes = (uint64_t)stmt_col_int(&s, "free"),
		};
	if (stmt_end(&s, e) < 0)
		return -1;
	*totals = found;
	return 0;
}
