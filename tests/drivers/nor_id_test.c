#include "check.h"

#include "fake_bus.h"
#include "nor.h"
#include "sfdp_space.h"

#define XT25F32B 0x0b4016
#define N25Q256  0x20ba19
#define UNKNOWN  0x683216

static struct fake_bus bus;

static int probe(struct nor *nor, struct err *e)
{
	return nor_probe(&bus.spi, &bus.clock.base, nor, e);
}

/* An SFDP space of that density for the bus. */
static void give_sfdp(uint32_t density, uint32_t addressing)
{
	static struct sfdp_space space;
	uint32_t words[16];

	memcpy(words, space_w25q32, sizeof words);
	words[0] |= addressing << 17;
	words[1] = density;
	words[10] = 9 << 4; /* pages of 512 */
	space = sfdp_space(words, 16, 1);
	bus.sfdp = space.bytes;
	bus.sfdp_len = space.len;
}

static void the_byte_under_the_command_is_ignored(void)
{
	uint8_t raw[4];
	uint32_t id;
	struct err e;

	fake_bus_init(&bus, FAKE_FLASH, XT25F32B);
	CHECK_OK(nor_read_id(&bus.spi, &id, raw, &e), e);
	CHECK(id == XT25F32B);
	CHECK(raw[0] == 0xa5 && raw[1] == 0x0b && raw[2] == 0x40 && raw[3] == 0x16);
	CHECK(bus.messages == 1);
}

static void dead_lines_are_no_ids(void)
{
	static const uint32_t dead[] = { 0x000000, 0xffffff, 0xd2d2d2, 0x9f9f9f, 0x004016,
					 0xff4016, 0xd20000, 0xd2d200, 0x800000, 0x0bffff };

	for (size_t i = 0; i < sizeof dead / sizeof *dead; i++)
		CHECK(!nor_id_plausible(dead[i]));
}

static void an_unknown_id_may_be_plausible(void)
{
	CHECK(nor_id_plausible(UNKNOWN));
}

static bool probe_refuses(enum fake_line line, enum err_code code)
{
	struct nor nor = { .size = 4711 };
	struct err e = { .code = ERR_NONE };

	fake_bus_init(&bus, line, XT25F32B);
	return probe(&nor, &e) == -1 && e.code == code && e.hint[0] && nor.size == 4711;
}

static void dead_lines_are_no_chip(void)
{
	CHECK(probe_refuses(FAKE_HIGH, ERR_NO_CHIP));
	CHECK(probe_refuses(FAKE_LOW, ERR_NO_CHIP));
	CHECK(probe_refuses(FAKE_BRIDGE, ERR_NO_CHIP));
}

static void an_id_that_changes_is_unstable(void)
{
	struct nor nor;
	struct err e;

	fake_bus_init(&bus, FAKE_FLASH, XT25F32B);
	bus.jedec_id_odd = 0x0b4116;
	CHECK(probe(&nor, &e) == -1);
	CHECK(e.code == ERR_UNSTABLE_READ);
	CHECK(strstr(e.text, "0B4016") && strstr(e.text, "0B4116"));
}

static void pages_that_change_are_unstable(void)
{
	struct nor nor;
	struct err e;

	fake_bus_init(&bus, FAKE_FLASH, XT25F32B);
	bus.pages_change = true;
	CHECK(probe(&nor, &e) == -1);
	CHECK(e.code == ERR_UNSTABLE_READ && e.offset == 0);
	CHECK(strncmp(e.text, "reading 0x0: ", 13) == 0);
}

static void an_unknown_id_without_sfdp_is_named(void)
{
	struct nor nor;
	struct err e;

	fake_bus_init(&bus, FAKE_FLASH, UNKNOWN);
	CHECK(probe(&nor, &e) == -1);
	CHECK(e.code == ERR_UNKNOWN_CHIP && strstr(e.text, "683216"));
}

static void a_known_part_needs_no_sfdp(void)
{
	struct nor nor;
	struct err e;

	fake_bus_init(&bus, FAKE_FLASH, XT25F32B);
	CHECK_OK(probe(&nor, &e), e);
	CHECK(nor.id.jedec_id == XT25F32B && !nor.id.has_sfdp && !nor.id.has_unique_id);
	CHECK(strcmp(nor.name, "XT25F32B") == 0);
	CHECK(nor.size == 4 << 20 && nor.page == 256 && nor.address_bytes == 3);
	CHECK(nor.spi == &bus.spi && nor.clock == &bus.clock.base);
}

static void without_a_list_the_usual_erases_count(void)
{
	struct nor nor;
	struct err e;

	fake_bus_init(&bus, FAKE_FLASH, XT25F32B);
	CHECK_OK(probe(&nor, &e), e);
	CHECK(nor.erase[0].opcode == 0x20 && nor.erase[0].size == 4096);
	CHECK(nor.erase[1].opcode == 0xd8 && nor.erase[1].size == 65536);
	CHECK(nor.erase[2].opcode == 0xc7 && nor.erase[2].size == 4 << 20);
	CHECK(nor.erase[3].opcode == 0);
}

static void without_a_list_sfdp_tells_the_erases(void)
{
	struct nor nor;
	struct err e;

	fake_bus_init(&bus, FAKE_FLASH, XT25F32B);
	give_sfdp(0x01ffffff, 0);
	CHECK_OK(probe(&nor, &e), e);
	CHECK(nor.id.has_sfdp && nor.id.sfdp.erases == 3);
	CHECK(nor.erase[1].opcode == 0x52 && nor.erase[1].size == 32768);
	CHECK(nor.erase[3].opcode == 0xc7 && nor.erase[3].size == 4 << 20);
	CHECK(nor.page == 256);
}

static void an_unknown_id_is_what_sfdp_says(void)
{
	struct nor nor;
	struct err e;

	fake_bus_init(&bus, FAKE_FLASH, UNKNOWN);
	give_sfdp(0x00ffffff, 0);
	CHECK_OK(probe(&nor, &e), e);
	CHECK(strcmp(nor.name, "SFDP 2 MiB") == 0);
	CHECK(nor.size == 2 << 20 && nor.page == 512 && nor.address_bytes == 3);
	CHECK(nor.erase[0].opcode == 0x20 && nor.erase[3].opcode == 0xc7);
}

static void sfdp_of_nonsense_is_as_good_as_none(void)
{
	struct nor nor;
	struct err e;

	fake_bus_init(&bus, FAKE_FLASH, XT25F32B);
	give_sfdp(0x00001234, 0);
	CHECK_OK(probe(&nor, &e), e);
	CHECK(!nor.id.has_sfdp && nor.size == 4 << 20);
}

static void sfdp_does_not_overrule_a_part_that_is_alone(void)
{
	struct nor nor;
	struct err e;

	fake_bus_init(&bus, FAKE_FLASH, XT25F32B);
	give_sfdp(0x00ffffff, 0);
	CHECK_OK(probe(&nor, &e), e);
	CHECK(nor.size == 4 << 20);
}

static void sfdp_decides_where_parts_share_an_id(void)
{
	struct nor nor;
	struct err e;

	fake_bus_init(&bus, FAKE_FLASH, 0xef8a16); /* W77Q16JW and W77Q32JW: 2 and 4 MiB */
	CHECK_OK(probe(&nor, &e), e);
	CHECK(nor.size == 2 << 20);
	fake_bus_init(&bus, FAKE_FLASH, 0xef8a16);
	give_sfdp(0x01ffffff, 0);
	CHECK_OK(probe(&nor, &e), e);
	CHECK(nor.size == 4 << 20);
	CHECK(strcmp(nor.name, "W77Q16JW/W77Q32JW") == 0);
}

static void a_long_name_ends_with_a_whole_part(void)
{
	struct nor nor;
	struct err e;

	fake_bus_init(&bus, FAKE_FLASH, 0xc22017);
	CHECK_OK(probe(&nor, &e), e);
	CHECK(strncmp(nor.name, "MX25L6405/", 10) == 0);
	CHECK(strcmp(nor.name + strlen(nor.name) - 14, "MX25L6473E/...") == 0);
}

static void a_large_chip_is_read_with_four_address_bytes(void)
{
	struct nor nor;
	struct err e;
	uint8_t byte;

	fake_bus_init(&bus, FAKE_FLASH, N25Q256);
	CHECK_OK(probe(&nor, &e), e);
	CHECK(nor.size == 32 << 20 && nor.address_bytes == 4);
	CHECK_OK(nor_read(&nor, 0x1234567, &byte, 1, &e), e);
	CHECK(bus.last_read_op == 0x13 && bus.last_addr == 0x1234567);
}

static void a_large_unknown_chip_needs_a_way_to_its_end(void)
{
	struct nor nor;
	struct err e;

	fake_bus_init(&bus, FAKE_FLASH, UNKNOWN);
	give_sfdp(0x0fffffff, 0);
	CHECK(probe(&nor, &e) == -1);
	CHECK(e.code == ERR_UNKNOWN_CHIP);
	give_sfdp(0x0fffffff, 1);
	CHECK_OK(probe(&nor, &e), e);
	CHECK(nor.address_bytes == 4 && nor.size == 32 << 20);
}

static void a_chip_beyond_four_gibibytes_is_not_cut(void)
{
	struct nor nor;
	struct err e;

	fake_bus_init(&bus, FAKE_FLASH, UNKNOWN);
	give_sfdp(0x80000023, 2);
	CHECK(probe(&nor, &e) == -1);
	CHECK(e.code == ERR_UNKNOWN_CHIP);
}

static void a_sleeping_chip_is_woken(void)
{
	struct nor nor;
	struct err e;

	fake_bus_init(&bus, FAKE_FLASH, XT25F32B);
	bus.asleep = true;
	CHECK_OK(probe(&nor, &e), e);
	CHECK(nor.id.jedec_id == XT25F32B);
}

static void the_status_registers_are_read(void)
{
	struct nor nor;
	struct err e;

	fake_bus_init(&bus, FAKE_FLASH, XT25F32B);
	CHECK_OK(probe(&nor, &e), e);
	CHECK(nor.id.status[0] == 0x1c && nor.id.status[1] == 0x02 && nor.id.status[2] == 0x60);
}

static void a_unique_id_is_found(void)
{
	static const uint8_t unique[8] = { 0xd1, 0x63, 0x5c, 0x11, 0x9f, 0x2a, 0x37, 0x08 };
	struct nor nor;
	struct err e;

	fake_bus_init(&bus, FAKE_FLASH, XT25F32B);
	bus.has_unique_id = true;
	memcpy(bus.unique_id, unique, sizeof unique);
	CHECK_OK(probe(&nor, &e), e);
	CHECK(nor.id.has_unique_id && memcmp(nor.id.unique_id, unique, sizeof unique) == 0);
}

static bool finds_unique_id(const uint8_t id[8])
{
	struct nor nor;
	struct err e;

	bus.has_unique_id = true;
	memcpy(bus.unique_id, id, 8);
	return probe(&nor, &e) == 0 && nor.id.has_unique_id;
}

static void an_id_of_equal_bytes_is_none(void)
{
	static const uint8_t zeros[8];
	static const uint8_t ones[8] = { 255, 255, 255, 255, 255, 255, 255, 255 };

	fake_bus_init(&bus, FAKE_FLASH, XT25F32B);
	CHECK(!finds_unique_id(zeros));
	CHECK(!finds_unique_id(ones));
}

static void the_jedec_id_again_is_no_unique_id(void)
{
	struct nor nor;
	struct err e;

	fake_bus_init(&bus, FAKE_FLASH, XT25F32B);
	bus.id_in_4b = true;
	CHECK_OK(probe(&nor, &e), e);
	CHECK(!nor.id.has_unique_id);
}

static void shifted_content_is_no_unique_id(void)
{
	uint8_t shifted[8];

	fake_bus_init(&bus, FAKE_FLASH, XT25F32B);
	for (size_t i = 0; i < sizeof shifted; i++)
		shifted[i] = (uint8_t)(bus.mem[i] << 3 | bus.mem[i + 1] >> 5);
	CHECK(!finds_unique_id(shifted));
}

/* Each message of a look fails once: the reason always comes through, and never a chip. */
static void each_lost_message_is_told(void)
{
	struct nor nor;
	struct err e;

	fake_bus_init(&bus, FAKE_FLASH, XT25F32B);
	give_sfdp(0x01ffffff, 0);
	CHECK_OK(probe(&nor, &e), e);
	for (uint64_t i = 1, messages = bus.messages; i <= messages; i++) {
		fake_bus_init(&bus, FAKE_FLASH, XT25F32B);
		give_sfdp(0x01ffffff, 0);
		bus.fail_at = i;
		CHECK(probe(&nor, &e) == -1);
		CHECK(e.code == ERR_IO && strstr(e.text, ": the cable fell out"));
	}
}

static void a_small_bus_is_enough(void)
{
	struct nor nor;
	struct err e;

	fake_bus_init(&bus, FAKE_FLASH, XT25F32B);
	bus.spi.max_len = 64;
	give_sfdp(0x01ffffff, 0);
	CHECK_OK(probe(&nor, &e), e);
	CHECK(bus.longest <= 64 && nor.id.has_sfdp);
}

static void noise_is_never_a_chip(void)
{
	for (uint64_t seed = 1; seed <= 500; seed++) {
		struct nor nor;
		struct err e;

		fake_bus_init(&bus, FAKE_NOISE, 0);
		bus.noise = seed * 0x9e3779b97f4a7c15u;
		CHECK(probe(&nor, &e) == -1);
		CHECK(e.code == ERR_NO_CHIP || e.code == ERR_UNSTABLE_READ);
	}
}

static const struct check all[] = {
	{ "the byte under the command is ignored", the_byte_under_the_command_is_ignored },
	{ "dead lines are no ids", dead_lines_are_no_ids },
	{ "an unknown id may be plausible", an_unknown_id_may_be_plausible },
	{ "dead lines are no chip", dead_lines_are_no_chip },
	{ "an id that changes is unstable", an_id_that_changes_is_unstable },
	{ "pages that change are unstable", pages_that_change_are_unstable },
	{ "an unknown id without sfdp is named", an_unknown_id_without_sfdp_is_named },
	{ "a known part needs no sfdp", a_known_part_needs_no_sfdp },
	{ "without a list the usual erases count", without_a_list_the_usual_erases_count },
	{ "without a list sfdp tells the erases", without_a_list_sfdp_tells_the_erases },
	{ "an unknown id is what sfdp says", an_unknown_id_is_what_sfdp_says },
	{ "sfdp of nonsense is as good as none", sfdp_of_nonsense_is_as_good_as_none },
	{ "sfdp does not overrule a part that is alone",
	  sfdp_does_not_overrule_a_part_that_is_alone },
	{ "sfdp decides where parts share an id", sfdp_decides_where_parts_share_an_id },
	{ "a long name ends with a whole part", a_long_name_ends_with_a_whole_part },
	{ "a large chip is read with four address bytes",
	  a_large_chip_is_read_with_four_address_bytes },
	{ "a large unknown chip needs a way to its end",
	  a_large_unknown_chip_needs_a_way_to_its_end },
	{ "a chip beyond four gibibytes is not cut", a_chip_beyond_four_gibibytes_is_not_cut },
	{ "a sleeping chip is woken", a_sleeping_chip_is_woken },
	{ "the status registers are read", the_status_registers_are_read },
	{ "a unique id is found", a_unique_id_is_found },
	{ "an id of equal bytes is none", an_id_of_equal_bytes_is_none },
	{ "the jedec id again is no unique id", the_jedec_id_again_is_no_unique_id },
	{ "shifted content is no unique id", shifted_content_is_no_unique_id },
	{ "each lost message is told", each_lost_message_is_told },
	{ "a small bus is enough", a_small_bus_is_enough },
	{ "noise is never a chip", noise_is_never_a_chip },
};
CHECK_MAIN(all)
