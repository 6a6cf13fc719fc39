#include "sim_line.h"

static void drive(struct sim_line *line, bool driven, bool high)
{
	line->driven = driven;
	line->act(line->wire, high);
}

static int sim_line_set(struct line *line, bool high, struct err *e)
{
	(void)e;
	drive((struct sim_line *)line, true, high);
	return 0;
}

static int sim_line_rest(struct line *line, struct err *e)
{
	struct sim_line *l = (struct sim_line *)line;

	(void)e;
	drive(l, false, l->rests_high);
	return 0;
}

static void sim_line_close(struct line *line)
{
	struct sim_line *l = (struct sim_line *)line;

	drive(l, false, l->rests_high);
}

static const struct line_ops sim_line_ops = {
	.name = "sim", .set = sim_line_set, .rest = sim_line_rest, .close = sim_line_close
};

void sim_line_init_cen(struct sim_line *line, struct sim_wire *wire)
{
	*line = (struct sim_line){
		.base.ops = &sim_line_ops, .wire = wire, .act = sim_wire_cen, .rests_high = true
	};
}

void sim_line_init_power(struct sim_line *line, struct sim_wire *wire)
{
	*line = (struct sim_line){
		.base.ops = &sim_line_ops, .wire = wire, .act = sim_wire_power, .rests_high = false
	};
}
