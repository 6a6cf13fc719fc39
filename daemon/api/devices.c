#include "device_store.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>

#include "api_impl.h"
#include "auto.h"
#include "device_merge.h"
#include "handlers.h"
#include "json.h"
#include "paging.h"
#include "read.h"
#include "tag_list.h"
#include "wire.h"

#define AT(member)   offsetof(struct device, member)
#define SIZE(member) sizeof(((struct device *)0)->member)

static cJSON *wire_devices(const struct device *devices, size_t n)
{
	AUTO(auto_json) cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < n; i++)
		if (!array || !json_push(array, wire_device(&devices[i])))
			return NULL;
	return TAKE(array);
}

static int load(struct db *db, const struct device_filter *filter, int64_t limit,
		struct reply *reply, struct err *e)
{
	struct page page = { .max = (size_t)limit };
	AUTO(auto_free) struct device *devices = calloc(page.max, sizeof *devices);
	AUTO(tx_end) struct tx tx = tx_begin_read(db);

	if (!devices)
		return err_set(e, ERR_MEMORY, "out of memory for a list of devices");
	if (device_list(&tx, filter, devices, &page, e) < 0)
		return -1;
	return json_reply_list(reply, "devices", wire_devices(devices, page.n), page.next, e);
}

int devices_list(struct request *req, struct reply *reply, struct err *e)
{
	struct device_filter filter = { .q = request_query(req, "q") };
	struct paging paging;

	if (paging_read(req, &paging, e) < 0)
		return -1;
	filter.before = paging.before;
	return load(api_of(req)->db, &filter, paging.limit, reply, e);
}

int devices_get(struct request *req, struct reply *reply, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(api_of(req)->db);
	struct device device;

	if (device_get(&tx, req->args.id, &device, e) < 0)
		return -1;
	return json_reply(reply, HTTP_OK, wire_device(&device), e);
}

static int read_tags(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	struct device *device = at;

	return read_tag_list(value, field, device->tag, &device->tags, e);
}

static const struct field fields[] = {
	{ "label", read_text, AT(label), SIZE(label) },
	{ "notes", read_text, AT(notes), SIZE(notes) },
	{ "tags", read_tags, 0, 0 },
};

static int change(const struct request *req, const cJSON *json, struct device *device,
		  struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(api_of(req)->db);

	if (device_get(&tx, req->args.id, device, e) < 0 ||
	    read_fields(json, fields, ARRAY_LEN(fields), device, e) < 0 ||
	    device_update(&tx, device, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

int devices_patch(struct request *req, struct reply *reply, struct err *e)
{
	AUTO(auto_json) cJSON *json = NULL;
	struct device device;

	if (read_json(req->body, req->body_len, api_of(req)->info.json_depth, &json, e) < 0 ||
	    change(req, json, &device, e) < 0)
		return -1;
	return json_reply(reply, HTTP_OK, wire_device(&device), e);
}

static const struct field other_field = { "other", read_size, 0, 0 };

static int read_other(const struct request *req, int64_t *other, struct err *e)
{
	AUTO(auto_json) cJSON *json = NULL;

	*other = 0;
	if (read_json(req->body, req->body_len, api_of(req)->info.json_depth, &json, e) < 0 ||
	    read_fields(json, &other_field, 1, other, e) < 0)
		return -1;
	return *other ? 0 : err_set(e, ERR_BAD_INPUT, "other: the id of a device is wanted");
}

static int merge(struct db *db, int64_t id, int64_t other, struct device *device, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);

	if (device_merge(&tx, id, other, e) < 0 || device_get(&tx, id, device, e) < 0)
		return -1;
	return tx_commit(&tx, e);
}

int devices_merge(struct request *req, struct reply *reply, struct err *e)
{
	const int64_t id = req->args.id;
	struct device device;
	int64_t other;

	if (read_other(req, &other, e) < 0 || merge(api_of(req)->db, id, other, &device, e) < 0)
		return -1;
	request_note(req, "device %" PRId64 " is part of device %" PRId64, other, id);
	rig_device_merged(api_of(req)->rig, id, other);
	return json_reply(reply, HTTP_OK, wire_device(&device), e);
}
