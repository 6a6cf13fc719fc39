#include "check.h"

#include "auto.h"
#include "db.h"
#include "device_merge.h"
#include "device_store.h"
#include "dump_store.h"
#include "shelf.h"

static struct err e;

static int64_t see(struct shelf *bench, const char *unique_id, const char *mac, int64_t now_ms)
{
	const struct device_clue clue = { .jedec_id = "0B4016",
					  .unique_id = unique_id,
					  .mac = mac,
					  .slot = "left",
					  .content = *unique_id ? -1 : 1,
					  .now_ms = now_ms };
	AUTO(tx_end) struct tx tx = tx_begin(&bench->db);
	int64_t id = -2;

	return device_find_or_add(&tx, &clue, &id, &e) == 0 && tx_commit(&tx, &e) == 0 ? id : -2;
}

static int merge(struct shelf *bench, int64_t id, int64_t other)
{
	AUTO(tx_end) struct tx tx = tx_begin(&bench->db);

	return device_merge(&tx, id, other, &e) < 0 ? -1 : tx_commit(&tx, &e);
}

static int get(struct shelf *bench, int64_t id, struct device *device)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(&bench->db);

	return device_get(&tx, id, device, &e);
}

static int update(struct shelf *bench, struct device *device)
{
	AUTO(tx_end) struct tx tx = tx_begin(&bench->db);

	return device_update(&tx, device, &e) < 0 ? -1 : tx_commit(&tx, &e);
}

#define MAC_A "C8:47:8C:00:00:01"
#define MAC_B "C8:47:8C:00:00:02"

static void merged_device_is_found_by_what_either_was_known_by(void)
{
	AUTO(shelf_close) struct shelf bench;
	int64_t a, b, c;

	CHECK_OK(shelf_open(&bench, &e), e);
	a = see(&bench, "AA", "", 1000);
	b = see(&bench, "BB", "", 2000);
	c = see(&bench, "", MAC_A, 3000);
	CHECK(a > 0 && b > a && c > b);
	CHECK_OK(merge(&bench, a, b), e);
	CHECK(see(&bench, "BB", "", 4000) == a);
	CHECK_OK(merge(&bench, c, a), e);
	CHECK(see(&bench, "AA", "", 5000) == c && see(&bench, "BB", "", 5000) == c);
	CHECK(see(&bench, "", MAC_A, 6000) == c);
	CHECK(ask(&bench.db, "SELECT count(*) FROM device") == 1);
}

static void merging_loses_nothing(void)
{
	AUTO(shelf_close) struct shelf bench;
	struct device one, two;

	CHECK_OK(shelf_open(&bench, &e), e);
	CHECK(see(&bench, "AA", "", 5000) == 1 && see(&bench, "", MAC_B, 1000) == 2);
	CHECK_OK(get(&bench, 1, &one), e);
	CHECK_OK(get(&bench, 2, &two), e);
	strcpy(one.label, "front");
	strcpy(one.notes, "mine");
	strcpy(one.tag[0], "a");
	one.tags = 1;
	strcpy(two.label, "bell");
	strcpy(two.notes, "other's");
	strcpy(two.tag[0], "a");
	strcpy(two.tag[1], "b");
	two.tags = 2;
	CHECK_OK(update(&bench, &one), e);
	CHECK_OK(update(&bench, &two), e);
	CHECK(run(&bench.db, "INSERT INTO job (type, slot, state, created_ms, device)"
			     " VALUES ('write', 'left', 'failed', 1, 2)") == 0);
	CHECK(run(&bench.db, "INSERT INTO partial (job, start, length, device, since_ms)"
			     " VALUES (1, 4096, 8192, 2, 77)") == 0);
	CHECK_OK(merge(&bench, 1, 2), e);
	CHECK_OK(get(&bench, 1, &one), e);
	CHECK(!strcmp(one.label, "front") && !strcmp(one.notes, "mine\nbell\nother's"));
	CHECK(one.tags == 2 && !strcmp(one.tag[1], "b") && !strcmp(one.mac, MAC_B));
	CHECK(one.first_seen_ms == 1000 && one.last_seen_ms == 5000);
	CHECK(one.partial.job == 1 && one.partial.start == 4096 && one.partial.since_ms == 77);
	CHECK(ask(&bench.db, "SELECT device FROM job") == 1);
	CHECK(get(&bench, 2, &two) == -1 && e.code == ERR_NOT_FOUND);
}

static void job_that_knows_the_old_number_writes_to_the_new_one(void)
{
	AUTO(shelf_close) struct shelf bench;
	const struct partial mark = { .device = 2, .job = 1, .length = 4096, .backup = -1 };
	int64_t now = 2;

	CHECK_OK(shelf_open(&bench, &e), e);
	CHECK(see(&bench, "AA", "", 1) == 1 && see(&bench, "BB", "", 1) == 2 &&
	      see(&bench, "CC", "", 1) == 3);
	CHECK(run(&bench.db, "INSERT INTO job (type, slot, state, created_ms)"
			     " VALUES ('write', 'left', 'running', 1)") == 0);
	CHECK_OK(merge(&bench, 3, 2), e);
	CHECK_OK(merge(&bench, 1, 3), e);

	AUTO(tx_end) struct tx tx = tx_begin(&bench.db);

	CHECK_OK(device_now(&tx, &now, &e), e);
	CHECK(now == 1);
	CHECK_OK(partial_add(&tx, &mark, &e), e);
	now = -1;
	CHECK_OK(device_now(&tx, &now, &e), e);
	CHECK(now == -1);
	CHECK_OK(tx_commit(&tx, &e), e);
	tx_end(&tx);
	CHECK(ask(&bench.db, "SELECT device FROM partial") == 1);
	tx = tx_begin(&bench.db);
	CHECK_OK(partial_clear(&tx, 2, 0, 4096, &e), e);
	CHECK_OK(tx_commit(&tx, &e), e);
	tx_end(&tx);
	CHECK(ask(&bench.db, "SELECT count(*) FROM partial") == 0);
	tx = tx_begin_read(&bench.db);
}

static void what_cannot_be_merged_stays_as_it_is(void)
{
	AUTO(shelf_close) struct shelf bench;
	struct device one, two;

	CHECK_OK(shelf_open(&bench, &e), e);
	CHECK(see(&bench, "AA", "", 1) == 1 && see(&bench, "BB", "", 1) == 2);
	CHECK(merge(&bench, 1, 1) == -1 && e.code == ERR_UNPROCESSABLE);
	CHECK(merge(&bench, 1, 9) == -1 && e.code == ERR_UNPROCESSABLE);
	CHECK(merge(&bench, 9, 1) == -1 && e.code == ERR_NOT_FOUND);
	CHECK_OK(get(&bench, 1, &one), e);
	CHECK_OK(get(&bench, 2, &two), e);
	memset(one.notes, 'x', 1500);
	memset(two.notes, 'y', 1500);
	CHECK_OK(update(&bench, &one), e);
	CHECK_OK(update(&bench, &two), e);
	CHECK(merge(&bench, 1, 2) == -1 && e.code == ERR_UNPROCESSABLE && *e.hint);
	CHECK_OK(get(&bench, 2, &two), e);
	CHECK(see(&bench, "BB", "", 2) == 2);
}

static void devices_are_found_by_parts_of_what_is_known(void)
{
	AUTO(shelf_close) struct shelf bench;
	struct device devices[4];
	struct page page = { .max = 4 };
	struct device_filter filter = { .before = -1, .q = "fRoNt%" };

	CHECK_OK(shelf_open(&bench, &e), e);
	CHECK(see(&bench, "AA", "", 1) == 1 && see(&bench, "", MAC_B, 1) == 2);
	CHECK_OK(get(&bench, 1, &devices[0]), e);
	strcpy(devices[0].label, "The front% door");
	CHECK_OK(update(&bench, &devices[0]), e);

	AUTO(tx_end) struct tx tx = tx_begin_read(&bench.db);

	CHECK_OK(device_list(&tx, &filter, devices, &page, &e), e);
	CHECK(page.n == 1 && devices[0].id == 1);
	filter.q = "8c:00:00:02";
	CHECK_OK(device_list(&tx, &filter, devices, &page, &e), e);
	CHECK(page.n == 1 && devices[0].id == 2);
	filter.q = "nobody";
	CHECK_OK(device_list(&tx, &filter, devices, &page, &e), e);
	CHECK(page.n == 0 && page.next == -1);
}

static const struct check all[] = {
	{ "a merged device is found by what either was known by",
	  merged_device_is_found_by_what_either_was_known_by },
	{ "merging loses nothing", merging_loses_nothing },
	{ "a job that knows the old number writes to the new one",
	  job_that_knows_the_old_number_writes_to_the_new_one },
	{ "what cannot be merged stays as it is", what_cannot_be_merged_stays_as_it_is },
	{ "devices are found by parts of what is known",
	  devices_are_found_by_parts_of_what_is_known },
};
CHECK_MAIN(all)
