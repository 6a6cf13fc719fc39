#include "bootloader.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "auto.h"
#include "bytes.h"
#include "code.h"
#include "crc_grid.h"
#include "soc.h"

/* Both forms of the bytes without CRCs. */
struct room {
	struct code code;
	uint8_t stored[BOOTLOADER_BYTES];
	uint8_t clear[BOOTLOADER_BYTES];
};

/* ---- by its CRC */

#define ID_BYTES 256

/* As published for the loaders that answer over UART; those of N and its kin count one byte more. */
static const struct known {
	uint32_t id;
	size_t bytes;
	uint32_t socs;
	const char *version, *vendor;
} ids[] = {
	{ 0xe14191ba, ID_BYTES + 1, SOC_BK7231N, "1.0.1", "Tuya" },
	{ 0xc1eca871, ID_BYTES, SOC_BK7231T, "1.0.1", "Tuya" },
	{ 0x4b31e44d, ID_BYTES, SOC_BK7231T, "1.0.3", "Tuya" },
	{ 0xba54c1b8, ID_BYTES, SOC_BK7231T, "1.0.5", "Tuya" },
	{ 0xe5cbc953, ID_BYTES, SOC_BK7231T, "1.0.6", "Tuya" },
	{ 0x2739019f, ID_BYTES, SOC_BK7231U, "1.0.6", "Beken SDK" },
	{ 0xf0231ef6, ID_BYTES, SOC_BK7231Q, "", "Beken SDK" },
	{ 0xff5a3eac, ID_BYTES, SOC_BK7231Q, "", "Beken SDK" },
	{ 0x39f9b50c, ID_BYTES, SOC_BK7252, "0.1.3", "Beken SDK" },
	{ 0xe3a27c26, ID_BYTES, SOC_BK7252, "", "Beken SDK" },
	{ 0xf42f8c32, ID_BYTES + 1, SOC_BK7238, "2.0.0", "Tuya" },
	{ 0x6beb0924, ID_BYTES + 1, SOC_BK7238, "1.0.14 or 1.0.15", "Beken SDK" },
	{ 0x6c86cd3d, ID_BYTES + 1, SOC_BK7252N, "1.0.15", "Beken SDK" },
	{ 0x8bcec3b4, ID_BYTES, SOC_BK7231U | SOC_BK7252 | SOC_BK7252U, "1.0.15", "Beken SDK" },
};

static int look_up(struct flash *flash, struct bootloader *loader, struct err *e)
{
	uint8_t head[ID_BYTES + 1];

	if (flash_read(flash, 0, head, sizeof head, e) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		const uint32_t id = (uint32_t)crc32(0, head, (unsigned)ids[i].bytes);

		if (id != ids[i].id)
			continue;
		loader->id = id;
		loader->has_id = true;
		loader->socs = ids[i].socs;
		loader->vendor = ids[i].vendor;
		loader->fact = (struct fact){ SURE_CHECKED, 0 };
		snprintf(loader->version, sizeof loader->version, "%s", ids[i].version);
		return 0;
	}
	loader->id = (uint32_t)crc32(0, head, ID_BYTES);
	return 0;
}

/* ---- by its text */

static uint32_t phys(size_t logical)
{
	return (uint32_t)crc_grid_phys(logical);
}

static bool is_version(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits && text[digits] == '.' && isdigit((unsigned char)text[digits + 1]);
}

/* How many characters of bytes, at most max, could be of a version text. */
static size_t word_length(const uint8_t *bytes, size_t max)
{
	size_t n = 0;

	while (n < max && (isalnum(bytes[n]) || bytes[n] == '.' || bytes[n] == '_'))
		n++;
	return n;
}

static const char *version_of(const char *text)
{
	const char *at = strchr(text, '_');

	return at && is_version(at + 1) ? at + 1 : NULL;
}

/* "BK7231N_1.0.1" at a place of the cleared bytes. */
static bool take_text(struct bootloader *loader, const uint8_t *clear, size_t at, size_t max)
{
	const size_t len = word_length(clear + at, max);
	char text[sizeof loader->text];
	const char *version;

	if (len >= sizeof text)
		return false;
	fact_text(text, sizeof text, clear + at, len);
	version = version_of(text);
	if (!version || !soc_of_text(text))
		return false;
	snprintf(loader->text, sizeof loader->text, "%s", text);
	snprintf(loader->version, sizeof loader->version, "%.15s", version);
	loader->socs = soc_of_text(text);
	loader->vendor = loader->vendor ? loader->vendor : "Tuya";
	loader->fact = (struct fact){ SURE_PATTERN, phys(at) };
	return true;
}

/* Behind the tag EE BB CC and a length. */
static bool find_tagged(struct bootloader *loader, const uint8_t *clear)
{
	static const uint8_t tag[] = { 0xee, 0xbb, 0xcc };

	for (size_t at = 0; at + 40 <= BOOTLOADER_BYTES;) {
		const uint8_t *next =
			memmem(clear + at, BOOTLOADER_BYTES - 40 - at, tag, sizeof tag);

		if (!next)
			return false;
		at = (size_t)(next - clear) + sizeof tag;
		if (take_text(loader, clear, at + 1, 36))
			return true;
	}
	return false;
}

static bool find_untagged(struct bootloader *loader, const uint8_t *clear)
{
	for (size_t at = 0; at + 40 <= BOOTLOADER_BYTES; at++) {
		const uint8_t *next = memmem(clear + at, BOOTLOADER_BYTES - 40 - at, "BK72", 4);

		if (!next)
			return false;
		at = (size_t)(next - clear);
		if (take_text(loader, clear, at, 36))
			return true;
	}
	return false;
}

/* The SDK's own: "_1.0.15" at a fixed place, behind the name of the chip or of nothing. */
#define SDK_TEXT 0x108

static bool find_sdk(struct bootloader *loader, const uint8_t *clear)
{
	const size_t len = word_length(clear + SDK_TEXT, 16);
	char text[sizeof loader->text];

	fact_text(text, sizeof text, clear + SDK_TEXT, len);
	if (text[0] != '_' || !is_version(text + 1))
		return false;
	snprintf(loader->version, sizeof loader->version, "%.15s", text + 1);
	if (!memcmp(clear + SDK_TEXT - 8, "BK72", 4))
		fact_text(loader->text, sizeof loader->text, clear + SDK_TEXT - 8, 6);
	if (!loader->socs && !strcmp(loader->text, "BK7238"))
		loader->socs = SOC_BK7238 | SOC_BK7252N;
	loader->vendor = "Beken SDK";
	if (loader->fact.sure != SURE_CHECKED)
		loader->fact = (struct fact){ SURE_PATTERN, phys(SDK_TEXT) };
	return true;
}

/* ---- by what it carries */

/* The chip's key, behind the tag EE BB AA 10. */
static void find_key(struct bootloader *loader, const uint8_t *clear)
{
	static const uint8_t tag[] = { 0xee, 0xbb, 0xaa, 0x10 };
	const uint8_t *at = memmem(clear, BOOTLOADER_BYTES - 20, tag, sizeof tag);

	if (!at)
		return;
	for (size_t i = 0; i < 4; i++)
		loader->key.k[i] = le32(at + sizeof tag + 4 * i);
	loader->stored = (struct fact){ SURE_PATTERN, phys((size_t)(at - clear) + sizeof tag) };
}

/* True when the grid is right where a text stands. */
static int check_block(struct flash *flash, struct fact *fact, struct err *e)
{
	const uint32_t at = fact->offset / CRC_GRID_BLOCK * CRC_GRID_BLOCK;
	uint8_t block[CRC_GRID_BLOCK];

	if (fact->sure != SURE_PATTERN)
		return 0;
	if (flash_read(flash, at, block, sizeof block, e) < 0)
		return -1;
	if (crc_grid_valid(block))
		fact->sure = SURE_CHECKED;
	return 0;
}

static int load(struct flash *flash, const struct scramble_key *key, struct room *room,
		struct err *e)
{
	room->code.flash = flash;
	for (uint32_t at = 0; at < BOOTLOADER_BYTES; at += CODE_PIECE)
		if (code_read(&room->code, at, room->stored + at, CODE_PIECE, e) < 0)
			return -1;
	memcpy(room->clear, room->stored, BOOTLOADER_BYTES);
	scramble_apply(key, 0, room->clear, BOOTLOADER_BYTES);
	return 0;
}

int bootloader_read(struct flash *flash, const struct scramble_key *key, struct bootloader *loader,
		    struct err *e)
{
	AUTO(auto_free) struct room *room = calloc(1, sizeof *room);

	*loader = (struct bootloader){ .fact = { SURE_NOT, 0 } };
	if (!room)
		return err_set(e, ERR_MEMORY, "out of memory for a bootloader");
	if (load(flash, key, room, e) < 0 || look_up(flash, loader, e) < 0)
		return -1;
	loader->marked = !memcmp(room->stored + 0x100, "BK7231\0", 8);
	if (!find_tagged(loader, room->clear) && !find_sdk(loader, room->clear))
		(void)find_untagged(loader, room->clear);
	find_key(loader, room->clear);
	(void)fal_find(room->stored, BOOTLOADER_BYTES, &loader->fal);
	return check_block(flash, &loader->fact, e) < 0 ||
			       check_block(flash, &loader->stored, e) < 0
		       ? -1
		       : 0;
}
