#include "serial.h"

int serial_set_baud(struct serial *serial, uint32_t baud, struct err *e)
{
	return serial->ops->set_baud(serial, baud, e);
}

int serial_write(struct serial *serial, const uint8_t *bytes, size_t len, struct err *e)
{
	return serial->ops->write(serial, bytes, len, e);
}

int serial_read(struct serial *serial, uint8_t *buf, size_t max, unsigned timeout_ms, size_t *got,
		struct err *e)
{
	return serial->ops->read(serial, buf, max, timeout_ms, got, e);
}

int serial_drain(struct serial *serial, struct err *e)
{
	return serial->ops->drain(serial, e);
}

int serial_flush(struct serial *serial, struct err *e)
{
	return serial->ops->flush(serial, e);
}

void serial_close(struct serial *serial)
{
	if (serial)
		serial->ops->close(serial);
}
