/*
 * The JSON that goes beside a dump's bytes: what is known of it and of its device, for a folder
 * years later, or for another archive.
 */
#pragma once

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "device_store.h"
#include "dump_store.h"

#define SIDECAR_FORMAT 1
#define SIDECAR_MAX    (64u << 10) /* bytes of one that is read */

struct sidecar {
	struct dump dump; /* without content but its size and SHA-256; id is that of its archive */
	bool has_device;
	struct device device; /* id is that of its archive */
};

/* file: the name of the bytes. device may be NULL. NULL without memory. */
cJSON *sidecar_wire(const char *file, const struct dump *dump, const struct device *device);

/* len bytes and a NUL. Names that it does not know are passed over. ERR_BAD_INPUT. */
int sidecar_read(const char *text, size_t len, struct sidecar *sidecar, struct err *e) MUST_CHECK;

/* The first file of an export. NULL without memory. */
cJSON *sidecar_wire_front(const char *name, const char *version, int64_t now_ms);

/* ERR_UNPROCESSABLE for one of a newer format, ERR_BAD_INPUT for one that is none. */
int sidecar_check_front(const char *text, size_t len, struct err *e) MUST_CHECK;
