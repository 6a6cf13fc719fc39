/*
 * Jobs: what was asked for, how far it came, what it brought. The database is the truth about
 * a job's state; progress while it runs is not stored.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db.h"

#define JOB_NONE     (-1) /* a number that is not there */
#define JOB_SLOT     64   /* bytes, with NUL: slot names */
#define JOB_LABEL    201
#define JOB_KEY      256 /* Idempotency-Key */
#define JOB_PRESERVE 400 /* room for 16 ranges of a 16 MiB chip */

enum job_type {
	JOB_IDENTIFY,
	JOB_BACKUP,
	JOB_VERIFY,
	JOB_BLANK_CHECK,
	JOB_WRITE,
	JOB_RESTORE,
	JOB_ERASE,
	JOB_CHECK, /* of the archive itself: its slot is "" */
	JOB_BOOTLOG
};
enum job_state {
	JOB_QUEUED,
	JOB_RUNNING,
	JOB_DONE,
	JOB_FAILED,
	JOB_CANCELLED,
	JOB_INTERRUPTED /* the daemon stopped under it */
};

/* "backup" and back; -1 for a name that is none. */
const char *job_type_name(enum job_type type);
size_t job_type_count(void); /* of all there are; they begin at 0 */
int job_type_parse(const char *name, enum job_type *type);
const char *job_state_name(enum job_state state);
int job_state_parse(const char *name, enum job_state *state);

/* queued -> running, cancelled; running -> done, failed, cancelled, interrupted. */
bool job_state_may(enum job_state from, enum job_state to);
bool job_state_ended(enum job_state state);

/* Whether a dump is made before something is changed. */
enum job_backup {
	JOB_BACKUP_AUTO,   /* unless the archive holds a verified dump of exactly what is there */
	JOB_BACKUP_ALWAYS, /* also then */
	JOB_BACKUP_NEVER
};

enum job_transport { JOB_BY_SPI, JOB_BY_UART };

/* What was asked for. Plain data; JOB_NONE or "" where nothing was said. */
struct job_request {
	enum job_type type;
	char slot[JOB_SLOT];
	int64_t offset, length; /* bytes; JOB_NONE: from 0, to the end */
	char label[JOB_LABEL];
	int64_t dump, image;         /* what to compare with, or to write */
	int64_t fill;                /* 0 to 255: beyond the image, or without one */
	int64_t backup;              /* enum job_backup */
	int64_t force, other_device; /* 1: yes */
	char expect_jedec_id[7];     /* the chip that must be there */
	int64_t seconds;             /* of a boot log */
	char boot_pattern[201];      /* what the board must print after a write; "" */
	int64_t boot_seconds;
	int64_t transport; /* enum job_transport; JOB_NONE: SPI, where there is one */
	/* Ranges that stay as they are: "0+4096 69632+4096", in bytes. */
	char preserve[JOB_PRESERVE];
};

/* Nothing said but the type. */
struct job_request job_request(enum job_type type);

/* What it brought. Every member may be absent: JOB_NONE or "". */
struct job_result {
	int64_t dump, device, backup;
	char jedec_id[7];
	char chip[96];
	int64_t offset, size;
	int64_t crc32; /* 0..2^32-1 */
	char sha256[65];
	int64_t entry_attempts, entry_ms;
	int64_t entry_cen_low_us, entry_pause_us,
		entry_settle_us; /* of the attempt that worked, or the last */
	int64_t entry_hz, entry_mode, entry_train;
	char entry_finding[24]; /* the wiring doctor's: "miso-low"; "nothing" when all is well */
	int64_t reads;
	int64_t spi_hz;
	int64_t wire_bytes, wire_transactions, wire_ms;
	int64_t erased, programmed, skipped;
	int64_t verified; /* 1, 0, JOB_NONE */
	int64_t simulated_ms;
	int64_t checked, damages; /* dumps looked at; damaged ranges found (audit_store.h) */
	char unique_id[17];
	char status[9];      /* SR1 SR2 SR3 in hex: "1C0200" */
	char sfdp[8];        /* "1.6"; "" without */
	int64_t beken_crc32; /* as the loaders count: crc32 without its last inversion */
	int64_t baud;
	char loader[80]; /* "boot ROM, BK7231N 1.0.1" */
	char note[160];  /* what a person should know about the chip; "" for nothing */
};

void job_result_clear(struct job_result *result);

struct job {
	int64_t id;
	struct job_request request;
	int64_t batch;   /* JOB_NONE */
	int64_t resumes; /* the job that this one takes up again; 0 or less: none */
	enum job_state state;
	bool has_error;                              /* then error is filled */
	int64_t created_ms, started_ms, finished_ms; /* wall clock; JOB_NONE: not yet */
	struct err error;
	struct job_result result;
	/* Not stored: filled by the rig for a running job. */
	char phase[24];
	int64_t progress_done, progress_total; /* total JOB_NONE: not known */
	char progress_unit[12];                /* "bytes", "attempts" */
	char asks[160];                        /* what a person should do now; "": nothing */
};

/*
 * A field of struct job_result, in the order in which people read it: one table serves the
 * store and the wire.
 */
enum job_field_kind { JOB_FIELD_INT, JOB_FIELD_BOOL, JOB_FIELD_CRC, JOB_FIELD_TEXT };
struct job_field {
	const char *path;   /* "entry.attempts": where it stands in JSON */
	const char *column; /* "entry_attempts" */
	enum job_field_kind kind;
	size_t at;   /* offsetof */
	size_t size; /* of a text */
};
const struct job_field *job_fields(size_t *n);

/* The same for struct job_request, but type and slot. */
const struct job_field *job_asks(size_t *n);

/* An Idempotency-Key and what was sent with it: SHA-256 of the request's body. */
struct job_key {
	const char *text;
	uint8_t fingerprint[32];
};

/*
 * Stores the job as queued; fills id and created_ms. key may be NULL. When the key is known: the
 * first job comes back with *existed true if the fingerprint is the same, else ERR_CONFLICT.
 */
int job_add(struct tx *tx, struct job *job, const struct job_key *key, bool *existed, struct err *e)
	MUST_CHECK;

/* ERR_NOT_FOUND. */
int job_get(struct tx *tx, int64_t id, struct job *job, struct err *e) MUST_CHECK;

/* Moves the stored state and writes times, error and result with it. ERR_CONFLICT when the move is none of the table's. */
int job_move(struct tx *tx, struct job *job, enum job_state to, struct err *e) MUST_CHECK;

/* Writes what the job has brought so far, as it stands; its state stays. */
int job_save(struct tx *tx, const struct job *job, struct err *e) MUST_CHECK;

/* A job that waits or runs and takes up this one again; *id is JOB_NONE when there is none. */
int job_find_resume(struct tx *tx, int64_t job, int64_t *id, struct err *e) MUST_CHECK;

/* The same, and asks for this image, or this dump. */
int job_find_image_user(struct tx *tx, int64_t image, int64_t *id, struct err *e) MUST_CHECK;
int job_find_dump_user(struct tx *tx, int64_t dump, int64_t *id, struct err *e) MUST_CHECK;

/* The device of the newest job of the slot with an id below `before` that knew one; JOB_NONE. */
int job_last_device(struct tx *tx, const char *slot, int64_t before, int64_t *device, struct err *e)
	MUST_CHECK;

/* Whether a job found the device to hold exactly this dump, and took it for the way back. */
int job_was_backup(struct tx *tx, int64_t dump, int64_t device, bool *was, struct err *e)
	MUST_CHECK;

struct job_filter {
	const char *slot; /* NULL: any */
	int64_t batch;    /* JOB_NONE: any */
	bool has_state, has_type;
	enum job_state state;
	enum job_type type;
	int64_t before; /* only ids below; JOB_NONE: from the newest */
};

/* Newest first. jobs is the caller's array of page->max. */
int job_list(struct tx *tx, const struct job_filter *filter, struct job *jobs, struct page *page,
	     struct err *e) MUST_CHECK;

/* A job of this type that runs or waits; *found tells whether there is one. */
int job_find_open(struct tx *tx, enum job_type type, struct job *job, bool *found, struct err *e)
	MUST_CHECK;

/* Queued jobs, oldest first. */
int job_list_queued(struct tx *tx, int64_t after, struct job *jobs, size_t max, size_t *n,
		    struct err *e) MUST_CHECK;

/* The jobs of a batch with ids above page->next, oldest first; page->next is then the last of them. */
int job_list_of_batch(struct tx *tx, int64_t batch, struct job *jobs, struct page *page,
		      struct err *e) MUST_CHECK;

/* After a crash: every running job becomes interrupted, with an error that says so. *n tells how many. */
int job_interrupt_running(struct tx *tx, size_t *n, struct err *e) MUST_CHECK;

/* Appends text to the job's log, up to max bytes in all (then one line says that it was cut). */
int job_log_add(struct tx *tx, int64_t job, const char *text, size_t max, struct err *e) MUST_CHECK;

/* The whole log. The caller frees *text. */
int job_log_get(struct tx *tx, int64_t job, char **text, struct err *e) MUST_CHECK;

/* All jobs of a type in a state, and what they brought together. */
struct job_sum {
	enum job_type type;
	enum job_state state;
	uint64_t jobs, entry_attempts, wire_bytes, erased, programmed;
};

/* Looks at every job: for the start of the daemon. Those that do not fit into max are left out. */
int job_sums(struct tx *tx, struct job_sum *sums, size_t max, size_t *n, struct err *e) MUST_CHECK;
