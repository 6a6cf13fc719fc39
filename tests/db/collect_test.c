/* What nothing names any more goes, and nothing else, whatever comes in at the same time. */
#include "check.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auto.h"
#include "conn.h"
#include "dump_store.h"
#include "image_store.h"
#include "room.h"

static _Thread_local struct err e;

static int add_image(struct db *db, const struct content *content, int64_t *id)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);
	struct image image = { .name = "i", .kind = "bin", .content = *content };

	if (image_add(&tx, &image, &e) < 0)
		return -1;
	*id = image.id;
	return tx_commit(&tx, &e);
}

/* Content with a name: an image. */
static int put(struct db *db, const uint8_t *bytes, size_t len, int64_t *image)
{
	struct content content = { 0 };

	return take_in(db, bytes, len, &content, &e) < 0 ? -1 : add_image(db, &content, image);
}

static int drop(struct db *db, int64_t image)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);

	return image_remove(&tx, image, &e) < 0 ? -1 : tx_commit(&tx, &e);
}

static bool image_holds(struct db *db, int64_t id, const uint8_t *bytes, size_t len)
{
	struct image image = { 0 };
	{
		AUTO(tx_end) struct tx tx = tx_begin_read(db);

		if (image_get(&tx, id, &image, &e) < 0)
			return false;
	}
	return holds(db, image.content.id, bytes, len);
}

static int64_t rows(struct db *db, const char *table)
{
	char sql[60];

	snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
	return ask(db, sql);
}

static bool is_empty(struct db *db)
{
	return rows(db, "block") == 0 && rows(db, "content") == 0 && rows(db, "released") == 0;
}

static void removed_content_frees_its_blocks(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 3 * MIB + 1);
	int64_t image;
	size_t size;

	CHECK_OK(room_open(&room, &e), e);
	CHECK_OK(put(&room.db, bytes, 3 * MIB + 1, &image), e);
	CHECK(rows(&room.db, "block") == 3 * 256 + 1);
	CHECK_OK(drop(&room.db, image), e);
	CHECK(rows(&room.db, "block") == 3 * 256 + 1);
	CHECK_OK(archive_collect(&room.db, NULL, &e), e);
	CHECK(is_empty(&room.db) && is_clean(&room.db));
	conn_exec(&room.db.writer, "PRAGMA wal_checkpoint(TRUNCATE)");
	size = file_size(room.temp.path);
	CHECK(size < MIB / 4);
	CHECK_OK(archive_collect(&room.db, NULL, &e), e);
}

static void content_that_another_names_stays(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 2 * BLOCK);
	struct content content = { 0 };
	int64_t one, two;

	CHECK_OK(room_open(&room, &e), e);
	CHECK_OK(take_in(&room.db, bytes, 2 * BLOCK, &content, &e), e);
	CHECK_OK(add_image(&room.db, &content, &one), e);
	CHECK_OK(add_image(&room.db, &content, &two), e);
	CHECK_OK(drop(&room.db, one), e);
	CHECK_OK(archive_collect(&room.db, NULL, &e), e);
	CHECK(image_holds(&room.db, two, bytes, 2 * BLOCK));
	CHECK_OK(drop(&room.db, two), e);
	CHECK_OK(archive_collect(&room.db, NULL, &e), e);
	CHECK(is_empty(&room.db));
}

static void blocks_that_another_needs_stay(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 600 * BLOCK);
	int64_t whole, middle, odd;

	CHECK_OK(room_open(&room, &e), e);
	CHECK_OK(put(&room.db, bytes + 100 * BLOCK, 50 * BLOCK, &middle), e);
	CHECK_OK(put(&room.db, bytes, 600 * BLOCK, &whole), e);
	CHECK_OK(put(&room.db, bytes + 500 * BLOCK, BLOCK + 7, &odd), e);
	CHECK_OK(drop(&room.db, whole), e);
	CHECK_OK(archive_collect(&room.db, NULL, &e), e);
	CHECK(rows(&room.db, "block") == 52 && rows(&room.db, "content") == 2);
	CHECK(image_holds(&room.db, middle, bytes + 100 * BLOCK, 50 * BLOCK));
	CHECK(image_holds(&room.db, odd, bytes + 500 * BLOCK, BLOCK + 7));
	CHECK(is_clean(&room.db));
}

static void several_that_shared_blocks_go_together(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 20 * BLOCK);
	int64_t images[4];

	CHECK_OK(room_open(&room, &e), e);
	for (size_t i = 0; i < 4; i++)
		CHECK_OK(put(&room.db, bytes + i * BLOCK, 10 * BLOCK, &images[i]), e);
	for (size_t i = 0; i < 4; i++)
		CHECK_OK(drop(&room.db, images[i]), e);
	CHECK_OK(archive_collect(&room.db, NULL, &e), e);
	CHECK(is_empty(&room.db));
}

static void same_bytes_that_come_again_are_whole(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 300 * BLOCK);
	int64_t old, again;

	CHECK_OK(room_open(&room, &e), e);
	CHECK_OK(put(&room.db, bytes, 300 * BLOCK, &old), e);
	CHECK_OK(drop(&room.db, old), e);
	CHECK_OK(put(&room.db, bytes, 300 * BLOCK, &again), e);
	CHECK_OK(archive_collect(&room.db, NULL, &e), e);
	CHECK(image_holds(&room.db, again, bytes, 300 * BLOCK));
	CHECK(rows(&room.db, "content") == 1 && is_clean(&room.db));
}

/* The one that comes in has found blocks that the one that goes named alone. */
static void what_is_coming_in_keeps_the_blocks_it_found(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 2 * MIB);
	struct content content = { 0 };
	int64_t old;

	CHECK_OK(room_open(&room, &e), e);
	CHECK_OK(put(&room.db, bytes, 2 * MIB, &old), e);

	AUTO(auto_ingest_close) struct ingest *in = ingest_open(&room.db, &e);

	CHECK(in);
	CHECK_OK(ingest_append(in, bytes, MIB, &e), e);
	CHECK_OK(drop(&room.db, old), e);
	CHECK_OK(archive_collect(&room.db, NULL, &e), e);
	CHECK(rows(&room.db, "block") == 256);
	CHECK_OK(ingest_append(in, bytes + MIB, MIB, &e), e);
	CHECK_OK(seal_and_commit(&room.db, in, &content, &e), e);
	CHECK(holds(&room.db, content.id, bytes, 2 * MIB));
}

/* Ids that went do not come back: the floors of a running ingest would take the new for the old. */
static void sweep_after_a_removal_takes_nothing_that_is_needed(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 2 * MIB);
	struct content content = { 0 };
	int64_t last, kept;
	{
		CHECK_OK(room_open(&room, &e), e);
		CHECK_OK(put(&room.db, bytes, MIB, &last), e);

		AUTO(auto_ingest_close) struct ingest *broken = ingest_open(&room.db, &e);

		CHECK(broken);
		CHECK_OK(drop(&room.db, last), e);
		CHECK_OK(archive_collect(&room.db, NULL, &e), e);
		CHECK_OK(put(&room.db, bytes + MIB, MIB, &kept), e);
		CHECK_OK(ingest_append(broken, bytes, MIB + BLOCK, &e), e);
	}
	CHECK(image_holds(&room.db, kept, bytes + MIB, MIB));
	CHECK(is_clean(&room.db));
	CHECK_OK(take_in(&room.db, bytes, BLOCK, &content, &e), e);
	CHECK(content.id > 3);
}

/* A sweep that took it for an ingest that was broken off would lose sight of its oldest blocks. */
static void sweep_leaves_what_is_released_to_its_collector(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 20 * BLOCK);
	int64_t old, image;
	{
		CHECK_OK(room_open(&room, &e), e);
		CHECK_OK(put(&room.db, bytes, 10 * BLOCK, &old), e);

		AUTO(auto_ingest_close) struct ingest *broken = ingest_open(&room.db, &e);

		CHECK(broken);
		CHECK_OK(put(&room.db, bytes + 5 * BLOCK, 10 * BLOCK, &image), e);
		CHECK_OK(drop(&room.db, old), e);
		CHECK_OK(archive_collect(&room.db, NULL, &e), e);
		CHECK_OK(drop(&room.db, image), e);
	}
	CHECK_OK(archive_collect(&room.db, NULL, &e), e);
	CHECK(is_empty(&room.db));
}

static void reader_of_removed_content_hears_of_it(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 10 * BLOCK);
	struct content content = { 0 };
	uint8_t byte;
	int64_t image;

	CHECK_OK(room_open(&room, &e), e);
	CHECK_OK(take_in(&room.db, bytes, 10 * BLOCK, &content, &e), e);
	CHECK_OK(add_image(&room.db, &content, &image), e);
	CHECK_OK(drop(&room.db, image), e);
	CHECK(read_back(&room.db, content.id, 0, &byte, 1, &e) == -1 && e.code == ERR_NOT_FOUND);
	CHECK_OK(archive_collect(&room.db, NULL, &e), e);
	CHECK_OK(put(&room.db, bytes + BLOCK, BLOCK, &image), e);
	CHECK(read_back(&room.db, content.id, 0, &byte, 1, &e) == -1 && e.code == ERR_NOT_FOUND);
}

/* Released, and dead before its blocks went. */
static int release_and_die(const char *path)
{
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 2 * MIB);
	struct db db;
	int64_t image;

	if (db_open(&db, path, &e) < 0 || put(&db, bytes, 2 * MIB, &image) < 0)
		return 1;
	return drop(&db, image) < 0;
}

static void next_start_does_what_a_crash_left_undone(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	AUTO(db_close) struct db db;
	size_t n;

	CHECK(in_child(release_and_die, temp.path) == 0);
	CHECK_OK(db_open(&db, temp.path, &e), e);
	CHECK(rows(&db, "released") == 1 && rows(&db, "block") == 512);
	CHECK_OK(archive_sweep(&db, &n, &e), e);
	CHECK(is_empty(&db));
}

/* ---- at the same time */

struct worker {
	struct db *db;
	uint64_t seed;
	const uint8_t *bytes;
	bool failed;
};

#define POOL ((size_t)100) /* sectors that all contents are made of */

/* Puts, proves, drops and collects, by seed. */
static void *work(void *arg)
{
	struct worker *w = arg;
	struct noise noise = { w->seed };

	for (int i = 0; i < 25 && !w->failed; i++) {
		const size_t first = noise_next(&noise) % (POOL / 2);
		const size_t n = 1 + noise_next(&noise) % (POOL / 2);
		const uint8_t *bytes = w->bytes + first * BLOCK;
		int64_t image;

		w->failed = put(w->db, bytes, n * BLOCK, &image) < 0 ||
			    !image_holds(w->db, image, bytes, n * BLOCK) ||
			    drop(w->db, image) < 0 || archive_collect(w->db, NULL, &e) < 0;
	}
	return NULL;
}

static void threads_that_put_and_remove_do_not_harm_each_other(void)
{
	enum { THREADS = 4 };
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, POOL * BLOCK);
	struct worker workers[THREADS];
	pthread_t threads[THREADS];
	int64_t kept;

	CHECK_OK(room_open(&room, &e), e);
	CHECK_OK(put(&room.db, bytes, POOL * BLOCK / 2, &kept), e);
	for (uint64_t i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){ .db = &room.db, .seed = i + 1, .bytes = bytes };
		CHECK(pthread_create(&threads[i], NULL, work, &workers[i]) == 0);
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < THREADS; i++)
		CHECK(!workers[i].failed);
	CHECK(image_holds(&room.db, kept, bytes, POOL * BLOCK / 2));
	CHECK_OK(archive_collect(&room.db, NULL, &e), e);
	CHECK(rows(&room.db, "block") == POOL / 2 && rows(&room.db, "content") == 1);
	CHECK(is_clean(&room.db));
}

/* ---- dumps */

static int add_dump(struct db *db, const struct content *content, bool verified, int64_t *id)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);
	AUTO(auto_free) struct dump *dump = calloc(1, sizeof *dump);

	if (!dump)
		return -1;
	*dump = (struct dump){ .device = 1,
			       .job = -1,
			       .jedec_id = "0B4016",
			       .content = *content,
			       .complete = true,
			       .verified = verified,
			       .tags = 1,
			       .tag = { "factory" } };
	if (dump_add(&tx, dump, &e) < 0)
		return -1;
	*id = dump->id;
	return tx_commit(&tx, &e);
}

static int drop_dump(struct db *db, int64_t id, enum dump_force force)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);

	return dump_remove(&tx, id, force, &e) < 0 ? -1 : tx_commit(&tx, &e);
}

static void last_verified_backup_of_a_device_is_spared(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, BLOCK);
	struct content content = { 0 };
	int64_t old, good, bad;

	CHECK_OK(room_open(&room, &e), e);
	CHECK(run(&room.db, "INSERT INTO device (jedec_id, first_seen_ms, last_seen_ms)"
			    " VALUES ('0B4016', 0, 0)") == 0);
	CHECK_OK(take_in(&room.db, bytes, BLOCK, &content, &e), e);
	CHECK_OK(add_dump(&room.db, &content, true, &old), e);
	CHECK_OK(add_dump(&room.db, &content, true, &good), e);
	CHECK_OK(add_dump(&room.db, &content, false, &bad), e);
	CHECK(drop_dump(&room.db, good, DUMP_SPARE_LAST) == -1 && e.code == ERR_CONFLICT);
	CHECK(strstr(e.hint, "force=1"));
	CHECK_OK(drop_dump(&room.db, bad, DUMP_SPARE_LAST), e);
	CHECK_OK(drop_dump(&room.db, old, DUMP_SPARE_LAST), e);
	CHECK_OK(archive_collect(&room.db, NULL, &e), e);
	CHECK(holds(&room.db, content.id, bytes, BLOCK));
	CHECK_OK(drop_dump(&room.db, good, DUMP_FORCE), e);
	CHECK(drop_dump(&room.db, good, DUMP_FORCE) == -1 && e.code == ERR_NOT_FOUND);
	CHECK_OK(archive_collect(&room.db, NULL, &e), e);
	CHECK(is_empty(&room.db) && rows(&room.db, "dump_tag") == 0);
}

static const struct check all[] = {
	{ "removed content frees its blocks", removed_content_frees_its_blocks },
	{ "content that another names stays", content_that_another_names_stays },
	{ "blocks that another needs stay", blocks_that_another_needs_stay },
	{ "several that shared blocks go together", several_that_shared_blocks_go_together },
	{ "same bytes that come again are whole", same_bytes_that_come_again_are_whole },
	{ "what is coming in keeps the blocks it found",
	  what_is_coming_in_keeps_the_blocks_it_found },
	{ "a sweep after a removal takes nothing that is needed",
	  sweep_after_a_removal_takes_nothing_that_is_needed },
	{ "a sweep leaves what is released to its collector",
	  sweep_leaves_what_is_released_to_its_collector },
	{ "reader of removed content hears of it", reader_of_removed_content_hears_of_it },
	{ "next start does what a crash left undone", next_start_does_what_a_crash_left_undone },
	{ "threads that put and remove do not harm each other",
	  threads_that_put_and_remove_do_not_harm_each_other },
	{ "last verified backup of a device is spared",
	  last_verified_backup_of_a_device_is_spared },
};
CHECK_MAIN(all)
