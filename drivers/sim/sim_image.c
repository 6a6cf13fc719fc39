#include "sim_image.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auto.h"

#define CHUNK 0x10000u

static int io_error(struct err *e, const char *path)
{
	return err_set(e, ERR_IO, "image %s: %s", path, strerrordesc_np(errno));
}

static int check_file(const struct chip *chip, int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return io_error(e, path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_BAD_INPUT, "image %s is not a regular file", path);
	if (st.st_size > (off_t)chip->part.size)
		return err_set(e, ERR_BAD_INPUT, "image %s has %jd bytes, the chip only %" PRIu32,
			       path, (intmax_t)st.st_size, chip->part.size);
	return 0;
}

int sim_image_load(struct chip *chip, const char *path, struct err *e)
{
	AUTO(auto_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t chunk[CHUNK];
	ssize_t got = 1;

	if (fd < 0)
		return io_error(e, path);
	if (check_file(chip, fd, path, e) < 0)
		return -1;
	for (uint32_t at = 0; at < chip->part.size && got > 0; at += (uint32_t)got) {
		const uint32_t left = chip->part.size - at;

		got = read(fd, chunk, left < CHUNK ? left : CHUNK);
		if (got < 0)
			return io_error(e, path);
		chip_poke(chip, at, chunk, (size_t)got);
	}
	return 0;
}

static int write_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		const ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_content(const struct chip *chip, int fd)
{
	const uint32_t size = chip->part.size;
	uint8_t chunk[CHUNK];

	for (uint32_t at = 0, n; at < size; at += n) {
		n = size - at < CHUNK ? size - at : CHUNK;
		chip_peek(chip, at, chunk, n);
		if (write_all(fd, chunk, n) < 0)
			return -1;
	}
	return fsync(fd);
}

/* The new file is there under its own name, with the rights of the old one. */
static int write_beside(const struct chip *chip, char *beside, const char *path)
{
	AUTO(auto_close) int fd = mkostemp(beside, O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -1;
	if (stat(path, &st) == 0 && fchmod(fd, st.st_mode & 07777) < 0)
		return -1;
	return write_content(chip, fd);
}

/* A rename is on the disk when its folder is. */
static int sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];

	snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1,
		 slash ? path : ".");
	AUTO(auto_close) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -1 : fsync(fd);
}

int sim_image_save(const struct chip *chip, const char *path, struct err *e)
{
	char beside[PATH_MAX];

	if (snprintf(beside, sizeof beside, "%s.XXXXXX", path) >= (int)sizeof beside)
		return err_set(e, ERR_IO, "image %s: the name is too long", path);
	if (write_beside(chip, beside, path) < 0 || rename(beside, path) < 0) {
		io_error(e, path);
		unlink(beside);
		return -1;
	}
	return sync_folder(path) < 0 ? io_error(e, path) : 0;
}
