/* What the first 11000h bytes of a BK72xx flash say: which bootloader it is, and for which chip. */
#pragma once

#include "fact.h"
#include "fal.h"
#include "flash.h"
#include "scramble.h"

#define BOOTLOADER_END   0x11000u /* of its region in the flash */
#define BOOTLOADER_BYTES 0x10000u /* of it without CRCs */

struct bootloader {
	struct fact fact;   /* SURE_NOT: there is none that is known */
	char text[40];      /* "BK7231N_1.0.1", "" when it has no such text */
	char version[16];   /* "1.0.1" */
	const char *vendor; /* "Tuya", "Beken SDK"; NULL: not known */
	uint32_t id;        /* the CRC-32 by which loaders are told apart over UART */
	uint32_t socs;      /* what it runs on; 0: not known */
	bool has_id;        /* id is a known one */
	bool marked;        /* "BK7231" in clear at 110h: an N or one of its kin */
	struct fact stored; /* the key that it carries */
	struct scramble_key key;
	struct fal fal; /* n = 0: it has no table */
};

/* key: what the code is scrambled with. ERR_MEMORY, and what reading says. */
int bootloader_read(struct flash *flash, const struct scramble_key *key, struct bootloader *loader,
		    struct err *e) MUST_CHECK;
