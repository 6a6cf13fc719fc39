#include "slots.h"

#include <stdio.h>

#include "api_impl.h"
#include "auto.h"
#include "handlers.h"
#include "json.h"
#include "read.h"
#include "wire.h"

cJSON *slots_all(struct rig *rig)
{
	AUTO(auto_json) cJSON *slots = cJSON_CreateArray();

	for (size_t i = 0; i < rig_slot_count(rig); i++) {
		struct slot_info info;

		rig_slot_at(rig, i, &info);
		if (!slots || !json_push(slots, wire_slot(&info)))
			return NULL;
	}
	return TAKE(slots);
}

int slots_list(struct request *req, struct reply *reply, struct err *e)
{
	return json_reply_list(reply, "slots", slots_all(api_of(req)->rig), -1, e);
}

int slots_get(struct request *req, struct reply *reply, struct err *e)
{
	struct slot_info info;

	if (rig_slot_get(api_of(req)->rig, req->args.name, &info, e) < 0)
		return -1;
	return json_reply(reply, HTTP_OK, wire_slot(&info), e);
}

int slots_reset(struct request *req, struct reply *reply, struct err *e)
{
	if (read_nothing(req, e) < 0 || rig_slot_reset(api_of(req)->rig, req->args.name, e) < 0)
		return -1;
	reply_empty(reply, HTTP_NO_CONTENT);
	return 0;
}

int slots_log(struct request *req, struct reply *reply, struct err *e)
{
	AUTO(auto_free) char *text = NULL;
	char topic[JOB_SLOT + sizeof SLOT_TOPIC];
	int64_t at_ms;

	/* Whether there is one is told by a status, not by an empty stream. */
	if (rig_slot_log(api_of(req)->rig, req->args.name, &at_ms, &text, e) < 0)
		return -1;
	snprintf(topic, sizeof topic, SLOT_TOPIC "%s", req->args.name);
	reply_stream_of(reply, topic);
	return 0;
}
