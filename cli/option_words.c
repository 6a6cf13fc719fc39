#include "option_words.h"

#include <string.h>

#include "auto.h"

#define NAME 40

static const struct option_word words[] = {
	{ "all", NULL, "all there are; of an export the whole archive" },
	{ "backup", "WHEN", "auto (default): unless the archive has this content; always; never" },
	{ "batch", "BATCH", "only those of this batch" },
	{ "before", "ID", "only those behind this one" },
	{ "boot-pattern", "TEXT", "afterwards the board must print this on its log UART" },
	{ "boot-seconds", "N", "how long --boot-pattern waits" },
	{ "cancel-on-interrupt", NULL, "Ctrl-C cancels; a second one leaves" },
	{ "chip", "PART", "only those of this chip" },
	{ "config", "FILE", "the daemon's configuration, for its program" },
	{ "contains", "TEXT|0xHEX", "only those that hold this, with the addresses" },
	{ "crc32", "HEX", "only those whose CRC-32 begins so" },
	{ "data", "DIR", "the archive is DIR/archive.db, for the daemon's program" },
	{ "device", "DEVICE", "of this device; \"set --device\" moves a dump there" },
	{ "dump", "N,N,...", "these dumps" },
	{ "expect-jedec-id", "ID", "refuse any other chip" },
	{ "fill", "BYTE", "fill --length beyond the source, or all of it without one, 0 to 255" },
	{ "force", NULL,
	  "what is refused for safety: a file that is there, a last backup, a "
	  "foreign bootloader" },
	{ "fresh", NULL, "another board of its kind, erased" },
	{ "hands-free", NULL, "begin with each board that is put in, until \"batch N finish\"" },
	{ "jedec-id", "ID", "of chips with this ID" },
	{ "label", "TEXT", "the label; of a list: only those with it" },
	{ "length", "BYTES", "how many; 4096, 0x1000 or 4K" },
	{ "limit", "N", "at most so many; default 50" },
	{ "name", "NAME", "what to call it; default: the name of the file" },
	{ "no-wait", NULL, "do not wait for the end; prints the number" },
	{ "notes", "TEXT", "the notes" },
	{ "o", "FILE", "where to: a file, a folder, or - for standard output" },
	{ "offset", "BYTES", "the first address; 4096, 0x1000 or 4K" },
	{ "other", "DUMP", "mark what differs from this one" },
	{ "other-device", NULL, "the board is another one than the dump's" },
	{ "out", "FILE", "the same as -o" },
	{ "patience", "SECONDS", "wait so long for a daemon that is gone; default 60" },
	{ "preserve", "OFFSET+LENGTH,...", "leave these ranges as they are" },
	{ "q", "TEXT", "only those with this in label, notes and the like" },
	{ "scope", "SCOPE", "read, operate (jobs, uploads, labels) or admin" },
	{ "seconds", "N", "how long to record" },
	{ "secrets", NULL, "passwords and keys, too; for admins" },
	{ "sha256", "HEX", "only those whose SHA-256 begins so" },
	{ "sidecar", NULL, "also what is known of it, as JSON beside the file" },
	{ "since", "TIME", "only those made then or later; 2026-11-22, or a time in UTC" },
	{ "size", "BYTES", "only those of this size" },
	{ "slot", "SLOT", "only those of this slot" },
	{ "slots", "A,B,...", "in these slots" },
	{ "state", "STATE", "queued, running, done, failed, cancelled or interrupted" },
	{ "tag", "TAG", "only those with this tag" },
	{ "tags", "A,B,...", "all its tags" },
	{ "transport", "WIRES", "spi (default) or uart" },
	{ "type", "TYPE", "only those of this type" },
	{ "until", "TIME", "only those made before then" },
	{ "verified", "1|0", "only verified ones, or those that are not" },
};

const struct option_word *option_word(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strlen(words[i].name) == len && !memcmp(words[i].name, name, len))
			return &words[i];
	return NULL;
}

size_t option_distance(const char *a, size_t len, const char *b)
{
	size_t row[NAME + 1];
	const size_t width = strnlen(b, NAME);

	for (size_t j = 0; j <= width; j++)
		row[j] = j;
	for (size_t i = 1; i <= len; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= width; j++) {
			const size_t change = corner + (a[i - 1] != b[j - 1]);
			const size_t insert = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

			corner = row[j];
			row[j] = change < insert ? change : insert;
		}
	}
	return row[width];
}
