#include "bare_stage.h"

#include <stdio.h>

#include "auto.h"

struct stage_slot bare_slot(void)
{
	return (struct stage_slot){ .name = "bare",
				    .target = "nor",
				    .sim = { .part = stage_part("EF4012"),
					     .bare = true,
					     .max_hz = 8000000,
					     .faults = { .seed = 3 },
					     .has_unique_id = true,
					     .unique_id = { 1, 2, 3, 4, 5, 6, 7, 8 } } };
}

struct job_request bare_ask(enum job_type type)
{
	struct job_request q = job_request(type);

	snprintf(q.slot, sizeof q.slot, "bare");
	return q;
}

bool bare_start(struct stage *stage, struct stage_slot *slot, uint8_t before[BARE_SIZE])
{
	slot->sim.image = stage_image(stage, "chip", BARE_SIZE, 77);
	stage_noise(before, BARE_SIZE, 77);
	return stage_start(stage, slot, 1);
}

void bare_see(struct stage *stage, uint8_t now[BARE_SIZE])
{
	sim_board_peek(stage->board[0], 0, now, BARE_SIZE);
}
