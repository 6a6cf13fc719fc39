/* A rig on a stage for tests: simulated boards, an archive in a folder of its own, and an observer that waits. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "db.h"
#include "flaky_board.h"
#include "job_store.h"
#include "partial_store.h"
#include "rig.h"
#include "sim_board.h"

#define STAGE_SLOTS 4

struct stage {
	struct rig_observer observer; /* first member */
	char dir[64];
	struct db db;
	struct rig *rig;
	struct board *board[STAGE_SLOTS];      /* the simulated ones; looked at between jobs */
	struct flaky_board flaky[STAGE_SLOTS]; /* in front of them, the rig's */
	size_t n;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int64_t ended;         /* guarded by lock: the highest id of a job that ended */
	size_t running_events; /* guarded by lock */
	char phase[24];        /* guarded by lock: of the last event of a running job */
};

/* One slot: "bare" with a nor target, or a Beken part. */
struct stage_slot {
	const char *name;
	const char *target;
	struct sim_board_config sim;
	uint64_t entry_timeout_ms;
	bool offline;
};

/* A part of the table; aborts when there is none. */
const struct nor_part *stage_part(const char *name);

/* Makes the folder and opens the archive; no rig yet. Returns false and prints when it cannot. */
bool stage_open(struct stage *stage);

/* Puts a rig with these slots on the stage, and starts it. */
bool stage_start(struct stage *stage, const struct stage_slot *slots, size_t n);

/* The daemon stops: the rig is gone, the archive stays. */
void stage_stop(struct stage *stage);

void stage_done(struct stage *stage);

/* Submits; -1 on error (printed). */
int64_t stage_submit(struct stage *stage, enum job_type type, const char *slot);

/* Waits (30 s at most) for the end of the job and reads it. */
bool stage_wait(struct stage *stage, int64_t id, struct job *job);

/* Submits this one, waits for its end and reads it; `job` is that of the submission until then. */
bool stage_run(struct stage *stage, const struct job_request *q, struct job *job);

/* Waits until a job's event shows this phase. */
bool stage_wait_phase(struct stage *stage, const char *phase);

/* True when the stored dump is, byte for byte, what the board holds from offset. */
bool stage_dump_is_board(struct stage *stage, int64_t dump, struct board *board);

/* How many dumps are listed. */
size_t stage_dumps(struct stage *stage);

void stage_noise(uint8_t *bytes, size_t len, uint64_t seed);

/* Writes a file of seeded bytes and returns its name, which the stage owns until the next call. */
const char *stage_image(struct stage *stage, const char *name, size_t len, uint64_t seed);

/* Puts bytes into the archive as an image: its id, or -1 (printed). */
int64_t stage_add_image(struct stage *stage, const uint8_t *bytes, size_t len);

/* What the device is left half-written by; job is -2 when the archive does not tell (printed). */
struct partial stage_partial(struct stage *stage, int64_t device);
