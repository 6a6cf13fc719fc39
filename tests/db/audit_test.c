#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#include "archive.h"
#include "audit.h"
#include "auto.h"
#include "dump_store.h"
#include "room.h"

static struct err e;

/* ---- an auditor that remembers */

#define KEPT 4000

struct notes {
	struct audit audit; /* first */
	size_t n, passed;
	struct audit_damage damage[KEPT];
};

static int found(struct audit *audit, const struct audit_damage *damage, struct err *err)
{
	struct notes *notes = (struct notes *)audit;

	(void)err;
	if (notes->n < KEPT)
		notes->damage[notes->n++] = *damage;
	return 0;
}

static int passed(struct audit *audit, struct err *err)
{
	(void)err;
	((struct notes *)audit)->passed++;
	return 0;
}

static struct notes notes;

static void begin(void)
{
	notes.n = notes.passed = 0;
	notes.audit = (struct audit){ .found = found, .passed = passed };
}

/* All of it, through a connection of its own. */
static int audit(const char *path)
{
	AUTO(db_close) struct db db;

	begin();
	if (db_open_to_read(&db, path, &e) < 0 || audit_contents(&db, &notes.audit, &e) < 0)
		return -1;
	return audit_file(&db, &notes.audit, &e);
}

static bool names(int64_t dump)
{
	for (size_t i = 0; i < notes.n; i++)
		if (notes.damage[i].dump == dump)
			return true;
	return false;
}

/* ---- dumps */

static int add_dump(struct db *db, const uint8_t *bytes, size_t len, struct dump *dump)
{
	struct content content;

	if (take_in(db, bytes, len, &content, &e) < 0)
		return -1;

	AUTO(tx_end) struct tx tx = tx_begin(db);

	*dump = (struct dump){ .device = -1,
			       .job = -1,
			       .slot = "left",
			       .jedec_id = "0B4016",
			       .source = DUMP_SPI,
			       .content = content };
	return dump_add(&tx, dump, &e) < 0 ? -1 : tx_commit(&tx, &e);
}

/* Sister n: the first half is that of her family of eight, some of it packs, some is erased. */
static uint8_t *sister(uint64_t n, size_t len)
{
	uint8_t *bytes = noise_new(n / 8, len);

	noise_fill(100 + n, bytes + len / 2, len / 2);
	memset(bytes + len / 4, 0xff, 3 * BLOCK);
	memset(bytes + len / 2 + 2 * BLOCK, (int)n, 2 * BLOCK);
	return bytes;
}

static struct dump dump;

static void sound_archive_has_no_damage(void)
{
	AUTO(room_close) struct room room;

	CHECK_OK(room_open(&room, &e), e);
	for (uint64_t n = 0; n < 3; n++) {
		AUTO(auto_free) uint8_t *bytes = sister(n, 70 * BLOCK + 5);

		CHECK_OK(add_dump(&room.db, bytes, 70 * BLOCK + 5, &dump), e);
	}
	CHECK_OK(add_dump(&room.db, (const uint8_t *)"", 0, &dump), e);
	CHECK_OK(audit(room.temp.path), e);
	CHECK(notes.n == 0 && notes.audit.at.damages == 0);
	CHECK(notes.audit.at.checked == 4 && notes.passed == 4);
	CHECK(notes.audit.at.bytes == 3 * (70 * BLOCK + 5));
}

static void each_damage_is_told_with_dump_and_range(void)
{
	static const struct {
		const char *sql;
		uint64_t offset, length;
		const char *reason;
	} cases[] = {
		{ "UPDATE block SET bytes = zeroblob(4096) WHERE id = 3", 2 * BLOCK, BLOCK,
		  "not what was stored" },
		{ "UPDATE block SET bytes = zeroblob(4096) WHERE id IN (2, 3)", BLOCK, 2 * BLOCK,
		  "not what was stored" },
		{ "DELETE FROM block WHERE id = 4", 3 * BLOCK, BLOCK, "lost" },
		{ "DELETE FROM block WHERE id = 5", 4 * BLOCK, 7, "lost" },
		{ "UPDATE content_map SET blocks = CAST(substr(blocks, 1, 8) AS BLOB)", 2 * BLOCK,
		  2 * BLOCK + 7, "map ends" },
		{ "DELETE FROM content_map", 0, 4 * BLOCK + 7, "map ends" },
		{ "UPDATE content_map SET blocks = CAST(blocks || x'01000000' AS BLOB)", 0,
		  4 * BLOCK + 7, "goes on" },
		{ "UPDATE content SET crc32 = crc32 + 1", 0, 4 * BLOCK + 7, "CRC-32" },
		{ "UPDATE content SET sha256 = zeroblob(32)", 0, 4 * BLOCK + 7, "SHA-256" },
		{ "UPDATE content SET complete = 0", 0, 0, "no content 1" },
		{ "UPDATE dump SET source = 'moon'", 0, 4 * BLOCK + 7, "moon" },
	};
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 5 * BLOCK);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(room_close) struct room room;

		CHECK_OK(room_open(&room, &e), e);
		CHECK_OK(add_dump(&room.db, bytes, 4 * BLOCK + 7, &dump), e);
		CHECK(run(&room.db, cases[i].sql) == 0);
		CHECK_OK(audit(room.temp.path), e);
		CHECK(notes.n == 1 && notes.audit.at.damages == 1);
		CHECK(notes.damage[0].dump == dump.id && notes.damage[0].content == 1);
		CHECK(notes.damage[0].offset == cases[i].offset);
		CHECK(notes.damage[0].length == cases[i].length);
		CHECK(strstr(notes.damage[0].reason, cases[i].reason));
	}
}

static void shared_block_names_every_dump_that_has_it(void)
{
	AUTO(room_close) struct room room;
	const size_t len = 32 * BLOCK;

	CHECK_OK(room_open(&room, &e), e);
	for (uint64_t n = 0; n < 4; n++) {
		AUTO(auto_free) uint8_t *bytes = sister(n / 2, len); /* two dumps of each content */

		CHECK_OK(add_dump(&room.db, bytes, len, &dump), e);
	}
	CHECK(run(&room.db, "DELETE FROM block WHERE id = 1") == 0);
	CHECK_OK(audit(room.temp.path), e);
	CHECK(notes.n == 4 && names(1) && names(2) && names(3) && names(4));
	CHECK(notes.audit.at.checked == 4);
}

static void damage_of_content_without_dump_is_told_too(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, BLOCK);
	struct content content;

	CHECK_OK(room_open(&room, &e), e);
	CHECK_OK(take_in(&room.db, bytes, BLOCK, &content, &e), e);
	CHECK(run(&room.db, "DELETE FROM block") == 0);
	CHECK_OK(audit(room.temp.path), e);
	CHECK(notes.n == 1 && notes.damage[0].dump == AUDIT_NONE && notes.damage[0].content == 1);
}

/* ---- stopping */

struct stopper {
	struct progress progress; /* first */
	uint64_t at, total, last;
};

static int report(struct progress *progress, uint64_t done, uint64_t total, struct err *err)
{
	struct stopper *stopper = (struct stopper *)progress;

	stopper->total = total;
	stopper->last = done;
	return done >= stopper->at ? err_set(err, ERR_CANCELLED, "cancelled") : 0;
}

static void stopped_audit_goes_on_where_it_was(void)
{
	enum { DUMPS = 8 };
	AUTO(room_close) struct room room;
	const size_t len = 64 * BLOCK;
	struct stopper stopper = { .progress.report = report };
	uint64_t checked = 0;

	CHECK_OK(room_open(&room, &e), e);
	for (uint64_t n = 0; n < DUMPS; n++) {
		AUTO(auto_free) uint8_t *bytes = sister(n, len);

		CHECK_OK(add_dump(&room.db, bytes, len, &dump), e);
	}
	CHECK(run(&room.db, "DELETE FROM block WHERE id = 1") == 0);

	AUTO(db_close) struct db db;

	CHECK_OK(db_open_to_read(&db, room.temp.path, &e), e);
	begin();
	notes.audit.progress = &stopper.progress;
	for (stopper.at = 1;; stopper.at += len / 2) {
		const size_t seen = notes.n;

		if (audit_contents(&db, &notes.audit, &e) == 0)
			break;
		CHECK(e.code == ERR_CANCELLED);
		CHECK(notes.audit.at.checked >= checked && notes.n <= seen + 2);
		checked = notes.audit.at.checked;
		notes.n = notes.passed; /* what the content that was left had will be found again */
		notes.audit.at.damages = notes.passed;
	}
	CHECK(stopper.total == DUMPS * len && stopper.last == DUMPS * len);
	CHECK(notes.audit.at.checked == DUMPS && notes.n == DUMPS && notes.passed == DUMPS);
	for (int64_t id = 1; id <= DUMPS; id++)
		CHECK(names(id));
}

static void removed_content_is_no_damage(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 8 * BLOCK);

	CHECK_OK(room_open(&room, &e), e);
	for (size_t n = 1; n <= 2; n++)
		CHECK_OK(add_dump(&room.db, bytes, n * 4 * BLOCK, &dump), e);
	{
		AUTO(tx_end) struct tx tx = tx_begin(&room.db);

		CHECK_OK(dump_remove(&tx, 1, DUMP_FORCE, &e), e);
		CHECK_OK(tx_commit(&tx, &e), e);
	}
	CHECK_OK(audit(room.temp.path), e);
	CHECK(notes.n == 0 && notes.audit.at.checked == 1);
	CHECK_OK(archive_collect(&room.db, NULL, &e), e);
	CHECK_OK(audit(room.temp.path), e);
	CHECK(notes.n == 0 && notes.audit.at.checked == 1);
}

/* ---- flipped bytes */

#define SISTERS 6
#define SISTER  (24 * BLOCK + 100)
#define FLIPS   200
#define SCHEMA  ((size_t)144 << 10)

struct file {
	size_t len;
	uint8_t *bytes;
};

static bool slurp(const char *path, struct file *file)
{
	AUTO(auto_fclose) FILE *f = fopen(path, "rb");

	file->len = file_size(path);
	file->bytes = malloc(file->len + 1);
	return f && file->bytes && fread(file->bytes, 1, file->len, f) == file->len;
}

static bool spill(const char *path, const struct file *file)
{
	AUTO(auto_fclose) FILE *f = fopen(path, "wb");

	return f && fwrite(file->bytes, 1, file->len, f) == file->len && fflush(f) == 0;
}

static bool make_archive(const char *path, size_t dumps, size_t len)
{
	struct db db;

	if (db_open(&db, path, &e) < 0)
		return false;
	for (uint64_t n = 0; n < dumps; n++) {
		AUTO(auto_free) uint8_t *bytes = sister(n, len);

		if (add_dump(&db, bytes, len, &dump) < 0)
			return false;
	}
	db_close(&db);
	return true;
}

/* Whether a dump still comes out as it went in. */
static bool reads(struct db *db, int64_t id, size_t len)
{
	AUTO(auto_free) uint8_t *bytes = sister((uint64_t)id - 1, len);
	AUTO(auto_free) uint8_t *back = calloc(1, len);
	AUTO(tx_end) struct tx tx = tx_begin_read(db);
	struct dump got;

	return dump_get(&tx, id, &got, &e) == 0 && got.content.size == len &&
	       content_read(&tx, got.content.id, 0, back, len, &e) == 0 &&
	       !memcmp(bytes, back, len);
}

/* How many of the dumps are broken; -1 when one of them was not named. */
static int broken_dumps(const char *path, size_t dumps, size_t len)
{
	AUTO(db_close) struct db db;
	int broken = 0;

	if (db_open_to_read(&db, path, &e) < 0)
		return (int)dumps;
	for (int64_t id = 1; id <= (int64_t)dumps; id++) {
		if (reads(&db, id, len))
			continue;
		broken++;
		if (!names(id))
			return -1;
	}
	return broken;
}

static void every_flipped_byte_that_touches_a_dump_is_found(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	struct noise noise = { 2026 };
	struct file file;
	int hits = 0, spared = 0;

	CHECK(make_archive(temp.path, SISTERS, SISTER) && slurp(temp.path, &file));
	for (int i = 0; i < FLIPS && !check_failed; i++) {
		const size_t at = (size_t)(noise_next(&noise) % file.len);
		const uint8_t was = file.bytes[at];
		int broken;

		file.bytes[at] ^= (uint8_t)(1 + noise_next(&noise) % 255);
		spill(temp.path, &file);
		file.bytes[at] = was;
		if (audit(temp.path) < 0) {
			hits++; /* not even opened: nobody can miss that */
			continue;
		}
		broken = broken_dumps(temp.path, SISTERS, SISTER);
		if (broken < 0)
			fprintf(stderr, "flip %d at 0x%zx\n", i, at);
		CHECK(broken >= 0);
		hits += broken > 0;
		spared += broken > 0 && broken < SISTERS;
	}
	free(file.bytes);
	CHECK(hits > FLIPS / 2 && spared > FLIPS / 4);
}

static void many_flips_in_one_file_are_all_found(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	enum { DUMPS = 400 };
	const size_t len = 8 * BLOCK;
	struct noise noise = { 7 };
	struct file file;
	int broken;

	CHECK(make_archive(temp.path, DUMPS, len) && slurp(temp.path, &file));
	/* The first pages are the schema: with it all is gone at once. */
	for (int i = 0; i < FLIPS; i++)
		file.bytes[SCHEMA + noise_next(&noise) % (file.len - SCHEMA)] ^= 0x40;
	spill(temp.path, &file);
	free(file.bytes);
	CHECK_OK(audit(temp.path), e);
	broken = broken_dumps(temp.path, DUMPS, len);
	CHECK(broken > FLIPS / 4);
}

static const struct check all[] = {
	{ "a sound archive has no damage", sound_archive_has_no_damage },
	{ "each damage is told with dump and range", each_damage_is_told_with_dump_and_range },
	{ "a shared block names every dump that has it",
	  shared_block_names_every_dump_that_has_it },
	{ "damage of content without a dump is told too",
	  damage_of_content_without_dump_is_told_too },
	{ "a stopped audit goes on where it was", stopped_audit_goes_on_where_it_was },
	{ "removed content is no damage", removed_content_is_no_damage },
	{ "every flipped byte that touches a dump is found",
	  every_flipped_byte_that_touches_a_dump_is_found },
	{ "many flips in one file are all found", many_flips_in_one_file_are_all_found },
};
CHECK_MAIN(all)
