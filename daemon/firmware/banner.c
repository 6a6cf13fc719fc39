#include "banner.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "fact.h"

const char *banner_kind_name(enum banner_kind kind)
{
	switch (kind) {
	case BANNER_UNKNOWN: return "";
	case BANNER_TUYA: return "tuya";
	case BANNER_OPENBEKEN: return "openbeken";
	case BANNER_ESPHOME: return "esphome";
	case BANNER_LIBRETINY: return "libretiny";
	}
	return "";
}

/* A piece of the room: from where to where texts may be read. */
struct span {
	const uint8_t *at, *first, *end;
};

static bool is_plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7f;
}

static uint64_t place(const struct banner *banner, const uint8_t *at)
{
	return banner->base + (uint64_t)(at - banner->room);
}

static void note(const struct banner *banner, struct banner_text *text, const uint8_t *at,
		 size_t len)
{
	if (text->text[0])
		return;
	fact_text(text->text, sizeof text->text, at, len);
	text->at = place(banner, at);
}

static void note_kind(struct banner *banner, enum banner_kind kind)
{
	if (banner->kind == BANNER_UNKNOWN)
		banner->kind = kind;
}

/* ---- texts with NULs around them */

static bool text_after(const struct span *in, const uint8_t *from, struct span *text)
{
	const uint8_t *at = from, *end;

	while (at < in->end && *at == 0)
		at++;
	for (end = at; end < in->end && is_plain(*end); end++)
		continue;
	*text = (struct span){ at, at, end };
	return end > at && end < in->end && *end == 0;
}

static bool text_before(const struct span *in, const uint8_t *from, struct span *text)
{
	const uint8_t *end = from, *at;

	while (end > in->first && end[-1] == 0)
		end--;
	for (at = end; at > in->first && is_plain(at[-1]); at--)
		continue;
	*text = (struct span){ at, at, end };
	return end > at && end < from && at > in->first && at[-1] == 0;
}

static bool is_version(const struct span *text)
{
	const size_t len = (size_t)(text->end - text->at);
	size_t dots = 0;

	if (len < 3 || len > 24 || !isdigit(text->at[0]))
		return false;
	for (size_t i = 0; i < len; i++) {
		dots += text->at[i] == '.';
		if (!isalnum(text->at[i]) && !strchr(".-_+", text->at[i]))
			return false;
	}
	return dots > 0;
}

static bool is_name(const struct span *text)
{
	const size_t len = (size_t)(text->end - text->at);

	for (size_t i = 0; i < len; i++)
		if (!isalnum(text->at[i]) && text->at[i] != '_' && text->at[i] != '-')
			return false;
	return len >= 3 && len < BANNER_TEXT;
}

static void note_firmware(struct banner *banner, const struct span *name,
			  const struct span *version)
{
	if (!is_name(name) || !is_version(version))
		return;
	note_kind(banner, BANNER_TUYA);
	note(banner, &banner->name, name->at, (size_t)(name->end - name->at));
	note(banner, &banner->version, version->at, (size_t)(version->end - version->at));
}

/* ---- rules: what stands around a text that is always the same */

/* NAME \0 VERSION \0 mf_init succ */
static void tuya_init(struct banner *banner, const struct span *in)
{
	struct span version, name;

	if (text_before(in, in->at, &version) && text_before(in, version.at, &name))
		note_firmware(banner, &name, &version);
}

/* ...compiled at %s %s \0 NAME \0 VERSION */
static void tuya_compiled(struct banner *banner, const struct span *in)
{
	const uint8_t *end = in->at;
	struct span version, name;

	while (end < in->end && is_plain(*end))
		end++;
	if (text_after(in, end, &name) && text_after(in, name.end, &version))
		note_firmware(banner, &name, &version);
}

/* NAME \0 firmName \0 VERSION \0 firmVer */
static void tuya_common(struct banner *banner, const struct span *in)
{
	struct span version, name, last;

	if (text_before(in, in->at, &name) && text_after(in, in->at + 8, &version) &&
	    text_after(in, version.end, &last) && last.end - last.at >= 7 &&
	    !memcmp(last.at, "firmVer", 7))
		note_firmware(banner, &name, &version);
}

/* The chip that a line like "< BUILD AT:... AT bk7231n >" ends with. */
static void note_platform(struct banner *banner, const uint8_t *at, const uint8_t *end)
{
	const uint8_t *last = at;

	for (const uint8_t *p = at; p + 4 <= end; p++)
		if (!memcmp(p, " AT ", 4))
			last = p + 4;
	if (last > at && end > last)
		note(banner, &banner->platform, last, strcspn((const char *)last, " >"));
}

static const uint8_t *angle(const struct span *in)
{
	const uint8_t *end = in->at;

	while (end < in->end && is_plain(*end) && *end != '>')
		end++;
	return end < in->end && *end == '>' ? end : NULL;
}

/* Without the blanks before the bracket. */
static size_t length(const uint8_t *at, const uint8_t *end)
{
	while (end > at && end[-1] == ' ')
		end--;
	return (size_t)(end - at);
}

static void tuya_sdk(struct banner *banner, const struct span *in)
{
	const uint8_t *end = angle(in);

	if (!end)
		return;
	note_kind(banner, BANNER_TUYA);
	note(banner, &banner->sdk, in->at + 2, length(in->at + 2, end));
}

static void tuya_build(struct banner *banner, const struct span *in)
{
	const uint8_t *end = angle(in);

	if (!end)
		return;
	note(banner, &banner->built, in->at + 11, length(in->at + 11, end));
	note_platform(banner, in->at, end);
}

static size_t word(const struct span *in, const char *more)
{
	size_t n = 0;

	while (in->at + n < in->end && (isalnum(in->at[n]) || strchr(more, in->at[n])) && in->at[n])
		n++;
	return n;
}

static void tuya_os(struct banner *banner, const struct span *in)
{
	const size_t n = word(in, "._-");

	if (n < 9 || !isdigit(in->at[6]))
		return;
	note_kind(banner, BANNER_TUYA);
	note(banner, &banner->sdk, in->at, n);
}

/* OpenBK7231N_1.18.300 */
static void openbeken(struct banner *banner, const struct span *in)
{
	const size_t n = word(in, "._");
	const uint8_t *line = memchr(in->at, '_', n);
	struct span version;

	if (!line)
		return;
	version = (struct span){ line + 1, line + 1, in->at + n };
	if (!is_version(&version))
		return;
	/* It may stand on another's kit, whose name is not that of the firmware. */
	if (banner->kind != BANNER_OPENBEKEN)
		banner->name.text[0] = banner->version.text[0] = banner->platform.text[0] = '\0';
	banner->kind = BANNER_OPENBEKEN;
	note(banner, &banner->name, in->at, (size_t)(line - in->at));
	note(banner, &banner->version, version.at, (size_t)(version.end - version.at));
	note(banner, &banner->platform, in->at + 4, (size_t)(line - in->at - 4));
}

/* Built on Aug  2 2026 19:38:07 version ... */
static void built_on(struct banner *banner, const struct span *in)
{
	size_t n = 0;

	while (in->at + n < in->end && is_plain(in->at[n]) && n < 40)
		n++;
	const uint8_t *cut = memmem(in->at, n, " version ", 9);

	if (cut)
		note(banner, &banner->built, in->at + 9, (size_t)(cut - in->at - 9));
}

static void note_versioned(struct banner *banner, const struct span *in, size_t skip,
			   enum banner_kind kind)
{
	struct span text = { in->at + skip, in->at + skip, in->at + skip };

	while (text.end < in->end && (isalnum(*text.end) || *text.end == '.' || *text.end == '-'))
		text.end++;
	if (!is_version(&text))
		return;
	note_kind(banner, kind);
	note(banner, &banner->version, text.at, (size_t)(text.end - text.at));
}

static void esphome(struct banner *banner, const struct span *in)
{
	note_versioned(banner, in, 16, BANNER_ESPHOME);
}

static void libretiny(struct banner *banner, const struct span *in)
{
	note_versioned(banner, in, 11, BANNER_LIBRETINY);
}

/* A whole text that is the name of a chip. */
static void platform(struct banner *banner, const struct span *in)
{
	const size_t n = word(in, "_");

	if (in->at > in->first && in->at[-1] == 0 && in->at + n < in->end && in->at[n] == 0 &&
	    n >= 6 && n < 16)
		note(banner, &banner->platform, in->at, n);
}

static const struct rule {
	const char *text;
	void (*look)(struct banner *banner, const struct span *in);
} rules[] = {
	{ "mf_init succ", tuya_init },
	{ "[%s] [%s] compiled at %s %s", tuya_compiled },
	{ "firmName", tuya_common },
	{ "< TUYA IOT SDK V:", tuya_sdk },
	{ "< BUILD AT:", tuya_build },
	{ "TuyaOS", tuya_os },
	{ "OpenBK", openbeken },
	{ "Built on ", built_on },
	{ "ESPHome version ", esphome },
	{ "LibreTiny v", libretiny },
	{ "bk72", platform },
	{ "BK7231S_2M", platform },
};

/* ---- the stream */

/* Finds of one rule that begin in [from, to) of the room. */
static void run(struct banner *banner, const struct rule *rule, size_t from, size_t to)
{
	const size_t len = strlen(rule->text);
	const uint8_t *room = banner->room;

	while (from < to && from + len <= banner->n) {
		const size_t limit = to - from + len - 1, rest = banner->n - from;
		const uint8_t *at =
			memmem(room + from, limit < rest ? limit : rest, rule->text, len);
		struct span in;

		if (!at)
			return;
		in = (struct span){ at, room, room + banner->n };
		if ((size_t)(at - room) > BANNER_MARGIN)
			in.first = at - BANNER_MARGIN;
		if ((size_t)(in.end - at) > BANNER_MARGIN)
			in.end = at + BANNER_MARGIN;
		rule->look(banner, &in);
		from = (size_t)(at - room) + 1;
	}
}

static void run_all(struct banner *banner, size_t from, size_t to)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		run(banner, &rules[i], from, to);
}

/* What has too little behind it yet to be looked at stays, with a margin before it. */
static void turn(struct banner *banner)
{
	const size_t first = banner->base ? BANNER_MARGIN : 0;
	const size_t last = banner->n - BANNER_MARGIN, kept = last - BANNER_MARGIN;

	run_all(banner, first, last);
	memmove(banner->room, banner->room + kept, banner->n - kept);
	banner->base += kept;
	banner->n -= kept;
}

void banner_feed(struct banner *banner, const uint8_t *bytes, size_t len)
{
	for (size_t n; len > 0; bytes += n, len -= n) {
		n = sizeof banner->room - banner->n;
		n = n < len ? n : len;
		memcpy(banner->room + banner->n, bytes, n);
		banner->n += n;
		if (banner->n == sizeof banner->room)
			turn(banner);
	}
}

void banner_end(struct banner *banner)
{
	run_all(banner, banner->base ? BANNER_MARGIN : 0, banner->n);
	banner->n = 0;
}
