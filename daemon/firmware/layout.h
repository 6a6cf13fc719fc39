/* How a flash is divided: what tables of known firmware say about chips whose own table does not say all. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAYOUT_PARTS 16

enum partition_kind {
	PARTITION_GAP,
	PARTITION_CODE,     /* on the CRC grid */
	PARTITION_DOWNLOAD, /* where an update waits to be unpacked */
	PARTITION_RF,       /* calibration and MAC */
	PARTITION_CONFIG,   /* settings, keys, network */
	PARTITION_FILES,
	PARTITION_DATA
};

/* "code"; "gap" for what no partition covers. */
const char *partition_kind_name(enum partition_kind kind);

/* The kind that goes with a name in a partition table. */
enum partition_kind partition_kind_of(const char *name);

struct layout_part {
	const char *name;
	enum partition_kind kind;
	uint32_t offset, length; /* in the flash */
};

struct layout {
	const char *name;  /* "tuya-bk7231n" */
	const char *title; /* "Tuya BK7231N, 2 MiB" */
	uint32_t socs;     /* what it is of */
	bool measured;     /* on many devices: the rule for such a chip where nothing tells more */
	uint32_t
		download; /* address that the bootloader's own table gives it; 0: it has no table */
	uint32_t sign;    /* an address where code must begin; 0: none is asked for */
	struct layout_part part[LAYOUT_PARTS]; /* ascending, closed by a length of 0 */
};

/* What is known of a flash before its layout is. */
struct layout_clue {
	uint32_t socs;     /* 0: not known */
	uint32_t download; /* from the bootloader's table; 0: there is none */
	bool (*begins)(const struct layout_clue *clue, uint32_t addr); /* code begins there */
	bool headless; /* the content has no bootloader that could have one */
};

/* The first that fits; NULL when none does. */
const struct layout *layout_find(const struct layout_clue *clue);
