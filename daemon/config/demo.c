#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "config.h"
#include "loader.h"

/* In real time, so that there is something to see; the doorbell's chance stands for a board that
 * needs dozens of attempts. */
static const struct demo {
	const char *name, *target, *chip;
	double entry_success;
	uint32_t spi_hz;
	enum fault_stuck stuck;
	bool has_unique_id;
	uint8_t unique_id[8];
} demos[] = {
	{ .name = "doorbell",
	  .target = "bk7252",
	  .chip = "0B4016", /* XT25F32B */
	  .entry_success = 0.03,
	  .spi_hz = 8000000,
	  .has_unique_id = true,
	  .unique_id = { 0xd0, 0x0b, 0x40, 0x16, 0x00, 0x00, 0x00, 0x01 } },
	{ .name = "plug",
	  .target = "bk7231n",
	  .chip = "1C7015", /* EN25QH16B */
	  .entry_success = 0.5,
	  .spi_hz = 8000000,
	  .has_unique_id = true,
	  .unique_id = { 0xd0, 0x1c, 0x70, 0x15, 0x00, 0x00, 0x00, 0x02 } },
	{ .name = "bare",
	  .target = "nor",
	  .chip = "EF4018", /* W25Q128 */
	  .entry_success = 1.0,
	  .spi_hz = 20000000,
	  .has_unique_id = true,
	  .unique_id = { 0xd0, 0xef, 0x40, 0x18, 0x00, 0x00, 0x00, 0x03 } },
	{ .name = "faulty",
	  .target = "bk7231n",
	  .chip = "1C7015",
	  .entry_success = 1.0,
	  .spi_hz = 8000000,
	  .stuck = FAULT_STUCK_LOW },
};

static int add_demo(struct config *config, const struct demo *demo, struct err *e)
{
	struct config_slot slot;

	config_slot_default(&slot, demo->name);
	slot.board = CONFIG_SIM;
	slot.target = target_by_name(demo->target);
	slot.chip = nor_part_by_name(demo->chip, e);
	slot.demo_content = true;
	if (slot.target->enters_spi_mode)
		snprintf(slot.uart, sizeof slot.uart, "sim");
	slot.entry_success = demo->entry_success;
	slot.spi_hz = demo->spi_hz;
	slot.speed = 1;
	slot.faults.stuck = demo->stuck;
	slot.has_unique_id = demo->has_unique_id;
	memcpy(slot.unique_id, demo->unique_id, sizeof slot.unique_id);
	return slot.chip ? config_slot_add(config, &slot, e) : -1;
}

int config_demo(struct config *config, struct err *e)
{
	AUTO(config_done) struct config demo;

	config_default(&demo);
	snprintf(demo.name, sizeof demo.name, "demo");
	for (size_t i = 0; i < ARRAY_LEN(demos); i++)
		if (add_demo(&demo, &demos[i], e) < 0)
			return -1;
	*config = demo;
	demo.slots = NULL; /* given away */
	return 0;
}
