/* Puts faults in front of any bus. The same seed gives the same faults. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "spi.h"

enum fault_stuck {
	FAULT_STUCK_NONE,
	FAULT_STUCK_HIGH, /* MISO floats or is held high: FF */
	FAULT_STUCK_LOW,  /* MISO held low: 00 */
	FAULT_STUCK_LOOP  /* MOSI seen on MISO */
};

struct fault_plan {
	uint64_t seed;
	double flip;   /* chance per byte read that one of its bits is wrong */
	double short_; /* chance per transaction that the answer ends in FFs from some point on */
	double drop;   /* chance per transaction of ERR_IO */
	enum fault_stuck stuck;
	double write_lie;   /* chance per page program that nothing changes and no error shows */
	uint64_t die_after; /* transactions until the chip stops answering; 0: never */
	/* Chance per byte of the UART loader, either way. */
	double uart_drop, uart_twice, uart_flip;
	uint64_t uart_no_crc; /* 1: that loader has no CheckCRC */
	uint64_t uart_deaf;   /* 1: its application does not reboot when it is asked to */
};

/* True when nothing of it is ever to happen on the bus. */
bool fault_plan_is_quiet(const struct fault_plan *plan);

/*
 * A transaction is a chip-select period. Of a message that is dropped, the chip sees what comes
 * before the transaction that fails, and that one at even chance. A program that is a lie keeps
 * the chip busy like a true one. Takes ownership of inner, on failure too. NULL and *e without
 * memory.
 */
struct spi *fault_open(struct spi *inner, const struct fault_plan *plan, struct err *e) MUST_CHECK;
