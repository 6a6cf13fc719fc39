/*
 * Time as a driver sees it: real, or virtual for simulated boards. A virtual clock stands still
 * unless somebody sleeps on it or charges it, so a job of 20 s takes milliseconds and its
 * simulated duration is exact.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_US 1000u       /* in ns */
#define CLOCK_MS 1000000u    /* in ns */
#define CLOCK_S  1000000000u /* in ns */

struct clock;

struct clock_ops {
	const char *name;
	/* Nanoseconds since some fixed moment; never goes back. */
	uint64_t (*now_ns)(struct clock *clock);
	/* Returns when now_ns() is at least until_ns. */
	void (*sleep_until_ns)(struct clock *clock, uint64_t until_ns);
};

struct clock {
	const struct clock_ops *ops;
};

uint64_t clock_now_ns(struct clock *clock);
void clock_sleep_ns(struct clock *clock, uint64_t ns);
void clock_sleep_until_ns(struct clock *clock, uint64_t until_ns);

/* CLOCK_MONOTONIC. Shared, never freed. */
struct clock *clock_real(void);

/* Belongs to one board; used by one thread at a time. */
struct clock_virtual {
	struct clock base;
	uint64_t now_ns;
};

void clock_virtual_init(struct clock_virtual *clock);
bool clock_is_virtual(const struct clock *clock);

/* Wall-clock time, milliseconds since 1970 in UTC. May jump; for time stamps only. */
int64_t clock_wall_ms(void);

/* RFC 3339 in UTC with milliseconds: "2026-11-22T10:35:24.123Z". */
#define CLOCK_TEXT 32
void clock_wall_text(int64_t wall_ms, char text[CLOCK_TEXT]);
