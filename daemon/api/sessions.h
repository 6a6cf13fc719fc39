/*
 * Who is logged in with the page: a session is 32 random bytes in a cookie, and stands for the
 * token that was shown at the login. Kept in memory only, as a hash; a restart logs everybody out.
 */
#pragma once

#include <pthread.h>
#include <stdint.h>

#include "err.h"
#include "hash.h"

#define SESSIONS_MAX   256
#define SESSION_DAYS   30
#define SESSION_TEXT   65 /* 64 hex digits, NUL */
#define SESSION_NOBODY 0  /* no token has this id */

struct sessions {
	pthread_mutex_t lock;
	struct session {
		int64_t token; /* SESSION_NOBODY: free */
		uint64_t since_ns;
		uint8_t sha256[HASH_SHA256_LEN];
	} all[SESSIONS_MAX]; /* guarded by lock */
};

void sessions_init(struct sessions *sessions);
void sessions_done(struct sessions *sessions);

/* A new one for a token, in the place of the oldest when there are too many. ERR_IO. */
int sessions_add(struct sessions *sessions, int64_t token, uint64_t now_ns, char text[SESSION_TEXT],
		 struct err *e) MUST_CHECK;

/* The token for which a session stands; SESSION_NOBODY when it is none, or too old. now_ns is that of clock_real(). */
int64_t sessions_find(struct sessions *sessions, const char *text, uint64_t now_ns);

/* Ends it, if it is one. */
void sessions_remove(struct sessions *sessions, const char *text);
