/* A bare simulated chip with content on it, for the tests of everything that changes chips. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "nor_write.h"
#include "progress.h"
#include "sim_board.h"

#define STAGE_HZ 20000000u

struct nor_stage {
	struct board *board; /* owned */
	struct nor nor;
	struct sim_counters start; /* when stage_begin() was called last */
	uint64_t start_ns;
};

/*
 * Opens config's board as a bare chip that holds len bytes of content and FF behind; the caller
 * probes. part is a name or six hex digits.
 */
int stage_open(struct nor_stage *stage, const char *part, const struct sim_board_config *config,
	       const uint8_t *content, size_t len, struct err *e) MUST_CHECK;

/* The same, probed, without faults. */
int stage_new(struct nor_stage *stage, const char *part, const uint8_t *content, size_t len,
	      struct err *e) MUST_CHECK;
void stage_done(struct nor_stage *stage);

int stage_probe(struct nor_stage *stage, struct err *e) MUST_CHECK;

/* What happened since the probe. */
struct sim_counters stage_counters(const struct nor_stage *stage);
uint64_t stage_ns(const struct nor_stage *stage);

/* The chip holds these bytes there. */
bool stage_holds(const struct nor_stage *stage, uint32_t addr, const uint8_t *bytes, size_t len);

/* nor_write() of bytes. */
int stage_write(struct nor_stage *stage, uint32_t addr, const uint8_t *bytes, size_t len,
		const struct nor_write_options *options, struct err *e) MUST_CHECK;

/* nor_compare() with FF: ERR_NOT_BLANK where the first other byte is, and in how many sectors. */
int stage_blank_check(struct nor_stage *stage, uint32_t addr, size_t len, struct progress *progress,
		      struct err *e) MUST_CHECK;

void stage_random(uint8_t *bytes, size_t len, uint64_t seed);
