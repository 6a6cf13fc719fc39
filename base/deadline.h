/* Until when to wait on a condition: by clock_real(), since the wall clock may jump. */
#pragma once

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/* A condition for pthread_cond_timedwait() with such a time. 0, or an error's number. */
int deadline_cond_init(pthread_cond_t *cond);

struct timespec deadline_at_ns(uint64_t ns);
struct timespec deadline_in_ms(uint64_t ms); /* from now on */
