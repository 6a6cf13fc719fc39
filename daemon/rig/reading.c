#include "reading.h"

#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "rig_impl.h"

#define READS_MAX 5 /* of the whole range */

/*
 * Two reads that agree by chance are as likely as noise is: where more than one sector in NOISY
 * differed, the others are read once more too, slower.
 */
#define NOISY 64

static size_t piece_len(const struct run *run, int64_t at, size_t most)
{
	const int64_t left = run->len - at;

	return left < (int64_t)most ? (size_t)left : most;
}

/* What comes next, into run->piece. */
static struct nor_range next_piece(struct run *run, int64_t at)
{
	run->base = (uint64_t)at;
	return (struct nor_range){ .addr = (uint32_t)(run->from + at),
				   .buf = run->piece,
				   .len = piece_len(run, at, RUN_PIECE) };
}

/* Looks for the device's MAC in a sector that is proven. */
static void feed_mac(struct run *run, int64_t at, const uint8_t *bytes, size_t len)
{
	const uint64_t addr = (uint64_t)(run->from + at);

	if (addr % RF_SECTOR == 0 && len == RF_SECTOR)
		rf_feed(&run->rf, addr, bytes);
}

/* A read that proves itself needs no second one. */
static void take_proven(struct run *run, int64_t at, const uint8_t *bytes, size_t len)
{
	hash_update(&run->sum, bytes, len);
	for (size_t i = 0; run->flash->proves && i < len; i += ARCHIVE_BLOCK)
		feed_mac(run, at + (int64_t)i, bytes + i,
			 len - i < ARCHIVE_BLOCK ? len - i : ARCHIVE_BLOCK);
}

int reading_first(struct run *run, struct err *e)
{
	run->ingest = ingest_open(run->slot->rig->db, e);
	if (!run->ingest)
		return -1;
	hash_init(&run->sum);
	run_phase(run, "read", "bytes", run->len);
	for (int64_t at = 0; at < run->len; at += RUN_PIECE) {
		const struct nor_range range = next_piece(run, at);

		if (board_flash_read(run->flash, &range, &run->progress, e) < 0 ||
		    ingest_append(run->ingest, range.buf, range.len, e) < 0)
			return -1;
		take_proven(run, at, range.buf, range.len);
	}
	run->job->result.reads = 1;
	return 0;
}

/* Which sectors of the content the second pass saw differently. */
struct doubt {
	struct ingest_compare base;
	uint8_t *sector; /* a byte for each */
	size_t sectors, doubted;
};

static void mark(struct ingest_compare *compare, uint64_t offset)
{
	struct doubt *d = (struct doubt *)compare;

	d->sector[offset / ARCHIVE_BLOCK] = 1;
	d->doubted++;
}

static void feed_agreed(struct run *run, const struct doubt *doubt, int64_t at, size_t len)
{
	for (size_t i = 0; i < len; i += ARCHIVE_BLOCK)
		if (!doubt->sector[((size_t)at + i) / ARCHIVE_BLOCK])
			feed_mac(run, at + (int64_t)i, run->piece + i,
				 len - i < ARCHIVE_BLOCK ? len - i : ARCHIVE_BLOCK);
}

static int second_pass(struct run *run, struct doubt *doubt, struct err *e)
{
	for (int64_t at = 0; at < run->len; at += RUN_PIECE) {
		const struct nor_range range = next_piece(run, at);

		if (board_flash_read(run->flash, &range, &run->progress, e) < 0 ||
		    ingest_check(run->ingest, (uint64_t)at, range.buf, range.len, &doubt->base, e) <
			    0)
			return -1;
		feed_agreed(run, doubt, at, range.len);
	}
	return 0;
}

/* For the rest of the job. */
static bool slow_down(struct run *run)
{
	if (run->uart || !board_flash_slow_down(run->flash))
		return false;
	run_log(run, "verify: reads are not stable; clock halved to %u Hz",
		run->board->spi->now.hz);
	return true;
}

static void note_unstable(struct run *run, uint64_t offset, size_t len)
{
	struct dump_range *last = run->unstables ? &run->unstable[run->unstables - 1] : NULL;

	if (last && (last->offset + last->length == offset || run->unstables == DUMP_UNSTABLE)) {
		last->length = offset + len - last->offset; /* a full map grows by its last range */
		return;
	}
	run->unstable[run->unstables++] = (struct dump_range){ .offset = offset, .length = len };
}

/* One doubted sector: what most reads agree on takes its place; slower when they do not. */
static int settle(struct run *run, int64_t at, struct err *e)
{
	const size_t len = piece_len(run, at, ARCHIVE_BLOCK);
	const uint32_t addr = (uint32_t)(run->from + at);

	while (board_flash_vote(run->flash, addr, run->piece, len, e) < 0) {
		if (e->code != ERR_UNSTABLE_READ)
			return -1;
		if (slot_check_cancel(run->slot, e) < 0)
			return -1;
		if (slow_down(run))
			continue;
		run_log(run, "verify: sector 0x%x stays unstable", addr);
		note_unstable(run, addr, len);
		return 0;
	}
	run_log(run, "verify: sector 0x%x differed, settled by majority", addr);
	feed_mac(run, at, run->piece, len);
	return ingest_replace(run->ingest, (uint64_t)at, run->piece, len, e);
}

static int settle_all(struct run *run, const struct doubt *doubt, struct err *e)
{
	for (size_t i = 0; i < doubt->sectors; i++) {
		if (!doubt->sector[i])
			continue;
		if (slot_check_cancel(run->slot, e) < 0 ||
		    settle(run, (int64_t)i * ARCHIVE_BLOCK, e) < 0)
			return -1;
	}
	return 0;
}

static void log_pass(struct run *run, const struct doubt *doubt)
{
	run_log(run, "verify: read %lld: %zu of %zu sectors differ",
		(long long)run->job->result.reads, doubt->doubted, doubt->sectors);
}

/* One more read of everything, and a vote on each sector that it saw differently. */
static int prove(struct run *run, struct doubt *doubt, struct err *e)
{
	doubt->doubted = 0;
	memset(doubt->sector, 0, doubt->sectors);
	if (second_pass(run, doubt, e) < 0)
		return -1;
	run->job->result.reads++;
	atomic_fetch_add(&run->slot->rig->counts.mismatched, doubt->doubted);
	atomic_fetch_add(&run->slot->rig->counts.rereads, run->job->result.reads > 2 ? 1 : 0);
	log_pass(run, doubt);
	return settle_all(run, doubt, e);
}

#define SUM_UNIT 256 /* what a loader sums at a time */
#define SUMS     3   /* questions before it is denied */

/*
 * Each piece is proven already; now the chip sums up all of it once more, so that nothing is at
 * the wrong place.
 */
static int sum_up(struct run *run, struct err *e)
{
	uint32_t crc32 = 0;

	if (run->from % SUM_UNIT != 0 || run->len % SUM_UNIT != 0)
		return 0;
	for (int i = 0; i < SUMS; i++) {
		if (board_flash_sum(run->flash, (uint32_t)run->from, (uint32_t)run->len, &crc32,
				    e) < 0)
			return -1;
		if (crc32 == run->sum.crc32) {
			run_log(run,
				"verify: the chip's own CRC of all of it is the same: %08X as "
				"Beken's tools show it",
				run->sum.crc32 ^ 0xffffffff);
			return 0;
		}
	}
	run_log(run, "verify: CRC-32 %08X was read, %08X is what the chip says", run->sum.crc32,
		crc32);
	note_unstable(run, (uint64_t)run->from, (size_t)run->len);
	return 0;
}

static int prove_twice(struct run *run, struct err *e)
{
	struct job_result *r = &run->job->result;
	const size_t sectors = ((size_t)run->len + ARCHIVE_BLOCK - 1) / ARCHIVE_BLOCK;
	AUTO(auto_free) uint8_t *map = calloc(sectors, 1);
	struct doubt doubt = { .base.differs = mark, .sector = map, .sectors = sectors };

	if (!map)
		return err_set(e, ERR_MEMORY, "no memory for a map of %zu sectors", sectors);
	run_phase(run, "verify", "bytes", run->len);
	do {
		if (prove(run, &doubt, e) < 0)
			return -1;
	} while (doubt.doubted > sectors / NOISY && r->reads < READS_MAX && slow_down(run));
	if (!run->uart)
		r->spi_hz = run->board->spi->now.hz;
	return 0;
}

int reading_prove(struct run *run, struct err *e)
{
	if (run->flash->proves ? sum_up(run, e) < 0 : prove_twice(run, e) < 0)
		return -1;
	if (rf_mac_text(&run->rf, run->mac))
		run_log(run, "verify: the MAC in the RF partition is %s", run->mac);
	return 0;
}
