#include "analysis_impl.h"

#include <stdio.h>
#include <stdlib.h>

#include "auto.h"

static void work_free(struct work **w)
{
	if (*w)
		survey_done(&(*w)->survey);
	free(*w);
}

void analysis_warn(struct analysis *a, const char *warning)
{
	for (size_t i = 0; i < a->warnings; i++)
		if (!strcmp(a->warning[i], warning))
			return;
	if (a->warnings < ANALYSIS_WARNINGS)
		a->warning[a->warnings++] = warning;
}

static int look(struct work *w, struct err *e)
{
	struct analysis *a = w->a;

	a->start = w->flash->start;
	a->first = flash_first(w->flash);
	a->end = flash_end(w->flash);
	a->rotated = w->flash->rotated;
	if (identify_key(w, e) < 0 ||
	    survey_run(&w->survey, w->flash, a->key_fact.sure == SURE_NOT ? NULL : &a->key, e) < 0)
		return -1;
	a->sectors = (uint32_t)w->survey.cells;
	a->erased = (uint32_t)w->survey.erased;
	if (a->sectors > 0 && a->sectors == a->erased)
		a->kind = "erased";
	a->has_mac = w->survey.rf.found;
	memcpy(a->mac, w->survey.rf.mac, sizeof a->mac);
	a->mac_at = (uint32_t)w->survey.rf.mac_offset;
	return 0;
}

/* Only what begins like code: others have no bootloader, whatever they hold. */
static int read_loader(struct work *w, struct err *e)
{
	struct analysis *a = w->a;

	if (a->first != 0 || a->key_fact.sure == SURE_NOT || !flash_has(w->flash, 0, 0x1000))
		return 0;
	if (bootloader_read(w->flash, &a->boot_key, &a->loader, e) < 0)
		return -1;
	if (a->loader.stored.sure != SURE_NOT && scramble_name(&a->loader.key) &&
	    scramble_name(&a->loader.key) == scramble_name(&a->key))
		a->key_fact = (struct fact){ SURE_CHECKED, a->loader.stored.offset };
	return 0;
}

/*
 * Texts need partitions, and partitions a chip, which texts tell: so the places are looked for
 * twice, the second time with all that is known.
 */
static int understand(struct work *w, struct err *e)
{
	struct analysis *a = w->a;

	if (read_loader(w, e) < 0 || proofs_containers(w, e) < 0 || stores_read(w, e) < 0)
		return -1;
	places_find(w);
	if (texts_read(w, e) < 0)
		return -1;
	clues_weigh(w);
	a->partitions = 0;
	a->layout = NULL;
	places_find(w);
	if (proofs_code(w, e) < 0)
		return -1;
	proofs_partitions(w);
	return 0;
}

/* What stands in code is as sure as the code, which has been checked by now. */
static void settle_fact(const struct analysis *a, struct fact *fact)
{
	const struct partition *p = analysis_partition_at(a, fact->offset);

	if (fact->sure == SURE_PATTERN && p && p->kind == PARTITION_CODE && p->ok == PROOF_GOOD)
		fact->sure = SURE_CHECKED;
}

static void settle(struct analysis *a)
{
	struct fact name = { a->firmware_sure, (uint32_t)a->name.at };

	if (!a->name.text[0])
		name.offset = (uint32_t)a->version.at;
	settle_fact(a, &name);
	a->firmware_sure = name.sure;
	settle_fact(a, &a->loader.fact);
	settle_fact(a, &a->key_fact);
	for (size_t i = 0; i < a->clues; i++) {
		settle_fact(a, &a->clue[i].fact);
		if (a->clue[i].socs & a->socs && a->clue[i].fact.sure > a->socs_sure)
			a->socs_sure = a->clue[i].fact.sure;
	}
	for (size_t i = 0; i < a->partitions; i++)
		if (a->partition[i].place == PLACE_TABLE)
			settle_fact(a, &a->partition[i].fact);
}

/* Encrypted in small blocks, a store repeats itself and looks like data. */
static void mark_vault(struct work *w)
{
	for (size_t i = 0; w->vault.has_key && i < w->survey.cells; i++) {
		const uint64_t at = w->survey.first + (uint64_t)i * FLASH_SECTOR;

		if (at >= w->vault.at && at < w->vault.end && w->survey.look[i] == LOOK_DATA)
			w->survey.look[i] = LOOK_PACKED;
	}
}

int analysis_run(struct flash *flash, const struct analysis_hint *hint, struct analysis *a,
		 char **letters, struct err *e)
{
	AUTO(work_free) struct work *w = calloc(1, sizeof *w);

	memset(a, 0, sizeof *a);
	if (!w)
		return err_set(e, ERR_MEMORY, "out of memory for an analysis");
	if (flash->size > FLASH_MAX)
		return err_set(e, ERR_UNPROCESSABLE, "content above %u MiB is not analysed",
			       FLASH_MAX >> 20);
	w->flash = flash;
	w->a = a;
	if (identify_kind(w, hint, e) < 0 || look(w, e) < 0 || understand(w, e) < 0)
		return -1;
	settle(a);
	mark_vault(w);
	if (letters)
		*letters = TAKE(w->survey.look);
	return 0;
}

const struct partition *analysis_partition_at(const struct analysis *a, uint32_t addr)
{
	for (size_t i = 0; i < a->partitions; i++)
		if (addr >= a->partition[i].offset &&
		    addr - a->partition[i].offset < a->partition[i].length)
			return &a->partition[i];
	return NULL;
}

const struct partition *analysis_partition(const struct analysis *a, const char *name)
{
	for (size_t i = 0; i < a->partitions; i++)
		if (!strcmp(a->partition[i].name, name))
			return &a->partition[i];
	return NULL;
}

bool analysis_mac_text(const struct analysis *a, char text[RF_MAC_TEXT])
{
	struct rf_finder finder = { .found = a->has_mac };

	memcpy(finder.mac, a->mac, sizeof finder.mac);
	return rf_mac_text(&finder, text);
}

static const char *title(enum banner_kind kind)
{
	switch (kind) {
	case BANNER_UNKNOWN: return "unknown firmware";
	case BANNER_TUYA: return "Tuya";
	case BANNER_OPENBEKEN: return "OpenBeken";
	case BANNER_ESPHOME: return "ESPHome";
	case BANNER_LIBRETINY: return "LibreTiny";
	}
	return "";
}

/* What is there of it, one behind the other. */
void analysis_summary(const struct analysis *a, char text[ANALYSIS_SUMMARY])
{
	const bool named = a->firmware != BANNER_OPENBEKEN && a->name.text[0];
	char chip[SOC_TEXT];

	soc_text(a->socs, chip);
	if (!strcmp(a->kind, "erased")) {
		snprintf(text, ANALYSIS_SUMMARY, "erased");
		return;
	}
	if (a->firmware == BANNER_UNKNOWN && (!strcmp(a->kind, "rbl") || !strcmp(a->kind, "ug"))) {
		const struct rbl *rbl = &a->container[0];

		snprintf(text, ANALYSIS_SUMMARY, "a container for an update%s%s%s%s",
			 a->containers ? ": " : "", rbl->name, a->containers ? " " : "",
			 rbl->version);
		return;
	}
	if (a->firmware == BANNER_UNKNOWN && !a->socs && a->key_fact.sure == SURE_NOT) {
		snprintf(text, ANALYSIS_SUMMARY, "nothing that is known here");
		return;
	}
	snprintf(text, ANALYSIS_SUMMARY, "%s%s%.60s%s%.30s%s%s", title(a->firmware),
		 named ? " " : "", named ? a->name.text : "", a->version.text[0] ? " " : "",
		 a->version.text, chip[0] ? " on " : "", chip);
}
