#include "reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auto.h"

int reserve_init(struct reserve *reserve, const char *archive, struct err *e)
{
	struct stat st;
	char *path;

	if (asprintf(&path, "%s-reserve", archive) < 0)
		return err_set(e, ERR_MEMORY, "archive %s: out of memory", archive);
	*reserve = (struct reserve){
		.path = path,
		.held = stat(path, &st) == 0 && st.st_size == RESERVE_BYTES,
	};
	return 0;
}

static int allocate(const char *path)
{
	AUTO(auto_close) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd < 0 ? errno : posix_fallocate(fd, 0, RESERVE_BYTES);
}

int reserve_take(struct reserve *reserve, struct err *e)
{
	int error;

	if (reserve->held)
		return 0;
	error = allocate(reserve->path);
	reserve->held = !error;
	if (!error)
		return 0;
	unlink(reserve->path);
	if (error != ENOSPC && error != EDQUOT && error != EFBIG)
		return err_set(e, ERR_IO, "%s: %s", reserve->path, strerrordesc_np(error));
	err_set(e, ERR_ARCHIVE_FULL, "%s: no room for %u KiB: %s", reserve->path,
		RESERVE_BYTES >> 10, strerrordesc_np(error));
	return err_hint(e, "free some space on the disk that holds the archive");
}

void reserve_release(struct reserve *reserve)
{
	if (reserve->held)
		unlink(reserve->path);
	reserve->held = false;
}

void reserve_done(struct reserve *reserve)
{
	free(reserve->path);
	*reserve = (struct reserve){ 0 };
}
