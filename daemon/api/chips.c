#include <stdio.h>
#include <stdlib.h>

#include "api_impl.h"
#include "auto.h"
#include "handlers.h"
#include "hash.h"
#include "json.h"
#include "rig.h"
#include "wire.h"

#define CHIPS_MAX 1000 /* a page; more than are known */

static cJSON *wire_chips(const struct rig_chip *chips, size_t n)
{
	AUTO(auto_json) cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < n; i++)
		if (!array || !json_push(array, wire_chip(&chips[i])))
			return NULL;
	return TAKE(array);
}

/* By rising ID, so the next page is asked for by `after`; next is its value. */
static cJSON *page(const struct rig_chip *chips, size_t n, bool more)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();
	char next[7] = "";

	if (more)
		snprintf(next, sizeof next, "%06X", chips[n - 1].jedec_id & 0xffffff);
	if (o && json_child(o, "chips", wire_chips(chips, n)) && json_text_or_null(o, "next", next))
		return TAKE(o);
	return NULL;
}

static int read_after(const struct request *req, uint32_t *after, struct err *e)
{
	const char *text = request_query(req, "after");
	uint8_t id[3] = { 0 };

	if (text && hash_unhex(text, id, sizeof id) < 0)
		return err_set(e, ERR_BAD_INPUT, "query: after has six hex digits");
	*after = (uint32_t)id[0] << 16 | (uint32_t)id[1] << 8 | id[2];
	return 0;
}

int chips_list(struct request *req, struct reply *reply, struct err *e)
{
	AUTO(auto_free) struct rig_chip *chips = NULL;
	const char *q = request_query(req, "q");
	int64_t limit = CHIPS_MAX;
	uint32_t after = 0;
	size_t n;

	if (request_query_int(req, "limit", 1, CHIPS_MAX, &limit, e) < 0 ||
	    read_after(req, &after, e) < 0)
		return -1;
	chips = calloc((size_t)limit + 1, sizeof *chips);
	if (!chips)
		return err_set(e, ERR_MEMORY, "out of memory for a list of chips");
	n = rig_chips(q ? q : "", after, chips, (size_t)limit + 1);
	if (n <= (size_t)limit)
		return json_reply(reply, HTTP_OK, page(chips, n, false), e);
	return json_reply(reply, HTTP_OK, page(chips, (size_t)limit, true), e);
}
