/* Do we have these bytes already? */
#include "lookup.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api_impl.h"
#include "auto.h"
#include "handlers.h"
#include "json.h"
#include "read.h"
#include "wire.h"

#define FOUND 50 /* of each kind */

/* The body, as it came. */
struct sums {
	char sha256[HASH_SHA256_TEXT], crc32[9];
	int64_t size;
};

#define AT(member)   offsetof(struct sums, member)
#define SIZE(member) sizeof(((struct sums *)0)->member)

static const struct field fields[] = {
	{ "sha256", read_text, AT(sha256), SIZE(sha256) },
	{ "crc32", read_text, AT(crc32), SIZE(crc32) },
	{ "size", read_size, AT(size), 0 },
};

static int parse(const struct sums *sums, struct lookup *lookup, struct err *e)
{
	uint8_t crc32[4];

	*lookup = (struct lookup){ .has_sha256 = sums->sha256[0] };
	if (lookup->has_sha256) {
		if (sums->crc32[0] || sums->size >= 0)
			return err_set(e, ERR_BAD_INPUT, "sha256 says it all: nothing beside it");
		return hash_unhex(sums->sha256, lookup->sha256, sizeof lookup->sha256) == 0
			       ? 0
			       : err_set(e, ERR_BAD_INPUT, "sha256: 64 hex digits are wanted");
	}
	if (!sums->crc32[0] || sums->size < 0)
		return err_set(e, ERR_BAD_INPUT, "sha256 is wanted, or crc32 and size");
	if (hash_unhex(sums->crc32, crc32, sizeof crc32) < 0)
		return err_set(e, ERR_BAD_INPUT, "crc32: 8 hex digits are wanted");
	for (size_t i = 0; i < sizeof crc32; i++)
		lookup->crc32 = lookup->crc32 << 8 | crc32[i];
	lookup->size = (uint64_t)sums->size;
	return 0;
}

static int read_body(const char *text, size_t len, unsigned depth, struct lookup *lookup,
		     struct err *e)
{
	AUTO(auto_json) cJSON *json = NULL;
	struct sums sums = { .size = -1 };

	if (read_json(text, len, depth, &json, e) < 0 ||
	    read_fields(json, fields, ARRAY_LEN(fields), &sums, e) < 0)
		return -1;
	return parse(&sums, lookup, e);
}

static int add_dumps(cJSON *array, struct tx *tx, const struct lookup *lookup, struct err *e)
{
	AUTO(auto_free) struct dump *dump = calloc(1, sizeof *dump);
	int64_t ids[FOUND];
	size_t n;

	if (lookup_dumps(tx, lookup, ids, FOUND, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!dump)
			return err_set(e, ERR_MEMORY, "out of memory for a dump's record");
		if (dump_get(tx, ids[i], dump, e) < 0)
			return -1;
		if (!json_push(array, wire_dump(dump)))
			return err_set(e, ERR_MEMORY, "out of memory for a list of dumps");
	}
	return 0;
}

static int add_images(cJSON *array, struct tx *tx, const struct lookup *lookup, struct err *e)
{
	int64_t ids[FOUND];
	size_t n;

	if (lookup_images(tx, lookup, ids, FOUND, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct image image;

		if (image_get(tx, ids[i], &image, e) < 0)
			return -1;
		if (!json_push(array, wire_image(&image)))
			return err_set(e, ERR_MEMORY, "out of memory for a list of images");
	}
	return 0;
}

static int answer(struct db *db, const struct lookup *lookup, struct reply *reply, struct err *e)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();
	cJSON *dumps = o ? cJSON_AddArrayToObject(o, "dumps") : NULL;
	cJSON *images = o ? cJSON_AddArrayToObject(o, "images") : NULL;
	AUTO(tx_end) struct tx tx = tx_begin_read(db);

	if (!dumps || !images)
		return err_set(e, ERR_MEMORY, "out of memory for an answer");
	if (add_dumps(dumps, &tx, lookup, e) < 0 || add_images(images, &tx, lookup, e) < 0)
		return -1;
	return json_reply(reply, HTTP_OK, TAKE(o), e);
}

/* ---- the body: sums as JSON, or the bytes themselves, of which nothing is kept */

#define JSON_MAX 4096u

struct question {
	struct body_sink base; /* first */
	bool is_json;
	size_t len;
	char json[JSON_MAX + 1];
	struct hash hash;
};

static int question_write(struct body_sink *sink, const void *bytes, size_t len, struct err *e)
{
	struct question *q = (struct question *)sink;

	if (!q->is_json) {
		hash_update(&q->hash, bytes, len);
		return 0;
	}
	if (len > JSON_MAX - q->len)
		return err_set(e, ERR_TOO_LARGE, "the body is larger than %u bytes", JSON_MAX);
	memcpy(q->json + q->len, bytes, len);
	q->len += len;
	return 0;
}

static int question_finish(struct body_sink *sink, struct request *req, struct reply *reply,
			   struct err *e)
{
	struct question *q = (struct question *)sink;
	struct lookup lookup = { .has_sha256 = true };

	if (q->is_json) {
		if (read_body(q->json, q->len, api_of(req)->info.json_depth, &lookup, e) < 0)
			return -1;
	} else if (q->hash.len == 0) {
		return err_set(e, ERR_BAD_INPUT, "the request has no body");
	} else {
		hash_sha256(&q->hash, lookup.sha256);
	}
	return answer(api_of(req)->db, &lookup, reply, e);
}

static void question_free(struct body_sink *sink)
{
	free(sink);
}

int dumps_lookup(struct request *req, struct reply *reply, struct err *e)
{
	const char *type = request_header(req, "Content-Type");
	struct question *q = calloc(1, sizeof *q);

	(void)reply;
	if (!q)
		return err_set(e, ERR_MEMORY, "out of memory for a question");
	q->base = (struct body_sink){ question_write, question_finish, question_free };
	q->is_json = !type || !strncasecmp(type, "application/json", 16);
	hash_init(&q->hash);
	req->sink = &q->base;
	return 0;
}
