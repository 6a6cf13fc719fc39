#include "rbl.h"

#include <nettle/aes.h>
#include <nettle/cbc.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <zlib.h>

#include "auto.h"
#include "check.h"
#include "flash_maker.h"
#include "rbl_vectors.h"

static const uint8_t header[] = {
	0x52, 0x42, 0x4c, 0x00, 0x02, 0x01, 0x00, 0x00, 0x00, 0xf1, 0x53, 0x65, 0x61, 0x70,
	0x70, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x31, 0x2e, 0x32, 0x2e, 0x33, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x30, 0x30, 0x30, 0x30,
	0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30,
	0x30, 0x30, 0x30, 0x30, 0x30, 0x00, 0x44, 0x33, 0x22, 0x11, 0x88, 0x77, 0x66, 0x55,
	0x45, 0x23, 0x01, 0x00, 0x89, 0x67, 0x00, 0x00, 0xd3, 0xad, 0xaf, 0xd3,
};

#define PLAIN 19840

static void published_plain(uint8_t *plain)
{
	for (unsigned i = 0; i < 20; i++) {
		char text[32];
		struct sha256_ctx sha;

		snprintf(text, sizeof text, "bk-ota-vector-%u", i);
		sha256_init(&sha);
		sha256_update(&sha, strlen(text), (const uint8_t *)text);
		sha256_digest(&sha, 32, plain + 32 * (size_t)i);
	}
	for (size_t at = 640; at < PLAIN; at++)
		plain[at] = plain[at - 640];
}

static void a_published_header_is_read(void)
{
	struct rbl rbl;

	CHECK(rbl_parse(header, &rbl));
	CHECK(rbl.cipher == RBL_AES256 && rbl.packing == RBL_GZIP && rbl.time == 1700000000);
	CHECK(!strcmp(rbl.name, "app") && !strcmp(rbl.version, "1.2.3"));
	CHECK(rbl.body_crc32 == 0x11223344 && rbl.plain_hash == 0x55667788);
	CHECK(rbl.plain_size == 0x12345 && rbl.body_size == 0x6789);
}

static void a_header_with_one_wrong_bit_is_none(void)
{
	for (size_t bit = 0; bit < 8 * sizeof header; bit++) {
		uint8_t broken[sizeof header];
		struct rbl rbl;

		memcpy(broken, header, sizeof header);
		broken[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CHECK(!rbl_parse(broken, &rbl));
	}
}

static void the_published_hashes_come_out(void)
{
	CHECK(rbl_fnv(RBL_FNV_START, NULL, 0) == 0x811c9dc5);
	CHECK(rbl_fnv(RBL_FNV_START, (const uint8_t *)"a", 1) == 0xe40c292c);
	CHECK(rbl_fnv(RBL_FNV_START, (const uint8_t *)"123456789", 9) == 0xbb86b11c);
}

/* ---- unpacking */

struct kept {
	struct rbl_out base; /* first */
	size_t len;
	uint8_t bytes[PLAIN];
};

static void keep(struct rbl_out *out, const uint8_t *bytes, size_t len)
{
	struct kept *kept = (struct kept *)out;

	if (len > sizeof kept->bytes - kept->len)
		abort();
	memcpy(kept->bytes + kept->len, bytes, len);
	kept->len += len;
}

/* Reads the container at the start of what m holds, and proves it. */
static bool unpack(struct maker *m, struct rbl *rbl, struct kept *kept)
{
	struct err e;
	bool found;

	*kept = (struct kept){ .base.put = keep };
	return rbl_at(&m->flash, 0, rbl, &found, &e) == 0 && found && !rbl->installed &&
	       rbl_unpack(&m->flash, rbl, &kept->base, &e) == 0;
}

static const struct {
	const char *name;
	const uint8_t *bytes;
	uint32_t len;
} published[] = {
	{ "gzip, AES", gzip_aes, sizeof gzip_aes },
	{ "lzma", lzma_none, sizeof lzma_none },
	{ "quicklz", quicklz_none, sizeof quicklz_none },
};

static void published_containers_unpack_to_what_went_in(void)
{
	static struct kept kept;
	static uint8_t plain[PLAIN];

	published_plain(plain);
	for (size_t i = 0; i < ARRAY_LEN(published); i++) {
		AUTO(maker_close) struct maker m;
		struct rbl rbl;

		maker_open(&m, published[i].len);
		memcpy(m.bytes, published[i].bytes, published[i].len);
		CHECK(unpack(&m, &rbl, &kept));
		CHECK(rbl.body == RBL_RIGHT && rbl.plain == RBL_RIGHT && !rbl.why);
		CHECK(kept.len == PLAIN && !memcmp(kept.bytes, plain, PLAIN));
	}
}

static void damage_is_found_wherever_it_is(void)
{
	static struct kept kept;

	for (size_t i = 0; i < ARRAY_LEN(published); i++)
		for (size_t at = 96; at < published[i].len; at += 37) {
			AUTO(maker_close) struct maker m;
			struct rbl rbl;

			maker_open(&m, published[i].len);
			memcpy(m.bytes, published[i].bytes, published[i].len);
			m.bytes[at] ^= 0x10;
			CHECK(unpack(&m, &rbl, &kept));
			CHECK(rbl.body == RBL_WRONG && rbl.why);
		}
}

/* What a packer cannot have made: it stops, with no more than the header says, and says so. */
static void broken_streams_end(void)
{
	static struct kept kept;
	unsigned seed = 31;

	for (int round = 0; round < 300; round++) {
		const size_t i = 1 + (size_t)round % 2;
		AUTO(maker_close) struct maker m;
		struct rbl rbl;

		maker_open(&m, published[i].len);
		memcpy(m.bytes, published[i].bytes, published[i].len);
		for (int n = 0; n < 3; n++)
			m.bytes[96 + (size_t)rand_r(&seed) % (published[i].len - 96)] =
				(uint8_t)rand_r(&seed);
		put_le32(m.bytes + 76, (uint32_t)crc32(0, m.bytes + 96, published[i].len - 96));
		put_le32(m.bytes + 92, (uint32_t)crc32(0, m.bytes, 92));
		CHECK(unpack(&m, &rbl, &kept));
		CHECK(rbl.body == RBL_RIGHT && kept.len <= PLAIN);
	}
}

static void a_cut_container_says_so(void)
{
	static struct kept kept;
	AUTO(maker_close) struct maker m;
	struct rbl rbl;

	maker_open(&m, sizeof gzip_aes - 1);
	memcpy(m.bytes, gzip_aes, sizeof gzip_aes - 1);
	CHECK(unpack(&m, &rbl, &kept));
	CHECK(rbl.body == RBL_UNTRIED && rbl.plain == RBL_UNTRIED && strstr(rbl.why, "cut off"));
}

/* A container of our own making: any cipher and packing that can be made here. */
static void make(struct maker *m, uint32_t algo, uint32_t claims, const uint8_t *plain, size_t len)
{
	static uint8_t body[2 * PLAIN];
	z_stream z = { .next_in = (Bytef *)(uintptr_t)plain,
		       .avail_in = (unsigned)len,
		       .next_out = body,
		       .avail_out = sizeof body };
	size_t n = len;
	uint8_t pad;

	memcpy(body, plain, len);
	if (algo & 0x100) {
		if (deflateInit2(&z, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY) != Z_OK ||
		    deflate(&z, Z_FINISH) != Z_STREAM_END)
			abort();
		n = z.total_out;
		deflateEnd(&z);
	}
	pad = (uint8_t)(16 - n % 16);
	memset(body + n, pad, pad);
	n += pad;
	if (algo & 2) {
		struct aes256_ctx aes;
		uint8_t iv[] = "0123456789ABCDEF";

		aes256_set_encrypt_key(&aes, (const uint8_t *)"0123456789ABCDEF0123456789ABCDEF");
		cbc_encrypt(&aes, (nettle_cipher_func *)aes256_encrypt, 16, iv, n, body, body);
	}
	maker_open(m, (uint32_t)(96 + n));
	maker_header(m->bytes, "app", algo, plain, claims, body, (uint32_t)n);
	memcpy(m->bytes + 96, body, n);
}

static void each_way_of_packing_that_is_known_unpacks(void)
{
	static const uint32_t algos[] = { 0, 0x100, 2, 0x102 };
	static struct kept kept;
	static uint8_t plain[PLAIN];

	published_plain(plain);
	for (size_t i = 0; i < ARRAY_LEN(algos); i++) {
		AUTO(maker_close) struct maker m;
		struct rbl rbl;

		make(&m, algos[i], PLAIN, plain, PLAIN);
		CHECK(unpack(&m, &rbl, &kept));
		CHECK(rbl.body == RBL_RIGHT && rbl.plain == RBL_RIGHT);
		CHECK(kept.len == PLAIN && !memcmp(kept.bytes, plain, PLAIN));
	}
}

static void more_than_the_header_says_is_thrown_away(void)
{
	static struct kept kept;
	static uint8_t plain[PLAIN];
	AUTO(maker_close) struct maker m;
	struct rbl rbl;

	published_plain(plain);
	make(&m, 0x100, 1000, plain, PLAIN);
	CHECK(unpack(&m, &rbl, &kept));
	CHECK(kept.len == 1000);
}

static void what_cannot_be_unpacked_has_its_body_checked(void)
{
	static const uint32_t algos[] = { 0x300, 1, 7, 0x900 };
	static struct kept kept;
	static uint8_t plain[640];

	for (size_t i = 0; i < ARRAY_LEN(algos); i++) {
		AUTO(maker_close) struct maker m;
		struct rbl rbl;

		make(&m, algos[i] & ~0x102u, sizeof plain, plain, sizeof plain);
		put_le32(m.bytes + 4, algos[i]);
		put_le32(m.bytes + 92, (uint32_t)crc32(0, m.bytes, 92));
		CHECK(unpack(&m, &rbl, &kept));
		CHECK(rbl.body == RBL_RIGHT && rbl.plain == RBL_UNTRIED && rbl.why);
	}
}

static void half_a_block_is_not_decrypted(void)
{
	static struct kept kept;
	AUTO(maker_close) struct maker m;
	struct rbl rbl;

	maker_open(&m, sizeof gzip_aes - 7);
	memcpy(m.bytes, gzip_aes, sizeof gzip_aes - 7);
	put_le32(m.bytes + 88, sizeof gzip_aes - 96 - 7);
	put_le32(m.bytes + 92, (uint32_t)crc32(0, m.bytes, 92));
	CHECK(unpack(&m, &rbl, &kept));
	CHECK(rbl.body == RBL_WRONG && rbl.plain == RBL_UNTRIED && kept.len == 0);
}

/* ---- trailers */

static void a_trailer_proves_the_firmware_before_it(void)
{
	AUTO(maker_close) struct maker m;
	struct rbl rbl;
	struct err e;
	bool found;

	maker_tuya_n(&m);
	CHECK_OK(rbl_at(&m.flash, 0x129f0a, &rbl, &found, &e), e);
	CHECK(found && rbl.installed && !strcmp(rbl.name, "app"));
	CHECK_OK(rbl_prove_installed(&m.flash, 0x11000, &rbl, &e), e);
	CHECK(rbl.body == RBL_RIGHT && rbl.plain == RBL_RIGHT && !rbl.why);
	m.bytes[0x13005] ^= 1;
	CHECK_OK(rbl_prove_installed(&m.flash, 0x11000, &rbl, &e), e);
	CHECK(rbl.body == RBL_WRONG && rbl.plain == RBL_WRONG && rbl.why);
}

static void a_trailer_with_senseless_sizes_proves_nothing(void)
{
	AUTO(maker_close) struct maker m;
	struct rbl rbl;
	struct err e;
	bool found;

	maker_tuya_n(&m);
	CHECK_OK(rbl_at(&m.flash, 0x129f0a, &rbl, &found, &e), e);
	rbl.plain_size = 0xfffffff0;
	rbl.body_size = 0xfffffff8;
	CHECK_OK(rbl_prove_installed(&m.flash, 0x11000, &rbl, &e), e);
	CHECK(rbl.body == RBL_UNTRIED && rbl.why);
}

static const struct check all[] = {
	{ "a published header is read", a_published_header_is_read },
	{ "a header with one wrong bit is none", a_header_with_one_wrong_bit_is_none },
	{ "the published hashes come out", the_published_hashes_come_out },
	{ "published containers unpack to what went in",
	  published_containers_unpack_to_what_went_in },
	{ "broken streams end", broken_streams_end },
	{ "damage is found wherever it is", damage_is_found_wherever_it_is },
	{ "a cut container says so", a_cut_container_says_so },
	{ "each way of packing that is known unpacks", each_way_of_packing_that_is_known_unpacks },
	{ "more than the header says is thrown away", more_than_the_header_says_is_thrown_away },
	{ "what cannot be unpacked has its body checked",
	  what_cannot_be_unpacked_has_its_body_checked },
	{ "half a block is not decrypted", half_a_block_is_not_decrypted },
	{ "a trailer proves the firmware before it", a_trailer_proves_the_firmware_before_it },
	{ "a trailer with senseless sizes proves nothing",
	  a_trailer_with_senseless_sizes_proves_nothing },
};
CHECK_MAIN(all)
