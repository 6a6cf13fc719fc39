/*
 * POST /archive/import: a tar as archive_export() makes it, taken in while it comes. Each dump is
 * made last by itself, when its sidecar has come; nothing waits for the end.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_impl.h"
#include "auto.h"
#include "clock.h"
#include "device_import.h"
#include "handlers.h"
#include "json.h"
#include "lookup.h"
#include "sidecar.h"
#include "tar.h"
#include "tell.h"

#define REJECTED 1000 /* that are told by name */
#define DEVICES  4096 /* of the other archive that are remembered; then by their IDs alone */
#define FRONT    "flashrig.json"

/* What is being read. */
enum part { PART_NONE, PART_BYTES, PART_SIDECAR, PART_FRONT };

struct import {
	struct body_sink base; /* first */
	struct tar_reader tar;
	struct api *api;
	bool believes; /* that what is called verified there is so: for who answers for it */
	uint64_t max;  /* bytes of a dump */

	enum part part;
	char stem[TAR_NAME];    /* of the bytes that wait for their sidecar; "" when none do */
	struct ingest *ingest;  /* owned: these bytes */
	struct content content; /* once they are all there */
	char *text;             /* owned: SIDECAR_MAX and a NUL */
	size_t text_len;
	struct sidecar sidecar;

	int64_t imported, known, devices;
	size_t n_rejected;
	cJSON *rejected; /* owned */
	size_t n_met;
	struct {
		int64_t theirs, ours;
	} met[DEVICES];
};

static struct import *import_of(struct tar_reader *tar)
{
	return (struct import *)((char *)tar - offsetof(struct import, tar));
}

/* ---- what is not taken */

static cJSON *wire_rejected(const char *name, const char *reason)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	return o && json_text(o, "name", name) && json_text(o, "reason", reason) ? TAKE(o) : NULL;
}

static int reject(struct import *in, const char *name, const char *reason, struct err *e)
{
	if (in->n_rejected++ >= REJECTED || json_push(in->rejected, wire_rejected(name, reason)))
		return 0;
	return err_set(e, ERR_MEMORY, "out of memory for an import");
}

/* What is wrong with what came is told and passed over; what is wrong here ends it. */
static int reject_or_fail(struct import *in, const char *name, struct err *e)
{
	char reason[sizeof e->text];

	if (e->code != ERR_BAD_INPUT && e->code != ERR_UNPROCESSABLE)
		return -1;
	snprintf(reason, sizeof reason, "%s", e->text);
	return reject(in, name, reason, e);
}

static void forget_bytes(struct import *in)
{
	ingest_close(TAKE(in->ingest));
	in->stem[0] = '\0';
}

/* ---- devices */

static int64_t met(const struct import *in, int64_t theirs)
{
	for (size_t i = 0; i < in->n_met; i++)
		if (in->met[i].theirs == theirs)
			return in->met[i].ours;
	return -1;
}

static void meet(struct import *in, int64_t theirs, int64_t ours)
{
	if (theirs > 0 && ours >= 0 && met(in, theirs) < 0 && in->n_met < DEVICES) {
		in->met[in->n_met].theirs = theirs;
		in->met[in->n_met++].ours = ours;
	}
}

static int find_device(struct import *in, struct tx *tx, int64_t *id, bool *made, struct err *e)
{
	const struct device *theirs = &in->sidecar.device;

	*id = -1;
	*made = false;
	if (!in->sidecar.has_device)
		return 0;
	*id = met(in, theirs->id);
	return device_import(tx, theirs, id, made, e);
}

/* ---- dumps */

/* The bytes must be those that the sidecar speaks of, else nothing of it counts. */
static int check_sidecar(const struct import *in, struct err *e)
{
	const struct dump *said = &in->sidecar.dump;

	if (said->content.size != in->content.size ||
	    memcmp(said->content.sha256, in->content.sha256, HASH_SHA256_LEN) != 0)
		return err_set(e, ERR_UNPROCESSABLE,
			       "the bytes are not those that the sidecar speaks of");
	for (size_t i = 0; i < said->unstables; i++)
		if (said->unstable[i].offset > in->content.size ||
		    said->unstable[i].length > in->content.size - said->unstable[i].offset)
			return err_set(e, ERR_UNPROCESSABLE, "an unstable range is outside");
	return 0;
}

/* A dump without a sidecar: its name is all that is known. */
static void describe_bare(struct import *in)
{
	struct dump *dump = &in->sidecar.dump;

	in->sidecar.has_device = false;
	*dump = (struct dump){
		.device = -1, .job = -1, .source = DUMP_IMPORT, .created_ms = clock_wall_ms()
	};
	snprintf(dump->label, sizeof dump->label, "%.*s", (int)sizeof dump->label - 1, in->stem);
}

static int find_known(struct import *in, struct tx *tx, bool bare, int64_t *id, struct err *e)
{
	struct lookup lookup = { .has_sha256 = true };
	size_t n;

	if (!bare)
		return dump_find_same(tx, &in->sidecar.dump, id, e);
	memcpy(lookup.sha256, in->content.sha256, sizeof lookup.sha256);
	if (lookup_dumps(tx, &lookup, id, 1, &n, e) < 0)
		return -1;
	if (n == 0)
		*id = -1;
	return 0;
}

/* It is here already; whose it is may help with the next ones. */
static int note_known(struct import *in, struct tx *tx, int64_t id, struct err *e)
{
	AUTO(auto_free) struct dump *dump = calloc(1, sizeof *dump);

	if (!dump)
		return err_set(e, ERR_MEMORY, "out of memory for an import");
	if (dump_get(tx, id, dump, e) < 0)
		return -1;
	if (in->sidecar.has_device)
		meet(in, in->sidecar.device.id, dump->device);
	in->known++;
	return 0;
}

static int add(struct import *in, struct tx *tx, bool *made, struct err *e)
{
	struct dump *dump = &in->sidecar.dump;

	if (find_device(in, tx, &dump->device, made, e) < 0 ||
	    ingest_commit(in->ingest, tx, &in->content, e) < 0)
		return -1;
	dump->content = in->content;
	dump->verified = dump->verified && in->believes && !dump->unstables;
	return dump_add(tx, dump, e);
}

static int store(struct import *in, bool bare, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(in->api->db);
	int64_t known;
	bool made;

	if (find_known(in, &tx, bare, &known, e) < 0)
		return -1;
	if (known >= 0)
		return note_known(in, &tx, known, e);
	if (add(in, &tx, &made, e) < 0 || tx_commit(&tx, e) < 0)
		return -1;
	in->imported++;
	in->devices += made;
	if (in->sidecar.has_device)
		meet(in, in->sidecar.device.id, in->sidecar.dump.device);
	return 1;
}

/* Makes the bytes that wait last, with what the sidecar says, or bare. */
static int make_last(struct import *in, bool bare, struct err *e)
{
	int result;

	if (bare)
		describe_bare(in);
	else if (check_sidecar(in, e) < 0)
		return -1;
	result = store(in, bare, e);
	if (result > 0)
		tell_dump(in->api, in->sidecar.dump.id);
	return result < 0 ? -1 : 0;
}

static int end_bytes(struct import *in, bool bare, struct err *e)
{
	char name[TAR_NAME + 8];
	int result;

	if (!in->stem[0])
		return 0;
	snprintf(name, sizeof name, "%s.bin", in->stem);
	result = make_last(in, bare, e);
	if (result < 0)
		result = reject_or_fail(in, name, e);
	forget_bytes(in);
	return result;
}

/* ---- entries */

/* The name without its folder; the ending, ".bin", is cut off. */
static const char *split(char *name)
{
	char *dot = strrchr(name, '.');
	const char *ending = dot ? dot + 1 : "";

	if (dot)
		*dot = '\0';
	return ending;
}

static int begin_bytes(struct import *in, const char *name, const char *stem, uint64_t size,
		       struct err *e)
{
	if (end_bytes(in, true, e) < 0)
		return -1;
	if (size == 0)
		return reject(in, name, "it is empty", e);
	if (size > in->max)
		return reject(in, name, "it is larger than max_upload in [http]", e);
	in->ingest = ingest_open(in->api->db, e);
	if (!in->ingest)
		return -1;
	snprintf(in->stem, sizeof in->stem, "%s", stem);
	in->part = PART_BYTES;
	return 0;
}

static int begin_text(struct import *in, const char *name, enum part part, uint64_t size,
		      struct err *e)
{
	if (size > SIDECAR_MAX)
		return reject(in, name, "it is too large for a sidecar", e);
	in->text_len = 0;
	in->part = part;
	return 0;
}

static int begin(struct tar_reader *tar, const char *full, uint64_t size, struct err *e)
{
	struct import *in = import_of(tar);
	const char *slash = strrchr(full, '/');
	const char *name = slash ? slash + 1 : full, *ending;
	char stem[TAR_NAME];

	in->part = PART_NONE;
	snprintf(stem, sizeof stem, "%s", name);
	ending = split(stem);
	if (!strcmp(ending, "bin") && stem[0])
		return begin_bytes(in, name, stem, size, e);
	if (!strcmp(ending, "json") && in->stem[0] && !strcmp(stem, in->stem))
		return begin_text(in, name, PART_SIDECAR, size, e);
	if (end_bytes(in, true, e) < 0)
		return -1;
	if (!strcmp(name, FRONT))
		return begin_text(in, name, PART_FRONT, size, e);
	return reject(in, name,
		      !strcmp(ending, "json") ? "its .bin does not stand right before it"
					      : "it is neither a .bin nor its .json",
		      e);
}

static int data(struct tar_reader *tar, const uint8_t *bytes, size_t len, struct err *e)
{
	struct import *in = import_of(tar);

	switch (in->part) {
	case PART_BYTES: return ingest_append(in->ingest, bytes, len, e);
	case PART_SIDECAR:
	case PART_FRONT:
		memcpy(in->text + in->text_len, bytes, len);
		in->text_len += len;
		in->text[in->text_len] = '\0';
		return 0;
	case PART_NONE: break;
	}
	return 0;
}

static int end_sidecar(struct import *in, struct err *e)
{
	char name[TAR_NAME + 8];

	if (sidecar_read(in->text, in->text_len, &in->sidecar, e) == 0)
		return end_bytes(in, false, e);
	err_prefix(e, "its sidecar: ");
	snprintf(name, sizeof name, "%s.bin", in->stem);
	forget_bytes(in);
	return reject_or_fail(in, name, e);
}

static int end(struct tar_reader *tar, struct err *e)
{
	struct import *in = import_of(tar);
	const enum part part = in->part;

	in->part = PART_NONE;
	switch (part) {
	case PART_BYTES: return ingest_seal(in->ingest, &in->content, e);
	case PART_SIDECAR: return end_sidecar(in, e);
	case PART_FRONT: return sidecar_check_front(in->text, in->text_len, e);
	case PART_NONE: break;
	}
	return 0;
}

static int other(struct tar_reader *tar, const char *name, struct err *e)
{
	return reject(import_of(tar), name, "it is no file", e);
}

static const struct tar_ops tar_ops = { begin, data, end, other };

/* ---- the body */

static int fail(const struct import *in, struct err *e)
{
	if (in->imported > 0)
		err_hint(e,
			 "%" PRId64 " dumps before this one were imported; the same import "
			 "again goes on.",
			 in->imported);
	return -1;
}

static int import_write(struct body_sink *sink, const void *bytes, size_t len, struct err *e)
{
	struct import *in = (struct import *)sink;

	return tar_feed(&in->tar, bytes, len, e) < 0 ? fail(in, e) : 0;
}

static cJSON *wire_import(struct import *in)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_int(o, "imported", in->imported) && json_int(o, "known", in->known) &&
	    json_int(o, "devices", in->devices) && json_child(o, "rejected", TAKE(in->rejected)))
		return TAKE(o);
	return NULL;
}

static int import_finish(struct body_sink *sink, struct request *req, struct reply *reply,
			 struct err *e)
{
	struct import *in = (struct import *)sink;

	if (tar_finish(&in->tar, e) < 0 || end_bytes(in, true, e) < 0)
		return fail(in, e);
	request_note(req, "%" PRId64 " dumps imported, %" PRId64 " known, %zu rejected",
		     in->imported, in->known, in->n_rejected);
	return json_reply(reply, HTTP_OK, wire_import(in), e);
}

static void import_free(struct body_sink *sink)
{
	struct import *in = (struct import *)sink;

	ingest_close(in->ingest);
	cJSON_Delete(in->rejected);
	free(in->text);
	free(in);
}

int archive_import(struct request *req, struct reply *reply, struct err *e)
{
	struct import *in = calloc(1, sizeof *in);

	(void)reply;
	if (!in)
		return err_set(e, ERR_MEMORY, "out of memory for an import");
	in->base = (struct body_sink){ import_write, import_finish, import_free };
	in->tar.ops = &tar_ops;
	in->api = api_of(req);
	in->believes = req->grant.scope == SCOPE_ADMIN;
	in->max = in->api->info.max_upload;
	in->text = malloc(SIDECAR_MAX + 1);
	in->rejected = cJSON_CreateArray();
	if (!in->text || !in->rejected) {
		import_free(&in->base);
		return err_set(e, ERR_MEMORY, "out of memory for an import");
	}
	req->sink = &in->base;
	return 0;
}
