/* One partition of a dump or an image, as it stands in the flash or as the CPU sees it. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_impl.h"
#include "auto.h"
#include "code.h"
#include "conditional.h"
#include "content_flash.h"
#include "handlers.h"
#include "params.h"

/* What is asked for. */
struct wish {
	bool is_dump, decoded;
	struct content content;
	struct analysis *a; /* owned */
	uint32_t from, to;  /* addresses, within what is there; decoded: logical ones */
	const struct partition *p;
};

static void wish_free(struct wish **w)
{
	if (*w)
		free((*w)->a);
	free(*w);
}

/* Reads the archive while it is sent. */
struct partition_source {
	struct reply_source base; /* first */
	struct content_flash flash;
	bool decoded;
	uint32_t from;
	struct code code;
	uint8_t piece[CODE_PIECE];
};

static void source_free(struct reply_source *source)
{
	free(source);
}

/* The CPU reads erased flash as FF, whatever the key. */
static void keep_erased(const struct code *code, uint8_t *clear, size_t len)
{
	for (size_t i = 0; i < len / CRC_GRID_DATA; i++)
		if (bytes_erased(code->raw + i * CRC_GRID_BLOCK, CRC_GRID_BLOCK))
			memset(clear + i * CRC_GRID_DATA, 0xff, CRC_GRID_DATA);
}

/* Whole blocks around what is wanted; returns how much of it they hold. */
static int read_decoded(struct partition_source *s, uint64_t at, uint8_t *buf, size_t len,
			size_t *done, struct err *e)
{
	const uint32_t skip = (uint32_t)(at % CRC_GRID_DATA);
	const size_t want = (skip + len + CRC_GRID_DATA - 1) / CRC_GRID_DATA * CRC_GRID_DATA;
	const size_t n = want < CODE_PIECE ? want : CODE_PIECE;

	if (code_read(&s->code, s->from + (uint32_t)at - skip, s->piece, n, e) < 0)
		return -1;
	keep_erased(&s->code, s->piece, n);
	*done = n - skip < len ? n - skip : len;
	memcpy(buf, s->piece + skip, *done);
	return 0;
}

static int source_read(struct reply_source *source, uint64_t at, uint8_t *buf, size_t len,
		       struct err *e)
{
	struct partition_source *s = (struct partition_source *)source;

	if (!s->decoded)
		return flash_read(&s->flash.base, s->from + at, buf, len, e);
	for (size_t n; len > 0; at += n, buf += n, len -= n)
		if (read_decoded(s, at, buf, len, &n, e) < 0)
			return -1;
	return 0;
}

/* ---- finding it */

static int load(const struct request *req, struct wish *w, struct dump *dump, struct err *e)
{
	AUTO(auto_free) struct image *image = calloc(1, sizeof *image);
	AUTO(tx_end) struct tx tx = tx_begin_read(api_of(req)->db);

	if (!image)
		return err_set(e, ERR_MEMORY, "out of memory for an image's record");
	if (w->is_dump ? dump_get(&tx, req->args.id, dump, e) < 0
		       : image_get(&tx, req->args.id, image, e) < 0)
		return -1;
	w->content = w->is_dump ? dump->content : image->content;
	return 0;
}

static int analyse(const struct request *req, struct wish *w, struct err *e)
{
	AUTO(auto_free) struct dump *dump = calloc(1, sizeof *dump);

	if (!dump)
		return err_set(e, ERR_MEMORY, "out of memory for a dump's record");
	if (load(req, w, dump, e) < 0)
		return -1;
	w->a = content_analyse(api_of(req)->db, &w->content, w->is_dump ? dump : NULL, NULL, e);
	return w->a ? 0 : -1;
}

static int not_there(const struct request *req, const struct analysis *a, struct err *e)
{
	char names[sizeof e->hint] = "";
	size_t at = 0;

	for (size_t i = 0; i < a->partitions && at < sizeof names; i++)
		if (a->partition[i].present)
			at += (size_t)snprintf(names + at, sizeof names - at, "%s%s",
					       at ? ", " : "", a->partition[i].name);
	err_set(e, ERR_NOT_FOUND, "it has no partition \"%.40s\"", req->args.name);
	err_hint(e, at ? "There are: %.200s." : "No partitions were found in it.%s", names);
	return -1;
}

/* What of it is there, and what the CPU sees of that. */
static int settle(const struct request *req, struct wish *w, struct err *e)
{
	const struct analysis *a = w->a;
	uint64_t end;

	w->p = analysis_partition(a, req->args.name);
	if (!w->p || w->p->present == 0)
		return not_there(req, a, e);
	w->from = w->p->offset > a->first ? w->p->offset : a->first;
	end = (uint64_t)w->p->offset + w->p->length;
	w->to = (uint32_t)(end < a->end ? end : a->end);
	if (!w->decoded)
		return 0;
	if (w->p->kind != PARTITION_CODE || a->key_fact.sure == SURE_NOT)
		return err_set(e, ERR_UNPROCESSABLE,
			       "%s is no code on the CRC grid: there is nothing to decode",
			       w->p->name);
	w->from = (uint32_t)crc_grid_logical((w->from + CRC_GRID_BLOCK - 1ull) / CRC_GRID_BLOCK *
					     CRC_GRID_BLOCK);
	w->to = (uint32_t)crc_grid_logical(w->to / CRC_GRID_BLOCK * CRC_GRID_BLOCK);
	return w->to > w->from ? 0 : not_there(req, a, e);
}

/* ---- sending it */

#define ETAG (HASH_SHA256_TEXT + 100)

/* The content, the place in it, and the rules that found it. */
static void make_etag(const struct wish *w, char etag[ETAG])
{
	char sum[HASH_SHA256_TEXT];

	hash_hex(w->content.sha256, HASH_SHA256_LEN, sum);
	snprintf(etag, ETAG, "\"%s-%" PRIx32 "+%" PRIx32 "%s-%d\"", sum, w->from, w->to - w->from,
		 w->decoded ? "-decoded" : "", ANALYSIS_VERSION);
}

/* A name comes out of the flash: what could end the file name in the header becomes a '-'. */
static void plain_name(const char *name, char out[FAL_NAME])
{
	size_t n = 0;

	for (; name[n] && n < FAL_NAME - 1; n++)
		out[n] = (char)(isalnum((unsigned char)name[n]) || name[n] == '.' || name[n] == '_'
					? name[n]
					: '-');
	out[n] = '\0';
}

static void describe(const struct request *req, const struct wish *w, const char *etag,
		     struct reply *reply)
{
	char name[FAL_NAME];

	plain_name(w->p->name, name);
	reply_header(reply, "ETag", "%s", etag);
	reply_header(reply, "Cache-Control", "private, no-cache");
	reply_header(reply, "Content-Disposition",
		     "attachment; filename=\"flashrig_%s%" PRId64 "_%s%s.bin\"",
		     w->is_dump ? "dump" : "image", req->args.id, name,
		     w->decoded ? "_decoded" : "");
}

/* Linked for its own place, or, as a second application may be, for that of the first. */
static int find_shift(struct partition_source *s, const struct wish *w, struct err *e)
{
	uint8_t block[CRC_GRID_BLOCK];
	const struct scramble_sample own = { w->from, block };

	s->code.key = w->p->offset == 0 ? w->a->boot_key : w->a->key;
	if (flash_read(&s->flash.base, crc_grid_phys(w->from), block, sizeof block, e) < 0)
		return -1;
	if (w->p->offset > 0x11000 && crc_grid_valid(block) &&
	    !scramble_fits(&s->code.key, &own, 1))
		s->code.shift = 0x10000 - w->from;
	return 0;
}

static int send(const struct request *req, struct reply *reply, const struct wish *w, struct err *e)
{
	AUTO(auto_free) struct partition_source *s = calloc(1, sizeof *s);

	if (!s)
		return err_set(e, ERR_MEMORY, "out of memory for a download");
	s->base = (struct reply_source){ .read = source_read, .free = source_free };
	s->decoded = w->decoded;
	s->from = w->from;
	if (content_flash_init(&s->flash, api_of(req)->db, &w->content, e) < 0)
		return -1;
	s->flash.base.start = w->a->start;
	s->flash.base.rotated = w->a->rotated;
	s->code.flash = &s->flash.base;
	if (w->decoded && find_shift(s, w, e) < 0)
		return -1;
	reply_source(reply, HTTP_OK, "application/octet-stream", &TAKE(s)->base, w->to - w->from);
	return 0;
}

static int partition_get(const struct request *req, bool is_dump, struct reply *reply,
			 struct err *e)
{
	AUTO(wish_free) struct wish *w = calloc(1, sizeof *w);
	char etag[ETAG];

	if (!w)
		return err_set(e, ERR_MEMORY, "out of memory for a download");
	w->is_dump = is_dump;
	if (param_flag(req, "decoded", &w->decoded, e) < 0 || analyse(req, w, e) < 0 ||
	    settle(req, w, e) < 0)
		return -1;
	make_etag(w, etag);
	describe(req, w, etag, reply);
	if (send(req, reply, w, e) < 0)
		return -1;
	if (etag_listed(request_header(req, "If-None-Match"), etag))
		reply_not_modified(reply);
	return 0;
}

int dump_partition_get(struct request *req, struct reply *reply, struct err *e)
{
	return partition_get(req, true, reply, e);
}

int image_partition_get(struct request *req, struct reply *reply, struct err *e)
{
	return partition_get(req, false, reply, e);
}
