#include "clock.h"

#include "check.h"

static void a_virtual_clock_stands_still_by_itself(void)
{
	struct clock_virtual clock;

	clock_virtual_init(&clock);
	CHECK(clock_now_ns(&clock.base) == 0 && clock_now_ns(&clock.base) == 0);
}

static void a_virtual_sleep_takes_exactly_as_long_as_asked(void)
{
	struct clock_virtual clock;

	clock_virtual_init(&clock);
	clock_sleep_ns(&clock.base, 20ull * CLOCK_S);
	clock_sleep_ns(&clock.base, 3ull * CLOCK_US);
	CHECK(clock_now_ns(&clock.base) == 20000003000);
}

static void a_virtual_clock_never_goes_back(void)
{
	struct clock_virtual clock;

	clock_virtual_init(&clock);
	clock_sleep_until_ns(&clock.base, 100);
	clock_sleep_until_ns(&clock.base, 50);
	CHECK(clock_now_ns(&clock.base) == 100);
}

static void virtual_clocks_are_told_from_real_ones(void)
{
	struct clock_virtual clock;

	clock_virtual_init(&clock);
	CHECK(clock_is_virtual(&clock.base));
	CHECK(!clock_is_virtual(clock_real()));
}

static void a_real_sleep_is_never_too_short(void)
{
	struct clock *clock = clock_real();
	const uint64_t before = clock_now_ns(clock);

	clock_sleep_ns(clock, 5ull * CLOCK_MS);
	CHECK(clock_now_ns(clock) - before >= 5ull * CLOCK_MS);
}

static void a_real_sleep_until_the_past_returns_at_once(void)
{
	struct clock *clock = clock_real();
	const uint64_t before = clock_now_ns(clock);

	clock_sleep_until_ns(clock, 0);
	CHECK(clock_now_ns(clock) - before < CLOCK_S);
}

static void moments_are_written_in_utc_with_milliseconds(void)
{
	char text[CLOCK_TEXT];

	clock_wall_text(0, text);
	CHECK(!strcmp(text, "1970-01-01T00:00:00.000Z"));
	clock_wall_text(1700000000007, text);
	CHECK(!strcmp(text, "2023-11-14T22:13:20.007Z"));
	clock_wall_text(951782400999, text); /* a leap day */
	CHECK(!strcmp(text, "2000-02-29T00:00:00.999Z"));
}

static void the_wall_clock_is_in_this_century(void)
{
	const int64_t now = clock_wall_ms();

	CHECK(now > 1700000000000 && now < 4102444800000);
}

static const struct check all[] = {
	{ "a virtual clock stands still by itself", a_virtual_clock_stands_still_by_itself },
	{ "a virtual sleep takes exactly as long as asked",
	  a_virtual_sleep_takes_exactly_as_long_as_asked },
	{ "a virtual clock never goes back", a_virtual_clock_never_goes_back },
	{ "virtual clocks are told from real ones", virtual_clocks_are_told_from_real_ones },
	{ "a real sleep is never too short", a_real_sleep_is_never_too_short },
	{ "a real sleep until the past returns at once",
	  a_real_sleep_until_the_past_returns_at_once },
	{ "moments are written in UTC with milliseconds",
	  moments_are_written_in_utc_with_milliseconds },
	{ "the wall clock is in this century", the_wall_clock_is_in_this_century },
};
CHECK_MAIN(all)
