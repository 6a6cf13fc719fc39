#include "check.h"

#include "auto.h"
#include "guard.h"
#include "temp.h"

static struct err e;

/* What another process is told; 0 when it may. */
static int try_to_take(const char *path)
{
	struct guard guard = { .fd = -1 };
	struct err why = { .code = ERR_NONE };

	return guard_take(&guard, path, &why) == 0 ? 0 : (int)why.code;
}

static void second_daemon_is_refused_and_the_next_is_not(void)
{
	AUTO(temp_close) struct temp temp = temp_open();
	struct guard guard = { .fd = -1 };

	CHECK_OK(guard_take(&guard, temp.path, &e), e);
	CHECK(in_child(try_to_take, temp.path) == ERR_CONFLICT);
	guard_release(&guard);
	guard_release(&guard);
	CHECK(in_child(try_to_take, temp.path) == 0);
}

static void folder_that_is_not_there_is_named(void)
{
	struct guard guard = { .fd = -1 };

	CHECK(guard_take(&guard, "/nonexistent/archive.db", &e) == -1);
	CHECK(e.code == ERR_IO && strstr(e.text, "/nonexistent/archive.db-lock"));
	CHECK(guard.fd == -1);
}

static const struct check all[] = {
	{ "second daemon is refused and the next is not",
	  second_daemon_is_refused_and_the_next_is_not },
	{ "folder that is not there is named", folder_that_is_not_there_is_named },
};
CHECK_MAIN(all)
