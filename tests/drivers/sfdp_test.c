#include "check.h"

#include <stdint.h>
#include <stdlib.h>

#include "sfdp.h"
#include "sfdp_space.h"

static struct sfdp_space winbond(void)
{
	uint32_t words[16];

	memcpy(words, space_w25q32, sizeof words);
	/* 3 x 16, 1 x 128, 9 x 16 ms; at most 2 x (4 + 1) times that */
	words[9] = 4 | (2 | 1 << 5) << 4 | (0 | 2 << 5) << 11 | (8 | 1 << 5) << 18;
	/* pages of 2^8 in 7 x 64 us, at most 2 x (3 + 1) times that; the chip in 3 x 4 s */
	words[10] = 3 | 8 << 4 | (6 | 1 << 5) << 8 | (2 | 2 << 5) << 24;
	return sfdp_space(words, 16, 1);
}

static int parse(const struct sfdp_space *s, struct sfdp *sfdp, struct err *e)
{
	return sfdp_parse(s->bytes, s->len, sfdp, e);
}

static bool refused(const struct sfdp_space *s)
{
	struct sfdp sfdp = { .size = 4711 };
	struct err e = { .code = ERR_NONE };

	return parse(s, &sfdp, &e) == -1 && e.code == ERR_UNKNOWN_CHIP && e.text[0] &&
	       sfdp.size == 4711;
}

static void a_winbond_table_gives_size_and_erases(void)
{
	const struct sfdp_space s = winbond();
	struct sfdp sfdp;
	struct err e;

	CHECK_OK(parse(&s, &sfdp, &e), e);
	CHECK(sfdp.major == 1 && sfdp.minor == 5);
	CHECK(sfdp.size == 4 << 20 && sfdp.address_bytes == 3 && sfdp.page == 256);
	CHECK(sfdp.erases == 3);
	CHECK(sfdp.erase[0].opcode == 0x20 && sfdp.erase[0].size == 4096);
	CHECK(sfdp.erase[1].opcode == 0x52 && sfdp.erase[1].size == 32768);
	CHECK(sfdp.erase[2].opcode == 0xd8 && sfdp.erase[2].size == 65536);
	CHECK(!sfdp.read_4b && sfdp.erase[0].opcode_4b == 0);
}

static void a_winbond_table_gives_times(void)
{
	const struct sfdp_space s = winbond();
	struct sfdp sfdp;
	struct err e;

	CHECK_OK(parse(&s, &sfdp, &e), e);
	CHECK(sfdp.erase[0].typical_us == 48000 && sfdp.erase[0].maximum_us == 480000);
	CHECK(sfdp.erase[1].typical_us == 128000 && sfdp.erase[1].maximum_us == 1280000);
	CHECK(sfdp.erase[2].typical_us == 144000 && sfdp.erase[2].maximum_us == 1440000);
	CHECK(sfdp.page_program_typical_us == 448 && sfdp.page_program_maximum_us == 3584);
	CHECK(sfdp.chip_erase_typical_ms == 12000 && sfdp.chip_erase_maximum_ms == 120000);
}

static void the_first_jesd216_has_no_times_and_pages_of_256(void)
{
	const struct sfdp_space s = sfdp_space(space_w25q32, 9, 1);
	struct sfdp sfdp;
	struct err e;

	CHECK_OK(parse(&s, &sfdp, &e), e);
	CHECK(sfdp.size == 4 << 20 && sfdp.page == 256 && sfdp.erases == 3);
	CHECK(sfdp.erase[0].typical_us == 0 && sfdp.erase[0].maximum_us == 0);
	CHECK(sfdp.page_program_typical_us == 0 && sfdp.chip_erase_typical_ms == 0);
}

static void the_first_jesd216_may_leave_the_upper_id_byte_empty(void)
{
	struct sfdp_space s = sfdp_space(space_w25q32, 9, 1);
	struct sfdp sfdp;
	struct err e;

	s.bytes[15] = 0x00;
	CHECK_OK(parse(&s, &sfdp, &e), e);
	CHECK(sfdp.size == 4 << 20);
}

/* 32 MiB, three or four address bytes, with a four-byte address instruction table. */
static struct sfdp_space large(void)
{
	static const uint32_t four[2] = { 1u | 1u << 6 | 1u << 9 | 1u << 11, 0xffdcff21 };
	uint32_t words[16];
	struct sfdp_space s;

	memcpy(words, space_w25q32, sizeof words);
	words[0] |= 1u << 17;
	words[1] = 0x0fffffff;
	words[15] = 0x21u << 24;
	s = sfdp_space(words, 16, 2);
	space_header(&s, 2, 0xff84, 2, SPACE_FOUR);
	space_words(&s, SPACE_FOUR, four, 2);
	return s;
}

static void a_large_chip_tells_its_four_byte_commands(void)
{
	const struct sfdp_space s = large();
	struct sfdp sfdp;
	struct err e;

	CHECK_OK(parse(&s, &sfdp, &e), e);
	CHECK(sfdp.size == 32 << 20 && sfdp.address_bytes == 34 && sfdp.enter_4b == 0x21);
	CHECK(sfdp.read_4b && sfdp.program_4b);
	CHECK(sfdp.erase[0].opcode_4b == 0x21);
	CHECK(sfdp.erase[1].opcode_4b == 0);
	CHECK(sfdp.erase[2].opcode_4b == 0xdc);
}

static void a_cut_four_byte_table_is_left_out(void)
{
	struct sfdp_space s = large();
	struct sfdp sfdp;
	struct err e;

	s.len = SPACE_FOUR + 4;
	CHECK_OK(parse(&s, &sfdp, &e), e);
	CHECK(!sfdp.read_4b && sfdp.erase[0].opcode_4b == 0);
}

static int parse_density(uint32_t density, struct sfdp *sfdp)
{
	uint32_t words[9];
	struct sfdp_space s;
	struct err e;

	memcpy(words, space_w25q32, sizeof words);
	words[1] = density;
	s = sfdp_space(words, 9, 1);
	return parse(&s, sfdp, &e);
}

static void more_than_two_gigabits_are_a_power_of_two(void)
{
	struct sfdp sfdp;

	CHECK(parse_density(0x7fffffff, &sfdp) == 0 && sfdp.size == 256ull << 20);
	CHECK(parse_density(0x80000020, &sfdp) == 0 && sfdp.size == 512ull << 20);
	CHECK(parse_density(0x80000023, &sfdp) == 0 && sfdp.size == 4096ull << 20);
}

static void a_density_of_nonsense_is_refused(void)
{
	static const uint32_t nonsense[] = { 0,          1,          0x00001234, 0x01fffffe,
					     0x80000000, 0x8000001f, 0x80000029, 0x80000040,
					     0xffffffff, 0x00000fff };
	struct sfdp sfdp;

	for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++)
		CHECK(parse_density(nonsense[i], &sfdp) == -1);
}

static void reserved_addressing_is_refused(void)
{
	struct sfdp_space s = winbond();

	s.bytes[SPACE_BFPT + 2] |= 0x06;
	CHECK(refused(&s));
}

static void an_erase_that_does_not_fit_is_left_out(void)
{
	struct sfdp_space s = winbond();
	struct sfdp sfdp;
	struct err e;

	s.bytes[SPACE_BFPT + 28] = 23;      /* type 1: 8 MiB of 4 */
	s.bytes[SPACE_BFPT + 28 + 2] = 200; /* type 2: 2^200 bytes */
	CHECK_OK(parse(&s, &sfdp, &e), e);
	CHECK(sfdp.erases == 1 && sfdp.erase[0].opcode == 0xd8);
	CHECK(sfdp.erase[0].typical_us == 144000);
}

static void without_types_the_sector_erase_of_dword_1_counts(void)
{
	struct sfdp_space s = winbond();
	struct sfdp sfdp;
	struct err e;

	memset(s.bytes + SPACE_BFPT + 28, 0, 8);
	CHECK_OK(parse(&s, &sfdp, &e), e);
	CHECK(sfdp.erases == 1 && sfdp.erase[0].opcode == 0x20 && sfdp.erase[0].size == 4096);
}

static void a_newer_table_wins_over_an_older_one(void)
{
	struct sfdp_space s = sfdp_space(space_w25q32, 9, 2);
	const uint32_t newer[9] = { space_w25q32[0], 0x00ffffff };
	struct sfdp sfdp;
	struct err e;

	space_header(&s, 2, 0xff00, 9, 0x100);
	space_words(&s, 0x100, newer, 9);
	CHECK_OK(parse(&s, &sfdp, &e), e);
	CHECK(sfdp.size == 2 << 20);
}

static void every_cut_is_refused(void)
{
	const struct sfdp_space whole = large();

	for (size_t len = 0; len < SPACE_BFPT + 64; len++) {
		/* No longer than len, so that the sanitizer sees each byte too far. */
		uint8_t *cut = malloc(len + !len);
		struct sfdp sfdp;
		struct err e;
		int result;

		CHECK(cut);
		memcpy(cut, whole.bytes, len);
		result = sfdp_parse(cut, len, &sfdp, &e);
		free(cut);
		CHECK(result == -1 && e.code == ERR_UNKNOWN_CHIP);
	}
}

static void no_signature_is_no_sfdp(void)
{
	struct sfdp_space s = winbond();

	s.bytes[3] = 'X';
	CHECK(refused(&s));
	memset(s.bytes, 0xff, sizeof s.bytes);
	CHECK(refused(&s));
	memset(s.bytes, 0x00, sizeof s.bytes);
	CHECK(refused(&s));
}

static void an_unknown_version_is_refused(void)
{
	struct sfdp_space s = winbond();

	s.bytes[5] = 2;
	CHECK(refused(&s));
}

static void a_table_outside_the_space_is_refused(void)
{
	struct sfdp_space s = winbond();

	s.bytes[14] = 0xff;
	CHECK(refused(&s));
}

static void a_short_table_is_refused(void)
{
	const struct sfdp_space s = sfdp_space(space_w25q32, 8, 1);

	CHECK(refused(&s));
}

static uint64_t next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

static bool believable(const struct sfdp *sfdp)
{
	for (size_t i = 0; i < sfdp->erases; i++)
		if (!sfdp->erase[i].size || sfdp->size % sfdp->erase[i].size)
			return false;
	return sfdp->erases <= 4 && sfdp->size >= 4096 && sfdp->size % 4096 == 0 && sfdp->page &&
	       sfdp->page <= sfdp->size;
}

static void flipped_bytes_are_refused_or_believable(void)
{
	uint64_t seed = 20;

	for (int round = 0; round < 20000; round++) {
		struct sfdp_space s = large();
		struct sfdp sfdp;
		struct err e;

		for (int i = 0; i < 3; i++)
			s.bytes[next(&seed) % s.len] = (uint8_t)next(&seed);
		CHECK(parse(&s, &sfdp, &e) == -1 || believable(&sfdp));
	}
}

static void random_bytes_behind_a_signature_are_refused_or_believable(void)
{
	uint64_t seed = 21;

	for (int round = 0; round < 20000; round++) {
		struct sfdp_space s = { .len = next(&seed) % sizeof s.bytes };
		struct sfdp sfdp;
		struct err e;

		for (size_t i = 8; i < s.len; i++)
			s.bytes[i] = (uint8_t)next(&seed);
		memcpy(s.bytes, "SFDP\x06\x01\x03\xff", 8);
		CHECK(parse(&s, &sfdp, &e) == -1 || believable(&sfdp));
	}
}

static const struct check all[] = {
	{ "a winbond table gives size and erases", a_winbond_table_gives_size_and_erases },
	{ "a winbond table gives times", a_winbond_table_gives_times },
	{ "the first jesd216 has no times and pages of 256",
	  the_first_jesd216_has_no_times_and_pages_of_256 },
	{ "the first jesd216 may leave the upper id byte empty",
	  the_first_jesd216_may_leave_the_upper_id_byte_empty },
	{ "a large chip tells its four-byte commands", a_large_chip_tells_its_four_byte_commands },
	{ "a cut four-byte table is left out", a_cut_four_byte_table_is_left_out },
	{ "more than two gigabits are a power of two", more_than_two_gigabits_are_a_power_of_two },
	{ "a density of nonsense is refused", a_density_of_nonsense_is_refused },
	{ "reserved addressing is refused", reserved_addressing_is_refused },
	{ "an erase that does not fit is left out", an_erase_that_does_not_fit_is_left_out },
	{ "without types the sector erase of dword 1 counts",
	  without_types_the_sector_erase_of_dword_1_counts },
	{ "a newer table wins over an older one", a_newer_table_wins_over_an_older_one },
	{ "every cut is refused", every_cut_is_refused },
	{ "no signature is no sfdp", no_signature_is_no_sfdp },
	{ "an unknown version is refused", an_unknown_version_is_refused },
	{ "a table outside the space is refused", a_table_outside_the_space_is_refused },
	{ "a short table is refused", a_short_table_is_refused },
	{ "flipped bytes are refused or believable", flipped_bytes_are_refused_or_believable },
	{ "random bytes behind a signature are refused or believable",
	  random_bytes_behind_a_signature_are_refused_or_believable },
};
CHECK_MAIN(all)
