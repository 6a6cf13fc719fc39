#include "sessions.h"

#include <string.h>
#include <sys/random.h>

#include "auto.h"
#include "clock.h"

#define LIFE_NS ((uint64_t)SESSION_DAYS * 24 * 3600 * CLOCK_S)

void sessions_init(struct sessions *sessions)
{
	memset(sessions->all, 0, sizeof sessions->all);
	pthread_mutex_init(&sessions->lock, NULL);
}

void sessions_done(struct sessions *sessions)
{
	pthread_mutex_destroy(&sessions->lock);
}

/* Hashes are compared, not secrets: how long that takes tells nothing about a secret. */
static struct session *find(struct sessions *sessions, const char *text)
{
	uint8_t sha256[HASH_SHA256_LEN];

	hash_sha256_of(text, strlen(text), sha256);
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *s = &sessions->all[i];

		if (s->token != SESSION_NOBODY && !memcmp(s->sha256, sha256, sizeof sha256))
			return s;
	}
	return NULL;
}

static struct session *make_room(struct sessions *sessions)
{
	struct session *oldest = &sessions->all[0];

	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		if (sessions->all[i].token == SESSION_NOBODY)
			return &sessions->all[i];
		if (sessions->all[i].since_ns < oldest->since_ns)
			oldest = &sessions->all[i];
	}
	return oldest;
}

int sessions_add(struct sessions *sessions, int64_t token, uint64_t now_ns, char text[SESSION_TEXT],
		 struct err *e)
{
	LOCK(&sessions->lock);
	uint8_t secret[(SESSION_TEXT - 1) / 2];
	struct session *s;

	if (getrandom(secret, sizeof secret, 0) != (ssize_t)sizeof secret)
		return err_set(e, ERR_IO, "no random numbers for a session");
	hash_hex(secret, sizeof secret, text);
	s = make_room(sessions);
	s->token = token;
	s->since_ns = now_ns;
	hash_sha256_of(text, strlen(text), s->sha256);
	return 0;
}

int64_t sessions_find(struct sessions *sessions, const char *text, uint64_t now_ns)
{
	LOCK(&sessions->lock);
	const struct session *s = find(sessions, text);

	return s && now_ns - s->since_ns < LIFE_NS ? s->token : SESSION_NOBODY;
}

void sessions_remove(struct sessions *sessions, const char *text)
{
	LOCK(&sessions->lock);
	struct session *s = find(sessions, text);

	if (s)
		s->token = SESSION_NOBODY;
}
