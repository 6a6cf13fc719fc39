#include "table.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "plain.h"

#define CELL 400
#define GAP  2

static void print_cell(const cJSON *object, const struct column *column, char out[CELL])
{
	char raw[CELL];

	plain_field(object, column->path, raw, sizeof raw);
	memcpy(out, raw, CELL);
	if (!raw[0])
		return;
	switch (column->kind) {
	case COLUMN_TEXT:
	case COLUMN_NUMBER: return;
	case COLUMN_BYTES: plain_bytes(plain_int(object, column->path, 0), out, CELL); return;
	case COLUMN_TIME: plain_time(raw, out, CELL); return;
	case COLUMN_ADDRESS:
		snprintf(out, CELL, "0x%" PRIx64, (uint64_t)plain_int(object, column->path, 0));
		return;
	}
}

static bool is_right(const struct column *column)
{
	return column->kind != COLUMN_TEXT && column->kind != COLUMN_TIME;
}

/* Trailing blanks would wrap a narrow terminal for nothing. */
static void put(const char *text, size_t width, bool right, bool last, FILE *to)
{
	const size_t has = plain_width(text), pad = width > has ? width - has : 0;

	if (right)
		fprintf(to, "%*s%s", (int)pad, "", text);
	else
		fprintf(to, "%s%*s", text, last ? 0 : (int)pad, "");
	fprintf(to, "%*s", last ? 0 : GAP, "");
	if (last)
		fputc('\n', to);
}

static void measure(const cJSON *array, const struct column *columns, size_t n, size_t *width)
{
	const cJSON *object;
	char cell[CELL];

	for (size_t i = 0; i < n; i++)
		width[i] = plain_width(columns[i].title);
	cJSON_ArrayForEach(object, array)
	{
		for (size_t i = 0; i < n; i++) {
			print_cell(object, &columns[i], cell);
			if (plain_width(cell) > width[i])
				width[i] = plain_width(cell);
		}
	}
}

void table_list(const cJSON *array, const struct column *columns, size_t n, FILE *to)
{
	AUTO(auto_free) size_t *width = calloc(n, sizeof *width);
	const cJSON *object;
	char cell[CELL];

	if (!width)
		return;
	measure(array, columns, n, width);
	for (size_t i = 0; i < n; i++)
		put(columns[i].title, width[i], is_right(&columns[i]), i + 1 == n, to);
	cJSON_ArrayForEach(object, array)
	{
		for (size_t i = 0; i < n; i++) {
			print_cell(object, &columns[i], cell);
			put(cell[0] ? cell : "-", width[i], is_right(&columns[i]), i + 1 == n, to);
		}
	}
}

void table_object(const cJSON *object, const struct column *columns, size_t n, FILE *to)
{
	size_t width = 0;
	char cell[CELL];

	for (size_t i = 0; i < n; i++)
		if (plain_width(columns[i].title) > width)
			width = plain_width(columns[i].title);
	for (size_t i = 0; i < n; i++) {
		print_cell(object, &columns[i], cell);
		if (cell[0])
			fprintf(to, "%-*s  %s\n", (int)width, columns[i].title, cell);
	}
}

void table_json(const cJSON *object, FILE *to)
{
	char *text = object ? cJSON_PrintUnformatted(object) : NULL;

	if (text)
		fprintf(to, "%s\n", text);
	free(text);
}
