/*
 * The whole test harness. A test is a void function in a table. CHECK() returns from the function
 * it stands in, so that AUTO() locals are cleaned up as everywhere else. Each test prints a line:
 * "ok   name", "FAIL name" or "skip name: why".
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct check {
	const char *name; /* a sentence: "lost cable names the address" */
	void (*fn)(void);
};

static bool check_failed;
static const char *check_skipped;

#define CHECK(cond) \
	do { \
		if (!(cond)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond); \
			check_failed = true; \
			return; \
		} \
	} while (0)

/* CHECK for a call that fills err: shows why it failed. */
#define CHECK_OK(call, e) \
	do { \
		if ((call) != 0) { \
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, (e).text); \
			check_failed = true; \
			return; \
		} \
	} while (0)

#define SKIP(why) \
	do { \
		check_skipped = (why); \
		return; \
	} while (0)

/* How many seeds of a campaign are tried: all by the optimised build, which is quick, some with sanitizers. */
#if defined __SANITIZE_THREAD__
#define CHECK_SEEDS(all) ((all) / 10 + 1)
#elif defined __SANITIZE_ADDRESS__
#define CHECK_SEEDS(all) ((all) / 3 + 1)
#else
#define CHECK_SEEDS(all) (all)
#endif

static inline void check_skip_is_used(void)
{
	(void)check_skipped;
}

static inline int check_all(const struct check *all, size_t n, const char *only)
{
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		if (only && !strstr(all[i].name, only))
			continue;
		check_failed = false;
		check_skipped = NULL;
		all[i].fn();
		if (check_failed)
			printf("FAIL %s\n", all[i].name);
		else if (check_skipped)
			printf("skip %s: %s\n", all[i].name, check_skipped);
		else
			printf("ok   %s\n", all[i].name);
		fflush(stdout);
		bad |= check_failed;
	}
	return bad;
}

#define CHECK_MAIN(all) \
	int main(int argc, char **argv) \
	{ \
		return check_all(all, sizeof all / sizeof *all, argc > 1 ? argv[1] : NULL); \
	}
