/* Scope-bound cleanup: the only way a local gives up what it owns. */
#pragma once

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define AUTO(fn) __attribute__((cleanup(fn)))

/* Hands the value to the caller and leaves nothing to clean up. */
#define TAKE(p) \
	__extension__({ \
		__typeof__(p) taken_ = (p); \
		(p) = NULL; \
		taken_; \
	})

#define ARRAY_LEN(a) (sizeof(a) / sizeof *(a))

static inline void auto_free(void *p)
{
	free(*(void **)p);
}
static inline void auto_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
static inline void auto_fclose(FILE **f)
{
	if (*f)
		fclose(*f);
}
static inline void auto_unlock(pthread_mutex_t **m)
{
	if (*m)
		pthread_mutex_unlock(*m);
}

/* Holds m until the end of the scope it stands in; one per scope. */
#define LOCK(m) \
	AUTO(auto_unlock) pthread_mutex_t *lock_ = (m); \
	pthread_mutex_lock(lock_)
