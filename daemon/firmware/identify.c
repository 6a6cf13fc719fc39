/* What kind of file it is, where its first byte belongs, and how its code is scrambled. */
#include "analysis_impl.h"

#include "auto.h"

#define CHIP_MIN  (2u << 20)
#define LDR_PC    0xe59ff014u
#define UG_HEADER 32u

/* Where a vector table is linked, by its first block. */
struct table {
	bool boot, app; /* both: in clear it tells no address */
};

static bool is_chip_size(uint64_t size)
{
	return size >= CHIP_MIN && !(size & (size - 1));
}

static struct table table_of(const uint8_t block[CRC_GRID_BLOCK])
{
	const struct scramble_sample boot = { 0, block }, app = { APP_LOGICAL, block };
	struct scramble_key key;

	if (!crc_grid_valid(block))
		return (struct table){ false, false };
	return (struct table){ scramble_find_known(&boot, 1, &key),
			       scramble_find_known(&app, 1, &key) };
}

/* A key that nobody knows: both tables together, or one alone. */
static struct table odd_table(const uint8_t *first, const uint8_t *second)
{
	const struct scramble_sample both[] = { { 0, first }, { APP_LOGICAL, second } };
	const struct scramble_sample app = { APP_LOGICAL, first };
	struct scramble_key key;

	if (!crc_grid_valid(first))
		return (struct table){ false, false };
	if (crc_grid_valid(second) && scramble_find(both, 2, &key))
		return (struct table){ true, false };
	return (struct table){ false, scramble_find(&app, 1, &key) };
}

static void set(struct work *w, const char *kind, uint32_t start)
{
	w->a->kind = kind;
	w->flash->start = start;
}

/* The first bytes of files that are no flash content. */
static bool is_packed_file(struct work *w, const uint8_t *head)
{
	static const uint8_t ug[] = { 0x55, 0xaa, 0x55, 0xaa };
	struct rbl rbl;

	if (!memcmp(head, ug, sizeof ug) && rbl_parse(head + UG_HEADER, &rbl))
		set(w, "ug", 0);
	else if (rbl_parse(head, &rbl))
		set(w, "rbl", 0);
	else
		return false;
	return true;
}

/* What a linker makes: the table in clear, and no CRC behind it. */
static bool is_raw(const uint8_t *head)
{
	return le32(head + 4) == LDR_PC && le32(head + 8) == LDR_PC && !crc_grid_valid(head);
}

static void kind_of_boot(struct work *w, const struct table *second)
{
	const uint32_t size = w->flash->size;

	if (size <= BOOTLOADER_END)
		set(w, "bootloader", 0);
	else if (second->app)
		set(w, is_chip_size(size) ? "full-flash" : "qio", 0);
	else
		set(w, is_chip_size(size) ? "full-flash" : "bin", 0);
}

static void kind_of_app(struct work *w, const struct table *last)
{
	const uint32_t size = w->flash->size;

	w->flash->rotated = last->boot && is_chip_size(size);
	if (w->flash->rotated)
		set(w, "rotated", 0);
	else
		set(w, is_chip_size(size + BOOTLOADER_END) ? "headless" : "ua", APP_PHYS);
}

static int read_blocks(struct work *w, uint8_t head[UG_HEADER + RBL_HEADER],
		       uint8_t second[CRC_GRID_BLOCK], uint8_t last[CRC_GRID_BLOCK], struct err *e)
{
	const uint32_t size = w->flash->size;

	if (flash_read(w->flash, 0, head, UG_HEADER + RBL_HEADER, e) < 0 ||
	    flash_read(w->flash, APP_PHYS, second, CRC_GRID_BLOCK, e) < 0)
		return -1;
	memset(last, 0xff, CRC_GRID_BLOCK);
	if (size <= BOOTLOADER_END)
		return 0;
	return flash_read(w->flash, size - BOOTLOADER_END, last, CRC_GRID_BLOCK, e);
}

static int kind_of_file(struct work *w, struct err *e)
{
	uint8_t head[UG_HEADER + RBL_HEADER], second[CRC_GRID_BLOCK], last[CRC_GRID_BLOCK];
	struct table first, app, end;

	if (read_blocks(w, head, second, last, e) < 0)
		return -1;
	set(w, "bin", 0);
	if (is_packed_file(w, head))
		return 0;
	if (is_raw(head)) {
		set(w, "raw", APP_PHYS);
		return 0;
	}
	first = table_of(head);
	app = table_of(second);
	end = table_of(last);
	if (!first.boot && !first.app)
		first = odd_table(head, second);
	/* In clear: the place is told by a second table behind it, or by the length. */
	if (first.boot && first.app)
		first.boot = app.app || w->flash->size <= BOOTLOADER_END;
	if (first.boot)
		kind_of_boot(w, &app);
	else if (first.app)
		kind_of_app(w, &end);
	return 0;
}

/* A place that is known is not argued with; a kind that says another place is none then. */
static int kind_of_place(struct work *w, uint32_t start, struct err *e)
{
	if (start == 0 && kind_of_file(w, e) < 0)
		return -1;
	if (start == APP_PHYS && is_chip_size((uint64_t)w->flash->size + APP_PHYS))
		w->a->kind = "headless";
	else if (w->flash->start != start || w->flash->rotated || !w->a->kind)
		w->a->kind = "part";
	w->flash->start = start;
	w->flash->rotated = false;
	return 0;
}

int identify_kind(struct work *w, const struct analysis_hint *hint, struct err *e)
{
	w->flash->start = 0;
	w->flash->rotated = false;
	return hint->has_start ? kind_of_place(w, hint->start, e) : kind_of_file(w, e);
}

/* ---- the key */

/* The block where a vector table may stand; false when there is none. */
static int read_table(struct work *w, uint32_t at, uint8_t block[CRC_GRID_BLOCK], bool *valid,
		      struct err *e)
{
	*valid = flash_has(w->flash, at, CRC_GRID_BLOCK);
	if (!*valid)
		return 0;
	if (flash_read(w->flash, at, block, CRC_GRID_BLOCK, e) < 0)
		return -1;
	*valid = crc_grid_valid(block);
	return 0;
}

static void note_key(struct analysis *a, uint32_t at, bool both)
{
	a->key_fact = (struct fact){ both ? SURE_CHECKED : SURE_PATTERN, at };
}

/* Each alone: a bootloader in front of an application of another key starts nothing. */
static void find_apart(struct work *w, const struct scramble_sample *boot,
		       const struct scramble_sample *app)
{
	struct analysis *a = w->a;
	struct scramble_key loader, own;
	const bool has_loader = boot->block && scramble_find(boot, 1, &loader);
	const bool has_own = app->block && scramble_find(app, 1, &own);

	a->keys_differ = has_loader && has_own;
	if (has_own)
		a->key = own;
	else if (has_loader)
		a->key = loader;
	else
		return;
	a->boot_key = has_loader ? loader : a->key;
	note_key(a, has_own ? APP_PHYS : 0, false);
}

int identify_key(struct work *w, struct err *e)
{
	uint8_t boot[CRC_GRID_BLOCK], app[CRC_GRID_BLOCK];
	bool has_boot, has_app;

	if (read_table(w, 0, boot, &has_boot, e) < 0 ||
	    read_table(w, APP_PHYS, app, &has_app, e) < 0)
		return -1;
	const struct scramble_sample both[] = { { 0, has_boot ? boot : NULL },
						{ APP_LOGICAL, has_app ? app : NULL } };

	if (has_boot && has_app && scramble_find(both, 2, &w->a->key)) {
		w->a->boot_key = w->a->key;
		note_key(w->a, 0, true);
	} else {
		find_apart(w, &both[0], &both[1]);
	}
	if (w->a->keys_differ)
		analysis_warn(w->a, "the bootloader and the application are scrambled with "
				    "different keys: together they do not start");
	return 0;
}
