/*
 * The lines of an INI file, one after the other, each with its number. inih takes key and value
 * apart; sections are found here, because inih cuts their names at 49 bytes and does not say in
 * which line they stand.
 */
#pragma once

#include <stddef.h>

struct reader;

/* What a file consists of; called in the order of the lines. name and value are in the reader's
 * memory until the call returns. */
struct reader_ops {
	void (*section)(struct reader *reader, const char *name);
	void (*pair)(struct reader *reader, const char *name, const char *value);
	void (*fault)(struct reader *reader, const char *what); /* this line makes no sense */
};

/* First member of its user's own struct. */
struct reader {
	const struct reader_ops *ops;
	const char *at, *end; /* what is not read yet */
	unsigned line;        /* number of the last line that was read, from 1 */
};

/* Reads all of len bytes. Not for two threads at a time: inih's options are global. */
void reader_run(struct reader *reader, const char *text, size_t len);
