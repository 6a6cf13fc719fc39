/* The format of exports: what is written is read again, in whatever pieces it comes. */
#include "check.h"

#include <stdlib.h>

#include "auto.h"
#include "tar.h"

static struct err e;

struct seen {
	struct tar_reader tar; /* first */
	size_t files, others, bytes, ends;
	char name[TAR_NAME];
};

static int begin(struct tar_reader *tar, const char *name, uint64_t size, struct err *why)
{
	struct seen *s = (struct seen *)tar;

	(void)size, (void)why;
	s->files++;
	snprintf(s->name, sizeof s->name, "%s", name);
	return 0;
}

static int data(struct tar_reader *tar, const uint8_t *bytes, size_t len, struct err *why)
{
	(void)bytes, (void)why;
	((struct seen *)tar)->bytes += len;
	return 0;
}

static int end(struct tar_reader *tar, struct err *why)
{
	(void)why;
	((struct seen *)tar)->ends++;
	return 0;
}

static int other(struct tar_reader *tar, const char *name, struct err *why)
{
	(void)name, (void)why;
	((struct seen *)tar)->others++;
	return 0;
}

static const struct tar_ops ops = { begin, data, end, other };

#define SIZES 5
static const size_t sizes[SIZES] = { 0, 1, 511, 512, 1300 };

/* All of them, and the end. */
static size_t make(uint8_t *tar)
{
	size_t at = 0;

	for (size_t i = 0; i < SIZES; i++) {
		char name[16];

		snprintf(name, sizeof name, "file%zu.bin", i);
		tar_head(tar + at, name, sizes[i], 1700000000000);
		at += TAR_BLOCK;
		memset(tar + at, 'x', sizes[i]);
		at += sizes[i];
		memset(tar + at, 0, tar_padding(sizes[i]));
		at += tar_padding(sizes[i]);
	}
	memset(tar + at, 0, (size_t)2 * TAR_BLOCK);
	return at + (size_t)2 * TAR_BLOCK;
}

static void what_is_written_is_read_in_any_pieces(void)
{
	static uint8_t tar[16384];
	const size_t len = make(tar);

	for (size_t piece = 1; piece < 1100; piece += piece < 20 ? 1 : 97) {
		struct seen s = { .tar.ops = &ops };

		for (size_t at = 0; at < len; at += piece)
			CHECK_OK(
				tar_feed(&s.tar, tar + at, len - at < piece ? len - at : piece, &e),
				e);
		CHECK_OK(tar_finish(&s.tar, &e), e);
		CHECK(s.files == SIZES && s.ends == SIZES && s.bytes == 0 + 1 + 511 + 512 + 1300);
		CHECK(s.others == 0 && !strcmp(s.name, "file4.bin"));
	}
}

static void tar_that_ends_in_the_middle_is_told(void)
{
	static uint8_t tar[16384];
	const size_t len = make(tar) - (size_t)2 * TAR_BLOCK;

	for (size_t cut = 0; cut <= len; cut += 100) {
		struct seen s = { .tar.ops = &ops };

		CHECK_OK(tar_feed(&s.tar, tar, cut, &e), e);
		CHECK(tar_finish(&s.tar, &e) == -1 && e.code == ERR_BAD_INPUT);
	}
}

static void what_is_no_tar_is_refused(void)
{
	uint8_t head[TAR_BLOCK];
	struct seen s = { .tar.ops = &ops };

	memset(head, 'A', sizeof head);
	CHECK(tar_feed(&s.tar, head, sizeof head, &e) == -1 && e.code == ERR_BAD_INPUT && *e.hint);
	tar_head(head, "a.bin", 5, 0);
	head[3] ^= 1;
	s = (struct seen){ .tar.ops = &ops };
	CHECK(tar_feed(&s.tar, head, sizeof head, &e) == -1);
}

static const struct check all[] = {
	{ "what is written is read, in any pieces", what_is_written_is_read_in_any_pieces },
	{ "a tar that ends in the middle is told", tar_that_ends_in_the_middle_is_told },
	{ "what is no tar is refused", what_is_no_tar_is_refused },
};
CHECK_MAIN(all)
