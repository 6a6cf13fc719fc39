#include "audit.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "auto.h"
#include "content_map.h"
#include "dump_store.h"

#define PIECE 64 /* sectors in a transaction */

/* One content on its way. */
struct walk {
	struct db *db;
	struct audit *audit;
	struct content content;
	uint64_t total; /* bytes of all contents, for progress */
	struct hash hash;
	bool damaged;             /* then its sums say nothing */
	bool gone;                /* was removed while it was looked at */
	struct audit_damage open; /* the range that grows; length 0: none */
};

/* What is wrong with the file, and not with this program or its wish to go on. */
static bool is_damage(const struct err *e)
{
	return e->code == ERR_ARCHIVE_DAMAGED || e->code == ERR_IO || e->code == ERR_NOT_FOUND;
}

/* ---- whose bytes they are */

/*
 * The first dump with this content after id; AUDIT_NONE when there is none, or it cannot be told. A
 * damaged index may answer with what was not asked for: what does not lead on is no answer.
 */
static int64_t ask_dump(struct tx *tx, const char *sql, int64_t content, int64_t after)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, sql);
	int64_t found = AUDIT_NONE;
	struct err e;

	stmt_int(&s, content);
	stmt_int(&s, after);
	if (stmt_row(&s))
		found = stmt_col_int_or_null(&s, "id");
	return stmt_end(&s, &e) == 0 && found > after ? found : AUDIT_NONE;
}

/* The smaller one of those that are there. */
static int64_t first_of(int64_t a, int64_t b)
{
	if (a == AUDIT_NONE || b == AUDIT_NONE)
		return a > b ? a : b;
	return a < b ? a : b;
}

/* What the index says is quick, and needs no table. */
static int64_t dump_by_index(struct tx *tx, int64_t content, int64_t after)
{
	return ask_dump(tx,
			"SELECT min(id) AS id FROM dump INDEXED BY dump_by_content"
			" WHERE content = ? AND id > ?",
			content, after);
}

/* For what must not be missed: one of the two may be damaged. */
static int64_t find_dump(struct db *db, int64_t content, int64_t after)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);

	return first_of(dump_by_index(&tx, content, after),
			ask_dump(&tx,
				 "SELECT min(id) AS id FROM dump NOT INDEXED"
				 " WHERE content = ? AND id > ?",
				 content, after));
}

static int tell(struct audit *audit, const struct audit_damage *damage, struct err *e)
{
	audit->at.damages++;
	return audit->found(audit, damage, e);
}

/* One damage for each dump that has the content; where none can be found, one for nobody. */
static int tell_all(struct walk *w, struct audit_damage *damage, struct err *e)
{
	int64_t id = find_dump(w->db, w->content.id, 0);

	damage->content = w->content.id;
	do {
		damage->dump = id;
		if (tell(w->audit, damage, e) < 0)
			return -1;
		if (id != AUDIT_NONE)
			id = find_dump(w->db, w->content.id, id);
	} while (id != AUDIT_NONE);
	return 0;
}

static int tell_whole(struct walk *w, const char *reason, struct err *e)
{
	struct audit_damage damage = { .length = w->content.size };

	snprintf(damage.reason, sizeof damage.reason, "content %lld: %.200s",
		 (long long)w->content.id, reason);
	w->damaged = true;
	return tell_all(w, &damage, e);
}

/* ---- ranges */

static int end_range(struct walk *w, struct err *e)
{
	struct audit_damage damage = w->open;

	w->open.length = 0;
	return damage.length && !w->gone ? tell_all(w, &damage, e) : 0;
}

static uint64_t sectors(uint64_t bytes)
{
	return (bytes + ARCHIVE_BLOCK - 1) / ARCHIVE_BLOCK;
}

static uint64_t sector_len(const struct walk *w, uint64_t sector)
{
	const uint64_t left = w->content.size - sector * ARCHIVE_BLOCK;

	return left < ARCHIVE_BLOCK ? left : ARCHIVE_BLOCK;
}

/* Damaged sectors that stand together are told as one range, with the reason of the first. */
static int note_sector(struct walk *w, uint64_t sector, const char *reason, struct err *e)
{
	const uint64_t offset = sector * ARCHIVE_BLOCK;

	w->damaged = true;
	if (w->open.length && w->open.offset + w->open.length != offset && end_range(w, e) < 0)
		return -1;
	if (!w->open.length) {
		w->open.offset = offset;
		snprintf(w->open.reason, sizeof w->open.reason, "%.*s",
			 (int)sizeof w->open.reason - 1, reason);
	}
	w->open.length += sector_len(w, sector);
	return 0;
}

/* ---- bytes */

/* A content that people have removed has no damage. */
static bool is_gone(struct tx *tx, int64_t id)
{
	struct content content;
	struct err e;

	return content_get(tx, id, &content, &e) < 0 && e.code == ERR_NOT_FOUND;
}

/* Hashes sectors from *at on; -1 at one that cannot be read, where *at then is. */
static int read_piece(struct walk *w, uint64_t *at, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(w->db);
	AUTO(map_walk_close)
	struct map_walk walk = map_walk_open(&tx, w->content.id, w->content.size);
	const uint64_t end = sectors(w->content.size), first = *at;
	uint8_t bytes[ARCHIVE_BLOCK];

	w->gone = is_gone(&tx, w->content.id);
	for (; !w->gone && *at < end && *at < first + PIECE; ++*at) {
		if (map_walk_read(&walk, *at, bytes, e) < 0)
			return -1;
		hash_update(&w->hash, bytes, map_walk_size(&walk, *at));
	}
	return 0;
}

/* Reads on, and over what cannot be read. -1 for what is no damage. */
static int read_on(struct walk *w, uint64_t *at, struct err *e)
{
	struct err why;

	if (read_piece(w, at, &why) == 0)
		return 0;
	if (is_damage(&why))
		return note_sector(w, (*at)++, why.text, e);
	*e = why;
	return -1;
}

static int read_sectors(struct walk *w, struct err *e)
{
	const uint64_t end = sectors(w->content.size);
	const struct audit *audit = w->audit;

	for (uint64_t at = 0; at < end && !w->gone;)
		if (read_on(w, &at, e) < 0 ||
		    progress_report(audit->progress, audit->at.bytes + at * ARCHIVE_BLOCK, w->total,
				    e) < 0)
			return -1;
	return end_range(w, e);
}

static int compare_sums(struct walk *w, struct err *e)
{
	uint8_t sha256[HASH_SHA256_LEN];

	if (w->hash.crc32 != w->content.crc32)
		return tell_whole(w, "the CRC-32 of its bytes is another one", e);
	hash_sha256(&w->hash, sha256);
	return memcmp(sha256, w->content.sha256, sizeof sha256) != 0
		       ? tell_whole(w, "the SHA-256 of its bytes is another one", e)
		       : 0;
}

/* ---- maps and records */

/* True when the map names sectors behind the end: they are no harm to read, but were not stored. */
static bool map_goes_on(struct walk *w)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(w->db);
	AUTO(stmt_free)
	struct stmt s = stmt_new(&tx, "SELECT seq, length(blocks) AS len FROM content_map"
				      " WHERE content = ? ORDER BY seq DESC LIMIT 1");
	int64_t n = 0;
	struct err e;

	stmt_int(&s, w->content.id);
	if (stmt_row(&s))
		n = stmt_col_int(&s, "seq") * (int64_t)MAP_ROW + stmt_col_int(&s, "len") / 4;
	return stmt_end(&s, &e) == 0 && n > (int64_t)sectors(w->content.size);
}

/* The next dump with this content, and what is wrong with its record ("": nothing). */
static int64_t look_at_dump(struct walk *w, int64_t after, struct dump *dump, char *why,
			    size_t size)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(w->db);
	const int64_t id = dump_by_index(&tx, w->content.id, after);
	struct err e;

	*why = '\0';
	if (id == AUDIT_NONE)
		return id;
	if (dump_get(&tx, id, dump, &e) < 0)
		snprintf(why, size, "its record: %.200s", e.text);
	else if (dump->content.id != w->content.id)
		snprintf(why, size, "its record names content %lld, the index content %lld",
			 (long long)dump->content.id, (long long)w->content.id);
	return id;
}

static int check_dumps(struct walk *w, struct err *e)
{
	struct audit_damage damage = { .content = w->content.id, .length = w->content.size };
	AUTO(auto_free) struct dump *dump = calloc(1, sizeof *dump);

	if (!dump)
		return err_set(e, ERR_MEMORY, "out of memory for a dump's record");
	for (;;) {
		damage.dump =
			look_at_dump(w, damage.dump, dump, damage.reason, sizeof damage.reason);
		if (damage.dump == AUDIT_NONE)
			return 0;
		w->audit->at.checked++;
		if (*damage.reason && !w->damaged && tell(w->audit, &damage, e) < 0)
			return -1;
	}
}

/* ---- one content after another */

static int load(struct walk *w, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(w->db);

	return content_get(&tx, w->content.id, &w->content, e);
}

static int check_bytes(struct walk *w, struct err *e)
{
	if (read_sectors(w, e) < 0)
		return -1;
	if (!w->gone && !w->damaged && map_goes_on(w) &&
	    tell_whole(w, "its map goes on behind its end", e) < 0)
		return -1;
	if (!w->gone && !w->damaged && compare_sums(w, e) < 0)
		return -1;
	w->audit->at.bytes += w->content.size;
	return 0;
}

/* Somebody names it, and there is no such thing; or nobody does, and it was removed just now. */
static int check_lost(struct walk *w, const struct err *why, struct err *e)
{
	if (why->code == ERR_NOT_FOUND && find_dump(w->db, w->content.id, 0) == AUDIT_NONE)
		return 0;
	return tell_whole(w, why->text, e);
}

static int check_content(struct walk *w, struct err *e)
{
	struct err why;

	hash_init(&w->hash);
	if (load(w, &why) == 0) {
		if (check_bytes(w, e) < 0)
			return -1;
	} else if (!is_damage(&why)) {
		*e = why;
		return -1;
	} else if (check_lost(w, &why, e) < 0) {
		return -1;
	}
	return w->gone ? 0 : check_dumps(w, e);
}

/* The id that a query gives above this one; AUDIT_NONE when there is none, or it cannot be told. */
static int64_t above(struct tx *tx, const char *sql, int64_t id)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, sql);
	int64_t found = AUDIT_NONE;
	struct err e;

	stmt_int(&s, id);
	if (stmt_row(&s))
		found = stmt_col_int(&s, "id");
	return stmt_end(&s, &e) == 0 && found > id ? found : AUDIT_NONE;
}

/* The next content that there is, or that a dump names: where one cannot be read the other leads on. */
static int64_t next_content(struct db *db, int64_t after)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);
	const int64_t here = above(&tx,
				   "SELECT id FROM content WHERE id > ? AND complete = 1"
				   " ORDER BY id LIMIT 1",
				   after);
	const int64_t named = above(&tx,
				    "SELECT content AS id FROM dump INDEXED BY dump_by_content"
				    " WHERE content > ? ORDER BY content LIMIT 1",
				    after);

	return first_of(here, named);
}

static uint64_t total_bytes(struct db *db)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);
	const int64_t bytes =
		above(&tx, "SELECT sum(size) AS id FROM content WHERE id > ? AND complete = 1", 0);

	return bytes == AUDIT_NONE ? 0 : (uint64_t)bytes;
}

int audit_contents(struct db *db, struct audit *audit, struct err *e)
{
	const uint64_t total = total_bytes(db);

	for (;;) {
		struct walk w = { .db = db, .audit = audit, .total = total };

		w.content.id = next_content(db, audit->at.content);
		if (w.content.id == AUDIT_NONE)
			return 0;
		if (progress_report(audit->progress, audit->at.bytes, total, e) < 0 ||
		    check_content(&w, e) < 0)
			return -1;
		audit->at.content = w.content.id;
		if (audit->passed && audit->passed(audit, e) < 0)
			return -1;
	}
}
