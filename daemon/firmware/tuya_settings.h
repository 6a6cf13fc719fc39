/* Tuya's values as settings: objects taken apart, network names decoded, and who may see what. */
#pragma once

#include "setting.h"
#include "tuya_vault.h"

/* The store's values, and those of a protected sector in the place before it, when there is one. ERR_MEMORY. */
int tuya_settings(struct flash *flash, const struct tuya_vault *vault, struct settings *settings,
		  struct err *e) MUST_CHECK;

/* Adds one value. */
void tuya_settings_add(struct settings *settings, const struct tuya_value *value);
