#include "sim_line.h"

static void drive(struct sim_line *line, bool driven, bool high)
{
	line->driven = driven;
	bk72xx_cen(&line->wire->bk, high, sim_wire_now_ns(line->wire));
}

static int sim_line_set(struct line *line, bool high, struct err *e)
{
	(void)e;
	drive((struct sim_line *)line, true, high);
	return 0;
}

static int sim_line_rest(struct line *line, struct err *e)
{
	(void)e;
	drive((struct sim_line *)line, false, true);
	return 0;
}

static void sim_line_close(struct line *line)
{
	drive((struct sim_line *)line, false, true);
}

static const struct line_ops sim_line_ops = {
	.name = "sim", .set = sim_line_set, .rest = sim_line_rest, .close = sim_line_close
};

void sim_line_init(struct sim_line *line, struct sim_wire *wire)
{
	*line = (struct sim_line){ .base.ops = &sim_line_ops, .wire = wire };
}
