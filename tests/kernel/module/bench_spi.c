#include "bench.h"

#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/spi/spi.h>
#include <linux/version.h>

#define NAME     "flashrig-bench-spi"
#define CORE_HZ  250000000u /* divided by even numbers, as in a Raspberry Pi */
#define MAX_HZ   (CORE_HZ / 2)
#define AHEAD_NS 50000u /* shorter waits are owed to the next transfer */
#define NS_BITS  8000000000ull

static struct platform_device *device;
static struct spi_device *children[BENCH_BOARDS];

static unsigned int select_of(struct spi_device *spi)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	return spi_get_chipselect(spi, 0);
#else
	return spi->chip_select;
#endif
}

static u32 real_hz(u32 hz)
{
	u32 divisor = DIV_ROUND_UP(CORE_HZ, hz);

	divisor += divisor & 1;
	return CORE_HZ / max(divisor, 2u);
}

/* Chip selects are low when active. The controller's own are left alone with SPI_NO_CS. */
static void bench_set_cs(struct spi_device *spi, bool high)
{
	struct bench_board *board = &bench.board[select_of(spi)];

	if ((spi->mode & SPI_NO_CS) || select_of(spi) == BENCH_GPIO_BOARD)
		return;
	mutex_lock(&bench.lock);
	if (high)
		bench_deselect(board);
	else
		bench_select(board);
	mutex_unlock(&bench.lock);
}

/* What several boards drive at once is their AND; what nobody drives floats high. */
static void clock_boards(const struct chip_piece *piece, u8 *scratch)
{
	unsigned int n = 0;

	if (piece->rx)
		memset(piece->rx, 0xff, piece->len);
	for (unsigned int i = 0; i < BENCH_BOARDS; i++) {
		struct chip_piece mine = *piece;

		if (!bench.board[i].selected)
			continue;
		mine.rx = scratch;
		bench_xfer(&bench.board[i], &mine);
		bench.board[i].counters.conflicts += n > 0;
		n++;
		for (size_t k = 0; piece->rx && k < piece->len; k++)
			piece->rx[k] &= scratch[k];
	}
}

static void wait_until(u64 end_ns)
{
	const u64 now_ns = ktime_get_ns();

	if (end_ns <= now_ns + AHEAD_NS)
		return;
	if (end_ns - now_ns > 20000000u)
		msleep((unsigned int)((end_ns - now_ns) / 1000000u));
	while (ktime_get_ns() + AHEAD_NS < end_ns)
		usleep_range(20, 60);
}

static int bench_transfer_one(struct spi_controller *ctlr, struct spi_device *spi,
			      struct spi_transfer *xfer)
{
	const u32 hz = real_hz(xfer->speed_hz);
	struct chip_piece piece = { .tx = xfer->tx_buf,
				    .rx = xfer->rx_buf,
				    .len = xfer->len,
				    .hz = hz,
				    .mode = (u8)(spi->mode & (SPI_CPOL | SPI_CPHA)) };
	u8 *scratch = kvmalloc(xfer->len, GFP_KERNEL);
	u64 end_ns;

	if (!scratch)
		return -ENOMEM;
	xfer->effective_speed_hz = hz;
	mutex_lock(&bench.lock);
	piece.start_ns = bench_now_ns();
	clock_boards(&piece, scratch);
	end_ns = bench.wire_until_ns = piece.start_ns + xfer->len * NS_BITS / hz;
	mutex_unlock(&bench.lock);
	kvfree(scratch);
	wait_until(end_ns);
	return 0;
}

static int bench_prepare_message(struct spi_controller *ctlr, struct spi_message *message)
{
	mutex_lock(&bench.lock);
	bench.board[select_of(message->spi)].counters.messages++;
	mutex_unlock(&bench.lock);
	return 0;
}

static int bench_spi_probe(struct platform_device *pdev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	struct spi_controller *ctlr = devm_spi_alloc_host(&pdev->dev, 0);
#else
	struct spi_controller *ctlr = devm_spi_alloc_master(&pdev->dev, 0);
#endif

	if (!ctlr)
		return -ENOMEM;
	ctlr->bus_num = 0;
	ctlr->num_chipselect = BENCH_BOARDS;
	ctlr->mode_bits = SPI_CPOL | SPI_CPHA | (bench_no_cs ? SPI_NO_CS : 0);
	ctlr->bits_per_word_mask = SPI_BPW_MASK(8);
	ctlr->min_speed_hz = bench_min_hz;
	ctlr->max_speed_hz = MAX_HZ;
	ctlr->set_cs = bench_set_cs;
	ctlr->transfer_one = bench_transfer_one;
	ctlr->prepare_message = bench_prepare_message;
	platform_set_drvdata(pdev, ctlr);
	return devm_spi_register_controller(&pdev->dev, ctlr);
}

static struct platform_driver driver = { .driver.name = NAME, .probe = bench_spi_probe };

/* spidev binds to some names only; this is the oldest of them. */
static int add_child(struct spi_controller *ctlr, unsigned int i)
{
	struct spi_board_info info = { .modalias = "dh2228fv",
				       .max_speed_hz = MAX_HZ,
				       .chip_select = (u16)i };

	children[i] = spi_new_device(ctlr, &info);
	return children[i] ? 0 : -ENODEV;
}

int bench_spi_add(void)
{
	int result = platform_driver_register(&driver);

	if (result < 0)
		return result;
	device = platform_device_register_simple(NAME, PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(device)) {
		platform_driver_unregister(&driver);
		return PTR_ERR(device);
	}
	for (unsigned int i = 0; i < BENCH_BOARDS && result == 0; i++)
		result = add_child(platform_get_drvdata(device), i);
	if (result < 0)
		bench_spi_remove();
	return result;
}

void bench_spi_remove(void)
{
	platform_device_unregister(device);
	platform_driver_unregister(&driver);
}
