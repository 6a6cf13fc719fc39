#include "auto.h"
#include "device_store.h"
#include "dump_store.h"
#include "partial_store.h"

static int check_partial(struct tx *tx, int64_t dump, struct err *e)
{
	int64_t device;

	if (partial_needs(tx, dump, &device, e) < 0)
		return -1;
	if (device < 0)
		return 0;
	err_set(e, ERR_CONFLICT,
		"dump %lld is what device %lld held before a write that has not come to its end",
		(long long)dump, (long long)device);
	return err_hint(e, "Restore it or resume that write first.");
}

static int check_device(struct tx *tx, int64_t id, struct err *e)
{
	AUTO(auto_free) struct device *device = calloc(1, sizeof *device);

	if (!device)
		return err_set(e, ERR_MEMORY, "out of memory for a device's record");
	if (device_get(tx, id, device, e) == 0)
		return 0;
	if (e->code == ERR_NOT_FOUND)
		e->code = ERR_UNPROCESSABLE;
	return -1;
}

int dump_move(struct tx *tx, const struct dump *dump, struct err *e)
{
	if (check_partial(tx, dump->id, e) < 0)
		return -1;
	if (dump->device < 0)
		return 0;
	if (check_device(tx, dump->device, e) < 0)
		return -1;
	/* When an import was made says nothing of when its board was here. */
	return dump->source == DUMP_IMPORT ? 0 : device_seen(tx, dump->device, dump->created_ms, e);
}
