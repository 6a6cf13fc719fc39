/*
 * Writing, and erasing: from what is on a chip to what shall be there, with as few erases and
 * programs as that takes, proven.
 */
#pragma once

#include "nor.h"
#include "nor_image.h"

/* What a write did. All bytes. */
struct nor_written {
	uint64_t erased;           /* in erase blocks */
	uint64_t programmed;       /* sent to be programmed */
	uint64_t skipped;          /* of the range: were right already */
	uint64_t erases, programs; /* commands; pages where bytes or words go one by one */
	uint64_t repairs;          /* blocks that were not right after a try */
	bool unprotected;          /* the protection was cleared, and put back */
};

struct nor_write_options {
	bool unprotect; /* clear the protection where it is in the way */
	bool force;     /* also over what the board starts from; by SPI nothing hinders that */
	/*
	 * Borrowed; may be NULL. What a read of this session has found on the whole chip: cells that
	 * it shows as they shall be are not read again before the proof.
	 */
	struct nor_source *seen;
	struct progress *progress;   /* borrowed; may be NULL */
	struct nor_written *written; /* filled on failure too; may be NULL */
};

/*
 * Brings the image onto the chip. Looks first, and only as far as it must: a sector is read until
 * a bit is seen that only an erase can set, or not at all where options->seen shows that it is right
 * already. What is to be changed is always looked at on the chip itself, and the proof at the end
 * reads everything: where the chip does not hold what was seen, the second round trusts only what it
 * reads. Then, block by block (64 KiB), the cheapest set of
 * erases by the chip's own times; only pages that are not right are programmed. What was touched
 * is read back and done again up to three times; at the end all of it is read once more. A chip
 * erase is used when the whole chip is written and that is quicker.
 *
 * Bytes beyond the range stay: they are read until two reads agree before the first and last
 * sector are erased, and written back; a cancel waits for that. Only death (of power or program)
 * in those 50 ms can lose them.
 *
 * Interrupted at any point and started again, it goes on from what it finds. A cancel leaves the
 * chip busy with what it does; the next call (and nor_probe) waits for it. A cancel is heard within
 * 100 ms, but see above. Progress counts each byte twice, once for writing and once for the proof,
 * and a third time where the whole chip is erased first: then it moves on as time goes by.
 *
 * Errors: ERR_BAD_INPUT (past the end), ERR_PROTECTED, ERR_VERIFY_FAILED (e->offset is the first
 * address, e->differing_sectors how many sectors of the block or, at the end, of the range),
 * ERR_TIMEOUT (busy for longer than twice the maximum), ERR_NO_CHIP (it vanished),
 * ERR_UNSTABLE_READ, ERR_UNKNOWN_CHIP (no way to erase it), ERR_MEMORY, those of the bus, of the
 * source, of progress. Where an address is concerned e->offset has it. The protection is put back
 * on failure too, if the chip still answers.
 */
int nor_write(struct nor *nor, const struct nor_image *image,
	      const struct nor_write_options *options, struct err *e) MUST_CHECK;

/* The same with FF for an image: any offset and length; sectors that are blank are left alone. */
int nor_erase_range(struct nor *nor, uint32_t addr, size_t len,
		    const struct nor_write_options *options, struct err *e) MUST_CHECK;
