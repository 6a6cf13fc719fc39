/*
 * What a dump or an image says about itself: its kind, the chip it is for, how it is scrambled,
 * its partitions, the firmware with its versions, the MAC, and its configuration. Every fact has
 * the address where it stands and how sure it is.
 *
 * Whatever the bytes are, an analysis ends: it reads each a few times, in pieces, and keeps a
 * bounded number of finds.
 */
#pragma once

#include "banner.h"
#include "bootloader.h"
#include "crc_grid.h"
#include "fact.h"
#include "flash.h"
#include "layout.h"
#include "rbl.h"
#include "rf.h"
#include "scramble.h"
#include "setting.h"
#include "soc.h"

#define ANALYSIS_VERSION    1 /* of what follows from the same bytes */
#define ANALYSIS_PARTITIONS 48
#define ANALYSIS_CONTAINERS 12
#define ANALYSIS_CLUES      12
#define ANALYSIS_WARNINGS   8

enum proof { PROOF_NONE, PROOF_BAD, PROOF_GOOD };

/* Where a partition's place is known from. */
enum place {
	PLACE_TABLE,  /* the bootloader's own table */
	PLACE_FOUND,  /* what it holds was recognised */
	PLACE_LAYOUT, /* where such firmware has it */
	PLACE_REST    /* what lies between */
};
const char *place_name(enum place place);

struct partition {
	char name[FAL_NAME];
	enum partition_kind kind;
	enum place place;
	struct fact fact;           /* of the place */
	uint32_t offset, length;    /* in the flash */
	uint32_t present;           /* bytes of it that the content has */
	uint32_t used;              /* its sectors that are not erased */
	enum proof ok;              /* of what it holds */
	struct crc_grid_count grid; /* of code */
};

/* Something that tells for which chip it all is. */
struct clue {
	const char *what; /* "bootloader" */
	char says[BANNER_TEXT];
	uint32_t socs;
	struct fact fact;
	unsigned weight;
};

struct analysis {
	const char *kind;    /* "full-flash", "qio", "ua", ...: see kinds in docs and kind.h */
	uint32_t start;      /* address of the first byte of the content */
	uint32_t first, end; /* addresses that are there */
	bool rotated;        /* see flash.h */
	uint32_t sectors, erased;

	uint32_t socs; /* 0: not known */
	enum sure socs_sure;
	size_t clues;
	struct clue clue[ANALYSIS_CLUES];

	struct fact key_fact;         /* SURE_NOT: no code that could tell it */
	struct scramble_key key;      /* of applications */
	struct scramble_key boot_key; /* of the bootloader: the same, unless */
	bool keys_differ;             /* the bootloader's and the application's */

	struct bootloader loader;
	const struct layout *layout; /* NULL: none that is known */
	size_t partitions;           /* ascending; they do not overlap */
	struct partition partition[ANALYSIS_PARTITIONS];

	size_t containers;
	struct rbl container[ANALYSIS_CONTAINERS];

	enum banner_kind firmware;
	struct banner_text name, version, sdk, built, platform; /* at: flash addresses */
	enum sure firmware_sure;

	bool has_mac;
	uint8_t mac[RF_MAC];
	uint32_t mac_at;

	struct settings settings;
	size_t warnings;
	const char *warning[ANALYSIS_WARNINGS];
};

/* What is known from elsewhere. */
struct analysis_hint {
	uint32_t start; /* address of the first byte */
	bool has_start; /* false: the content must tell, as for a file */
};

/*
 * flash gives the content: read and size are set, the rest is found out and set. The struct is
 * large: from the heap. ERR_MEMORY, ERR_UNPROCESSABLE for content above FLASH_MAX, and what
 * reading says. look, when not NULL, gets a letter (survey.h) for each sector from first on, to be
 * freed by the caller.
 */
int analysis_run(struct flash *flash, const struct analysis_hint *hint, struct analysis *a,
		 char **look, struct err *e) MUST_CHECK;

/* The partition that an address lies in; NULL for none. */
const struct partition *analysis_partition_at(const struct analysis *a, uint32_t addr);
const struct partition *analysis_partition(const struct analysis *a, const char *name);

/* "10:5A:17:..."; false when there is none. */
bool analysis_mac_text(const struct analysis *a, char text[RF_MAC_TEXT]);

/* One line: "Tuya oem_bk7231n_plug 1.1.8 on BK7231N". */
#define ANALYSIS_SUMMARY 256
void analysis_summary(const struct analysis *a, char text[ANALYSIS_SUMMARY]);
