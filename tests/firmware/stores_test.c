/* The stores that a flash may have, each for itself. */
#include <nettle/aes.h>
#include <stdlib.h>
#include <zlib.h>

#include "auto.h"
#include "bytes.h"
#include "check.h"
#include "easyflash.h"
#include "fal.h"
#include "fast_connect.h"
#include "flash_maker.h"
#include "flat.h"
#include "openbeken.h"
#include "setting.h"
#include "tuya_files.h"
#include "tuya_settings.h"
#include "tuya_vault.h"

/* ---- text */

static void text_of_a_dump_can_be_shown(void)
{
	static const struct {
		const char *bytes, *text;
	} cases[] = {
		{ "plain", "plain" },
		{ "T\xc3\xbcr", "T\xc3\xbcr" },
		{ "a\x01\x7f"
		  "b",
		  "a??b" },
		{ "\xff\xfe", "??" },
		{ "\xc3", "?" },
		{ "\xed\xa0\x80", "???" },
		{ "\xc0\x80", "??" },
		{ "\xf0\x9f\x94\x91", "\xf0\x9f\x94\x91" },
		{ "\xc2\x9b", "??" },
	};
	char text[32];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		fact_text(text, sizeof text, (const uint8_t *)cases[i].bytes,
			  strlen(cases[i].bytes));
		CHECK(!strcmp(text, cases[i].text));
	}
	fact_text(text, 4, (const uint8_t *)"T\xc3\xbcr", 4);
	CHECK(!strcmp(text, "T\xc3\xbc")); /* never half a character */
	fact_text(text, 3, (const uint8_t *)"T\xc3\xbcr", 4);
	CHECK(!strcmp(text, "T"));
}

/* ---- objects */

struct told {
	struct flat base; /* first */
	char text[512];
};

static void tell(struct flat *flat, const char *name, const uint8_t *value, size_t len)
{
	struct told *told = (struct told *)flat;
	const size_t at = strlen(told->text);

	snprintf(told->text + at, sizeof told->text - at, "%s=%.*s;", name, (int)len,
		 (const char *)value);
}

static void objects_are_taken_apart(void)
{
	static const struct {
		const char *object, *members;
	} cases[] = {
		{ "{\"a\":\"b\",\"n\": 5 ,\"t\":true}", "a=b;n=5;t=true;" },
		{ "{module:CB3S,led_pin:8,}", "module=CB3S;led_pin=8;" },
		{ "{\"a\":\"x\\\"y\\u00e4\"}", "a=x\"y\xc3\xa4;" },
		{ "{\"a\":null,\"b\":\"\"}", "a=;b=;" },
		{ "{\"l\":[1,{\"x\":\"}\"}],\"z\":1}", "l=[1,{\"x\":\"}\"}];z=1;" },
		{ "{\"cut\":\"off", "" },
		{ "{\"a\":1,\"cut", "a=1;" },
		{ "{}", "" },
		{ "plain text", "" },
		{ "", "" },
		{ "{\"a\":", "" },
		{ "{\"\\", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct told told = { .base.member = tell };
		const size_t len = strlen(cases[i].object);
		AUTO(auto_free) uint8_t *copy = malloc(len ? len : 1);

		CHECK(copy);
		memcpy(copy, cases[i].object, len);
		(void)flat_walk(&told.base, copy, len);
		CHECK(!strcmp(told.text, cases[i].members));
	}
}

/* ---- Tuya */

static void the_published_keys_come_out(void)
{
	static const uint8_t inner[] = { 0,    0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
					 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };
	static const uint8_t wanted[] = { 0x80, 0x90, 0xa5, 0xb5, 0xcd, 0xee, 0x10, 0x0c,
					  0x2d, 0x3f, 0x41, 0x5d, 0x78, 0x8d, 0x93, 0x95 };
	static const uint8_t sector[] = { 0x7f, 0x64, 0xcc, 0x41, 0x5b, 0x8d, 0xbe, 0x64,
					  0xfb, 0x11, 0x1a, 0x09, 0xd0, 0x52, 0xe0, 0x64 };
	uint8_t key[TUYA_VAULT_KEY];

	tuya_vault_data_key(inner, key);
	CHECK(!memcmp(key, wanted, sizeof key));
	CHECK(tuya_vault_begins(sector) && !tuya_vault_begins(wanted));
}

struct counted {
	struct tuya_visitor base; /* first */
	size_t values, right;
	size_t longest;
};

static void count(struct tuya_visitor *visitor, const struct tuya_value *value)
{
	struct counted *c = (struct counted *)visitor;

	c->values++;
	c->right += value->right;
	c->longest = value->len > c->longest ? value->len : c->longest;
}

static void a_store_gives_back_its_values(void)
{
	char large[1500];
	const char *const values[] = { "one", "1", "large", large, "two", "2", NULL };
	AUTO(maker_close) struct maker m;
	AUTO(auto_free) struct tuya_vault *vault = calloc(1, sizeof *vault);
	struct counted counted = { .base.value = count };
	struct err e;

	memset(large, 'x', sizeof large);
	large[sizeof large - 1] = '\0';
	maker_open(&m, 1u << 16);
	maker_vault(&m, 0x4000, values);
	CHECK(vault);
	CHECK_OK(tuya_vault_read(&m.flash, 0x4000, vault, &e), e);
	CHECK(vault->has_key && vault->good == 1 && vault->bad == 0 && vault->end == 0x6000);
	CHECK_OK(tuya_vault_each(vault, &counted.base, &e), e);
	CHECK(counted.values == 3 && counted.right == 3 && counted.longest == sizeof large);
}

/* The swap holds what was before: the same number with a lower count of writes. */
static void the_newest_sector_of_a_number_counts(void)
{
	static const char *const values[] = { "one", "1", NULL };
	AUTO(maker_close) struct maker m;
	AUTO(auto_free) struct tuya_vault *vault = calloc(1, sizeof *vault);
	struct err e;

	maker_open(&m, 1u << 16);
	maker_vault(&m, 0, values);
	memcpy(m.bytes + 0x5000, m.bytes + 0x1000, 0x1000);
	CHECK(vault);
	CHECK_OK(tuya_vault_read(&m.flash, 0, vault, &e), e);
	CHECK(vault->good == 2 && vault->sector_at[0] == 0x1000 && vault->end == 0x6000);
	m.bytes[0x1100] ^= 1;
	CHECK_OK(tuya_vault_read(&m.flash, 0, vault, &e), e);
	CHECK(vault->good == 1 && vault->bad == 1 && vault->sector_at[0] == 0x5000);
}

static void a_key_sector_with_a_wrong_sum_opens_nothing(void)
{
	static const char *const values[] = { "one", "1", NULL };
	AUTO(maker_close) struct maker m;
	AUTO(auto_free) struct tuya_vault *vault = calloc(1, sizeof *vault);
	struct err e;

	maker_open(&m, 1u << 16);
	maker_vault(&m, 0, values);
	m.bytes[20] ^= 1;
	CHECK(vault);
	CHECK_OK(tuya_vault_read(&m.flash, 0, vault, &e), e);
	CHECK(!vault->has_key && vault->good == 0);
}

/* What nobody knows is masked, as are keys; and a name comes twice only once. */
static void classes_follow_the_names(void)
{
	static const struct {
		const char *name, *value, *setting;
		enum privacy privacy;
	} cases[] = {
		{ "gw_ai", "{\"lckey\":\"x\"}", "gw_ai.lckey", PRIVACY_SECRET },
		{ "gw_di", "{\"swv\":\"1.0\"}", "gw_di.swv", PRIVACY_FREE },
		{ "gw_di", "{\"id\":\"d\"}", "gw_di.id", PRIVACY_PERSONAL },
		{ "gw_di", "{\"new\":\"d\"}", "gw_di.new", PRIVACY_SECRET },
		{ "000004fixx", "[{\"mode\":\"rw\"}]", "000004fixx", PRIVACY_FREE },
		{ "0000000000", "token", "0000000000", PRIVACY_SECRET },
		{ "ble_beaconkey", "k", "ble_beaconkey", PRIVACY_SECRET },
	};
	AUTO(auto_free) struct settings *settings = calloc(1, sizeof *settings);
	AUTO(auto_free) struct tuya_value *value = calloc(1, sizeof *value);

	CHECK(settings && value);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct setting *s;

		snprintf(value->name, sizeof value->name, "%s", cases[i].name);
		value->len = strlen(cases[i].value);
		memcpy(value->bytes, cases[i].value, value->len);
		tuya_settings_add(settings, value);
		tuya_settings_add(settings, value);
		s = settings_find(settings, "tuya", cases[i].setting);
		CHECK(s && s->privacy == cases[i].privacy);
	}
	CHECK(settings->n == ARRAY_LEN(cases) && !settings->cut);
}

static void more_settings_than_fit_are_cut(void)
{
	AUTO(auto_free) struct settings *settings = calloc(1, sizeof *settings);
	static uint8_t large[SETTING_TEXT];

	CHECK(settings);
	for (int i = 0; i < SETTINGS + 5; i++) {
		struct setting s = { .store = "test" };

		snprintf(s.name, sizeof s.name, "%d", i);
		settings_add(settings, &s, (const uint8_t *)"v", 1);
	}
	CHECK(settings->n == SETTINGS && settings->cut);
	memset(settings, 0, sizeof *settings);
	memset(large, 'x', sizeof large);
	settings_add(settings, &(struct setting){ .store = "test", .name = "a" }, large,
		     sizeof large);
	settings_add(settings, &(struct setting){ .store = "test", .name = "b" }, large, 1);
	CHECK(settings->n == 1 && settings->cut);
	CHECK(strlen(settings_value(settings, &settings->setting[0])) == SETTING_TEXT - 1);
}

/* ---- OpenBeken */

static void the_published_sums_come_out(void)
{
	uint8_t rising[32], high[32];

	for (uint8_t i = 0; i < 32; i++) {
		rising[i] = i;
		high[i] = (uint8_t)(0x80 + i);
	}
	CHECK(openbeken_crc((const uint8_t *)"123456789", 9, false) == 0xa1);
	CHECK(openbeken_crc((const uint8_t *)"123456789", 9, true) == 0x63);
	CHECK(openbeken_crc(rising, 32, false) == 0xd4 && openbeken_crc(rising, 32, true) == 0xfc);
	CHECK(openbeken_crc(high, 32, false) == 0xd8 && openbeken_crc(high, 32, true) == 0x8e);
}

static void both_forms_of_the_sum_are_taken(void)
{
	AUTO(maker_close) struct maker m;

	maker_open(&m, FLASH_SECTOR);
	maker_openbeken(&m, 0);
	CHECK(openbeken_is(m.bytes));
	m.bytes[3] = openbeken_crc(m.bytes + 4, 3580, true);
	CHECK(openbeken_is(m.bytes));
	m.bytes[3] ^= 1;
	CHECK(!openbeken_is(m.bytes));
}

/* ---- EasyFlash */

static size_t put_node(uint8_t *node, uint8_t status, const char *name, const char *value)
{
	const size_t named = strlen(name), len = strlen(value);
	uint8_t sum[8 + 256] = { (uint8_t)named, 0xff, 0xff, 0xff };

	memset(node, 0xff, 24);
	node[0] = status;
	maker_put(node + 4, "KV40");
	put_le32(node + 8, (uint32_t)(24 + named + len));
	node[16] = (uint8_t)named;
	put_le32(node + 20, (uint32_t)len);
	maker_put(node + 24, name);
	maker_put(node + 24 + named, value);
	put_le32(sum + 4, (uint32_t)len);
	memcpy(sum + 8, node + 24, named + len);
	put_le32(node + 12, (uint32_t)crc32(0, sum, (unsigned)(8 + named + len)));
	return (24 + named + len + 3) & ~(size_t)3;
}

static void easyflash_gives_what_is_live_and_right(void)
{
	AUTO(auto_free) struct settings *settings = calloc(1, sizeof *settings);
	uint8_t sector[FLASH_SECTOR];
	size_t at = 16;

	memset(sector, 0xff, sizeof sector);
	maker_put(sector + 4, "EF40");
	at += put_node(sector + at, 0x3f, "live", "value");
	at += put_node(sector + at, 0x0f, "gone", "value");
	sector[at + 40] ^= 1;
	at += put_node(sector + at, 0x3f, "broken", "value");
	sector[at - 4] ^= 1;
	(void)put_node(sector + at, 0xbf, "last", "x");
	CHECK(settings);
	CHECK(easyflash_settings(sector, 0x1e5000, settings) == 3);
	CHECK(settings->n == 2 && settings_find(settings, "easyflash", "live"));
	CHECK(settings_find(settings, "easyflash", "last")->privacy == PRIVACY_SECRET);
}

/* ---- fast connect */

static void a_record_is_read_in_clear_and_masked(void)
{
	static const uint8_t mask[] = { 0x55, 0xaa, 0x5a, 0x55, 0xa5, 0x4d, 0x63, 0x7f };

	for (int masked = 0; masked < 2; masked++) {
		AUTO(auto_free) struct settings *settings = calloc(1, sizeof *settings);
		uint8_t sector[FLASH_SECTOR];

		memset(sector, 0xff, sizeof sector);
		memset(sector, 0, 171);
		maker_put(sector, "home");
		sector[40] = 11;
		memset(sector + 41, 'a', 64);
		maker_put(sector + 106, "passphrase");
		for (size_t i = 0; masked && i < 171; i++)
			sector[i] ^= mask[i % 8];
		CHECK(settings && fast_connect_settings(sector, 0x1e2000, settings));
		CHECK(!strcmp(
			settings_value(settings, settings_find(settings, "fast-connect", "ssid")),
			"home"));
		CHECK(settings_find(settings, "fast-connect", "pmk")->privacy == PRIVACY_SECRET);
		CHECK(settings_find(settings, "fast-connect", "password")->length == 10);
		sector[60] ^= 0x80;
		CHECK(!fast_connect_settings(sector, 0x1e2000, settings));
	}
}

/* ---- Tuya's files */

static void a_directory_is_known_by_its_sum(void)
{
	uint8_t sector[FLASH_SECTOR] = { 0x21, 0x43, 0x76, 0x98 };
	struct tuya_files files;

	sector[8] = 7;
	sector[14] = 3;
	put_le32(sector + 4, byte_sum(sector + 8, FLASH_SECTOR - 8));
	files = tuya_files_read(sector);
	CHECK(files.right && files.generation == 7 && files.files == 3);
	sector[100] ^= 1;
	CHECK(!tuya_files_read(sector).right);
}

/* ---- partition tables */

static void a_published_entry_is_read(void)
{
	uint8_t table[200];
	struct fal fal;

	memset(table, 0xee, sizeof table);
	memset(table + 30, 0, 64);
	maker_put(table + 30, "01PEapp");
	maker_put(table + 58, "beken_onchip_crc");
	put_le32(table + 82, 0x10000);
	put_le32(table + 86, 0x108700);
	put_le32(table + 90, 0x19e4ae8d);
	CHECK(fal_find(table, sizeof table, &fal) && fal.n == 1 && fal.at == 30);
	CHECK(!strcmp(fal.entry[0].name, "app") && fal.entry[0].on_grid && fal.entry[0].sealed);
	CHECK(fal.entry[0].offset == 0x11000 && fal.entry[0].length == 0x118f70);
	table[90] ^= 1;
	CHECK(!fal_find(table, sizeof table, &fal));
	put_le32(table + 90, 0);
	CHECK(fal_find(table, sizeof table, &fal) && !fal.entry[0].sealed);
	table[34] = '"';
	CHECK(!fal_find(table, sizeof table, &fal));
	table[34] = 'a';
	table[58] = 'x';
	CHECK(!fal_find(table, sizeof table, &fal));
	CHECK(!fal_find(table, 40, &fal));
}

static const struct check all[] = {
	{ "text of a dump can be shown", text_of_a_dump_can_be_shown },
	{ "objects are taken apart", objects_are_taken_apart },
	{ "the published keys come out", the_published_keys_come_out },
	{ "a store gives back its values", a_store_gives_back_its_values },
	{ "the newest sector of a number counts", the_newest_sector_of_a_number_counts },
	{ "a key sector with a wrong sum opens nothing",
	  a_key_sector_with_a_wrong_sum_opens_nothing },
	{ "classes follow the names", classes_follow_the_names },
	{ "more settings than fit are cut", more_settings_than_fit_are_cut },
	{ "the published sums come out", the_published_sums_come_out },
	{ "both forms of the sum are taken", both_forms_of_the_sum_are_taken },
	{ "EasyFlash gives what is live and right", easyflash_gives_what_is_live_and_right },
	{ "a record is read in clear and masked", a_record_is_read_in_clear_and_masked },
	{ "a directory is known by its sum", a_directory_is_known_by_its_sum },
	{ "a published entry is read", a_published_entry_is_read },
};
CHECK_MAIN(all)
