/* The bodies of POST /jobs and POST /batches, and a request as clients see it. */
#pragma once

#include <cjson/cJSON.h>

#include "batch_store.h"
#include "err.h"
#include "hash.h"
#include "job_store.h"

/*
 * Reads len bytes (and a NUL behind them) strictly; each type of job has its own fields.
 * fingerprint is the SHA-256 of the parsed body, printed again: white space does not count.
 * ERR_BAD_INPUT.
 */
int job_body_read(const char *text, size_t len, unsigned depth, struct job_request *request,
		  uint8_t fingerprint[HASH_SHA256_LEN], struct err *e) MUST_CHECK;

/*
 * The same for a batch: fields of its own (slots, label, hands_free), the others are its jobs'. ERR_UNPROCESSABLE
 * also for more than BATCH_SLOTS slots.
 */
int batch_body_read(const char *text, size_t len, unsigned depth, struct batch *batch,
		    uint8_t fingerprint[HASH_SHA256_LEN], struct err *e) MUST_CHECK;

/* What was asked for, but type and slot: the fields that said something. NULL without memory. */
cJSON *job_body_write(const struct job_request *request);
