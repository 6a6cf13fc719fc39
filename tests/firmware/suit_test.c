#include "suit.h"

#include <stdlib.h>

#include "auto.h"
#include "bytes.h"
#include "check.h"
#include "flash_maker.h"

static const struct analysis_hint unknown = { .has_start = false };

static struct suit_verdict judge(struct maker *m, const char *target, uint64_t at)
{
	AUTO(auto_free) struct analysis *a = calloc(1, sizeof *a);
	struct suit_verdict verdict;
	struct err e;

	if (!a || analysis_run(&m->flash, &unknown, a, NULL, &e) < 0)
		abort();
	suit_judge(a, target, at, &verdict);
	return verdict;
}

static void content_suits_its_own_chip_at_its_place(void)
{
	AUTO(maker_close) struct maker m;

	maker_tuya_n(&m);
	memset(m.bytes + 0x1d0000, 0xff, 0x1000);
	CHECK(judge(&m, "bk7231n", 0).suit == SUIT_FINE && !judge(&m, "bk7231n", 0).why[0]);
	CHECK(judge(&m, "nor", 0x5000).suit == SUIT_FINE);
}

static void calibration_of_another_board_is_doubtful(void)
{
	AUTO(maker_close) struct maker m;
	struct suit_verdict v;

	maker_tuya_n(&m);
	v = judge(&m, "bk7231n", 0);
	CHECK(v.suit == SUIT_DOUBTFUL && strstr(v.why, "02:00:00:00:00:01"));
	CHECK(strstr(v.hint, "{\"offset\": 1900544, \"length\": 4096}"));
}

static void another_chip_is_named(void)
{
	AUTO(maker_close) struct maker m;
	struct suit_verdict v;

	maker_tuya_n(&m);
	v = judge(&m, "bk7231t", 0);
	CHECK(v.suit == SUIT_WRONG_CHIP && v.hint[0]);
	CHECK(!strcmp(v.why, "it is for BK7231N, and the slot has a BK7231T"));
	CHECK(judge(&m, "bk7252", 0).suit == SUIT_WRONG_CHIP);
}

static void another_place_is_named(void)
{
	AUTO(maker_close) struct maker m, app;
	struct suit_verdict v;

	maker_tuya_n(&m);
	v = judge(&m, "bk7231n", 0x11000);
	CHECK(v.suit == SUIT_WRONG && strstr(v.why, "belongs at 0") && strstr(v.hint, "offset"));
	maker_open(&app, 0x118f70);
	memcpy(app.bytes, m.bytes + 0x11000, app.flash.size);
	CHECK(judge(&app, "bk7231n", 0x11000).suit == SUIT_FINE);
	CHECK(judge(&app, "bk7231n", 0).suit == SUIT_WRONG);
	CHECK(judge(&app, "bk7231n", 0x12000).suit == SUIT_WRONG);
	CHECK(judge(&app, "bk7231n", 17 * 0x11000).suit == SUIT_DOUBTFUL);
}

static void containers_and_raw_code_run_on_nothing(void)
{
	static const uint8_t body[64] = { 1 };
	AUTO(maker_close) struct maker box, raw;

	maker_open(&box, 160);
	maker_header(box.bytes, "app", 0, body, 48, body, sizeof body);
	memcpy(box.bytes + 96, body, sizeof body);
	CHECK(judge(&box, "bk7231n", 0).suit == SUIT_WRONG);
	CHECK(judge(&box, "bk7231n", 0x11000).suit == SUIT_WRONG);
	CHECK(judge(&box, "bk7231n", 0x12a000).suit == SUIT_FINE);
	maker_open(&raw, 5000);
	maker_vectors(raw.bytes);
	CHECK(judge(&raw, "bk7231n", 0x11000).suit == SUIT_WRONG);
}

static void a_rotated_flash_is_to_be_turned_first(void)
{
	AUTO(maker_close) struct maker straight, turned;
	const uint32_t size = 2u << 20;

	maker_tuya_n(&straight);
	maker_open(&turned, size);
	memcpy(turned.bytes, straight.bytes + 0x11000, size - 0x11000);
	memcpy(turned.bytes + size - 0x11000, straight.bytes, 0x11000);
	CHECK(judge(&turned, "bk7231n", 0).suit == SUIT_WRONG);
}

static void damage_and_keys_that_differ_are_wrong(void)
{
	AUTO(maker_close) struct maker m, two;
	struct suit_verdict v;
	uint8_t vectors[32];

	maker_tuya_n(&m);
	m.bytes[0x13005] ^= 1;
	v = judge(&m, "bk7231n", 0);
	CHECK(v.suit == SUIT_WRONG && strstr(v.why, "app is damaged: 1 CRCs"));
	maker_tuya_n(&two);
	maker_vectors(vectors);
	maker_code(&two, &maker_clear, 0x10000, vectors, sizeof vectors);
	CHECK(judge(&two, "bk7231n", 0).suit == SUIT_WRONG);
}

static void code_in_clear_is_odd_on_a_chip_that_scrambles(void)
{
	AUTO(maker_close) struct maker m;
	uint8_t vectors[32];

	maker_open(&m, 0x20000);
	maker_vectors(vectors);
	maker_code(&m, &maker_clear, 0, vectors, sizeof vectors);
	maker_code(&m, &maker_clear, 0x10000, vectors, sizeof vectors);
	CHECK(judge(&m, "bk7231n", 0).suit == SUIT_DOUBTFUL);
	CHECK(judge(&m, "bk7252", 0).suit == SUIT_FINE);
	CHECK(judge(&m, "bk7238", 0).suit == SUIT_FINE);
}

static void of_noise_nothing_is_said(void)
{
	AUTO(maker_close) struct maker m;
	unsigned seed = 3;

	maker_open(&m, 70000);
	for (uint32_t i = 0; i < m.flash.size; i++)
		m.bytes[i] = (uint8_t)(rand_r(&seed) >> 8);
	CHECK(judge(&m, "bk7231n", 0).suit == SUIT_FINE);
}

static const struct check all[] = {
	{ "content suits its own chip at its place", content_suits_its_own_chip_at_its_place },
	{ "calibration of another board is doubtful", calibration_of_another_board_is_doubtful },
	{ "another chip is named", another_chip_is_named },
	{ "another place is named", another_place_is_named },
	{ "containers and raw code run on nothing", containers_and_raw_code_run_on_nothing },
	{ "a rotated flash is to be turned first", a_rotated_flash_is_to_be_turned_first },
	{ "damage and keys that differ are wrong", damage_and_keys_that_differ_are_wrong },
	{ "code in clear is odd on a chip that scrambles",
	  code_in_clear_is_odd_on_a_chip_that_scrambles },
	{ "of noise nothing is said", of_noise_nothing_is_said },
};
CHECK_MAIN(all)
