#include "rbl.h"

#include <zlib.h>

#include "auto.h"
#include "crc_grid.h"
#include "fact.h"

const char *rbl_cipher_name(enum rbl_cipher cipher)
{
	switch (cipher) {
	case RBL_CLEAR: return "none";
	case RBL_XOR: return "xor";
	case RBL_AES256: return "aes256-cbc";
	case RBL_CIPHER_UNKNOWN: break;
	}
	return "unknown";
}

const char *rbl_packing_name(enum rbl_packing packing)
{
	switch (packing) {
	case RBL_PLAIN: return "none";
	case RBL_GZIP: return "gzip";
	case RBL_QUICKLZ: return "quicklz";
	case RBL_FASTLZ: return "fastlz";
	case RBL_LZMA: return "lzma";
	case RBL_PACKING_UNKNOWN: break;
	}
	return "unknown";
}

uint32_t rbl_fnv(uint32_t hash, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * 0x01000193u;
	return hash;
}

/* ---- the header */

#define ALGO       4
#define TIME       8
#define NAME       12
#define VERSION    28
#define BODY_CRC   76
#define PLAIN_HASH 80
#define PLAIN_SIZE 84
#define BODY_SIZE  88
#define SEAL       92

bool rbl_parse(const uint8_t header[RBL_HEADER], struct rbl *rbl)
{
	const uint32_t algo = le32(header + ALGO);
	const uint32_t cipher = algo & 0xf, packing = algo >> 8 & 0xf;

	if (memcmp(header, "RBL", 4) != 0 || crc32(0, header, SEAL) != le32(header + SEAL))
		return false;
	*rbl = (struct rbl){ .algo = algo,
			     .time = le32(header + TIME),
			     .cipher = cipher <= RBL_AES256 ? cipher : RBL_CIPHER_UNKNOWN,
			     .packing = packing <= RBL_LZMA ? packing : RBL_PACKING_UNKNOWN,
			     .body_crc32 = le32(header + BODY_CRC),
			     .plain_hash = le32(header + PLAIN_HASH),
			     .plain_size = le32(header + PLAIN_SIZE),
			     .body_size = le32(header + BODY_SIZE) };
	fact_text(rbl->name, sizeof rbl->name, header + NAME,
		  strnlen((const char *)header + NAME, 16));
	fact_text(rbl->version, sizeof rbl->version, header + VERSION,
		  strnlen((const char *)header + VERSION, 24));
	return true;
}

/* Three blocks of the grid, each of which must be right: or a header that happens to begin alike. */
static bool parse_blocks(const uint8_t raw[RBL_RAW], struct rbl *rbl)
{
	uint8_t header[RBL_HEADER];

	for (size_t i = 0; i < 3; i++) {
		if (!crc_grid_valid(raw + i * CRC_GRID_BLOCK))
			return false;
		memcpy(header + i * CRC_GRID_DATA, raw + i * CRC_GRID_BLOCK, CRC_GRID_DATA);
	}
	return rbl_parse(header, rbl);
}

int rbl_at(struct flash *flash, uint64_t addr, struct rbl *rbl, bool *found, struct err *e)
{
	uint8_t raw[RBL_RAW];
	struct rbl read;

	if (flash_read(flash, addr, raw, sizeof raw, e) < 0)
		return -1;
	*found = true;
	if (rbl_parse(raw, &read))
		read.installed = false;
	else if (parse_blocks(raw, &read))
		read.installed = true;
	else
		*found = false;
	if (*found) {
		*rbl = read;
		rbl->at = (uint32_t)addr;
	}
	return 0;
}

/* ---- a trailer */

#define BLOCKS 256 /* at a time */

struct sums {
	uint32_t crc, fnv;
};

static void add(struct sums *sums, const uint8_t *bytes, size_t len)
{
	sums->crc = (uint32_t)crc32(sums->crc, bytes, (unsigned)len);
	sums->fnv = rbl_fnv(sums->fnv, bytes, len);
}

/* The data of the blocks of raw, at most left bytes of it. */
static size_t add_blocks(struct sums *sums, const uint8_t *raw, size_t left)
{
	size_t done = 0;

	for (size_t i = 0; i < BLOCKS && done < left; i++) {
		const size_t n = left - done < CRC_GRID_DATA ? left - done : CRC_GRID_DATA;

		add(sums, raw + i * CRC_GRID_BLOCK, n);
		done += n;
	}
	return done;
}

/* Bytes that the packer put behind the firmware; the flash does not hold them. */
static void add_padding(struct sums *sums, uint32_t pad)
{
	uint8_t bytes[16];

	memset(bytes, (int)pad, sizeof bytes);
	sums->crc = (uint32_t)crc32(sums->crc, bytes, pad);
}

static void judge(struct rbl *rbl, const struct sums *sums)
{
	rbl->body = sums->crc == rbl->body_crc32 ? RBL_RIGHT : RBL_WRONG;
	rbl->plain = sums->fnv == rbl->plain_hash ? RBL_RIGHT : RBL_WRONG;
	if (rbl->body == RBL_WRONG || rbl->plain == RBL_WRONG)
		rbl->why = "the firmware before it is not the one it was made for";
}

int rbl_prove_installed(struct flash *flash, uint64_t start, struct rbl *rbl, struct err *e)
{
	const uint32_t pad = rbl->body_size - rbl->plain_size;
	struct sums sums = { .fnv = RBL_FNV_START };
	uint8_t raw[BLOCKS * CRC_GRID_BLOCK];
	uint64_t at = start;

	if (start >= rbl->at || pad > 16 || crc_grid_phys(rbl->plain_size) > rbl->at - start) {
		rbl->why = "its sizes make no sense here";
		return 0;
	}
	if (!flash_has(flash, start, (size_t)(rbl->at - start))) {
		rbl->why = "the firmware before it is not part of this";
		return 0;
	}
	for (size_t left = rbl->plain_size; left > 0; at += sizeof raw) {
		if (flash_read(flash, at, raw, sizeof raw, e) < 0)
			return -1;
		left -= add_blocks(&sums, raw, left);
	}
	add_padding(&sums, pad);
	judge(rbl, &sums);
	return 0;
}
