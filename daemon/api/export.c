/* Dumps as a tar, made while it is sent: flashrig.json, then for each NAME.bin and NAME.json. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_impl.h"
#include "auto.h"
#include "clock.h"
#include "file_name.h"
#include "handlers.h"
#include "json.h"
#include "params.h"
#include "parse.h"
#include "sidecar.h"
#include "tar.h"

#define CHOSEN 1000 /* dumps that a request can name */

/* What is to be exported: all, those of a device, or some. */
struct choice {
	bool all;
	int64_t device; /* -1: any */
	size_t n;       /* of ids; 0 with all and device */
	int64_t ids[CHOSEN];
};

enum stage { STAGE_DUMPS, STAGE_END, STAGE_DONE };

/* Holds nothing of the archive between two pieces; a dump that is deleted meanwhile is left out. */
struct export
{
	struct reply_source base; /* first */
	struct api *api;
	struct choice choice;
	size_t at;    /* of ids */
	int64_t last; /* the dump that was sent last */
	enum stage stage;
	char *text; /* owned: what is being sent before the content */
	size_t text_len, text_at;
	bool has_content;
	uint64_t content_at;
	struct dump dump;
};

/* ---- names */

/* "000012_doorbell_XT25F32B_0B4016_20261122_0x64E354DE.bin". The number makes it one of its kind, whatever of the rest there is room for. */
static void export_name(const struct dump *dump, const char *ending, char name[TAR_SHORT])
{
	char full[FILE_NAME];

	file_name(dump, full);
	*strrchr(full, '.') = '\0';
	snprintf(name, TAR_SHORT, "%06" PRId64 "%.70s%.5s", dump->id, full + strlen("flashrig"),
		 ending);
}

/* ---- text */

/* A head, and what stands before or behind it; takes text. */
struct piece {
	const char *name;
	char *json; /* owned; NULL: only the head, of size bytes */
	uint64_t size;
	size_t before; /* zeros */
};

static int append_file(struct export *x, const struct piece *p, struct err *e)
{
	const size_t len = p->json ? strlen(p->json) : 0;
	const size_t after = p->json ? tar_padding(len) : 0;
	const size_t more = p->before + TAR_BLOCK + len + after;
	char *text = realloc(x->text, x->text_len + more);
	char *at = text ? text + x->text_len : NULL;

	if (!text)
		return err_set(e, ERR_MEMORY, "out of memory for an export");
	memset(at, 0, more);
	tar_head((uint8_t *)at + p->before, p->name, p->json ? len : p->size,
		 x->dump.created_ms ? x->dump.created_ms : clock_wall_ms());
	if (len)
		memcpy(at + p->before + TAR_BLOCK, p->json, len);
	x->text = text;
	x->text_len += more;
	return 0;
}

static int append_json(struct export *x, const char *name, size_t before, cJSON *json,
		       struct err *e)
{
	AUTO(auto_free) char *text = json_print(json);
	const struct piece p = { .name = name, .json = text, .before = before };

	return text ? append_file(x, &p, e) : err_set(e, ERR_MEMORY, "out of memory for an export");
}

static void clear_text(struct export *x)
{
	free(x->text);
	x->text = NULL;
	x->text_len = x->text_at = 0;
}

static int say_front(struct export *x, struct err *e)
{
	return append_json(
		x, "flashrig.json", 0,
		sidecar_wire_front(x->api->info.name, x->api->info.version, clock_wall_ms()), e);
}

/* ---- dumps */

static int find_after(struct export *x, struct tx *tx, int64_t *id, struct err *e)
{
	if (x->choice.n == 0)
		return dump_after(tx, x->choice.device, x->last, id, e);
	*id = x->at < x->choice.n ? x->choice.ids[x->at++] : -1;
	return 0;
}

/* The next one that is there; *any is false at the end. */
static int load_next(struct export *x, bool *any, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(x->api->db);
	int64_t id;

	for (;;) {
		if (find_after(x, &tx, &id, e) < 0)
			return -1;
		*any = id >= 0;
		if (!*any)
			return 0;
		x->last = id;
		if (dump_get(&tx, id, &x->dump, e) == 0)
			return 0;
		if (e->code != ERR_NOT_FOUND)
			return -1;
	}
}

static int begin_dump(struct export *x, struct err *e)
{
	char name[TAR_SHORT];
	struct piece p = { .name = name };
	bool any;

	if (load_next(x, &any, e) < 0)
		return -1;
	if (!any) {
		x->stage = STAGE_END;
		return 0;
	}
	export_name(&x->dump, ".bin", name);
	p.size = x->dump.content.size;
	x->has_content = true;
	x->content_at = 0;
	return append_file(x, &p, e);
}

static int load_device(struct export *x, struct device *device, bool *has, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(x->api->db);

	*has = false;
	if (x->dump.device < 0)
		return 0;
	*has = device_get(&tx, x->dump.device, device, e) == 0;
	return *has || e->code == ERR_NOT_FOUND ? 0 : -1;
}

/* Behind the bytes: zeros up to a block, and the sidecar. */
static int end_dump(struct export *x, struct err *e)
{
	AUTO(auto_free) struct device *device = calloc(1, sizeof *device);
	char name[TAR_SHORT], file[TAR_SHORT];
	bool has;

	if (!device)
		return err_set(e, ERR_MEMORY, "out of memory for an export");
	if (load_device(x, device, &has, e) < 0)
		return -1;
	export_name(&x->dump, ".json", name);
	export_name(&x->dump, ".bin", file);
	x->has_content = false;
	return append_json(x, name, tar_padding(x->dump.content.size),
			   sidecar_wire(file, &x->dump, has ? device : NULL), e);
}

/* Two blocks of zeros. */
static int say_end(struct export *x, struct err *e)
{
	x->text = calloc(2, TAR_BLOCK);
	if (!x->text)
		return err_set(e, ERR_MEMORY, "out of memory for an export");
	x->text_len = (size_t)2 * TAR_BLOCK;
	x->stage = STAGE_DONE;
	return 0;
}

/* ---- sending */

static size_t send_text(struct export *x, uint8_t *buf, size_t len)
{
	const size_t left = x->text_len - x->text_at, n = left < len ? left : len;

	memcpy(buf, x->text + x->text_at, n);
	x->text_at += n;
	if (x->text_at == x->text_len)
		clear_text(x);
	return n;
}

static int send_content(struct export *x, uint8_t *buf, size_t len, size_t *n, struct err *e)
{
	const uint64_t left = x->dump.content.size - x->content_at;
	AUTO(tx_end) struct tx tx = tx_begin_read(x->api->db);
	struct content content;

	*n = left < len ? (size_t)left : len;
	if (content_get(&tx, x->dump.content.id, &content, e) < 0 ||
	    content_read(&tx, x->dump.content.id, x->content_at, buf, *n, e) < 0)
		return err_prefix(e, "export: dump %" PRId64 ": ", x->dump.id);
	x->content_at += *n;
	return 0;
}

/* Makes the next text, when there is neither text nor content left. */
static int go_on(struct export *x, struct err *e)
{
	if (x->has_content)
		return end_dump(x, e);
	return x->stage == STAGE_DUMPS ? begin_dump(x, e) : say_end(x, e);
}

static int export_next(struct reply_source *source, uint8_t *buf, size_t len, size_t *got,
		       struct err *e)
{
	struct export *x = (struct export *)source;
	size_t n;

	for (*got = 0; *got < len; *got += n) {
		n = 0;
		if (x->text) {
			n = send_text(x, buf + *got, len - *got);
		} else if (x->has_content && x->content_at < x->dump.content.size) {
			if (send_content(x, buf + *got, len - *got, &n, e) < 0)
				return -1;
		} else if (x->stage == STAGE_DONE) {
			return 0;
		} else if (go_on(x, e) < 0) {
			return -1;
		}
	}
	return 0;
}

static void export_free(struct reply_source *source)
{
	struct export *x = (struct export *)source;

	free(x->text);
	free(x);
}

/* ---- asking */

static int ascending(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* "3,1,2" in order, each once. */
static int read_ids(const char *text, struct choice *c, struct err *e)
{
	AUTO(auto_free) char *copy = strdup(text);
	char *rest = copy;

	if (!copy)
		return err_set(e, ERR_MEMORY, "out of memory for a list of dumps");
	for (const char *part = strsep(&rest, ","); part; part = strsep(&rest, ",")) {
		uint64_t id;

		if (c->n == CHOSEN || parse_u64(part, INT64_MAX, &id) < 0 || id == 0)
			return err_set(e, ERR_BAD_INPUT,
				       "query: dump is a list of up to %d ids: 3,4,7", CHOSEN);
		c->ids[c->n++] = (int64_t)id;
	}
	qsort(c->ids, c->n, sizeof c->ids[0], ascending);
	return 0;
}

static int check_ids(struct tx *tx, struct choice *c, struct err *e)
{
	AUTO(auto_free) struct dump *dump = calloc(1, sizeof *dump);
	size_t n = 0;

	if (!dump)
		return err_set(e, ERR_MEMORY, "out of memory for a dump's record");
	for (size_t i = 0; i < c->n; i++) {
		if (n > 0 && c->ids[i] == c->ids[n - 1])
			continue;
		c->ids[n++] = c->ids[i];
		if (dump_get(tx, c->ids[i], dump, e) < 0) {
			if (e->code == ERR_NOT_FOUND)
				e->code = ERR_UNPROCESSABLE;
			return -1;
		}
	}
	c->n = n;
	return 0;
}

static int check_device(struct tx *tx, int64_t id, struct err *e)
{
	AUTO(auto_free) struct device *device = calloc(1, sizeof *device);

	if (!device)
		return err_set(e, ERR_MEMORY, "out of memory for a device");
	if (device_get(tx, id, device, e) == 0)
		return 0;
	if (e->code == ERR_NOT_FOUND)
		e->code = ERR_UNPROCESSABLE;
	return -1;
}

static int read_choice(const struct request *req, struct choice *c, struct err *e)
{
	const char *ids = request_query(req, "dump");
	const bool has_device = request_query(req, "device") != NULL;
	AUTO(tx_end) struct tx tx = tx_begin_read(api_of(req)->db);

	*c = (struct choice){ .device = -1 };
	if (param_flag(req, "all", &c->all, e) < 0 ||
	    request_query_int(req, "device", 1, INT64_MAX, &c->device, e) < 0)
		return -1;
	if ((ids != NULL) + has_device + c->all > 1)
		return err_set(e, ERR_BAD_INPUT,
			       "query: only one of dump=1,2 and device=3 and all=1 makes sense");
	if (has_device)
		return check_device(&tx, c->device, e);
	return ids && (read_ids(ids, c, e) < 0 || check_ids(&tx, c, e) < 0) ? -1 : 0;
}

static void describe(struct reply *reply)
{
	char day[CLOCK_TEXT];

	clock_wall_text(clock_wall_ms(), day);
	reply_header(reply, "Content-Disposition",
		     "attachment; filename=\"flashrig_%.4s%.2s%.2s.tar\"", day, day + 5, day + 8);
}

int archive_export(struct request *req, struct reply *reply, struct err *e)
{
	AUTO(auto_free) struct export *x = calloc(1, sizeof *x);

	if (!x)
		return err_set(e, ERR_MEMORY, "out of memory for an export");
	x->base = (struct reply_source){ .next = export_next, .free = export_free };
	x->api = api_of(req);
	if (read_choice(req, &x->choice, e) < 0 || say_front(x, e) < 0)
		return -1;
	describe(reply);
	reply_flow(reply, "application/x-tar", &TAKE(x)->base);
	return 0;
}

/* ---- one sidecar */

int dump_sidecar_get(struct request *req, struct reply *reply, struct err *e)
{
	AUTO(auto_free) struct export *x = calloc(1, sizeof *x);
	AUTO(auto_free) struct device *device = calloc(1, sizeof *device);
	char name[FILE_NAME + 8];
	bool has, any;

	if (!x || !device)
		return err_set(e, ERR_MEMORY, "out of memory for a sidecar");
	x->api = api_of(req);
	x->choice.ids[x->choice.n++] = req->args.id;
	if (load_next(x, &any, e) < 0)
		return -1;
	if (!any)
		return err_set(e, ERR_NOT_FOUND, "there is no dump %" PRId64, req->args.id);
	if (load_device(x, device, &has, e) < 0)
		return -1;
	file_name(&x->dump, name);
	reply_header(reply, "Content-Disposition", "attachment; filename=\"%.*s.json\"",
		     (int)(strlen(name) - 4), name);
	return json_reply(reply, HTTP_OK, sidecar_wire(name, &x->dump, has ? device : NULL), e);
}
