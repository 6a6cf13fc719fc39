#include "probe.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "boards.h"

static const char *const states[] = {
	[LINUX_PROBE_OK] = "ok", [LINUX_PROBE_BAD] = "MISSING", [LINUX_PROBE_NOT_TRIED] = "-"
};

#define WIDTH_SLOT 12
#define WIDTH_WHAT 26

static void print_row(const char *slot, const struct linux_probe_row *row, FILE *to)
{
	fprintf(to, "%-*s  %-*s  %-7s  %s\n", WIDTH_SLOT, slot, WIDTH_WHAT, row->what,
		states[row->state], row->found);
	if (row->advice[0])
		fprintf(to, "%-*s  %-*s  %-7s  -> %s\n", WIDTH_SLOT, "", WIDTH_WHAT, "", "",
			row->advice);
}

/* A simulated board has its image file, if anything, and needs not even that. */
static size_t probe_sim(const struct config_slot *slot, FILE *to)
{
	struct linux_probe_row row = { .state = LINUX_PROBE_OK, .what = "simulated board" };
	const bool missing = slot->image[0] && access(slot->image, R_OK) != 0;

	snprintf(row.found, sizeof row.found, "%s with %s", slot->target->name, slot->chip->names);
	print_row(slot->name, &row, to);
	if (!missing)
		return 0;
	row = (struct linux_probe_row){ .state = LINUX_PROBE_BAD, .what = "image" };
	snprintf(row.found, sizeof row.found, "%.200s: %s", slot->image, strerrordesc_np(errno));
	snprintf(row.advice, sizeof row.advice,
		 "Correct image, or leave it out: the chip is erased then.");
	print_row("", &row, to);
	return 1;
}

static size_t probe_linux(const struct config_slot *slot, FILE *to)
{
	const struct linux_board_config set = boards_linux_config(slot);
	struct linux_probe probe;

	linux_board_probe(&set, !slot->target->enters_spi_mode, &probe);
	for (size_t i = 0; i < probe.n; i++)
		print_row(i == 0 ? slot->name : "", &probe.row[i], to);
	return probe.bad;
}

size_t probe_slots(const struct config *config, FILE *to)
{
	size_t bad = 0;

	fprintf(to, "%-*s  %-*s  %-7s  %s\n", WIDTH_SLOT, "SLOT", WIDTH_WHAT, "DEVICE", "",
		"FOUND");
	for (size_t i = 0; i < config->n_slots; i++) {
		const struct config_slot *slot = &config->slots[i];

		bad += slot->board == CONFIG_LINUX ? probe_linux(slot, to) : probe_sim(slot, to);
	}
	return bad;
}
