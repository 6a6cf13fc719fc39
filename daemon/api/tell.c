#include "tell.h"

#include <stdlib.h>
#include <string.h>

#include "api_impl.h"
#include "auto.h"
#include "batch_json.h"
#include "hub.h"
#include "json.h"
#include "log.h"
#include "rig_batch.h"
#include "wire.h"

/* Which one; a slot has a name, the others a number. */
struct thing {
	const char *name;
	int64_t id;
};

struct subject {
	const char *type; /* of the event */
	/* How it is now, *json is NULL without memory. Errors: ERR_NOT_FOUND, those of the archive. */
	int (*look)(struct api *api, const struct thing *thing, cJSON **json, struct err *e);
};

static int look_at_slot(struct api *api, const struct thing *thing, cJSON **json, struct err *e)
{
	struct slot_info info;

	if (rig_slot_get(api->rig, thing->name, &info, e) < 0)
		return -1;
	*json = wire_slot(&info);
	return 0;
}

static int look_at_batch(struct api *api, const struct thing *thing, cJSON **json, struct err *e)
{
	AUTO(auto_free) struct batch *batch = malloc(sizeof *batch);

	if (!batch)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (rig_batch_get(api->rig, thing->id, batch, e) < 0)
		return -1;
	*json = batch_json(api->db, batch);
	return 0;
}

static int look_at_dump(struct api *api, const struct thing *thing, cJSON **json, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(api->db);
	struct dump dump;

	if (dump_get(&tx, thing->id, &dump, e) < 0)
		return -1;
	*json = wire_dump(&dump);
	return 0;
}

static int look_at_image(struct api *api, const struct thing *thing, cJSON **json, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(api->db);
	struct image image;

	if (image_get(&tx, thing->id, &image, e) < 0)
		return -1;
	*json = wire_image(&image);
	return 0;
}

static const struct subject slots = { "slot", look_at_slot };
static const struct subject batches = { "batch", look_at_batch };
static const struct subject dumps = { "dump", look_at_dump };
static const struct subject images = { "image", look_at_image };

/* *text is owned by the caller. */
static int words(struct api *api, const struct subject *subject, const struct thing *thing,
		 char **text, struct err *e)
{
	cJSON *json = NULL;

	if (subject->look(api, thing, &json, e) < 0)
		return -1;
	*text = json_print(json);
	return *text ? 0 : err_set(e, ERR_MEMORY, "out of memory");
}

/* Removed while it was told: the event of that may have gone out before ours. */
static void cannot_tell(struct api *api, const struct subject *subject, const struct thing *thing,
			bool told, const struct err *e)
{
	if (e->code != ERR_NOT_FOUND)
		log_error("event %s: %s", subject->type, e->text);
	else if (told)
		tell_deleted(api, subject->type, thing->id);
}

static void tell(struct api *api, const struct subject *subject, const struct thing *thing)
{
	AUTO(auto_free) char *told = NULL;

	for (;;) {
		AUTO(auto_free) char *now = NULL;
		struct err e;

		if (words(api, subject, thing, &now, &e) < 0) {
			cannot_tell(api, subject, thing, told != NULL, &e);
			return;
		}
		if (told && !strcmp(told, now))
			return;
		hub_publish(api->hub, subject->type, now);
		free(told);
		told = TAKE(now);
	}
}

void tell_slot(struct api *api, const char *name)
{
	tell(api, &slots, &(struct thing){ .name = name });
}

void tell_batch(struct api *api, int64_t id)
{
	tell(api, &batches, &(struct thing){ .id = id });
}

void tell_dump(struct api *api, int64_t id)
{
	tell(api, &dumps, &(struct thing){ .id = id });
}

void tell_image(struct api *api, int64_t id)
{
	tell(api, &images, &(struct thing){ .id = id });
}

void tell_deleted(struct api *api, const char *kind, int64_t id)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();
	AUTO(auto_free) char *text = o && json_int(o, kind, id) ? json_print(TAKE(o)) : NULL;

	if (text)
		hub_publish(api->hub, "deleted", text);
	else
		log_error("event deleted: out of memory");
}
