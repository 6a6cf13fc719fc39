#include "serial_part.h"

#include <stdint.h>

#include "auto.h"
#include "check.h"
#include "clock.h"
#include "tty.h"

#define LEN 960u /* bytes */

struct pair {
	struct serial *near, *far;
};

static void pair_done(struct pair *pair)
{
	serial_close(pair->near);
	serial_close(pair->far);
}

/* Both ends at one rate, with nothing left from before. */
static int pair_open(struct pair *pair, uint32_t baud, struct err *e)
{
	pair->near = tty_new("/dev/ttyS1", e);
	pair->far = tty_new("/dev/ttyS2", e);
	if (tty_wake(pair->near, e) < 0 || tty_wake(pair->far, e) < 0 ||
	    serial_set_baud(pair->near, baud, e) < 0 || serial_set_baud(pair->far, baud, e) < 0)
		return -1;
	clock_sleep_ns(clock_real(), 20 * (uint64_t)CLOCK_MS);
	return serial_flush(pair->near, e) < 0 ? -1 : serial_flush(pair->far, e);
}

/* Until len bytes are there, or nothing comes for a second. */
static size_t read_all(struct serial *port, uint8_t *buf, size_t len)
{
	size_t have = 0, got = 1;
	struct err e;

	while (have < len && got > 0) {
		if (serial_read(port, buf + have, len - have, 1000, &got, &e) < 0)
			return 0;
		have += got;
	}
	return have;
}

static void fill(uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(i * 31 + i / 256);
}

static void every_byte_arrives_at_115200_baud(void)
{
	AUTO(pair_done) struct pair p = { NULL, NULL };
	uint8_t sent[4096], got[4096];
	struct err e;

	fill(sent, sizeof sent);
	CHECK_OK(pair_open(&p, 115200, &e), e);
	for (size_t i = 0; i < sizeof sent; i += 512) {
		CHECK_OK(serial_write(p.near, sent + i, 512, &e), e);
		CHECK(read_all(p.far, got + i, 512) == 512);
	}
	CHECK(memcmp(sent, got, sizeof sent) == 0);
}

static void rate_without_a_name_works(void)
{
	AUTO(pair_done) struct pair p = { NULL, NULL };
	uint8_t got[5];
	struct err e;

	CHECK_OK(pair_open(&p, 14400, &e), e);
	CHECK_OK(serial_write(p.far, (const uint8_t *)"hello", 5, &e), e);
	CHECK(read_all(p.near, got, 5) == 5 && memcmp(got, "hello", 5) == 0);
}

static void rate_that_the_uart_cannot_do_is_bad_input(void)
{
	AUTO(pair_done) struct pair p = { NULL, NULL };
	struct err e;

	CHECK_OK(pair_open(&p, 115200, &e), e);
	e.code = ERR_NONE;
	CHECK(serial_set_baud(p.near, 1000000, &e) == -1);
	CHECK(e.code == ERR_BAD_INPUT && strstr(e.text, "1000000") && e.hint[0]);
}

/* QEMU's UART takes no time, so this tells only that nothing is left behind. */
static void drained_bytes_are_at_the_other_end(void)
{
	AUTO(pair_done) struct pair p = { NULL, NULL };
	uint8_t sent[LEN], got[LEN];
	struct err e;

	fill(sent, sizeof sent);
	CHECK_OK(pair_open(&p, 9600, &e), e);
	CHECK_OK(serial_write(p.near, sent, sizeof sent, &e), e);
	CHECK_OK(serial_drain(p.near, &e), e);
	CHECK(read_all(p.far, got, sizeof got) == sizeof got);
	CHECK(memcmp(sent, got, sizeof got) == 0);
}

static void second_user_is_refused(void)
{
	AUTO(pair_done) struct pair p = { NULL, NULL };
	struct err e;
	struct serial *second;
	int result;

	CHECK_OK(pair_open(&p, 115200, &e), e);
	second = tty_new("/dev/ttyS1", &e);
	result = tty_wake(second, &e);
	serial_close(second);
	CHECK(result == -1 && e.code == ERR_OFFLINE && strstr(e.text, "in use"));
}

static const struct check checks[] = {
	{ "uart: every byte arrives at 115200 baud", every_byte_arrives_at_115200_baud },
	{ "uart: rate without a name works", rate_without_a_name_works },
	{ "uart: rate that the uart cannot do is bad input",
	  rate_that_the_uart_cannot_do_is_bad_input },
	{ "uart: drained bytes are at the other end", drained_bytes_are_at_the_other_end },
	{ "uart: second user is refused", second_user_is_refused },
};

int serial_part_run(void)
{
	return check_all(checks, ARRAY_LEN(checks), NULL);
}
