/* Any bytes at all as SFDP space: no read outside them, and what is believed makes sense. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sfdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_believable(const struct sfdp *sfdp)
{
	assert(sfdp->size >= 4096 && sfdp->size % 4096 == 0);
	assert(sfdp->page > 0 && sfdp->page <= sfdp->size);
	assert(sfdp->erases <= 4);
	for (size_t i = 0; i < sfdp->erases; i++) {
		assert(sfdp->erase[i].size > 0 && sfdp->size % sfdp->erase[i].size == 0);
		assert(sfdp->erase[i].typical_us <= sfdp->erase[i].maximum_us);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* On the heap and no longer than needed, so that the sanitizer sees each byte too far. */
	uint8_t *copy = malloc(size ? size : 1);
	struct sfdp sfdp;
	struct err e;

	if (!copy)
		return 0;
	if (size > 0)
		memcpy(copy, data, size);
	if (sfdp_parse(copy, size, &sfdp, &e) == 0)
		check_believable(&sfdp);
	free(copy);
	return 0;
}
