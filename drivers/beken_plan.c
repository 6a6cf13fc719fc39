#include "beken_plan.h"

#define MS 1000u /* in us */

#define EXPLORE_EVERY 4
#define PATIENCE      4u                  /* times the attempts that a known set should need */
#define WILD_SETS     16u                 /* tried side by side */
#define MESSAGES_NS   (200ull * CLOCK_US) /* of an attempt, beside its bytes */

/* A train that was chosen for a fast clock would take seconds at a slow one. */
#define TRAIN_MS 70u

/*
 * Public programs agree on 250 bytes or more and on nothing else: resets from 100 ms to 1 s, 0 to
 * 50 ms of pause, 30 kHz to 8 MHz, modes 0 and 3 have all worked.
 */
static const struct beken_params usual[] = {
	/* CEN low, pause, settle, clock, train, mode */
	{ 20 * MS, 0 * MS, 1 * MS, 2000000, 250, 3 },
	{ 20 * MS, 1 * MS, 1 * MS, 2000000, 250, 0 },
	{ 20 * MS, 0 * MS, 1 * MS, 1000000, 320, 3 },
	{ 20 * MS, 500, 1 * MS, 8000000, 255, 0 },
	{ 20 * MS, 0 * MS, 1 * MS, 2000000, 2000, 3 },
	{ 50 * MS, 0 * MS, 1 * MS, 500000, 250, 3 },
	{ 20 * MS, 0 * MS, 1 * MS, 100000, 250, 3 },
	{ 20 * MS, 5 * MS, 1 * MS, 4000000, 1000, 0 },
	{ 100 * MS, 0 * MS, 1 * MS, 2000000, 250, 3 },
	{ 20 * MS, 0 * MS, 1 * MS, 50000, 250, 3 },
	{ 20 * MS, 0 * MS, 1 * MS, 1000000, 1000, 0 },
	{ 100 * MS, 50 * MS, 1 * MS, 8000000, 255, 0 },
	/* What the slowest of them does: 30 kHz, and 100 ms before the ID is asked for. */
	{ 300 * MS, 0, 100 * MS, 30000, 250, 3 },
};

/* The window in which a boot ROM listens is not known: these look for it, and mixtures are of them. */
static const uint16_t pauses_100us[] = { 0,   2,   5,   10,  20,  30,  40,  60, 80,
					 100, 130, 160, 200, 250, 320, 400, 500 };
static const uint32_t clocks[] = { 1000000, 30000, 4000000, 100000, 8000000, 300000 };
static const uint16_t lows_ms[] = { 20, 100, 50, 400 };

#define LEN(a) (sizeof(a) / sizeof *(a))

/* ---- the list */

static uint16_t train_at(uint16_t train, uint32_t hz)
{
	const uint64_t most = (uint64_t)hz / 8 * TRAIN_MS / 1000;

	if (train <= most)
		return train;
	return (uint16_t)(most > BEKEN_TRAIN_MIN ? most : BEKEN_TRAIN_MIN);
}

static struct beken_params within_limits(const struct beken_plan *plan, struct beken_params params)
{
	if (params.hz > plan->max_hz)
		params.hz = plan->max_hz;
	params.train = train_at(params.train, params.hz);
	if (params.train > BEKEN_TRAIN_MAX)
		params.train = BEKEN_TRAIN_MAX;
	if (params.train > plan->max_len)
		params.train = (uint16_t)plan->max_len;
	return params;
}

static uint64_t cost_ns(const struct beken_params *params)
{
	const uint64_t waits_us =
		(uint64_t)params->cen_low_us + params->pause_us + params->settle_us;

	return waits_us * CLOCK_US + params->train * 8ull * CLOCK_S / params->hz + MESSAGES_NS;
}

static void put(const struct beken_plan *plan, struct beken_set *set, enum beken_origin origin,
		const struct beken_known *known)
{
	const uint64_t share_ns = set->share_ns;

	*set = (struct beken_set){ .origin = origin, .known = *known, .share_ns = share_ns };
	set->known.params = within_limits(plan, known->params);
	set->tried.params = set->known.params;
	set->cost_ns = cost_ns(&set->known.params);
}

static bool has(const struct beken_plan *plan, const struct beken_params *params)
{
	for (size_t i = 0; i < plan->n; i++)
		if (beken_params_equal(&plan->set[i].known.params, params))
			return true;
	return false;
}

/* Each set once: a low limit makes many of them equal. */
static void add(struct beken_plan *plan, enum beken_origin origin, const struct beken_known *known)
{
	const struct beken_params params = within_limits(plan, known->params);

	if (plan->n < BEKEN_SETS && !has(plan, &params))
		put(plan, &plan->set[plan->n++], origin, known);
}

static void add_known(struct beken_plan *plan, struct beken_memory *memory, enum beken_scope scope,
		      enum beken_origin origin)
{
	struct beken_known known[BEKEN_KNOWN];
	const size_t n = beken_recall(memory, scope, known, BEKEN_KNOWN);

	for (size_t i = 0; i < n; i++)
		if (known[i].params.hz > 0 && known[i].params.train >= BEKEN_TRAIN_MIN)
			add(plan, origin, &known[i]);
}

static void add_usual(struct beken_plan *plan)
{
	for (size_t i = 0; i < LEN(usual); i++)
		add(plan, BEKEN_USUAL, &(struct beken_known){ .params = usual[i] });
}

static void add_pauses(struct beken_plan *plan)
{
	for (size_t i = 0; i < 2 * LEN(pauses_100us); i++) {
		const struct beken_params params = { .cen_low_us = 20 * MS,
						     .pause_us = pauses_100us[i / 2] * 100u,
						     .settle_us = 1 * MS,
						     .hz = 500000,
						     .train = BEKEN_TRAIN_MIN,
						     .mode = i % 2 ? 0 : 3 };

		add(plan, BEKEN_USUAL, &(struct beken_known){ .params = params });
	}
}

/* Multiples of the golden ratio spread evenly, however many of them are tried. */
static struct beken_known next_wild(struct beken_plan *plan)
{
	const uint32_t spread = ++plan->wild * 0x9e3779b1u;
	const struct beken_params params = {
		.cen_low_us = lows_ms[(spread >> 6) % LEN(lows_ms)] * MS,
		.pause_us = pauses_100us[(spread >> 16) % LEN(pauses_100us)] * 100u,
		.settle_us = plan->wild % 8 ? 1 * MS : 20 * MS,
		.hz = clocks[(spread >> 11) % LEN(clocks)],
		.train = plan->wild % 4 ? BEKEN_TRAIN_MIN + 6 : 1000,
		.mode = spread >> 31 ? 0 : 3,
	};

	return (struct beken_known){ .params = params };
}

static void add_wild(struct beken_plan *plan)
{
	for (size_t i = 0; i < WILD_SETS; i++) {
		const struct beken_known wild = next_wild(plan);

		add(plan, BEKEN_WILD, &wild);
	}
}

void beken_plan_init(struct beken_plan *plan, const struct beken_limits *limits, size_t max_len)
{
	*plan = (struct beken_plan){ .max_hz = limits->max_hz, .max_len = max_len };
	add_known(plan, limits->memory, BEKEN_SLOT, BEKEN_FROM_SLOT);
	add_known(plan, limits->memory, BEKEN_TARGET, BEKEN_FROM_TARGET);
	add_usual(plan);
	add_pauses(plan);
	add_wild(plan);
}

/* ---- the choice */

/* Attempts that a success should take, by what is known from before, and one to spare. */
static uint64_t attempts_needed(const struct beken_set *set)
{
	return (set->known.attempts + 1ull) / (set->known.successes ? set->known.successes : 1) + 1;
}

static bool is_known(const struct beken_set *set, enum beken_origin origin)
{
	return set->origin == origin && set->known.successes > 0 &&
	       set->tried.attempts < PATIENCE * attempts_needed(set);
}

static bool is_from_slot(const struct beken_set *set)
{
	return is_known(set, BEKEN_FROM_SLOT);
}

static bool is_from_target(const struct beken_set *set)
{
	return is_known(set, BEKEN_FROM_TARGET);
}

static bool has_echoed(const struct beken_set *set)
{
	return set->tried.echoes > 0;
}

static bool is_any(const struct beken_set *set)
{
	(void)set;
	return true;
}

static uint64_t price_known(const struct beken_set *set)
{
	return (set->share_ns + set->cost_ns) * attempts_needed(set);
}

static uint64_t price_echo(const struct beken_set *set)
{
	return (set->share_ns + set->cost_ns) * set->tried.attempts / set->tried.echoes;
}

static uint64_t price_time(const struct beken_set *set)
{
	return set->share_ns + set->cost_ns;
}

/* Best first. A tier is empty when no set fits it. */
static const struct tier {
	bool (*fits)(const struct beken_set *set);
	uint64_t (*price)(const struct beken_set *set);
} tiers[] = { { is_from_slot, price_known },
	      { is_from_target, price_known },
	      { has_echoed, price_echo },
	      { is_any, price_time } };

static struct beken_set *cheapest(struct beken_plan *plan, const struct tier *tier)
{
	struct beken_set *best = NULL;

	for (size_t i = 0; i < plan->n; i++) {
		struct beken_set *set = &plan->set[i];

		if (tier->fits(set) && (!best || tier->price(set) < tier->price(best)))
			best = set;
	}
	return best;
}

/* A mixture that showed nothing makes room for the next. */
static struct beken_set *explore(struct beken_plan *plan)
{
	struct beken_set *set = cheapest(plan, &tiers[LEN(tiers) - 1]);

	if (set->origin == BEKEN_WILD && set->tried.attempts > 0 && set->tried.echoes == 0) {
		const struct beken_known wild = next_wild(plan);

		put(plan, set, BEKEN_WILD, &wild);
	}
	return set;
}

struct beken_set *beken_plan_next(struct beken_plan *plan, uint32_t attempt)
{
	struct beken_set *set = NULL;

	if (attempt == 0 && (is_from_slot(&plan->set[0]) || is_from_target(&plan->set[0])))
		return &plan->set[0];
	if (attempt % EXPLORE_EVERY == EXPLORE_EVERY - 1)
		return explore(plan);
	for (size_t i = 0; !set && i + 1 < LEN(tiers); i++)
		set = cheapest(plan, &tiers[i]);
	return set ? set : explore(plan);
}

void beken_plan_note(struct beken_set *set, bool echoed, uint64_t ns)
{
	set->tried.attempts++;
	set->tried.echoes += echoed;
	set->tried.ns += ns;
	set->share_ns += ns;
}
