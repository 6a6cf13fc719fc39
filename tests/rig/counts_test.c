#include "counts.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "auto.h"
#include "check.h"
#include "rig_impl.h"

static void steps_are_counted_by_name(void)
{
	static struct rig rig;
	struct rig_counts got;

	counts_step(&rig.counts, "enter", true, 5);
	counts_step(&rig.counts, "read", true, 7);
	counts_step(&rig.counts, "enter", false, 11);
	rig_counts(&rig, &got);
	CHECK(got.steps == 2 && !strcmp(got.step[0].name, "enter"));
	CHECK(got.step[0].runs == 2 && got.step[0].failed == 1 && got.step[0].ns == 16);
	CHECK(got.step[1].runs == 1 && got.step[1].failed == 0 && got.step[1].ns == 7);
}

static void too_many_names_push_out_none(void)
{
	static struct rig rig;
	static char names[RIG_STEPS + 3][8];
	struct rig_counts got;

	for (int i = 0; i < RIG_STEPS + 3; i++) {
		snprintf(names[i], sizeof names[i], "s%d", i);
		counts_step(&rig.counts, names[i], true, 1);
	}
	rig_counts(&rig, &got);
	CHECK(got.steps == RIG_STEPS && !strcmp(got.step[0].name, "s0"));
}

static void *count_all(void *arg)
{
	static const char *const names[] = { "enter", "probe", "read", "verify" };
	struct rig *rig = arg;

	for (int i = 0; i < 4000; i++)
		counts_step(&rig->counts, names[i % 4], true, 1);
	return NULL;
}

static void workers_count_at_once(void)
{
	static struct rig rig;
	struct rig_counts got;
	pthread_t thread[4];

	for (int i = 0; i < 4; i++)
		CHECK(pthread_create(&thread[i], NULL, count_all, &rig) == 0);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	rig_counts(&rig, &got);
	CHECK(got.steps == 4);
	for (size_t i = 0; i < got.steps; i++)
		CHECK(got.step[i].runs == 4000 && got.step[i].ns == 4000);
}

static const struct check all[] = {
	{ "steps are counted by name", steps_are_counted_by_name },
	{ "too many names push out none", too_many_names_push_out_none },
	{ "workers count at once", workers_count_at_once },
};
CHECK_MAIN(all)
