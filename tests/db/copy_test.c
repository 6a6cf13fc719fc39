#include "check.h"

#include <stdio.h>
#include <unistd.h>

#include "archive.h"
#include "auto.h"
#include "copy.h"
#include "room.h"

static struct err e;

static void name_copy(const struct room *room, char path[300])
{
	snprintf(path, 300, "%s/copy.db", room->temp.dir);
}

static void copy_holds_what_the_archive_held(void)
{
	AUTO(room_close) struct room room;
	AUTO(db_close) struct db from = { 0 };
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 2 * MIB);
	struct content content;
	char path[300];

	CHECK_OK(room_open(&room, &e), e);
	name_copy(&room, path);
	CHECK_OK(take_in(&room.db, bytes, 2 * MIB, &content, &e), e);
	CHECK_OK(db_open_to_read(&from, room.temp.path, &e), e);
	CHECK_OK(db_copy(&from, path, NULL, &e), e);

	AUTO(db_close) struct db copy = { 0 };

	CHECK_OK(db_open(&copy, path, &e), e);
	CHECK(holds(&copy, content.id, bytes, 2 * MIB));
	CHECK(is_clean(&copy));
}

/* Writes while the copy is made. */
struct intruder {
	struct progress progress; /* first */
	struct db *db;
	uint64_t seed, calls;
};

static int intrude(struct progress *progress, uint64_t done, uint64_t total, struct err *err)
{
	struct intruder *in = (struct intruder *)progress;
	AUTO(auto_free) uint8_t *bytes = noise_new(in->seed++, MIB / 2);
	struct content content;

	(void)done, (void)total;
	in->calls++;
	return take_in(in->db, bytes, MIB / 2, &content, err);
}

static void copy_is_of_one_moment_while_others_write(void)
{
	AUTO(room_close) struct room room;
	AUTO(db_close) struct db from = { 0 };
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 9 * MIB);
	struct intruder in = { .progress.report = intrude, .db = &room.db, .seed = 100 };
	struct content content;
	char path[300];

	CHECK_OK(room_open(&room, &e), e);
	name_copy(&room, path);
	CHECK_OK(take_in(&room.db, bytes, 9 * MIB, &content, &e), e);
	CHECK_OK(db_open_to_read(&from, room.temp.path, &e), e);
	CHECK_OK(db_copy(&from, path, &in.progress, &e), e);
	CHECK(in.calls >= 3);

	AUTO(db_close) struct db copy = { 0 };

	CHECK_OK(db_open(&copy, path, &e), e);
	CHECK(holds(&copy, content.id, bytes, 9 * MIB));
	CHECK(ask(&copy, "SELECT count(*) FROM content") == 1);
	CHECK(is_clean(&copy));
}

static int stop(struct progress *progress, uint64_t done, uint64_t total, struct err *err)
{
	(void)progress, (void)done, (void)total;
	return err_set(err, ERR_CANCELLED, "cancelled");
}

static void stopped_copy_leaves_nothing(void)
{
	AUTO(room_close) struct room room;
	AUTO(db_close) struct db from = { 0 };
	struct progress progress = { stop };
	char path[300];

	CHECK_OK(room_open(&room, &e), e);
	name_copy(&room, path);
	CHECK_OK(db_open_to_read(&from, room.temp.path, &e), e);
	CHECK(db_copy(&from, path, &progress, &e) == -1 && e.code == ERR_CANCELLED);
	CHECK(access(path, F_OK) == -1);
}

static void file_that_is_there_stays_as_it_is(void)
{
	AUTO(room_close) struct room room;
	AUTO(db_close) struct db from = { 0 };
	char path[300];
	FILE *f;

	CHECK_OK(room_open(&room, &e), e);
	name_copy(&room, path);
	f = fopen(path, "w");
	CHECK(f && fputs("mine", f) >= 0 && fclose(f) == 0);
	CHECK_OK(db_open_to_read(&from, room.temp.path, &e), e);
	CHECK(db_copy(&from, path, NULL, &e) == -1 && e.code == ERR_CONFLICT);
	CHECK(file_size(path) == 4);
}

static void what_is_no_archive_is_not_opened_to_read(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	struct db db;
	FILE *f;

	CHECK(db_open_to_read(&db, temp.path, &e) == -1 && e.code == ERR_IO);
	db_close(&db);
	CHECK(access(temp.path, F_OK) == -1);
	f = fopen(temp.path, "w");
	CHECK(f && fclose(f) == 0);
	CHECK(db_open_to_read(&db, temp.path, &e) == -1 && e.code == ERR_ARCHIVE_DAMAGED);
	db_close(&db);
	CHECK(file_size(temp.path) == 0);
}

static const struct check all[] = {
	{ "a copy holds what the archive held", copy_holds_what_the_archive_held },
	{ "a copy is of one moment while others write", copy_is_of_one_moment_while_others_write },
	{ "a stopped copy leaves nothing", stopped_copy_leaves_nothing },
	{ "a file that is there stays as it is", file_that_is_there_stays_as_it_is },
	{ "what is no archive is not opened to read", what_is_no_archive_is_not_opened_to_read },
};
CHECK_MAIN(all)
