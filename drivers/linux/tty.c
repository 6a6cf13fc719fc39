#include "tty.h"

/* termios2 knows any rate; the C library's termios only those with a name. */
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>

#include "auto.h"
#include "clock.h"
#include "os_error.h"

#define BAUD_MAX       20000000u               /* far above any UART of a bench */
#define BITS_PER_BYTE  10u                     /* 8N1 */
#define STUCK_NS       (2 * (uint64_t)CLOCK_S) /* beside what the bytes take */
#define BAUD_TOLERANCE 50u                     /* one part in: 2 % */

#define PORTS_HINT "The ports that are there: ls /dev/ttyAMA* /dev/ttyS* /dev/ttyUSB* /dev/ttyACM*"
#define MISSING_HINT \
	PORTS_HINT ". On a Raspberry Pi enable_uart=1 in /boot/firmware/config.txt, and " \
		   "dtoverlay=uart2 to uart5 for more."

struct tty {
	struct serial base;
	const char *path; /* borrowed */
	int fd;           /* -1: not open, or gone */
	uint32_t baud;
};

static struct tty *from_serial(struct serial *serial)
{
	return (struct tty *)serial;
}

static void shut(struct tty *t)
{
	auto_close(&t->fd);
	t->fd = -1;
}

static int fail_gone(struct tty *t, struct err *e)
{
	shut(t);
	err_set(e, ERR_OFFLINE, "%s hung up, or is gone", t->path);
	return err_hint(e, "Plug it in again; the slot comes back by itself.");
}

/* EIO is what the kernel says after a hang-up. */
static int fail(struct tty *t, int why, struct err *e)
{
	if (t->fd < 0 || why == EIO || os_is_gone(why))
		return fail_gone(t, e);
	return os_fail(e, why, "%s", t->path);
}

static int poll_ms(uint64_t until_ns)
{
	const uint64_t now_ns = clock_now_ns(clock_real());
	const uint64_t left_ms =
		until_ns > now_ns ? (until_ns - now_ns + CLOCK_MS - 1) / CLOCK_MS : 0;

	return left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}

/* Waits for one of events. *ready is false when the time was over first. */
static int wait_until(struct tty *t, short events, uint64_t until_ns, bool *ready, struct err *e)
{
	struct pollfd p = { .fd = t->fd, .events = events };
	int n;

	if (t->fd < 0)
		return fail_gone(t, e);
	do
		n = poll(&p, 1, poll_ms(until_ns));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail(t, errno, e);
	/* What came in before the hang-up is still worth reading. */
	if ((p.revents & (POLLHUP | POLLERR | POLLNVAL)) && !(p.revents & POLLIN))
		return fail_gone(t, e);
	*ready = n > 0;
	return 0;
}

/* ---- bytes */

static int fail_stuck(const struct tty *t, struct err *e)
{
	err_set(e, ERR_TIMEOUT, "%s takes no more bytes", t->path);
	return err_hint(e, "Is it the right port? Nothing on it may hold it back (flow control).");
}

static int tty_write(struct serial *serial, const uint8_t *bytes, size_t len, struct err *e)
{
	struct tty *t = from_serial(serial);
	const uint64_t until_ns =
		clock_now_ns(clock_real()) + STUCK_NS + len * BITS_PER_BYTE * CLOCK_S / t->baud;
	bool ready = false;

	while (len > 0) {
		ssize_t n;

		if (wait_until(t, POLLOUT, until_ns, &ready, e) < 0)
			return -1;
		if (!ready)
			return fail_stuck(t, e);
		n = write(t->fd, bytes, len);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return fail(t, errno, e);
		bytes += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int tty_read(struct serial *serial, uint8_t *buf, size_t max, unsigned timeout_ms,
		    size_t *got, struct err *e)
{
	struct tty *t = from_serial(serial);
	const uint64_t until_ns = clock_now_ns(clock_real()) + timeout_ms * (uint64_t)CLOCK_MS;
	bool ready = false;
	ssize_t n;

	do {
		if (wait_until(t, POLLIN, until_ns, &ready, e) < 0)
			return -1;
		n = ready ? read(t->fd, buf, max) : 0;
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	if (n < 0)
		return fail(t, errno, e);
	/* Ready and nothing to read: that is a hang-up too. */
	if (ready && n == 0 && max > 0)
		return fail_gone(t, e);
	*got = (size_t)n;
	return 0;
}

static int tty_drain(struct serial *serial, struct err *e)
{
	struct tty *t = from_serial(serial);
	int result;

	do
		result = ioctl(t->fd, TCSBRK, 1); /* 1: no break, only wait; what tcdrain() does */
	while (result < 0 && errno == EINTR);
	return result < 0 ? fail(t, errno, e) : 0;
}

static int tty_flush(struct serial *serial, struct err *e)
{
	struct tty *t = from_serial(serial);

	return ioctl(t->fd, TCFLSH, TCIFLUSH) < 0 ? fail(t, errno, e) : 0;
}

/* ---- setting up */

static bool is_near(uint32_t real, uint32_t wanted)
{
	const uint32_t off = real > wanted ? real - wanted : wanted - real;

	return off <= wanted / BAUD_TOLERANCE;
}

/* Raw, 8N1, no flow control, modem lines ignored and left as they are at close. */
static void make_raw(struct termios2 *tio, uint32_t baud)
{
	tio->c_iflag = IGNBRK;
	tio->c_oflag = 0;
	tio->c_lflag = 0;
	tio->c_cflag = CS8 | CREAD | CLOCAL | BOTHER | (BOTHER << IBSHIFT);
	tio->c_ispeed = baud;
	tio->c_ospeed = baud;
	tio->c_cc[VMIN] = 1;
	tio->c_cc[VTIME] = 0;
}

static int fail_baud(const struct tty *t, uint32_t baud, uint32_t real, struct err *e)
{
	err_set(e, ERR_BAD_INPUT, "%s cannot do %u baud: it would be %u", t->path, baud, real);
	return err_hint(e, "Take a rate that the port can do; on a Raspberry Pi the PL011 ports "
			   "(ttyAMA) do more than the mini UART (ttyS0).");
}

/* Drivers write the rate that they really do back into the settings. */
static int set_rate(struct tty *t, uint32_t baud, struct err *e)
{
	struct termios2 tio;

	if (ioctl(t->fd, TCGETS2, &tio) < 0)
		return fail(t, errno, e);
	make_raw(&tio, baud);
	if (ioctl(t->fd, TCSETS2, &tio) < 0 || ioctl(t->fd, TCGETS2, &tio) < 0)
		return fail(t, errno, e);
	return is_near(tio.c_ospeed, baud) ? 0 : fail_baud(t, baud, tio.c_ospeed, e);
}

static int tty_set_baud(struct serial *serial, uint32_t baud, struct err *e)
{
	struct tty *t = from_serial(serial);
	struct err back;

	if (baud == 0 || baud > BAUD_MAX)
		return err_set(e, ERR_BAD_INPUT, "%u baud: there are 1 to %u", baud, BAUD_MAX);
	if (set_rate(t, baud, e) < 0) {
		if (t->fd >= 0 && set_rate(t, t->baud, &back) < 0)
			*e = back;
		return -1;
	}
	t->baud = baud;
	return 0;
}

static int fail_busy(const struct tty *t, struct err *e)
{
	err_set(e, ERR_OFFLINE, "%s is in use by another program", t->path);
	return err_hint(e,
			"Stop it (fuser -v %s); a console on it goes with `raspi-config` or by "
			"leaving it out of cmdline.txt.",
			t->path);
}

/*
 * TIOCEXCL keeps out whoever comes later, but not root; the lock is what programs like picocom
 * respect, and tells whether one was here before.
 */
static int claim(struct tty *t, struct err *e)
{
	if (flock(t->fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? fail_busy(t, e)
					    : os_fail_open(e, errno, t->path, MISSING_HINT);
	return ioctl(t->fd, TIOCEXCL) < 0 ? fail(t, errno, e) : 0;
}

static int open_port(struct tty *t, struct err *e)
{
	struct termios2 tio;

	t->fd = open(t->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (t->fd < 0)
		return errno == EBUSY ? fail_busy(t, e)
				      : os_fail_open(e, errno, t->path, MISSING_HINT);
	if (ioctl(t->fd, TCGETS2, &tio) < 0 && errno == ENOTTY) {
		err_set(e, ERR_BAD_INPUT, "%s is no serial port", t->path);
		return err_hint(e, PORTS_HINT);
	}
	return claim(t, e) < 0 ? -1 : set_rate(t, t->baud, e);
}

static bool is_alive(const struct tty *t)
{
	struct pollfd p = { .fd = t->fd };

	return t->fd >= 0 && poll(&p, 1, 0) == 0;
}

int tty_wake(struct serial *serial, struct err *e)
{
	struct tty *t = from_serial(serial);

	if (is_alive(t))
		return 0;
	shut(t);
	t->baud = TTY_BAUD;
	if (open_port(t, e) == 0)
		return 0;
	shut(t);
	return -1;
}

static void tty_close(struct serial *serial)
{
	struct tty *t = from_serial(serial);

	shut(t);
	free(t);
}

static const struct serial_ops tty_ops = { .name = "tty",
					   .set_baud = tty_set_baud,
					   .write = tty_write,
					   .read = tty_read,
					   .drain = tty_drain,
					   .flush = tty_flush,
					   .close = tty_close };

struct serial *tty_new(const char *path, struct err *e)
{
	struct tty *t = calloc(1, sizeof *t);

	if (!t) {
		err_set(e, ERR_MEMORY, "no memory for a serial port");
		return NULL;
	}
	*t = (struct tty){ .base.ops = &tty_ops, .path = path, .fd = -1, .baud = TTY_BAUD };
	return &t->base;
}
