#include "clock.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

uint64_t clock_now_ns(struct clock *clock)
{
	return clock->ops->now_ns(clock);
}

void clock_sleep_until_ns(struct clock *clock, uint64_t until_ns)
{
	clock->ops->sleep_until_ns(clock, until_ns);
}

void clock_sleep_ns(struct clock *clock, uint64_t ns)
{
	clock_sleep_until_ns(clock, clock_now_ns(clock) + ns);
}

static uint64_t real_now_ns(struct clock *clock)
{
	struct timespec ts;

	(void)clock;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * CLOCK_S + (uint64_t)ts.tv_nsec;
}

static void real_sleep_until_ns(struct clock *clock, uint64_t until_ns)
{
	const struct timespec ts = { .tv_sec = (time_t)(until_ns / CLOCK_S),
				     .tv_nsec = (long)(until_ns % CLOCK_S) };

	(void)clock;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

static const struct clock_ops real_ops = { .name = "real",
					   .now_ns = real_now_ns,
					   .sleep_until_ns = real_sleep_until_ns };

struct clock *clock_real(void)
{
	static struct clock real = { .ops = &real_ops };

	return &real;
}

static uint64_t virtual_now_ns(struct clock *clock)
{
	return ((struct clock_virtual *)clock)->now_ns;
}

static void virtual_sleep_until_ns(struct clock *clock, uint64_t until_ns)
{
	struct clock_virtual *v = (struct clock_virtual *)clock;

	if (v->now_ns < until_ns)
		v->now_ns = until_ns;
}

static const struct clock_ops virtual_ops = { .name = "virtual",
					      .now_ns = virtual_now_ns,
					      .sleep_until_ns = virtual_sleep_until_ns };

void clock_virtual_init(struct clock_virtual *clock)
{
	*clock = (struct clock_virtual){ .base.ops = &virtual_ops };
}

bool clock_is_virtual(const struct clock *clock)
{
	return clock->ops == &virtual_ops;
}

int64_t clock_wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void clock_wall_text(int64_t wall_ms, char text[CLOCK_TEXT])
{
	const time_t s = (time_t)(wall_ms / 1000);
	struct tm tm;
	char day[24];

	gmtime_r(&s, &tm);
	strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, CLOCK_TEXT, "%s.%03dZ", day, (int)(wall_ms % 1000));
}
