#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>

#include "api_impl.h"
#include "auto.h"
#include "handlers.h"
#include "json.h"
#include "read.h"
#include "wire.h"

/* The hands that put a simulated board in or take it out. */
struct wish {
	bool present, has_present, fresh;
	int64_t image; /* 0: none */
};

static int read_bool(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	if (!cJSON_IsBool(value))
		return err_set(e, ERR_BAD_INPUT, "%s: true or false is wanted", field->name);
	*(bool *)at = cJSON_IsTrue(value);
	return 0;
}

static int read_present(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	struct wish *wish = at;

	wish->has_present = true;
	return read_bool(value, field, &wish->present, e);
}

static int read_image(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	if (!cJSON_IsNumber(value) || read_size(value, field, at, e) < 0 || *(int64_t *)at < 1)
		return err_set(e, ERR_BAD_INPUT, "%s: an id is wanted", field->name);
	return 0;
}

static const struct field fields[] = {
	{ "present", read_present, 0, 0 },
	{ "fresh", read_bool, offsetof(struct wish, fresh), 0 },
	{ "image", read_image, offsetof(struct wish, image), 0 },
};

static int read_wish(const struct request *req, struct wish *wish, struct err *e)
{
	AUTO(auto_json) cJSON *json = NULL;

	*wish = (struct wish){ .image = 0 };
	if (read_json(req->body, req->body_len, api_of(req)->info.json_depth, &json, e) < 0 ||
	    read_fields(json, fields, ARRAY_LEN(fields), wish, e) < 0)
		return -1;
	if (!wish->has_present)
		return err_set(e, ERR_BAD_INPUT, "present: missing");
	if (!wish->present && (wish->fresh || wish->image))
		return err_set(e, ERR_UNPROCESSABLE, "a board that is taken out is the one there");
	return 0;
}

static int read_content(struct tx *tx, const struct content *content, uint8_t **bytes,
			struct err *e)
{
	AUTO(auto_free) uint8_t *all = malloc(content->size ? content->size : 1);

	if (!all)
		return err_set(e, ERR_MEMORY, "out of memory for a board's content");
	if (content_read(tx, content->id, 0, all, content->size, e) < 0)
		return -1;
	*bytes = TAKE(all);
	return 0;
}

/* *size is at most what a slot's flash can hold: more is refused before it is read. */
static int load_image(struct db *db, int64_t id, uint64_t max, uint8_t **bytes, size_t *len,
		      struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);
	struct image image;

	if (image_get(&tx, id, &image, e) < 0) {
		if (e->code == ERR_NOT_FOUND)
			e->code = ERR_UNPROCESSABLE;
		return -1;
	}
	if (image.content.size > max)
		return err_set(e, ERR_UNPROCESSABLE, "image %" PRId64 " is larger than any flash",
			       id);
	*len = (size_t)image.content.size;
	return read_content(&tx, &image.content, bytes, e);
}

#define FLASH_MAX (128u << 20)

static int plug(const struct request *req, const struct wish *wish, struct err *e)
{
	struct api *api = api_of(req);
	AUTO(auto_free) uint8_t *content = NULL;
	struct rig_plug plug = { .present = wish->present,
				 .other = wish->fresh || wish->image > 0 };

	if (wish->image > 0 &&
	    load_image(api->db, wish->image, FLASH_MAX, &content, &plug.len, e) < 0)
		return -1;
	plug.content = content;
	return rig_slot_plug(api->rig, req->args.name, &plug, e);
}

int slots_sim(struct request *req, struct reply *reply, struct err *e)
{
	struct slot_info info;
	struct wish wish;

	if (read_wish(req, &wish, e) < 0 || plug(req, &wish, e) < 0 ||
	    rig_slot_get(api_of(req)->rig, req->args.name, &info, e) < 0)
		return -1;
	return json_reply(reply, HTTP_OK, wire_slot(&info), e);
}
