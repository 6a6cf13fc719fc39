#include "power.h"

/* A flash needs this long after its supply is there: tPUW, 10 ms at most in W25Q and XT25F data sheets. */
#define POWER_UP_MS 20

int power_on(struct board *board, struct err *e)
{
	if (!board->power)
		return 0;
	if (line_set(board->power, true, e) < 0)
		return err_prefix(e, "power: ");
	clock_sleep_ns(board->clock, POWER_UP_MS * (uint64_t)CLOCK_MS);
	return 0;
}
