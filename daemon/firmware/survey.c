#include "survey.h"

#include <stdlib.h>

#include "auto.h"
#include "bytes.h"
#include "tuya_files.h"
#include "tuya_vault.h"

#define PIECE (16 * FLASH_SECTOR)
#define AHEAD 4 /* bytes read beyond a piece, so that no magic word hides between two */

/* ---- looks */

static const struct {
	char letter;
	const char *words;
} looks[] = {
	{ LOOK_ERASED, "erased" },
	{ LOOK_ZERO, "all zero" },
	{ LOOK_CODE, "code on the CRC grid" },
	{ LOOK_DATA, "data" },
	{ LOOK_TEXT, "text" },
	{ LOOK_PACKED, "compressed or encrypted" },
	{ LOOK_UNSTABLE, "unstable: reads of it differed" },
};

const char *look_letters(void)
{
	return ".0cdtz!";
}

const char *look_words(char letter)
{
	for (size_t i = 0; i < ARRAY_LEN(looks); i++)
		if (looks[i].letter == letter)
			return looks[i].words;
	return NULL;
}

/* Most of the blocks that lie wholly in it are right. */
static bool is_code(uint64_t addr, const uint8_t *sector, size_t len)
{
	const size_t skip = (size_t)((CRC_GRID_BLOCK - addr % CRC_GRID_BLOCK) % CRC_GRID_BLOCK);
	struct crc_grid_count count = { 0 };

	if (skip >= len)
		return false;
	crc_grid_add(&count, addr + skip, sector + skip, len - skip);
	return count.valid > 0 && count.valid >= count.bad;
}

struct tally {
	uint32_t of[256];
	size_t n;
};

static bool is_text(const struct tally *tally)
{
	size_t plain = tally->of['\t'] + tally->of['\n'] + tally->of['\r'];

	for (unsigned c = 0x20; c < 0x7f; c++)
		plain += tally->of[c];
	return plain * 100 >= tally->n * 95;
}

/*
 * Bytes that are all alike often: the sum of the squares of how often each comes is then about
 * n + n * n / 256, and more for anything that has a pattern.
 */
static bool is_packed(const struct tally *tally)
{
	const uint64_t n = tally->n;
	uint64_t squares = 0;

	for (size_t i = 0; i < 256; i++)
		squares += (uint64_t)tally->of[i] * tally->of[i];
	return n >= 256 && squares * 100 < (n + n * n / 256) * 112;
}

static size_t used(const uint8_t *sector, size_t len)
{
	while (len > 0 && sector[len - 1] == 0xff)
		len--;
	return len;
}

char look_at(uint64_t addr, const uint8_t *sector, size_t len)
{
	struct tally tally = { .n = used(sector, len) };

	if (tally.n == 0)
		return LOOK_ERASED;
	if (bytes_all(sector, len, 0))
		return LOOK_ZERO;
	if (is_code(addr, sector, len))
		return LOOK_CODE;
	for (size_t i = 0; i < tally.n; i++)
		tally.of[sector[i]]++;
	if (is_text(&tally))
		return LOOK_TEXT;
	return is_packed(&tally) ? LOOK_PACKED : LOOK_DATA;
}

/* ---- finds */

static void find(struct survey_finds *finds, uint64_t at)
{
	if (finds->n < SURVEY_FINDS)
		finds->at[finds->n++] = (uint32_t)at;
}

/* Code begins where sectors and grid begin together. */
#define STARTS 0x11000u

static bool begins_code(uint64_t addr, const uint8_t *sector, const struct scramble_key *key)
{
	const uint32_t logical = (uint32_t)crc_grid_logical(addr);
	/* Linked for its own place, or for that of the first application. */
	const struct scramble_sample own = { logical, sector }, first = { 0x10000, sector };

	if (addr % STARTS != 0 || !crc_grid_valid(sector))
		return false;
	return scramble_fits(key, &own, 1) || scramble_fits(key, &first, 1);
}

static void look_for(struct survey *survey, uint64_t addr, const uint8_t *sector,
		     const struct scramble_key *key)
{
	if (key && begins_code(addr, sector, key))
		find(&survey->vectors, addr);
	if (tuya_vault_begins(sector))
		find(&survey->kv, addr);
	if (!memcmp(sector, "CFG", 3))
		find(&survey->openbeken, addr);
	if (!memcmp(sector + 4, "EF40", 4))
		find(&survey->easyflash, addr);
	if (!memcmp(sector + 8, "littlefs", 8))
		find(&survey->littlefs, addr);
	if (tuya_files_read(sector).right)
		find(&survey->uf, addr);
	rf_feed(&survey->rf, addr, sector);
}

static void find_containers(struct survey *survey, uint64_t addr, const uint8_t *bytes, size_t len)
{
	for (size_t at = 0; at < len;) {
		const uint8_t *next = memmem(bytes + at, len + AHEAD - 1 - at, "RBL", 4);

		if (!next)
			return;
		at = (size_t)(next - bytes);
		find(&survey->rbl, addr + at);
		at++;
	}
}

/* ---- the way */

static void look_at_piece(struct survey *survey, uint64_t addr, const uint8_t *bytes, size_t len,
			  const struct scramble_key *key)
{
	for (size_t at = 0; at < len; at += FLASH_SECTOR) {
		const size_t n = len - at < FLASH_SECTOR ? len - at : FLASH_SECTOR;
		const char look = look_at(addr + at, bytes + at, n);

		survey->look[survey->cells++] = look;
		survey->erased += look == LOOK_ERASED;
		if (look != LOOK_ERASED && n == FLASH_SECTOR)
			look_for(survey, addr + at, bytes + at, key);
	}
	find_containers(survey, addr, bytes, len);
}

int survey_run(struct survey *survey, struct flash *flash, const struct scramble_key *key,
	       struct err *e)
{
	const uint64_t first = flash_first(flash), end = flash_end(flash);
	AUTO(auto_free) uint8_t *piece = malloc(PIECE + AHEAD);

	*survey = (struct survey){ .first = (uint32_t)first };
	survey->look = malloc((size_t)(end - first) / FLASH_SECTOR + 1);
	if (!piece || !survey->look)
		return err_set(e, ERR_MEMORY, "out of memory for a look at the flash");
	for (uint64_t at = first, n; at < end; at += n) {
		n = end - at < PIECE ? end - at : PIECE;
		if (flash_read(flash, at, piece, (size_t)n + AHEAD, e) < 0)
			return -1;
		look_at_piece(survey, at, piece, (size_t)n, key);
	}
	return 0;
}

void survey_done(struct survey *survey)
{
	free(survey->look);
	survey->look = NULL;
}

size_t survey_used(const struct survey *survey, uint32_t addr, uint32_t len)
{
	size_t used = 0;

	for (size_t i = 0; i < survey->cells; i++) {
		const uint64_t at = survey->first + (uint64_t)i * FLASH_SECTOR;

		used += at >= addr && at < (uint64_t)addr + len && survey->look[i] != LOOK_ERASED;
	}
	return used;
}
