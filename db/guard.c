#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "auto.h"

static int hold(int fd, const char *archive, struct err *e)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return err_set(e, ERR_IO, "%s-lock: %s", archive, strerrordesc_np(errno));
	err_set(e, ERR_CONFLICT, "archive %s: another flashrigd works with it", archive);
	return err_hint(e, "Stop the other daemon, or give this one an archive of its own "
			   "(--data).");
}

int guard_take(struct guard *guard, const char *archive, struct err *e)
{
	AUTO(auto_free) char *path = NULL;

	if (asprintf(&path, "%s-lock", archive) < 0) {
		path = NULL;
		return err_set(e, ERR_MEMORY, "archive %s: out of memory", archive);
	}
	guard->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (guard->fd < 0)
		return err_set(e, ERR_IO, "%s: %s", path, strerrordesc_np(errno));
	if (hold(guard->fd, archive, e) == 0)
		return 0;
	guard_release(guard);
	return -1;
}

void guard_release(struct guard *guard)
{
	if (guard->fd >= 0)
		close(guard->fd);
	guard->fd = -1;
}
