/* The texts of applications: in flash, or in a container. */
#include "analysis_impl.h"

#include <string.h>

#include "auto.h"

static struct banner_text moved(const struct banner_text *text, bool on_grid, uint64_t base)
{
	struct banner_text to = *text;

	to.at = on_grid ? crc_grid_phys(base + text->at) : base;
	return to;
}

/* What the first application says counts; a later one only fills in. */
static void keep(struct analysis *a, const struct banner *banner, bool on_grid, uint64_t base)
{
	if (a->firmware != BANNER_UNKNOWN || banner->kind == BANNER_UNKNOWN)
		return;
	a->firmware = banner->kind;
	a->firmware_sure = on_grid ? SURE_PATTERN : SURE_CHECKED;
	a->name = moved(&banner->name, on_grid, base);
	a->version = moved(&banner->version, on_grid, base);
	a->sdk = moved(&banner->sdk, on_grid, base);
	a->built = moved(&banner->built, on_grid, base);
	a->platform = moved(&banner->platform, on_grid, base);
}

/* ---- in flash */

static uint32_t shift_of(struct work *w, uint32_t logical, const uint8_t *raw)
{
	const struct scramble_sample own = { logical, raw };

	(void)w;
	return scramble_fits(&w->code.key, &own, 1) ? 0 : APP_LOGICAL - logical;
}

static int read_code(struct work *w, const struct partition *p, struct err *e)
{
	const uint32_t from = (uint32_t)crc_grid_logical(p->offset);
	const uint64_t end = (uint64_t)p->offset + p->length;
	const uint32_t to = (uint32_t)crc_grid_logical(end < w->a->end ? end : w->a->end);

	if (flash_read(w->flash, p->offset, w->piece, CRC_GRID_BLOCK, e) < 0)
		return -1;
	w->code.shift = shift_of(w, from, w->piece);
	memset(&w->banner, 0, sizeof w->banner);
	for (uint32_t at = from, n; at < to; at += n) {
		n = to - at < CODE_PIECE ? (to - at + 31) / 32 * 32 : CODE_PIECE;
		if (code_read(&w->code, at, w->piece, n, e) < 0)
			return -1;
		banner_feed(&w->banner, w->piece, n);
	}
	banner_end(&w->banner);
	keep(w->a, &w->banner, true, from);
	return 0;
}

/* Code that starts on the grid with a block that tells the scrambling, and is no bootloader. */
static bool has_texts(const struct work *w, const struct partition *p)
{
	return p->kind == PARTITION_CODE && p->offset > 0 && p->present > 0 &&
	       p->offset >= w->a->first && p->offset % (34u * 32u) == 0;
}

/* ---- linker output, as it is */

static int read_raw(struct work *w, struct err *e)
{
	memset(&w->banner, 0, sizeof w->banner);
	for (uint64_t at = w->a->first, n; at < w->a->end; at += n) {
		n = w->a->end - at < CODE_PIECE ? w->a->end - at : CODE_PIECE;
		if (flash_read(w->flash, at, w->piece, (size_t)n, e) < 0)
			return -1;
		banner_feed(&w->banner, w->piece, (size_t)n);
	}
	banner_end(&w->banner);
	keep(w->a, &w->banner, false, w->a->first);
	if (w->a->firmware != BANNER_UNKNOWN)
		w->a->firmware_sure = SURE_PATTERN;
	return 0;
}

int texts_read(struct work *w, struct err *e)
{
	const struct analysis *a = w->a;

	if (!strcmp(a->kind, "raw"))
		return read_raw(w, e);
	w->code.flash = w->flash;
	w->code.key = a->key;
	if (a->key_fact.sure == SURE_NOT)
		return 0;
	for (size_t i = 0; i < a->partitions; i++)
		if (has_texts(w, &a->partition[i]) && read_code(w, &a->partition[i], e) < 0)
			return -1;
	return 0;
}

/* ---- in a container */

struct listener {
	struct rbl_out base; /* first */
	struct banner *banner;
};

static void on_plain(struct rbl_out *out, const uint8_t *bytes, size_t len)
{
	banner_feed(((struct listener *)out)->banner, bytes, len);
}

int texts_unpack(struct work *w, struct rbl *rbl, struct err *e)
{
	struct listener listener = { { on_plain }, &w->banner };

	memset(&w->banner, 0, sizeof w->banner);
	if (rbl_unpack(w->flash, rbl, &listener.base, e) < 0)
		return -1;
	banner_end(&w->banner);
	keep(w->a, &w->banner, false, rbl->at);
	if (rbl->plain != RBL_RIGHT && w->a->firmware != BANNER_UNKNOWN)
		w->a->firmware_sure = SURE_PATTERN;
	return 0;
}
