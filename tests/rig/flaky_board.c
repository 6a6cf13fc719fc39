#include "flaky_board.h"

static int flaky_wake(struct board *board, struct err *e)
{
	struct flaky_board *flaky = (struct flaky_board *)board;

	if (atomic_load(&flaky->gone))
		return err_set(e, ERR_OFFLINE, "the cable is out");
	return 0;
}

static int flaky_plug(struct board *board, const struct board_plug *plug, struct err *e)
{
	return board_plug(((struct flaky_board *)board)->inner, plug, e);
}

static void flaky_close(struct board *board)
{
	board_close(((struct flaky_board *)board)->inner);
}

static const struct board_ops flaky_ops = {
	.name = "flaky", .wake = flaky_wake, .plug = flaky_plug, .close = flaky_close
};

void flaky_board_init(struct flaky_board *flaky, struct board *inner)
{
	*flaky = (struct flaky_board){ .base = *inner, .inner = inner };
	flaky->base.ops = &flaky_ops;
}
