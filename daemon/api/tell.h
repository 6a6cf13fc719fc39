/*
 * Events that say how a thing is. Several threads may tell of the same one at a time, and who
 * looked first may speak last: so each looks again after it has spoken, and when the thing has
 * changed since, tells that too. The last event about a thing is how it is.
 *
 * From any thread that holds no lock and no transaction. What cannot be told stands in the log.
 */
#pragma once

#include <stdint.h>

struct api;

void tell_slot(struct api *api, const char *name);
void tell_batch(struct api *api, int64_t id);
void tell_dump(struct api *api, int64_t id);
void tell_image(struct api *api, int64_t id);

/* A "dump" or an "image" is gone. An event of its own: one called "dump" is always a whole dump. */
void tell_deleted(struct api *api, const char *kind, int64_t id);
