/* An archive of its own in a folder of its own, and what the tests of content do with it. */
#pragma once

#include "archive.h"
#include "temp.h"

#define MIB   ((size_t)1 << 20)
#define BLOCK ((size_t)ARCHIVE_BLOCK)

struct room {
	struct temp temp;
	struct db db;
};

int room_open(struct room *room, struct err *e);
void room_close(struct room *room);

int read_back(struct db *db, int64_t id, uint64_t offset, uint8_t *buf, size_t len, struct err *e);

/* Are the sums those of these bytes? */
bool sums_are_of(const struct content *content, const uint8_t *bytes, size_t len);

/* Is this what the archive holds under this id? */
bool holds(struct db *db, int64_t id, const uint8_t *bytes, size_t len);

int seal_and_commit(struct db *db, struct ingest *in, struct content *content, struct err *e);
