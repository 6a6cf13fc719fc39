#include "room.h"

#include <stdlib.h>
#include <string.h>

#include "auto.h"

int room_open(struct room *room, struct err *e)
{
	room->temp = temp_open();
	return db_open(&room->db, room->temp.path, e);
}

void room_close(struct room *room)
{
	db_close(&room->db);
	temp_close(&room->temp);
}

int read_back(struct db *db, int64_t id, uint64_t offset, uint8_t *buf, size_t len, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);

	return content_read(&tx, id, offset, buf, len, e);
}

bool sums_are_of(const struct content *content, const uint8_t *bytes, size_t len)
{
	uint8_t sha256[HASH_SHA256_LEN];
	struct hash hash;

	hash_init(&hash);
	hash_update(&hash, bytes, len);
	hash_sha256(&hash, sha256);
	return content->size == len && content->crc32 == hash.crc32 &&
	       !memcmp(content->sha256, sha256, sizeof sha256);
}

bool holds(struct db *db, int64_t id, const uint8_t *bytes, size_t len)
{
	AUTO(auto_free) uint8_t *buf = malloc(len + 1);
	struct err e;

	return buf && read_back(db, id, 0, buf, len, &e) == 0 && !memcmp(buf, bytes, len);
}

static int commit(struct db *db, struct ingest *in, struct content *content, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);

	if (ingest_commit(in, &tx, content, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

int seal_and_commit(struct db *db, struct ingest *in, struct content *content, struct err *e)
{
	return ingest_seal(in, content, e) == 0 ? commit(db, in, content, e) : -1;
}
