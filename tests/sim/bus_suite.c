#include "bus_suite.h"

#include <stdint.h>
#include <stdlib.h>

#include "auto.h"
#include "check.h"

#define HELD 0x10000u /* bytes of known content */
#define MAX  65536u   /* the largest message that is tried */

#define OPEN(backend, e) AUTO(auto_board_close) struct board *b = (backend)->open(&(e))

static const uint8_t id_tx[] = { 0x9f };

static uint32_t id_of(const uint8_t *rx)
{
	return (uint32_t)rx[0] << 16 | (uint32_t)rx[1] << 8 | rx[2];
}

static bool holds(const struct bus_backend *backend, uint32_t addr, const uint8_t *rx, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (rx[i] != backend->content(addr + (uint32_t)i))
			return false;
	return true;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool id_reads_well(const struct bus_backend *backend, struct spi *spi)
{
	uint8_t rx[3];
	struct err e;

	return spi_command(spi, id_tx, 1, rx, 3, &e) == 0 && id_of(rx) == backend->jedec_id;
}

/* ---- setup */

static void never_faster_than_asked(const struct bus_backend *backend)
{
	static const uint32_t wants[] = { 30000, 1000000, 3333333 };
	struct err e;
	OPEN(backend, e);

	for (size_t i = 0; i < ARRAY_LEN(wants); i++) {
		CHECK_OK(spi_setup(b->spi, &(struct spi_setup){ .hz = wants[i] }, &e), e);
		CHECK(b->spi->now.hz > 0 && b->spi->now.hz <= wants[i]);
		CHECK(id_reads_well(backend, b->spi));
	}
}

static void never_faster_than_its_limit(const struct bus_backend *backend)
{
	struct err e;
	OPEN(backend, e);

	CHECK_OK(spi_setup(b->spi, &(struct spi_setup){ .hz = backend->max_hz * 2 }, &e), e);
	CHECK(b->spi->now.hz > 0 && b->spi->now.hz <= backend->max_hz);
	CHECK(id_reads_well(backend, b->spi));
}

static void modes_0_and_3_both_reach_the_flash(const struct bus_backend *backend)
{
	static const uint8_t modes[] = { 3, 0, 3 };
	struct err e;
	OPEN(backend, e);

	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		const struct spi_setup want = { .hz = 1000000, .mode = modes[i] };

		CHECK_OK(spi_setup(b->spi, &want, &e), e);
		CHECK(b->spi->now.mode == modes[i] && id_reads_well(backend, b->spi));
	}
}

static void refused_setup_leaves_the_bus_usable(const struct bus_backend *backend)
{
	struct err e = { .code = ERR_NONE };
	OPEN(backend, e);
	const struct spi_setup before = b->spi->now;

	CHECK(spi_setup(b->spi, &(struct spi_setup){ .hz = 1000000, .mode = 200 }, &e) == -1);
	CHECK(e.code == ERR_BAD_INPUT);
	CHECK(spi_setup(b->spi, &(struct spi_setup){ .hz = 0 }, &e) == -1);
	CHECK(e.code == ERR_BAD_INPUT);
	CHECK(b->spi->now.hz == before.hz && b->spi->now.mode == before.mode);
	CHECK(id_reads_well(backend, b->spi));
}

/* ---- pieces */

static void id_comes_in_one_full_duplex_piece(const struct bus_backend *backend)
{
	struct err e;
	OPEN(backend, e);
	const uint8_t tx[4] = { 0x9f };
	uint8_t rx[4];
	const struct spi_seg seg = { .tx = tx, .rx = rx, .len = 4 };

	CHECK_OK(spi_xfer(b->spi, &seg, 1, &e), e);
	CHECK(id_of(rx + 1) == backend->jedec_id);
}

static void command_may_come_byte_by_byte(const struct bus_backend *backend)
{
	struct err e;
	OPEN(backend, e);
	const uint8_t tx[] = { 0x03, 0x00, 0x01, 0x80 };
	uint8_t rx[4];
	struct spi_seg seg[8];

	for (size_t i = 0; i < 4; i++) {
		seg[i] = (struct spi_seg){ .tx = tx + i, .len = 1 };
		seg[4 + i] = (struct spi_seg){ .rx = rx + i, .len = 1 };
	}
	CHECK_OK(spi_xfer(b->spi, seg, 8, &e), e);
	CHECK(holds(backend, 0x180, rx, 4));
}

static void missing_tx_sends_zeros_and_missing_rx_drops(const struct bus_backend *backend)
{
	struct err e;
	OPEN(backend, e);
	const uint8_t read = 0x03;
	uint8_t rx[8];
	const struct spi_seg seg[] = { { .tx = &read, .len = 1 },
				       { .len = 3 },
				       { .len = 100 },
				       { .rx = rx, .len = sizeof rx } };

	CHECK_OK(spi_xfer(b->spi, seg, 4, &e), e);
	CHECK(holds(backend, 100, rx, sizeof rx));
}

static void empty_pieces_change_nothing(const struct bus_backend *backend)
{
	struct err e;
	OPEN(backend, e);
	uint8_t rx[3];
	const struct spi_seg seg[] = { { .len = 0 },
				       { .tx = id_tx, .len = 1 },
				       { .tx = id_tx, .len = 0 },
				       { .rx = rx, .len = 3 },
				       { .rx = rx, .len = 0 } };

	CHECK_OK(spi_xfer(b->spi, seg, 5, &e), e);
	CHECK(id_of(rx) == backend->jedec_id);
}

/* ---- chip select */

static void cs_up_separates_commands(const struct bus_backend *backend)
{
	struct err e;
	OPEN(backend, e);
	const uint8_t read[] = { 0x03, 0, 0, 0 };
	uint8_t first[3], data[8], second[3];
	const struct spi_seg seg[] = {
		{ .tx = id_tx, .len = 1 }, { .rx = first, .len = 3, .cs_up = true },
		{ .tx = read, .len = 4 },  { .rx = data, .len = 8, .cs_up = true },
		{ .tx = id_tx, .len = 1 }, { .rx = second, .len = 3 }
	};

	CHECK_OK(spi_xfer(b->spi, seg, 6, &e), e);
	CHECK(id_of(first) == backend->jedec_id && id_of(second) == backend->jedec_id);
	CHECK(holds(backend, 0, data, 8));
}

static void without_cs_up_the_command_goes_on(const struct bus_backend *backend)
{
	struct err e;
	OPEN(backend, e);
	const uint8_t read[] = { 0x03, 0, 0, 0 };
	uint8_t rx[4];
	const struct spi_seg seg[] = { { .tx = read, .len = 4 },
				       { .tx = read, .len = 4 },
				       { .rx = rx, .len = 4 } };

	CHECK_OK(spi_xfer(b->spi, seg, 3, &e), e);
	CHECK(holds(backend, 4, rx, 4));
}

static void cs_rises_after_the_last_piece_anyway(const struct bus_backend *backend)
{
	struct err e;
	OPEN(backend, e);
	const uint8_t read[] = { 0x03, 0, 0, 0 };
	const struct spi_seg plain = { .tx = read, .len = 4 };
	const struct spi_seg up = { .tx = read, .len = 4, .cs_up = true };

	CHECK_OK(spi_xfer(b->spi, &plain, 1, &e), e);
	CHECK(id_reads_well(backend, b->spi));
	CHECK_OK(spi_xfer(b->spi, &up, 1, &e), e);
	CHECK(id_reads_well(backend, b->spi));
}

static void write_enable_and_disable_in_one_message(const struct bus_backend *backend)
{
	struct err e;
	OPEN(backend, e);
	const uint8_t wren = 0x06, rdsr = 0x05, wrdi = 0x04;
	uint8_t enabled = 0, disabled = 0xff;
	const struct spi_seg seg[] = { { .tx = &wren, .len = 1, .cs_up = true },
				       { .tx = &rdsr, .len = 1 },
				       { .rx = &enabled, .len = 1, .cs_up = true },
				       { .tx = &wrdi, .len = 1, .cs_up = true },
				       { .tx = &rdsr, .len = 1 },
				       { .rx = &disabled, .len = 1 } };

	CHECK_OK(spi_xfer(b->spi, seg, 6, &e), e);
	CHECK((enabled & 2) == 2 && (disabled & 2) == 0);
}

/* ---- limits */

static void largest_message_reads_back(const struct bus_backend *backend)
{
	struct err e;
	OPEN(backend, e);
	const size_t len = smaller(b->spi->max_len, MAX);
	AUTO(auto_free) uint8_t *rx = malloc(len);
	const uint8_t read[] = { 0x03, 0, 0, 0 };

	CHECK(rx != NULL);
	CHECK_OK(spi_command(b->spi, read, 4, rx, len, &e), e);
	CHECK(holds(backend, 0, rx, len));
}

static void most_pieces_read_back(const struct bus_backend *backend)
{
	struct err e;
	OPEN(backend, e);
	const size_t n = smaller(b->spi->max_segs, 511);
	const uint8_t read[] = { 0x03, 0, 0, 0 };
	uint8_t rx[511];
	struct spi_seg seg[511] = { { .tx = read, .len = 4 } };

	for (size_t i = 1; i < n; i++)
		seg[i] = (struct spi_seg){ .rx = rx + i - 1, .len = 1 };
	CHECK_OK(spi_xfer(b->spi, seg, n, &e), e);
	CHECK(holds(backend, 0, rx, n - 1));
}

static void all_that_is_known_reads_back(const struct bus_backend *backend)
{
	struct err e;
	OPEN(backend, e);
	uint8_t rx[1024];

	for (uint32_t at = 0; at < HELD; at += sizeof rx) {
		const uint8_t tx[] = { 0x0b, (uint8_t)(at >> 16), (uint8_t)(at >> 8), (uint8_t)at,
				       0 };

		CHECK_OK(spi_command(b->spi, tx, 5, rx, sizeof rx, &e), e);
		CHECK(holds(backend, at, rx, sizeof rx));
	}
}

/* ---- writing */

static bool ready_within(struct spi *spi, int polls)
{
	const uint8_t rdsr = 0x05;
	uint8_t status = 1;
	struct err e;

	while (polls-- > 0 && (status & 1))
		if (spi_command(spi, &rdsr, 1, &status, 1, &e) < 0)
			return false;
	return !(status & 1);
}

static void programmed_page_reads_back(const struct bus_backend *backend)
{
	struct err e;
	OPEN(backend, e);
	const uint8_t wren = 0x06, read[] = { 0x03, 0x00, 0x20, 0x00 };
	uint8_t page[4 + 256] = { 0x02, 0x00, 0x20, 0x00 }, rx[256];
	const struct spi_seg seg[] = { { .tx = &wren, .len = 1, .cs_up = true },
				       { .tx = page, .len = 4 },
				       { .tx = page + 4, .len = 256 } };

	for (size_t i = 0; i < 256; i++)
		page[4 + i] = (uint8_t)i;
	CHECK_OK(spi_xfer(b->spi, seg, 3, &e), e);
	CHECK(ready_within(b->spi, 100000));
	CHECK_OK(spi_command(b->spi, read, 4, rx, 256, &e), e);
	CHECK(memcmp(rx, page + 4, 256) == 0);
}

/* ---- accounting */

static void stats_count_messages_selects_and_bytes(const struct bus_backend *backend)
{
	struct err e;
	OPEN(backend, e);
	const struct spi_stats before = b->spi->stats;
	uint8_t rx[3];
	const struct spi_seg seg[] = { { .tx = id_tx, .len = 1, .cs_up = true },
				       { .tx = id_tx, .len = 1 },
				       { .rx = rx, .len = 3 } };

	CHECK_OK(spi_xfer(b->spi, seg, 3, &e), e);
	CHECK(b->spi->stats.messages - before.messages == 1);
	CHECK(b->spi->stats.selects - before.selects == 2);
	CHECK(b->spi->stats.bytes - before.bytes == 5);
}

static void time_passes_while_bytes_are_clocked(const struct bus_backend *backend)
{
	struct err e;
	OPEN(backend, e);
	const uint64_t before_ns = b->spi->stats.ns;
	const uint8_t read[] = { 0x03, 0, 0, 0 };
	uint8_t rx[2000];

	CHECK_OK(spi_setup(b->spi, &(struct spi_setup){ .hz = 1000000 }, &e), e);
	CHECK_OK(spi_command(b->spi, read, 4, rx, sizeof rx, &e), e);
	CHECK(b->spi->stats.ns - before_ns >= (uint64_t)sizeof rx * 8 * CLOCK_US * 9 / 10);
}

static const struct {
	const char *name;
	void (*fn)(const struct bus_backend *backend);
} suite[] = {
	{ "never faster than asked", never_faster_than_asked },
	{ "never faster than its limit", never_faster_than_its_limit },
	{ "modes 0 and 3 both reach the flash", modes_0_and_3_both_reach_the_flash },
	{ "refused setup leaves the bus usable", refused_setup_leaves_the_bus_usable },
	{ "id comes in one full duplex piece", id_comes_in_one_full_duplex_piece },
	{ "command may come byte by byte", command_may_come_byte_by_byte },
	{ "missing tx sends zeros and missing rx drops",
	  missing_tx_sends_zeros_and_missing_rx_drops },
	{ "empty pieces change nothing", empty_pieces_change_nothing },
	{ "cs up separates commands", cs_up_separates_commands },
	{ "without cs up the command goes on", without_cs_up_the_command_goes_on },
	{ "cs rises after the last piece anyway", cs_rises_after_the_last_piece_anyway },
	{ "write enable and disable in one message", write_enable_and_disable_in_one_message },
	{ "largest message reads back", largest_message_reads_back },
	{ "most pieces read back", most_pieces_read_back },
	{ "all that is known reads back", all_that_is_known_reads_back },
	{ "programmed page reads back", programmed_page_reads_back },
	{ "stats count messages selects and bytes", stats_count_messages_selects_and_bytes },
	{ "time passes while bytes are clocked", time_passes_while_bytes_are_clocked },
};

/* As check_all(), whose tests take nothing. */
int bus_suite_run(const struct bus_backend *backend, const char *only)
{
	int bad = 0;

	for (size_t i = 0; i < ARRAY_LEN(suite); i++) {
		if (only && !strstr(suite[i].name, only))
			continue;
		check_failed = false;
		suite[i].fn(backend);
		printf("%s %s: %s\n", check_failed ? "FAIL" : "ok  ", backend->name, suite[i].name);
		fflush(stdout);
		bad |= check_failed;
	}
	return bad;
}
