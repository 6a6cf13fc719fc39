/* A chip's unique ID as people and the archive know it. */
#pragma once

#include <stdio.h>

#include "nor.h"

#define UNIQUE_ID_TEXT (2 * NOR_UNIQUE_ID + 1)

static inline void unique_id_text(const struct nor *nor, char text[UNIQUE_ID_TEXT])
{
	for (size_t i = 0; i < NOR_UNIQUE_ID; i++)
		snprintf(text + 2 * i, 3, "%02X", nor->id.unique_id[i]);
}
