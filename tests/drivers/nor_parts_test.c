#include "check.h"

#include <stdint.h>
#include <strings.h>

#include "nor.h"
#include "nor_parts.h"

static void ids_ascend_and_none_is_doubled(void)
{
	size_t n;
	const struct nor_part *part = nor_parts(&n);

	CHECK(n == 494);
	for (size_t i = 1; i < n; i++)
		CHECK(part[i - 1].jedec_id < part[i].jedec_id);
}

static bool power_of_two(uint32_t n)
{
	return n > 0 && (n & (n - 1)) == 0;
}

static void sizes_and_pages_are_powers_of_two(void)
{
	size_t n;
	const struct nor_part *part = nor_parts(&n);

	for (size_t i = 0; i < n; i++) {
		CHECK(power_of_two(part[i].size) && part[i].size >= 32 * 1024);
		CHECK(power_of_two(part[i].page) && part[i].page >= 32 && part[i].page <= 512);
		CHECK(part[i].address_bytes == 3 || part[i].address_bytes == 4);
		CHECK(part[i].size <= 1u << 24 || part[i].address_bytes == 4);
	}
}

static bool erases_fit(const struct nor_part *part)
{
	bool ended = false;

	for (size_t i = 0; i < NOR_ERASES; i++) {
		const struct nor_erase *erase = &part->erase[i];

		if (ended && (erase->opcode || erase->size))
			return false;
		ended |= !erase->opcode;
		if (erase->size > part->size || (erase->size && part->size % erase->size))
			return false;
	}
	return true;
}

static void erases_divide_the_size(void)
{
	size_t n;
	const struct nor_part *part = nor_parts(&n);

	for (size_t i = 0; i < n; i++)
		CHECK(erases_fit(&part[i]));
}

/* A size of 0 is only for parts with boot blocks: 18 of them. */
static void few_erases_are_of_mixed_sizes(void)
{
	size_t n, mixed = 0;
	const struct nor_part *part = nor_parts(&n);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < NOR_ERASES && part[i].erase[k].opcode; k++)
			mixed += part[i].erase[k].size == 0;
	CHECK(mixed == 18);
}

static void no_erase_is_listed_twice(void)
{
	size_t n;
	const struct nor_part *part = nor_parts(&n);

	for (size_t i = 0; i < n; i++)
		for (size_t a = 0; a < NOR_ERASES && part[i].erase[a].opcode; a++)
			for (size_t b = 0; b < a; b++)
				CHECK(part[i].erase[a].opcode != part[i].erase[b].opcode);
}

static void voltages_are_a_range_or_unknown(void)
{
	size_t n;
	const struct nor_part *part = nor_parts(&n);

	for (size_t i = 0; i < n; i++) {
		CHECK((part[i].mv_min == 0) == (part[i].mv_max == 0));
		CHECK(part[i].mv_min == 0 || part[i].mv_min >= 1600);
		CHECK(part[i].mv_min <= part[i].mv_max && part[i].mv_max <= 3600);
	}
}

static void each_has_a_vendor_and_names(void)
{
	size_t n;
	const struct nor_part *part = nor_parts(&n);

	for (size_t i = 0; i < n; i++) {
		const char *names = part[i].names;

		CHECK(part[i].vendor[0] && part[i].notes);
		CHECK(names[0] && names[0] != '/' && names[strlen(names) - 1] != '/');
		CHECK(!strstr(names, "//") && !strpbrk(names, "() ,\""));
	}
}

/* "Puya" and "PUYA" would be two makers to whoever filters by them. */
static void a_vendor_has_one_spelling(void)
{
	size_t n;
	const struct nor_part *part = nor_parts(&n);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			CHECK(strcasecmp(part[i].vendor, part[k].vendor) != 0 ||
			      strcmp(part[i].vendor, part[k].vendor) == 0);
}

static void each_id_is_plausible_and_found(void)
{
	size_t n;
	const struct nor_part *part = nor_parts(&n);

	for (size_t i = 0; i < n; i++) {
		CHECK(nor_id_plausible(part[i].jedec_id));
		CHECK(nor_part_by_id(part[i].jedec_id) == &part[i]);
	}
	CHECK(!nor_part_by_id(0) && !nor_part_by_id(0xffffff) && !nor_part_by_id(0x0b4019));
}

/* By its name a part is found, or, where others bear the name too, its ID is among those told. */
static bool found_by(const struct nor_part *part, const char *name)
{
	char id[7];
	struct err e;
	const struct nor_part *found = nor_part_by_name(name, &e);

	snprintf(id, sizeof id, "%06X", part->jedec_id);
	return found ? found == part : e.code == ERR_BAD_INPUT && strstr(e.text, id);
}

static void each_part_is_found_by_each_of_its_names(void)
{
	size_t n;
	const struct nor_part *part = nor_parts(&n);

	for (size_t i = 0; i < n; i++) {
		const char *name = part[i].names;

		while (*name) {
			const size_t len = strcspn(name, "/");
			char one[64];

			CHECK(len > 0 && len < sizeof one);
			snprintf(one, sizeof one, "%.*s", (int)len, name);
			CHECK(found_by(&part[i], one));
			name += len + (name[len] == '/');
		}
	}
}

static uint32_t id_of(const char *name)
{
	struct err e;
	const struct nor_part *part = nor_part_by_name(name, &e);

	return part ? part->jedec_id : 0;
}

static void names_and_ids_are_found_in_either_case(void)
{
	CHECK(id_of("XT25F32B") == 0x0b4016);
	CHECK(id_of("xt25f32b") == 0x0b4016);
	CHECK(id_of("0B4016") == 0x0b4016);
	CHECK(id_of("0b4016") == 0x0b4016);
	CHECK(id_of("EN25QH16B") == 0x1c7015);
	CHECK(id_of("W25Q32JV") == 0xef4016);
	CHECK(id_of("MX25L4005C") == 0xc22013);
}

static void a_dot_in_the_table_is_any_character(void)
{
	CHECK(id_of("BY25D16A") == 0x684015);
	CHECK(id_of("W25Q16DV") == 0xef4015);
	CHECK(id_of("W25Q16.V") == 0xef4015);
}

static void a_beginning_is_enough_when_it_is_one_part(void)
{
	CHECK(id_of("XT25F32") == 0x0b4016);
	CHECK(id_of("en25qh128") == 0x1c7018);
}

static void a_whole_name_wins_over_a_beginning(void)
{
	/* W25Q32JV_M (EF7016) begins with it too */
	CHECK(id_of("W25Q32JV") == 0xef4016);
	CHECK(id_of("W25Q16JV_M") == 0xef7015);
}

static void a_name_with_several_ids_names_them(void)
{
	struct err e;

	CHECK(!nor_part_by_name("W25Q128JV", &e));
	CHECK(e.code == ERR_BAD_INPUT);
	CHECK(strstr(e.text, "EF4018") && strstr(e.text, "EF7018"));
}

static void a_short_beginning_is_cut_short_in_the_text(void)
{
	struct err e;

	CHECK(!nor_part_by_name("W", &e));
	CHECK(e.code == ERR_BAD_INPUT && strstr(e.text, "..."));
}

static void what_is_no_part_is_an_error(void)
{
	static const char *const none[] = { "",       "XT99", "XT25F32BX", "FFFFFF",
					    "123456", "/",    "XT25F32B/" };

	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		struct err e = { .code = ERR_NONE };

		CHECK(!nor_part_by_name(none[i], &e));
		CHECK(e.code == ERR_BAD_INPUT && e.text[0]);
	}
}

static void a_search_looks_at_vendor_name_and_id(void)
{
	const struct nor_part *part = nor_part_by_id(0x0b4016);

	CHECK(nor_part_matches(part, ""));
	CHECK(nor_part_matches(part, "xtx"));
	CHECK(nor_part_matches(part, "f32"));
	CHECK(nor_part_matches(part, "0b40"));
	CHECK(!nor_part_matches(part, "b4016"));
	CHECK(!nor_part_matches(part, "winbond"));
	CHECK(!nor_part_matches(part, "0B40160"));
}

static void known_facts_are_as_in_the_data_sheets(void)
{
	const struct nor_part *w25q32 = nor_part_by_id(0xef4016);
	const struct nor_part *sst = nor_part_by_id(0xbf2541);
	const struct nor_part *intel = nor_part_by_id(0x898911);

	CHECK(w25q32->size == 4u << 20 && w25q32->page == 256 && w25q32->address_bytes == 3);
	CHECK(w25q32->erase[0].opcode == 0x20 && w25q32->erase[0].size == 4096);
	CHECK(w25q32->erase[4].opcode == 0xc7 && w25q32->erase[4].size == 4u << 20);
	CHECK(w25q32->mv_min == 2700 && w25q32->mv_max == 3600);
	CHECK(sst->program == NOR_PROGRAM_AAI);
	CHECK(intel->erase[0].opcode == 0x40 && intel->erase[0].size == 0);
}

static const struct check all[] = {
	{ "ids ascend and none is doubled", ids_ascend_and_none_is_doubled },
	{ "sizes and pages are powers of two", sizes_and_pages_are_powers_of_two },
	{ "erases divide the size", erases_divide_the_size },
	{ "few erases are of mixed sizes", few_erases_are_of_mixed_sizes },
	{ "no erase is listed twice", no_erase_is_listed_twice },
	{ "voltages are a range or unknown", voltages_are_a_range_or_unknown },
	{ "each has a vendor and names", each_has_a_vendor_and_names },
	{ "a vendor has one spelling", a_vendor_has_one_spelling },
	{ "each id is plausible and found", each_id_is_plausible_and_found },
	{ "each part is found by each of its names", each_part_is_found_by_each_of_its_names },
	{ "names and ids are found in either case", names_and_ids_are_found_in_either_case },
	{ "a dot in the table is any character", a_dot_in_the_table_is_any_character },
	{ "a beginning is enough when it is one part", a_beginning_is_enough_when_it_is_one_part },
	{ "a whole name wins over a beginning", a_whole_name_wins_over_a_beginning },
	{ "a name with several ids names them", a_name_with_several_ids_names_them },
	{ "a short beginning is cut short in the text",
	  a_short_beginning_is_cut_short_in_the_text },
	{ "what is no part is an error", what_is_no_part_is_an_error },
	{ "a search looks at vendor, name and id", a_search_looks_at_vendor_name_and_id },
	{ "known facts are as in the data sheets", known_facts_are_as_in_the_data_sheets },
};
CHECK_MAIN(all)
