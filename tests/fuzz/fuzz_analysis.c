/*
 * Any flash: no read outside it, an end, and partitions that make sense. The input is patches over
 * a flash that has all there is to find, so that damage of one thing is reached through what is
 * sound around it: a place of three bytes, a length, bytes. What begins with FF is content itself.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"
#include "auto.h"
#include "flash_maker.h"
#include "survey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SIZE 0x2a000u

static void check(const struct analysis *a, const char *look)
{
	uint64_t end = 0;

	for (size_t i = 0; i < a->partitions; i++) {
		const struct partition *p = &a->partition[i];

		assert(p->offset >= end && p->length > 0 && p->present <= p->length);
		assert(memchr(p->name, '\0', sizeof p->name) && p->name[0]);
		end = (uint64_t)p->offset + p->length;
	}
	for (size_t i = 0; i < a->settings.n; i++)
		assert(a->settings.setting[i].value < a->settings.used);
	for (size_t i = 0; i < a->sectors; i++)
		assert(strchr(look_letters(), look[i]));
	assert(a->settings.used <= SETTING_TEXT && a->warnings <= ANALYSIS_WARNINGS);
}

static void make(struct maker *m)
{
	static const uint8_t mac[] = { 2, 0, 0, 0, 0, 1 };
	static const char *const values[] = { "gw_wsm", "{\"wfb64\":1,\"ssid\":\"aG9tZQ==\"}",
					      "user_param_key", "{module:CB3S}", NULL };
	static const uint8_t body[64];

	maker_open(m, SIZE);
	maker_loader(m);
	maker_app(m, 0x21f00);
	maker_rf(m, 0x23000, mac);
	maker_openbeken(m, 0x24000);
	maker_vault(m, 0x25000, values);
	maker_header(m->bytes + 0x28000, "app", 0x100, body, sizeof body, body, sizeof body);
	memcpy(m->bytes + 0x29004, "EF40", 4);
}

static void patch(uint8_t *bytes, const uint8_t *data, size_t size)
{
	for (size_t at = 0, n; at + 4 <= size; at += 4 + n) {
		const uint32_t where =
			(uint32_t)data[at] << 16 | (uint32_t)data[at + 1] << 8 | data[at + 2];

		n = data[at + 3] < size - at - 4 ? data[at + 3] : size - at - 4;
		for (size_t i = 0; i < n; i++)
			bytes[(where + i) % SIZE] = data[at + 4 + i];
	}
}

static void run(struct flash *flash, bool told)
{
	const struct analysis_hint hint = { .has_start = told };
	AUTO(auto_free) struct analysis *a = malloc(sizeof *a);
	AUTO(auto_free) char *look = NULL;
	struct err e;

	if (a && analysis_run(flash, &hint, a, &look, &e) == 0)
		check(a, look);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct maker base;
	AUTO(maker_close) struct maker m;

	if (!base.bytes)
		make(&base);
	if (size > 0 && data[0] == 0xff) {
		maker_open(&m, (uint32_t)size);
		memcpy(m.bytes, data + 1, size - 1);
		m.flash.size--;
	} else {
		maker_open(&m, SIZE);
		memcpy(m.bytes, base.bytes, SIZE);
		patch(m.bytes, data, size);
	}
	run(&m.flash, size % 2);
	return 0;
}
