/* All slots as they are now. */
#pragma once

#include <cjson/cJSON.h>

#include "rig.h"

/* A new array; NULL without memory. */
cJSON *slots_all(struct rig *rig);

/* Of the events of a slot's log: "log:left". */
#define SLOT_TOPIC "log:"
