#include "nor_meter.h"

static int meter_report(struct progress *progress, uint64_t done, uint64_t total, struct err *e)
{
	struct nor_meter *meter = (struct nor_meter *)progress;

	(void)total;
	if (done == PROGRESS_SAME)
		return meter->deaf ? 0 : progress_check(meter->outer, e);
	return nor_meter_show(meter, meter->follow ? done : 0, e);
}

void nor_meter_init(struct nor_meter *meter, struct progress *outer, uint64_t total)
{
	*meter = (struct nor_meter){ .base.report = meter_report, .outer = outer, .total = total };
}

int nor_meter_show(struct nor_meter *meter, uint64_t extra, struct err *e)
{
	const uint64_t done = meter->done + extra;

	if (meter->deaf)
		return 0;
	return progress_report(meter->outer, done < meter->total ? done : meter->total,
			       meter->total, e);
}
