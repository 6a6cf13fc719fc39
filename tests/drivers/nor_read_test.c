#include "check.h"

#include <stdlib.h>

#include "auto.h"
#include "fake_bus.h"
#include "nor.h"

static struct fake_bus bus;

/* A chip of 4 MiB that nobody asked. */
static struct nor nor_on(size_t max_len)
{
	fake_bus_init(&bus, FAKE_FLASH, 0x0b4016);
	bus.spi.max_len = max_len;
	return (struct nor){ .spi = &bus.spi,
			     .clock = &bus.clock.base,
			     .name = "XT25F32B",
			     .size = 4 << 20,
			     .page = 256,
			     .address_bytes = 3 };
}

static bool is_content(const uint8_t *buf, uint32_t addr, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (buf[i] != bus.mem[(addr + i) % FAKE_MEM])
			return false;
	return true;
}

static void every_byte_is_the_chips(void)
{
	static uint8_t buf[3 * 4096];
	struct nor nor = nor_on(4096);
	struct err e;

	for (uint32_t addr = 0; addr < 40; addr++) {
		const size_t len = 1 + (size_t)addr * 301 % sizeof buf;

		CHECK_OK(nor_read(&nor, addr * 911, buf, len, &e), e);
		CHECK(is_content(buf, addr * 911, len));
	}
}

/* Messages for 128 KiB on a bus that takes so much at once. */
static uint64_t messages_for(size_t max_len)
{
	static uint8_t buf[128 * 1024];
	struct nor nor = nor_on(max_len);
	struct err e;

	if (nor_read(&nor, 0, buf, sizeof buf, &e) < 0 || bus.longest > max_len)
		return 0;
	return is_content(buf, 0, sizeof buf) ? bus.messages : 0;
}

static void messages_are_as_large_as_the_bus_takes(void)
{
	CHECK(messages_for(64) == 2048);
	CHECK(messages_for(4096) == 32);
	CHECK(messages_for(65536) == 2);
	CHECK(messages_for(100000) == 2);
}

static void an_aligned_read_stays_aligned(void)
{
	static uint8_t buf[8192];
	struct nor nor = nor_on(4096);
	struct err e;

	CHECK_OK(nor_read(&nor, 0x1000, buf, sizeof buf, &e), e);
	CHECK(bus.messages == 2 && bus.last_addr == 0x2000);
}

/* Above 33 MHz 03h is too slow for many parts. */
static void fast_clock_reads_with_a_dummy_byte(void)
{
	static const uint32_t sizes[] = { 4u << 20, 32u << 20 };

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct nor nor = nor_on(4096);
		uint8_t buf[100];
		struct err e;

		nor.size = sizes[i];
		nor.address_bytes = i ? 4 : 3;
		nor.read_4b = i;
		bus.spi.now.hz = 40000000;
		CHECK_OK(nor_read(&nor, 4000, buf, sizeof buf, &e), e);
		CHECK(bus.last_read_op == (i ? 0x0c : 0x0b));
		CHECK(is_content(buf, 4000, sizeof buf));
		bus.spi.now.hz = 33000000;
		CHECK_OK(nor_read(&nor, 4000, buf, sizeof buf, &e), e);
		CHECK(bus.last_read_op == (i ? 0x13 : 0x03));
		CHECK(is_content(buf, 4000, sizeof buf));
	}
}

static void nothing_costs_nothing(void)
{
	struct nor nor = nor_on(4096);
	struct err e;
	uint8_t byte = 0;

	CHECK_OK(nor_read(&nor, 4 << 20, &byte, 0, &e), e);
	CHECK(bus.messages == 0);
}

static void the_last_byte_is_read(void)
{
	struct nor nor = nor_on(4096);
	struct err e;
	uint8_t byte;

	CHECK_OK(nor_read(&nor, (4 << 20) - 1, &byte, 1, &e), e);
	CHECK(bus.last_addr == 0x3fffff);
}

static bool refused(struct nor *nor, uint32_t addr, size_t len)
{
	struct err e = { .code = ERR_NONE };
	uint8_t byte;

	return nor_read(nor, addr, &byte, len, &e) == -1 && e.code == ERR_BAD_INPUT &&
	       strstr(e.text, nor->name) && bus.messages == 0;
}

static void past_the_end_is_refused(void)
{
	struct nor nor = nor_on(4096);

	CHECK(refused(&nor, 4 << 20, 1));
	CHECK(refused(&nor, (4 << 20) - 1, 2));
	CHECK(refused(&nor, UINT32_MAX, 1));
	CHECK(refused(&nor, 1, SIZE_MAX));
}

static void a_lost_cable_names_the_address(void)
{
	static uint8_t buf[16384];
	struct nor nor = nor_on(4096);
	struct err e;

	bus.fail_at = 3;
	CHECK(nor_read(&nor, 0x1d000, buf, sizeof buf, &e) == -1);
	CHECK(e.code == ERR_IO && e.offset == 0x1f000);
	CHECK(strcmp(e.text, "reading 0x1f000: the cable fell out") == 0);
}

static void four_mebibytes_cost_little_more_than_their_bytes(void)
{
	const size_t len = 4 << 20;
	AUTO(auto_free) uint8_t *buf = malloc(len);
	struct nor nor = nor_on(4096);
	struct err e;
	uint64_t bytes_ns;

	CHECK(buf);
	CHECK_OK(nor_read(&nor, 0, buf, len, &e), e);
	bytes_ns = len * 1000ull; /* 8 bits at 8 MHz */
	CHECK(bus.clock.now_ns * 100 <= bytes_ns * 101);
	CHECK(bus.messages == 1024);
}

static const struct check all[] = {
	{ "every byte is the chip's", every_byte_is_the_chips },
	{ "messages are as large as the bus takes", messages_are_as_large_as_the_bus_takes },
	{ "an aligned read stays aligned", an_aligned_read_stays_aligned },
	{ "fast clock reads with a dummy byte", fast_clock_reads_with_a_dummy_byte },
	{ "nothing costs nothing", nothing_costs_nothing },
	{ "the last byte is read", the_last_byte_is_read },
	{ "past the end is refused", past_the_end_is_refused },
	{ "a lost cable names the address", a_lost_cable_names_the_address },
	{ "four mebibytes cost little more than their bytes",
	  four_mebibytes_cost_little_more_than_their_bytes },
};
CHECK_MAIN(all)
