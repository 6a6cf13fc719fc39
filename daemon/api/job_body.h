/* The body of POST /jobs. */
#pragma once

#include "err.h"
#include "hash.h"
#include "job_store.h"

/*
 * Reads len bytes (and a NUL behind them) strictly; each type of job has its own fields.
 * fingerprint is the SHA-256 of the parsed body, printed again: white space does not count.
 * ERR_BAD_INPUT; ERR_UNPROCESSABLE for a transport that no slot has.
 */
int job_body_read(const char *text, size_t len, unsigned depth, struct job_request *request,
		  uint8_t fingerprint[HASH_SHA256_LEN], struct err *e) MUST_CHECK;
