#include "suit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"

#define APP      0x11000u
#define CODE_END 0x100000u /* below, there is code on all of them */

const char *suit_name(enum suit suit)
{
	switch (suit) {
	case SUIT_FINE: return "fine";
	case SUIT_DOUBTFUL: return "doubtful";
	case SUIT_WRONG_CHIP:
	case SUIT_WRONG: return "wrong";
	}
	return "";
}

static bool is(const struct analysis *a, const char *kind)
{
	return !strcmp(a->kind, kind);
}

bool suit_place(const struct analysis *a, uint32_t *at)
{
	static const struct {
		const char *kind;
		uint32_t at;
	} places[] = {
		{ "full-flash", 0 }, { "qio", 0 },        { "bootloader", 0 },
		{ "ua", APP },       { "headless", APP },
	};

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (is(a, places[i].kind)) {
			*at = places[i].at;
			return true;
		}
	return false;
}

/* The first thing that is wrong stands; a doubt gives way to it. */
static void say(struct suit_verdict *v, enum suit suit, const char *hint, const char *fmt, ...)
	PRINTF(4, 5);
static void say(struct suit_verdict *v, enum suit suit, const char *hint, const char *fmt, ...)
{
	va_list args;

	if (v->suit >= suit)
		return;
	v->suit = suit;
	va_start(args, fmt);
	vsnprintf(v->why, sizeof v->why, fmt, args);
	va_end(args);
	snprintf(v->hint, sizeof v->hint, "%s", hint);
}

/* ---- the place */

static void judge_packed(const struct analysis *a, uint64_t at, struct suit_verdict *v)
{
	if (at >= CODE_END)
		return;
	if (is(a, "rbl") || is(a, "ug"))
		say(v, SUIT_WRONG,
		    "Upload the QIO image of the same firmware and write it at 0, or this one to "
		    "the "
		    "download partition, for the bootloader to unpack.",
		    "it is a container for an update (%s), which no chip runs as it is", a->kind);
	if (is(a, "raw"))
		say(v, SUIT_WRONG, "Upload the QIO image of the same firmware and write it at 0.",
		    "it is a linker's output, without the CRCs that the chip checks");
	if (a->rotated)
		say(v, SUIT_WRONG,
		    "Put the last 0x11000 bytes of the file in front of the others, and upload "
		    "that.",
		    "its first 0x11000 bytes stand at its end");
}

static void judge_place(const struct analysis *a, uint64_t at, struct suit_verdict *v)
{
	uint32_t place;

	if (!suit_place(a, &place) || at == place)
		return;
	/* A second application has a place of its own, on the chips that have two. */
	if (place == APP && at > APP && at % APP == 0)
		say(v, SUIT_DOUBTFUL, "", "it is an application, which mostly belongs at 0x%x",
		    place);
	else if (place == APP)
		say(v, SUIT_WRONG, "Give \"offset\": \"0x11000\".",
		    "it is an application, which belongs at 0x%x", place);
	else
		say(v, SUIT_WRONG, "Give \"offset\": 0.",
		    "it begins with a bootloader, which belongs at 0");
}

/* ---- the chip */

/* Chips on which the same firmware may run. */
static uint32_t kin(uint32_t soc)
{
	const uint32_t pair = SOC_BK7252 | SOC_BK7252U;

	return soc & pair ? pair : soc;
}

static void judge_chip(const struct analysis *a, uint32_t soc, struct suit_verdict *v)
{
	char made_for[SOC_TEXT], here[SOC_TEXT];

	if (!a->socs || a->socs & soc)
		return;
	soc_text(a->socs, made_for);
	soc_text(soc, here);
	say(v,
	    a->socs_sure == SURE_CHECKED && !(a->socs & kin(soc)) ? SUIT_WRONG_CHIP : SUIT_DOUBTFUL,
	    "Take the image for the chip of this slot; if the slot's target is wrong, correct the "
	    "configuration.",
	    "it is for %s, and the slot has a %s", made_for, here);
}

/* What a chip's fuses nearly always say. */
static void judge_key(const struct analysis *a, uint32_t soc, struct suit_verdict *v)
{
	const uint32_t scrambling = SOC_BK7231T | SOC_BK7231N;
	const uint32_t plain = SOC_BK7231M | SOC_BK7238 | SOC_BK7252N;

	if (a->keys_differ)
		say(v, SUIT_WRONG, "Take an image whose parts belong together.",
		    "its bootloader and its application are scrambled with different keys, and do "
		    "not start together");
	if (a->key_fact.sure == SURE_NOT)
		return;
	if (scramble_is_clear(&a->key) && soc & scrambling)
		say(v, SUIT_DOUBTFUL, "",
		    "its code is in clear, and chips of this kind mostly have a key");
	if (!scramble_is_clear(&a->key) && soc & plain)
		say(v, SUIT_DOUBTFUL, "",
		    "its code is scrambled, and chips of this kind mostly have no key");
}

/* ---- what it holds */

static void judge_damage(const struct analysis *a, struct suit_verdict *v)
{
	for (size_t i = 0; i < a->partitions; i++) {
		const struct partition *p = &a->partition[i];

		if (p->kind != PARTITION_CODE || p->ok != PROOF_BAD)
			continue;
		if (p->grid.bad)
			say(v, SUIT_WRONG, "Get the image again, and compare its SHA-256.",
			    "its %s is damaged: %u CRCs are wrong, the first at 0x%x", p->name,
			    p->grid.bad, (unsigned)p->grid.first_bad);
		else
			say(v, SUIT_WRONG, "Get the image again, and compare its SHA-256.",
			    "its %s is damaged: it is not what its trailer says", p->name);
	}
}

/* What a chip was measured for when it was made belongs to it alone. */
static void judge_rf(const struct analysis *a, struct suit_verdict *v)
{
	const struct partition *rf = a->has_mac ? analysis_partition_at(a, a->mac_at) : NULL;
	char mac[RF_MAC_TEXT] = "", hint[sizeof v->hint];

	if (!rf || !analysis_mac_text(a, mac))
		return;
	snprintf(hint, sizeof hint,
		 "To keep the board's own: \"preserve\": [{\"offset\": %u, \"length\": %u}].",
		 rf->offset, rf->length);
	say(v, SUIT_DOUBTFUL, hint,
	    "it brings the MAC and the radio calibration of the board it was read from, %s", mac);
}

void suit_judge(const struct analysis *a, const char *target, uint64_t at,
		struct suit_verdict *verdict)
{
	const uint32_t soc = soc_of_target(target);

	*verdict = (struct suit_verdict){ .suit = SUIT_FINE };
	if (!soc)
		return;
	judge_packed(a, at, verdict);
	judge_place(a, at, verdict);
	judge_chip(a, soc, verdict);
	judge_damage(a, verdict);
	judge_key(a, soc, verdict);
	judge_rf(a, verdict);
}
