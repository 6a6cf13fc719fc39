/*
 * What happens: slots with a board in each, one worker thread a slot, jobs that run in them. The
 * only door to the bench for the floors above. Everything here may be called from any thread;
 * nothing blocks on a wire unless it says so.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db.h"
#include "job_store.h"

struct board;
struct target;

struct rig;

/* How a slot is set up; copied, but board is taken over. */
struct rig_slot {
	char name[JOB_SLOT];
	const struct target *target;
	struct board *board;       /* takes; NULL: the slot is offline, why says so */
	char why[320];             /* why there is no board */
	char backend[16];          /* "sim", "linux" */
	uint32_t spi_hz;           /* upper limit */
	uint64_t entry_timeout_ms; /* 0: none */
	uint64_t uart_timeout_ms;  /* for the UART loader to answer; 0: its own */
	uint32_t uart_baud;        /* wanted; 0: its own */
};

/*
 * Told about what has just become so, after it was committed, from the thread that did it, with
 * no lock held. Must not block for long: a worker waits. Set once, before rig_start().
 */
struct rig_observer {
	void (*job)(struct rig_observer *observer, const struct job *job);
	void (*slot)(struct rig_observer *observer, const char *name);
	void (*dump)(struct rig_observer *observer, int64_t id);
	/* Printable text from a slot's log UART; from a thread of the slot's. NULL: nobody. */
	void (*log)(struct rig_observer *observer, const char *name, int64_t at_ms,
		    const char *text);
	void (*batch)(struct rig_observer *observer, int64_t id); /* NULL: nobody asks */
};

struct rig_limits {
	size_t queued;           /* jobs waiting per slot: 64 */
	size_t log_bytes;        /* per job: 1 MiB */
	uint64_t check_every_ms; /* the archive is checked by itself; 0: never */
};

/* db is borrowed. Takes the boards, on failure too. */
struct rig *rig_new(struct db *db, const struct rig_slot *slots, size_t n,
		    const struct rig_limits *limits, struct err *e) MUST_CHECK;
void rig_observe(struct rig *rig, struct rig_observer *observer); /* borrowed until rig_free */

/*
 * Sets things right after a crash (running jobs become interrupted, leavings of an ingest are
 * removed, queued jobs go back into their queues, in order), then starts the workers.
 */
int rig_start(struct rig *rig, struct err *e) MUST_CHECK;

/*
 * Stops: running jobs end as interrupted, queued ones stay queued, lines go to rest. Blocks until
 * the workers are gone (a message on the wire is finished first). Accepts NULL.
 */
void rig_free(struct rig *rig);

/* ---- slots */

enum slot_state { SLOT_IDLE, SLOT_BUSY, SLOT_OFFLINE };
const char *slot_state_name(enum slot_state state);

/* What a hands-free slot wants from the person in front of it. */
enum watch_state {
	WATCH_OFF,    /* not hands-free */
	WATCH_INSERT, /* put a board in */
	WATCH_WORKING,
	WATCH_REMOVE /* take it out */
};
const char *watch_state_name(enum watch_state state); /* "insert", "working", "remove" */

struct slot_watch {
	enum watch_state state;
	int64_t batch;
	int64_t job;           /* of the board that is in; JOB_NONE */
	int64_t ok;            /* with WATCH_REMOVE: 1 green, 0 red; JOB_NONE */
	size_t boards, failed; /* done so far for this batch, and how many of them were not */
};

struct slot_info {
	char name[JOB_SLOT];
	char backend[16];
	char target[16];
	enum slot_state state;
	int64_t job;                              /* running now; JOB_NONE */
	size_t queued;                            /* jobs waiting */
	bool has_spi, has_cen, has_uart, has_log; /* wired */
	bool has_chip; /* what the last job found; forgotten when nothing answers */
	char jedec_id[7];
	char chip[96];
	uint64_t chip_size;
	int64_t device; /* JOB_NONE: not known */
	bool has_error; /* of the last job, or why the slot is offline */
	struct err error;
	struct slot_watch watch;
	bool simulated; /* rig_slot_plug() works */
};

size_t rig_slot_count(const struct rig *rig);
void rig_slot_at(struct rig *rig, size_t i, struct slot_info *info);
int rig_slot_get(struct rig *rig, const char *name, struct slot_info *info, struct err *e)
	MUST_CHECK; /* ERR_NOT_FOUND */

/*
 * Pulses CEN and brings the lines to rest. Blocks for the pulse (under a second). ERR_NOT_FOUND;
 * ERR_CONFLICT while a job runs; ERR_OFFLINE; ERR_UNPROCESSABLE for a slot without CEN.
 */
int rig_slot_reset(struct rig *rig, const char *name, struct err *e) MUST_CHECK;

/* Device `other` is part of `device` now: slots that had it last show that one. */
void rig_device_merged(struct rig *rig, int64_t device, int64_t other);

struct rig_plug {
	bool present;
	bool other;             /* another board of its kind, with */
	const uint8_t *content; /* this in its flash, the rest erased; borrowed */
	size_t len;
};

/*
 * Takes a simulated board out of the slot or puts one in, at any time, also under a running job.
 * ERR_NOT_FOUND; ERR_UNPROCESSABLE for a real board or too much content; ERR_MEMORY.
 */
int rig_slot_plug(struct rig *rig, const char *name, const struct rig_plug *plug, struct err *e)
	MUST_CHECK;

/*
 * The last of what the slot's board has printed, and when that began. The caller frees *text.
 * ERR_NOT_FOUND; ERR_UNPROCESSABLE for a slot without a log UART.
 */
int rig_slot_log(struct rig *rig, const char *name, int64_t *at_ms, char **text, struct err *e)
	MUST_CHECK;

/* ---- jobs */

/*
 * Stores the job and queues it. *job is as stored. key may be NULL, else see job_add(); with
 * *existed true nothing new was queued. Errors: ERR_UNPROCESSABLE (no such slot, or a range that
 * makes no sense), ERR_TOO_MANY (the slot's queue is full), ERR_CONFLICT (same key, other body),
 * ERR_UNAVAILABLE (stopping), and those of the database.
 */
int rig_submit(struct rig *rig, const struct job_request *request, const struct job_key *key,
	       struct job *job, bool *existed, struct err *e) MUST_CHECK;

/*
 * The same request once more, as a new job that says whose work it takes up. ERR_NOT_FOUND;
 * ERR_CONFLICT for a job that changes nothing, has not ended, was done, or is resumed already;
 * and the errors of rig_submit().
 */
int rig_job_resume(struct rig *rig, int64_t id, struct job *job, struct err *e) MUST_CHECK;

/* The stored job, with phase and progress if it runs. ERR_NOT_FOUND. */
int rig_job_get(struct rig *rig, int64_t id, struct job *job, struct err *e) MUST_CHECK;

/* As job_list(), with phase and progress of those that run. */
int rig_job_list(struct rig *rig, const struct job_filter *filter, struct job *jobs,
		 struct page *page, struct err *e) MUST_CHECK;

/*
 * A queued job is cancelled when this returns; a running one is asked to stop, and ends as
 * cancelled within 100 ms of its board's time. ERR_NOT_FOUND; ERR_CONFLICT when it has ended.
 */
int rig_job_cancel(struct rig *rig, int64_t id, struct err *e) MUST_CHECK;

/* The log so far. The caller frees *text. ERR_NOT_FOUND. */
int rig_job_log(struct rig *rig, int64_t id, char **text, struct err *e) MUST_CHECK;

/* ---- counted */

#define RIG_STEPS 32

/* A step of recipes, of all jobs and slots together. */
struct rig_step_count {
	const char *name; /* "enter" */
	uint64_t runs, failed;
	uint64_t ns; /* of real time */
};

/* Since the start of the daemon. */
struct rig_counts {
	uint64_t mismatched_sectors; /* that a further read saw differently */
	uint64_t rereads;            /* of a whole range, beyond the second */
	uint64_t slowed;             /* times that a clock was halved to get a stable read */
	size_t steps;
	struct rig_step_count step[RIG_STEPS];
};

void rig_counts(const struct rig *rig, struct rig_counts *counts);

/* What its board printed. The caller frees *text. ERR_NOT_FOUND. */
int rig_job_boot_log(struct rig *rig, int64_t id, char **text, struct err *e) MUST_CHECK;

/* ---- chips */

#define RIG_ERASES 8

/* A part that the daemon knows; the texts are constants. */
struct rig_chip {
	uint32_t jedec_id;
	const char *vendor;
	const char *names; /* "W25Q16JV/W25Q16DV" */
	uint64_t size;     /* bytes */
	uint32_t page;
	size_t erases;
	uint32_t erase[RIG_ERASES]; /* sizes in bytes, ascending, each once */
};

/*
 * Parts whose vendor, name or ID fits q ("" fits all), with IDs above `after`, by ascending ID.
 * Returns how many of max were filled.
 */
size_t rig_chips(const char *q, uint32_t after, struct rig_chip *chips, size_t max);
