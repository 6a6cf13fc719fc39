#include "boot_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "analysis.h"
#include "auto.h"

struct chip_flash {
	struct flash base; /* first member */
	const struct sim_content *content;
};

static int read_chip(struct flash *flash, uint64_t offset, uint8_t *buf, size_t len, struct err *e)
{
	const struct sim_content *content = ((const struct chip_flash *)flash)->content;

	(void)e;
	content->read(content, (uint32_t)offset, buf, len);
	return 0;
}

struct lines {
	char *text; /* SIM_TEXT bytes */
	size_t len;
};

/* Left out where there is nothing to say. */
static void add(struct lines *lines, const char *before, const char *what)
{
	const size_t room = SIM_TEXT - lines->len;
	int n;

	if (!*what)
		return;
	n = snprintf(lines->text + lines->len, room, "%s%s\r\n", before, what);
	if (n > 0 && (size_t)n < room)
		lines->len += (size_t)n;
	lines->text[lines->len] = '\0';
}

/* The names and versions that the image itself holds. */
static void add_found(struct lines *lines, const struct analysis *a)
{
	char socs[SOC_TEXT] = "";

	if (a->socs)
		soc_text(a->socs, socs);
	add(lines, "chip ", socs);
	add(lines, "firmware ", banner_kind_name(a->firmware));
	add(lines, "name ", a->name.text);
	add(lines, "version ", a->version.text);
	add(lines, "sdk ", a->sdk.text);
	add(lines, "built ", a->built.text);
}

static void tell(struct sim_narrator *narrator, const struct sim_content *content,
		 char text[SIM_TEXT])
{
	const struct boot_text *boot = (const struct boot_text *)narrator;
	const struct analysis_hint hint = { .has_start = true };
	struct chip_flash flash = { .base = { .read = read_chip, .size = content->size },
				    .content = content };
	AUTO(auto_free) struct analysis *a = calloc(1, sizeof *a);
	struct lines lines = { .text = text };
	struct err e;

	text[0] = '\0';
	if (a && analysis_run(&flash.base, &hint, a, NULL, &e) == 0) {
		add(&lines, "\r\nV:", *a->loader.text ? a->loader.text : "no loader that is known");
		add(&lines, "", boot->board);
		add_found(&lines, a);
	}
	add(&lines, "", "application started");
}

void boot_text_init(struct boot_text *text, const struct config_slot *slot)
{
	*text = (struct boot_text){ .base.tell = tell };
	snprintf(text->board, sizeof text->board, "%s boot\r\nflash %06X %s, %u bytes",
		 slot->target->title, slot->chip->jedec_id, slot->chip->names, slot->chip->size);
}
