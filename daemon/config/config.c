#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "loader.h"
#include "problems.h"

void config_default(struct config *config)
{
	*config = (struct config){
		.name = "flashrig",
		.max_queued = 64,
		.job_log = 1 << 20,
		.http = {
			.listen = { "127.0.0.1", 8471 },
			.max_upload = 64 << 20,
			.max_json_body = 64 << 10,
			.json_depth = 32,
			.max_headers = 32 << 10,
			.max_connections = 512,
			.max_per_address = 128,
			.max_streams = 256,
			.head_timeout_ms = 30000,
			.min_body_rate = 1 << 10,
		},
		.archive = "/var/lib/flashrig/archive.db",
		.check_every_ms = UINT64_C(168) * 3600 * 1000,
	};
}

void config_done(struct config *config)
{
	free(config->slots);
	config->slots = NULL;
	config->n_slots = 0;
}

/* FNV-1a, 64 bits: each slot has chances of its own, the same in every run. */
static uint64_t seed_of(const char *name)
{
	uint64_t hash = 0xcbf29ce484222325;

	while (*name)
		hash = (hash ^ (unsigned char)*name++) * 0x100000001b3;
	return hash;
}

void config_slot_default(struct config_slot *slot, const char *name)
{
	*slot = (struct config_slot){
		.spi_hz = 8000000,
		.entry_timeout_ms = 600000,
		.entry_success = 1.0,
		.faults.seed = seed_of(name),
	};
	snprintf(slot->name, sizeof slot->name, "%s", name);
}

int config_slot_add(struct config *config, const struct config_slot *slot, struct err *e)
{
	struct config_slot *slots = reallocarray(config->slots, config->n_slots + 1, sizeof *slots);

	if (!slots)
		return err_set(e, ERR_MEMORY, "no memory for slot %s", slot->name);
	slots[config->n_slots++] = *slot;
	config->slots = slots;
	return 0;
}

void config_sim_board(const struct config_slot *slot, struct sim_board_config *sim)
{
	*sim = (struct sim_board_config){
		.part = slot->chip,
		.bare = !slot->target->enters_spi_mode,
		.image = slot->image[0] ? slot->image : NULL,
		.image_save = slot->image_save != CONFIG_SAVE_NO,
		.image_live = slot->image_save == CONFIG_SAVE_LIVE,
		.entry_success = slot->entry_success,
		.real_time = slot->speed != 0,
		.max_hz = slot->spi_hz,
		.faults = slot->faults,
		.has_unique_id = slot->has_unique_id,
		.protect = slot->protect,
		.no_spi = slot->no_spi,
		.no_cen = slot->no_cen,
		.uart = slot->uart[0] != '\0',
		.loader_in_flash = slot->target->loader_in_flash,
	};
	memcpy(sim->unique_id, slot->unique_id, sizeof sim->unique_id);
}

/* Takes what fits into size; errno when the file cannot be read. */
static int read_file(const char *path, char *text, size_t size, size_t *len)
{
	AUTO(auto_fclose) FILE *f = fopen(path, "re");

	if (!f)
		return -1;
	errno = 0;
	*len = fread(text, 1, size, f);
	return ferror(f) ? -1 : 0;
}

int config_load(const char *path, struct config *config, struct config_problems *problems)
{
	AUTO(auto_free) char *text = malloc(CONFIG_FILE_MAX + 1);
	size_t len;

	if (!text || read_file(path, text, CONFIG_FILE_MAX + 1, &len) < 0) {
		problems_add(problems, path, 0, "cannot read it: %s", strerrordesc_np(errno));
		return -1;
	}
	if (len > CONFIG_FILE_MAX) {
		problems_add(problems, path, 0, "larger than 1 MiB: no configuration file");
		return -1;
	}
	return config_parse(path, text, len, config, problems);
}
