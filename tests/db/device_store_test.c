#include "check.h"

#include "auto.h"
#include "db.h"
#include "device_store.h"
#include "dump_store.h"
#include "shelf.h"

#define SECTORS 32
#define BLOCK   ((size_t)ARCHIVE_BLOCK)

static struct err e;

/* Where a page's bounds go. */
struct cut {
	size_t max;
	size_t *n;
	int64_t *next;
};

static int list(struct tx *tx, int64_t before, struct device *devices, const struct cut *cut)
{
	struct page page = { .max = cut->max };

	const struct device_filter filter = { .before = before };

	if (device_list(tx, &filter, devices, &page, &e) < 0)
		return -1;
	*cut->n = page.n;
	*cut->next = page.next;
	return 0;
}

static const struct device_clue bare = { .jedec_id = "0B4016",
					 .unique_id = "",
					 .mac = "",
					 .slot = "left",
					 .content = -1,
					 .now_ms = 1000 };

static int64_t find(struct shelf *bench, const struct device_clue *clue)
{
	AUTO(tx_end) struct tx tx = tx_begin(&bench->db);
	int64_t id = -2;

	return device_find_or_add(&tx, clue, &id, &e) == 0 && tx_commit(&tx, &e) == 0 ? id : -2;
}

static int get(struct shelf *bench, int64_t id, struct device *device)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(&bench->db);

	return device_get(&tx, id, device, &e);
}

/* Reads a board in a slot whose chip holds noise by seed, the first `other` sectors by another seed,
 * and stores the dump with the device that was found: *id, or -2. */
static int64_t back_up(struct shelf *bench, struct device_clue clue, uint64_t seed, size_t other)
{
	AUTO(auto_free) uint8_t *bytes = noise_new(seed, SECTORS * BLOCK);
	struct dump dump = { .job = -1, .source = DUMP_SPI };

	noise_fill(seed + 1000, bytes, other * BLOCK);
	if (take_in(&bench->db, bytes, SECTORS * BLOCK, &dump.content, &e) < 0)
		return -2;
	clue.content = dump.content.id;
	dump.device = find(bench, &clue);
	snprintf(dump.slot, sizeof dump.slot, "%s", clue.slot);
	snprintf(dump.jedec_id, sizeof dump.jedec_id, "%s", clue.jedec_id);

	AUTO(tx_end) struct tx tx = tx_begin(&bench->db);

	return dump_add(&tx, &dump, &e) == 0 && tx_commit(&tx, &e) == 0 ? dump.device : -2;
}

static void nothing_known_is_no_device(void)
{
	AUTO(shelf_close) struct shelf bench;

	CHECK_OK(shelf_open(&bench, &e), e);
	CHECK(find(&bench, &bare) == -1);
	CHECK(ask(&bench.db, "SELECT count(*) FROM device") == 0);
}

static void unique_id_is_known_in_every_slot(void)
{
	AUTO(shelf_close) struct shelf bench;
	struct device_clue clue = bare;

	CHECK_OK(shelf_open(&bench, &e), e);
	clue.unique_id = "0102030405060708";
	CHECK(find(&bench, &clue) == 1);
	clue.slot = "right";
	CHECK(find(&bench, &clue) == 1);
	clue.jedec_id = "EF4018";
	CHECK(find(&bench, &clue) == 2);
	clue.unique_id = "FF02030405060708";
	CHECK(find(&bench, &clue) == 3);
}

static void mac_is_known_where_there_is_no_unique_id(void)
{
	AUTO(shelf_close) struct shelf bench;
	struct device_clue clue = bare;

	CHECK_OK(shelf_open(&bench, &e), e);
	clue.mac = "C8:47:8C:00:00:01";
	CHECK(back_up(&bench, clue, 1, 0) == 1);
	CHECK(back_up(&bench, clue, 2, 0) == 1);
	clue.mac = "C8:47:8C:00:00:02";
	CHECK(back_up(&bench, clue, 2, 0) == 2);
}

static void seeing_again_fills_what_was_not_known(void)
{
	AUTO(shelf_close) struct shelf bench;
	struct device_clue clue = bare;
	struct device device;

	CHECK_OK(shelf_open(&bench, &e), e);
	clue.unique_id = "0102030405060708";
	CHECK(find(&bench, &clue) == 1);
	clue.mac = "C8:47:8C:00:00:01";
	clue.now_ms = 5000;
	CHECK(find(&bench, &clue) == 1);
	clue.mac = "C8:47:8C:00:00:02";
	clue.now_ms = 4000;
	CHECK(find(&bench, &clue) == 1);
	CHECK_OK(get(&bench, 1, &device), e);
	CHECK(!strcmp(device.mac, "C8:47:8C:00:00:01"));
	CHECK(device.first_seen_ms == 1000 && device.last_seen_ms == 5000);
	CHECK(!strcmp(device.jedec_id, "0B4016") && !strcmp(device.unique_id, clue.unique_id));
}

static void half_of_the_sectors_make_the_same_device(void)
{
	AUTO(shelf_close) struct shelf bench;

	CHECK_OK(shelf_open(&bench, &e), e);
	CHECK(back_up(&bench, bare, 1, 0) == 1);
	CHECK(back_up(&bench, bare, 1, SECTORS / 2) == 1);
}

static void less_than_half_is_another_device(void)
{
	AUTO(shelf_close) struct shelf bench;

	CHECK_OK(shelf_open(&bench, &e), e);
	CHECK(back_up(&bench, bare, 1, 0) == 1);
	CHECK(back_up(&bench, bare, 1, SECTORS / 2 + 1) == 2);
}

static void content_is_compared_in_the_same_slot_and_chip_only(void)
{
	AUTO(shelf_close) struct shelf bench;
	struct device_clue clue = bare;

	CHECK_OK(shelf_open(&bench, &e), e);
	CHECK(back_up(&bench, clue, 1, 0) == 1);
	clue.slot = "right";
	CHECK(back_up(&bench, clue, 1, 0) == 2);
	clue.jedec_id = "EF4018";
	CHECK(back_up(&bench, clue, 1, 0) == 3);
}

static void last_board_of_the_slot_is_compared_not_an_older_one(void)
{
	AUTO(shelf_close) struct shelf bench;

	CHECK_OK(shelf_open(&bench, &e), e);
	CHECK(back_up(&bench, bare, 1, 0) == 1);
	CHECK(back_up(&bench, bare, 2, 0) == 2);
	CHECK(back_up(&bench, bare, 1, 0) == 3);
}

static void erased_board_is_not_taken_for_another(void)
{
	AUTO(shelf_close) struct shelf bench;
	struct device_clue clue = bare;
	struct content blank;
	uint8_t bytes[BLOCK];

	CHECK_OK(shelf_open(&bench, &e), e);
	memset(bytes, 0xff, sizeof bytes);
	CHECK_OK(take_in(&bench.db, bytes, sizeof bytes, &blank, &e), e);
	clue.content = blank.id;
	CHECK(find(&bench, &clue) == 1);
	CHECK(run(&bench.db, "INSERT INTO dump (device, slot, jedec_id, chip, chip_offset, content,"
			     " complete, verified, source, created_ms, label, notes) VALUES"
			     " (1, 'left', '0B4016', '', 0, 1, 1, 1, 'spi', 1, '', '')") == 0);
	CHECK(find(&bench, &clue) == 1);
	CHECK(back_up(&bench, bare, 1, 0) == 2);
}

static void list_counts_the_dumps_of_each(void)
{
	AUTO(shelf_close) struct shelf bench;
	struct device devices[2];
	struct device_clue clue = bare;
	int64_t next = 0;
	size_t n = 0;

	CHECK_OK(shelf_open(&bench, &e), e);
	clue.unique_id = "01";
	CHECK(back_up(&bench, clue, 1, 0) == 1);
	CHECK(back_up(&bench, clue, 2, 0) == 1);
	clue.unique_id = "02";
	CHECK(find(&bench, &clue) == 2);
	clue.unique_id = "03";
	CHECK(find(&bench, &clue) == 3);

	AUTO(tx_end) struct tx tx = tx_begin_read(&bench.db);

	CHECK_OK(list(&tx, -1, devices, &(struct cut){ 2, &n, &next }), e);
	CHECK(n == 2 && devices[0].id == 3 && devices[0].dumps == 0 && next == 2);
	CHECK_OK(list(&tx, next, devices, &(struct cut){ 2, &n, &next }), e);
	CHECK(n == 1 && devices[0].id == 1 && devices[0].dumps == 2 && next == -1);
}

static void update_writes_label_and_notes(void)
{
	AUTO(shelf_close) struct shelf bench;
	struct device_clue clue = bare;
	struct device device, found;

	CHECK_OK(shelf_open(&bench, &e), e);
	clue.unique_id = "01";
	CHECK(find(&bench, &clue) == 1);
	CHECK_OK(get(&bench, 1, &device), e);
	snprintf(device.label, sizeof device.label, "door");
	snprintf(device.notes, sizeof device.notes, "rusty");
	snprintf(device.mac, sizeof device.mac, "not written");
	{
		AUTO(tx_end) struct tx tx = tx_begin(&bench.db);

		CHECK_OK(device_update(&tx, &device, &e), e);
		CHECK_OK(tx_commit(&tx, &e), e);
	}
	CHECK_OK(get(&bench, 1, &found), e);
	CHECK(!strcmp(found.label, "door") && !strcmp(found.notes, "rusty") && !*found.mac);
}

static void unknown_device_is_not_found(void)
{
	AUTO(shelf_close) struct shelf bench;
	struct device device = { .id = 9 };

	CHECK_OK(shelf_open(&bench, &e), e);
	CHECK(get(&bench, 9, &device) == -1 && e.code == ERR_NOT_FOUND);

	AUTO(tx_end) struct tx tx = tx_begin(&bench.db);

	CHECK(device_update(&tx, &device, &e) == -1 && e.code == ERR_NOT_FOUND);
}

static const struct check all[] = {
	{ "nothing known is no device", nothing_known_is_no_device },
	{ "a unique id is known in every slot", unique_id_is_known_in_every_slot },
	{ "a mac is known where there is no unique id", mac_is_known_where_there_is_no_unique_id },
	{ "seeing again fills what was not known", seeing_again_fills_what_was_not_known },
	{ "half of the sectors make the same device", half_of_the_sectors_make_the_same_device },
	{ "less than half is another device", less_than_half_is_another_device },
	{ "content is compared in the same slot and chip only",
	  content_is_compared_in_the_same_slot_and_chip_only },
	{ "the last board of the slot is compared, not an older one",
	  last_board_of_the_slot_is_compared_not_an_older_one },
	{ "an erased board is not taken for another", erased_board_is_not_taken_for_another },
	{ "the list counts the dumps of each", list_counts_the_dumps_of_each },
	{ "update writes label and notes", update_writes_label_and_notes },
	{ "an unknown device is not found", unknown_device_is_not_found },
};
CHECK_MAIN(all)
