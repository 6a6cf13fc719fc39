/* What a daemon, or something that stands in its place, sends to the command line: events and objects. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "sse.h"
#include "table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct column columns[] = {
	{ "ID", "id", COLUMN_NUMBER },
	{ "SIZE", "chip.size", COLUMN_BYTES },
	{ "AT", "progress.done", COLUMN_ADDRESS },
	{ "WHEN", "created_at", COLUMN_TIME },
	{ "TAGS", "tags", COLUMN_TEXT },
};

/* Nothing that a terminal would obey may come out. */
static void check_clean(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' && text[i] != '\n')
			abort();
}

static int show(struct sse *sse, const char *type, const char *data, struct err *e)
{
	AUTO(auto_cjson) cJSON *json = cJSON_Parse(data);
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	(void)sse, (void)type, (void)e;
	if (to) {
		table_list(json, columns, ARRAY_LEN(columns), to);
		table_object(json, columns, ARRAY_LEN(columns), to);
		fclose(to);
		check_clean(text, len);
	}
	free(text);
	return 0;
}

/* The first byte says in what pieces the rest comes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t step = size ? 1u + data[0] : 1;
	struct sse sse;
	struct err e;

	sse_init(&sse, show);
	for (size_t at = 1; at < size; at += step)
		if (sse.sink.write(&sse.sink, data + at, size - at < step ? size - at : step, &e) <
		    0)
			break;
	sse_done(&sse);
	return 0;
}
