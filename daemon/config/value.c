#include "value.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "config.h"
#include "hash.h"
#include "key.h"
#include "parse.h"
#include "text.h"

/* `"8 apples" is WHAT`. */
static int wrong(struct err *e, const char *text, const char *what)
{
	char quoted[TEXT_QUOTED];

	text_quote(text, quoted);
	return err_set(e, ERR_BAD_INPUT, "%s is %s", quoted, what);
}

static int copy(char *field, size_t size, const char *text, struct err *e)
{
	const size_t len = strlen(text);

	if (len >= size) {
		char what[48];

		snprintf(what, sizeof what, "longer than %zu bytes", size - 1);
		return wrong(e, text, what);
	}
	memcpy(field, text, len + 1);
	return 0;
}

int value_text(const struct key *key, const char *text, void *field, struct err *e)
{
	return copy(field, key->max, text, e);
}

int value_path(const struct key *key, const char *text, void *field, struct err *e)
{
	(void)key;
	return copy(field, CONFIG_TEXT, text, e);
}

int value_name(const struct key *key, const char *text, void *field, struct err *e)
{
	(void)key;
	if (!text_is_name(text))
		return wrong(e, text, "no name: letters, digits, - _ . up to 63");
	return copy(field, CONFIG_NAME, text, e);
}

/* [!]NAME or [!]CHIP:OFFSET. */
int value_line(const struct key *key, const char *text, void *field, struct err *e)
{
	const char *name = text + (text[0] == '!'), *colon = strchr(name, ':');
	const size_t len = strcspn(name, ": \t");
	uint64_t offset;

	(void)key;
	if (len == 0 || (name[len] != '\0' && name[len] != ':') ||
	    (colon && parse_u64(colon + 1, UINT16_MAX, &offset) < 0))
		return wrong(e, text, "no GPIO line: write GPIO22, gpiochip0:22, or !GPIO22");
	return copy(field, CONFIG_NAME, text, e);
}

static bool is_host(const char *word, size_t len)
{
	return strspn(word, TEXT_NAME_CHARS) >= len;
}

static bool is_address(const char *word, size_t len)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (len >= sizeof text)
		return false;
	memcpy(text, word, len);
	text[len] = '\0';
	return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1;
}

/* Words with spaces or commas between them; what says what they should be. */
static int take_list(const char *text, bool (*is_one)(const char *word, size_t len),
		     const char *what, char *field, struct err *e)
{
	char list[CONFIG_TEXT];
	size_t used = 0;

	if (strlen(text) >= sizeof list)
		return copy(field, CONFIG_TEXT, text, e);
	for (const char *at = text; *(at += strspn(at, " \t,")); at += strcspn(at, " \t,")) {
		const size_t len = strcspn(at, " \t,");

		if (!is_one(at, len))
			return wrong(e, text, what);
		if (used)
			list[used++] = ' ';
		memcpy(list + used, at, len);
		used += len;
	}
	list[used] = '\0';
	return copy(field, CONFIG_TEXT, list, e);
}

int value_hosts(const struct key *key, const char *text, void *field, struct err *e)
{
	(void)key;
	return take_list(text, is_host, "no list of host names", field, e);
}

int value_addresses(const struct key *key, const char *text, void *field, struct err *e)
{
	(void)key;
	return take_list(text, is_address, "no list of IP addresses", field, e);
}

int value_count(const struct key *key, const char *text, void *field, struct err *e)
{
	char what[96];
	uint64_t value;

	snprintf(what, sizeof what, "no whole number from %ju to %ju", (uintmax_t)key->min,
		 (uintmax_t)key->max);
	if (parse_u64(text, key->max, &value) < 0 || value < key->min)
		return wrong(e, text, what);
	*(uint32_t *)field = (uint32_t)value;
	return 0;
}

int value_byte(const struct key *key, const char *text, void *field, struct err *e)
{
	uint64_t value;

	(void)key;
	if (parse_u64(text, 0xff, &value) < 0)
		return wrong(e, text, "no number from 0 to 0xff");
	*(uint8_t *)field = (uint8_t)value;
	return 0;
}

int value_size(const struct key *key, const char *text, void *field, struct err *e)
{
	char min[TEXT_NUMBER], max[TEXT_NUMBER], what[96];
	uint64_t value;

	text_size(key->min, min);
	text_size(key->max, max);
	snprintf(what, sizeof what, "no size from %s to %s (units: K, M, G)", min, max);
	if (parse_size(text, key->max, &value) < 0 || value < key->min)
		return wrong(e, text, what);
	*(uint64_t *)field = value;
	return 0;
}

int value_duration(const struct key *key, const char *text, void *field, struct err *e)
{
	char min[TEXT_NUMBER], max[TEXT_NUMBER], what[96];
	uint64_t value;

	text_duration(key->min, min);
	text_duration(key->max, max);
	snprintf(what, sizeof what, "no duration from %s to %s (units: ms, s, min, h)", min, max);
	if (parse_duration_ms(text, key->max, &value) < 0 || value < key->min)
		return wrong(e, text, what);
	*(uint64_t *)field = value;
	return 0;
}

int value_bool(const struct key *key, const char *text, void *field, struct err *e)
{
	(void)key;
	if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
		return wrong(e, text, "neither yes nor no");
	*(bool *)field = text[0] == 'y';
	return 0;
}

const char *config_save_name(enum config_save save)
{
	switch (save) {
	case CONFIG_SAVE_NO: return "no";
	case CONFIG_SAVE_YES: return "yes";
	case CONFIG_SAVE_LIVE: break;
	}
	return "live";
}

int value_save(const struct key *key, const char *text, void *field, struct err *e)
{
	(void)key;
	for (enum config_save save = CONFIG_SAVE_NO; save <= CONFIG_SAVE_LIVE; save++) {
		if (strcmp(text, config_save_name(save)) != 0)
			continue;
		*(enum config_save *)field = save;
		return 0;
	}
	return wrong(e, text, "neither yes nor no nor live");
}

int value_chance(const struct key *key, const char *text, void *field, struct err *e)
{
	(void)key;
	if (parse_chance(text, field) < 0)
		return wrong(e, text, "no chance from 0 to 1");
	return 0;
}

int value_listen(const struct key *key, const char *text, void *field, struct err *e)
{
	(void)key;
	return config_listen_parse(text, field, e);
}

int value_board(const struct key *key, const char *text, void *field, struct err *e)
{
	(void)key;
	if (strcmp(text, "linux") != 0 && strcmp(text, "sim") != 0)
		return wrong(e, text, "no board: linux or sim");
	*(enum config_board *)field = text[0] == 'l' ? CONFIG_LINUX : CONFIG_SIM;
	return 0;
}

static int target_unknown(const char *text, struct err *e)
{
	char what[200] = "no target: ";
	size_t n, used = strlen(what);
	const struct target *all = targets(&n);

	for (size_t i = 0; i < n && used < sizeof what; i++)
		used += (size_t)snprintf(what + used, sizeof what - used, "%s%s", i ? ", " : "",
					 all[i].name);
	return wrong(e, text, what);
}

int value_target(const struct key *key, const char *text, void *field, struct err *e)
{
	const struct target *target = target_by_name(text);

	(void)key;
	if (!target)
		return target_unknown(text, e);
	*(const struct target **)field = target;
	return 0;
}

int value_chip(const struct key *key, const char *text, void *field, struct err *e)
{
	const struct nor_part *part = nor_part_by_name(text, e);

	(void)key;
	if (!part)
		return -1;
	*(const struct nor_part **)field = part;
	return 0;
}

int value_unique_id(const struct key *key, const char *text, void *field, struct err *e)
{
	(void)key;
	if (hash_unhex(text, field, sizeof((struct config_slot *)0)->unique_id) < 0)
		return wrong(e, text, "no unique ID: 16 hex digits");
	return 0;
}
