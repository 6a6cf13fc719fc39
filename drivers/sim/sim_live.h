/*
 * The cells of a simulated chip in a file beside its image, IMAGE.live: mapped, so that the file
 * holds at any moment what the chip holds, and goes on holding it when the process is killed. As
 * the model has them: the inverse of the content.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "err.h"

struct sim_live {
	uint8_t *cells; /* NULL: not open */
	uint32_t size;
	char *path; /* owned */
};

/*
 * *found tells whether there was one of that size, left by a killed process: then its content
 * counts. Else all cells are erased. Its room on the disk is taken at once. ERR_IO, ERR_MEMORY.
 */
int sim_live_open(struct sim_live *live, const char *image, uint32_t size, bool *found,
		  struct err *e) MUST_CHECK;

/* keep: the file stays, because the image could not be written. Accepts one that is not open. */
void sim_live_close(struct sim_live *live, bool keep);
