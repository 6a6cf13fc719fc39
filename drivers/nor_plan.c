#include "nor_plan.h"

#include <assert.h>
#include <string.h>

#define IMPOSSIBLE (UINT64_MAX / (2 * NOR_PLAN_CELLS)) /* a row of them still has a sum */

bool nor_is_blank(const uint8_t *bytes, size_t len)
{
	return len == 0 || (bytes[0] == 0xff && !memcmp(bytes, bytes + 1, len - 1));
}

bool nor_needs_erase(const uint8_t *have, const uint8_t *want, size_t len)
{
	uint8_t missing = 0;

	for (size_t i = 0; i < len; i++)
		missing |= (uint8_t)(want[i] & ~have[i]);
	return missing != 0;
}

/* A node: the cells that one erase of a level takes. */
struct node {
	size_t first, cells;
	uint8_t level;
	uint64_t erase_ns, page_ns;
};

/* cost_ns[i] is what cell i costs so far, or the first cell of a node for all of it. */
static void try_erase(struct nor_plan *plan, uint64_t *cost_ns, const struct node *node)
{
	uint64_t without_ns = 0, with_ns = node->erase_ns;

	for (size_t i = node->first; i < node->first + node->cells; i++) {
		without_ns += cost_ns[i];
		with_ns += plan->cell[i].fills * node->page_ns;
	}
	if (with_ns >= without_ns)
		return;
	memset(&cost_ns[node->first], 0, node->cells * sizeof *cost_ns);
	memset(&plan->level[node->first], node->level, node->cells);
	cost_ns[node->first] = with_ns;
}

static void try_level(struct nor_plan *plan, uint64_t *cost_ns, const struct nor_erasers *erasers,
		      struct node node)
{
	const uint32_t size = erasers->level[node.level - 1].size;
	const uint32_t ahead = (size - plan->start % size) % size;

	node.cells = size / erasers->cell;
	for (node.first = ahead / erasers->cell; node.first + node.cells <= plan->cells;
	     node.first += node.cells)
		try_erase(plan, cost_ns, &node);
}

void nor_plan_make(struct nor_plan *plan, const struct nor_erasers *erasers, uint64_t page_ns)
{
	uint64_t cost_ns[NOR_PLAN_CELLS];

	assert(plan->cells <= NOR_PLAN_CELLS && plan->start % erasers->cell == 0);
	memset(plan->level, 0, sizeof plan->level);
	for (size_t i = 0; i < plan->cells; i++)
		cost_ns[i] = plan->cell[i].erase ? IMPOSSIBLE : plan->cell[i].programs * page_ns;
	for (size_t l = 0; l < erasers->levels; l++)
		try_level(plan, cost_ns, erasers,
			  (struct node){ .level = (uint8_t)(l + 1),
					 .erase_ns = erasers->level[l].pace->estimate_ns,
					 .page_ns = page_ns });
	plan->cost_ns = 0;
	for (size_t i = 0; i < plan->cells; i++)
		plan->cost_ns += cost_ns[i];
}

bool nor_plan_is_empty(const struct nor_plan *plan)
{
	for (size_t i = 0; i < plan->cells; i++)
		if (plan->level[i] > 0 || plan->cell[i].programs > 0)
			return false;
	return true;
}
