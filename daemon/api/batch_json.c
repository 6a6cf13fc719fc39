#include "batch_json.h"

#include <stdlib.h>

#include "auto.h"
#include "json.h"
#include "wire.h"

#define OPEN_MAX 64 /* in a snapshot */

static cJSON *wire_ids(const int64_t *ids, size_t n)
{
	AUTO(auto_json) cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < n; i++)
		if (!array || !json_push(array, cJSON_CreateNumber((double)ids[i])))
			return NULL;
	return TAKE(array);
}

static size_t load_ids(struct db *db, int64_t id, int64_t ids[BATCH_JOBS])
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);
	struct err e;
	size_t n;

	return batch_jobs(&tx, id, ids, &n, &e) < 0 ? 0 : n;
}

cJSON *batch_json(struct db *db, const struct batch *batch)
{
	AUTO(auto_free) int64_t *ids = calloc(BATCH_JOBS, sizeof *ids);
	AUTO(auto_json) cJSON *o = wire_batch(batch);

	if (ids && json_child(o, "jobs", wire_ids(ids, load_ids(db, batch->id, ids))))
		return TAKE(o);
	return NULL;
}

static int load_open(struct db *db, struct batch *batches, size_t *n, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);

	return batch_list_open(&tx, batches, OPEN_MAX, n, e);
}

int batch_json_open(struct db *db, cJSON **array, struct err *e)
{
	AUTO(auto_free) struct batch *batches = calloc(OPEN_MAX, sizeof *batches);
	AUTO(auto_json) cJSON *all = cJSON_CreateArray();
	size_t n;

	if (!batches || !all)
		return err_set(e, ERR_MEMORY, "out of memory for the open batches");
	if (load_open(db, batches, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!json_push(all, batch_json(db, &batches[i])))
			return err_set(e, ERR_MEMORY, "out of memory for the open batches");
	*array = TAKE(all);
	return 0;
}
