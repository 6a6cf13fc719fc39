#include "beken_plan.h"

#include <stddef.h>

#define MS 1000u /* in us */

#define PATIENT_EVERY 100

/* A train that was chosen for a fast clock would take seconds at a slow one. */
#define TRAIN_MS 70u

/*
 * Public programs agree on 250 bytes or more and on nothing else: resets from 100 ms to 1 s, 0 to
 * 50 ms of pause, 30 kHz to 8 MHz, modes 0 and 3 have all worked. Short attempts stand first, and
 * the round takes less than 50 ms a piece at 8 MHz, so that hundreds fit into half a minute.
 */
static const struct beken_params rounds[] = {
	/* CEN low, pause, settle, clock, train, mode */
	{ 20 * MS, 0 * MS, 1 * MS, 2000000, 250, 3 },
	{ 20 * MS, 1 * MS, 1 * MS, 2000000, 250, 0 },
	{ 20 * MS, 0 * MS, 1 * MS, 1000000, 320, 3 },
	{ 20 * MS, 500, 1 * MS, 8000000, 255, 0 },
	{ 20 * MS, 0 * MS, 1 * MS, 2000000, 2000, 3 },
	{ 50 * MS, 0 * MS, 1 * MS, 500000, 250, 3 },
	{ 20 * MS, 0 * MS, 1 * MS, 100000, 250, 3 },
	{ 20 * MS, 5 * MS, 1 * MS, 4000000, 1000, 0 },
	{ 100 * MS, 0 * MS, 1 * MS, 2000000, 250, 3 },
	{ 20 * MS, 0 * MS, 1 * MS, 50000, 250, 3 },
	{ 20 * MS, 0 * MS, 1 * MS, 1000000, 1000, 0 },
	{ 100 * MS, 50 * MS, 1 * MS, 8000000, 255, 0 },
};

/* What the slowest of them does: a long reset, 30 kHz, and 100 ms before the ID is asked for. */
static const struct beken_params patient = { 300 * MS, 0, 100 * MS, 30000, 250, 3 };

static uint16_t train_at(uint16_t train, uint32_t hz)
{
	const uint64_t most = (uint64_t)hz / 8 * TRAIN_MS / 1000;

	if (train <= most)
		return train;
	return (uint16_t)(most > BEKEN_TRAIN_MIN ? most : BEKEN_TRAIN_MIN);
}

struct beken_params beken_plan(uint32_t attempt, uint32_t max_hz)
{
	const size_t n = sizeof rounds / sizeof *rounds;
	struct beken_params params =
		attempt % PATIENT_EVERY == PATIENT_EVERY - 1 ? patient : rounds[attempt % n];

	params.hz = params.hz < max_hz ? params.hz : max_hz;
	params.train = train_at(params.train, params.hz);
	return params;
}
