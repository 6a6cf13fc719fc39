#include "check.h"

#include "beken_plan.h"
#include "beken_sim.h"

#define MAX_LEN 4096
#define ROUND   400

static struct beken_plan plan;
static struct beken_ram slot, target;

static const struct beken_params good = { 30000, 7700, 2000, 700000, 333, 3 };
static const struct beken_params other = { 40000, 8800, 2000, 600000, 333, 0 };

static void know(struct beken_ram *ram, const struct beken_params *params, uint32_t successes,
		 uint32_t attempts)
{
	const struct beken_known known = { *params, successes, attempts };

	beken_remember(&ram->base, &known);
}

static void forget(void)
{
	beken_ram_init(&target, NULL);
	beken_ram_init(&slot, &target);
}

static void start(uint32_t max_hz, size_t max_len)
{
	const struct beken_limits limits = { .max_hz = max_hz, .memory = &slot.base };

	beken_plan_init(&plan, &limits, max_len);
}

/* The parameters of attempt n, which showed nothing. */
static struct beken_params go(uint32_t n)
{
	struct beken_set *set = beken_plan_next(&plan, n);

	beken_plan_note(set, false, set->cost_ns);
	return set->known.params;
}

/* How many of n attempts used params, when none shows anything. */
static unsigned uses(const struct beken_params *params, uint32_t n)
{
	unsigned used = 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct beken_params now = go(i);

		used += beken_params_equal(&now, params);
	}
	return used;
}

static void what_worked_last_for_the_slot_is_first(void)
{
	struct beken_params first;

	forget();
	know(&slot, &other, 50, 60);
	know(&slot, &good, 1, 9);
	start(8000000, MAX_LEN);
	first = go(0);
	CHECK(beken_params_equal(&first, &good));
}

static void what_worked_for_the_target_is_next(void)
{
	struct beken_params first;

	forget();
	know(&target, &good, 1, 1);
	start(8000000, MAX_LEN);
	first = go(0);
	CHECK(beken_params_equal(&first, &good));
	forget();
	know(&target, &good, 1, 1);
	know(&slot, &other, 1, 100);
	start(8000000, MAX_LEN);
	first = go(0);
	CHECK(beken_params_equal(&first, &other));
}

static void one_attempt_in_four_explores(void)
{
	unsigned used;

	forget();
	know(&slot, &good, 1, ROUND);
	start(8000000, MAX_LEN);
	used = uses(&good, ROUND);
	CHECK(used >= ROUND * 3 / 4 && used <= ROUND * 3 / 4 + 10);
}

static void what_works_no_more_is_left(void)
{
	forget();
	know(&slot, &good, 1, 1);
	start(8000000, MAX_LEN);
	CHECK(uses(&good, ROUND) < ROUND / 10);
}

static void what_costs_least_a_success_is_preferred(void)
{
	forget();
	know(&slot, &good, 10, 20);
	know(&slot, &other, 1, 100);
	start(8000000, MAX_LEN);
	CHECK(uses(&good, 20) > 10);
}

static void what_echoes_is_preferred(void)
{
	unsigned used = 0;

	forget();
	start(8000000, MAX_LEN);
	for (uint32_t i = 0; i < ROUND; i++) {
		struct beken_set *set = beken_plan_next(&plan, i);
		const bool echoes = set->known.params.pause_us == 13000;

		beken_plan_note(set, echoes, set->cost_ns);
		used += i >= ROUND / 2 && echoes;
	}
	CHECK(used >= ROUND / 2 * 3 / 4);
}

static void short_attempts_come_first_and_more_often(void)
{
	uint64_t first_us = 0, all_us = 0;

	forget();
	start(8000000, MAX_LEN);
	for (uint32_t i = 0; i < ROUND; i++) {
		const struct beken_params params = go(i);

		first_us += i < 20 ? params.cen_low_us + params.pause_us : 0;
		all_us += params.cen_low_us + params.pause_us;
	}
	CHECK(first_us / 20 < 25000 && all_us / ROUND < 50000);
}

/* Two minutes of attempts that show nothing. */
static void exploring_never_ends(void)
{
	static struct beken_params seen[3000];
	unsigned n = 0;

	forget();
	start(8000000, MAX_LEN);
	for (uint32_t i = 0; i < 3000; i++) {
		const struct beken_params now = go(i);
		unsigned k = 0;

		while (k < n && !beken_params_equal(&seen[k], &now))
			k++;
		seen[k] = now;
		n += k == n;
	}
	CHECK(n > 150);
}

static void limits_hold_for_what_is_known_too(void)
{
	forget();
	know(&slot, &(struct beken_params){ 20000, 0, 1000, 12000000, 4000, 3 }, 1, 1);
	start(50000, 300);
	for (uint32_t i = 0; i < ROUND; i++) {
		const struct beken_params params = go(i);

		CHECK(params.hz <= 50000);
		CHECK(params.train >= BEKEN_TRAIN_MIN && params.train <= 300);
	}
}

static void nonsense_in_the_memory_is_not_tried(void)
{
	forget();
	know(&slot, &(struct beken_params){ 20000, 0, 1000, 0, 250, 3 }, 5, 5);
	know(&slot, &(struct beken_params){ 20000, 0, 1000, 1000000, 3, 3 }, 5, 5);
	start(8000000, MAX_LEN);
	for (uint32_t i = 0; i < ROUND; i++) {
		const struct beken_params params = go(i);

		CHECK(params.hz > 0 && params.train >= BEKEN_TRAIN_MIN);
	}
}

static void plans_are_equal_when_answers_are(void)
{
	static struct beken_plan again;

	forget();
	start(8000000, MAX_LEN);
	(void)uses(&good, 300);
	again = plan;
	start(8000000, MAX_LEN);
	(void)uses(&good, 300);
	CHECK(memcmp(&again, &plan, sizeof plan) == 0);
}

/* ---- the memory */

static void memory_counts_what_it_is_told(void)
{
	struct beken_known known[BEKEN_KNOWN];

	forget();
	know(&slot, &good, 1, 7);
	know(&slot, &other, 0, 5);
	know(&slot, &good, 0, 3);
	know(&slot, &good, 1, 1);
	CHECK(beken_recall(&slot.base, BEKEN_SLOT, known, BEKEN_KNOWN) == 1);
	CHECK(beken_params_equal(&known[0].params, &good));
	CHECK(known[0].successes == 2 && known[0].attempts == 11);
	CHECK(beken_recall(&slot.base, BEKEN_TARGET, known, BEKEN_KNOWN) == 1);
}

static void full_memory_forgets_what_worked_longest_ago(void)
{
	struct beken_known known[BEKEN_KNOWN];
	struct beken_params params = good;

	forget();
	for (uint32_t i = 0; i < BEKEN_KNOWN + 3; i++) {
		params.pause_us = i;
		know(&slot, &params, 1, 1);
	}
	params.pause_us = 5;
	know(&slot, &params, 1, 1);
	CHECK(beken_recall(&slot.base, BEKEN_SLOT, known, BEKEN_KNOWN) == BEKEN_KNOWN);
	CHECK(known[0].params.pause_us == 5 && known[0].successes == 2);
	CHECK(known[1].params.pause_us == BEKEN_KNOWN + 2);
	CHECK(known[BEKEN_KNOWN - 1].params.pause_us == 3);
}

static void no_memory_knows_nothing(void)
{
	struct beken_known known = { good, 1, 1 };

	CHECK(beken_recall(NULL, BEKEN_SLOT, &known, 1) == 0);
	beken_remember(NULL, &known);
	beken_ram_init(&slot, NULL);
	CHECK(beken_recall(&slot.base, BEKEN_TARGET, &known, 1) == 0);
}

static const struct check all[] = {
	{ "what worked last for the slot is first", what_worked_last_for_the_slot_is_first },
	{ "what worked for the target is next", what_worked_for_the_target_is_next },
	{ "one attempt in four explores", one_attempt_in_four_explores },
	{ "what works no more is left", what_works_no_more_is_left },
	{ "what costs least a success is preferred", what_costs_least_a_success_is_preferred },
	{ "what echoes is preferred", what_echoes_is_preferred },
	{ "short attempts come first and more often", short_attempts_come_first_and_more_often },
	{ "exploring never ends", exploring_never_ends },
	{ "limits hold for what is known too", limits_hold_for_what_is_known_too },
	{ "nonsense in the memory is not tried", nonsense_in_the_memory_is_not_tried },
	{ "plans are equal when answers are", plans_are_equal_when_answers_are },
	{ "memory counts what it is told", memory_counts_what_it_is_told },
	{ "full memory forgets what worked longest ago",
	  full_memory_forgets_what_worked_longest_ago },
	{ "no memory knows nothing", no_memory_knows_nothing },
};
CHECK_MAIN(all)
