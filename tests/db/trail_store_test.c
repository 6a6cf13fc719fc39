#include "trail_store.h"

#include <stdio.h>

#include "auto.h"
#include "check.h"
#include "shelf.h"
#include "token_store.h"

static struct err e;

static int add(struct shelf *s, const struct trail *trail)
{
	AUTO(tx_end) struct tx tx = tx_begin(&s->db);

	return trail_add(&tx, trail, &e) < 0 ? -1 : tx_commit(&tx, &e);
}

static int trim(struct shelf *s, int64_t deeds, int64_t refused)
{
	AUTO(tx_end) struct tx tx = tx_begin(&s->db);

	return trail_trim(&tx, deeds, refused, &e) < 0 ? -1 : tx_commit(&tx, &e);
}

static int list(struct shelf *s, int64_t before, struct trail *trails, struct page *page)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(&s->db);

	return trail_list(&tx, before, trails, page, &e);
}

static void entry_comes_back_as_it_went_in(void)
{
	AUTO(shelf_close) struct shelf s;
	const struct trail in = { .at_ms = 1795343724123,
				  .refused = true,
				  .who = "command line",
				  .address = "192.0.2.7",
				  .method = "POST",
				  .path = "/api/v1/jobs",
				  .status = 403,
				  .what = "forbidden" };
	struct page page = { .max = 1 };
	struct trail out;

	CHECK_OK(shelf_open(&s, &e), e);
	CHECK_OK(add(&s, &in), e);
	CHECK_OK(list(&s, -1, &out, &page), e);
	CHECK(page.n == 1 && page.next == -1 && out.id == 1 && out.at_ms == in.at_ms);
	CHECK(out.refused && out.status == 403 && !strcmp(out.who, in.who));
	CHECK(!strcmp(out.address, in.address) && !strcmp(out.method, in.method));
	CHECK(!strcmp(out.path, in.path) && !strcmp(out.what, in.what));
}

static int64_t make_token(struct shelf *s, const char *name)
{
	AUTO(tx_end) struct tx tx = tx_begin(&s->db);
	char text[TOKEN_TEXT];

	if (token_add(&tx, name, TOKEN_READ, text, &e) < 0)
		return -1;
	const int64_t id = tx_last_id(&tx);
	return tx_commit(&tx, &e) < 0 ? -1 : id;
}

static void token_stands_there_by_its_name(void)
{
	AUTO(shelf_close) struct shelf s;
	struct trail in = { .token = 0 }, out[3];
	struct page page = { .max = 3 };

	CHECK_OK(shelf_open(&s, &e), e);
	in.token = make_token(&s, "bench");
	CHECK(in.token > 0);
	CHECK_OK(add(&s, &in), e);
	in.token = 99;
	CHECK_OK(add(&s, &in), e);
	in.token = 0;
	CHECK_OK(add(&s, &in), e);
	CHECK_OK(list(&s, -1, out, &page), e);
	CHECK(page.n == 3 && !strcmp(out[2].who, "bench"));
	CHECK(!out[1].who[0] && !out[0].who[0]);
}

static void refusals_push_out_no_deeds(void)
{
	AUTO(shelf_close) struct shelf s;
	struct trail got[20];
	struct page page = { .max = 20 };

	CHECK_OK(shelf_open(&s, &e), e);
	for (int i = 0; i < 20; i++)
		CHECK_OK(add(&s, &(struct trail){ .refused = i % 4 != 0 }), e);
	CHECK_OK(trim(&s, 5, 2), e);
	CHECK_OK(list(&s, -1, got, &page), e);
	CHECK(page.n == 7 && got[0].id == 20 && got[1].id == 19);
	for (size_t i = 2; i < 7; i++)
		CHECK(!got[i].refused);
	CHECK_OK(trim(&s, 2, 2), e);
	page.max = 20;
	CHECK_OK(list(&s, -1, got, &page), e);
	CHECK(page.n == 4 && got[3].id == 13);
}

static void list_comes_in_pages(void)
{
	AUTO(shelf_close) struct shelf s;
	struct trail got[2];
	struct page page = { .max = 2 };

	CHECK_OK(shelf_open(&s, &e), e);
	for (int i = 0; i < 3; i++)
		CHECK_OK(add(&s, &(struct trail){ .status = 200 + i }), e);
	CHECK_OK(list(&s, -1, got, &page), e);
	CHECK(page.n == 2 && got[0].status == 202 && page.next == got[1].id);
	page.max = 2;
	CHECK_OK(list(&s, page.next, got, &page), e);
	CHECK(page.n == 1 && got[0].status == 200 && page.next == -1);
}

static const struct check all[] = {
	{ "an entry comes back as it went in", entry_comes_back_as_it_went_in },
	{ "a token stands there by its name", token_stands_there_by_its_name },
	{ "refusals push out no deeds", refusals_push_out_no_deeds },
	{ "a list comes in pages", list_comes_in_pages },
};
CHECK_MAIN(all)
