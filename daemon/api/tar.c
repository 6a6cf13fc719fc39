#include "tar.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"

/* The fields of POSIX.1-1988 ("ustar"). */
#define NAME_LEN   100
#define SIZE_AT    124
#define SIZE_LEN   12
#define MTIME_AT   136
#define SUM_AT     148
#define SUM_LEN    8
#define TYPE_AT    156
#define MAGIC_AT   257
#define PREFIX_AT  345
#define PREFIX_LEN 155

static unsigned sum_of(const uint8_t *head)
{
	unsigned sum = 0;

	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += i >= SUM_AT && i < SUM_AT + SUM_LEN ? ' ' : head[i];
	return sum;
}

/* ---- writing */

static void put(uint8_t *head, size_t at, const char *text)
{
	for (size_t i = 0; text[i]; i++)
		head[at + i] = (uint8_t)text[i];
}

static void put_octal(uint8_t *head, size_t at, int digits, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof text, "%0*llo", digits, (unsigned long long)value);
	put(head, at, text);
}

static const uint8_t magic[] = { 'u', 's', 't', 'a', 'r', '\0', '0', '0' };

void tar_head(uint8_t head[TAR_BLOCK], const char *name, uint64_t size, int64_t wall_ms)
{
	assert(strlen(name) < NAME_LEN && size >> 33 == 0);
	memset(head, 0, TAR_BLOCK);
	put(head, 0, name);
	put(head, 100, "0000644");
	put(head, 108, "0000000");
	put(head, 116, "0000000");
	put_octal(head, SIZE_AT, 11, size);
	put_octal(head, MTIME_AT, 11, wall_ms > 0 ? (uint64_t)wall_ms / 1000 & 0x1ffffffff : 0);
	head[TYPE_AT] = '0';
	memcpy(head + MAGIC_AT, magic, sizeof magic);
	put_octal(head, SUM_AT, 6, sum_of(head));
	head[SUM_AT + 7] = ' ';
}

size_t tar_padding(uint64_t size)
{
	return (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
}

/* ---- reading */

static int wrong(const char *what, struct err *e)
{
	err_set(e, ERR_BAD_INPUT, "tar: %s", what);
	return err_hint(e, "Send a tar as GET /archive/export makes it, not compressed.");
}

/* Blanks in front, octal digits, a blank or NUL, or the end of the field. */
static bool get_octal(const uint8_t *field, size_t len, uint64_t *value)
{
	size_t i = 0;
	uint64_t sum = 0;

	while (i < len && field[i] == ' ')
		i++;
	for (; i < len && field[i] >= '0' && field[i] <= '7'; i++)
		sum = sum << 3 | (uint64_t)(field[i] - '0');
	*value = sum;
	return i == len || field[i] == ' ' || field[i] == '\0';
}

static bool is_zero(const uint8_t *head)
{
	return !head[0] && !memcmp(head, head + 1, TAR_BLOCK - 1);
}

/* The name with its prefix, without anything that is no letter for a person. */
static void read_name(const uint8_t *head, char name[TAR_NAME])
{
	const bool posix = !memcmp(head + MAGIC_AT, "ustar", 6);
	const int prefix = posix ? (int)strnlen((const char *)head + PREFIX_AT, PREFIX_LEN) : 0;

	static_assert(PREFIX_LEN + 1 + NAME_LEN + 1 > TAR_NAME, "a name may be cut");
	snprintf(name, TAR_NAME, "%.*s%s%.*s", prefix, (const char *)head + PREFIX_AT,
		 prefix ? "/" : "", NAME_LEN, (const char *)head);
	for (char *c = name; *c; c++)
		if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
			*c = '?';
}

static int begin(struct tar_reader *tar, const char *name, uint64_t size, struct err *e)
{
	tar->in_file = true;
	if (tar->ops->begin(tar, name, size, e) < 0)
		return -1;
	if (size > 0)
		return 0;
	tar->in_file = false;
	return tar->ops->end(tar, e);
}

static int take_head(struct tar_reader *tar, struct err *e)
{
	char name[TAR_NAME];
	uint64_t size, sum;
	const char type = (char)tar->head[TYPE_AT];

	if (is_zero(tar->head)) {
		tar->ended = true;
		return 0;
	}
	if (!get_octal(tar->head + SUM_AT, SUM_LEN, &sum) || sum != sum_of(tar->head))
		return wrong("this is no head of an entry: its sum is not right", e);
	if (!get_octal(tar->head + SIZE_AT, SIZE_LEN, &size))
		return wrong("the size of an entry is no number, or too large", e);
	read_name(tar->head, name);
	tar->left = size;
	tar->padding = tar_padding(size);
	switch (type) {
	case '\0':
	case '0': return begin(tar, name, size, e);
	case '5':
	case 'x':
	case 'g':
	case 'L':
	case 'K': return 0;
	default: return tar->ops->other(tar, name, e);
	}
}

static size_t least(size_t a, uint64_t b)
{
	return a < b ? a : (size_t)b;
}

static int take_data(struct tar_reader *tar, const uint8_t *bytes, size_t len, struct err *e)
{
	tar->left -= len;
	if (!tar->in_file)
		return 0;
	if (tar->ops->data(tar, bytes, len, e) < 0)
		return -1;
	if (tar->left > 0)
		return 0;
	tar->in_file = false;
	return tar->ops->end(tar, e);
}

/* Takes a part of the bytes: *took of them. */
static int take(struct tar_reader *tar, const uint8_t *bytes, size_t len, size_t *took,
		struct err *e)
{
	if (tar->left > 0) {
		*took = least(len, tar->left);
		return take_data(tar, bytes, *took, e);
	}
	if (tar->padding > 0) {
		*took = least(len, tar->padding);
		tar->padding -= *took;
		return 0;
	}
	*took = least(len, sizeof tar->head - tar->have);
	memcpy(tar->head + tar->have, bytes, *took);
	tar->have += *took;
	if (tar->have < sizeof tar->head)
		return 0;
	tar->have = 0;
	return take_head(tar, e);
}

int tar_feed(struct tar_reader *tar, const uint8_t *bytes, size_t len, struct err *e)
{
	for (size_t done = 0, took; done < len && !tar->ended; done += took)
		if (take(tar, bytes + done, len - done, &took, e) < 0)
			return -1;
	return 0;
}

int tar_finish(const struct tar_reader *tar, struct err *e)
{
	return tar->ended ? 0 : wrong("it ends in the middle", e);
}
