/* The configuration, as the daemon sees it. */
#include <string.h>

#include "api_impl.h"
#include "auto.h"
#include "handlers.h"
#include "json.h"

static bool add(cJSON *o, const struct api_setting *s)
{
	if (s->is_bool)
		return json_bool(o, s->key, s->number != 0);
	if (s->is_number)
		return cJSON_AddNumberToObject(o, s->key, s->number) != NULL;
	return json_text_or_null(o, s->key, s->text ? s->text : "");
}

/* The settings of one section, from *i on. */
static cJSON *section(const struct api_info *info, size_t *i)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();
	const struct api_setting *first = &info->settings[*i], *s = first;
	bool well = o && (!first->slot || json_text(o, "name", first->slot));

	for (; *i < info->n_settings; s = &info->settings[++*i]) {
		if (strcmp(s->section, first->section) != 0 || s->slot != first->slot)
			break;
		well = well && add(o, s);
	}
	return well ? TAKE(o) : NULL;
}

static cJSON *config(const struct api_info *info)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();
	AUTO(auto_json) cJSON *slots = cJSON_CreateArray();
	bool well = o && slots;

	for (size_t i = 0; i < info->n_settings && well;) {
		const struct api_setting *s = &info->settings[i];

		well = s->slot ? json_push(slots, section(info, &i))
			       : json_child(o, s->section, section(info, &i));
	}
	return well && json_child(o, "slots", TAKE(slots)) ? TAKE(o) : NULL;
}

int config_get(struct request *req, struct reply *reply, struct err *e)
{
	return json_reply(reply, HTTP_OK, config(&api_of(req)->info), e);
}
