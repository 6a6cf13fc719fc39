/* The configuration as GET /config shows it: a list of settings for the api. */
#pragma once

#include "api.h"
#include "config.h"
#include "err.h"

struct settings {
	struct viewer_list *list; /* owned */
	const struct api_setting *all;
	size_t n;
};

/* archive is where it really is. The texts live until settings_done(). ERR_MEMORY. */
int settings_init(struct settings *settings, const struct config *config, const char *archive,
		  struct err *e) MUST_CHECK;
void settings_done(struct settings *settings); /* accepts all zero */
