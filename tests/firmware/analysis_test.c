#include "analysis.h"

#include <stdlib.h>

#include "auto.h"
#include "bytes.h"
#include "check.h"
#include "demo_image.h"
#include "flash_maker.h"
#include "survey.h"

static const struct analysis_hint unknown = { .has_start = false };

/* Analyses what m holds; NULL and a line when it cannot. */
static struct analysis *analyse(struct maker *m, const struct analysis_hint *hint)
{
	AUTO(auto_free) struct analysis *a = calloc(1, sizeof *a);
	struct err e = { .text = "no memory" };

	if (a && analysis_run(&m->flash, hint, a, NULL, &e) == 0)
		return TAKE(a);
	fprintf(stderr, "%s\n", e.text);
	return NULL;
}

static void a_tuya_flash_says_what_it_is(void)
{
	AUTO(maker_close) struct maker m;
	char summary[ANALYSIS_SUMMARY];

	maker_tuya_n(&m);
	AUTO(auto_free) struct analysis *a = analyse(&m, &unknown);
	CHECK(a && !strcmp(a->kind, "full-flash") && a->start == 0 && !a->rotated);
	analysis_summary(a, summary);
	CHECK(!strcmp(summary, "Tuya oem_bk7231n_test 1.2.3 on BK7231N"));
	CHECK(a->socs == SOC_BK7231N && a->socs_sure == SURE_CHECKED && a->clues >= 4);
	CHECK(!strcmp(scramble_name(&a->key), "tuya") && a->key_fact.sure == SURE_CHECKED);
	CHECK(!strcmp(a->loader.text, "BK7231N_1.0.1") && !strcmp(a->loader.version, "1.0.1"));
	CHECK(a->loader.fact.sure == SURE_CHECKED);
	CHECK(a->layout && !strcmp(a->layout->name, "tuya-bk7231n"));
	CHECK(a->firmware == BANNER_TUYA && a->firmware_sure == SURE_CHECKED);
	CHECK(!strcmp(a->sdk.text, "TUYA IOT SDK V:2.3.1 BS:40.00"));
	CHECK(!strcmp(a->platform.text, "bk7231n") && a->warnings == 0);
}

static void each_partition_has_a_place_and_a_proof(void)
{
	static const struct {
		const char *name;
		uint32_t offset, length;
		enum place place;
		enum proof ok;
	} wanted[] = {
		{ "bootloader", 0, 0x11000, PLACE_TABLE, PROOF_GOOD },
		{ "app", 0x11000, 0x118f70, PLACE_TABLE, PROOF_GOOD },
		{ "download", 0x12a000, 0xa6000, PLACE_TABLE, PROOF_NONE },
		{ "rf", 0x1d0000, 0x1000, PLACE_FOUND, PROOF_GOOD },
		{ "net", 0x1d1000, 0x1000, PLACE_LAYOUT, PROOF_NONE },
		{ "kv-key", 0x1ee000, 0x1000, PLACE_FOUND, PROOF_GOOD },
		{ "kv-data", 0x1ef000, 0xe000, PLACE_FOUND, PROOF_NONE },
		{ "gap1", 0x1ea000, 0x3000, PLACE_REST, PROOF_NONE },
	};
	AUTO(maker_close) struct maker m;

	maker_tuya_n(&m);
	AUTO(auto_free) struct analysis *a = analyse(&m, &unknown);
	CHECK(a);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		const struct partition *p = analysis_partition(a, wanted[i].name);

		CHECK(p && p->offset == wanted[i].offset && p->length == wanted[i].length);
		CHECK(p->place == wanted[i].place && p->present == p->length);
		if (wanted[i].ok != PROOF_NONE)
			CHECK(p->ok == wanted[i].ok);
	}
}

static void partitions_are_in_order_and_do_not_overlap(void)
{
	AUTO(maker_close) struct maker m;
	uint64_t end = 0;

	maker_tuya_n(&m);
	AUTO(auto_free) struct analysis *a = analyse(&m, &unknown);
	CHECK(a && a->partitions > 8);
	for (size_t i = 0; i < a->partitions; i++) {
		CHECK(a->partition[i].offset >= end);
		/* Only pieces of a sector are left over. */
		CHECK(a->partition[i].offset - end < FLASH_SECTOR);
		end = (uint64_t)a->partition[i].offset + a->partition[i].length;
	}
	CHECK(end == 2u << 20);
}

static void the_mac_and_the_configuration_are_found(void)
{
	AUTO(maker_close) struct maker m;
	const struct setting *s;
	char mac[RF_MAC_TEXT];

	maker_tuya_n(&m);
	AUTO(auto_free) struct analysis *a = analyse(&m, &unknown);
	CHECK(a && analysis_mac_text(a, mac) && !strcmp(mac, "02:00:00:00:00:01"));
	CHECK(a->mac_at == 0x1d0024);
	s = settings_find(&a->settings, "tuya", "gw_wsm.ssid");
	CHECK(s && !strcmp(settings_value(&a->settings, s), "home"));
	CHECK(privacy_is_open(s->privacy) && s->fact.sure == SURE_CHECKED);
	s = settings_find(&a->settings, "tuya", "gw_wsm.passwd");
	CHECK(s && !strcmp(settings_value(&a->settings, s), "SECRETWIFI"));
	CHECK(!privacy_is_open(s->privacy));
	s = settings_find(&a->settings, "tuya", "gw_bi.ap_passwd");
	CHECK(s && s->length == 0);
	s = settings_find(&a->settings, "tuya", "user_param_key.led_pin");
	CHECK(s && !strcmp(settings_value(&a->settings, s), "8") && privacy_is_open(s->privacy));
	s = settings_find(&a->settings, "tuya", "strange");
	CHECK(s && s->privacy == PRIVACY_SECRET);
}

static void one_wrong_bit_in_the_code_is_told(void)
{
	AUTO(maker_close) struct maker m;
	const struct partition *app;

	maker_tuya_n(&m);
	m.bytes[0x12000] ^= 4;
	AUTO(auto_free) struct analysis *a = analyse(&m, &unknown);
	app = a ? analysis_partition(a, "app") : NULL;
	CHECK(app && app->ok == PROOF_BAD && app->grid.bad == 1);
	CHECK(app->grid.first_bad <= 0x12000 && app->grid.first_bad + 34 > 0x12000);
	CHECK(a->warnings == 1 && strstr(a->warning[0], "damaged"));
	CHECK(a->firmware_sure == SURE_PATTERN);
}

static void a_part_is_read_by_its_true_addresses(void)
{
	const struct analysis_hint hint = { .has_start = true, .start = 0x11000 };
	AUTO(maker_close) struct maker whole, part;

	maker_tuya_n(&whole);
	maker_open(&part, (2u << 20) - 0x11000);
	memcpy(part.bytes, whole.bytes + 0x11000, part.flash.size);
	AUTO(auto_free) struct analysis *told = analyse(&part, &hint);
	CHECK(told && !strcmp(told->kind, "headless") && told->first == 0x11000);
	CHECK(told->has_mac && told->mac_at == 0x1d0024);
	CHECK(analysis_partition(told, "app")->offset == 0x11000);
	CHECK(!strcmp(told->name.text, "oem_bk7231n_test") && told->socs == SOC_BK7231N);
	CHECK(told->layout && analysis_partition(told, "uf")->fact.sure == SURE_ASSUMED);
	AUTO(auto_free) struct analysis *found = analyse(&part, &unknown);
	CHECK(found && found->first == 0x11000 && found->mac_at == 0x1d0024);
}

static void a_rotated_flash_is_turned_back(void)
{
	AUTO(maker_close) struct maker straight, turned;
	const uint32_t size = 2u << 20;

	maker_tuya_n(&straight);
	maker_open(&turned, size);
	memcpy(turned.bytes, straight.bytes + 0x11000, size - 0x11000);
	memcpy(turned.bytes + size - 0x11000, straight.bytes, 0x11000);
	AUTO(auto_free) struct analysis *a = analyse(&turned, &unknown);
	CHECK(a && !strcmp(a->kind, "rotated") && a->rotated && a->first == 0);
	CHECK(a->mac_at == 0x1d0024 && a->loader.fact.sure == SURE_CHECKED);
	CHECK(analysis_partition(a, "app")->ok == PROOF_GOOD);
}

static void an_application_alone_is_at_its_place(void)
{
	AUTO(maker_close) struct maker whole, app;

	maker_tuya_n(&whole);
	maker_open(&app, 0x118f70);
	memcpy(app.bytes, whole.bytes + 0x11000, app.flash.size);
	AUTO(auto_free) struct analysis *a = analyse(&app, &unknown);
	CHECK(a && !strcmp(a->kind, "ua") && a->first == 0x11000);
	CHECK(a->firmware == BANNER_TUYA && a->socs == SOC_BK7231N);
	CHECK(a->containers == 1 && a->container[0].body == RBL_RIGHT);
}

static void keys_that_differ_are_warned_of(void)
{
	AUTO(maker_close) struct maker m;
	uint8_t vectors[32];

	maker_tuya_n(&m);
	maker_vectors(vectors);
	maker_code(&m, &maker_clear, 0x10000, vectors, sizeof vectors);
	AUTO(auto_free) struct analysis *a = analyse(&m, &unknown);
	CHECK(a && a->keys_differ && a->warnings > 0 && strstr(a->warning[0], "different keys"));
}

static void an_openbeken_configuration_is_read(void)
{
	AUTO(maker_close) struct maker m;
	const struct setting *s;

	maker_tuya_n(&m);
	maker_openbeken(&m, 0x1d1000);
	AUTO(auto_free) struct analysis *a = analyse(&m, &unknown);
	s = a ? settings_find(&a->settings, "openbeken", "ssid") : NULL;
	CHECK(s && !strcmp(settings_value(&a->settings, s), "home") &&
	      s->fact.sure == SURE_CHECKED);
	s = settings_find(&a->settings, "openbeken", "wifi_password2");
	CHECK(s && s->privacy == PRIVACY_SECRET && s->fact.offset == 0x1d1c40);
	s = settings_find(&a->settings, "openbeken", "pin8");
	CHECK(s && !strcmp(settings_value(&a->settings, s), "role 3, channel 1"));
	CHECK(analysis_partition(a, "net")->ok == PROOF_GOOD);
	m.bytes[0x1d1100] ^= 1;
	AUTO(auto_free) struct analysis *broken = analyse(&m, &unknown);
	CHECK(broken && !settings_find(&broken->settings, "openbeken", "ssid"));
}

static void a_demonstration_doorbell_is_known_by_its_shape(void)
{
	AUTO(maker_close) struct maker m;
	struct demo_image image;

	maker_open(&m, 4u << 20);
	demo_image_init(&image, "bk7252", 4u << 20, 1);
	demo_image_read(&image, 0, m.bytes, 4u << 20);
	AUTO(auto_free) struct analysis *a = analyse(&m, &unknown);
	CHECK(a && a->layout && !strcmp(a->layout->name, "tuya-bk7252"));
	CHECK(a->socs == SOC_BK7252 && analysis_partition(a, "app2")->offset == 0x1ba000);
	CHECK(!strcmp(a->name.text, "demo_bk7252_doorbell") && a->has_mac);
	CHECK(settings_find(&a->settings, "tuya", "gw_wsm.ssid"));
	CHECK(analysis_partition(a, "app2")->ok == PROOF_GOOD);
}

static void a_demonstration_plug_says_what_it_is(void)
{
	AUTO(maker_close) struct maker m;
	struct demo_image image;
	char summary[ANALYSIS_SUMMARY];

	maker_open(&m, 2u << 20);
	demo_image_init(&image, "bk7231n", 2u << 20, 1);
	demo_image_read(&image, 0, m.bytes, 2u << 20);
	AUTO(auto_free) struct analysis *a = analyse(&m, &unknown);
	CHECK(a && a->loader.fal.n == 3 && !strcmp(a->layout->name, "tuya-bk7231n"));
	analysis_summary(a, summary);
	CHECK(!strcmp(summary, "Tuya demo_bk7231n_plug 1.0.0 on BK7231N"));
	CHECK(analysis_partition(a, "kv-key")->ok == PROOF_GOOD && a->warnings == 0);
}

static void nothing_is_found_in_nothing(void)
{
	AUTO(maker_close) struct maker m, empty;
	char summary[ANALYSIS_SUMMARY];

	maker_open(&m, 1u << 20);
	AUTO(auto_free) struct analysis *a = analyse(&m, &unknown);
	CHECK(a && !strcmp(a->kind, "erased") && a->erased == 256 && a->partitions == 0);
	analysis_summary(a, summary);
	CHECK(!strcmp(summary, "erased"));
	maker_open(&empty, 1);
	empty.flash.size = 0;
	AUTO(auto_free) struct analysis *none = analyse(&empty, &unknown);
	CHECK(none && none->sectors == 0 && none->partitions == 0);
}

static void noise_has_no_partitions(void)
{
	AUTO(maker_close) struct maker m;
	unsigned seed = 5;

	maker_open(&m, 300000);
	for (uint32_t i = 0; i < m.flash.size; i++)
		m.bytes[i] = (uint8_t)(rand_r(&seed) >> 8);
	AUTO(auto_free) struct analysis *a = analyse(&m, &unknown);
	CHECK(a && !strcmp(a->kind, "bin") && a->partitions == 0 && a->socs == 0);
	CHECK(a->settings.n == 0 && !a->has_mac && a->sectors == 74);
}

/* The sanitizers say whether anything is read that is not there. */
static void random_damage_is_survived(void)
{
	AUTO(maker_close) struct maker good, m;
	static const uint32_t hot[] = { 0,        0x90,     0xf7c0,   0x10f9a,  0x11000, 0x129f0a,
					0x1d0000, 0x1d1000, 0x1ee000, 0x1ef000, 0x1ef080 };
	unsigned seed = 23;

	maker_tuya_n(&good);
	maker_openbeken(&good, 0x1d1000);
	maker_open(&m, good.flash.size);
	for (int round = 0; round < 25; round++) {
		memcpy(m.bytes, good.bytes, good.flash.size);
		for (int n = 0; n < 40; n++)
			m.bytes[hot[(size_t)rand_r(&seed) % ARRAY_LEN(hot)] +
				(size_t)rand_r(&seed) % 200] = (uint8_t)rand_r(&seed);
		AUTO(auto_free) struct analysis *a = analyse(&m, &unknown);
		CHECK(a && a->partitions <= ANALYSIS_PARTITIONS);
	}
}

static const struct check all[] = {
	{ "a Tuya flash says what it is", a_tuya_flash_says_what_it_is },
	{ "each partition has a place and a proof", each_partition_has_a_place_and_a_proof },
	{ "partitions are in order and do not overlap",
	  partitions_are_in_order_and_do_not_overlap },
	{ "the MAC and the configuration are found", the_mac_and_the_configuration_are_found },
	{ "one wrong bit in the code is told", one_wrong_bit_in_the_code_is_told },
	{ "a part is read by its true addresses", a_part_is_read_by_its_true_addresses },
	{ "a rotated flash is turned back", a_rotated_flash_is_turned_back },
	{ "an application alone is at its place", an_application_alone_is_at_its_place },
	{ "keys that differ are warned of", keys_that_differ_are_warned_of },
	{ "an OpenBeken configuration is read", an_openbeken_configuration_is_read },
	{ "a demonstration doorbell is known by its shape",
	  a_demonstration_doorbell_is_known_by_its_shape },
	{ "a demonstration plug says what it is", a_demonstration_plug_says_what_it_is },
	{ "nothing is found in nothing", nothing_is_found_in_nothing },
	{ "noise has no partitions", noise_has_no_partitions },
	{ "random damage is survived", random_damage_is_survived },
};
CHECK_MAIN(all)
