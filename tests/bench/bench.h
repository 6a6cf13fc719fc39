/* Lines of the benchmark table, all in simulated time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "nor.h"
#include "sim_board.h"

/* A bare simulated chip that was probed. */
struct bench {
	struct board *board; /* owned */
	struct nor nor;
	uint64_t start_ns; /* what is measured begins here */
	struct sim_counters start;
};

/* The part with that name, at hz, with messages of 4096 bytes. All FF. */
int bench_open(struct bench *bench, const char *part, uint32_t hz, struct err *e) MUST_CHECK;
void bench_close(struct bench *bench);

/* Everything so far is not measured. The chip is probed again: what was learned is forgotten. */
int bench_begin(struct bench *bench, struct err *e) MUST_CHECK;

uint64_t bench_ns(const struct bench *bench);
struct sim_counters bench_counters(const struct bench *bench);

/* What so many bytes take on the wire. */
uint64_t bench_clock_ns(const struct bench *bench, uint64_t bytes);

/* Prints a line; true when measured <= bar * bound. */
bool bench_time(const char *what, uint64_t measured_ns, uint64_t bound_ns, double bar);
bool bench_count(const char *what, uint64_t measured, uint64_t bound);

/* Bytes that no erase or FF page resembles. */
void bench_random(uint8_t *bytes, size_t len, uint64_t seed);
