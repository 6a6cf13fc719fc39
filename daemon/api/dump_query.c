#include "dump_query.h"

#include <string.h>

#include "auto.h"
#include "params.h"

static int read_sums(const struct request *req, struct dump_query *q, struct err *e)
{
	static const struct param_hex jedec_id = { "jedec_id", 6, 6, PARAM_UPPER };
	static const struct param_hex sha256 = { "sha256", 1, 64, PARAM_LOWER };
	static const struct param_hex crc32 = { "crc32", 1, 8, PARAM_LOWER };

	if (param_hex(req, &jedec_id, q->jedec_id, e) < 0 ||
	    param_hex(req, &sha256, q->sha256, e) < 0 || param_hex(req, &crc32, q->crc32, e) < 0)
		return -1;
	q->filter.jedec_id = q->jedec_id[0] ? q->jedec_id : NULL;
	q->filter.sha256 = q->sha256[0] ? q->sha256 : NULL;
	q->filter.crc32 = q->crc32[0] ? q->crc32 : NULL;
	return 0;
}

static int read_proof(const struct request *req, struct dump_filter *filter, struct err *e)
{
	bool verified;

	if (param_flag(req, "verified", &verified, e) < 0)
		return -1;
	if (request_query(req, "verified"))
		filter->verified = verified ? DUMP_ONLY_VERIFIED : DUMP_ONLY_UNVERIFIED;
	return 0;
}

static int read_ranges(const struct request *req, struct dump_filter *filter, struct err *e)
{
	int64_t min = 0, max = 0, size = -1;

	if (request_query_int(req, "min_size", 1, INT64_MAX, &min, e) < 0 ||
	    request_query_int(req, "max_size", 1, INT64_MAX, &max, e) < 0 ||
	    request_query_int(req, "size", 1, INT64_MAX, &size, e) < 0 ||
	    param_time(req, "since", &filter->since_ms, e) < 0 ||
	    param_time(req, "until", &filter->until_ms, e) < 0)
		return -1;
	if (size >= 0 && (min || max))
		return err_set(e, ERR_BAD_INPUT,
			       "query: size says it all: no min_size, no max_size");
	if (size >= 0)
		min = max = size;
	filter->min_size = (uint64_t)min;
	filter->max_size = (uint64_t)max;
	return 0;
}

static int read_sort(const struct request *req, struct dump_filter *filter, struct err *e)
{
	const char *sort = request_query(req, "sort");

	if (!sort || !strcmp(sort, "newest"))
		return 0;
	if (strcmp(sort, "best") != 0)
		return err_set(e, ERR_BAD_INPUT, "query: sort is newest or best");
	filter->best_first = true;
	if (!filter->q)
		return err_set(e, ERR_BAD_INPUT, "query: sort=best needs words in q");
	return request_query(req, "before")
		       ? err_set(e, ERR_BAD_INPUT, "query: sort=best has one page, no before")
		       : 0;
}

int dump_query_read(const struct request *req, struct dump_query *q, struct err *e)
{
	*q = (struct dump_query){ .filter = { .device = -1,
					      .before = -1,
					      .q = request_query(req, "q"),
					      .slot = request_query(req, "slot"),
					      .tag = request_query(req, "tag"),
					      .label = request_query(req, "label"),
					      .chip = request_query(req, "chip") } };
	if (read_sums(req, q, e) < 0 || read_proof(req, &q->filter, e) < 0 ||
	    read_ranges(req, &q->filter, e) < 0 || read_sort(req, &q->filter, e) < 0)
		return -1;
	return request_query_int(req, "device", 1, INT64_MAX, &q->filter.device, e);
}
