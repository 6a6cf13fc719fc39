/*
 * The cheapest way from what is on a chip to what shall be there, for one block. A block is a
 * row of cells, a cell is the smallest that the chip erases. Pure arithmetic: knows no bus.
 */
#pragma once

#include "nor_erase.h"

#define NOR_PLAN_CELLS 256 /* 64 KiB in cells of 256 bytes */

/* What one cell needs. */
struct nor_cell {
	bool erase;        /* some bit must go from 0 to 1 */
	uint32_t programs; /* pages to program when it is not erased */
	uint32_t fills;    /* pages to program after an erase: those that are not FF */
};

struct nor_plan {
	uint32_t start; /* address of the first cell, a multiple of the cell */
	size_t cells;   /* at most NOR_PLAN_CELLS */
	struct nor_cell cell[NOR_PLAN_CELLS];
	/* 0: not erased; n: within an erase of erasers->level[n - 1], which begins where it must */
	uint8_t level[NOR_PLAN_CELLS];
	uint64_t cost_ns; /* of erasing and programming */
};

/*
 * Sets level and cost_ns. No erase reaches outside the row of cells: whoever wants neighbours to
 * be spared leaves them out.
 */
void nor_plan_make(struct nor_plan *plan, const struct nor_erasers *erasers, uint64_t page_ns);

/* True when there is nothing to do. */
bool nor_plan_is_empty(const struct nor_plan *plan);

/* What one page needs: all FF; right as it is; right after programming. */
bool nor_is_blank(const uint8_t *bytes, size_t len);
bool nor_needs_erase(const uint8_t *have, const uint8_t *want, size_t len);
