/* The body of a container: read, decrypted and unpacked in one pass. */
#include <nettle/aes.h>
#include <nettle/cbc.h>
#include <stdlib.h>
#include <zlib.h>

#include "auto.h"
#include "lzma.h"
#include "quicklz.h"
#include "rbl.h"

#define PIECE 16384u /* a multiple of AES's block */

/* In every public bootloader that has its key written in it: no secret. */
static const uint8_t aes_key[] = "0123456789ABCDEF0123456789ABCDEF";
static const uint8_t aes_iv[] = "0123456789ABCDEF";

struct unpacking {
	struct lzma_in bytes; /* first */
	struct flash *flash;  /* borrowed */
	struct err *e;        /* borrowed: filled when failed */
	bool failed;          /* the archive could not be read */
	uint32_t at;          /* bytes of the body that were read */
	size_t have, used;    /* bytes in clear, and how many of them are taken */
	struct rbl *rbl;
	struct rbl_out *out; /* borrowed; may be NULL */
	uint32_t crc;        /* of what is stored */
	uint32_t fnv;        /* of the firmware */
	uint64_t plain;      /* bytes of it so far */
	struct aes256_ctx aes;
	uint8_t iv[AES_BLOCK_SIZE];
	z_stream z;
	bool inflating, ended; /* the stream has begun, and has come to its end */
	uint8_t in[PIECE], clear[PIECE];
};

static void unpacking_done(struct unpacking **u)
{
	if (*u && (*u)->inflating)
		inflateEnd(&(*u)->z);
	free(*u);
}

/* ---- out */

/* What is more than the header says is counted, and thrown away. */
static void put(struct unpacking *u, const uint8_t *bytes, size_t len)
{
	const uint64_t room = u->plain < u->rbl->plain_size ? u->rbl->plain_size - u->plain : 0;
	const size_t n = len < room ? len : (size_t)room;

	u->plain += len;
	u->fnv = rbl_fnv(u->fnv, bytes, n);
	if (u->out && n > 0)
		u->out->put(u->out, bytes, n);
}

/* Stops on its own at the end of the stream, and when there is more than there may be. */
static bool inflate_piece(struct unpacking *u, uint8_t *bytes, size_t len)
{
	uint8_t out[4096];

	u->z.next_in = bytes;
	u->z.avail_in = (unsigned)len;
	while (!u->ended && (u->z.avail_in > 0 || u->z.avail_out == 0)) {
		int rc;

		u->z.next_out = out;
		u->z.avail_out = sizeof out;
		rc = inflate(&u->z, Z_NO_FLUSH);
		put(u, out, sizeof out - u->z.avail_out);
		u->ended = rc == Z_STREAM_END || u->plain > u->rbl->plain_size;
		if (rc == Z_BUF_ERROR)
			break;
		if (rc != Z_OK && rc != Z_STREAM_END)
			return false;
	}
	return true;
}

/* Why the firmware cannot be had, or NULL. */
static const char *cannot(const struct rbl *rbl)
{
	if (rbl->cipher != RBL_CLEAR && rbl->cipher != RBL_AES256)
		return "the encryption is none that is known here";
	if (rbl->packing == RBL_FASTLZ || rbl->packing == RBL_PACKING_UNKNOWN)
		return "the compression is none that is known here";
	if (rbl->cipher == RBL_AES256 && rbl->body_size % AES_BLOCK_SIZE != 0)
		return "the body is no whole number of blocks";
	return rbl->plain_size > RBL_PLAIN_MAX ? "the firmware is too large to be unpacked" : NULL;
}

/* ---- in */

/* What cannot be unpacked is read for its CRC alone: nettle aborts at half a block. */
static void decrypt(struct unpacking *u, size_t len)
{
	if (u->rbl->cipher == RBL_AES256 && !cannot(u->rbl))
		cbc_decrypt(&u->aes, (nettle_cipher_func *)aes256_decrypt, AES_BLOCK_SIZE, u->iv,
			    len, u->clear, u->in);
	else
		memcpy(u->clear, u->in, len);
}

/* The next piece of the body, in clear; false when there is none. */
static bool refill(struct unpacking *u)
{
	const uint32_t left = u->rbl->body_size - u->at;
	const size_t n = left < PIECE ? left : PIECE;
	const uint64_t from = (uint64_t)u->rbl->at + RBL_HEADER + u->at;

	if (n == 0 || u->failed)
		return false;
	u->failed = flash_read(u->flash, from, u->in, n, u->e) < 0;
	if (u->failed)
		return false;
	u->crc = (uint32_t)crc32(u->crc, u->in, (unsigned)n);
	u->at += (uint32_t)n;
	decrypt(u, n);
	u->have = n;
	u->used = 0;
	return true;
}

static int next_byte(struct lzma_in *in)
{
	struct unpacking *u = (struct unpacking *)in;

	if (u->used == u->have && !refill(u))
		return -1;
	return u->clear[u->used++];
}

static bool unpack_plain(struct unpacking *u)
{
	while (refill(u))
		put(u, u->clear, u->have);
	return true;
}

static bool unpack_gzip(struct unpacking *u)
{
	u->inflating = inflateInit2(&u->z, 15 + 16) == Z_OK; /* any window */
	while (u->inflating && refill(u))
		if (!inflate_piece(u, u->clear, u->have))
			return false;
	return u->inflating;
}

/* Takes what the LZMA decoder puts. */
struct lzma_sink {
	struct rbl_out base; /* first */
	struct unpacking *u;
};

static void on_lzma(struct rbl_out *out, const uint8_t *bytes, size_t len)
{
	put(((struct lzma_sink *)out)->u, bytes, len);
}

static bool unpack_lzma(struct unpacking *u)
{
	struct lzma_sink sink = { { on_lzma }, u };

	return lzma_unpack(&u->bytes, &sink.base, u->rbl->plain_size) == LZMA_DONE;
}

/* Pieces with their lengths in front, high byte first. */
static bool next_length(struct unpacking *u, uint32_t *len)
{
	uint8_t bytes[4];

	for (size_t i = 0; i < sizeof bytes; i++) {
		const int byte = next_byte(&u->bytes);

		if (byte < 0)
			return false;
		bytes[i] = (uint8_t)byte;
	}
	*len = be32(bytes);
	return *len <= QUICKLZ_PIECE;
}

static bool unpack_quicklz(struct unpacking *u)
{
	uint8_t piece[QUICKLZ_PIECE], out[QUICKLZ_PIECE];
	uint32_t len;
	size_t n;

	while (u->plain < u->rbl->plain_size) {
		if (!next_length(u, &len))
			return false;
		for (uint32_t i = 0; i < len; i++) {
			const int byte = next_byte(&u->bytes);

			if (byte < 0)
				return false;
			piece[i] = (uint8_t)byte;
		}
		if (!quicklz_unpack(piece, len, out, &n) || n == 0)
			return false;
		put(u, out, n);
	}
	return true;
}

static bool unpack(struct unpacking *u)
{
	switch (u->rbl->packing) {
	case RBL_PLAIN: return unpack_plain(u);
	case RBL_GZIP: return unpack_gzip(u);
	case RBL_QUICKLZ: return unpack_quicklz(u);
	case RBL_LZMA: return unpack_lzma(u);
	case RBL_FASTLZ:
	case RBL_PACKING_UNKNOWN: break;
	}
	return false;
}

static void begin(struct unpacking *u)
{
	u->bytes.next = next_byte;
	aes256_set_decrypt_key(&u->aes, aes_key);
	memcpy(u->iv, aes_iv, sizeof u->iv);
	u->fnv = RBL_FNV_START;
}

/* All of the body is read, for its CRC, however far it can be unpacked. */
static int run(struct unpacking *u, const char **why)
{
	if (!*why && !unpack(u))
		*why = "the compressed bytes are damaged";
	while (refill(u))
		continue;
	return u->failed ? -1 : 0;
}

static void judge(struct unpacking *u, const char *why)
{
	struct rbl *rbl = u->rbl;
	const bool whole = u->plain >= rbl->plain_size;

	rbl->body = u->crc == rbl->body_crc32 ? RBL_RIGHT : RBL_WRONG;
	rbl->why = why;
	if (rbl->body == RBL_WRONG)
		rbl->why = "the CRC of the body is wrong";
	if (cannot(rbl))
		return;
	rbl->plain = !why && whole && u->fnv == rbl->plain_hash ? RBL_RIGHT : RBL_WRONG;
	if (rbl->plain == RBL_WRONG && !rbl->why)
		rbl->why = "what it unpacks to is not what the header says";
}

int rbl_unpack(struct flash *flash, struct rbl *rbl, struct rbl_out *out, struct err *e)
{
	AUTO(unpacking_done) struct unpacking *u = calloc(1, sizeof *u);
	const char *why = cannot(rbl);

	if (!u)
		return err_set(e, ERR_MEMORY, "out of memory for a container");
	if (!flash_has(flash, (uint64_t)rbl->at + RBL_HEADER, rbl->body_size)) {
		rbl->why = "it is cut off: not all of its body is there";
		return 0;
	}
	u->rbl = rbl;
	u->out = out;
	u->flash = flash;
	u->e = e;
	begin(u);
	if (run(u, &why) < 0)
		return -1;
	judge(u, why);
	return 0;
}
