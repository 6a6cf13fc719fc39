/* What is on a simulated chip, for those who make something of it: what its application prints. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SIM_TEXT 512 /* bytes of what an application prints at its start, with the end mark */

struct sim_content {
	/* All within size. Cannot fail, does not block. */
	void (*read)(const struct sim_content *content, uint32_t addr, uint8_t *buf, size_t len);
	uint32_t size; /* of the chip */
};

/*
 * Says what the application prints. Asked when it starts for the first time and after each change of
 * the flash, from any thread that uses the board, with the board's UART standing still.
 */
struct sim_narrator {
	void (*tell)(struct sim_narrator *narrator, const struct sim_content *content,
		     char text[SIM_TEXT]);
};
