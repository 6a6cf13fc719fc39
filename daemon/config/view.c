#include "view.h"

#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "hash.h"
#include "key.h"
#include "text.h"

/* Each writes what the field holds; *at has kind VIEW_TEXT and an empty text. */
typedef void show(const void *field, const struct config_slot *slot, struct view *at);

static void show_text(const void *field, const struct config_slot *slot, struct view *at)
{
	(void)slot;
	snprintf(at->text, sizeof at->text, "%s", (const char *)field);
}

static void show_number(double number, enum view_kind kind, struct view *at)
{
	at->kind = kind;
	at->number = number;
}

static void show_count(const void *field, const struct config_slot *slot, struct view *at)
{
	(void)slot;
	show_number(*(const uint32_t *)field, VIEW_NUMBER, at);
}

static void show_byte(const void *field, const struct config_slot *slot, struct view *at)
{
	(void)slot;
	show_number(*(const uint8_t *)field, VIEW_NUMBER, at);
}

static void show_bool(const void *field, const struct config_slot *slot, struct view *at)
{
	(void)slot;
	show_number(*(const bool *)field, VIEW_BOOL, at);
}

static void show_size(const void *field, const struct config_slot *slot, struct view *at)
{
	(void)slot;
	text_size(*(const uint64_t *)field, at->text);
}

static void show_duration(const void *field, const struct config_slot *slot, struct view *at)
{
	(void)slot;
	text_duration(*(const uint64_t *)field, at->text);
}

static void show_chance(const void *field, const struct config_slot *slot, struct view *at)
{
	(void)slot;
	show_number(*(const double *)field, VIEW_NUMBER, at);
}

static void show_listen(const void *field, const struct config_slot *slot, struct view *at)
{
	const struct config_listen *listen = field;
	const bool v6 = strchr(listen->host, ':') != NULL;

	(void)slot;
	snprintf(at->text, sizeof at->text, "%s%s%s:%u", v6 ? "[" : "", listen->host, v6 ? "]" : "",
		 listen->port);
}

static void show_board(const void *field, const struct config_slot *slot, struct view *at)
{
	(void)slot;
	snprintf(at->text, sizeof at->text, "%s",
		 *(const enum config_board *)field == CONFIG_LINUX ? "linux" : "sim");
}

static void show_save(const void *field, const struct config_slot *slot, struct view *at)
{
	(void)slot;
	snprintf(at->text, sizeof at->text, "%s",
		 config_save_name(*(const enum config_save *)field));
}

static void show_target(const void *field, const struct config_slot *slot, struct view *at)
{
	const struct target *target = *(const struct target *const *)field;

	(void)slot;
	snprintf(at->text, sizeof at->text, "%s", target ? target->name : "");
}

static void show_chip(const void *field, const struct config_slot *slot, struct view *at)
{
	const struct nor_part *chip = *(const struct nor_part *const *)field;

	(void)slot;
	if (chip)
		snprintf(at->text, sizeof at->text, "%06X", chip->jedec_id);
}

static void show_unique_id(const void *field, const struct config_slot *slot, struct view *at)
{
	if (slot->has_unique_id)
		hash_hex(field, sizeof slot->unique_id, at->text);
}

static void show_faults(const void *field, const struct config_slot *slot, struct view *at)
{
	static const char *const stuck[] = {
		[FAULT_STUCK_NONE] = "none",
		[FAULT_STUCK_HIGH] = "high",
		[FAULT_STUCK_LOW] = "low",
		[FAULT_STUCK_LOOP] = "loop",
	};
	const struct fault_plan *p = field;

	(void)slot;
	snprintf(at->text, sizeof at->text,
		 "seed=%ju flip=%g short=%g drop=%g stuck=%s write_lie=%g die_after=%ju",
		 (uintmax_t)p->seed, p->flip, p->short_, p->drop, stuck[p->stuck], p->write_lie,
		 (uintmax_t)p->die_after);
}

static const struct {
	value_parse *parse;
	show *show;
} shows[] = {
	{ value_text, show_text },     { value_name, show_text },
	{ value_path, show_text },     { value_line, show_text },
	{ value_hosts, show_text },    { value_addresses, show_text },
	{ value_count, show_count },   { value_byte, show_byte },
	{ value_size, show_size },     { value_duration, show_duration },
	{ value_bool, show_bool },     { value_chance, show_chance },
	{ value_listen, show_listen }, { value_board, show_board },
	{ value_target, show_target }, { value_chip, show_chip },
	{ value_faults, show_faults }, { value_unique_id, show_unique_id },
	{ value_save, show_save },
};

bool view_knows(value_parse *parse)
{
	for (size_t i = 0; i < ARRAY_LEN(shows); i++)
		if (shows[i].parse == parse)
			return true;
	return false;
}

static void see(const struct key *key, const void *base, const struct config_slot *slot,
		struct viewer *viewer)
{
	struct view view = { .section = key_section_name(key->section),
			     .slot = slot ? slot->name : NULL,
			     .key = key->name,
			     .kind = VIEW_TEXT };

	for (size_t i = 0; i < ARRAY_LEN(shows); i++)
		if (shows[i].parse == key->parse)
			shows[i].show((const char *)base + key->offset, slot, &view);
	if (view.kind == VIEW_TEXT && !view.text[0])
		view.kind = VIEW_NOTHING;
	viewer->see(viewer, &view);
}

static void see_slot(const struct config_slot *slot, struct viewer *viewer)
{
	size_t n;
	const struct key *table = keys(&n);

	for (size_t i = 0; i < n; i++)
		if (table[i].section == KEY_SLOT && table[i].boards & 1u << slot->board)
			see(&table[i], slot, slot, viewer);
}

void config_view(const struct config *config, struct viewer *viewer)
{
	size_t n;
	const struct key *table = keys(&n);

	for (size_t i = 0; i < n; i++)
		if (table[i].section != KEY_SLOT)
			see(&table[i], config, NULL, viewer);
	for (size_t i = 0; i < config->n_slots; i++)
		see_slot(&config->slots[i], viewer);
}
