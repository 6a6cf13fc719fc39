#include "settings.h"

#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "view.h"

/* Of a setting the api only borrows: its texts are here. */
struct viewer_list {
	struct viewer base; /* first */
	const char *archive;
	struct view *view;           /* owned */
	struct api_setting *setting; /* owned */
	size_t n, max;
};

static void list_free(struct viewer_list *list)
{
	if (!list)
		return;
	free(list->view);
	free(list->setting);
	free(list);
}

static void auto_list(struct viewer_list **list)
{
	list_free(*list);
}

static void count(struct viewer *viewer, const struct view *view)
{
	(void)view;
	((struct viewer_list *)viewer)->max++;
}

static void keep(struct viewer *viewer, const struct view *view)
{
	struct viewer_list *list = (struct viewer_list *)viewer;
	struct view *at = &list->view[list->n];
	const bool is_path = !strcmp(view->section, "archive") && !strcmp(view->key, "path");
	const bool is_text = view->kind == VIEW_TEXT;

	*at = *view;
	list->setting[list->n++] =
		(struct api_setting){ .section = at->section,
				      .slot = at->slot,
				      .key = at->key,
				      .text = is_path ? list->archive : (is_text ? at->text : NULL),
				      .is_number = view->kind == VIEW_NUMBER,
				      .is_bool = view->kind == VIEW_BOOL,
				      .number = view->number };
}

int settings_init(struct settings *settings, const struct config *config, const char *archive,
		  struct err *e)
{
	AUTO(auto_list) struct viewer_list *list = calloc(1, sizeof *list);

	if (!list)
		return err_set(e, ERR_MEMORY, "no memory for the settings");
	list->archive = archive;
	list->base.see = count;
	config_view(config, &list->base);
	list->view = calloc(list->max, sizeof *list->view);
	list->setting = calloc(list->max, sizeof *list->setting);
	if (!list->view || !list->setting)
		return err_set(e, ERR_MEMORY, "no memory for %zu settings", list->max);
	list->base.see = keep;
	config_view(config, &list->base);
	*settings = (struct settings){ .all = list->setting, .n = list->n };
	settings->list = TAKE(list);
	return 0;
}

void settings_done(struct settings *settings)
{
	list_free(settings->list);
	*settings = (struct settings){ 0 };
}
