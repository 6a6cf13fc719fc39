/*
 * One job on its way: what its steps share. Lives on the worker's stack, used by that thread
 * alone; what others may see goes out through the slot.
 */
#pragma once

#include "archive.h"
#include "audit.h"
#include "beken_spi.h"
#include "beken_uart.h"
#include "board.h"
#include "dump_store.h"
#include "nor_flash.h"
#include "progress.h"
#include "rf.h"
#include "slot.h"
#include "wanted.h"

#define RUN_PIECE    (64u * 1024)            /* bytes that are read, hashed and stored at a time */
#define RUN_RETRY_NS (1 * (uint64_t)CLOCK_S) /* between tries to store what must be stored */

struct run {
	struct progress progress; /* first member: what drivers report to */
	struct slot *slot;
	struct board *board; /* NULL: offline, or the house */
	struct clock *clock; /* the board's, or the real one */
	struct job *job;
	struct slot_info seen; /* what the slot will show afterwards */
	struct slot_live live;
	uint64_t base;     /* progress of earlier pieces of the same step */
	uint64_t shown_ns; /* when progress was last published, real time */
	uint64_t start_ns; /* by the board's clock */
	struct spi_stats stats_before;

	bool has_nor;              /* what chip it is has been found out */
	struct board_flash *flash; /* then: one of these */
	struct nor_flash spi;
	struct beken_uart *uart; /* owned; of a job by UART */
	struct beken_uart_teller uart_teller;
	uint64_t log_from;        /* of the slot's log: since the board was reset */
	char *boot_text;          /* owned; what it printed */
	struct hash sum;          /* of what was read */
	int64_t from, len;        /* bytes of the chip that are read into the ingest */
	struct wanted wanted;     /* what shall be on the chip */
	int64_t origin_device;    /* whose dump it is; JOB_NONE: nobody's */
	bool changed;             /* the write has begun: the device is marked partial */
	bool repaired;            /* something of it was not right after a try */
	struct audit_point audit; /* how far a check is */
	uint8_t *piece;           /* RUN_PIECE bytes */
	struct ingest *ingest;
	struct content content; /* valid when sealed */
	bool sealed;
	struct rf_finder rf;   /* fed with what two reads agree on */
	char mac[RF_MAC_TEXT]; /* "" when none was found */
	size_t unstables;
	struct dump_range unstable[DUMP_UNSTABLE];
};

/* The whole way of one job: running, its recipe, lines to rest, the end in the archive. */
void run_job(struct slot *slot, int64_t id);

/* A line in the job's log, with the time in front. Never fails: a log that cannot be written does not stop a job. */
void run_log(struct run *run, const char *fmt, ...) PRINTF(2, 3);

/* A step begins: what people see from now on. */
void run_phase(struct run *run, const char *phase, const char *unit, int64_t total);

/* What a person should do now, shown at once; NULL or the next step: nothing more. */
void run_ask(struct run *run, const char *text);

/* Milliseconds of the board's clock since start_ns. */
int64_t run_ms_since(const struct run *run, uint64_t start_ns);
