#include <stdlib.h>

#include "auto.h"
#include "check.h"
#include "client.h"
#include "plain.h"
#include "table.h"

static const struct column columns[] = {
	{ "NAME", "name", COLUMN_TEXT },
	{ "SIZE", "chip.size", COLUMN_BYTES },
	{ "AT", "at", COLUMN_ADDRESS },
	{ "WHEN", "when", COLUMN_TIME },
};

static char *print(const char *json, bool list)
{
	AUTO(auto_cjson) cJSON *parsed = cJSON_Parse(json);
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	if (!to)
		return NULL;
	if (list)
		table_list(parsed, columns, ARRAY_LEN(columns), to);
	else
		table_object(parsed, columns, ARRAY_LEN(columns), to);
	fclose(to);
	return text;
}

static void columns_are_as_wide_as_what_stands_in_them(void)
{
	AUTO(auto_free)
	char *text = print("[{\"name\":\"höhe\",\"chip\":{\"size\":4194304},\"at\":69632,\"when\":"
			   "\"2026-11-22T10:35:24.123Z\"},"
			   "{\"name\":\"a\",\"chip\":null,\"at\":null,\"when\":null}]",
			   true);

	CHECK(text);
	CHECK(!strcmp(text, "NAME   SIZE       AT  WHEN\n"
			    "höhe  4 MiB  0x11000  2026-11-22 10:35:24\n"
			    "a         -        -  -\n"));
}

static void an_object_shows_what_it_has(void)
{
	AUTO(auto_free) char *text = print("{\"name\":\"x\",\"at\":16}", false);

	CHECK(text && !strcmp(text, "NAME  x\nAT    0x10\n"));
}

static void no_answer_can_move_the_cursor(void)
{
	AUTO(auto_free) char *text = print("[{\"name\":\"a\\u001b[2J\\nb\\u009bc\"}]", true);

	CHECK(text && !strchr(text, '\033') && strstr(text, "a?[2J?b"));
	CHECK(!strstr(text, "\xc2\x9b"));
}

static void wrong_types_are_no_crash(void)
{
	AUTO(auto_free)
	char *a = print(
		"[1,\"x\",null,{\"name\":[1,\"b\",null],\"chip\":5,\"at\":\"x\",\"when\":1e300}]",
		true);
	AUTO(auto_free) char *b = print("\"text\"", true);

	CHECK(a && b && strstr(a, "1, b, "));
}

static void sizes_and_times_read_well(void)
{
	char text[40];

	plain_bytes(1536, text, sizeof text);
	CHECK(!strcmp(text, "1.5 KiB"));
	plain_bytes(999, text, sizeof text);
	CHECK(!strcmp(text, "999 B"));
	plain_seconds(3723, text, sizeof text);
	CHECK(!strcmp(text, "1:02:03"));
	plain_seconds(5, text, sizeof text);
	CHECK(!strcmp(text, "5 s"));
}

static const struct check checks[] = {
	{ "columns are as wide as what stands in them",
	  columns_are_as_wide_as_what_stands_in_them },
	{ "an object shows what it has", an_object_shows_what_it_has },
	{ "no answer can move the cursor", no_answer_can_move_the_cursor },
	{ "wrong types are no crash", wrong_types_are_no_crash },
	{ "sizes and times read well", sizes_and_times_read_well },
};

CHECK_MAIN(checks)
