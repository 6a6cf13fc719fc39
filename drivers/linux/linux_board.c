#include "linux_board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "gpio.h"
#include "gpio_line.h"
#include "spidev.h"
#include "tty.h"

struct linux_board {
	struct board base;
	char *spi_path, *uart_path, *log_path;
	struct line *cs; /* NULL: the controller's own */
};

static struct linux_board *from_board(struct board *board)
{
	return (struct linux_board *)board;
}

/* ---- what the board does */

static int wake_line(struct line *line, const char *what, struct err *e)
{
	if (!line || gpio_line_wake(line, e) == 0)
		return 0;
	return err_prefix(e, "%s: ", what);
}

static int wake_port(struct serial *port, const char *what, struct err *e)
{
	if (!port || tty_wake(port, e) == 0)
		return 0;
	return err_prefix(e, "%s: ", what);
}

/* Chip select first, so that it is high before the bus can move. */
static int linux_board_wake(struct board *board, struct err *e)
{
	if (wake_line(from_board(board)->cs, "cs", e) < 0)
		return -1;
	if (board->spi && spidev_wake(board->spi, e) < 0)
		return err_prefix(e, "spi: ");
	if (wake_line(board->power, "power", e) < 0 || wake_line(board->cen, "cen", e) < 0 ||
	    wake_port(board->uart, "uart", e) < 0)
		return -1;
	return 0;
}

static int linux_board_wake_log(struct board *board, struct err *e)
{
	return wake_port(board->log, "log", e);
}

/* Power first, as board_rest() does; the chip select last, when nothing moves any more. */
static void linux_board_close(struct board *board)
{
	struct linux_board *b = from_board(board);

	line_close(board->power);
	line_close(board->cen);
	serial_close(board->log);
	serial_close(board->uart);
	spi_close(board->spi);
	line_close(b->cs);
	free(b->log_path);
	free(b->uart_path);
	free(b->spi_path);
	free(b);
}

static const struct board_ops linux_board_ops = { .name = "linux",
						  .wake = linux_board_wake,
						  .wake_log = linux_board_wake_log,
						  .close = linux_board_close };

/* ---- putting it together */

static bool is_given(const char *text)
{
	return text && text[0];
}

static int copy(const char *text, char **to, struct err *e)
{
	*to = strdup(text);
	return *to ? 0 : err_set(e, ERR_MEMORY, "no memory for a board");
}

static int add_line(struct line **line, const struct gpio_line_config *config, const char *what,
		    struct err *e)
{
	if (!is_given(config->text))
		return 0;
	*line = gpio_line_new(config, e);
	return *line ? 0 : err_prefix(e, "%s: ", what);
}

static int add_lines(struct linux_board *b, const struct linux_board_config *config, struct err *e)
{
	const char *slot = config->slot;
	const struct gpio_line_config cs = { config->cs, slot, .rest_high = true,
					     .keep_driven = true };
	const struct gpio_line_config cen = { config->cen, slot, .rest_high = true };
	const struct gpio_line_config power = { config->power, slot, .rest_high = false };

	if (add_line(&b->cs, &cs, "cs", e) < 0 || add_line(&b->base.cen, &cen, "cen", e) < 0)
		return -1;
	return add_line(&b->base.power, &power, "power", e);
}

static int add_spi(struct linux_board *b, const struct linux_board_config *config, struct err *e)
{
	const struct spidev_config *set = NULL;

	if (!is_given(config->spi) && !is_given(config->uart))
		return err_set(e, ERR_BAD_INPUT, "neither an SPI device nor a UART is named");
	if (!is_given(config->spi))
		return 0;
	if (copy(config->spi, &b->spi_path, e) < 0)
		return -1;
	set = &(const struct spidev_config){ b->spi_path, config->max_hz, b->cs, config->bus };
	b->base.spi = spidev_new(set, e);
	return b->base.spi ? 0 : -1;
}

static int add_port(struct serial **port, char **path, const char *text, struct err *e)
{
	if (!is_given(text))
		return 0;
	if (copy(text, path, e) < 0)
		return -1;
	*port = tty_new(*path, e);
	return *port ? 0 : -1;
}

static void auto_linux_board_close(struct linux_board **b)
{
	if (*b)
		linux_board_close(&(*b)->base);
}

struct board *linux_board_open(const struct linux_board_config *config, struct err *e)
{
	AUTO(auto_linux_board_close) struct linux_board *b = calloc(1, sizeof *b);

	if (!b) {
		err_set(e, ERR_MEMORY, "no memory for a board");
		return NULL;
	}
	b->base.ops = &linux_board_ops;
	b->base.clock = clock_real();
	if (add_lines(b, config, e) < 0 || add_spi(b, config, e) < 0 ||
	    add_port(&b->base.uart, &b->uart_path, config->uart, e) < 0 ||
	    add_port(&b->base.log, &b->log_path, config->log, e) < 0)
		return NULL;
	return &TAKE(b)->base;
}

const char *linux_board_gpio_library(void)
{
	return gpio_library();
}
