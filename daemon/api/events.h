/* What followers are told: how things are when they come, then each change. */
#pragma once

#include "api_impl.h"

/* {slots, jobs, batches}, with the jobs that run. */
int events_snapshot(struct http_app *app, char **text, struct err *e) MUST_CHECK;

/* What is kept of a slot's log. */
int events_recent(struct http_app *app, const char *topic, char **text, struct err *e) MUST_CHECK;

/* Makes the topics of all slots. ERR_MEMORY. */
int events_topics(struct api *api, struct err *e) MUST_CHECK;

/* The observer's side: render once, publish to all. */
void events_init(struct api *api);
