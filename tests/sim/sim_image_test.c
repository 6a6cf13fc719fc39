#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auto.h"
#include "check.h"
#include "sim_board.h"
#include "sim_rig.h"

/* ---- images */

struct folder {
	char path[64], image[96];
};

static void folder_remove(struct folder *f)
{
	unlink(f->image);
	rmdir(f->path);
}

static struct folder folder_new(size_t size, uint8_t value)
{
	struct folder f = { .path = "/tmp/sim_board_test.XXXXXX" };
	FILE *file;

	if (!mkdtemp(f.path))
		abort();
	snprintf(f.image, sizeof f.image, "%s/image.bin", f.path);
	file = fopen(f.image, "wb");
	if (!file)
		abort();
	for (size_t i = 0; i < size; i++)
		putc(value, file);
	fclose(file);
	return f;
}

static int file_byte(const char *path, long at)
{
	AUTO(auto_fclose) FILE *file = fopen(path, "rb");

	return file && fseek(file, at, SEEK_SET) == 0 ? getc(file) : -2;
}

static long file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (long)st.st_size : -1;
}

static void image_is_the_content_and_the_rest_is_ff(void)
{
	AUTO(folder_remove) struct folder f = folder_new(5000, 0xa5);
	struct sim_board_config config = bare;

	config.image = f.image;
	BOARD(config);
	CHECK(byte_at(b, 0) == 0xa5 && byte_at(b, 4999) == 0xa5 && byte_at(b, 5000) == 0xff);
	CHECK(byte_at(b, SIZE - 1) == 0xff);
}

static void image_larger_than_the_chip_names_both_sizes(void)
{
	AUTO(folder_remove) struct folder f = folder_new(SIZE + 1, 0);
	struct sim_board_config config = bare;
	struct err e;

	config.image = f.image;
	AUTO(auto_board_close) struct board *b = sim_board_open(&config, &e);
	CHECK(!b && e.code == ERR_BAD_INPUT);
	CHECK(strstr(e.text, "1048577") && strstr(e.text, "1048576"));
}

static void missing_image_is_named(void)
{
	struct sim_board_config config = bare;
	struct err e;

	config.image = "/nowhere/image.bin";
	AUTO(auto_board_close) struct board *b = sim_board_open(&config, &e);
	CHECK(!b && e.code == ERR_IO);
	CHECK(strstr(e.text, "/nowhere/image.bin"));
}

static void folder_is_no_image(void)
{
	struct sim_board_config config = bare;
	struct err e;

	config.image = "/tmp";
	AUTO(auto_board_close) struct board *b = sim_board_open(&config, &e);
	CHECK(!b && e.code == ERR_BAD_INPUT);
}

static void settle_saves_what_changed(void)
{
	AUTO(folder_remove) struct folder f = folder_new(1, 0xff);
	struct sim_board_config config = bare;
	struct err e;

	config.image = f.image;
	config.image_save = true;
	BOARD(config);
	CHECK_OK(board_settle(b, &e), e);
	CHECK(file_size(f.image) == 1);
	program(b, 0x42);
	CHECK_OK(board_settle(b, &e), e);
	CHECK(file_size(f.image) == (long)SIZE && file_byte(f.image, 0) == 0x42);
}

static void nothing_is_saved_unless_asked(void)
{
	AUTO(folder_remove) struct folder f = folder_new(1, 0xff);
	struct sim_board_config config = bare;
	struct err e;

	config.image = f.image;
	BOARD(config);
	program(b, 0x42);
	CHECK_OK(board_settle(b, &e), e);
	CHECK(file_size(f.image) == 1);
}

static void close_saves_too(void)
{
	AUTO(folder_remove) struct folder f = folder_new(1, 0xff);
	struct sim_board_config config = bare;

	config.image = f.image;
	config.image_save = true;
	{
		BOARD(config);
		program(b, 0x42);
	}
	CHECK(file_byte(f.image, 0) == 0x42);
}

static void failed_save_leaves_the_old_file_and_no_other(void)
{
	AUTO(folder_remove) struct folder f = folder_new(3, 0x11);
	struct sim_board_config config = bare;
	struct err e;
	char away[96];
	int failed;

	snprintf(away, sizeof away, "%s.away", f.path);
	config.image = f.image;
	config.image_save = true;
	BOARD(config);
	program(b, 0x01);
	CHECK(rename(f.path, away) == 0);
	failed = board_settle(b, &e);
	CHECK(rename(away, f.path) == 0);
	CHECK(failed == -1 && e.code == ERR_IO && strstr(e.text, f.image));
	CHECK(file_size(f.image) == 3);
	CHECK_OK(board_settle(b, &e), e);
	CHECK(file_byte(f.image, 0) == 0x01);
}

static void save_keeps_the_rights_and_the_link(void)
{
	AUTO(folder_remove) struct folder f = folder_new(1, 0xff);
	struct sim_board_config config = bare;
	char link[128];
	struct stat st;
	struct err e;

	snprintf(link, sizeof link, "%s/link", f.path);
	CHECK(symlink(f.image, link) == 0 && chmod(f.image, 0640) == 0);
	config.image = link;
	config.image_save = true;
	BOARD(config);
	program(b, 0x42);
	CHECK_OK(board_settle(b, &e), e);
	CHECK(lstat(link, &st) == 0 && S_ISLNK(st.st_mode));
	CHECK(stat(f.image, &st) == 0 && (st.st_mode & 0777) == 0640);
	CHECK(file_byte(f.image, 0) == 0x42);
	unlink(link);
}

/* A copy of the file beside the image, as a killed process leaves it: open, and nobody closes it. */
static void live_content_outlives_the_process(void)
{
	static const uint8_t wren[] = { 0x06 }, program[] = { 0x02, 0, 0x10, 0, 0x5a };
	AUTO(folder_remove) struct folder f = folder_new(5000, 0xa5);
	char live[128], copy[128], command[300];
	struct sim_board_config config = bare;
	uint8_t seen[2];

	config.image = f.image;
	config.image_save = config.image_live = true;
	snprintf(live, sizeof live, "%s.live", f.image);
	snprintf(copy, sizeof copy, "%s.copy", f.image);
	{
		BOARD(config);

		CHECK(send(b, wren, 1) == 0 && send(b, program, sizeof program) == 0);
		CHECK(file_size(live) == SIZE && file_byte(live, 0x1000) == ((0x5a & 0xa5) ^ 0xff));
		CHECK(file_byte(f.image, 0x1000) == 0xa5);
		snprintf(command, sizeof command, "cp %s %s", live, copy);
		CHECK(system(command) == 0); /* NOLINT(concurrency-mt-unsafe,cert-env33-c) */
	}
	CHECK(file_size(live) == -1);
	CHECK(rename(copy, live) == 0);
	unlink(f.image);
	CHECK(fclose(fopen(f.image, "wb")) == 0); /* whatever it says: the other is newer */
	{
		BOARD(config);

		sim_board_peek(b, 0x0fff, seen, 2);
		CHECK(seen[0] == 0xa5 && seen[1] == (0x5a & 0xa5));
	}
	CHECK(file_size(f.image) == SIZE && file_size(live) == -1);
}

static const struct check all[] = {
	{ "live content outlives the process", live_content_outlives_the_process },
	{ "image is the content and the rest is ff", image_is_the_content_and_the_rest_is_ff },
	{ "image larger than the chip names both sizes",
	  image_larger_than_the_chip_names_both_sizes },
	{ "missing image is named", missing_image_is_named },
	{ "folder is no image", folder_is_no_image },
	{ "settle saves what changed", settle_saves_what_changed },
	{ "nothing is saved unless asked", nothing_is_saved_unless_asked },
	{ "close saves too", close_saves_too },
	{ "failed save leaves the old file and no other",
	  failed_save_leaves_the_old_file_and_no_other },
	{ "save keeps the rights and the link", save_keeps_the_rights_and_the_link },
};
CHECK_MAIN(all)
