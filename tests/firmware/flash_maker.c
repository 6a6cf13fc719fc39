#include "flash_maker.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "bytes.h"
#include "crc_grid.h"
#include "openbeken.h"
#include "rbl.h"
#include "tuya_vault_make.h"

const struct scramble_key maker_tuya = { { 0x510fb093, 0xa3cbeadc, 0x5993a17e, 0xc7adeb03 } };
const struct scramble_key maker_clear = { { 0 } };

static int read_bytes(struct flash *flash, uint64_t offset, uint8_t *buf, size_t len, struct err *e)
{
	(void)e;
	if (offset > flash->size || len > flash->size - offset)
		abort();
	memcpy(buf, ((struct maker *)flash)->bytes + offset, len);
	return 0;
}

void maker_open(struct maker *m, uint32_t size)
{
	*m = (struct maker){ .flash = { .read = read_bytes, .size = size }, .bytes = malloc(size) };
	if (!m->bytes)
		abort();
	memset(m->bytes, 0xff, size);
}

void maker_close(struct maker *m)
{
	free(m->bytes);
}

void maker_put(uint8_t *at, const char *text)
{
	for (; *text; at++, text++)
		*at = (uint8_t)*text;
}

/* ---- code */

void maker_vectors(uint8_t block[32])
{
	static const uint8_t branch[] = { 0x0e, 0, 0, 0xea };

	memcpy(block, branch, 4);
	for (size_t i = 4; i < 32; i += 4)
		put_le32(block + i, 0xe59ff014);
}

static void put_block(struct maker *m, uint64_t at, const uint8_t data[32])
{
	uint8_t block[CRC_GRID_BLOCK];

	memcpy(block, data, CRC_GRID_DATA);
	crc_grid_seal(block);
	memcpy(m->bytes + at, block, sizeof block);
}

void maker_code(struct maker *m, const struct scramble_key *key, uint32_t logical,
		const uint8_t *clear, size_t len)
{
	for (size_t at = 0; at < len; at += CRC_GRID_DATA) {
		uint8_t data[CRC_GRID_DATA];

		memset(data, 0xff, sizeof data);
		memcpy(data, clear + at, len - at < sizeof data ? len - at : sizeof data);
		scramble_apply(key, logical + (uint32_t)at, data, sizeof data);
		put_block(m, crc_grid_phys(logical + at), data);
	}
}

/* ---- containers */

static void seal(uint8_t header[96])
{
	put_le32(header + 92, (uint32_t)crc32(0, header, 92));
}

void maker_header(uint8_t header[96], const char *name, uint32_t algo, const uint8_t *plain,
		  uint32_t plain_len, const uint8_t *body, uint32_t body_len)
{
	memset(header, 0, 96);
	maker_put(header, "RBL");
	put_le32(header + 4, algo);
	put_le32(header + 8, 1700000000);
	maker_put(header + 12, name);
	maker_put(header + 28, "1.00");
	put_le32(header + 76, (uint32_t)crc32(0, body, body_len));
	put_le32(header + 80, rbl_fnv(RBL_FNV_START, plain, plain_len));
	put_le32(header + 84, plain_len);
	put_le32(header + 88, body_len);
	seal(header);
}

void maker_trailer(struct maker *m, const char *name, uint32_t start, uint32_t size, uint32_t at)
{
	const uint32_t pad = 16 - size % 16;
	uint8_t *body = malloc(size + pad), header[96];

	if (!body)
		abort();
	for (uint32_t i = 0; i < size; i++)
		body[i] = m->bytes[start + crc_grid_phys(i)];
	memset(body + size, (int)pad, pad);
	maker_header(header, name, 0, body, size, body, size + pad);
	for (size_t i = 0; i < 3; i++)
		put_block(m, at + i * CRC_GRID_BLOCK, header + i * CRC_GRID_DATA);
	free(body);
}

/* ---- partitions */

void maker_rf(struct maker *m, uint32_t at, const uint8_t mac[6])
{
	static const uint8_t head[] = {
		'T',  'L',  'V',  0,    0x22, 0,    0,    0,    0x00, 0x11, 0x11, 0x11,
		0x1a, 0,    0,    0,    0x01, 0x11, 0x11, 0x11, 4,    0,    0,    0,
		0x4e, 0x61, 0xbc, 0x00, 0x02, 0x11, 0x11, 0x11, 6,    0,    0,    0,
	};

	memcpy(m->bytes + at, head, sizeof head);
	memcpy(m->bytes + at + sizeof head, mac, 6);
}

void maker_vault(struct maker *m, uint32_t at, const char *const *values)
{
	static const uint8_t inner[] = { 0,    0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
					 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };

	tuya_vault_make_key(inner, m->bytes + at);
	tuya_vault_make_data(inner, values, m->bytes + at + FLASH_SECTOR);
}

void maker_openbeken(struct maker *m, uint32_t at)
{
	uint8_t *s = m->bytes + at;

	memset(s, 0, 3584);
	maker_put(s, "CFG");
	put_le32(s + 4, 5);
	maker_put(s + 0x14, "home");
	maker_put(s + 0x54, "wifi-password");
	maker_put(s + 0x94, "broker.example");
	maker_put(s + 0x214, "mqtt-password");
	put_le32(s + 0x294, 1883);
	maker_put(s + 0x2de, "plug");
	s[0x33e + 8] = 3;
	s[0x33e + 32 + 8] = 1;
	maker_put(s + 0xc40, "second-password");
	maker_put(s + 0xc84, "web-password");
	s[3] = openbeken_crc(s + 4, 3580, false);
}

/* ---- a whole flash */

static void put_entry(uint8_t *at, const char *name, const char *device, uint32_t offset,
		      uint32_t length)
{
	memset(at, 0, 64);
	maker_put(at, "01PE");
	maker_put(at + 4, name);
	maker_put(at + 28, device);
	put_le32(at + 52, offset);
	put_le32(at + 56, length);
}

void maker_loader(struct maker *m)
{
	static uint8_t code[0xfa00];

	memset(code, 0x5a, sizeof code);
	maker_vectors(code);
	memcpy(code + 0x44, "\xee\xbb\xaa\x10", 4);
	for (size_t i = 0; i < 4; i++)
		put_le32(code + 0x48 + 4 * i, maker_tuya.k[i]);
	memcpy(code + 0x90,
	       "\xee\xbb\xcc\x0d"
	       "BK7231N_1.0.1",
	       17);
	code[0xa1] = 0;
	maker_code(m, &maker_tuya, 0, code, 0xe900);
	/* The table is not scrambled. */
	put_entry(code, "bootloader", "beken_onchip_crc", 0, 0x10000);
	put_entry(code + 64, "app", "beken_onchip_crc", 0x10000, 0x108700);
	put_entry(code + 128, "download", "beken_onchip", 0x12a000, 0xa6000);
	maker_code(m, &maker_clear, 0xe900, code, 192);
	maker_trailer(m, "bootloader", 0, 0xe9c0, 0x10f9a);
}

void maker_app(struct maker *m, uint32_t trailer)
{
	static const char texts[] = "\0bk7231n\0oem_bk7231n_test\0"
				    "1.2.3\0mf_init succ\0"
				    "< TUYA IOT SDK V:2.3.1 BS:40.00 >\0"
				    "< BUILD AT:2021_04_22 BY embed FOR ty_iot_sdk AT bk7231n >";
	static uint8_t code[0x9000];

	memset(code, 0x3c, sizeof code);
	maker_vectors(code);
	memcpy(code + 0x7ff0, texts, sizeof texts);
	maker_code(m, &maker_tuya, 0x10000, code, sizeof code);
	maker_trailer(m, "app", 0x11000, sizeof code, trailer);
}

void maker_tuya_n(struct maker *m)
{
	static const uint8_t mac[] = { 0x02, 0, 0, 0, 0, 1 };
	static const char *const values[] = {
		"gw_bi",
		"{\"uuid\":\"aaaabbbbccccdddd\",\"auth_key\":\"SECRETAUTH\",\"ap_passwd\":null}",
		"gw_wsm",
		"{\"wfb64\":1,\"ssid\":\"aG9tZQ==\",\"passwd\":\"U0VDUkVUV0lGSQ==\"}",
		"gw_di",
		"{\"swv\":\"1.2.3\",\"pk\":\"productkey\"}",
		"user_param_key",
		"{module:CB3S,led_pin:8,}",
		"strange",
		"SECRETSTRANGE",
		NULL,
	};

	maker_open(m, 2u << 20);
	maker_loader(m);
	maker_app(m, 0x129f0a);
	maker_rf(m, 0x1d0000, mac);
	maker_vault(m, 0x1ee000, values);
}
