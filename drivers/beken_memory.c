#include "beken_memory.h"

#include <string.h>

bool beken_params_equal(const struct beken_params *a, const struct beken_params *b)
{
	return a->cen_low_us == b->cen_low_us && a->pause_us == b->pause_us &&
	       a->settle_us == b->settle_us && a->hz == b->hz && a->train == b->train &&
	       a->mode == b->mode;
}

size_t beken_recall(struct beken_memory *memory, enum beken_scope scope, struct beken_known *known,
		    size_t max)
{
	return memory ? memory->ops->recall(memory, scope, known, max) : 0;
}

void beken_remember(struct beken_memory *memory, const struct beken_known *tried)
{
	if (memory)
		memory->ops->remember(memory, tried);
}

/* ---- in memory */

static size_t ram_recall(struct beken_memory *memory, enum beken_scope scope,
			 struct beken_known *known, size_t max)
{
	const struct beken_ram *slot = (struct beken_ram *)memory;
	const struct beken_ram *ram = scope == BEKEN_SLOT ? slot : slot->target;
	const size_t n = !ram ? 0 : ram->n < max ? ram->n : max;

	if (n > 0)
		memcpy(known, ram->known, n * sizeof *known);
	return n;
}

static size_t find(const struct beken_ram *ram, const struct beken_params *params)
{
	size_t i = 0;

	while (i < ram->n && !beken_params_equal(&ram->known[i].params, params))
		i++;
	return i;
}

/* Brings entry i to the front; one behind the end is new, and the last falls out when it is full. */
static void to_front(struct beken_ram *ram, size_t i, struct beken_known known)
{
	if (i == ram->n && ram->n < BEKEN_KNOWN)
		ram->n++;
	if (i == BEKEN_KNOWN)
		i--;
	memmove(&ram->known[1], &ram->known[0], i * sizeof known);
	ram->known[0] = known;
}

/* What never worked is not kept: it would push out what did. */
static void ram_add(struct beken_ram *ram, const struct beken_known *tried)
{
	const size_t i = find(ram, &tried->params);
	struct beken_known known = *tried;

	if (i < ram->n) {
		known.successes += ram->known[i].successes;
		known.attempts += ram->known[i].attempts;
		ram->known[i] = known;
	}
	if (tried->successes > 0)
		to_front(ram, i, known);
}

static void ram_remember(struct beken_memory *memory, const struct beken_known *tried)
{
	for (struct beken_ram *ram = (struct beken_ram *)memory; ram; ram = ram->target)
		ram_add(ram, tried);
}

static const struct beken_memory_ops ram_ops = { .name = "ram",
						 .recall = ram_recall,
						 .remember = ram_remember };

void beken_ram_init(struct beken_ram *ram, struct beken_ram *target)
{
	*ram = (struct beken_ram){ .base.ops = &ram_ops, .target = target };
}
