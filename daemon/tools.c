#include "tools.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "auto.h"
#include "copy.h"
#include "db.h"
#include "log.h"

static int trouble(const struct err *e)
{
	log_error("%s%s%s", e->text, e->hint[0] ? "; " : "", e->hint);
	return TOOL_TROUBLE;
}

/* ---- check */

static int print_damage(struct audit *audit, const struct audit_damage *damage, struct err *e)
{
	(void)audit, (void)e;
	if (damage->dump == AUDIT_NONE)
		printf("damage: %s\n", damage->reason);
	else
		printf("damage: dump %" PRId64 ", %" PRIu64 " bytes at 0x%" PRIx64 ": %s\n",
		       damage->dump, damage->length, damage->offset, damage->reason);
	return 0;
}

static int check(const char *archive, const char *nothing)
{
	AUTO(db_close) struct db db;
	struct audit audit = { .found = print_damage };
	struct err e;

	(void)nothing;
	if (db_open_to_read(&db, archive, &e) < 0 || audit_contents(&db, &audit, &e) < 0 ||
	    audit_file(&db, &audit, &e) < 0)
		return trouble(&e);
	printf("%" PRIu64 " dumps checked, %" PRIu64 " damaged ranges\n", audit.at.checked,
	       audit.at.damages);
	return audit.at.damages ? TOOL_TROUBLE : TOOL_OK;
}

/* ---- backup-archive */

static int backup_archive(const char *archive, const char *file)
{
	AUTO(db_close) struct db db;
	struct err e;

	if (db_open_to_read(&db, archive, &e) < 0 || db_copy(&db, file, NULL, &e) < 0)
		return trouble(&e);
	printf("%s is a copy of %s\n", file, archive);
	return TOOL_OK;
}

static const struct tool tools[] = {
	{ "check", NULL, check },
	{ "backup-archive", "FILE", backup_archive },
};

const struct tool *tool_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(tools); i++)
		if (!strcmp(tools[i].name, name))
			return &tools[i];
	return NULL;
}
