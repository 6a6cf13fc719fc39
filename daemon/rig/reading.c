#include "reading.h"

#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "nor_proof.h"
#include "rig_impl.h"

#define HZ_FLOOR  100000u /* below this a clock is not halved any more */
#define READS_MAX 5       /* of the whole range */

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

int reading_first(struct run *run, struct err *e)
{
	run->ingest = ingest_open(run->slot->rig->db, e);
	if (!run->ingest)
		return -1;
	run_phase(run, "read", "bytes", run->len);
	for (int64_t at = 0; at < run->len; at += RUN_PIECE) {
		const struct nor_range range = { .addr = (uint32_t)(run->from + at),
						 .buf = run->piece,
						 .len = piece_len(run, at, RUN_PIECE) };

		run->base = (uint64_t)at;
		if (nor_read_alive(&run->nor, &range, &run->progress, e) < 0 ||
		    ingest_append(run->ingest, range.buf, range.len, e) < 0)
			return -1;
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

/* Looks for the device's MAC in a sector that is proven. */
static void feed_mac(struct run *run, int64_t at, const uint8_t *bytes, size_t len)
{
	const uint64_t addr = (uint64_t)(run->from + at);

	if (addr % RF_SECTOR == 0 && len == RF_SECTOR)
		rf_feed(&run->rf, addr, bytes);
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
		const struct nor_range range = { .addr = (uint32_t)(run->from + at),
						 .buf = run->piece,
						 .len = piece_len(run, at, RUN_PIECE) };

		run->base = (uint64_t)at;
		if (nor_read_alive(&run->nor, &range, &run->progress, e) < 0 ||
		    ingest_check(run->ingest, (uint64_t)at, range.buf, range.len, &doubt->base, e) <
			    0)
			return -1;
		feed_agreed(run, doubt, at, range.len);
	}
	return 0;
}

/* Half the clock for the rest of the job. False at the floor. */
static bool slow_down(struct run *run)
{
	struct spi *spi = run->board->spi;
	const struct spi_setup half = { .hz = spi->now.hz / 2, .mode = spi->now.mode };
	struct err ignored;

	if (half.hz < HZ_FLOOR || spi_setup(spi, &half, &ignored) < 0)
		return false;
	atomic_fetch_add(&run->slot->rig->counts.slowed, 1);
	run_log(run, "verify: reads are not stable; clock halved to %u Hz", spi->now.hz);
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

	while (nor_read_majority(&run->nor, addr, run->piece, len, e) < 0) {
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

int reading_prove(struct run *run, struct err *e)
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
	r->spi_hz = run->board->spi->now.hz;
	if (rf_mac_text(&run->rf, run->mac))
		run_log(run, "verify: the MAC in the RF partition is %s", run->mac);
	return 0;
}
