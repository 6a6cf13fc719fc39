#include "file_name.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"

#define PIECE 41 /* bytes of a part of the name, with NUL */

static bool is_plain(char c)
{
	return (unsigned char)c < 0x80 && (isalnum((unsigned char)c) || c == '.');
}

/* Everything else becomes a '-', several of them one, none at the ends. */
static void sanitise(const char *text, char out[PIECE])
{
	size_t n = 0;

	for (; *text && n < PIECE - 1; text++) {
		if (is_plain(*text))
			out[n++] = *text;
		else if (n > 0 && out[n - 1] != '-')
			out[n++] = '-';
	}
	while (n > 0 && out[n - 1] == '-')
		n--;
	out[n] = '\0';
}

static size_t append(char *name, size_t at, const char *text)
{
	char piece[PIECE];

	sanitise(text, piece);
	return *piece ? at + (size_t)snprintf(name + at, FILE_NAME - at, "_%s", piece) : at;
}

/* "2026-11-22T10:35:24.123Z" -> "20261122" */
static void date(int64_t wall_ms, char text[CLOCK_TEXT])
{
	char full[CLOCK_TEXT];

	clock_wall_text(wall_ms, full);
	snprintf(text, CLOCK_TEXT, "%.4s%.2s%.2s", full, full + 5, full + 8);
}

void file_name(const struct dump *dump, char name[FILE_NAME])
{
	char day[CLOCK_TEXT];
	size_t at = (size_t)snprintf(name, FILE_NAME, "flashrig");

	date(dump->created_ms, day);
	at = append(name, at, dump->label[0] ? dump->label : dump->slot);
	at = append(name, at, dump->chip);
	at = append(name, at, dump->jedec_id);
	at = append(name, at, day);
	snprintf(name + at, FILE_NAME - at, "_0x%08X.bin", dump->content.crc32);
}

void file_name_of_image(const struct image *image, char name[FILE_NAME])
{
	const char *text = image->name + strspn(image->name, ".");
	size_t n = 0;

	for (; *text && n < FILE_NAME - 1; text++)
		name[n++] = is_plain(*text) || *text == '_' ? *text : '-';
	name[n] = '\0';
	if (n == 0)
		snprintf(name, FILE_NAME, "image.bin");
}
