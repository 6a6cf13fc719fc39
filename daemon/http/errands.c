#include "errands.h"

#include <pthread.h>
#include <stdlib.h>

#include "auto.h"

#define THREADS 2

struct errands {
	pthread_t thread[THREADS]; /* of errands_open() and errands_stop() */
	unsigned threads;          /* of errands_open() and errands_stop() */
	unsigned most;             /* never changes */
	pthread_mutex_t lock;      /* guards all that follows */
	pthread_cond_t changed;
	struct errand *first, **last;
	unsigned waiting;
	bool stopping;
};

/* The next one; NULL when all is done and no more will come. */
static struct errand *take(struct errands *errands, bool *stopping)
{
	LOCK(&errands->lock);
	struct errand *errand;

	while (!errands->first && !errands->stopping)
		pthread_cond_wait(&errands->changed, &errands->lock);
	*stopping = errands->stopping;
	errand = errands->first;
	if (!errand)
		return NULL;
	errands->first = errand->next;
	if (!errands->first)
		errands->last = &errands->first;
	errands->waiting--;
	return errand;
}

static void *errands_run(void *arg)
{
	struct errand *errand;
	bool stopping;

	while ((errand = take(arg, &stopping)))
		errand->run(errand, stopping);
	return NULL;
}

static void auto_errands(struct errands **errands)
{
	errands_close(*errands);
}

struct errands *errands_open(unsigned waiting, struct err *e)
{
	AUTO(auto_errands) struct errands *errands = calloc(1, sizeof *errands);

	if (!errands) {
		err_set(e, ERR_MEMORY, "http errands: out of memory");
		return NULL;
	}
	errands->most = waiting;
	errands->last = &errands->first;
	pthread_mutex_init(&errands->lock, NULL);
	pthread_cond_init(&errands->changed, NULL);
	for (; errands->threads < THREADS; errands->threads++)
		if (pthread_create(&errands->thread[errands->threads], NULL, errands_run,
				   errands) != 0) {
			err_set(e, ERR_INTERNAL, "http errands: cannot start a thread");
			return NULL;
		}
	return TAKE(errands);
}

int errands_add(struct errands *errands, struct errand *errand, struct err *e)
{
	LOCK(&errands->lock);

	if (errands->stopping)
		return err_set(e, ERR_UNAVAILABLE, "the daemon is stopping");
	if (errands->waiting >= errands->most) {
		err_set(e, ERR_TOO_MANY, "%u requests that take long wait already",
			errands->waiting);
		return err_hint(e, "Ask again when some of them are answered.");
	}
	errand->next = NULL;
	*errands->last = errand;
	errands->last = &errand->next;
	errands->waiting++;
	pthread_cond_signal(&errands->changed);
	return 0;
}

static void tell_to_stop(struct errands *errands)
{
	LOCK(&errands->lock);

	errands->stopping = true;
	pthread_cond_broadcast(&errands->changed);
}

void errands_stop(struct errands *errands)
{
	tell_to_stop(errands);
	while (errands->threads > 0)
		pthread_join(errands->thread[--errands->threads], NULL);
}

void errands_close(struct errands *errands)
{
	if (!errands)
		return;
	errands_stop(errands);
	pthread_cond_destroy(&errands->changed);
	pthread_mutex_destroy(&errands->lock);
	free(errands);
}
