/* The body of POST /jobs: any bytes are a job or a clear error, never a crash. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "job_body.h"
#include "strict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct job_request *request)
{
	if (!memchr(request->slot, '\0', sizeof request->slot) || !request->slot[0] ||
	    !memchr(request->label, '\0', sizeof request->label) || request->offset < JOB_NONE ||
	    request->length < JOB_NONE)
		abort();
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
	free(text);
	return 0;
}
