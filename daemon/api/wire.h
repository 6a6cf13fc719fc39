/*
 * The archive's and the rig's structs as the contract shows them. Each returns a new object, NULL
 * without memory.
 */
#pragma once

#include <cjson/cJSON.h>

#include "batch_store.h"
#include "device_store.h"
#include "dump_store.h"
#include "err.h"
#include "image_store.h"
#include "job_store.h"
#include "rig.h"

/* {code, message, hint, offset, differing_sectors}: the last three where there is one. */
cJSON *wire_error(const struct err *e);

cJSON *wire_job(const struct job *job);
cJSON *wire_slot(const struct slot_info *slot);
cJSON *wire_dump(const struct dump *dump);
cJSON *wire_image(const struct image *image);
cJSON *wire_device(const struct device *device);

/* All but the ids of its jobs. */
cJSON *wire_batch(const struct batch *batch);
cJSON *wire_chip(const struct rig_chip *chip);
