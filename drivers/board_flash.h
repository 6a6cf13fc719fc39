/*
 * A board's flash, whichever way it is reached: by SPI (struct nor) or through the UART loader
 * (struct beken_uart). Recipes use this, so that there is one way to back up and one to write.
 */
#pragma once

#include "nor_compare.h"
#include "nor_image.h"
#include "nor_proof.h"
#include "nor_write.h"

struct board_flash;

struct board_flash_ops {
	const char *name; /* "spi", "uart" */

	/*
	 * Reads a range, and makes sure that the board is still there. With flash->proves what
	 * comes back is what the chip's own sum says, or it is ERR_UNSTABLE_READ.
	 */
	int (*read)(struct board_flash *flash, const struct nor_range *range,
		    struct progress *progress, struct err *e);

	/* A doubted range by vote: ERR_UNSTABLE_READ where no two reads agree. */
	int (*vote)(struct board_flash *flash, uint32_t addr, uint8_t *buf, size_t len,
		    struct err *e);

	/* Reads are slower from now on. False when they cannot be. */
	bool (*slow_down)(struct board_flash *flash);

	/* As nor_compare() and nor_write(). */
	int (*compare)(struct board_flash *flash, const struct nor_image *image,
		       struct progress *progress, struct nor_difference *difference, struct err *e);
	int (*write)(struct board_flash *flash, const struct nor_image *image,
		     const struct nor_write_options *options, struct err *e);

	/*
	 * CRC-32 of a range, as the chip itself says; both are multiples of 256. NULL where it
	 * cannot.
	 */
	int (*sum)(struct board_flash *flash, uint32_t addr, uint32_t len, uint32_t *crc32,
		   struct err *e);

	/* The board starts its firmware. */
	int (*leave)(struct board_flash *flash, struct err *e);
};

/* First member of what implements it. */
struct board_flash {
	const struct board_flash_ops *ops;
	char name[96];
	uint32_t size;  /* bytes of the chip */
	uint32_t start; /* the first that can be read; more than 0 where a loader hides itself */
	uint32_t cell;  /* the smallest that is erased */
	bool proves;    /* reads are proven by themselves */
};

int board_flash_read(struct board_flash *flash, const struct nor_range *range,
		     struct progress *progress, struct err *e) MUST_CHECK;
int board_flash_vote(struct board_flash *flash, uint32_t addr, uint8_t *buf, size_t len,
		     struct err *e) MUST_CHECK;
bool board_flash_slow_down(struct board_flash *flash);
int board_flash_compare(struct board_flash *flash, const struct nor_image *image,
			struct progress *progress, struct nor_difference *difference, struct err *e)
	MUST_CHECK;
int board_flash_write(struct board_flash *flash, const struct nor_image *image,
		      const struct nor_write_options *options, struct err *e) MUST_CHECK;
int board_flash_sum(struct board_flash *flash, uint32_t addr, uint32_t len, uint32_t *crc32,
		    struct err *e) MUST_CHECK;
int board_flash_leave(struct board_flash *flash, struct err *e) MUST_CHECK;

/* Compares with FF: ERR_NOT_BLANK with the first address and how many sectors. */
int board_flash_blank_check(struct board_flash *flash, uint32_t addr, size_t len,
			    struct progress *progress, struct err *e) MUST_CHECK;
