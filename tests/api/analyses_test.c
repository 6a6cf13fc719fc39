/* Analyses and maps, asked for as the server asks. */
#include "archive.h"
#include "auto.h"
#include "bench.h"
#include "check.h"
#include "dump_store.h"

static struct err e;

/* Eight sectors of a dump that begins at an address, three of them unstable. */
static int add_unstable(struct bench *b, struct err *err)
{
	static uint8_t bytes[8 * ARCHIVE_BLOCK];
	struct dump dump = { .device = -1,
			     .job = -1,
			     .slot = "left",
			     .source = DUMP_SPI,
			     .offset = 0x20000,
			     .unstables = 2,
			     .unstable = { { 0x21000, 0x1000 }, { 0x23000, 0x2000 } } };
	AUTO(auto_ingest_close) struct ingest *in = ingest_open(&b->db, err);

	if (!in || ingest_append(in, bytes, sizeof bytes, err) < 0 ||
	    ingest_seal(in, &dump.content, err) < 0)
		return -1;
	AUTO(tx_end) struct tx tx = tx_begin(&b->db);
	if (ingest_commit(in, &tx, &dump.content, err) < 0 || dump_add(&tx, &dump, err) < 0)
		return -1;
	return tx_commit(&tx, err);
}

static void unstable_sectors_show_in_the_map(void)
{
	AUTO(bench_close) struct bench b;
	TALK map = { 0 };

	CHECK_OK(bench_open(&b, &e), e);
	CHECK_OK(add_unstable(&b, &e), e);
	CHECK(get(&b, &map, "/api/v1/dumps/1/map") == 200);
	CHECK(strstr(map.body, "\"offset\":131072") && strstr(map.body, "\"cells\":\"0!0!!000\""));
}

static void maps_and_comparisons_of_other_sizes_fit(void)
{
	AUTO(bench_close) struct bench b;
	TALK small = { 0 };
	TALK large = { 0 };

	CHECK_OK(bench_open(&b, &e), e);
	CHECK_OK(add_dump(&b, "five sectors", &e), e);
	CHECK_OK(add_unstable(&b, &e), e);
	CHECK(get(&b, &small, "/api/v1/dumps/1/map?other=2") == 200);
	CHECK(strstr(small.body, "\"differs\":\"11111\""));
	CHECK(get(&b, &large, "/api/v1/dumps/2/map?other=1") == 200);
	CHECK(strstr(large.body, "\"differs\":\"11111111\""));
}

static void of_what_is_unknown_all_is_null(void)
{
	AUTO(bench_close) struct bench b;
	TALK said = { 0 };

	CHECK_OK(bench_open(&b, &e), e);
	CHECK_OK(add_dump(&b, "data", &e), e);
	CHECK(get(&b, &said, "/api/v1/dumps/1/analysis") == 200);
	CHECK(strstr(said.body, "\"dump\":1") && strstr(said.body, "\"chip\":null"));
	CHECK(strstr(said.body, "\"partitions\":[]") && strstr(said.body, "\"mac\":null"));
	CHECK(strstr(said.body, "\"firmware\":null") && strstr(said.body, "\"settings\":[]"));
}

static const struct check all[] = {
	{ "unstable sectors show in the map", unstable_sectors_show_in_the_map },
	{ "maps and comparisons of other sizes fit", maps_and_comparisons_of_other_sizes_fit },
	{ "of what is unknown all is null", of_what_is_unknown_all_is_null },
};
CHECK_MAIN(all)
