/* The partitions: by the bootloader's table, by what is found, and by what such firmware has. */
#include "analysis_impl.h"

#include <stdio.h>
#include <stdlib.h>

#include "auto.h"

const char *place_name(enum place place)
{
	switch (place) {
	case PLACE_TABLE: return "table";
	case PLACE_FOUND: return "found";
	case PLACE_LAYOUT: return "layout";
	case PLACE_REST: return "rest";
	}
	return "";
}

static bool overlaps(const struct partition *p, uint32_t offset, uint32_t length)
{
	return offset < (uint64_t)p->offset + p->length && p->offset < (uint64_t)offset + length;
}

static bool is_free(const struct analysis *a, const char *name, uint32_t offset, uint32_t length)
{
	for (size_t i = 0; i < a->partitions; i++)
		if (overlaps(&a->partition[i], offset, length) ||
		    !strcmp(a->partition[i].name, name))
			return false;
	return a->partitions < ANALYSIS_PARTITIONS;
}

static uint32_t present(const struct analysis *a, uint32_t offset, uint32_t length)
{
	const uint64_t end = (uint64_t)offset + length;
	const uint64_t from = offset > a->first ? offset : a->first;
	const uint64_t to = end < a->end ? end : a->end;

	return from < to ? (uint32_t)(to - from) : 0;
}

static struct partition *put(struct work *w, const char *name, enum partition_kind kind,
			     uint32_t offset, uint32_t length)
{
	struct analysis *a = w->a;
	struct partition *p = &a->partition[a->partitions];

	if (length == 0 || !is_free(a, name, offset, length))
		return NULL;
	*p = (struct partition){ .kind = kind, .offset = offset, .length = length };
	snprintf(p->name, sizeof p->name, "%.24s", name);
	a->partitions++;
	return p;
}

/* ---- the bootloader's table */

static void put_table(struct work *w)
{
	const struct fal *fal = &w->a->loader.fal;

	for (size_t i = 0; i < fal->n; i++) {
		const struct fal_entry *entry = &fal->entry[i];
		struct partition *p = put(w, entry->name, partition_kind_of(entry->name),
					  entry->offset, entry->length);

		if (!p) {
			analysis_warn(w->a, "the bootloader's table names overlapping partitions");
			continue;
		}
		p->place = PLACE_TABLE;
		p->fact = (struct fact){ entry->sealed ? SURE_CHECKED : SURE_PATTERN,
					 (uint32_t)crc_grid_phys(fal->at + 64 * i) };
		if (entry->on_grid)
			p->kind = PARTITION_CODE;
	}
}

/* ---- what such firmware has */

static bool begins_at(const struct survey *survey, uint64_t addr)
{
	for (size_t i = 0; i < survey->vectors.n; i++)
		if (survey->vectors.at[i] == addr)
			return true;
	return false;
}

struct clue_of_work {
	struct layout_clue base; /* first */
	const struct survey *survey;
};

static bool begins(const struct layout_clue *clue, uint32_t addr)
{
	return begins_at(((const struct clue_of_work *)clue)->survey, addr);
}

static uint32_t table_download(const struct fal *fal)
{
	for (size_t i = 0; i < fal->n; i++)
		if (!strcmp(fal->entry[i].name, "download"))
			return fal->entry[i].offset;
	return 0;
}

/* Files, and parts that do not begin with a bootloader that could tell: only a chip that all agree on. */
static void put_layout(struct work *w)
{
	struct analysis *a = w->a;
	struct clue_of_work clue = { { .socs = a->socs,
				       .download = table_download(&a->loader.fal),
				       .begins = begins,
				       .headless = a->first > 0 },
				     &w->survey };

	a->layout = layout_find(&clue.base);
	if (!a->layout)
		return;
	for (const struct layout_part *part = a->layout->part; part->length; part++) {
		struct partition *p;

		if (present(a, part->offset, part->length) == 0)
			continue;
		p = put(w, part->name, part->kind, part->offset, part->length);
		if (p) {
			p->place = PLACE_LAYOUT;
			p->fact = (struct fact){ SURE_ASSUMED, part->offset };
		}
	}
}

/* ---- what was found */

static struct partition *at(struct analysis *a, uint32_t addr)
{
	for (size_t i = 0; i < a->partitions; i++)
		if (overlaps(&a->partition[i], addr, 1))
			return &a->partition[i];
	return NULL;
}

/* Where the layout has a partition of its own for it, that one is surer now; else it is one. */
static void confirm(struct work *w, const char *name, enum partition_kind kind, uint32_t offset,
		    uint32_t length, enum sure sure)
{
	struct partition *p = at(w->a, offset);

	if (!p)
		p = put(w, name, kind, offset, length);
	else if (p->place != PLACE_LAYOUT || p->kind != kind)
		return;
	if (!p || p->fact.sure >= sure)
		return;
	p->place = PLACE_FOUND;
	p->fact = (struct fact){ sure, offset };
}

/* From a vector table on, as far as there is code, up to the next. */
static uint32_t code_length(const struct survey *survey, uint32_t from)
{
	uint32_t length = 0;

	for (size_t i = (from - survey->first) / FLASH_SECTOR; i < survey->cells; i++) {
		const uint64_t here = survey->first + (uint64_t)i * FLASH_SECTOR;
		const char look = survey->look[i];

		if ((look != LOOK_CODE && look != LOOK_ERASED) ||
		    (here != from && begins_at(survey, here)))
			break;
		if (look == LOOK_CODE)
			length = (uint32_t)(survey->first + (i + 1) * FLASH_SECTOR) - from;
	}
	return length;
}

static void put_code(struct work *w)
{
	static const char *const names[] = { "app", "app2", "app3" };
	const struct survey_finds *vectors = &w->survey.vectors;

	if (w->a->loader.fact.sure != SURE_NOT || (vectors->n && vectors->at[0] == 0))
		confirm(w, "bootloader", PARTITION_CODE, 0, BOOTLOADER_END, SURE_PATTERN);
	for (size_t i = 0, n = 0; i < vectors->n && n < ARRAY_LEN(names); i++) {
		if (vectors->at[i] == 0)
			continue;
		confirm(w, names[n++], PARTITION_CODE, vectors->at[i],
			code_length(&w->survey, vectors->at[i]), SURE_PATTERN);
	}
}

static void put_finds(struct work *w, const struct survey_finds *finds, const char *name,
		      enum partition_kind kind, enum sure sure)
{
	uint32_t last = 0;

	for (size_t i = 0; i < finds->n; i++) {
		if (i > 0 && finds->at[i] == last + FLASH_SECTOR && at(w->a, last) &&
		    at(w->a, last)->place == PLACE_FOUND && !at(w->a, finds->at[i]))
			at(w->a, last)->length += FLASH_SECTOR;
		else
			confirm(w, name, kind, finds->at[i], FLASH_SECTOR, sure);
		last = finds->at[i];
	}
}

static void put_found(struct work *w)
{
	const struct tuya_vault *vault = &w->vault;

	put_code(w);
	if (w->a->has_mac)
		confirm(w, "rf", PARTITION_RF, (uint32_t)w->survey.rf.offset, FLASH_SECTOR,
			SURE_PATTERN);
	if (vault->has_key) {
		confirm(w, "kv-key", PARTITION_CONFIG, vault->at, FLASH_SECTOR, SURE_CHECKED);
		confirm(w, "kv-data", PARTITION_CONFIG, vault->at + FLASH_SECTOR,
			vault->end - vault->at - FLASH_SECTOR, SURE_CHECKED);
	}
	put_finds(w, &w->survey.openbeken, "config", PARTITION_CONFIG, SURE_PATTERN);
	put_finds(w, &w->survey.easyflash, "easyflash", PARTITION_CONFIG, SURE_PATTERN);
	put_finds(w, &w->survey.littlefs, "littlefs", PARTITION_FILES, SURE_PATTERN);
	put_finds(w, &w->survey.uf, "uf", PARTITION_FILES, SURE_CHECKED);
}

/* ---- all of it */

static int by_offset(const void *a, const void *b)
{
	const struct partition *x = a, *y = b;

	return (x->offset > y->offset) - (x->offset < y->offset);
}

static void sort(struct analysis *a)
{
	qsort(a->partition, a->partitions, sizeof a->partition[0], by_offset);
}

static void put_gap(struct work *w, size_t number, uint64_t from, uint64_t to)
{
	char name[FAL_NAME];
	struct partition *p;

	if (to < from + FLASH_SECTOR)
		return;
	snprintf(name, sizeof name, "gap%zu", number);
	p = put(w, name, PARTITION_GAP, (uint32_t)from, (uint32_t)(to - from));
	if (p)
		p->place = PLACE_REST;
}

/* Whole sectors that no partition has, within the content. */
static void put_gaps(struct work *w)
{
	struct analysis *a = w->a;
	const size_t n = a->partitions;
	uint64_t from = a->first;

	for (size_t i = 0; i <= n; i++) {
		const uint64_t to =
			i < n && a->partition[i].offset < a->end ? a->partition[i].offset : a->end;
		const uint64_t up = (from + FLASH_SECTOR - 1) / FLASH_SECTOR * FLASH_SECTOR;

		put_gap(w, a->partitions - n + 1, up, to);
		if (i < n && (uint64_t)a->partition[i].offset + a->partition[i].length > from)
			from = (uint64_t)a->partition[i].offset + a->partition[i].length;
	}
	sort(a);
}

static void measure(struct work *w, struct partition *p)
{
	p->present = present(w->a, p->offset, p->length);
	p->used = (uint32_t)survey_used(&w->survey, p->offset, p->length);
}

void places_find(struct work *w)
{
	if (!strcmp(w->a->kind, "rbl") || !strcmp(w->a->kind, "ug") || !strcmp(w->a->kind, "raw"))
		return;
	put_table(w);
	put_layout(w);
	put_found(w);
	sort(w->a);
	if (w->a->partitions > 0)
		put_gaps(w);
	for (size_t i = 0; i < w->a->partitions; i++)
		measure(w, &w->a->partition[i]);
}
