/* The bodies of POST /jobs and POST /batches: any bytes are one or a clear error, never a crash. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "job_body.h"
#include "request_text.h"
#include "strict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct job_request *request)
{
	if (!memchr(request->slot, '\0', sizeof request->slot) || !request->slot[0] ||
	    !memchr(request->label, '\0', sizeof request->label) || request->offset < JOB_NONE ||
	    request->length < JOB_NONE)
		abort();
}

/* What is asked for again is what was asked for. */
static void check_text(const struct job_request *request)
{
	char once[REQUEST_TEXT], twice[REQUEST_TEXT];
	struct job_request back;
	struct err e;

	request_text_write(request, once);
	if (request_text_read(once, &back, &e) < 0)
		abort();
	request_text_write(&back, twice);
	if (strcmp(once, twice) != 0)
		abort();
}

static void try_batch(const char *text, size_t size)
{
	static struct batch batch;
	uint8_t fingerprint[HASH_SHA256_LEN];
	struct err e = { 0 };

	if (batch_body_read(text, size, STRICT_DEPTH, &batch, fingerprint, &e) == 0) {
		if (batch.n_slots > BATCH_SLOTS || *batch.request.slot)
			abort();
		check_text(&batch.request);
	} else if (e.code == ERR_NONE || !e.text[0]) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	uint8_t fingerprint[HASH_SHA256_LEN];
	struct job_request request;
	struct err e = { 0 };

	if (!text)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	if (job_body_read(text, size, STRICT_DEPTH, &request, fingerprint, &e) == 0)
		check(&request);
	else if (e.code == ERR_NONE || !e.text[0])
		abort();
	try_batch(text, size);
	free(text);
	return 0;
}
