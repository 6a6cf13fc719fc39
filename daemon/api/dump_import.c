/* POST /dumps: a dump that was made elsewhere; the body is the bytes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "clock.h"
#include "device_store.h"
#include "dump_store.h"
#include "handlers.h"
#include "json.h"
#include "params.h"
#include "rf.h"
#include "routes.h"
#include "tell.h"
#include "upload.h"
#include "wire.h"

#define DAY_MS INT64_C(86400000) /* a clock that is a little wrong is no mistake */

struct dump_import {
	struct upload base; /* first */
	uint64_t chip_size; /* 0: not known */
	struct rf_finder rf;
	size_t staged; /* bytes of the sector that is coming in */
	uint8_t sector[RF_SECTOR];
	struct dump dump;
};

/* The whole sectors of it: a partition does not end with half a one. */
static void look(struct upload *base, const uint8_t *bytes, size_t len)
{
	struct dump_import *in = (struct dump_import *)base;

	for (size_t done = 0, part; done < len; done += part) {
		part = sizeof in->sector - in->staged;
		part = len - done < part ? len - done : part;
		memcpy(in->sector + in->staged, bytes + done, part);
		in->staged += part;
		if (in->staged < sizeof in->sector)
			continue;
		in->staged = 0;
		rf_feed(&in->rf, base->size + done + part - sizeof in->sector, in->sector);
	}
}

static int check(struct upload *base, const struct content *content, struct err *e)
{
	const struct dump_import *in = (const struct dump_import *)base;

	if (!in->chip_size || content->size <= in->chip_size)
		return 0;
	return err_set(e, ERR_UNPROCESSABLE,
		       "the dump has %" PRIu64 " bytes, but a chip with ID %s only %" PRIu64,
		       content->size, in->dump.jedec_id, in->chip_size);
}

/* Whose it is, if it says so. A device is only made of an import that tells its chip, too. */
static int find_device(struct dump_import *in, struct tx *tx, struct err *e)
{
	char mac[RF_MAC_TEXT];
	const struct device_clue clue = { .jedec_id = in->dump.jedec_id,
					  .unique_id = "",
					  .mac = mac,
					  .slot = "",
					  .content = in->dump.content.id,
					  .now_ms = clock_wall_ms() };

	if (!rf_mac_text(&in->rf, mac))
		return 0;
	return device_find_by_mac(tx, &clue, &in->dump.device, e);
}

static int store(struct upload *base, struct tx *tx, const struct content *content, struct err *e)
{
	struct dump_import *in = (struct dump_import *)base;

	in->dump.content = *content;
	if (!in->dump.created_ms)
		in->dump.created_ms = clock_wall_ms();
	in->dump.complete = in->chip_size && content->size == in->chip_size;
	return find_device(in, tx, e) < 0 ? -1 : dump_add(tx, &in->dump, e);
}

static int answer(struct upload *base, struct reply *reply, struct err *e)
{
	const struct dump *dump = &((struct dump_import *)base)->dump;

	tell_dump(base->api, dump->id);
	reply_header(reply, "Location", API_ROOT "/dumps/%" PRId64, dump->id);
	return json_reply(reply, HTTP_CREATED, wire_dump(dump), e);
}

static const struct upload_ops ops = { look, check, store, answer };

/* What the table of parts says about the ID. */
static void describe_chip(struct dump_import *in)
{
	const uint32_t id = (uint32_t)strtoul(in->dump.jedec_id, NULL, 16);
	struct rig_chip chip;

	if (id == 0 || rig_chips("", id - 1, &chip, 1) == 0 || chip.jedec_id != id)
		return;
	in->chip_size = chip.size;
	snprintf(in->dump.chip, sizeof in->dump.chip, "%s", chip.names);
}

static int read_request(const struct request *req, struct dump_import *in, struct err *e)
{
	static const struct param_hex jedec_id = { "jedec_id", 6, 6, PARAM_UPPER };

	if (param_text(req, "label", in->dump.label, sizeof in->dump.label, e) < 0 ||
	    param_text(req, "notes", in->dump.notes, sizeof in->dump.notes, e) < 0 ||
	    param_hex(req, &jedec_id, in->dump.jedec_id, e) < 0 ||
	    param_time(req, "created_at", &in->dump.created_ms, e) < 0)
		return -1;
	if (in->dump.created_ms < 0 || in->dump.created_ms > clock_wall_ms() + DAY_MS)
		return err_set(e, ERR_BAD_INPUT,
			       "query: created_at has not been yet, or is too old");
	describe_chip(in);
	return 0;
}

int dumps_post(struct request *req, struct reply *reply, struct err *e)
{
	AUTO(auto_free) struct dump_import *in = calloc(1, sizeof *in);

	(void)reply;
	if (!in)
		return err_set(e, ERR_MEMORY, "out of memory for an import");
	in->dump = (struct dump){ .device = -1, .job = -1, .source = DUMP_IMPORT };
	if (read_request(req, in, e) < 0)
		return -1;
	return upload_begin(&TAKE(in)->base, &ops, req, e);
}
