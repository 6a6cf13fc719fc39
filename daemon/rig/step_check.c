#include "steps.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "crc_grid.h"
#include "image_store.h"
#include "rig_impl.h"
#include "target.h"

#define LOADER_END    0x11000u /* of the bootloader region, on every BK72xx */
#define LOADER_BLOCKS 64       /* of its CRC grid that must be right to be taken for one */

/* Where the bytes come from, and how many there are. */
struct origin {
	int64_t content, size, offset;
	struct content sums; /* where there is a content */
};

static int find_image(struct run *run, struct tx *tx, struct origin *from, struct err *e)
{
	AUTO(auto_free) struct image *image = calloc(1, sizeof *image);

	if (!image)
		return err_set(e, ERR_MEMORY, "no memory for an image's record");
	if (image_get(tx, run->job->request.image, image, e) < 0)
		return -1;
	*from = (struct origin){ image->content.id, (int64_t)image->content.size, 0,
				 image->content };
	run_log(run, "check: image %" PRId64 " \"%s\", %" PRId64 " bytes, CRC-32 %08X", image->id,
		image->name, from->size, image->content.crc32);
	return 0;
}

static int find_dump(struct run *run, struct tx *tx, struct origin *from, struct err *e)
{
	AUTO(auto_free) struct dump *dump = calloc(1, sizeof *dump);

	if (!dump)
		return err_set(e, ERR_MEMORY, "no memory for a dump's record");
	if (dump_get(tx, run->job->request.dump, dump, e) < 0)
		return -1;
	if (run->job->request.type == JOB_RESTORE && !dump->complete)
		return err_set(e, ERR_UNPROCESSABLE,
			       "dump %" PRId64 " is not of a whole chip: write it instead",
			       dump->id);
	*from = (struct origin){ dump->content.id, (int64_t)dump->content.size,
				 (int64_t)dump->offset, dump->content };
	run->origin_device = dump->device;
	run_log(run, "check: dump %" PRId64 ", %" PRId64 " bytes, CRC-32 %08X%s", dump->id,
		from->size, dump->content.crc32, dump->verified ? "" : ", not verified");
	return 0;
}

static int find_origin(struct run *run, struct origin *from, struct err *e)
{
	const struct job_request *q = &run->job->request;
	AUTO(tx_end) struct tx tx = tx_begin_read(run->slot->rig->db);

	*from = (struct origin){ .content = JOB_NONE };
	run->origin_device = JOB_NONE;
	if (q->image > 0)
		return find_image(run, &tx, from, e);
	return q->dump > 0 ? find_dump(run, &tx, from, e) : 0;
}

static int too_large(const struct run *run, int64_t offset, int64_t length, struct err *e)
{
	if (length <= 0)
		err_set(e, ERR_CHIP_MISMATCH, "0x%" PRIx64 " is not inside the %u bytes of %s",
			offset, run->flash->size, run->flash->name);
	else
		err_set(e, ERR_CHIP_MISMATCH,
			"%" PRId64 " bytes at 0x%" PRIx64 " do not fit into the %u bytes of %s",
			length, offset, run->flash->size, run->flash->name);
	return err_hint(e, "Check the image, the offset, and what is in the slot.");
}

/* Of an image that is written, or compared, as it is. */
static void keep_sums(struct run *run, const struct content *sums)
{
	run->job->result.crc32 = sums->crc32;
	hash_hex(sums->sha256, HASH_SHA256_LEN, run->job->result.sha256);
}

/* The range on the chip, from what was asked for and where it comes from. */
static int settle_wanted(struct run *run, const struct origin *from, struct err *e)
{
	const struct job_request *q = &run->job->request;
	const int64_t chip = run->flash->size;
	const int64_t offset = q->offset != JOB_NONE ? q->offset : from->offset;
	const int64_t rest = from->content != JOB_NONE ? from->size : chip - offset;
	const int64_t length = q->length != JOB_NONE ? q->length : rest;
	const bool filled = q->fill != JOB_NONE || from->content == JOB_NONE;

	if (offset >= chip || length <= 0 || length > chip - offset)
		return too_large(run, offset, length, e);
	if (from->content != JOB_NONE && length > from->size && !filled)
		return err_set(e, ERR_UNPROCESSABLE,
			       "length %" PRId64 " is more than the %" PRId64
			       " bytes there are, and no fill is given",
			       length, from->size);
	run->wanted = (struct wanted){
		.base.read = wanted_read,
		.db = run->slot->rig->db,
		.content = from->content,
		.start = (uint32_t)offset,
		.len = (uint32_t)length,
		.content_len = (uint32_t)(from->size < length ? from->size : length),
		.fill = q->fill != JOB_NONE ? (uint8_t)q->fill : 0xff,
	};
	run->job->result.offset = offset;
	run->job->result.size = length;
	if (from->content != JOB_NONE && length == from->size && !*q->preserve)
		keep_sums(run, &from->sums);
	return wanted_set_spans(&run->wanted, q->preserve, e);
}

static int check_id(const struct run *run, struct err *e)
{
	const char *want = run->job->request.expect_jedec_id;

	if (!*want || !strcmp(want, run->job->result.jedec_id))
		return 0;
	err_set(e, ERR_CHIP_MISMATCH, "the chip is %s (%s), %s was expected",
		run->job->result.jedec_id, run->flash->name, want);
	return err_hint(e, "Another board sits in slot %s. Nothing was written.",
			run->slot->set.name);
}

/* True when what is wanted at the start of the flash begins like a bootloader: a CRC grid that is right. */
static int is_loader(struct run *run, bool *loader, struct err *e)
{
	uint8_t block[LOADER_BLOCKS][CRC_GRID_BLOCK];

	*loader = false;
	if (run->wanted.start != 0 || run->wanted.content_len < LOADER_END)
		return 0;
	if (wanted_read(&run->wanted.base, 0, block[0], sizeof block, e) < 0)
		return -1;
	for (size_t i = 0; i < LOADER_BLOCKS; i++)
		if (!crc_grid_valid(block[i]))
			return 0;
	*loader = true;
	return 0;
}

/* The bootloader is what a board starts with, and on some the only way in by UART. */
static int guard_loader(struct run *run, struct err *e)
{
	const struct rig_slot *set = &run->slot->set;
	bool loader;

	if (!set->target->enters_spi_mode || run->wanted.span[0].addr >= LOADER_END ||
	    run->job->request.force == 1)
		return 0;
	if (run->job->request.type == JOB_RESTORE && run->job->request.other_device != 1)
		return 0; /* it gets back what it had */
	if (is_loader(run, &loader, e) < 0)
		return -1;
	if (loader)
		return 0;
	err_set(e, ERR_CONFLICT,
		"the first 0x%x bytes are the bootloader's, and what shall go there is none%s",
		LOADER_END,
		set->target->loader_in_flash
			? "; it is also what answers on the UART of this chip: without it the "
			  "board can only be saved by SPI"
			: "");
	return err_hint(e, "Give the offset the image belongs to (0x11000 for an application), "
			   "preserve the region, or say \"force\": true.");
}

/* A source that is damaged must be found out before the first write enable, not in the middle. */
static int read_source(struct run *run, struct err *e)
{
	const struct wanted *w = &run->wanted;

	if (w->content < 0)
		return 0;
	run_phase(run, "check", "bytes", w->content_len);
	for (uint32_t at = 0, n; at < w->content_len; at += n) {
		n = w->content_len - at < RUN_PIECE ? w->content_len - at : RUN_PIECE;
		if (wanted_read(&run->wanted.base, w->start + at, run->piece, n, e) < 0) {
			if (e->code == ERR_ARCHIVE_DAMAGED)
				err_hint(e, "Nothing was written. Check the archive, and take "
					    "another dump or upload the image again.");
			return -1;
		}
		if (progress_report(&run->progress, at + n, w->content_len, e) < 0)
			return -1;
	}
	return 0;
}

int step_check(struct run *run, struct err *e)
{
	struct origin from;

	if (check_id(run, e) < 0 || find_origin(run, &from, e) < 0 ||
	    settle_wanted(run, &from, e) < 0)
		return -1;
	if (run->job->request.type == JOB_VERIFY || run->job->request.type == JOB_BLANK_CHECK)
		return 0;
	return read_source(run, e) < 0 || guard_image(run, e) < 0 ? -1 : guard_loader(run, e);
}
