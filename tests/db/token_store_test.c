#include "token_store.h"

#include <stdio.h>
#include <stdlib.h>

#include "auto.h"
#include "check.h"
#include "hash.h"
#include "shelf.h"

static struct err e;

static int add(struct shelf *s, const char *name, enum token_scope scope, char text[TOKEN_TEXT])
{
	AUTO(tx_end) struct tx tx = tx_begin(&s->db);

	return token_add(&tx, name, scope, text, &e) < 0 ? -1 : tx_commit(&tx, &e);
}

static int take_back(struct shelf *s, const char *name)
{
	AUTO(tx_end) struct tx tx = tx_begin(&s->db);

	return token_revoke(&tx, name, &e) < 0 ? -1 : tx_commit(&tx, &e);
}

static int find(struct shelf *s, const char *text, struct token *token)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(&s->db);

	return token_find(&tx, text, token, &e);
}

static bool any(struct shelf *s)
{
	AUTO(tx_end) struct tx tx = tx_begin_read(&s->db);
	bool is = false;

	return token_any(&tx, &is, &e) == 0 && is;
}

static void token_is_found_by_its_text_alone(void)
{
	AUTO(shelf_close) struct shelf s;
	char text[TOKEN_TEXT], other[TOKEN_TEXT];
	struct token token;

	CHECK_OK(shelf_open(&s, &e), e);
	CHECK_OK(add(&s, "bench", TOKEN_OPERATE, text), e);
	CHECK_OK(add(&s, "wall", TOKEN_READ, other), e);
	CHECK(strcmp(text, other) != 0);
	CHECK_OK(find(&s, text, &token), e);
	CHECK(!strcmp(token.name, "bench") && token.scope == TOKEN_OPERATE);
	CHECK(token.created_ms > 0 && token.revoked_ms == -1);
	text[TOKEN_TEXT - 2] ^= 1;
	CHECK(find(&s, text, &token) < 0 && e.code == ERR_NOT_FOUND);
	CHECK(find(&s, "", &token) < 0 && e.code == ERR_NOT_FOUND);
}

static void only_the_hash_is_stored(void)
{
	AUTO(shelf_close) struct shelf s;
	char text[TOKEN_TEXT], sql[200], hex[HASH_SHA256_TEXT];
	uint8_t sha256[HASH_SHA256_LEN];

	CHECK_OK(shelf_open(&s, &e), e);
	CHECK_OK(add(&s, "bench", TOKEN_ADMIN, text), e);
	CHECK(!strncmp(text, "frt_", 4) && strlen(text) == TOKEN_TEXT - 1);
	hash_sha256_of(text, strlen(text), sha256);
	hash_hex(sha256, sizeof sha256, hex);
	snprintf(sql, sizeof sql, "SELECT count(*) FROM token WHERE sha256 = x'%s'", hex);
	CHECK(ask(&s.db, sql) == 1);
	snprintf(sql, sizeof sql, "SELECT count(*) FROM token WHERE sha256 = x'%s'", text + 4);
	CHECK(ask(&s.db, sql) == 0);
}

static void name_is_taken_until_it_is_revoked(void)
{
	AUTO(shelf_close) struct shelf s;
	char first[TOKEN_TEXT], second[TOKEN_TEXT] = "untouched";
	struct token old, new;

	CHECK_OK(shelf_open(&s, &e), e);
	CHECK_OK(add(&s, "bench", TOKEN_ADMIN, first), e);
	CHECK(add(&s, "bench", TOKEN_READ, second) < 0 && e.code == ERR_CONFLICT);
	CHECK(strstr(e.text, "bench") && !strcmp(second, "untouched"));
	CHECK_OK(take_back(&s, "bench"), e);
	CHECK_OK(add(&s, "bench", TOKEN_READ, second), e);
	CHECK_OK(find(&s, first, &old), e);
	CHECK_OK(find(&s, second, &new), e);
	CHECK(old.revoked_ms > 0 && new.revoked_ms == -1 && old.id != new.id);
}

static void what_is_not_valid_cannot_be_revoked(void)
{
	AUTO(shelf_close) struct shelf s;
	char text[TOKEN_TEXT];

	CHECK_OK(shelf_open(&s, &e), e);
	CHECK(take_back(&s, "nobody") < 0 && e.code == ERR_NOT_FOUND && strstr(e.text, "nobody"));
	CHECK_OK(add(&s, "bench", TOKEN_ADMIN, text), e);
	CHECK_OK(take_back(&s, "bench"), e);
	CHECK(take_back(&s, "bench") < 0 && e.code == ERR_NOT_FOUND);
}

static void any_counts_valid_ones_only(void)
{
	AUTO(shelf_close) struct shelf s;
	char text[TOKEN_TEXT];

	CHECK_OK(shelf_open(&s, &e), e);
	CHECK(!any(&s));
	CHECK_OK(add(&s, "bench", TOKEN_READ, text), e);
	CHECK(any(&s));
	CHECK_OK(take_back(&s, "bench"), e);
	CHECK(!any(&s));
}

static void names_are_checked(void)
{
	static const char *const bad[] = { "", "-x", "a b", "a/b", "a\nb", "\xc3\xa4", "a'b" };
	char longest[TOKEN_NAME + 1];

	memset(longest, 'x', sizeof longest);
	longest[TOKEN_NAME] = '\0';
	CHECK(token_name_check(longest, &e) < 0 && e.code == ERR_BAD_INPUT);
	longest[TOKEN_NAME - 1] = '\0';
	CHECK_OK(token_name_check(longest, &e), e);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK(token_name_check(bad[i], &e) < 0 && e.code == ERR_BAD_INPUT);
}

static void list_comes_in_pages_without_revoked_ones(void)
{
	AUTO(shelf_close) struct shelf s;
	struct token got[2];
	struct page page = { .max = 2, .next = -1 };
	char name[TOKEN_NAME], text[TOKEN_TEXT];

	CHECK_OK(shelf_open(&s, &e), e);
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof name, "t%d", i);
		CHECK_OK(add(&s, name, TOKEN_READ, text), e);
	}
	CHECK_OK(take_back(&s, "t2"), e);
	AUTO(tx_end) struct tx tx = tx_begin_read(&s.db);
	CHECK_OK(token_list(&tx, -1, got, &page, &e), e);
	CHECK(page.n == 2 && !strcmp(got[0].name, "t3") && !strcmp(got[1].name, "t1"));
	CHECK_OK(token_list(&tx, page.next, got, &page, &e), e);
	CHECK(page.n == 1 && !strcmp(got[0].name, "t0") && page.next == -1);
}

static const struct check all[] = {
	{ "a token is found by its text alone", token_is_found_by_its_text_alone },
	{ "only the hash is stored", only_the_hash_is_stored },
	{ "a name is taken until it is revoked", name_is_taken_until_it_is_revoked },
	{ "what is not valid cannot be revoked", what_is_not_valid_cannot_be_revoked },
	{ "any counts valid ones only", any_counts_valid_ones_only },
	{ "names are checked", names_are_checked },
	{ "a list comes in pages, without revoked ones", list_comes_in_pages_without_revoked_ones },
};
CHECK_MAIN(all)
