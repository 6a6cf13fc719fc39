/*
 * RBL containers: what bootloaders unpack into the application's place, and what then stands
 * behind the application as a trailer. A header of 96 bytes names the firmware and has sums of the
 * packed and of the plain bytes.
 */
#pragma once

#include "bytes.h"
#include "err.h"
#include "flash.h"

#define RBL_HEADER    96u
#define RBL_RAW       102u       /* the same on the CRC grid */
#define RBL_PLAIN_MAX (4u << 20) /* bytes of firmware that are unpacked at most */

enum rbl_cipher { RBL_CLEAR, RBL_XOR, RBL_AES256, RBL_CIPHER_UNKNOWN };
enum rbl_packing { RBL_PLAIN, RBL_GZIP, RBL_QUICKLZ, RBL_FASTLZ, RBL_LZMA, RBL_PACKING_UNKNOWN };

const char *rbl_cipher_name(enum rbl_cipher cipher);    /* "none", "aes256-cbc", ... */
const char *rbl_packing_name(enum rbl_packing packing); /* "none", "gzip", ... */

/* Whether a sum is right. */
enum rbl_proof { RBL_UNTRIED, RBL_WRONG, RBL_RIGHT };

struct rbl {
	uint32_t at;    /* flash address of the header, or its place in a file */
	bool installed; /* a trailer: the firmware stands before it, on the grid */
	enum rbl_cipher cipher;
	enum rbl_packing packing;
	uint32_t algo, time; /* as they stand there; time: seconds since 1970 */
	char name[17], version[25];
	uint32_t body_crc32, plain_hash; /* CRC-32 of what is stored, FNV-1a of the firmware */
	uint32_t plain_size, body_size;
	enum rbl_proof body, plain;
	const char
		*why; /* why one of them is not right or was not tried; NULL when both are right */
};

/* A header whose own CRC is right. Fills all but at and the proofs. */
bool rbl_parse(const uint8_t header[RBL_HEADER], struct rbl *rbl);

/* The same at an address of the flash, with or without the CRCs of the grid in between. */
int rbl_at(struct flash *flash, uint64_t addr, struct rbl *rbl, bool *found, struct err *e)
	MUST_CHECK;

/* Firmware as it is unpacked. */
struct rbl_out {
	void (*put)(struct rbl_out *out, const uint8_t *bytes, size_t len);
};

/*
 * Proves a container whose body follows the header, and unpacks it into out, which may be NULL. It
 * is at rbl->at, with the key that all public bootloaders have. Uses constant memory, but for LZMA,
 * whose dictionary may be as large as the firmware.
 */
int rbl_unpack(struct flash *flash, struct rbl *rbl, struct rbl_out *out, struct err *e) MUST_CHECK;

/* Proves a trailer: the firmware starts at an address of the flash, scrambled and on the grid. */
int rbl_prove_installed(struct flash *flash, uint64_t start, struct rbl *rbl, struct err *e)
	MUST_CHECK;

/* FNV-1a of 32 bits. */
#define RBL_FNV_START 0x811c9dc5u
uint32_t rbl_fnv(uint32_t hash, const uint8_t *bytes, size_t len);
