#include "loader.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "key.h"
#include "problems.h"
#include "reader.h"
#include "text.h"

struct loader {
	struct reader reader;
	const char *file;
	struct config_problems *problems;
	struct config config;
	enum key_section section;
	char title[TEXT_SHORT]; /* of the section: "slot left"; "" before the first */

	/* Of the slot that is being read. Its keys may come in any order, so what they mean
	 * together is looked at when it ends. */
	struct config_slot slot;
	unsigned slot_line;
	unsigned seen[KEY_MAX]; /* line of each key; 0: not there */
};

PRINTF(4, 5)
static void problem(struct loader *loader, unsigned line, const char *key, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	problems_add(loader->problems, loader->file, line, "[%s]%s%s%s%s", loader->title,
		     key ? " " : "", key ? key : "", key ? ": " : " ", text);
}

static unsigned *seen_key(struct loader *loader, const struct key *key)
{
	size_t n;

	return &loader->seen[key - keys(&n)];
}

/* The line of a key, 0 when it is not there. */
static unsigned seen_in(struct loader *loader, enum key_section section, const char *name)
{
	const struct key *key = key_find(section, name);

	assert(key);
	return *seen_key(loader, key);
}

static unsigned seen_line(struct loader *loader, const char *name)
{
	return seen_in(loader, KEY_SLOT, name);
}

/* ---- what the keys of a slot mean together */

static const char *board_word(const struct loader *loader)
{
	return loader->slot.board == CONFIG_SIM ? "sim" : "linux";
}

/* Every key is one that this kind of board has, and none is missing. */
static void check_keys(struct loader *loader)
{
	const unsigned board = 1u << loader->slot.board;
	size_t n;
	const struct key *all = keys(&n);

	for (size_t i = 0; i < n; i++) {
		if (all[i].section != KEY_SLOT)
			continue;
		if (loader->seen[i] && !(all[i].boards & board))
			problem(loader, loader->seen[i], all[i].name,
				"does not belong to a slot with board = %s", board_word(loader));
		if (!loader->seen[i] && all[i].required & board)
			problem(loader, loader->slot_line, all[i].name,
				"is missing: board = %s needs it", board_word(loader));
	}
}

/* What is said to be none is not there. */
static bool is_none(char *text)
{
	if (strcmp(text, "none") != 0)
		return false;
	text[0] = '\0';
	return true;
}

/* Where the pads are out of reach, the UART of a Beken part will do. */
static void check_spi(struct loader *loader)
{
	struct config_slot *slot = &loader->slot;
	const bool sim = slot->board == CONFIG_SIM;
	const bool by_uart = slot->uart[0] && slot->target && slot->target->enters_spi_mode;

	slot->no_spi = is_none(slot->spi);
	if (sim && slot->spi[0])
		problem(loader, seen_line(loader, "spi"), "spi",
			"board = sim has a simulated one: leave it out, or write none");
	if (!by_uart && (sim ? slot->no_spi : !slot->spi[0]))
		problem(loader, slot->no_spi ? seen_line(loader, "spi") : loader->slot_line, "spi",
			"is missing: without it a slot needs a uart, and a chip that has one");
	if (!sim && !slot->spi[0] && slot->cs[0])
		problem(loader, seen_line(loader, "cs"), "cs", "is for an spi, and there is none");
}

static void check_cen(struct loader *loader)
{
	struct config_slot *slot = &loader->slot;

	slot->no_cen = is_none(slot->cen);
	if (slot->board == CONFIG_LINUX && slot->spi[0] && slot->target &&
	    slot->target->enters_spi_mode && !slot->cen[0])
		problem(loader, loader->slot_line, "cen",
			"is missing: a %s enters SPI mode by a reset", slot->target->name);
}

static void check_uart(struct loader *loader)
{
	const struct config_slot *slot = &loader->slot;
	const bool is_sim = !strcmp(slot->uart, "sim");

	if (slot->uart[0] && slot->board == CONFIG_SIM && !is_sim)
		problem(loader, seen_line(loader, "uart"), "uart",
			"a simulated board has only a simulated one: uart = sim");
	if (slot->uart[0] && slot->board == CONFIG_LINUX && is_sim)
		problem(loader, seen_line(loader, "uart"), "uart",
			"a real board has no simulated one: write a device such as /dev/ttyAMA1");
}

static void check_image(struct loader *loader)
{
	if (loader->slot.image_save && !seen_line(loader, "image"))
		problem(loader, seen_line(loader, "image_save"), "image_save",
			"there is no image to save to");
}

/* Which other keys there may be hangs on the board: without one, no more can be said. */
static void check_boardless(struct loader *loader)
{
	if (!seen_line(loader, "board"))
		problem(loader, loader->slot_line, "board", "is missing: linux or sim");
	if (!seen_line(loader, "target"))
		problem(loader, loader->slot_line, "target", "is missing");
}

static void check_slot(struct loader *loader)
{
	if (loader->slot.board == CONFIG_BOARD_NONE) {
		check_boardless(loader);
		return;
	}
	check_keys(loader);
	check_spi(loader);
	check_cen(loader);
	check_uart(loader);
	check_image(loader);
}

/* ---- sections */

static void end_section(struct loader *loader)
{
	struct err e;

	if (loader->section != KEY_SLOT)
		return;
	check_slot(loader);
	loader->slot.has_unique_id = seen_line(loader, "unique_id") != 0;
	if (loader->config.n_slots < CONFIG_SLOTS &&
	    config_slot_add(&loader->config, &loader->slot, &e) < 0)
		problem(loader, loader->slot_line, NULL, "%s", e.text);
}

static bool slot_exists(const struct loader *loader, const char *name)
{
	for (size_t i = 0; i < loader->config.n_slots; i++)
		if (!strcmp(loader->config.slots[i].name, name))
			return true;
	return false;
}

/* A slot with a bad name is read like any other, so that its other mistakes are told too. */
static void begin_slot(struct loader *loader, const char *name)
{
	size_t n;
	const struct key *all = keys(&n);

	if (!text_is_name(name))
		problem(loader, loader->reader.line, NULL,
			"is no slot name: letters, digits, - _ . up to 63");
	else if (slot_exists(loader, name))
		problem(loader, loader->reader.line, NULL, "is there twice");
	if (loader->config.n_slots == CONFIG_SLOTS)
		problem(loader, loader->reader.line, NULL, "is more than the %u slots there may be",
			CONFIG_SLOTS);
	config_slot_default(&loader->slot, name);
	loader->slot_line = loader->reader.line;
	for (size_t i = 0; i < n; i++)
		if (all[i].section == KEY_SLOT)
			loader->seen[i] = 0;
}

/* "slot left" -> KEY_SLOT and *rest "left". */
static enum key_section section_of(const char *name, const char **rest)
{
	const size_t word = strcspn(name, " \t");
	enum key_section section;
	char first[16];

	snprintf(first, sizeof first, "%.*s", (int)word, name);
	section = word < sizeof first ? key_section(first) : KEY_NOWHERE;
	*rest = name + word + strspn(name + word, " \t");
	return section == KEY_SLOT || !**rest ? section : KEY_NOWHERE;
}

static void on_section(struct reader *reader, const char *name)
{
	struct loader *loader = (struct loader *)reader;
	const char *rest;

	end_section(loader);
	text_shorten(name, loader->title);
	loader->section = section_of(name, &rest);
	if (loader->section == KEY_NOWHERE)
		problem(loader, reader->line, NULL,
			"is no section: rig, http, archive or slot NAME");
	if (loader->section == KEY_SLOT)
		begin_slot(loader, rest);
}

/* ---- keys */

static void unknown_key(struct loader *loader, const char *name)
{
	char known[320], cut[TEXT_SHORT];

	text_shorten(name, cut);
	key_names(loader->section, known, sizeof known);
	problem(loader, loader->reader.line, cut, "unknown key; there are %s", known);
}

static void take_value(struct loader *loader, const struct key *key, const char *value)
{
	char *base = loader->section == KEY_SLOT ? (char *)&loader->slot : (char *)&loader->config;
	struct err e;

	if (!value[0])
		problem(loader, loader->reader.line, key->name, "has no value");
	else if (key->parse(key, value, base + key->offset, &e) < 0)
		problem(loader, loader->reader.line, key->name, "%s", e.text);
}

static void on_pair(struct reader *reader, const char *name, const char *value)
{
	struct loader *loader = (struct loader *)reader;
	const struct key *key = key_find(loader->section, name);
	unsigned *seen = key ? seen_key(loader, key) : NULL;

	if (!loader->title[0])
		problems_add(loader->problems, loader->file, reader->line,
			     "stands before the first section");
	if (loader->section == KEY_NOWHERE)
		return;
	if (!key) {
		unknown_key(loader, name);
		return;
	}
	if (*seen)
		problem(loader, reader->line, key->name, "is there twice, first in line %u", *seen);
	else
		*seen = reader->line;
	take_value(loader, key, value);
}

static void on_fault(struct reader *reader, const char *what)
{
	struct loader *loader = (struct loader *)reader;

	problems_add(loader->problems, loader->file, reader->line, "the line %s", what);
}

/* ---- the whole file */

static void check_tls(struct loader *loader)
{
	const unsigned cert = seen_in(loader, KEY_HTTP, "tls_cert");
	const unsigned key = seen_in(loader, KEY_HTTP, "tls_key");

	if (!cert != !key)
		problems_add(loader->problems, loader->file, cert ? cert : key,
			     "[http] %s: does not work without %s", cert ? "tls_cert" : "tls_key",
			     cert ? "tls_key" : "tls_cert");
}

int config_parse(const char *file, const char *text, size_t len, struct config *config,
		 struct config_problems *problems)
{
	static const struct reader_ops ops = { .section = on_section,
					       .pair = on_pair,
					       .fault = on_fault };
	struct loader loader = { .reader.ops = &ops, .file = file, .problems = problems };
	const size_t before = problems->n;

	config_default(&loader.config);
	reader_run(&loader.reader, text, len);
	end_section(&loader);
	check_tls(&loader);
	if (problems->n > before) {
		config_done(&loader.config);
		return -1;
	}
	*config = loader.config;
	return 0;
}
