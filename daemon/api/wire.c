#include "wire.h"

#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "job_body.h"
#include "json.h"
#include "utf8.h"

/* Texts of errors may quote what a client sent, and may be cut in the middle of a character. */
static bool add_repaired(cJSON *o, const char *name, const char *text)
{
	char copy[sizeof(((struct err *)0)->text)];

	snprintf(copy, sizeof copy, "%s", text);
	utf8_repair(copy);
	return json_text(o, name, copy);
}

cJSON *wire_error(const struct err *e)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_text(o, "code", err_name(e->code)) && add_repaired(o, "message", e->text) &&
	    (!e->hint[0] || add_repaired(o, "hint", e->hint)) &&
	    (e->offset < 0 || json_int(o, "offset", e->offset)) &&
	    (e->differing_sectors < 0 || json_int(o, "differing_sectors", e->differing_sectors)))
		return TAKE(o);
	return NULL;
}

/* ---- jobs */

/* The object that "entry.params.hz" stands in, made where it is not there yet; *leaf is "hz". */
static cJSON *enter(cJSON *o, const char *path, const char **leaf)
{
	const char *dot;
	char name[32];

	for (; o && (dot = strchr(path, '.')); path = dot + 1) {
		cJSON *in;

		snprintf(name, sizeof name, "%.*s", (int)(dot - path), path);
		in = cJSON_GetObjectItemCaseSensitive(o, name);
		o = in ? in : cJSON_AddObjectToObject(o, name);
	}
	*leaf = path;
	return o;
}

static bool add_number(cJSON *root, const struct job_field *field, int64_t value)
{
	const char *leaf;
	cJSON *o = value < 0 ? NULL : enter(root, field->path, &leaf);

	if (value < 0)
		return true; /* not there */
	if (!o)
		return false;
	switch (field->kind) {
	case JOB_FIELD_BOOL: return json_bool(o, leaf, value != 0);
	case JOB_FIELD_CRC: return json_crc32(o, leaf, (uint32_t)value);
	case JOB_FIELD_INT:
	case JOB_FIELD_TEXT: break;
	}
	return json_int(o, leaf, value);
}

static bool add_field(cJSON *root, const struct job_field *field, const struct job_result *result)
{
	const char *at = (const char *)result + field->at;
	const char *leaf;
	int64_t value;
	cJSON *o;

	if (field->kind != JOB_FIELD_TEXT) {
		memcpy(&value, at, sizeof value);
		return add_number(root, field, value);
	}
	if (!*at)
		return true;
	o = enter(root, field->path, &leaf);
	return o && json_text(o, leaf, at);
}

/* null when nothing was brought. */
static cJSON *job_result(const struct job_result *result)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();
	size_t n;
	const struct job_field *fields = job_fields(&n);

	for (size_t i = 0; i < n; i++)
		if (!o || !add_field(o, &fields[i], result))
			return NULL;
	return o->child ? TAKE(o) : cJSON_CreateNull();
}

static cJSON *progress(int64_t done, int64_t total, const char *unit)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_int(o, "done", done) && json_int_or_null(o, "total", total) &&
	    json_text(o, "unit", unit))
		return TAKE(o);
	return NULL;
}

/* Progress is not stored; of a finished backup it is known all the same. */
static cJSON *job_progress(const struct job *job)
{
	const int64_t size = job->result.size;

	if (job->state == JOB_RUNNING && job->progress_unit[0])
		return progress(job->progress_done, job->progress_total, job->progress_unit);
	if (job->state == JOB_DONE && job->request.type == JOB_BACKUP && size >= 0)
		return progress(size, size, "bytes");
	return cJSON_CreateNull();
}

static bool add_job_times(cJSON *o, const struct job *job)
{
	return json_time(o, "created_at", job->created_ms) &&
	       json_time(o, "started_at", job->started_ms) &&
	       json_time(o, "finished_at", job->finished_ms);
}

static bool add_job_end(cJSON *o, const struct job *job)
{
	return json_child_or_null(o, "error", job->has_error,
				  job->has_error ? wire_error(&job->error) : NULL) &&
	       json_child(o, "result", job_result(&job->result));
}

cJSON *wire_job(const struct job *job)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_int(o, "id", job->id) &&
	    json_text(o, "type", job_type_name(job->request.type)) &&
	    json_text_or_null(o, "slot", job->request.slot) &&
	    json_int_or_null(o, "batch", job->batch) &&
	    json_int_or_null(o, "resumes", job->resumes > 0 ? job->resumes : JOB_NONE) &&
	    json_child(o, "request", job_body_write(&job->request)) &&
	    json_text(o, "state", job_state_name(job->state)) &&
	    json_text_or_null(o, "phase", job->state == JOB_RUNNING ? job->phase : "") &&
	    (!*job->asks || job->state != JOB_RUNNING || json_text(o, "asks", job->asks)) &&
	    json_child(o, "progress", job_progress(job)) && add_job_times(o, job) &&
	    add_job_end(o, job))
		return TAKE(o);
	return NULL;
}

/* ---- slots and chips */

static cJSON *slot_chip(const struct slot_info *slot)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_text_or_null(o, "jedec_id", slot->jedec_id) &&
	    json_text(o, "name", slot->chip) && json_int(o, "size", (int64_t)slot->chip_size))
		return TAKE(o);
	return NULL;
}

static cJSON *hands_free(const struct slot_watch *watch)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_int(o, "batch", watch->batch) &&
	    json_text(o, "state", watch_state_name(watch->state)) &&
	    json_child(o, "ok",
		       watch->ok < 0 ? cJSON_CreateNull() : cJSON_CreateBool(watch->ok == 1)) &&
	    json_int_or_null(o, "job", watch->job) &&
	    json_int(o, "boards", (int64_t)watch->boards) &&
	    json_int(o, "failed", (int64_t)watch->failed))
		return TAKE(o);
	return NULL;
}

static cJSON *transports(const struct slot_info *slot)
{
	AUTO(auto_json) cJSON *list = cJSON_CreateArray();

	if (!list || (slot->has_spi && !json_push(list, cJSON_CreateString("spi"))) ||
	    (slot->has_uart && !json_push(list, cJSON_CreateString("uart"))))
		return NULL;
	return TAKE(list);
}

cJSON *wire_slot(const struct slot_info *slot)
{
	const bool watches = slot->watch.state != WATCH_OFF && slot->watch.batch > 0;

	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_text(o, "name", slot->name) && json_text(o, "board", slot->backend) &&
	    json_text(o, "target", slot->target) &&
	    json_text(o, "state", slot_state_name(slot->state)) &&
	    json_int_or_null(o, "job", slot->job) && json_int(o, "queued", (int64_t)slot->queued) &&
	    json_child_or_null(o, "chip", slot->has_chip,
			       slot->has_chip ? slot_chip(slot) : NULL) &&
	    json_int_or_null(o, "device", slot->device) &&
	    json_child_or_null(o, "last_error", slot->has_error,
			       slot->has_error ? wire_error(&slot->error) : NULL) &&
	    json_child_or_null(o, "hands_free", watches,
			       watches ? hands_free(&slot->watch) : NULL) &&
	    json_bool(o, "simulated", slot->simulated) &&
	    json_child(o, "transports", transports(slot)) && json_bool(o, "cen", slot->has_cen) &&
	    json_bool(o, "log", slot->has_log))
		return TAKE(o);
	return NULL;
}

/* "W25Q16JV/W25Q16DV" -> ["W25Q16JV", "W25Q16DV"] */
static cJSON *chip_parts(const char *names)
{
	AUTO(auto_json) cJSON *parts = cJSON_CreateArray();
	char name[96];

	if (!parts)
		return NULL;
	for (const char *at = names; *at; at += strspn(at, "/")) {
		const size_t len = strcspn(at, "/");

		snprintf(name, sizeof name, "%.*s", (int)len, at);
		if (!json_push(parts, cJSON_CreateString(name)))
			return NULL;
		at += len;
	}
	return TAKE(parts);
}

static cJSON *chip_erases(const struct rig_chip *chip)
{
	AUTO(auto_json) cJSON *erases = cJSON_CreateArray();

	for (size_t i = 0; i < chip->erases; i++)
		if (!erases || !json_push(erases, cJSON_CreateNumber(chip->erase[i])))
			return NULL;
	return TAKE(erases);
}

cJSON *wire_chip(const struct rig_chip *chip)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();
	char id[7];

	snprintf(id, sizeof id, "%06X", chip->jedec_id & 0xffffff);
	if (o && json_text(o, "jedec_id", id) && json_text(o, "vendor", chip->vendor) &&
	    json_child(o, "parts", chip_parts(chip->names)) &&
	    json_int(o, "size", (int64_t)chip->size) && json_int(o, "page", chip->page) &&
	    json_child(o, "erase", chip_erases(chip)))
		return TAKE(o);
	return NULL;
}

/* ---- dumps, images and devices */

static cJSON *range(const struct dump_range *r)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_int(o, "offset", (int64_t)r->offset) &&
	    json_int(o, "length", (int64_t)r->length))
		return TAKE(o);
	return NULL;
}

static cJSON *unstable(const struct dump *dump)
{
	AUTO(auto_json) cJSON *all = cJSON_CreateArray();

	for (size_t i = 0; i < dump->unstables; i++)
		if (!all || !json_push(all, range(&dump->unstable[i])))
			return NULL;
	return TAKE(all);
}

static cJSON *tags(const char (*tag)[DUMP_TAG], size_t n)
{
	AUTO(auto_json) cJSON *all = cJSON_CreateArray();

	for (size_t i = 0; i < n; i++)
		if (!all || !json_push(all, cJSON_CreateString(tag[i])))
			return NULL;
	return TAKE(all);
}

static bool add_origin(cJSON *o, const struct dump *dump)
{
	return json_int_or_null(o, "device", dump->device) &&
	       json_text_or_null(o, "slot", dump->slot) && json_int_or_null(o, "job", dump->job) &&
	       json_text_or_null(o, "jedec_id", dump->jedec_id) &&
	       json_text_or_null(o, "chip", dump->chip);
}

static bool add_content(cJSON *o, const struct dump *dump)
{
	return json_int(o, "offset", (int64_t)dump->offset) &&
	       json_int(o, "size", (int64_t)dump->content.size) &&
	       json_bool(o, "complete", dump->complete) &&
	       json_crc32(o, "crc32", dump->content.crc32) &&
	       (dump->source != DUMP_UART ||
		json_crc32(o, "beken_crc32", dump->content.crc32 ^ 0xffffffff)) &&
	       json_sha256(o, "sha256", dump->content.sha256) &&
	       json_bool(o, "verified", dump->verified) &&
	       json_child(o, "unstable", unstable(dump)) &&
	       json_text(o, "source", dump_source_name(dump->source));
}

cJSON *wire_dump(const struct dump *dump)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_int(o, "id", dump->id) && add_origin(o, dump) && add_content(o, dump) &&
	    json_time(o, "created_at", dump->created_ms) && json_text(o, "label", dump->label) &&
	    json_text(o, "notes", dump->notes) &&
	    json_child(o, "tags", tags(dump->tag, dump->tags)) &&
	    json_int(o, "stored_bytes", (int64_t)dump->content.stored_bytes))
		return TAKE(o);
	return NULL;
}

cJSON *wire_image(const struct image *image)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_int(o, "id", image->id) && json_text(o, "name", image->name) &&
	    json_int(o, "size", (int64_t)image->content.size) &&
	    json_crc32(o, "crc32", image->content.crc32) &&
	    json_sha256(o, "sha256", image->content.sha256) && json_text(o, "kind", image->kind) &&
	    json_time(o, "created_at", image->created_ms))
		return TAKE(o);
	return NULL;
}

static int64_t id_or_none(int64_t id)
{
	return id > 0 ? id : -1;
}

static cJSON *wire_partial(const struct partial *partial)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_int(o, "job", partial->job) &&
	    json_int_or_null(o, "image", id_or_none(partial->image)) &&
	    json_int_or_null(o, "dump", id_or_none(partial->dump)) &&
	    json_int(o, "offset", (int64_t)partial->start) &&
	    json_int(o, "length", (int64_t)partial->length) &&
	    json_int_or_null(o, "backup", partial->backup) &&
	    json_time(o, "since", partial->since_ms))
		return TAKE(o);
	return NULL;
}

cJSON *wire_device(const struct device *device)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();
	const bool half_done = device->partial.job > 0;

	if (o && json_int(o, "id", device->id) && json_text(o, "label", device->label) &&
	    json_text_or_null(o, "jedec_id", device->jedec_id) &&
	    json_text_or_null(o, "unique_id", device->unique_id) &&
	    json_text_or_null(o, "mac", device->mac) && json_int(o, "dumps", device->dumps) &&
	    json_time(o, "first_seen", device->first_seen_ms) &&
	    json_time(o, "last_seen", device->last_seen_ms) &&
	    json_text(o, "notes", device->notes) &&
	    json_child(o, "tags", tags(device->tag, device->tags)) &&
	    json_child_or_null(o, "partial", half_done,
			       half_done ? wire_partial(&device->partial) : NULL))
		return TAKE(o);
	return NULL;
}

/* ---- batches */

static bool add_totals(cJSON *o, const struct batch *batch)
{
	return json_int(o, "total", (int64_t)batch->total) &&
	       json_int(o, "done", (int64_t)batch->done) &&
	       json_int(o, "failed", (int64_t)batch->failed) &&
	       json_int(o, "cancelled", (int64_t)batch->cancelled) &&
	       json_int(o, "interrupted", (int64_t)batch->interrupted) &&
	       json_int(o, "queued", (int64_t)batch->queued) &&
	       json_int(o, "running", (int64_t)batch->running);
}

static cJSON *batch_slots(const struct batch *batch)
{
	AUTO(auto_json) cJSON *all = cJSON_CreateArray();

	for (size_t i = 0; i < batch->n_slots; i++)
		if (!all || !json_push(all, cJSON_CreateString(batch->slot[i].name)))
			return NULL;
	return TAKE(all);
}

cJSON *wire_batch(const struct batch *batch)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_int(o, "id", batch->id) &&
	    json_text(o, "type", job_type_name(batch->request.type)) &&
	    json_text_or_null(o, "label", batch->label) &&
	    json_child(o, "slots", batch_slots(batch)) &&
	    json_child(o, "request", job_body_write(&batch->request)) &&
	    json_bool(o, "hands_free", batch->hands_free) &&
	    json_int_or_null(o, "again_of", batch->again_of) &&
	    json_text(o, "state", batch->open ? "running" : "done") &&
	    json_time(o, "created_at", batch->created_ms) &&
	    json_time(o, "finished_at", batch->finished_ms) && add_totals(o, batch))
		return TAKE(o);
	return NULL;
}
