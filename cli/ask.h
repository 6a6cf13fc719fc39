/* What most commands do: turn options into a request, ask, and show the answer. */
#pragma once

#include "cli.h"
#include "table.h"

/* How an option becomes a member of a request's body. */
enum ask_kind {
	ASK_TEXT,
	ASK_NUMBER,  /* decimal or 0x..., with K, M, G */
	ASK_ADDRESS, /* the same */
	ASK_FLAG,    /* true */
	ASK_RANGES,  /* "0x0+0x1000,0x5000+4K" */
	ASK_LIST     /* "a,b": a list of texts */
};
struct ask_field {
	const char *option; /* "expect-jedec-id" */
	const char *member; /* "expect_jedec_id" */
	enum ask_kind kind;
};

/* Adds the options that were given. ERR_BAD_INPUT names the option. */
int ask_fields(const struct args *args, const struct ask_field *fields, size_t n, cJSON *body,
	       struct err *e) MUST_CHECK;

/* Adds the options of "slot= state=" that were given to the path's query; - becomes _. */
void ask_query(const struct args *args, const char *names, char *path, size_t size);

/* The option's number of seconds; leaves *seconds when it was not given. ERR_BAD_INPUT. */
int ask_seconds(const struct args *args, const char *option, uint64_t *seconds, struct err *e)
	MUST_CHECK;

/* A positive whole number from a word; what says what it is of: "job". ERR_BAD_INPUT. */
int ask_id(const char *word, const char *what, long long *id, struct err *e) MUST_CHECK;

struct ask_columns {
	const struct column *column;
	size_t n;
};

/*
 * A list of the API, newest first: --limit (50), --before, --all. Prints a table, or with --json an
 * object a line.
 */
int ask_list(struct cli *cli, const char *path, const char *name, const struct ask_columns *columns,
	     struct err *e) MUST_CHECK;

/* Asks and shows one object, as lines or as JSON. method GET, POST, ... ; body is taken. */
int ask_object(struct cli *cli, const char *method, const char *path, cJSON *body,
	       const struct ask_columns *columns, struct err *e) MUST_CHECK;

/* Shows an object that is here already. */
void ask_show(const struct cli *cli, const cJSON *object, const struct ask_columns *columns);

/* Asks for what has no answer worth showing, and says done (a format with the words) unless --quiet. */
int ask_only(struct cli *cli, const char *method, const char *path, cJSON *body, const char *done,
	     struct err *e) MUST_CHECK;

/* A new object for a body; ERR_MEMORY. */
cJSON *ask_body(struct err *e);
