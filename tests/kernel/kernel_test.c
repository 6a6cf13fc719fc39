/*
 * The linux backend on a real kernel, with the bench of module/ behind spidev and gpiochip: the bus
 * suite, then what only a real kernel does. Needs root, debugfs, and nobody else at the bench.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "auto.h"
#include "bus_suite.h"
#include "check.h"
#include "linux_board.h"
#include "nor.h"
#include "serial_part.h"

#define DEBUG  "/sys/kernel/debug/flashrig"
#define SPIDEV "/sys/bus/spi/drivers/spidev"
#define GPIO   "/sys/bus/platform/drivers/flashrig-bench-gpio"
#define HELD   0x10000u
#define MAX_HZ 20000000u

#define BOARD(b, e, ...) \
	AUTO(auto_board_close) \
	struct board *b = open_awake(&(const struct linux_board_config){ __VA_ARGS__ }, &(e))

static struct board *open_awake(const struct linux_board_config *config, struct err *e)
{
	struct linux_board_config full = *config;
	AUTO(auto_board_close) struct board *board = NULL;

	full.slot = config->slot ? config->slot : "test";
	full.max_hz = config->max_hz ? config->max_hz : MAX_HZ;
	board = linux_board_open(&full, e);
	return board && board_wake(board, e) == 0 ? TAKE(board) : NULL;
}

/* ---- the bench from outside */

static bool put(const char *path, const char *text)
{
	AUTO(auto_close) int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

/* "in 1": how the line of that name stands. */
static bool line_is(const char *name, const char *state)
{
	AUTO(auto_fclose) FILE *file = fopen(DEBUG "/lines", "re");
	char text[64], want[64];

	snprintf(want, sizeof want, "%s %s\n", name, state);
	while (file && fgets(text, sizeof text, file))
		if (!strcmp(text, want))
			return true;
	return false;
}

static uint64_t counter(int board, const char *name)
{
	char path[64], key[32];
	unsigned long long value;
	AUTO(auto_fclose) FILE *file = NULL;

	snprintf(path, sizeof path, DEBUG "/board%d/counters", board);
	file = fopen(path, "re");
	while (file && fscanf(file, "%31s %llu", key, &value) == 2)
		if (!strcmp(key, name))
			return value;
	return 0;
}

static uint8_t content(uint32_t addr)
{
	if (addr >= 0x2000 && addr < 0x3000)
		return 0xff;
	return (uint8_t)(addr * 7 + (addr >> 8) * 31 + 5);
}

static void fill(int board)
{
	static uint8_t bytes[HELD];
	char path[64];
	AUTO(auto_fclose) FILE *file = NULL;

	snprintf(path, sizeof path, DEBUG "/board%d/content", board);
	file = fopen(path, "wbe");
	for (uint32_t i = 0; i < HELD; i++)
		bytes[i] = content(i);
	if (!file || fwrite(bytes, 1, HELD, file) != HELD || fflush(file) != 0)
		abort();
}

/* ---- the bus suite */

static struct board *open_native(struct err *e)
{
	fill(2);
	return open_awake(&(const struct linux_board_config){ .spi = "/dev/spidev0.2" }, e);
}

static struct board *open_gpio_cs(struct err *e)
{
	fill(3);
	return open_awake(
		&(const struct linux_board_config){ .spi = "/dev/spidev0.3", .cs = "CS3" }, e);
}

static const struct bus_backend backends[] = {
	{ "spidev", open_native, MAX_HZ, 0xef4016, content },
	{ "spidev with a GPIO as chip select", open_gpio_cs, MAX_HZ, 0xef4015, content },
};

/* ---- messages */

static void many_small_pieces_are_more_than_one_ioctl(void)
{
	const uint8_t id = 0x9f;
	uint8_t rx[200][3];
	struct spi_seg seg[400];
	struct err e;
	BOARD(b, e, .spi = "/dev/spidev0.2");

	CHECK(b != NULL);
	for (size_t i = 0; i < 200; i++) {
		seg[2 * i] = (struct spi_seg){ .tx = &id, .len = 1 };
		seg[2 * i + 1] = (struct spi_seg){ .rx = rx[i], .len = 3, .cs_up = true };
	}
	CHECK_OK(spi_xfer(b->spi, seg, 400, &e), e);
	for (size_t i = 0; i < 200; i++)
		CHECK(rx[i][0] == 0xef && rx[i][1] == 0x40 && rx[i][2] == 0x16);
}

static void message_is_one_ioctl_and_one_chip_select(void)
{
	const uint64_t messages = counter(2, "messages"), selects = counter(2, "selects");
	const uint8_t tx[] = { 0x03, 0, 0, 0 };
	uint8_t rx[1024];
	struct err e;
	BOARD(b, e, .spi = "/dev/spidev0.2");

	CHECK(b != NULL);
	CHECK_OK(spi_command(b->spi, tx, 4, rx, sizeof rx, &e), e);
	CHECK(counter(2, "messages") - messages == 1);
	CHECK(counter(2, "selects") - selects == 1);
}

static void bufsiz_of_the_kernel_is_the_limit(void)
{
	AUTO(auto_fclose) FILE *file = fopen("/sys/module/spidev/parameters/bufsiz", "re");
	unsigned bufsiz = 0;
	struct err e;
	BOARD(b, e, .spi = "/dev/spidev0.2");

	CHECK(file && fscanf(file, "%u", &bufsiz) == 1);
	CHECK(b && b->spi->max_len == bufsiz);
}

static void clock_that_the_controller_cannot_do_is_bad_input(void)
{
	struct err e;
	BOARD(b, e, .spi = "/dev/spidev0.2");

	CHECK(b != NULL);
	CHECK(spi_setup(b->spi, &(struct spi_setup){ .hz = 1000 }, &e) == -1);
	CHECK(e.code == ERR_BAD_INPUT && strstr(e.text, "1000 Hz"));
}

/* ---- lines */

static void held_lines_are_inputs_until_they_are_set(void)
{
	struct err e;
	BOARD(b, e, .spi = "/dev/spidev0.1", .cen = "CEN1", .power = "POWER1");

	CHECK(b != NULL);
	CHECK(line_is("CEN1", "in 1") && line_is("POWER1", "in 0"));
	CHECK_OK(line_set(b->cen, false, &e), e);
	CHECK_OK(line_set(b->power, true, &e), e);
	CHECK(line_is("CEN1", "out 0") && line_is("POWER1", "out 1"));
	CHECK_OK(board_rest(b, &e), e);
	CHECK(line_is("CEN1", "in 1") && line_is("POWER1", "in 0"));
}

static void closed_board_leaves_its_lines_at_rest(void)
{
	struct err e;
	struct board *b = open_awake(
		&(const struct linux_board_config){ .spi = "/dev/spidev0.0", .cen = "CEN0" }, &e);

	CHECK(b != NULL);
	CHECK_OK(line_set(b->cen, false, &e), e);
	board_close(b);
	CHECK(line_is("CEN0", "in 1"));
}

static void active_low_turns_the_level_over(void)
{
	struct err e;
	BOARD(b, e, .spi = "/dev/spidev0.0", .power = "!SPARE");

	CHECK(b != NULL);
	CHECK_OK(line_set(b->power, true, &e), e);
	CHECK(line_is("SPARE", "out 0"));
}

static void line_may_be_named_by_chip_and_offset(void)
{
	struct err e;
	BOARD(b, e, .spi = "/dev/spidev0.0", .power = "gpiochip0:4");

	CHECK(b != NULL);
	CHECK_OK(line_set(b->power, true, &e), e);
	CHECK(line_is("SPARE", "out 1"));
}

static void busy_line_names_who_holds_it(void)
{
	struct err e = { .code = ERR_NONE };
	BOARD(first, e, .slot = "left", .spi = "/dev/spidev0.0", .cen = "CEN0");
	BOARD(second, e, .slot = "right", .spi = "/dev/spidev0.1", .cen = "CEN0");

	CHECK(first && !second);
	CHECK(e.code == ERR_OFFLINE && strstr(e.text, "\"flashrig:left\"") && e.hint[0]);
}

static void unknown_line_says_how_to_list_them(void)
{
	struct err e = { .code = ERR_NONE };
	BOARD(b, e, .spi = "/dev/spidev0.0", .cen = "GPIO22");

	CHECK(!b && e.code == ERR_OFFLINE);
	CHECK(strstr(e.text, "GPIO22") && strstr(e.hint, "gpioinfo"));
}

static void offset_that_the_chip_does_not_have_is_bad_input(void)
{
	struct err e = { .code = ERR_NONE };
	BOARD(b, e, .spi = "/dev/spidev0.0", .cen = "gpiochip0:99");

	CHECK(!b && e.code == ERR_BAD_INPUT && strstr(e.text, "99"));
}

/* ---- devices */

static void missing_spidev_says_how_to_enable_it(void)
{
	struct err e = { .code = ERR_NONE };
	BOARD(b, e, .spi = "/dev/spidev7.0");

	CHECK(!b && e.code == ERR_OFFLINE);
	CHECK(strstr(e.text, "/dev/spidev7.0") && strstr(e.hint, "dtparam=spi=on"));
}

static void wrong_device_is_no_spi_device(void)
{
	struct err e = { .code = ERR_NONE };
	BOARD(b, e, .spi = "/dev/null");

	CHECK(!b && e.code == ERR_BAD_INPUT && strstr(e.text, "no SPI device"));
}

static void forbidden_device_names_the_groups(void)
{
	struct err e = { .code = ERR_NONE };
	struct board *b;

	CHECK(seteuid(65534) == 0);
	b = open_awake(&(const struct linux_board_config){ .spi = "/dev/spidev0.0" }, &e);
	CHECK(seteuid(0) == 0);
	CHECK(!b && e.code == ERR_OFFLINE && strstr(e.text, "Permission denied"));
	CHECK(strstr(e.hint, "groups"));
}

static void spidev_of_another_slot_is_in_use(void)
{
	struct err e = { .code = ERR_NONE };
	BOARD(first, e, .spi = "/dev/spidev0.2");
	BOARD(second, e, .spi = "/dev/spidev0.2");

	CHECK(first && !second && e.code == ERR_OFFLINE && strstr(e.text, "another slot"));
}

static void no_cs_is_refused_where_the_controller_cannot(void)
{
	struct err e = { .code = ERR_NONE };
	BOARD(b, e, .spi = "/dev/spidev0.3", .cs = "CS3");

	CHECK(!b && e.code == ERR_BAD_INPUT && strstr(e.text, "SPI_NO_CS") && e.hint[0]);
}

/* ---- vanishing */

static bool reads_id(struct board *b, struct err *e)
{
	uint32_t id;

	return nor_read_id(b->spi, &id, NULL, e) == 0 && id == 0xef4016;
}

static void vanished_spidev_is_offline_until_it_is_back(void)
{
	struct err e = { .code = ERR_NONE };
	BOARD(b, e, .spi = "/dev/spidev0.2");

	CHECK(b && reads_id(b, &e));
	CHECK(put(SPIDEV "/unbind", "spi0.2"));
	CHECK(!reads_id(b, &e) && e.code == ERR_OFFLINE);
	CHECK(board_wake(b, &e) == -1 && e.code == ERR_OFFLINE);
	CHECK(put(SPIDEV "/bind", "spi0.2"));
	CHECK(!reads_id(b, &e) &&
	      e.code == ERR_OFFLINE); /* not by itself: it may be another chip */
	CHECK_OK(board_wake(b, &e), e);
	CHECK(reads_id(b, &e));
}

/*
 * Kernels before 6.9 lose count when a gpiochip goes whose lines are held, and crash when one with
 * names comes after it (gpio_name_to_desc() meets what is left of the old one).
 */
static bool gpiochips_may_come_back(void)
{
	struct utsname name;
	unsigned major = 0, minor = 0;

	return uname(&name) == 0 && sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
	       (major > 6 || (major == 6 && minor >= 9));
}

/* On an older kernel the bench has no lines after this: it is to be the last test of a boot. */
static void vanished_gpiochip_is_offline(void)
{
	struct err e = { .code = ERR_NONE };
	BOARD(b, e, .spi = "/dev/spidev0.0", .cen = "CEN0");

	CHECK(b != NULL);
	CHECK(put(GPIO "/unbind", "flashrig-bench-gpio"));
	CHECK(line_set(b->cen, false, &e) == -1 && e.code == ERR_OFFLINE);
	CHECK(board_wake(b, &e) == -1 && e.code == ERR_OFFLINE);
	if (!gpiochips_may_come_back())
		return;
	CHECK(put(GPIO "/bind", "flashrig-bench-gpio"));
	CHECK_OK(board_wake(b, &e), e);
	CHECK_OK(line_set(b->cen, false, &e), e);
	CHECK(line_is("CEN0", "out 0"));
}

/* ---- one bus, several boards */

struct reader {
	struct board *board;
	uint32_t id;
	int wrong;
};

static void *read_ids(void *arg)
{
	struct reader *reader = arg;
	struct err e;
	uint32_t id;

	for (int i = 0; i < 300; i++)
		reader->wrong +=
			nor_read_id(reader->board->spi, &id, NULL, &e) < 0 || id != reader->id;
	return NULL;
}

static void gpio_chip_select_and_native_one_share_the_bus(void)
{
	struct err e;
	struct linux_bus *bus = linux_bus_new(&e);
	BOARD(native, e, .slot = "n", .spi = "/dev/spidev0.2", .bus = bus);
	BOARD(gpio, e, .slot = "g", .spi = "/dev/spidev0.3", .cs = "CS3", .bus = bus);
	struct reader a = { native, 0xef4016, 0 }, b = { gpio, 0xef4015, 0 };
	const uint64_t conflicts = counter(3, "conflicts");
	pthread_t thread;

	CHECK(native && gpio && pthread_create(&thread, NULL, read_ids, &a) == 0);
	read_ids(&b);
	pthread_join(thread, NULL);
	linux_bus_free(bus);
	CHECK(a.wrong == 0 && b.wrong == 0);
	CHECK(counter(3, "conflicts") == conflicts);
}

/* ---- self-test */

static void probe_reads_a_bare_chip_and_moves_no_line(void)
{
	const struct linux_board_config config = {
		.slot = "p", .spi = "/dev/spidev0.2", .cen = "CEN0", .max_hz = MAX_HZ
	};
	const uint64_t resets = counter(0, "resets");
	struct linux_probe probe;

	linux_board_probe(&config, true, &probe);
	CHECK(probe.bad == 0 && probe.n == 3);
	CHECK(strstr(probe.row[1].found, "EF4016"));
	CHECK(counter(0, "resets") == resets && line_is("CEN0", "in 1"));
}

static void probe_tells_all_that_is_missing(void)
{
	const struct linux_board_config config = { .slot = "p",
						   .spi = "/dev/spidev7.0",
						   .cen = "NOPE",
						   .uart = "/dev/ttyNOPE",
						   .max_hz = MAX_HZ };
	struct linux_probe probe;

	linux_board_probe(&config, true, &probe);
	CHECK(probe.bad == 3 && probe.n == 3);
	for (size_t i = 0; i < probe.n; i++)
		CHECK(probe.row[i].state == LINUX_PROBE_BAD && probe.row[i].found[0]);
}

static const struct check checks[] = {
	{ "many small pieces are more than one ioctl", many_small_pieces_are_more_than_one_ioctl },
	{ "message is one ioctl and one chip select", message_is_one_ioctl_and_one_chip_select },
	{ "bufsiz of the kernel is the limit", bufsiz_of_the_kernel_is_the_limit },
	{ "clock that the controller cannot do is bad input",
	  clock_that_the_controller_cannot_do_is_bad_input },
	{ "held lines are inputs until they are set", held_lines_are_inputs_until_they_are_set },
	{ "closed board leaves its lines at rest", closed_board_leaves_its_lines_at_rest },
	{ "active low turns the level over", active_low_turns_the_level_over },
	{ "line may be named by chip and offset", line_may_be_named_by_chip_and_offset },
	{ "busy line names who holds it", busy_line_names_who_holds_it },
	{ "unknown line says how to list them", unknown_line_says_how_to_list_them },
	{ "offset that the chip does not have is bad input",
	  offset_that_the_chip_does_not_have_is_bad_input },
	{ "missing spidev says how to enable it", missing_spidev_says_how_to_enable_it },
	{ "wrong device is no spi device", wrong_device_is_no_spi_device },
	{ "forbidden device names the groups", forbidden_device_names_the_groups },
	{ "spidev of another slot is in use", spidev_of_another_slot_is_in_use },
	{ "vanished spidev is offline until it is back",
	  vanished_spidev_is_offline_until_it_is_back },
	{ "gpio chip select and native one share the bus",
	  gpio_chip_select_and_native_one_share_the_bus },
	{ "probe reads a bare chip and moves no line", probe_reads_a_bare_chip_and_moves_no_line },
	{ "probe tells all that is missing", probe_tells_all_that_is_missing },
};

/* With a controller that cannot do SPI_NO_CS. */
static const struct check refusal[] = {
	{ "no_cs is refused where the controller cannot",
	  no_cs_is_refused_where_the_controller_cannot },
};

/* What may leave the bench broken. */
static const struct check last[] = {
	{ "vanished gpiochip is offline", vanished_gpiochip_is_offline },
};

static int run_part(const char *part)
{
	int bad = 0;

	if (!strcmp(part, "refusal"))
		return check_all(refusal, ARRAY_LEN(refusal), NULL);
	if (!strcmp(part, "last"))
		return check_all(last, ARRAY_LEN(last), NULL);
	for (size_t i = 0; i < ARRAY_LEN(backends); i++)
		bad |= bus_suite_run(&backends[i], NULL);
	return bad | check_all(checks, ARRAY_LEN(checks), NULL) | serial_part_run();
}

/* kernel_test unit|refusal|last; kernel_test --library prints which libgpiod it runs with. */
int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	if (strcmp(argv[1], "--library") != 0)
		return run_part(argv[1]);
	printf("libgpiod %s\n", linux_board_gpio_library());
	return 0;
}
