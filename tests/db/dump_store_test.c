#include "check.h"

#include "auto.h"
#include "db.h"
#include "device_store.h"
#include "dump_store.h"
#include "temp.h"
#include "words.h"

static struct err e;

/* Where a page's bounds go. */
struct cut {
	size_t max;
	size_t *n;
	int64_t *next;
};

static int list(struct tx *tx, const struct dump_filter *filter, struct dump *dumps,
		const struct cut *cut)
{
	struct page page = { .max = cut->max };

	if (dump_list(tx, filter, dumps, &page, &e) < 0)
		return -1;
	*cut->n = page.n;
	*cut->next = page.next;
	return 0;
}

/* An archive with three contents of one sector, in ids 1 to 3. */
struct shelf {
	struct temp temp;
	struct db db;
	struct content content[3];
};

static int shelf_open(struct shelf *shelf)
{
	uint8_t bytes[ARCHIVE_BLOCK];

	shelf->temp = temp_open();
	if (db_open(&shelf->db, shelf->temp.path, &e) < 0)
		return -1;
	for (size_t i = 0; i < 3; i++) {
		noise_fill(i + 1, bytes, sizeof bytes);
		if (take_in(&shelf->db, bytes, sizeof bytes, &shelf->content[i], &e) < 0)
			return -1;
	}
	return 0;
}

static void shelf_close(struct shelf *shelf)
{
	db_close(&shelf->db);
	temp_close(&shelf->temp);
}

static struct dump dump_of(const struct shelf *shelf, size_t content, const char *label)
{
	struct dump dump = { .device = -1,
			     .job = -1,
			     .slot = "left",
			     .jedec_id = "0B4016",
			     .chip = "XTX XT25F32B",
			     .content = shelf->content[content],
			     .complete = true,
			     .verified = true,
			     .source = DUMP_SPI,
			     .created_ms = 1234567890123 };

	snprintf(dump.label, sizeof dump.label, "%s", label);
	return dump;
}

static int add(struct shelf *shelf, struct dump *dump)
{
	AUTO(tx_end) struct tx tx = tx_begin(&shelf->db);

	return dump_add(&tx, dump, &e) == 0 ? tx_commit(&tx, &e) : -1;
}

static int get(struct shelf *shelf, int64_t id, struct dump *dump)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(&shelf->db);

	return dump_get(&tx, id, dump, &e);
}

static const struct dump_filter any = { .device = -1, .before = -1 };

/* How many a filter finds; -1 when it fails. */
static int count(struct shelf *shelf, struct dump_filter filter)
{
	if (words_catch_up(&shelf->db, &e) < 0)
		return -1;

	AUTO(tx_end) struct tx tx = tx_begin_read(&shelf->db);
	static struct dump dumps[10];
	int64_t next;
	size_t n;

	return list(&tx, &filter, dumps, &(struct cut){ 10, &n, &next }) == 0 ? (int)n : -1;
}

static void dump_comes_back_as_it_went(void)
{
	AUTO(shelf_close) struct shelf shelf;
	static struct dump dump, found;

	CHECK_OK(shelf_open(&shelf), e);
	dump = dump_of(&shelf, 0, "first");
	dump.offset = 0x11000;
	dump.source = DUMP_UART;
	dump.verified = false;
	snprintf(dump.notes, sizeof dump.notes, "it's\nlong");
	dump.tags = 2;
	snprintf(dump.tag[0], DUMP_TAG, "a");
	snprintf(dump.tag[1], DUMP_TAG, "b");
	dump.unstables = 2;
	dump.unstable[0] = (struct dump_range){ .offset = 4096, .length = 8192 };
	dump.unstable[1] = (struct dump_range){ .offset = 65536, .length = 4096 };
	CHECK_OK(add(&shelf, &dump), e);
	CHECK_OK(get(&shelf, dump.id, &found), e);
	CHECK(found.device == -1 && found.job == -1 && found.offset == 0x11000);
	CHECK(!strcmp(found.slot, "left") && !strcmp(found.chip, dump.chip));
	CHECK(!strcmp(found.label, "first") && !strcmp(found.notes, dump.notes));
	CHECK(found.complete && !found.verified && found.source == DUMP_UART);
	CHECK(found.created_ms == dump.created_ms);
	CHECK(!memcmp(found.content.sha256, dump.content.sha256, HASH_SHA256_LEN));
	CHECK(found.content.crc32 == dump.content.crc32 && found.content.size == 4096);
	CHECK(found.content.stored_bytes == 4096);
	CHECK(found.tags == 2 && !strcmp(found.tag[1], "b"));
	CHECK(found.unstables == 2 && !memcmp(found.unstable, dump.unstable, 32));
}

static void unknown_dump_is_not_found(void)
{
	AUTO(shelf_close) struct shelf shelf;
	static struct dump dump;

	CHECK_OK(shelf_open(&shelf), e);
	CHECK(get(&shelf, 9, &dump) == -1 && e.code == ERR_NOT_FOUND);

	AUTO(tx_end) struct tx tx = tx_begin(&shelf.db);

	dump.id = 9;
	CHECK(dump_update(&tx, &dump, &e) == -1 && e.code == ERR_NOT_FOUND);
}

static void dump_without_its_content_is_refused(void)
{
	AUTO(shelf_close) struct shelf shelf;
	static struct dump dump;

	CHECK_OK(shelf_open(&shelf), e);
	dump = dump_of(&shelf, 0, "");
	dump.content.id = 99;
	CHECK(add(&shelf, &dump) == -1 && strstr(e.text, "FOREIGN KEY"));
	CHECK(count(&shelf, any) == 0);
}

static void update_writes_label_notes_and_tags_alone(void)
{
	AUTO(shelf_close) struct shelf shelf;
	static struct dump dump, found;

	CHECK_OK(shelf_open(&shelf), e);
	dump = dump_of(&shelf, 0, "old");
	dump.tags = 1;
	snprintf(dump.tag[0], DUMP_TAG, "gone");
	CHECK_OK(add(&shelf, &dump), e);
	snprintf(dump.label, sizeof dump.label, "new");
	snprintf(dump.notes, sizeof dump.notes, "said");
	snprintf(dump.slot, sizeof dump.slot, "not written");
	dump.tags = 3;
	snprintf(dump.tag[0], DUMP_TAG, "z");
	snprintf(dump.tag[1], DUMP_TAG, "a");
	snprintf(dump.tag[2], DUMP_TAG, "z");
	{
		AUTO(tx_end) struct tx tx = tx_begin(&shelf.db);

		CHECK_OK(dump_update(&tx, &dump, &e), e);
		CHECK_OK(tx_commit(&tx, &e), e);
	}
	CHECK_OK(get(&shelf, dump.id, &found), e);
	CHECK(!strcmp(found.label, "new") && !strcmp(found.notes, "said"));
	CHECK(!strcmp(found.slot, "left"));
	CHECK(found.tags == 2 && !strcmp(found.tag[0], "a") && !strcmp(found.tag[1], "z"));
}

/* ---- lists */

/* Four dumps: two of content 0, one each of the others. */
static int fill(struct shelf *shelf)
{
	static const char *const labels[] = { "Lamp 100%", "lamp_2", "Plug", "bell" };

	for (size_t i = 0; i < 4; i++) {
		struct dump dump = dump_of(shelf, i < 3 ? i : 0, labels[i]);

		if (i == 3)
			snprintf(dump.jedec_id, sizeof dump.jedec_id, "EF4018");
		if (add(shelf, &dump) < 0)
			return -1;
	}
	return 0;
}

static void list_is_newest_first_in_pages(void)
{
	AUTO(shelf_close) struct shelf shelf;
	struct dump_filter filter = any;
	static struct dump dumps[3];
	size_t n = 0;

	CHECK_OK(shelf_open(&shelf), e);
	CHECK_OK(fill(&shelf), e);

	AUTO(tx_end) struct tx tx = tx_begin_read(&shelf.db);

	CHECK_OK(list(&tx, &filter, dumps, &(struct cut){ 3, &n, &filter.before }), e);
	CHECK(n == 3 && dumps[0].id == 4 && dumps[2].id == 2 && filter.before == 2);
	CHECK_OK(list(&tx, &filter, dumps, &(struct cut){ 3, &n, &filter.before }), e);
	CHECK(n == 1 && dumps[0].id == 1 && filter.before == -1);
}

static void list_finds_by_part_of_a_text(void)
{
	AUTO(shelf_close) struct shelf shelf;

	CHECK_OK(shelf_open(&shelf), e);
	CHECK_OK(fill(&shelf), e);
	CHECK(count(&shelf, (struct dump_filter){ .device = -1, .before = -1, .q = "LAMP" }) == 2);
	CHECK(count(&shelf, (struct dump_filter){ .device = -1, .before = -1, .q = "xt25" }) == 4);
	CHECK(count(&shelf, (struct dump_filter){ .device = -1, .before = -1, .q = "lef" }) == 4);
	CHECK(count(&shelf, (struct dump_filter){ .device = -1, .before = -1, .chip = "25f" }) ==
	      4);
	CHECK(count(&shelf, (struct dump_filter){ .device = -1, .before = -1, .label = "LAMP" }) ==
	      2);
	CHECK(count(&shelf, (struct dump_filter){ .device = -1, .before = -1, .q = "nix" }) == 0);
}

static void wildcards_in_a_search_stand_for_themselves(void)
{
	AUTO(shelf_close) struct shelf shelf;

	CHECK_OK(shelf_open(&shelf), e);
	CHECK_OK(fill(&shelf), e);
	CHECK(count(&shelf, (struct dump_filter){ .device = -1, .before = -1, .q = "0%" }) == 1);
	CHECK(count(&shelf, (struct dump_filter){ .device = -1, .before = -1, .q = "p_" }) == 1);
	CHECK(count(&shelf, (struct dump_filter){ .device = -1, .before = -1, .q = "\\" }) == 0);
	CHECK(count(&shelf, (struct dump_filter){ .device = -1, .before = -1, .q = "'" }) == 0);
}

static void list_finds_by_any_length_of_a_hash(void)
{
	AUTO(shelf_close) struct shelf shelf;
	char hex[HASH_SHA256_TEXT];
	struct dump_filter filter = { .device = -1, .before = -1, .sha256 = hex };

	CHECK_OK(shelf_open(&shelf), e);
	CHECK_OK(fill(&shelf), e);
	for (size_t len = 3; len <= 64; len++) {
		hash_hex(shelf.content[0].sha256, HASH_SHA256_LEN, hex);
		hex[len] = '\0';
		CHECK(count(&shelf, filter) == 2);
		hex[len - 1] = hex[len - 1] == '0' ? '1' : '0';
		CHECK(count(&shelf, filter) == 0);
	}
	filter.sha256 = "";
	CHECK(count(&shelf, filter) == 4);
	filter.sha256 = "xyz";
	CHECK(count(&shelf, filter) == -1 && e.code == ERR_BAD_INPUT);
}

static void list_finds_by_chip_and_device(void)
{
	AUTO(shelf_close) struct shelf shelf;
	struct dump_filter filter = any;

	CHECK_OK(shelf_open(&shelf), e);
	CHECK_OK(fill(&shelf), e);
	filter.jedec_id = "EF4018";
	CHECK(count(&shelf, filter) == 1);
	filter.device = 1;
	CHECK(count(&shelf, filter) == 0);
	CHECK(run(&shelf.db,
		  "INSERT INTO device (jedec_id, first_seen_ms, last_seen_ms)"
		  " VALUES ('EF4018', 1, 1); UPDATE dump SET device = 1 WHERE id > 2") == 0);
	CHECK(count(&shelf, filter) == 1);
	filter.jedec_id = NULL;
	CHECK(count(&shelf, filter) == 2);
}

static void totals_count_what_is_there(void)
{
	AUTO(shelf_close) struct shelf shelf;
	struct archive_totals totals;

	CHECK_OK(shelf_open(&shelf), e);
	CHECK_OK(fill(&shelf), e);

	AUTO(tx_end) struct tx tx = tx_begin_read(&shelf.db);

	CHECK_OK(archive_totals_get(&tx, &totals, &e), e);
	CHECK(totals.dumps == 4 && totals.devices == 0 && totals.bytes_logical == 16384);
	CHECK(totals.bytes_stored > 12288 && totals.bytes_stored < 200000);
}

static const struct check all[] = {
	{ "a dump comes back as it went", dump_comes_back_as_it_went },
	{ "an unknown dump is not found", unknown_dump_is_not_found },
	{ "a dump without its content is refused", dump_without_its_content_is_refused },
	{ "update writes label, notes and tags alone", update_writes_label_notes_and_tags_alone },
	{ "the list is newest first, in pages", list_is_newest_first_in_pages },
	{ "the list finds by part of a text", list_finds_by_part_of_a_text },
	{ "wildcards in a search stand for themselves",
	  wildcards_in_a_search_stand_for_themselves },
	{ "the list finds by any length of a hash", list_finds_by_any_length_of_a_hash },
	{ "the list finds by chip and device", list_finds_by_chip_and_device },
	{ "totals count what is there", totals_count_what_is_there },
};
CHECK_MAIN(all)
