/* An entry while it runs, and the moves it is made of, for the beken_*.c files among themselves. */
#pragma once

#include "beken_doctor.h"
#include "beken_plan.h"

struct beken_entering {
	struct board *board;
	const struct beken_limits *limits;
	struct progress *progress;
	struct beken_entry *entry;
	struct beken_plan plan;
	struct beken_evidence evidence;
	uint64_t start_ns;
	uint8_t train[BEKEN_TRAIN_MAX]; /* what goes out */
	uint8_t seen[BEKEN_TRAIN_MAX];  /* what came back */
};

/* Tells progress how many attempts there were; ERR_CANCELLED. */
int entering_report(struct beken_entering *in, struct err *e) MUST_CHECK;

/* Long waits are told of after each slice, the last one too: a slow train may follow. */
int entering_wait(struct beken_entering *in, uint64_t ns, struct err *e) MUST_CHECK;

/* A controller may be unable to go as slow as asked: then as fast as the slot may. *hz is what it does. */
int entering_set_bus(struct beken_entering *in, uint32_t *hz, uint8_t mode, struct err *e)
	MUST_CHECK;

int entering_set_cen(struct beken_entering *in, bool high, struct err *e) MUST_CHECK;
int entering_set_power(struct beken_entering *in, bool on, struct err *e) MUST_CHECK;

/* CEN low, then high, with the waits of params. */
int entering_pulse(struct beken_entering *in, const struct beken_params *params, struct err *e)
	MUST_CHECK;

/* len bytes of tx under one chip select; in->seen gets what comes back. */
int entering_send(struct beken_entering *in, const uint8_t *tx, size_t len, struct err *e)
	MUST_CHECK;

/* len times D2h: one message, because the boot ROM counts what comes without a break. */
int entering_train(struct beken_entering *in, size_t len, struct err *e) MUST_CHECK;
