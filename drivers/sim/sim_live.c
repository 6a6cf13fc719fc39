#include "sim_live.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auto.h"

static int io_error(const struct sim_live *live, int error, struct err *e)
{
	return err_set(e, ERR_IO, "%s: %s", live->path, strerrordesc_np(error));
}

/* A file of another size is no chip of ours: it is begun anew. */
static int settle_size(const struct sim_live *live, int fd, bool *found, struct err *e)
{
	struct stat st;
	int full;

	if (fstat(fd, &st) < 0)
		return io_error(live, errno, e);
	*found = st.st_size == (off_t)live->size;
	if (!*found && (ftruncate(fd, 0) < 0 || ftruncate(fd, live->size) < 0))
		return io_error(live, errno, e);
	full = posix_fallocate(fd, 0, live->size);
	return full != 0 ? io_error(live, full, e) : 0;
}

static int map(struct sim_live *live, bool *found, struct err *e)
{
	AUTO(auto_close) int fd = open(live->path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	void *cells;

	if (fd < 0)
		return io_error(live, errno, e);
	if (settle_size(live, fd, found, e) < 0)
		return -1;
	cells = mmap(NULL, live->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (cells == MAP_FAILED)
		return io_error(live, errno, e);
	live->cells = cells;
	return 0;
}

int sim_live_open(struct sim_live *live, const char *image, uint32_t size, bool *found,
		  struct err *e)
{
	*live = (struct sim_live){ .size = size };
	if (asprintf(&live->path, "%s.live", image) < 0) {
		live->path = NULL;
		return err_set(e, ERR_MEMORY, "no memory for a file name");
	}
	if (map(live, found, e) == 0)
		return 0;
	free(TAKE(live->path));
	return -1;
}

void sim_live_close(struct sim_live *live, bool keep)
{
	if (!live->cells)
		return;
	munmap(live->cells, live->size);
	if (!keep)
		unlink(live->path);
	free(live->path);
	*live = (struct sim_live){ .size = 0 };
}
