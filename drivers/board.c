#include "board.h"

#include <stddef.h>

/* before: what came of the lines before this one; the first error is the one that is told. */
static int rest(struct line *line, int before, struct err *e)
{
	struct err why;

	if (!line || line_rest(line, &why) == 0)
		return before;
	if (before == 0)
		*e = why;
	return -1;
}

int board_rest(struct board *board, struct err *e)
{
	return rest(board->cen, rest(board->power, 0, e), e);
}

int board_wake(struct board *board, struct err *e)
{
	return board->ops->wake ? board->ops->wake(board, e) : 0;
}

int board_wake_log(struct board *board, struct err *e)
{
	return board->ops->wake_log ? board->ops->wake_log(board, e) : 0;
}

int board_settle(struct board *board, struct err *e)
{
	return board->ops->settle ? board->ops->settle(board, e) : 0;
}

int board_plug(struct board *board, const struct board_plug *plug, struct err *e)
{
	if (!board->ops->plug)
		return err_set(e, ERR_UNPROCESSABLE, "it is a real board: only hands take it out");
	return board->ops->plug(board, plug, e);
}

void board_close(struct board *board)
{
	if (board)
		board->ops->close(board);
}
