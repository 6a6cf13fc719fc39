#include "spidev.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/spi/spidev.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>

#include "auto.h"
#include "os_error.h"
#include "parse.h"
#include "spidev_pack.h"

#define BUFSIZ_FILE "/sys/module/spidev/parameters/bufsiz"
#define BUFSIZ_MAX  (16u * 1024 * 1024) /* bytes; joined pieces need as much twice */
#define DEFAULT_LEN 4096u               /* where the file is missing: spidev's default */
#define DEFAULT_HZ  1000000u

#define ENABLE_HINT \
	"On a Raspberry Pi: dtparam=spi=on in /boot/firmware/config.txt (dtoverlay=spi1-1cs for " \
	"more), then reboot; ls /dev/spidev*"

#define BACK_HINT \
	"It was there and is not any more: an overlay was removed, or an adapter unplugged. The " \
	"slot comes back by itself when it does."

struct spidev {
	struct spi base;
	struct spidev_config set;
	int fd; /* -1: not open, or gone */
	uint32_t slow_hz,
		fast_hz; /* clocks between these are known to be accepted; 0, 0: none yet */
	uint8_t *zeros;  /* base.max_len, while the device is open */
	uint8_t *joined_tx, *joined_rx; /* as long, made when first needed */
	struct spidev_message message;
};

static struct spidev *from_spi(struct spi *spi)
{
	return (struct spidev *)spi;
}

static void shut(struct spidev *s)
{
	auto_close(&s->fd);
	s->fd = -1;
}

static int fail(struct spidev *s, int why, struct err *e)
{
	os_fail(e, why, "%s", s->set.path);
	if (os_is_gone(why)) {
		shut(s);
		err_hint(e, BACK_HINT);
	}
	if (why == EMSGSIZE)
		err_hint(e, "spidev's bufsiz is smaller than " BUFSIZ_FILE
			    " said when the slot was opened.");
	return -1;
}

static int fail_gone(const struct spidev *s, struct err *e)
{
	err_set(e, ERR_OFFLINE, "%s is gone", s->set.path);
	return err_hint(e, BACK_HINT);
}

/* ---- messages */

static int set_mode(struct spidev *s, uint8_t mode, struct err *e)
{
	uint32_t bits = mode | (s->set.cs ? SPI_NO_CS : 0u);

	if (ioctl(s->fd, SPI_IOC_WR_MODE32, &bits) == 0)
		return 0;
	if (errno != EINVAL)
		return fail(s, errno, e);
	if (!s->set.cs)
		return err_set(e, ERR_BAD_INPUT, "%s: the controller cannot do SPI mode %u",
			       s->set.path, mode);
	err_set(e, ERR_BAD_INPUT,
		"%s: the controller cannot leave its own chip select alone (SPI_NO_CS), which a "
		"GPIO as chip select needs",
		s->set.path);
	return err_hint(e, "Leave out `cs` and use the controller's chip select, or another "
			   "controller; bcm2835 (spi0 of a Raspberry Pi) can do it.");
}

static int send_message(struct spidev *s, struct err *e)
{
	const struct spidev_message *m = &s->message;
	/* SPI_IOC_MESSAGE(n), whose type for a variable n would be an array of variable length. */
	const unsigned long request =
		_IOC(_IOC_WRITE, SPI_IOC_MAGIC, 0, m->n * sizeof *m->transfer);

	if (m->n == 0)
		return 0;
	if (ioctl(s->fd, request, m->transfer) < 0)
		return fail(s, errno, e);
	return 0;
}

/* While the turn is held. With a GPIO the message is exactly one chip-select period. */
static int send_selected(struct spidev *s, struct err *e)
{
	AUTO(auto_linux_bus_give) struct linux_bus *turn = linux_bus_take(s->set.bus);
	struct err up;
	int result;

	(void)turn;
	if (!s->set.cs)
		return send_message(s, e);
	/* The mode is the device's, and slots with a `cs` may share one. */
	if (set_mode(s, s->base.now.mode, e) < 0)
		return -1;
	if (line_set(s->set.cs, false, e) < 0)
		return err_prefix(e, "chip select: ");
	result = send_message(s, e);
	if (line_set(s->set.cs, true, &up) == 0)
		return result;
	*e = up;
	return err_prefix(e, "chip select: ");
}

static int make_joined(struct spidev *s, struct err *e)
{
	if (!s->joined_tx)
		s->joined_tx = malloc(s->base.max_len);
	if (!s->joined_rx)
		s->joined_rx = malloc(s->base.max_len);
	if (!s->joined_tx || !s->joined_rx)
		return err_set(e, ERR_MEMORY, "no memory for a message of many pieces");
	return 0;
}

/* One chip-select period that spidev takes in larger pieces only. */
static int send_joined(struct spidev *s, const struct spi_seg *seg, size_t n, struct err *e)
{
	if (make_joined(s, e) < 0)
		return -1;
	if (spidev_join(&s->message, seg, n, s->joined_tx, s->joined_rx) < 0) {
		err_set(e, ERR_BAD_INPUT,
			"%s: a message of %zu pieces is too much for a bufsiz of %zu", s->set.path,
			n, s->base.max_len);
		return err_hint(e, "Put spidev.bufsiz=65536 on the kernel's command line.");
	}
	if (send_selected(s, e) < 0)
		return -1;
	spidev_part(seg, n, s->joined_rx);
	return 0;
}

/* As many whole periods as one ioctl takes; *done is how many pieces those were. */
static int send_some(struct spidev *s, const struct spi_seg *seg, size_t n, size_t *done,
		     struct err *e)
{
	*done = spidev_pack(&s->message, seg, s->set.cs ? spidev_period(seg, n) : n);
	if (*done > 0)
		return send_selected(s, e);
	*done = spidev_period(seg, n);
	return send_joined(s, seg, *done, e);
}

static int spidev_xfer(struct spi *spi, const struct spi_seg *seg, size_t n, struct err *e)
{
	struct spidev *s = from_spi(spi);
	size_t done;

	s->message.hz = spi->now.hz;
	for (size_t i = 0; i < n; i += done) {
		if (s->fd < 0)
			return fail_gone(s, e);
		if (send_some(s, seg + i, n - i, &done, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- clock and mode */

/*
 * A controller tells which clocks it can do only when it is given a message. One without bytes
 * does: at most a pulse of the chip select, which no flash minds. Known clocks cost nothing.
 */
static int try_clock(struct spidev *s, uint32_t hz, struct err *e)
{
	struct spi_ioc_transfer nothing = { .speed_hz = hz, .bits_per_word = 8 };

	if (s->slow_hz > 0 && s->slow_hz <= hz && hz <= s->fast_hz)
		return 0;
	if (ioctl(s->fd, SPI_IOC_MESSAGE(1), &nothing) < 0) {
		if (errno != EINVAL)
			return fail(s, errno, e);
		return err_set(e, ERR_BAD_INPUT, "%s: the controller cannot do a clock of %u Hz",
			       s->set.path, hz);
	}
	s->slow_hz = s->slow_hz > 0 && s->slow_hz < hz ? s->slow_hz : hz;
	s->fast_hz = s->fast_hz > hz ? s->fast_hz : hz;
	return 0;
}

/* Two steps: when the clock is refused, the mode goes back to what it was. */
static int take_setup(struct spidev *s, const struct spi_setup *want, struct err *e)
{
	const uint8_t before = s->base.now.mode;
	struct err back;

	if (want->mode != before && set_mode(s, want->mode, e) < 0)
		return -1;
	if (try_clock(s, want->hz, e) == 0)
		return 0;
	if (s->fd >= 0 && set_mode(s, before, &back) < 0)
		*e = back;
	return -1;
}

/* In turn: the mode is the device's, which another slot with a `cs` may be about to use. */
static int spidev_setup(struct spi *spi, const struct spi_setup *want, struct spi_setup *real,
			struct err *e)
{
	struct spidev *s = from_spi(spi);
	AUTO(auto_linux_bus_give) struct linux_bus *turn = linux_bus_take(s->set.bus);
	const struct spi_setup take = {
		.hz = want->hz < s->set.max_hz ? want->hz : s->set.max_hz,
		.mode = want->mode,
	};

	(void)turn;
	if (want->mode > 3)
		return err_set(e, ERR_BAD_INPUT, "SPI mode %u: there are 0 to 3", want->mode);
	if (want->hz == 0)
		return err_set(e, ERR_BAD_INPUT, "a clock of 0 Hz");
	if (s->fd < 0)
		return fail_gone(s, e);
	if (take_setup(s, &take, e) < 0)
		return -1;
	*real = take;
	return 0;
}

/* ---- opening */

static int read_bufsiz(size_t *len, struct err *e)
{
	AUTO(auto_fclose) FILE *file = fopen(BUFSIZ_FILE, "re");
	uint64_t bufsiz = DEFAULT_LEN;
	char text[32] = "";

	if (file && fscanf(file, "%31s", text) == 1 && parse_u64(text, UINT32_MAX, &bufsiz) < 0)
		return err_set(e, ERR_IO, BUFSIZ_FILE ": \"%s\" is no number", text);
	if (bufsiz > BUFSIZ_MAX)
		bufsiz = BUFSIZ_MAX;
	*len = (size_t)bufsiz / SPIDEV_ALIGN * SPIDEV_ALIGN;
	if (*len > 0)
		return 0;
	err_set(e, ERR_BAD_INPUT, "spidev's bufsiz of %u bytes is too small", (unsigned)bufsiz);
	return err_hint(e, "Put spidev.bufsiz=4096 or more on the kernel's command line.");
}

static int check_is_spidev(const struct spidev *s, struct err *e)
{
	uint32_t mode;

	if (ioctl(s->fd, SPI_IOC_RD_MODE32, &mode) == 0)
		return 0;
	if (errno != ENOTTY && errno != EINVAL)
		return os_fail_open(e, errno, s->set.path, ENABLE_HINT);
	err_set(e, ERR_BAD_INPUT, "%s is no SPI device", s->set.path);
	return err_hint(e, "spi names a device like /dev/spidev0.0; ls /dev/spidev*");
}

/* Slots with a GPIO as chip select may share the device with each other, but with nobody else. */
static int lock_device(const struct spidev *s, struct err *e)
{
	if (flock(s->fd, (s->set.cs ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0)
		return 0;
	err_set(e, ERR_OFFLINE, "%s is used by another slot, or by another flashrigd", s->set.path);
	return err_hint(e, "Each slot needs a device of its own; only slots that all have a `cs` "
			   "line can share one.");
}

static int make_zeros(struct spidev *s, struct err *e)
{
	s->zeros = calloc(1, s->base.max_len);
	if (!s->zeros)
		return err_set(e, ERR_MEMORY, "no memory for a message of zeros");
	s->message.zeros = s->zeros;
	s->message.max_bytes = s->base.max_len;
	return 0;
}

static int open_device(struct spidev *s, struct err *e)
{
	AUTO(auto_linux_bus_give) struct linux_bus *turn = linux_bus_take(s->set.bus);
	uint8_t bits = 8;

	(void)turn;
	s->fd = open(s->set.path, O_RDWR | O_CLOEXEC);
	if (s->fd < 0)
		return os_fail_open(e, errno, s->set.path, ENABLE_HINT);
	if (check_is_spidev(s, e) < 0 || lock_device(s, e) < 0 || set_mode(s, 0, e) < 0)
		return -1;
	if (ioctl(s->fd, SPI_IOC_WR_BITS_PER_WORD, &bits) < 0)
		return fail(s, errno, e);
	return 0;
}

static void forget(struct spidev *s)
{
	shut(s);
	free(TAKE(s->zeros));
	free(TAKE(s->joined_tx));
	free(TAKE(s->joined_rx));
	s->slow_hz = s->fast_hz = 0;
	s->base.now = (struct spi_setup){
		.hz = DEFAULT_HZ < s->set.max_hz ? DEFAULT_HZ : s->set.max_hz,
	};
}

static bool is_alive(const struct spidev *s)
{
	uint32_t mode;

	return s->fd >= 0 && ioctl(s->fd, SPI_IOC_RD_MODE32, &mode) == 0;
}

int spidev_wake(struct spi *spi, struct err *e)
{
	struct spidev *s = from_spi(spi);

	if (is_alive(s))
		return 0;
	forget(s);
	if (read_bufsiz(&spi->max_len, e) == 0 && make_zeros(s, e) == 0 && open_device(s, e) == 0)
		return 0;
	shut(s);
	return -1;
}

static void spidev_close(struct spi *spi)
{
	struct spidev *s = from_spi(spi);

	forget(s);
	free(s);
}

static const struct spi_ops spidev_ops = {
	.name = "spidev", .setup = spidev_setup, .xfer = spidev_xfer, .close = spidev_close
};

struct spi *spidev_new(const struct spidev_config *config, struct err *e)
{
	struct spidev *s = calloc(1, sizeof *s);

	if (!s) {
		err_set(e, ERR_MEMORY, "no memory for a SPI bus");
		return NULL;
	}
	s->set = *config;
	s->fd = -1;
	s->message.max_bytes = DEFAULT_LEN;
	s->base = (struct spi){ .ops = &spidev_ops,
				.clock = clock_real(),
				.max_len = DEFAULT_LEN,
				.max_segs = SPIDEV_TRANSFERS };
	forget(s);
	return &s->base;
}
