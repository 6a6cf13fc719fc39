/* Any bytes as a configuration file: it is taken or every mistake is told. */
#include <assert.h>
#include <string.h>

#include "auto.h"
#include "config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	AUTO(config_problems_done) struct config_problems problems = { 0 };
	AUTO(config_done) struct config config;
	int result;

	config_default(&config);
	result = config_parse("f", (const char *)bytes, len, &config, &problems);
	assert((result == 0) == (problems.n == 0));
	assert(problems.kept <= problems.n);
	for (size_t i = 0; i < problems.kept; i++)
		assert(!strncmp(problems.text[i], "f:", 2));
	for (size_t i = 0; i < config.n_slots; i++)
		assert(config.slots[i].target && config.slots[i].board != CONFIG_BOARD_NONE);
	return 0;
}
