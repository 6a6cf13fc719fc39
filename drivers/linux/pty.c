#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "auto.h"
#include "os_error.h"
#include "tty.h"

#define PIECE   4096
#define WAIT_MS 1 /* between looks at the far end, which cannot be polled */

struct pty {
	struct serial base;
	struct serial *tty; /* the near end */
	struct serial *far; /* borrowed */
	int master;
	char path[64];
	pthread_t thread;
	bool has_thread;

	pthread_mutex_t lock;
	pthread_cond_t idle; /* with lock: a look that found nothing to carry to the far end */
	/* all below guarded by lock */
	uint64_t looks; /* of that kind */
	uint32_t baud;  /* wanted of the far end; 0: as it is */
	bool stop;
};

static struct pty *from_serial(struct serial *serial)
{
	return (struct pty *)serial;
}

/* ---- the thread */

static bool stopped(struct pty *p, uint32_t *baud)
{
	LOCK(&p->lock);

	*baud = p->baud;
	p->baud = 0;
	return p->stop;
}

static void tell_idle(struct pty *p)
{
	LOCK(&p->lock);

	p->looks++;
	pthread_cond_broadcast(&p->idle);
}

/* Errors of the far end are its own: it shows them by silence. */
static bool carry_there(struct pty *p)
{
	uint8_t bytes[PIECE];
	const ssize_t n = read(p->master, bytes, sizeof bytes);
	struct err ignored;

	if (n <= 0)
		return false;
	(void)!serial_write(p->far, bytes, (size_t)n, &ignored);
	return true;
}

static bool carry_back(struct pty *p)
{
	uint8_t bytes[PIECE];
	size_t n = 0;
	struct err ignored;

	if (serial_read(p->far, bytes, sizeof bytes, 0, &n, &ignored) < 0 || n == 0)
		return false;
	for (size_t at = 0; at < n;) {
		struct pollfd room = { .fd = p->master, .events = POLLOUT };
		const ssize_t put = write(p->master, bytes + at, n - at);

		if (put > 0)
			at += (size_t)put;
		else if (errno != EAGAIN || poll(&room, 1, 20) <= 0)
			break; /* nobody reads: lost */
	}
	return true;
}

static void *carry(void *arg)
{
	struct pty *p = arg;
	uint32_t baud;

	while (!stopped(p, &baud)) {
		struct pollfd in = { .fd = p->master, .events = POLLIN };
		struct err ignored;
		bool there, back;

		there = carry_there(p);
		if (baud)
			(void)!serial_set_baud(p->far, baud, &ignored);
		back = carry_back(p);
		if (!there)
			tell_idle(p);
		if (!there && !back)
			poll(&in, 1, WAIT_MS);
	}
	return NULL;
}

/* ---- the port */

static int pty_set_baud(struct serial *serial, uint32_t baud, struct err *e)
{
	struct pty *p = from_serial(serial);

	if (serial_set_baud(p->tty, baud, e) < 0)
		return -1;

	LOCK(&p->lock);
	p->baud = baud;
	return 0;
}

static int pty_write(struct serial *serial, const uint8_t *bytes, size_t len, struct err *e)
{
	return serial_write(from_serial(serial)->tty, bytes, len, e);
}

static int pty_read(struct serial *serial, uint8_t *buf, size_t max, unsigned timeout_ms,
		    size_t *got, struct err *e)
{
	return serial_read(from_serial(serial)->tty, buf, max, timeout_ms, got, e);
}

/* The thread may be in the middle of a look: what counts is one that began after now. */
static void wait_idle(struct pty *p)
{
	LOCK(&p->lock);
	const uint64_t want = p->looks + 2;

	while (p->looks < want && !p->stop)
		pthread_cond_wait(&p->idle, &p->lock);
}

static int pty_drain(struct serial *serial, struct err *e)
{
	struct pty *p = from_serial(serial);

	if (serial_drain(p->tty, e) < 0)
		return -1;
	wait_idle(p);
	return serial_drain(p->far, e);
}

static int pty_flush(struct serial *serial, struct err *e)
{
	return serial_flush(from_serial(serial)->tty, e);
}

static void stop(struct pty *p)
{
	LOCK(&p->lock);

	p->stop = true;
	pthread_cond_broadcast(&p->idle);
}

static void pty_close(struct serial *serial)
{
	struct pty *p = from_serial(serial);

	stop(p);
	if (p->has_thread)
		pthread_join(p->thread, NULL);
	serial_close(p->tty);
	auto_close(&p->master);
	pthread_cond_destroy(&p->idle);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static const struct serial_ops pty_ops = { .name = "pty",
					   .set_baud = pty_set_baud,
					   .write = pty_write,
					   .read = pty_read,
					   .drain = pty_drain,
					   .flush = pty_flush,
					   .close = pty_close };

/* ---- setting up */

static int open_master(struct pty *p, struct err *e)
{
	p->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (p->master < 0 || grantpt(p->master) != 0 || unlockpt(p->master) != 0 ||
	    ptsname_r(p->master, p->path, sizeof p->path) != 0)
		return os_fail(e, errno, "a pseudo terminal");
	return 0;
}

static int open_near(struct pty *p, struct err *e)
{
	p->tty = tty_new(p->path, e);
	return p->tty ? tty_wake(p->tty, e) : -1;
}

static int start(struct pty *p, struct err *e)
{
	const int why = pthread_create(&p->thread, NULL, carry, p);

	if (why != 0)
		return err_set(e, ERR_MEMORY, "no thread for a pseudo terminal: error %d", why);
	p->has_thread = true;
	return 0;
}

static void auto_pty_close(struct pty **p)
{
	if (*p)
		pty_close(&(*p)->base);
}

struct serial *pty_open(struct serial *far, struct err *e)
{
	AUTO(auto_pty_close) struct pty *p = calloc(1, sizeof *p);

	if (!p) {
		err_set(e, ERR_MEMORY, "no memory for a pseudo terminal");
		return NULL;
	}
	p->base.ops = &pty_ops;
	p->far = far;
	p->master = -1;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->idle, NULL);
	if (open_master(p, e) < 0 || open_near(p, e) < 0 || start(p, e) < 0)
		return NULL;
	return &TAKE(p)->base;
}
