#include "check.h"

#include "auto.h"
#include "image_store.h"
#include "room.h"

static struct err e;

/* Takes bytes in as an image. */
static int add(struct db *db, const char *name, const uint8_t *bytes, size_t len,
	       struct image *image)
{
	AUTO(auto_ingest_close) struct ingest *in = ingest_open(db, &e);

	*image = (struct image){ .kind = "bin", .created_ms = 1234567890123 };
	snprintf(image->name, sizeof image->name, "%s", name);
	if (!in || ingest_append(in, bytes, len, &e) < 0 ||
	    ingest_seal(in, &image->content, &e) < 0)
		return -1;

	AUTO(tx_end) struct tx tx = tx_begin(db);

	if (ingest_commit(in, &tx, &image->content, &e) < 0 || image_add(&tx, image, &e) < 0)
		return -1;
	return tx_commit(&tx, &e);
}

static int get(struct db *db, int64_t id, struct image *image)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(db);

	return image_get(&tx, id, image, &e);
}

static int remove_image(struct db *db, int64_t id)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);

	return image_remove(&tx, id, &e) < 0 ? -1 : tx_commit(&tx, &e);
}

static int rename_to(struct db *db, int64_t id, const char *name)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);
	struct image image = { .id = id };

	snprintf(image.name, sizeof image.name, "%s", name);
	return image_update(&tx, &image, &e) < 0 ? -1 : tx_commit(&tx, &e);
}

static void image_comes_back_as_it_went(void)
{
	AUTO(room_close) struct room room;
	AUTO(auto_free) uint8_t *bytes = noise_new(1, 3 * BLOCK + 5);
	struct image image, found;

	CHECK_OK(room_open(&room, &e), e);
	CHECK_OK(add(&room.db, "it's", bytes, 3 * BLOCK + 5, &image), e);
	CHECK_OK(get(&room.db, image.id, &found), e);
	CHECK(!strcmp(found.name, "it's") && !strcmp(found.kind, "bin"));
	CHECK(found.created_ms == 1234567890123 && found.content.id == image.content.id);
	CHECK(sums_are_of(&found.content, bytes, 3 * BLOCK + 5));
	CHECK(holds(&room.db, found.content.id, bytes, 3 * BLOCK + 5));
}

static void image_takes_another_name(void)
{
	AUTO(room_close) struct room room;
	struct image image, found;

	CHECK_OK(room_open(&room, &e), e);
	CHECK_OK(add(&room.db, "old", (const uint8_t *)"x", 1, &image), e);
	CHECK_OK(rename_to(&room.db, image.id, "new"), e);
	CHECK_OK(get(&room.db, image.id, &found), e);
	CHECK(!strcmp(found.name, "new"));
	CHECK(rename_to(&room.db, image.id + 1, "new") == -1 && e.code == ERR_NOT_FOUND);
}

static void images_are_listed_newest_first_in_pages(void)
{
	AUTO(room_close) struct room room;
	struct page page = { .max = 2 };
	struct image image, images[2];
	uint8_t byte;

	CHECK_OK(room_open(&room, &e), e);
	for (byte = 1; byte <= 3; byte++)
		CHECK_OK(add(&room.db, "i", &byte, 1, &image), e);

	AUTO(tx_end) struct tx tx = tx_begin_read(&room.db);

	CHECK_OK(image_list(&tx, -1, images, &page, &e), e);
	CHECK(page.n == 2 && images[0].id == 3 && images[1].id == 2 && page.next == 2);
	page.max = 2;
	CHECK_OK(image_list(&tx, page.next, images, &page, &e), e);
	CHECK(page.n == 1 && images[0].id == 1 && page.next == -1);
}

static void removed_image_is_gone_and_its_id_never_comes_back(void)
{
	AUTO(room_close) struct room room;
	struct image image;

	CHECK_OK(room_open(&room, &e), e);
	CHECK_OK(add(&room.db, "i", (const uint8_t *)"x", 1, &image), e);
	CHECK_OK(remove_image(&room.db, image.id), e);
	CHECK(get(&room.db, image.id, &image) == -1 && e.code == ERR_NOT_FOUND);
	CHECK(remove_image(&room.db, 1) == -1 && e.code == ERR_NOT_FOUND);
	CHECK_OK(add(&room.db, "i", (const uint8_t *)"x", 1, &image), e);
	CHECK(image.id == 2);
}

static const struct check all[] = {
	{ "image comes back as it went", image_comes_back_as_it_went },
	{ "image takes another name", image_takes_another_name },
	{ "images are listed newest first, in pages", images_are_listed_newest_first_in_pages },
	{ "removed image is gone and its id never comes back",
	  removed_image_is_gone_and_its_id_never_comes_back },
};
CHECK_MAIN(all)
