#include "door.h"

#include <stdio.h>

#include "auto.h"
#include "check.h"
#include "clock.h"

static struct err e;
static const uint64_t start = 1000 * (uint64_t)CLOCK_S;

/* ---- wrong tokens */

static bool waits_after(struct tries *t, const char *address, int wrong, uint64_t now_ns)
{
	for (int i = 0; i < wrong; i++)
		tries_wrong(t, address, now_ns);
	return tries_must_wait(t, address, now_ns);
}

static void ten_wrong_ones_make_an_address_wait_a_minute(void)
{
	AUTO(tries_done) struct tries t;

	tries_init(&t);
	CHECK(!waits_after(&t, "192.0.2.1", TRIES_MAX - 1, start));
	CHECK(waits_after(&t, "192.0.2.1", 1, start + 59 * (uint64_t)CLOCK_S));
	CHECK(!tries_must_wait(&t, "192.0.2.2", start));
	CHECK(tries_must_wait(&t, "192.0.2.1", start + 118 * (uint64_t)CLOCK_S));
	CHECK(!tries_must_wait(&t, "192.0.2.1", start + 119 * (uint64_t)CLOCK_S));
}

static void going_on_makes_the_wait_no_longer(void)
{
	AUTO(tries_done) struct tries t;

	tries_init(&t);
	CHECK(waits_after(&t, "192.0.2.1", TRIES_MAX, start));
	CHECK(waits_after(&t, "192.0.2.1", 50, start + 30 * (uint64_t)CLOCK_S));
	CHECK(!waits_after(&t, "192.0.2.1", TRIES_MAX - 1, start + 60 * (uint64_t)CLOCK_S));
	CHECK(waits_after(&t, "192.0.2.1", 1, start + 60 * (uint64_t)CLOCK_S));
}

static void old_wrong_ones_are_forgotten(void)
{
	AUTO(tries_done) struct tries t;

	tries_init(&t);
	CHECK(!waits_after(&t, "192.0.2.1", TRIES_MAX - 1, start));
	CHECK(!waits_after(&t, "192.0.2.1", TRIES_MAX - 1, start + 60 * (uint64_t)CLOCK_S));
}

static void more_addresses_than_places_push_out_the_quietest(void)
{
	AUTO(tries_done) struct tries t;
	char address[TRIES_ADDRESS];

	tries_init(&t);
	for (unsigned i = 0; i <= TRIES_PEERS; i++) {
		snprintf(address, sizeof address, "192.0.2.%u", i);
		CHECK(waits_after(&t, address, TRIES_MAX, start + i));
	}
	CHECK(!tries_must_wait(&t, "192.0.2.0", start + 1000));
	CHECK(tries_must_wait(&t, "192.0.2.1", start + 1000));
}

/* ---- sessions */

static void session_stands_for_its_token_until_it_is_removed(void)
{
	AUTO(sessions_done) struct sessions s;
	char one[SESSION_TEXT], two[SESSION_TEXT];

	sessions_init(&s);
	CHECK_OK(sessions_add(&s, 7, start, one, &e), e);
	CHECK_OK(sessions_add(&s, 8, start, two, &e), e);
	CHECK(strlen(one) == SESSION_TEXT - 1 && strcmp(one, two) != 0);
	CHECK(sessions_find(&s, one, start) == 7 && sessions_find(&s, two, start) == 8);
	sessions_remove(&s, one);
	sessions_remove(&s, "nonsense");
	CHECK(sessions_find(&s, one, start) == SESSION_NOBODY);
	CHECK(sessions_find(&s, two, start) == 8);
}

static void session_ends_after_thirty_days(void)
{
	AUTO(sessions_done) struct sessions s;
	const uint64_t day = 24 * 3600 * (uint64_t)CLOCK_S;
	char text[SESSION_TEXT];

	sessions_init(&s);
	CHECK_OK(sessions_add(&s, 7, start, text, &e), e);
	CHECK(sessions_find(&s, text, start + 30 * day - 1) == 7);
	CHECK(sessions_find(&s, text, start + 30 * day) == SESSION_NOBODY);
}

static void oldest_session_makes_room(void)
{
	AUTO(sessions_done) struct sessions s;
	char first[SESSION_TEXT], second[SESSION_TEXT], text[SESSION_TEXT];

	sessions_init(&s);
	CHECK_OK(sessions_add(&s, 1, start, first, &e), e);
	CHECK_OK(sessions_add(&s, 2, start + 1, second, &e), e);
	for (unsigned i = 2; i <= SESSIONS_MAX; i++)
		CHECK_OK(sessions_add(&s, 3, start + i, text, &e), e);
	CHECK(sessions_find(&s, first, start) == SESSION_NOBODY);
	CHECK(sessions_find(&s, second, start + 1000) == 2);
}

/* ---- more than the route */

static void part_that_wants_more_is_refused_by_name(void)
{
	const struct request one_who_operates = { .grant = { .scope = SCOPE_OPERATE } };
	const struct request admin = { .grant = { .scope = SCOPE_ADMIN } };

	CHECK_OK(door_need(&admin, SCOPE_ADMIN, "force", &e), e);
	CHECK(door_need(&one_who_operates, SCOPE_ADMIN, "force", &e) < 0 &&
	      e.code == ERR_FORBIDDEN);
	CHECK(strstr(e.text, "force") && strstr(e.text, "\"admin\""));
}

static const struct check all[] = {
	{ "ten wrong ones make an address wait a minute",
	  ten_wrong_ones_make_an_address_wait_a_minute },
	{ "going on makes the wait no longer", going_on_makes_the_wait_no_longer },
	{ "old wrong ones are forgotten", old_wrong_ones_are_forgotten },
	{ "more addresses than places push out the quietest",
	  more_addresses_than_places_push_out_the_quietest },
	{ "a session stands for its token until it is removed",
	  session_stands_for_its_token_until_it_is_removed },
	{ "a session ends after thirty days", session_ends_after_thirty_days },
	{ "the oldest session makes room", oldest_session_makes_room },
	{ "a part that wants more is refused by name", part_that_wants_more_is_refused_by_name },
};
CHECK_MAIN(all)
