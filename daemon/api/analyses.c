/* What a dump or an image says about itself, and its map. */
#include <stdlib.h>
#include <string.h>

#include "analysis_json.h"
#include "api_impl.h"
#include "auto.h"
#include "content_flash.h"
#include "diff.h"
#include "handlers.h"
#include "json.h"
#include "params.h"
#include "survey.h"

/* A dump, or an image when it is none; and what came of looking at it. */
struct looked {
	bool is_dump;
	struct dump dump;
	struct image image;
	struct analysis *a; /* owned */
	char *look;         /* owned: a letter for each sector */
};

static void looked_free(struct looked **l)
{
	if (!*l)
		return;
	free((*l)->a);
	free((*l)->look);
	free(*l);
}

static int load(const struct request *req, struct looked *l, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(api_of(req)->db);

	return l->is_dump ? dump_get(&tx, req->args.id, &l->dump, e)
			  : image_get(&tx, req->args.id, &l->image, e);
}

static struct looked *look_at_content(const struct request *req, bool is_dump, struct err *e)
{
	AUTO(looked_free) struct looked *l = calloc(1, sizeof *l);

	if (!l) {
		err_set(e, ERR_MEMORY, "out of memory for an analysis");
		return NULL;
	}
	l->is_dump = is_dump;
	if (load(req, l, e) < 0)
		return NULL;
	l->a = content_analyse(api_of(req)->db, is_dump ? &l->dump.content : &l->image.content,
			       is_dump ? &l->dump : NULL, &l->look, e);
	return l->a ? TAKE(l) : NULL;
}

/* ---- analysis */

static int read_secrets(const struct request *req, enum analysis_secrets *secrets, struct err *e)
{
	bool shown;

	if (param_flag(req, "secrets", &shown, e) < 0)
		return -1;
	*secrets = shown ? SECRETS_SHOWN : SECRETS_MASKED;
	return shown ? door_need(req, SCOPE_ADMIN, "showing secrets", e) : 0;
}

/* ?target=&at= asks whether it may be written there. */
static int read_board(const struct request *req, struct analysis_board *board, struct err *e)
{
	board->at = -1;
	if (param_text(req, "target", board->target, sizeof board->target, e) < 0 ||
	    request_query_int(req, "at", 0, UINT32_MAX, &board->at, e) < 0)
		return -1;
	if (!board->target[0] && board->at >= 0)
		return err_set(e, ERR_BAD_INPUT,
			       "query: at asks about a target, and none is given");
	if (!board->target[0] || !strcmp(board->target, "nor") || soc_of_target(board->target))
		return 0;
	err_set(e, ERR_BAD_INPUT, "query: target: there is no \"%s\"", board->target);
	return err_hint(e, "It is named as in a slot's configuration: bk7231n, bk7252, nor, ...");
}

static void judge(const struct analysis *a, struct analysis_board *board)
{
	uint32_t place = a->first;

	(void)suit_place(a, &place);
	if (board->at < 0)
		board->at = place;
	if (board->target[0])
		suit_judge(a, board->target, (uint64_t)board->at, &board->verdict);
}

static int analysis_get(const struct request *req, bool is_dump, struct reply *reply, struct err *e)
{
	struct analysis_view view = { .of = is_dump ? "dump" : "image", .id = req->args.id };
	AUTO(looked_free) struct looked *l = NULL;

	if (read_secrets(req, &view.secrets, e) < 0 || read_board(req, &view.board, e) < 0)
		return -1;
	l = look_at_content(req, is_dump, e);
	if (!l)
		return -1;
	judge(l->a, &view.board);
	return json_reply(reply, HTTP_OK, wire_analysis(l->a, &view), e);
}

/* Who has seen a secret is worth an entry in the audit log. */
static void note_secrets(struct request *req)
{
	const char *secrets = request_query(req, "secrets");

	if (secrets && !strcmp(secrets, "1"))
		request_note(req, "secrets shown");
}

int dump_analysis_get(struct request *req, struct reply *reply, struct err *e)
{
	if (analysis_get(req, true, reply, e) < 0)
		return -1;
	note_secrets(req);
	return 0;
}

int image_analysis_get(struct request *req, struct reply *reply, struct err *e)
{
	if (analysis_get(req, false, reply, e) < 0)
		return -1;
	note_secrets(req);
	return 0;
}

/* ---- map */

static cJSON *wire_legend(void)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	for (const char *letter = look_letters(); *letter; letter++) {
		const char name[] = { *letter, '\0' };

		if (!o || !json_text(o, name, look_words(*letter)))
			return NULL;
	}
	return TAKE(o);
}

/* Reads that differed say more than what was kept of them. */
static void mark_unstable(struct looked *l)
{
	const struct analysis *a = l->a;

	for (size_t i = 0; i < l->dump.unstables; i++) {
		const struct dump_range *range = &l->dump.unstable[i];
		const uint64_t end = range->offset + range->length;

		for (uint64_t cell = 0; cell < a->sectors; cell++) {
			const uint64_t at = a->first + cell * FLASH_SECTOR;

			if (at < end && at + FLASH_SECTOR > range->offset)
				l->look[cell] = LOOK_UNSTABLE;
		}
	}
}

static cJSON *wire_cells(const char *cells, size_t n)
{
	AUTO(auto_free) char *text = malloc(n + 1);

	if (!text)
		return NULL;
	memcpy(text, cells, n);
	text[n] = '\0';
	return cJSON_CreateString(text);
}

/* '1' for each sector that differs; in the order of the map. */
static void mark_differing(const struct analysis *a, const struct diff *diff, char *cells)
{
	const struct flash place = { .start = a->start,
				     .size = a->end - a->first,
				     .rotated = a->rotated };

	memset(cells, '0', a->sectors);
	for (size_t i = 0; i < diff->n; i++) {
		const struct diff_range *range = &diff->range[i];

		for (uint64_t at = range->offset; at < range->offset + range->length;
		     at += ARCHIVE_BLOCK)
			if (at < place.size)
				cells[(flash_address(&place, at) - a->first) / FLASH_SECTOR] = '1';
	}
}

static int content_of_dump(const struct request *req, int64_t dump, int64_t *content, struct err *e)
{
	AUTO(auto_free) struct dump *other = calloc(1, sizeof *other);
	AUTO(tx_end) struct tx tx = tx_begin_read(api_of(req)->db);

	if (!other)
		return err_set(e, ERR_MEMORY, "out of memory for a dump's record");
	if (dump_get(&tx, dump, other, e) < 0)
		return e->code == ERR_NOT_FOUND
			       ? err_set(e, ERR_UNPROCESSABLE, "other: there is no dump %lld",
					 (long long)dump)
			       : -1;
	*content = other->content.id;
	return 0;
}

/* *differs is NULL when no other dump was named. */
static int compare(const struct request *req, const struct looked *l, cJSON **differs,
		   struct err *e)
{
	AUTO(auto_free) struct diff *diff = calloc(1, sizeof *diff);
	AUTO(auto_free) char *cells = malloc(l->a->sectors + 1);
	int64_t other = 0, content = 0;

	if (request_query_int(req, "other", 1, INT64_MAX, &other, e) < 0)
		return -1;
	if (!diff || !cells)
		return err_set(e, ERR_MEMORY, "out of memory for a comparison");
	if (other == 0)
		return 0;
	if (content_of_dump(req, other, &content, e) < 0 ||
	    content_diff(api_of(req)->db, l->dump.content.id, content, diff, e) < 0)
		return -1;
	mark_differing(l->a, diff, cells);
	*differs = wire_cells(cells, l->a->sectors);
	return *differs ? 0 : err_set(e, ERR_MEMORY, "out of memory for a comparison");
}

static cJSON *wire_map(const struct looked *l, cJSON **differs)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_int(o, "sector_size", FLASH_SECTOR) && json_int(o, "offset", l->a->first) &&
	    json_child(o, "cells", wire_cells(l->look, l->a->sectors)) &&
	    json_child(o, "legend", wire_legend()) &&
	    json_child(o, "partitions", wire_map_partitions(l->a)) &&
	    (!*differs || json_child(o, "differs", TAKE(*differs))))
		return TAKE(o);
	return NULL;
}

static int map_get(const struct request *req, bool is_dump, struct reply *reply, struct err *e)
{
	AUTO(looked_free) struct looked *l = look_at_content(req, is_dump, e);
	AUTO(auto_json) cJSON *differs = NULL;

	if (!l || (is_dump && compare(req, l, &differs, e) < 0))
		return -1;
	mark_unstable(l);
	return json_reply(reply, HTTP_OK, wire_map(l, &differs), e);
}

int dump_map_get(struct request *req, struct reply *reply, struct err *e)
{
	return map_get(req, true, reply, e);
}

int image_map_get(struct request *req, struct reply *reply, struct err *e)
{
	return map_get(req, false, reply, e);
}
