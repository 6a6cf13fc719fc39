/* Collects what is wrong with a configuration. */
#pragma once

#include "config.h"

/* `FILE:LINE: TEXT`; line 0: of the file as a whole. Keeps what there is memory and room for,
 * counts all. */
void problems_add(struct config_problems *problems, const char *file, unsigned line,
		  const char *fmt, ...) PRINTF(4, 5);
