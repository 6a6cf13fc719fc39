/* What the handlers share. */
#pragma once

#include <stdatomic.h>

#include "api.h"
#include "door.h"
#include "dump_store.h"
#include "image_store.h"
#include "metrics.h"
#include "scribe.h"
#include "search.h"

struct api {
	struct http_app http; /* first: a request's app is the api */
	struct rig_observer observer;
	struct door door;
	struct scribe scribe;
	struct metrics metrics;
	struct search search;
	atomic_ullong well_ns;       /* when the archive could last be written, on the real clock */
	struct rig *rig;             /* borrowed */
	struct db *db;               /* borrowed */
	struct hub *hub;             /* borrowed */
	struct route *routes;        /* owned; never change */
	char (*topic)[JOB_SLOT + 8]; /* owned; "log:left" of each slot; never change */
	size_t n_topics;
	struct api_info info; /* never changes */
	uint64_t started_ns;  /* on the real clock; never changes */
};

static inline struct api *api_of(const struct request *req)
{
	return (struct api *)req->app;
}

/* jobs.c: 202, where the job is, and the job. */
int jobs_accepted(struct request *req, struct reply *reply, const struct job *job, struct err *e)
	MUST_CHECK;

/* The Idempotency-Key, NULL when there is none. ERR_BAD_INPUT. */
int jobs_read_key(const struct request *req, const char **key, struct err *e) MUST_CHECK;

/* force makes the rig do what it takes for a mistake: that is for those who answer for it. */
int jobs_check_allowed(const struct request *req, const struct job_request *request, struct err *e)
	MUST_CHECK;
