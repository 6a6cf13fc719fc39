#include "demo_image.h"

#include <string.h>

#include "auto.h"
#include "crc_grid.h"
#include "flash.h"
#include "scramble.h"
#include "tuya_vault_make.h"

#define RF_BYTES 0x6a

enum kind { ERASED, CODE, DATA, RF, VAULT };

/* Bytes in the middle of code that say something. */
struct text {
	uint32_t at; /* from the start of the code, as the CPU sees it */
	uint8_t len; /* 0: the last was before */
	bool clear;  /* stands there as it is, not scrambled */
	const char *bytes;
};

/* What lies between two regions is erased. */
struct region {
	enum kind kind;
	uint32_t offset, length;  /* bytes of flash */
	const uint8_t *vectors;   /* of CODE: the data of the first block */
	const struct text *texts; /* of CODE; may be NULL */
};

#define REGIONS 7

struct demo_layout {
	const char *target;
	uint32_t size;
	struct region region[REGIONS]; /* ascending, closed by a length of 0 */
};

/*
 * The ARM vector table (a branch, then seven times 14 f0 9f e5) as code scrambled with the key of
 * nearly all devices begins, at the addresses that the CPU sees: 0, 10000h, 1A0000h. The branch
 * of a bootloader differs from that of an application.
 */
static const uint8_t boot_n_at_0[CRC_GRID_DATA] = {
	0x69, 0x0c, 0xb5, 0x96, 0x35, 0xff, 0x2a, 0x99, 0x35, 0xe7, 0x2a,
	0x99, 0x35, 0xef, 0x2a, 0x99, 0x35, 0xd7, 0x2a, 0x99, 0x35, 0xdf,
	0x2a, 0x99, 0x35, 0xc7, 0x2a, 0x99, 0x35, 0xcf, 0x2a, 0x99,
};
static const uint8_t boot_at_0[CRC_GRID_DATA] = {
	0x43, 0x09, 0xb5, 0x96, 0x35, 0xff, 0x2a, 0x99, 0x35, 0xe7, 0x2a,
	0x99, 0x35, 0xef, 0x2a, 0x99, 0x35, 0xd7, 0x2a, 0x99, 0x35, 0xdf,
	0x2a, 0x99, 0x35, 0xc7, 0x2a, 0x99, 0x35, 0xcf, 0x2a, 0x99,
};
static const uint8_t app_at_10000[CRC_GRID_DATA] = {
	0x2f, 0x07, 0xb5, 0x94, 0x35, 0xff, 0x2a, 0x9b, 0x35, 0xe7, 0x2a,
	0x9b, 0x35, 0xef, 0x2a, 0x9b, 0x35, 0xd7, 0x2a, 0x9b, 0x35, 0xdf,
	0x2a, 0x9b, 0x35, 0xc7, 0x2a, 0x9b, 0x35, 0xcf, 0x2a, 0x9b,
};
static const uint8_t app_at_1a0000[CRC_GRID_DATA] = {
	0x2f, 0x07, 0xb5, 0xa2, 0x35, 0xff, 0x2a, 0xad, 0x35, 0xe7, 0x2a,
	0xad, 0x35, 0xef, 0x2a, 0xad, 0x35, 0xd7, 0x2a, 0xad, 0x35, 0xdf,
	0x2a, 0xad, 0x35, 0xc7, 0x2a, 0xad, 0x35, 0xcf, 0x2a, 0xad,
};

#define TEXT(at, bytes) \
	{ \
		at, sizeof(bytes) - 1, false, bytes \
	}
#define CLEAR(at, bytes) \
	{ \
		at, sizeof(bytes) - 1, true, bytes \
	}

/* Entries of a partition table: name, device, offset and length in the order of their bytes. */
#define N8     "\0\0\0\0\0\0\0\0"
#define GRID   "beken_onchip_crc" N8
#define DIRECT "beken_onchip" N8 "\0\0\0\0"

static const struct text boot_n_texts[] = {
	TEXT(0x90, "\xee\xbb\xcc\x0d"
		   "BK7231N_1.0.1\0"),
	CLEAR(0x100, "BK7231\0\0"),
	CLEAR(0xe900, "01PEbootloader" N8 "\0\0\0\0\0\0" GRID "\0\0\0\0\0\0\1\0\0\0\0\0"),
	CLEAR(0xe940, "01PEapp" N8 N8 "\0\0\0\0\0" GRID "\0\0\1\0\0\x87\x10\0\0\0\0\0"),
	CLEAR(0xe980, "01PEdownload" N8 N8 DIRECT "\0\xa0\x12\0\0\x60\x0a\0\0\0\0\0"),
	{ 0 },
};
static const struct text app_n_texts[] = {
	TEXT(0xa000, "\0bk7231n\0demo_bk7231n_plug\0"
		     "1.0.0\0mf_init succ\0"),
	{ 0 },
};
static const struct text boot_7252_texts[] = {
	TEXT(0x90, "\xee\xbb\xcc\x0c"
		   "BK7252_1.0.0\0"),
	{ 0 },
};
static const struct text app_7252_texts[] = {
	TEXT(0xa000, "\0bk7252\0demo_bk7252_doorbell\0"
		     "1.0.0\0mf_init succ\0"),
	{ 0 },
};

/* What a device keeps, made up. */
static const char *const settings[] = {
	"gw_bi",
	"{\"uuid\":\"demo0123456789ab\",\"auth_key\":\"demo-auth-key\",\"ap_ssid\":\"SmartLife\"}",
	"gw_wsm",
	"{\"ssid\":\"demo-network\",\"passwd\":\"demo-password\",\"stat\":2}",
	"gw_di",
	"{\"id\":\"demo-device\",\"swv\":\"1.0.0\",\"pk\":\"demoproductkey00\"}",
	NULL,
};

#define BLOCKS(n) ((n)*CRC_GRID_BLOCK)

/* Places: BK7252 with two application slots; BK7231N as shipped by Tuya. Lengths: as full as real
 * devices are. */
static const struct demo_layout layouts[] = {
	{ "bk7252",
	  4u << 20,
	  { { CODE, 0, BLOCKS(1772), boot_at_0, boot_7252_texts },
	    { CODE, 0x11000, BLOCKS(40000), app_at_10000, app_7252_texts },
	    { CODE, 0x1ba000, BLOCKS(38000), app_at_1a0000, app_7252_texts },
	    { VAULT, 0x397000, 0x2000, NULL, NULL },
	    { DATA, 0x399000, 0xd000, NULL, NULL },
	    { RF, 0x3e0000, RF_BYTES, NULL, NULL } } },
	{ "bk7231n",
	  2u << 20,
	  { { CODE, 0, BLOCKS(1876), boot_n_at_0, boot_n_texts },
	    { CODE, 0x11000, BLOCKS(30000), app_at_10000, app_n_texts },
	    { RF, 0x1d0000, RF_BYTES, NULL, NULL },
	    { VAULT, 0x1ee000, 0x2000, NULL, NULL },
	    { DATA, 0x1f0000, 0xd000, NULL, NULL } } },
};

static const struct demo_layout plain = { "nor", 0, { { DATA, 0, 3u << 20, NULL, NULL } } };

/* One group with all its records; the MAC goes to RF_MAC_AT. */
static const uint8_t rf_template[RF_BYTES] = {
	'T',  'L',  'V',  0,    0x62, 0,    0,    0,    0x00, 0x11, 0x11, 0x11, 0x5a, 0,
	0,    0,    0x01, 0x11, 0x11, 0x11, 4,    0,    0,    0,    0x4e, 0x61, 0xbc, 0x00,
	0x02, 0x11, 0x11, 0x11, 6,    0,    0,    0,    0,    0,    0,    0,    0,    0,
	0x03, 0x11, 0x11, 0x11, 4,    0,    0,    0,    0x0c, 0x01, 0x00, 0x00, 0x04, 0x11,
	0x11, 0x11, 4,    0,    0,    0,    0x8e, 0x15, 0x53, 0x01, 0x05, 0x11, 0x11, 0x11,
	4,    0,    0,    0,    0x1a, 0x00, 0x00, 0x00, 0x06, 0x11, 0x11, 0x11, 4,    0,
	0,    0,    0x00, 0x01, 0x00, 0x00, 0x07, 0x11, 0x11, 0x11, 8,    0,    0,    0,
	0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20,
};
#define RF_MAC_AT 0x24

/* splitmix64: a good 64 bits from any two numbers. */
static uint64_t noise(uint64_t seed, uint64_t at)
{
	uint64_t z = seed + (at + 1) * 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static void noise_fill(uint8_t cell[CRC_GRID_DATA], uint64_t seed, uint64_t at)
{
	for (size_t i = 0; i < CRC_GRID_DATA; i += sizeof(uint64_t)) {
		const uint64_t value = noise(seed, at + i);

		for (size_t b = 0; b < sizeof value; b++)
			cell[i + b] = (uint8_t)(value >> 8 * b);
	}
}

void demo_image_init(struct demo_image *image, const char *target, uint32_t size, uint64_t seed)
{
	const uint64_t serial = noise(seed, UINT32_MAX);

	*image = (struct demo_image){ .layout = &plain, .size = size, .seed = seed };
	for (size_t i = 0; i < ARRAY_LEN(layouts); i++)
		if (!strcmp(layouts[i].target, target) && layouts[i].size == size)
			image->layout = &layouts[i];
	image->mac[0] = 0x02;
	for (size_t i = 1; i < RF_MAC; i++)
		image->mac[i] = (uint8_t)(serial >> 8 * i);
}

/*
 * A region is made of cells, each made by itself: the blocks of code, 32 bytes of data, the whole
 * of an RF partition, a sector of a store.
 */
#define CELL_MAX FLASH_SECTOR

static size_t cell_size(enum kind kind)
{
	static const size_t sizes[] = {
		[CODE] = CRC_GRID_BLOCK,
		[DATA] = CRC_GRID_DATA,
		[RF] = RF_BYTES,
		[VAULT] = FLASH_SECTOR,
	};

	return sizes[kind];
}

/* The key of nearly all devices: that of the vector blocks above. */
static uint8_t stream(uint32_t addr)
{
	static const struct scramble_key key = { { 0x510fb093, 0xa3cbeadc, 0x5993a17e,
						   0xc7adeb03 } };

	return (uint8_t)(scramble_word(&key, addr & ~3u) >> 8 * (addr & 3));
}

/* What of the texts lies in the block at `from`, from the start of the code. */
static void put_texts(const struct region *region, uint32_t from, uint8_t block[CRC_GRID_DATA])
{
	const uint32_t base = (uint32_t)crc_grid_logical(region->offset);

	for (const struct text *t = region->texts; t && t->len; t++)
		for (uint32_t i = 0; i < t->len; i++) {
			const uint32_t at = t->at + i;

			if (at < from || at - from >= CRC_GRID_DATA)
				continue;
			block[at - from] =
				(uint8_t)t->bytes[i] ^ (t->clear ? 0 : stream(base + at));
		}
}

static void make_vault(const struct demo_image *image, uint32_t at, uint8_t sector[FLASH_SECTOR])
{
	uint8_t inner[CRC_GRID_DATA];

	noise_fill(inner, image->seed, UINT32_MAX - 64u);
	if (at == 0)
		tuya_vault_make_key(inner, sector);
	else
		tuya_vault_make_data(inner, settings, sector);
}

static void cell_make(const struct demo_image *image, const struct region *region, uint32_t at,
		      uint8_t cell[CELL_MAX])
{
	switch (region->kind) {
	case ERASED: break;
	case CODE:
		if (at == 0)
			memcpy(cell, region->vectors, CRC_GRID_DATA);
		else
			noise_fill(cell, image->seed, region->offset + at);
		put_texts(region, at / CRC_GRID_BLOCK * CRC_GRID_DATA, cell);
		crc_grid_seal(cell);
		break;
	case DATA: noise_fill(cell, image->seed, region->offset + at); break;
	case RF:
		memcpy(cell, rf_template, RF_BYTES);
		memcpy(cell + RF_MAC_AT, image->mac, RF_MAC);
		break;
	case VAULT: make_vault(image, at, cell); break;
	}
}

/* The region that offset lies in, or the erased gap there. */
static struct region region_at(const struct demo_image *image, uint32_t offset)
{
	struct region gap = { ERASED, 0, image->size, NULL, NULL };

	for (const struct region *r = image->layout->region; r->length; r++) {
		if (offset < r->offset) {
			gap.length = r->offset - gap.offset;
			break;
		}
		if (offset - r->offset < r->length)
			return *r;
		gap.offset = r->offset + r->length;
		gap.length = image->size - gap.offset;
	}
	return gap;
}

/* Fills from offset to the end of a cell or gap, at most len; returns how much that was. */
static size_t piece(const struct demo_image *image, uint32_t offset, uint8_t *buf, size_t len)
{
	const struct region region = region_at(image, offset);
	const uint32_t at = offset - region.offset;
	uint8_t cell[CELL_MAX];
	size_t size, skip, n;

	if (region.kind == ERASED) {
		n = len < region.length - at ? len : region.length - at;
		memset(buf, 0xff, n);
		return n;
	}
	size = cell_size(region.kind);
	skip = at % size;
	n = len < size - skip ? len : size - skip;
	cell_make(image, &region, at - (uint32_t)skip, cell);
	memcpy(buf, cell + skip, n);
	return n;
}

void demo_image_read(const struct demo_image *image, uint32_t offset, uint8_t *buf, size_t len)
{
	while (len > 0 && offset < image->size) {
		const size_t n = piece(image, offset, buf, len);

		offset += (uint32_t)n;
		buf += n;
		len -= n;
	}
	memset(buf, 0xff, len);
}
