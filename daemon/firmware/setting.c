#include "setting.h"

#include <string.h>

const char *privacy_name(enum privacy privacy)
{
	switch (privacy) {
	case PRIVACY_FREE: return "free";
	case PRIVACY_NETWORK: return "network";
	case PRIVACY_PERSONAL: return "personal";
	case PRIVACY_SECRET: return "secret";
	}
	return "secret";
}

bool privacy_is_open(enum privacy privacy)
{
	return privacy == PRIVACY_FREE || privacy == PRIVACY_NETWORK;
}

void settings_add(struct settings *settings, const struct setting *setting, const uint8_t *value,
		  size_t len)
{
	const size_t room = sizeof settings->text - settings->used;
	struct setting *new;

	if (settings_find(settings, setting->store, setting->name))
		return;
	if (settings->n == SETTINGS || room < 2) {
		settings->cut = true;
		return;
	}
	new = &settings->setting[settings->n++];
	*new = *setting;
	new->value = (uint32_t)settings->used;
	new->length = (uint32_t)len;
	fact_text(settings->text + settings->used, room, value, len);
	settings->used += strlen(settings->text + settings->used) + 1;
	settings->cut = settings->cut || len >= room;
}

const struct setting *settings_find(const struct settings *settings, const char *store,
				    const char *name)
{
	for (size_t i = 0; i < settings->n; i++)
		if (!strcmp(settings->setting[i].store, store) &&
		    !strcmp(settings->setting[i].name, name))
			return &settings->setting[i];
	return NULL;
}

const char *settings_value(const struct settings *settings, const struct setting *setting)
{
	return settings->text + setting->value;
}
