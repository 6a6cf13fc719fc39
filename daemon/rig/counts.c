#include "counts.h"

#include <string.h>

#include "rig_impl.h"

/* Takes a free place for the name, unless another thread is quicker. */
static bool is_for(struct counts_step *step, const char *name)
{
	const char *there = atomic_load(&step->name);

	if (!there && atomic_compare_exchange_strong(&step->name, &there, name))
		return true;
	return !strcmp(there, name);
}

void counts_step(struct counts *counts, const char *name, bool well, uint64_t ns)
{
	struct counts_step *step = counts->step;

	while (step < counts->step + RIG_STEPS && !is_for(step, name))
		step++;
	if (step == counts->step + RIG_STEPS)
		return;
	atomic_fetch_add(&step->runs, 1);
	atomic_fetch_add(&step->failed, well ? 0 : 1);
	atomic_fetch_add(&step->ns, ns);
}

void rig_counts(const struct rig *rig, struct rig_counts *counts)
{
	const struct counts *c = &rig->counts;

	*counts = (struct rig_counts){ .mismatched_sectors = atomic_load(&c->mismatched),
				       .rereads = atomic_load(&c->rereads),
				       .slowed = atomic_load(&c->slowed) };
	for (const struct counts_step *s = c->step; s < c->step + RIG_STEPS; s++) {
		const char *name = atomic_load(&s->name);

		if (!name)
			return;
		counts->step[counts->steps++] =
			(struct rig_step_count){ .name = name,
						 .runs = atomic_load(&s->runs),
						 .failed = atomic_load(&s->failed),
						 .ns = atomic_load(&s->ns) };
	}
}
