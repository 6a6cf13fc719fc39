#include "deadline.h"

#include "clock.h"

int deadline_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t monotonic;
	int bad = pthread_condattr_init(&monotonic);

	if (bad)
		return bad;
	bad = pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	if (!bad)
		bad = pthread_cond_init(cond, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return bad;
}

struct timespec deadline_at_ns(uint64_t ns)
{
	return (struct timespec){ .tv_sec = (time_t)(ns / CLOCK_S),
				  .tv_nsec = (long)(ns % CLOCK_S) };
}

struct timespec deadline_in_ms(uint64_t ms)
{
	return deadline_at_ns(clock_now_ns(clock_real()) + ms * CLOCK_MS);
}
