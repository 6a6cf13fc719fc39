/* The serial port on a pseudo terminal: all but the wire. */
#include "tty.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "auto.h"
#include "check.h"
#include "clock.h"

struct wire {
	int far; /* the other end */
	char path[64];
	struct serial *port;
};

static void wire_done(struct wire *wire)
{
	serial_close(wire->port);
	auto_close(&wire->far);
}

/* Not by value: the port borrows the path. */
static struct wire *wire_init(struct wire *wire)
{
	struct err e;

	wire->far = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (wire->far < 0 || grantpt(wire->far) != 0 || unlockpt(wire->far) != 0 ||
	    ptsname_r(wire->far, wire->path, sizeof wire->path) != 0)
		abort();
	wire->port = tty_new(wire->path, &e);
	return wire;
}

#define WIRE(w) \
	AUTO(wire_done) struct wire w; \
	wire_init(&(w))

static void every_byte_passes_both_ways(void)
{
	uint8_t all[256], back[256];
	struct err e;
	size_t got = 0, n;
	WIRE(w);

	for (int i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	CHECK_OK(tty_wake(w.port, &e), e);
	CHECK_OK(serial_write(w.port, all, sizeof all, &e), e);
	CHECK(read(w.far, back, sizeof back) == 256 && memcmp(all, back, 256) == 0);
	CHECK(write(w.far, all, sizeof all) == 256);
	for (; got < sizeof back; got += n) {
		CHECK_OK(serial_read(w.port, back + got, sizeof back - got, 1000, &n, &e), e);
		CHECK(n > 0);
	}
	CHECK(memcmp(all, back, 256) == 0);
}

static void read_of_silence_ends_after_its_timeout(void)
{
	const uint64_t start_ns = clock_now_ns(clock_real());
	uint8_t byte;
	size_t got = 1;
	struct err e;
	WIRE(w);

	CHECK_OK(tty_wake(w.port, &e), e);
	CHECK_OK(serial_read(w.port, &byte, 1, 60, &got, &e), e);
	CHECK(got == 0);
	CHECK(clock_now_ns(clock_real()) - start_ns >= 60 * (uint64_t)CLOCK_MS);
}

static void read_takes_what_is_there_without_waiting_for_more(void)
{
	const uint64_t start_ns = clock_now_ns(clock_real());
	uint8_t bytes[64];
	size_t got;
	struct err e;
	WIRE(w);

	CHECK_OK(tty_wake(w.port, &e), e);
	CHECK(write(w.far, "abc", 3) == 3);
	CHECK_OK(serial_read(w.port, bytes, sizeof bytes, 5000, &got, &e), e);
	CHECK(got == 3 && memcmp(bytes, "abc", 3) == 0);
	CHECK(clock_now_ns(clock_real()) - start_ns < 4 * (uint64_t)CLOCK_S);
}

static void any_baud_rate_is_taken(void)
{
	static const uint32_t bauds[] = { 300, 115200, 123457, 1500000, 2000000 };
	struct err e;
	WIRE(w);

	CHECK_OK(tty_wake(w.port, &e), e);
	for (size_t i = 0; i < ARRAY_LEN(bauds); i++)
		CHECK_OK(serial_set_baud(w.port, bauds[i], &e), e);
}

static void senseless_baud_rates_are_refused(void)
{
	static const uint32_t bauds[] = { 0, 4000000000u };
	struct err e;
	WIRE(w);

	CHECK_OK(tty_wake(w.port, &e), e);
	for (size_t i = 0; i < ARRAY_LEN(bauds); i++) {
		e.code = ERR_NONE;
		CHECK(serial_set_baud(w.port, bauds[i], &e) == -1 && e.code == ERR_BAD_INPUT);
	}
}

static void flush_forgets_what_came_in(void)
{
	uint8_t byte;
	size_t got = 1;
	struct err e;
	WIRE(w);

	CHECK_OK(tty_wake(w.port, &e), e);
	CHECK(write(w.far, "old", 3) == 3);
	CHECK_OK(serial_flush(w.port, &e), e);
	CHECK_OK(serial_read(w.port, &byte, 1, 0, &got, &e), e);
	CHECK(got == 0);
}

static void drain_ends_when_all_is_sent(void)
{
	struct err e;
	WIRE(w);

	CHECK_OK(tty_wake(w.port, &e), e);
	CHECK_OK(serial_write(w.port, (const uint8_t *)"x", 1, &e), e);
	CHECK_OK(serial_drain(w.port, &e), e);
}

static void port_in_use_is_offline_and_says_so(void)
{
	struct err e = { .code = ERR_NONE };
	struct serial *second;
	int result;
	WIRE(w);

	second = tty_new(w.path, &e);
	CHECK_OK(tty_wake(w.port, &e), e);
	result = tty_wake(second, &e);
	serial_close(second);
	CHECK(result == -1 && e.code == ERR_OFFLINE && strstr(e.text, "in use") && e.hint[0]);
}

static void hang_up_is_offline_after_what_came_before_it(void)
{
	uint8_t bytes[8];
	size_t got;
	struct err e;
	WIRE(w);

	CHECK_OK(tty_wake(w.port, &e), e);
	close(w.far);
	w.far = -1;
	e.code = ERR_NONE;
	CHECK(serial_read(w.port, bytes, sizeof bytes, 5000, &got, &e) == -1);
	CHECK(e.code == ERR_OFFLINE && strstr(e.text, w.path));
	CHECK(serial_write(w.port, bytes, 1, &e) == -1 && e.code == ERR_OFFLINE);
	CHECK(serial_set_baud(w.port, 9600, &e) == -1 && e.code == ERR_OFFLINE);
	CHECK(serial_drain(w.port, &e) == -1 && e.code == ERR_OFFLINE);
}

static void *hang_up_soon(void *arg)
{
	struct wire *wire = arg;

	clock_sleep_ns(clock_real(), 50 * (uint64_t)CLOCK_MS);
	close(wire->far);
	wire->far = -1;
	return NULL;
}

static void hang_up_ends_a_read_that_waits(void)
{
	const uint64_t start_ns = clock_now_ns(clock_real());
	uint8_t byte;
	size_t got;
	struct err e = { .code = ERR_NONE };
	pthread_t thread;
	int result;
	WIRE(w);

	CHECK_OK(tty_wake(w.port, &e), e);
	CHECK(pthread_create(&thread, NULL, hang_up_soon, &w) == 0);
	result = serial_read(w.port, &byte, 1, 10000, &got, &e);
	pthread_join(thread, NULL);
	CHECK(result == -1 && e.code == ERR_OFFLINE);
	CHECK(clock_now_ns(clock_real()) - start_ns < 5 * (uint64_t)CLOCK_S);
}

static void port_that_takes_nothing_is_a_timeout(void)
{
	static uint8_t bytes[1 << 16];
	struct err e = { .code = ERR_NONE };
	WIRE(w);

	CHECK_OK(tty_wake(w.port, &e), e);
	CHECK_OK(serial_set_baud(w.port, 10000000, &e), e);
	CHECK(serial_write(w.port, bytes, sizeof bytes, &e) == -1 && e.code == ERR_TIMEOUT);
}

static void no_tty_is_bad_input(void)
{
	struct err e = { .code = ERR_NONE };
	struct serial *port = tty_new("/dev/null", &e);
	const int result = tty_wake(port, &e);

	serial_close(port);
	CHECK(result == -1 && e.code == ERR_BAD_INPUT && strstr(e.text, "/dev/null"));
}

static void missing_port_is_offline(void)
{
	struct err e = { .code = ERR_NONE };
	struct serial *port = tty_new("/dev/ttyNOPE", &e);
	const int result = tty_wake(port, &e);

	serial_close(port);
	CHECK(result == -1 && e.code == ERR_OFFLINE && strstr(e.text, "/dev/ttyNOPE"));
}

static void port_that_is_not_open_is_offline(void)
{
	uint8_t byte = 0;
	size_t got;
	struct err e = { .code = ERR_NONE };
	WIRE(w);

	CHECK(serial_read(w.port, &byte, 1, 0, &got, &e) == -1 && e.code == ERR_OFFLINE);
	CHECK(serial_write(w.port, &byte, 1, &e) == -1 && e.code == ERR_OFFLINE);
	CHECK(serial_flush(w.port, &e) == -1 && e.code == ERR_OFFLINE);
}

static const struct check checks[] = {
	{ "every byte passes both ways", every_byte_passes_both_ways },
	{ "read of silence ends after its timeout", read_of_silence_ends_after_its_timeout },
	{ "read takes what is there without waiting for more",
	  read_takes_what_is_there_without_waiting_for_more },
	{ "any baud rate is taken", any_baud_rate_is_taken },
	{ "senseless baud rates are refused", senseless_baud_rates_are_refused },
	{ "flush forgets what came in", flush_forgets_what_came_in },
	{ "drain ends when all is sent", drain_ends_when_all_is_sent },
	{ "port in use is offline and says so", port_in_use_is_offline_and_says_so },
	{ "hang-up is offline after what came before it",
	  hang_up_is_offline_after_what_came_before_it },
	{ "hang-up ends a read that waits", hang_up_ends_a_read_that_waits },
	{ "port that takes nothing is a timeout", port_that_takes_nothing_is_a_timeout },
	{ "no tty is bad input", no_tty_is_bad_input },
	{ "missing port is offline", missing_port_is_offline },
	{ "port that is not open is offline", port_that_is_not_open_is_offline },
};

/* qemu-user knows no termios2. */
static bool termios2_is_known(void)
{
	struct err e = { .code = ERR_NONE };
	WIRE(w);

	return tty_wake(w.port, &e) == 0 || !strstr(e.text, "Function not implemented");
}

int main(int argc, char **argv)
{
	if (termios2_is_known())
		return check_all(checks, ARRAY_LEN(checks), argc > 1 ? argv[1] : NULL);
	printf("skip serial port: no termios2 here\n");
	return 77; /* skipped, to ctest */
}
