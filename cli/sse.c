#include "sse.h"

#include <stdlib.h>
#include <string.h>

/* Appends and keeps a NUL behind it. */
static int grow(char **buf, size_t *len, size_t *room, const char *bytes, size_t n, struct err *e)
{
	char *more;

	if (n > SSE_LINE - *len)
		return err_set(e, ERR_IO, "an event is larger than %u bytes", SSE_LINE);
	if (*len + n + 1 > *room) {
		more = realloc(*buf, 2 * (*len + n + 1));
		if (!more)
			return err_set(e, ERR_MEMORY, "out of memory for an event");
		*buf = more;
		*room = 2 * (*len + n + 1);
	}
	memcpy(*buf + *len, bytes, n);
	*len += n;
	(*buf)[*len] = '\0';
	return 0;
}

static int dispatch(struct sse *s, struct err *e)
{
	int result = 0;

	if (s->data_len > 0)
		result = s->event(s, s->type[0] ? s->type : "message", s->data, e);
	s->data_len = 0;
	s->type[0] = '\0';
	return result;
}

static int add_data(struct sse *s, const char *value, struct err *e)
{
	if (s->data_len > 0 && grow(&s->data, &s->data_len, &s->data_room, "\n", 1, e) < 0)
		return -1;
	return grow(&s->data, &s->data_len, &s->data_room, value, strlen(value), e);
}

/* "field: value"; a line that begins with a colon is a heartbeat. */
static int take_line(struct sse *s, char *line, struct err *e)
{
	char *value = strchr(line, ':');

	if (!*line)
		return dispatch(s, e);
	if (value) {
		*value++ = '\0';
		value += *value == ' ';
	}
	if (!strcmp(line, "data"))
		return add_data(s, value ? value : "", e);
	if (!strcmp(line, "event"))
		snprintf(s->type, sizeof s->type, "%s", value ? value : "");
	if (!strcmp(line, "id") && value && strspn(value, "0123456789") == strlen(value))
		snprintf(s->id, sizeof s->id, "%.31s", value);
	return 0;
}

static int take_bytes(struct sse *s, const char *bytes, size_t len, struct err *e)
{
	const char *end = memchr(bytes, '\n', len);
	const size_t n = end ? (size_t)(end - bytes) : len;

	if (grow(&s->line, &s->line_len, &s->line_room, bytes, n, e) < 0)
		return -1;
	if (!end)
		return 0;
	if (s->line_len > 0 && s->line[s->line_len - 1] == '\r')
		s->line[s->line_len - 1] = '\0';
	s->line_len = 0;
	return take_line(s, s->line, e);
}

static int take(struct client_sink *sink, const void *bytes, size_t len, struct err *e)
{
	struct sse *s = (struct sse *)sink;

	for (const char *at = bytes; len > 0;) {
		const char *end = memchr(at, '\n', len);
		const size_t n = end ? (size_t)(end - at) + 1 : len;

		if (take_bytes(s, at, n, e) < 0)
			return -1;
		at += n;
		len -= n;
	}
	return 0;
}

void sse_init(struct sse *sse,
	      int (*event)(struct sse *sse, const char *type, const char *data, struct err *e))
{
	*sse = (struct sse){ .sink.write = take, .event = event };
}

void sse_done(struct sse *sse)
{
	free(sse->line);
	free(sse->data);
	sse->line = sse->data = NULL;
}

void sse_restart(struct sse *sse)
{
	sse->line_len = sse->data_len = 0;
	sse->type[0] = '\0';
}
