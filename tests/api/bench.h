/*
 * An archive of its own, a rig whose one slot ("left") is offline, and the API over both; and a way
 * to ask it without a server.
 */
#pragma once

#include <stdint.h>

#include "api.h"

#define CONTENT 20000u /* bytes of a dump: several blocks, and not a multiple of one */

struct bench {
	char dir[32], path[64];
	struct db db;
	struct rig *rig;
	struct hub *hub;
	struct api *api;
};

int bench_open(struct bench *b, struct err *e) MUST_CHECK;
void bench_close(struct bench *b);

/* Stores a dump made in slot "left"; its content is what byte_at() says. */
int add_dump(struct bench *b, const char *label, struct err *e) MUST_CHECK;
uint8_t byte_at(size_t i);

struct header {
	const char *name, *value;
};

/* A request and what came of it. */
struct talk {
	struct request req; /* first */
	struct header header[3];
	size_t upload; /* bytes of the body, when it is no text */
	char uri[256];
	struct reply reply;
	struct err err; /* why it failed */
	char *body;     /* text, or what the source gave */
	size_t len;
};

#define TALK AUTO(talk_done) struct talk
void talk_done(struct talk *t);

/* Finds the route and calls its handler. The status of the answer; t->err says why it is an error. */
unsigned ask(struct bench *b, struct talk *t, enum http_method method, const char *uri,
	     const char *body);
unsigned get(struct bench *b, struct talk *t, const char *uri);
