/* The configuration as it is in effect, key by key: for people and programs that look at it. */
#pragma once

#include "config.h"
#include "value.h"

enum view_kind { VIEW_NOTHING, VIEW_TEXT, VIEW_NUMBER, VIEW_BOOL };

/* Sizes and durations are texts, as a file would have them: "64M", "10min". */
struct view {
	const char *section; /* "http"; "slot" */
	const char *slot;    /* whose it is; NULL outside of slots */
	const char *key;
	enum view_kind kind; /* VIEW_NOTHING: it is not given, and has no default */
	char text[CONFIG_TEXT];
	double number; /* of a bool: 0 or 1 */
};

/* First member of the viewer's own struct. */
struct viewer {
	void (*see)(struct viewer *viewer, const struct view *view);
};

/* Every key of every section, in the order of the table; of a slot those that its board may have. */
void config_view(const struct config *config, struct viewer *viewer);

/* True when values that this reads can be shown. */
bool view_knows(value_parse *parse);
