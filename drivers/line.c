#include "line.h"

int line_set(struct line *line, bool high, struct err *e)
{
	return line->ops->set(line, high, e);
}

int line_rest(struct line *line, struct err *e)
{
	return line->ops->rest(line, e);
}

void line_close(struct line *line)
{
	if (line)
		line->ops->close(line);
}
