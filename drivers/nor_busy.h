/* What changes a chip: a command behind WREN, and the wait until the chip has done it. */
#pragma once

#include "nor_command.h"
#include "nor_meter.h"

struct nor_change {
	struct nor_command command;
	const uint8_t *data; /* behind the command; NULL with len 0 */
	size_t len;          /* as much as the bus takes beside NOR_CHANGE_REST bytes */
	uint8_t enable;      /* goes before: 06h, 50h; 0: nothing does */
	struct nor_pace *pace;
	uint64_t worth; /* of the meter: shown while it goes on, as time goes by */
};

#define NOR_CHANGE_REST 16

/*
 * Sends the command with a first look at the status in the same message, sleeps until shortly
 * before the chip's own time is over, and polls from there; the pace follows what is seen. The
 * meter is shown at least every 50 ms; a cancel leaves the chip busy.
 *
 * *taken is false when the chip was seen not to begin: it was protected, or did not know the
 * command, or did not get it. Nothing changed then. True is no proof that it did its work.
 *
 * ERR_NO_CHIP when the chip stops answering, ERR_TIMEOUT when it is busy for longer than the
 * pace's limit, the meter's error, those of the bus.
 */
int nor_change(struct nor *nor, const struct nor_change *change, struct nor_meter *meter,
	       bool *taken, struct err *e) MUST_CHECK;

/* The longest chip erase up to 32 MiB: W25Q256JV. */
#define NOR_IDLE_MAX_NS (400ull * CLOCK_S)

/* Waits for the end of what was begun before. Errors as of nor_change(). */
int nor_wait_idle(struct nor *nor, struct nor_meter *meter, uint64_t limit_ns, struct err *e)
	MUST_CHECK;

/* WREN is taken back, AAI programming ended. What it fails with is known soon enough. */
void nor_disable(struct nor *nor);
