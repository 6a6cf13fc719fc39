#include "err.h"

#include "auto.h"
#include "check.h"

static void set_fills_code_and_text_and_returns_minus_one(void)
{
	struct err e;

	CHECK(err_set(&e, ERR_IO, "reading 0x%x", 0x1000) == -1);
	CHECK(e.code == ERR_IO && !strcmp(e.text, "reading 0x1000"));
}

static void set_forgets_what_was_there(void)
{
	struct err e;

	err_set(&e, ERR_VERIFY_FAILED, "old");
	err_hint(&e, "an old hint");
	err_at(&e, 4096, 3);
	err_set(&e, ERR_IO, "new");
	CHECK(e.hint[0] == '\0' && e.offset == ERR_NO_OFFSET);
	CHECK(e.differing_sectors == ERR_NO_OFFSET);
}

static void prefixes_come_in_front_from_the_inside_out(void)
{
	struct err e;

	err_set(&e, ERR_IO, "SPI transfer failed");
	CHECK(err_prefix(&e, "reading 0x%x: ", 0x1f000) == -1);
	CHECK(err_prefix(&e, "verify: ") == -1);
	CHECK(!strcmp(e.text, "verify: reading 0x1f000: SPI transfer failed"));
	CHECK(e.code == ERR_IO);
}

static void a_prefix_keeps_hint_and_place(void)
{
	struct err e;

	err_set(&e, ERR_VERIFY_FAILED, "differs");
	err_hint(&e, "try %s", "again");
	err_at(&e, 4096, 3);
	err_prefix(&e, "verify: ");
	CHECK(!strcmp(e.hint, "try again") && e.offset == 4096 && e.differing_sectors == 3);
}

static void a_text_that_is_too_long_is_cut(void)
{
	struct err e;

	err_set(&e, ERR_IO, "%0500d", 7);
	CHECK(strlen(e.text) == sizeof e.text - 1);
	err_prefix(&e, "place: ");
	CHECK(strlen(e.text) == sizeof e.text - 1 && !strncmp(e.text, "place: 000", 10));
}

static void a_prefix_that_is_too_long_is_cut(void)
{
	struct err e;

	err_set(&e, ERR_IO, "reason");
	err_prefix(&e, "%0500d", 7);
	CHECK(strlen(e.text) == sizeof e.text - 1 && e.text[0] == '0');
}

static void every_name_leads_back_to_its_code(void)
{
	for (int code = ERR_NONE; code <= ERR_INTERNAL; code++)
		CHECK((int)err_from_name(err_name((enum err_code)code)) == code);
}

/* The contract's words; a client would notice. */
static void names_are_those_of_the_contract(void)
{
	static const struct {
		enum err_code code;
		const char *name;
	} contract[] = {
		{ ERR_BAD_INPUT, "bad-request" },
		{ ERR_UNAUTHORIZED, "unauthorized" },
		{ ERR_FORBIDDEN, "forbidden" },
		{ ERR_NOT_FOUND, "not-found" },
		{ ERR_METHOD_NOT_ALLOWED, "method-not-allowed" },
		{ ERR_CONFLICT, "conflict" },
		{ ERR_TOO_LARGE, "too-large" },
		{ ERR_MEDIA_TYPE, "unsupported-media-type" },
		{ ERR_BAD_RANGE, "bad-range" },
		{ ERR_WRONG_HOST, "wrong-host" },
		{ ERR_UNPROCESSABLE, "unprocessable" },
		{ ERR_TOO_MANY, "too-many" },
		{ ERR_UNAVAILABLE, "unavailable" },
		{ ERR_NO_CHIP, "no-chip" },
		{ ERR_WIRING, "wiring" },
		{ ERR_UNSTABLE_READ, "unstable-read" },
		{ ERR_UNKNOWN_CHIP, "unknown-chip" },
		{ ERR_CHIP_MISMATCH, "chip-mismatch" },
		{ ERR_PROTECTED, "protected" },
		{ ERR_VERIFY_FAILED, "verify-failed" },
		{ ERR_NOT_BLANK, "not-blank" },
		{ ERR_ARCHIVE_FULL, "archive-full" },
		{ ERR_IO, "io" },
		{ ERR_TIMEOUT, "timeout" },
		{ ERR_CANCELLED, "cancelled" },
		{ ERR_INTERRUPTED, "interrupted" },
	};

	for (size_t i = 0; i < ARRAY_LEN(contract); i++)
		CHECK(!strcmp(err_name(contract[i].code), contract[i].name));
}

static void an_unknown_name_is_no_code(void)
{
	CHECK(err_from_name("no-such-thing") == ERR_NONE);
	CHECK(err_from_name("") == ERR_NONE);
}

static const struct check all[] = {
	{ "set fills code and text and returns -1", set_fills_code_and_text_and_returns_minus_one },
	{ "set forgets what was there", set_forgets_what_was_there },
	{ "prefixes come in front, from the inside out",
	  prefixes_come_in_front_from_the_inside_out },
	{ "a prefix keeps hint and place", a_prefix_keeps_hint_and_place },
	{ "a text that is too long is cut", a_text_that_is_too_long_is_cut },
	{ "a prefix that is too long is cut", a_prefix_that_is_too_long_is_cut },
	{ "every name leads back to its code", every_name_leads_back_to_its_code },
	{ "names are those of the contract", names_are_those_of_the_contract },
	{ "an unknown name is no code", an_unknown_name_is_no_code },
};
CHECK_MAIN(all)
