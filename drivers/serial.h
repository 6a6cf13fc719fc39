/* A serial port, 8N1: the UART bootloader's wire, or a board's log. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct serial;

struct serial_ops {
	const char *name;

	/* Any rate the hardware can do within 2 %. Errors: ERR_BAD_INPUT, ERR_OFFLINE. */
	int (*set_baud)(struct serial *serial, uint32_t baud, struct err *e);

	/* Hands all bytes to the port; may block while its buffer is full. ERR_IO, ERR_OFFLINE. */
	int (*write)(struct serial *serial, const uint8_t *bytes, size_t len, struct err *e);

	/*
	 * Waits at most timeout_ms for the first byte, then takes what is there, up to max.
	 * *got is 0 when nothing came. Errors: ERR_IO, ERR_OFFLINE (hang-up).
	 */
	int (*read)(struct serial *serial, uint8_t *buf, size_t max, unsigned timeout_ms,
		    size_t *got, struct err *e);

	/* Blocks until the last byte has left the wire. */
	int (*drain)(struct serial *serial, struct err *e);

	/* Forgets what came in and was not read. */
	int (*flush)(struct serial *serial, struct err *e);

	/* Frees the port. Cannot fail; is called once. */
	void (*close)(struct serial *serial);
};

/* First member of every backend's own struct. */
struct serial {
	const struct serial_ops *ops;
};

int serial_set_baud(struct serial *serial, uint32_t baud, struct err *e) MUST_CHECK;
int serial_write(struct serial *serial, const uint8_t *bytes, size_t len, struct err *e) MUST_CHECK;
int serial_read(struct serial *serial, uint8_t *buf, size_t max, unsigned timeout_ms, size_t *got,
		struct err *e) MUST_CHECK;
int serial_drain(struct serial *serial, struct err *e) MUST_CHECK;
int serial_flush(struct serial *serial, struct err *e) MUST_CHECK;
void serial_close(struct serial *serial);
