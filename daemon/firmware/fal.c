#include "fal.h"

#include "bytes.h"
#include "crc_grid.h"
#include "fact.h"

#include <ctype.h>
#include <zlib.h>

#define ENTRY      64u
#define NAME       4
#define DEVICE     28
#define OFFSET     52
#define LENGTH     56
#define SEAL       60
#define FIELD      24
#define LENGTH_MAX (256u << 20)

/* Names become names of files and parts of addresses. */
static bool is_name(const uint8_t *field)
{
	const uint8_t *end = memchr(field, 0, FIELD);

	if (!end || end == field)
		return false;
	for (; field < end; field++)
		if (!isalnum(*field) && !strchr("_-.", *field))
			return false;
	return true;
}

static bool starts_entry(const uint8_t *bytes)
{
	return !memcmp(bytes, "01PE", 4);
}

/* A place on the grid is whole blocks, so that its end is where the last one ends. */
static uint32_t place(bool on_grid, uint32_t address)
{
	return on_grid ? (uint32_t)crc_grid_phys(address) : address;
}

static bool parse(const uint8_t *bytes, struct fal_entry *entry)
{
	const uint32_t seal = le32(bytes + SEAL);
	const uint32_t offset = le32(bytes + OFFSET), length = le32(bytes + LENGTH);
	const bool right = crc32(0, bytes, SEAL) == seal;

	if (!starts_entry(bytes) || !is_name(bytes + NAME) || !is_name(bytes + DEVICE) ||
	    memcmp(bytes + DEVICE, "beken_onchip", 12) != 0 || (seal != 0 && !right))
		return false;
	if (length == 0 || length > LENGTH_MAX || offset > LENGTH_MAX)
		return false;
	*entry = (struct fal_entry){ .on_grid = !strcmp((const char *)bytes + DEVICE,
							"beken_onchip_crc"),
				     .sealed = right };
	entry->offset = place(entry->on_grid, offset);
	entry->length = place(entry->on_grid, offset + length) - entry->offset;
	fact_text(entry->name, sizeof entry->name, bytes + NAME,
		  strnlen((const char *)bytes + NAME, FIELD));
	return true;
}

/* The entries that stand one behind the other from at on. */
static size_t parse_group(const uint8_t *bytes, size_t len, size_t at, struct fal *fal)
{
	struct fal found = { .at = (uint32_t)at };

	for (; found.n < FAL_ENTRIES && at + ENTRY <= len; at += ENTRY, found.n++)
		if (!parse(bytes + at, &found.entry[found.n]))
			break;
	if (found.n > 0)
		*fal = found;
	return found.n;
}

bool fal_find(const uint8_t *bytes, size_t len, struct fal *fal)
{
	fal->n = 0;
	for (size_t at = 0; at + ENTRY <= len;) {
		const uint8_t *next = memmem(bytes + at, len - at, "01PE", 4);
		size_t n;

		if (!next)
			break;
		at = (size_t)(next - bytes);
		n = parse_group(bytes, len, at, fal);
		at += n ? n * ENTRY : 1;
	}
	return fal->n > 0;
}
