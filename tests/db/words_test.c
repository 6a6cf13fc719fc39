#include "check.h"

#include <stdlib.h>

#include "auto.h"
#include "conn.h"
#include "db.h"
#include "device_store.h"
#include "dump_store.h"
#include "temp.h"
#include "words.h"

static struct err e;

struct shelf {
	struct temp temp;
	struct db db;
	struct content content;
};

static int shelf_open(struct shelf *shelf)
{
	shelf->temp = temp_open();
	if (db_open(&shelf->db, shelf->temp.path, &e) < 0)
		return -1;
	return take_in(&shelf->db, (const uint8_t *)"abc", 3, &shelf->content, &e);
}

static void shelf_close(struct shelf *shelf)
{
	db_close(&shelf->db);
	temp_close(&shelf->temp);
}

static int64_t add(struct shelf *shelf, const char *label, const char *notes, int64_t device)
{
	static struct dump dump;
	AUTO(tx_end) struct tx tx = tx_begin(&shelf->db);

	dump = (struct dump){ .device = device, .job = -1, .slot = "left", .chip = "XTX XT25F32B" };
	dump.content = shelf->content;
	snprintf(dump.label, sizeof dump.label, "%s", label);
	snprintf(dump.notes, sizeof dump.notes, "%s", notes);
	return dump_add(&tx, &dump, &e) == 0 && tx_commit(&tx, &e) == 0 ? dump.id : -1;
}

static int list(struct shelf *shelf, const struct dump_filter *filter, struct dump *dumps,
		struct page *page)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(&shelf->db);

	return dump_list(&tx, filter, dumps, page, &e);
}

static struct dump dumps[8];

/* The ids that are found, as digits: "31"; "?" for an error. */
static const char *find(struct shelf *shelf, const char *q)
{
	static char ids[16];
	const struct dump_filter filter = { .device = -1, .before = -1, .q = q };
	struct page page = { .max = 8 };

	if (words_catch_up(&shelf->db, &e) < 0 || list(shelf, &filter, dumps, &page) < 0)
		return "?";
	for (size_t i = 0; i < page.n; i++)
		ids[i] = (char)('0' + dumps[i].id);
	ids[page.n] = '\0';
	return ids;
}

static int fill(struct shelf *shelf)
{
	return add(shelf, "Front door, bell", "says ding", -1) == 1 &&
			       add(shelf, "Lamp 100%", "in front of it: a \"door\"", -1) == 2 &&
			       add(shelf, "über OR", "", -1) == 3
		       ? 0
		       : -1;
}

static void all_words_must_be_there_as_parts_and_in_any_order(void)
{
	AUTO(shelf_close) struct shelf shelf;

	CHECK_OK(shelf_open(&shelf), e);
	CHECK_OK(fill(&shelf), e);
	CHECK(!strcmp(find(&shelf, "door FRONT"), "21"));
	CHECK(!strcmp(find(&shelf, "\"front door\""), "1"));
	CHECK(!strcmp(find(&shelf, "ell ding"), "1"));
	CHECK(!strcmp(find(&shelf, "xt25 left"), "321"));
	CHECK(!strcmp(find(&shelf, "0% lamp"), "2"));
	CHECK(!strcmp(find(&shelf, "\xc3\xbc"), "3") && !strcmp(find(&shelf, "\xc3\xbc"
									     "ber"),
								"3"));
	CHECK(!strcmp(find(&shelf, ""), "321") && !strcmp(find(&shelf, " \" \" "), "321"));
	CHECK(!strcmp(find(&shelf, "lamp bell"), ""));
}

/* FTS5 has a language of its own: none of it may be understood, or be an error. */
static void no_text_is_a_mistake(void)
{
	static const char *const odd[] = {
		"AND",       "NOT x",       "a OR",   "label:door",  "^door",  "door*",
		"NEAR(a b)", "(",           ")",      "\"",          "\"\"\"", "{w_label}",
		"-door",     "w_label : x", "+",      "door + door", "'; --",  "\xff\xff\xff\xff",
		"\xe2\x82",  "%%%",         "\\\\\\", "***",         ":::"
	};
	AUTO(shelf_close) struct shelf shelf;
	struct noise noise = { 7 };

	CHECK_OK(shelf_open(&shelf), e);
	CHECK_OK(fill(&shelf), e);
	for (size_t i = 0; i < ARRAY_LEN(odd); i++)
		CHECK(strcmp(find(&shelf, odd[i]), "?") != 0);
	for (int i = 0; i < 3000; i++) {
		static const char letters[] = "\"\"  ()*:^+-{}NOTANDdoor\xc3\xbc\xff";
		char q[24];
		const size_t len = noise_next(&noise) % sizeof q;

		for (size_t k = 0; k < len; k++)
			q[k] = letters[noise_next(&noise) % (sizeof letters - 1)];
		q[len ? len - 1 : 0] = '\0';
		if (!strcmp(find(&shelf, q), "?"))
			CHECK(e.code == ERR_BAD_INPUT && strstr(e.text, "8 words"));
	}
}

static void best_comes_first_when_that_is_asked(void)
{
	AUTO(shelf_close) struct shelf shelf;
	struct dump_filter filter = { .device = -1, .before = -1, .q = "door", .best_first = true };
	struct page page = { .max = 1 };

	CHECK_OK(shelf_open(&shelf), e);
	CHECK_OK(fill(&shelf), e);
	CHECK_OK(words_catch_up(&shelf.db, &e), e);
	CHECK_OK(list(&shelf, &filter, dumps, &page), e);
	CHECK(page.n == 1 && dumps[0].id == 1 && page.next == -1);
	filter.best_first = false;
	CHECK_OK(list(&shelf, &filter, dumps, &page), e);
	CHECK(page.n == 1 && dumps[0].id == 2 && page.next == 2);
}

static void index_follows_what_people_write(void)
{
	AUTO(shelf_close) struct shelf shelf;
	static struct device device;
	const struct device_clue clue = { "0B4016", "ABCDEF0123456789", "", "left", -1, 1 };
	int64_t id = 0;

	CHECK_OK(shelf_open(&shelf), e);
	CHECK_OK(fill(&shelf), e);
	{
		AUTO(tx_end) struct tx tx = tx_begin(&shelf.db);

		CHECK_OK(device_find_or_add(&tx, &clue, &id, &e), e);
		CHECK_OK(dump_get(&tx, 1, &dumps[0], &e), e);
		strcpy(dumps[0].label, "gate");
		dumps[0].tags = 1;
		strcpy(dumps[0].tag[0], "factory");
		dumps[0].device = id;
		CHECK_OK(dump_update(&tx, &dumps[0], &e), e);
		CHECK_OK(device_get(&tx, id, &device, &e), e);
		strcpy(device.label, "garden");
		CHECK_OK(device_update(&tx, &device, &e), e);
		CHECK_OK(dump_remove(&tx, 2, DUMP_FORCE, &e), e);
		CHECK_OK(tx_commit(&tx, &e), e);
	}
	CHECK(!strcmp(find(&shelf, "door"), "") && !strcmp(find(&shelf, "gate"), "1"));
	CHECK(!strcmp(find(&shelf, "garden factory"), "1") && !strcmp(find(&shelf, "cdef01"), "1"));
	CHECK(!strcmp(find(&shelf, "lamp"), ""));
}

static void damaged_index_keeps_nothing_from_being_stored_and_is_made_anew(void)
{
	AUTO(shelf_close) struct shelf shelf;
	bool anew;

	CHECK_OK(shelf_open(&shelf), e);
	CHECK_OK(fill(&shelf), e);
	CHECK(!strcmp(find(&shelf, "door"), "21"));
	CHECK(run(&shelf.db, "UPDATE dump_words_data SET block = x'ffffffffffffff'"
			     " WHERE id > 1000") == 0);
	db_close(&shelf.db);
	CHECK_OK(db_open(&shelf.db, shelf.temp.path, &e), e);
	CHECK(!strcmp(find(&shelf, "door"), "?") && e.code == ERR_ARCHIVE_DAMAGED);
	CHECK(add(&shelf, "new door", "", -1) == 4);
	CHECK_OK(words_rebuild(&shelf.db, &e), e);
	CHECK(!strcmp(find(&shelf, "door"), "421"));
	CHECK_OK(words_check(&shelf.db, &anew, &e), e);
	CHECK(!anew);
	/* As if nothing had ever been said: nothing is found, and that is no error. */
	CHECK(run(&shelf.db, "UPDATE dump_words_data SET block = x'0102' WHERE id = 10") == 0);
	db_close(&shelf.db);
	CHECK_OK(db_open(&shelf.db, shelf.temp.path, &e), e);
	CHECK(!strcmp(find(&shelf, "door"), ""));
	CHECK_OK(words_check(&shelf.db, &anew, &e), e);
	CHECK(anew && !strcmp(find(&shelf, "door"), "421"));
	CHECK(run(&shelf.db, "UPDATE dump_words_data SET block = x'0102' WHERE id = 10") == 0);
	db_close(&shelf.db);
	CHECK_OK(db_open(&shelf.db, shelf.temp.path, &e), e);
	CHECK(add(&shelf, "old door", "", -1) == 5);
	CHECK(!strcmp(find(&shelf, "door"), "5421"));
}

static const struct check all[] = {
	{ "all words must be there, as parts and in any order",
	  all_words_must_be_there_as_parts_and_in_any_order },
	{ "no text is a mistake", no_text_is_a_mistake },
	{ "best comes first when that is asked", best_comes_first_when_that_is_asked },
	{ "the index follows what people write", index_follows_what_people_write },
	{ "a damaged index keeps nothing from being stored, and is made anew",
	  damaged_index_keeps_nothing_from_being_stored_and_is_made_anew },
};
CHECK_MAIN(all)
