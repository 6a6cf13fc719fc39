/*
 * The kinds of value a key can have: each turns text into a field or says why not. A field is
 * written on success only.
 */
#pragma once

#include <stdint.h>

#include "err.h"

struct key;

/* Errors: ERR_BAD_INPUT with a text such as `"8 apples" is no whole number from 1 to 9`. */
typedef int value_parse(const struct key *key, const char *text, void *field, struct err *e);

value_parse value_text;      /* char[]; key->max: its size */
value_parse value_name;      /* char[CONFIG_NAME]: letters, digits, - _ . */
value_parse value_path;      /* char[CONFIG_TEXT] */
value_parse value_line;      /* char[CONFIG_NAME]: a GPIO line */
value_parse value_hosts;     /* char[CONFIG_TEXT]: host names, separated by one space */
value_parse value_addresses; /* char[CONFIG_TEXT]: IP addresses, separated by one space */
value_parse value_count;     /* uint32_t within key->min and max */
value_parse value_byte;      /* uint8_t */
value_parse value_size;      /* uint64_t, bytes */
value_parse value_duration;  /* uint64_t, ms */
value_parse value_bool;      /* bool */
value_parse value_save;      /* enum config_save */
value_parse value_chance;    /* double */
value_parse value_listen;    /* struct config_listen */
value_parse value_board;     /* enum config_board */
value_parse value_target;    /* const struct target * */
value_parse value_chip;      /* const struct nor_part * */
value_parse value_faults;    /* struct fault_plan */
value_parse value_unique_id; /* uint8_t[8] */
