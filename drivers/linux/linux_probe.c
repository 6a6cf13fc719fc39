#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "gpio_line.h"
#include "linux_board.h"
#include "nor.h"
#include "nor_parts.h"
#include "spidev.h"
#include "tty.h"

#define PROBE_HZ 1000000u /* slow enough for any wires */
#define ID_READS 3

static bool is_given(const char *text)
{
	return text && text[0];
}

static struct linux_probe_row *add_row(struct linux_probe *probe, const char *what,
				       const char *name)
{
	struct linux_probe_row *row = &probe->row[probe->n++];

	*row = (struct linux_probe_row){ .state = LINUX_PROBE_OK };
	snprintf(row->what, sizeof row->what, "%s %s", what, name);
	return row;
}

static void note_bad(struct linux_probe *probe, struct linux_probe_row *row, const struct err *e)
{
	row->state = LINUX_PROBE_BAD;
	snprintf(row->found, sizeof row->found, "%s", e->text);
	snprintf(row->advice, sizeof row->advice, "%s", e->hint);
	probe->bad++;
}

/* Held as an input for the moment, or driven high for a chip select, which the caller closes. */
static struct line *probe_line(struct linux_probe *probe, const char *what,
			       const struct gpio_line_config *config)
{
	struct linux_probe_row *row = add_row(probe, what, config->text);
	struct line *line = NULL;
	struct err e;

	line = gpio_line_new(config, &e);
	if (!line || gpio_line_wake(line, &e) < 0) {
		note_bad(probe, row, &e);
		line_close(line);
		return NULL;
	}
	snprintf(row->found, sizeof row->found, "there, free");
	return line;
}

static void probe_port(struct linux_probe *probe, const char *what, const char *path)
{
	struct linux_probe_row *row = add_row(probe, what, path);
	struct serial *port = NULL;
	struct err e;

	port = tty_new(path, &e);
	if (!port || tty_wake(port, &e) < 0)
		note_bad(probe, row, &e);
	else
		snprintf(row->found, sizeof row->found, "there, free");
	serial_close(port);
}

/* ---- the bus, and who is on it */

static int read_id_steadily(struct spi *spi, uint32_t *id, struct err *e)
{
	uint32_t again;

	if (spi_setup(spi, &(struct spi_setup){ .hz = PROBE_HZ }, e) < 0 ||
	    nor_read_id(spi, id, NULL, e) < 0)
		return -1;
	for (int i = 1; i < ID_READS; i++) {
		if (nor_read_id(spi, &again, NULL, e) < 0)
			return -1;
		if (again == *id)
			continue;
		err_set(e, ERR_UNSTABLE_READ, "the ID changes from read to read: %06X, %06X", *id,
			again);
		return err_hint(e, "Shorten the wires, look at ground and supply.");
	}
	if (nor_id_plausible(*id))
		return 0;
	err_set(e, ERR_NO_CHIP, "no flash answers: the ID reads as %06X", *id);
	return err_hint(e, "FFFFFF: open, not powered, or the wrong chip select; 000000: held low. "
			   "Look at the clip, MISO and the supply.");
}

static void probe_id(struct linux_probe *probe, struct spi *spi)
{
	struct linux_probe_row *row = add_row(probe, "flash", "(its ID)");
	const struct nor_part *part;
	struct err e;
	uint32_t id;

	if (read_id_steadily(spi, &id, &e) < 0) {
		note_bad(probe, row, &e);
		return;
	}
	part = nor_part_by_id(id);
	snprintf(row->found, sizeof row->found, "%06X, %s", id,
		 part ? part->names : "not in the table");
}

static void skip_id(struct linux_probe *probe, const char *why)
{
	struct linux_probe_row *row = add_row(probe, "flash", "(its ID)");

	row->state = LINUX_PROBE_NOT_TRIED;
	snprintf(row->found, sizeof row->found, "not read: %s", why);
}

static bool probe_spi(struct linux_probe *probe, const char *path, struct spi *spi)
{
	struct linux_probe_row *row = add_row(probe, "spi", path);
	struct err e;

	if (spidev_wake(spi, &e) < 0) {
		note_bad(probe, row, &e);
		return false;
	}
	snprintf(row->found, sizeof row->found, "there, messages up to %zu bytes", spi->max_len);
	return true;
}

static void probe_bus(struct linux_probe *probe, const struct linux_board_config *config,
		      struct line *cs, bool bare)
{
	const struct spidev_config set = { config->spi, config->max_hz, cs, NULL };
	struct err e;
	AUTO(auto_spi_close) struct spi *spi = spidev_new(&set, &e);

	if (!spi) {
		note_bad(probe, add_row(probe, "spi", config->spi), &e);
		return;
	}
	if (!probe_spi(probe, config->spi, spi))
		return;
	if (!bare)
		skip_id(probe, "the chip must be brought into SPI mode first");
	else if (is_given(config->power))
		skip_id(probe, "the slot switches its power, and nothing is switched here");
	else if (is_given(config->cs) && !cs)
		skip_id(probe, "it has no chip select");
	else
		probe_id(probe, spi);
}

void linux_board_probe(const struct linux_board_config *config, bool bare,
		       struct linux_probe *probe)
{
	const struct gpio_line_config cs = { config->cs, config->slot, true, true };
	const struct gpio_line_config cen = { config->cen, config->slot, true, false };
	const struct gpio_line_config power = { config->power, config->slot, false, false };
	struct line *select = NULL;

	*probe = (struct linux_probe){ .n = 0 };
	if (is_given(config->cs))
		select = probe_line(probe, "cs", &cs);
	if (is_given(config->spi))
		probe_bus(probe, config, select, bare);
	line_close(select);
	if (is_given(config->cen))
		line_close(probe_line(probe, "cen", &cen));
	if (is_given(config->power))
		line_close(probe_line(probe, "power", &power));
	if (is_given(config->uart))
		probe_port(probe, "uart", config->uart);
	if (is_given(config->log))
		probe_port(probe, "log", config->log);
}
