#include "steps.h"

#include <stdio.h>

int step_archive(struct run *run, struct err *e)
{
	struct job_result *r = &run->job->result;

	if (ingest_seal(run->ingest, &run->content, e) < 0)
		return -1;
	run->sealed = true;
	r->crc32 = run->content.crc32;
	if (run->uart)
		r->beken_crc32 = run->content.crc32 ^ 0xffffffff;
	hash_hex(run->content.sha256, HASH_SHA256_LEN, r->sha256);
	run_log(run, "archive: %lld bytes, CRC-32 %08X, SHA-256 %s", (long long)r->size,
		run->content.crc32, r->sha256);
	return 0;
}
