#include "board.h"

#include <stddef.h>

#include "auto.h"

int board_rest(struct board *board, struct err *e)
{
	struct line *const lines[] = { board->power, board->cen };
	int result = 0;

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct err why;

		if (!lines[i] || line_rest(lines[i], &why) == 0)
			continue;
		if (result == 0)
			*e = why;
		result = -1;
	}
	return result;
}

int board_wake(struct board *board, struct err *e)
{
	return board->ops->wake ? board->ops->wake(board, e) : 0;
}

int board_settle(struct board *board, struct err *e)
{
	return board->ops->settle ? board->ops->settle(board, e) : 0;
}

void board_close(struct board *board)
{
	if (board)
		board->ops->close(board);
}
