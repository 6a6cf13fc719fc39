/* The body of a container: decrypted and unpacked in one pass, in constant memory. */
#include <nettle/aes.h>
#include <nettle/cbc.h>
#include <stdlib.h>
#include <zlib.h>

#include "auto.h"
#include "rbl.h"

#define PIECE 16384u /* a multiple of AES's block */

/* In every public bootloader that has its key written in it: no secret. */
static const uint8_t aes_key[] = "0123456789ABCDEF0123456789ABCDEF";
static const uint8_t aes_iv[] = "0123456789ABCDEF";

struct unpacking {
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

/* ---- in */

static void decrypt(struct unpacking *u, size_t len)
{
	if (u->rbl->cipher == RBL_AES256)
		cbc_decrypt(&u->aes, (nettle_cipher_func *)aes256_decrypt, AES_BLOCK_SIZE, u->iv,
			    len, u->clear, u->in);
	else
		memcpy(u->clear, u->in, len);
}

static bool unpack_piece(struct unpacking *u, size_t len)
{
	decrypt(u, len);
	if (u->rbl->packing == RBL_GZIP)
		return inflate_piece(u, u->clear, len);
	put(u, u->clear, len);
	return true;
}

/* Why the firmware cannot be had, or NULL. */
static const char *cannot(const struct rbl *rbl)
{
	if (rbl->cipher != RBL_CLEAR && rbl->cipher != RBL_AES256)
		return "the encryption is none that is known here";
	if (rbl->packing != RBL_PLAIN && rbl->packing != RBL_GZIP)
		return "the compression is none that is known here";
	if (rbl->cipher == RBL_AES256 && rbl->body_size % AES_BLOCK_SIZE != 0)
		return "the body is no whole number of blocks";
	return rbl->plain_size > RBL_PLAIN_MAX ? "the firmware is too large to be unpacked" : NULL;
}

static bool begin(struct unpacking *u)
{
	aes256_set_decrypt_key(&u->aes, aes_key);
	memcpy(u->iv, aes_iv, sizeof u->iv);
	u->fnv = RBL_FNV_START;
	u->inflating = inflateInit2(&u->z, 15 + 16) == Z_OK; /* gzip, any window */
	return u->inflating;
}

static int run(struct unpacking *u, struct flash *flash, const char **why, struct err *e)
{
	const uint64_t from = (uint64_t)u->rbl->at + RBL_HEADER;

	for (uint32_t at = 0, n; at < u->rbl->body_size; at += n) {
		n = u->rbl->body_size - at < PIECE ? u->rbl->body_size - at : PIECE;
		if (flash_read(flash, from + at, u->in, n, e) < 0)
			return -1;
		u->crc = (uint32_t)crc32(u->crc, u->in, n);
		if (!*why && !unpack_piece(u, n))
			*why = "the compressed bytes are damaged";
	}
	return 0;
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
	if (!begin(u))
		return err_set(e, ERR_MEMORY, "out of memory for a container");
	if (run(u, flash, &why, e) < 0)
		return -1;
	judge(u, why);
	return 0;
}
