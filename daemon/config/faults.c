#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "config.h"
#include "fault.h"
#include "key.h"
#include "parse.h"
#include "text.h"
#include "value.h"

static int parse_number(const char *text, void *field)
{
	return parse_u64(text, UINT64_MAX, field);
}

static int parse_odds(const char *text, void *field)
{
	return parse_chance(text, field);
}

static int parse_stuck(const char *text, void *field)
{
	static const char *const names[] = {
		[FAULT_STUCK_NONE] = "none",
		[FAULT_STUCK_HIGH] = "high",
		[FAULT_STUCK_LOW] = "low",
		[FAULT_STUCK_LOOP] = "loop",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!strcmp(names[i], text)) {
			*(enum fault_stuck *)field = (enum fault_stuck)i;
			return 0;
		}
	}
	return -1;
}

#define NUMBER parse_number, "a whole number"
#define CHANCE parse_odds, "a chance from 0 to 1"
#define STUCK  parse_stuck, "none, high, low or loop"

static const struct fault {
	const char *name;
	int (*parse)(const char *text, void *field);
	const char *wants;
	size_t offset;
} faults[] = {
	{ "seed", NUMBER, offsetof(struct fault_plan, seed) },
	{ "flip", CHANCE, offsetof(struct fault_plan, flip) },
	{ "short", CHANCE, offsetof(struct fault_plan, short_) },
	{ "drop", CHANCE, offsetof(struct fault_plan, drop) },
	{ "stuck", STUCK, offsetof(struct fault_plan, stuck) },
	{ "write_lie", CHANCE, offsetof(struct fault_plan, write_lie) },
	{ "die_after", NUMBER, offsetof(struct fault_plan, die_after) },
	{ "uart_drop", CHANCE, offsetof(struct fault_plan, uart_drop) },
	{ "uart_twice", CHANCE, offsetof(struct fault_plan, uart_twice) },
	{ "uart_flip", CHANCE, offsetof(struct fault_plan, uart_flip) },
	{ "uart_no_crc", NUMBER, offsetof(struct fault_plan, uart_no_crc) },
	{ "uart_deaf", NUMBER, offsetof(struct fault_plan, uart_deaf) },
};

/* The fault that a word NAME=VALUE names, or the number of faults. */
static size_t fault_of(const char *word, size_t name_len)
{
	size_t i = 0;

	while (i < ARRAY_LEN(faults) &&
	       (strlen(faults[i].name) != name_len || strncmp(faults[i].name, word, name_len) != 0))
		i++;
	return i;
}

/* One NAME=VALUE into the plan; *seen has a bit for each fault that was named before. */
static int take_word(const char *word, struct fault_plan *plan, unsigned *seen, struct err *e)
{
	const size_t name_len = strcspn(word, "="), i = fault_of(word, name_len);
	char quoted[TEXT_QUOTED];

	text_quote(word, quoted);
	if (i == ARRAY_LEN(faults))
		return err_set(
			e, ERR_BAD_INPUT,
			"%s names no fault: seed, flip, short, drop, stuck, write_lie, die_after, "
			"uart_drop, uart_twice, uart_flip, uart_no_crc, uart_deaf",
			quoted);
	if (*seen & 1u << i)
		return err_set(e, ERR_BAD_INPUT, "%s is there twice", faults[i].name);
	if (word[name_len] != '=' ||
	    faults[i].parse(word + name_len + 1, (char *)plan + faults[i].offset) < 0)
		return err_set(e, ERR_BAD_INPUT, "%s: %s wants %s", quoted, faults[i].name,
			       faults[i].wants);
	*seen |= 1u << i;
	return 0;
}

int value_faults(const struct key *key, const char *text, void *field, struct err *e)
{
	struct fault_plan plan = *(struct fault_plan *)field;
	unsigned seen = 0;

	(void)key;
	if (strlen(text) >= CONFIG_TEXT)
		return err_set(e, ERR_BAD_INPUT, "longer than %d bytes", CONFIG_TEXT - 1);
	for (const char *at = text; *(at += strspn(at, " \t")); at += strcspn(at, " \t")) {
		char word[CONFIG_TEXT];

		snprintf(word, sizeof word, "%.*s", (int)strcspn(at, " \t"), at);
		if (take_word(word, &plan, &seen, e) < 0)
			return -1;
	}
	*(struct fault_plan *)field = plan;
	return 0;
}
