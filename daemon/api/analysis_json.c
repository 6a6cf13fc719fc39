#include "analysis_json.h"

#include <inttypes.h>
#include <stdio.h>

#include "archive.h"
#include "auto.h"
#include "json.h"

/* ---- pieces */

static bool json_fact(cJSON *o, const struct fact *fact)
{
	return json_int(o, "offset", fact->offset) && json_text(o, "sure", sure_name(fact->sure));
}

static bool json_proof(cJSON *o, const char *name, enum proof proof)
{
	return proof == PROOF_NONE ? cJSON_AddNullToObject(o, name) != NULL
				   : json_bool(o, name, proof == PROOF_GOOD);
}

static bool json_rbl_proof(cJSON *o, const char *name, enum rbl_proof proof)
{
	return json_proof(o, name,
			  proof == RBL_UNTRIED ? PROOF_NONE
			  : proof == RBL_RIGHT ? PROOF_GOOD
					       : PROOF_BAD);
}

static cJSON *wire_each(const struct analysis *a, size_t n,
			cJSON *(*wire)(const struct analysis *a, size_t i))
{
	AUTO(auto_json) cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < n; i++)
		if (!array || !json_push(array, wire(a, i)))
			return NULL;
	return TAKE(array);
}

static cJSON *wire_socs(uint32_t socs)
{
	AUTO(auto_json) cJSON *array = cJSON_CreateArray();

	for (uint32_t soc = 1; soc <= SOC_ALL; soc <<= 1) {
		char text[SOC_TEXT];

		if (!(socs & soc))
			continue;
		soc_text(soc, text);
		if (!array || !json_push(array, cJSON_CreateString(text)))
			return NULL;
	}
	return TAKE(array);
}

/* ---- the chip */

static cJSON *wire_clue(const struct analysis *a, size_t i)
{
	const struct clue *clue = &a->clue[i];
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_text(o, "what", clue->what) && json_text(o, "says", clue->says) &&
	    json_child(o, "chips", wire_socs(clue->socs)) && json_fact(o, &clue->fact))
		return TAKE(o);
	return NULL;
}

static cJSON *wire_chip_of(const struct analysis *a)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();
	char family[SOC_TEXT];

	soc_text(a->socs, family);
	if (!a->socs)
		return cJSON_CreateNull();
	if (o && json_text(o, "family", family) &&
	    json_text_or_null(o, "target", soc_target(a->socs)) &&
	    json_child(o, "chips", wire_socs(a->socs)) &&
	    json_text(o, "sure", sure_name(a->socs_sure)) &&
	    json_child(o, "clues", wire_each(a, a->clues, wire_clue)))
		return TAKE(o);
	return NULL;
}

static cJSON *wire_scrambling(const struct analysis *a)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();
	const char *name = scramble_name(&a->key);
	const uint32_t *k = a->key.k;
	char words[40];

	snprintf(words, sizeof words, "%08X %08X %08X %08X", k[0], k[1], k[2], k[3]);
	if (a->key_fact.sure == SURE_NOT)
		return cJSON_CreateNull();
	if (o && json_bool(o, "scrambled", !scramble_is_clear(&a->key)) &&
	    json_text_or_null(o, "key", name ? name : "") && json_text(o, "coefficients", words) &&
	    json_fact(o, &a->key_fact))
		return TAKE(o);
	return NULL;
}

static cJSON *wire_loader(const struct bootloader *loader)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (loader->fact.sure == SURE_NOT)
		return cJSON_CreateNull();
	if (o && json_text_or_null(o, "text", loader->text) &&
	    json_text_or_null(o, "version", loader->version) &&
	    json_text_or_null(o, "vendor", loader->vendor ? loader->vendor : "") &&
	    json_crc32(o, "crc32", loader->id) && json_bool(o, "known", loader->has_id) &&
	    json_fact(o, &loader->fact))
		return TAKE(o);
	return NULL;
}

/* ---- places */

static cJSON *wire_layout(const struct analysis *a)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (a->partitions == 0)
		return cJSON_CreateNull();
	if (o && json_text_or_null(o, "name", a->layout ? a->layout->name : "") &&
	    json_text_or_null(o, "title", a->layout ? a->layout->title : "") &&
	    json_bool(o, "table", a->loader.fal.n > 0))
		return TAKE(o);
	return NULL;
}

static cJSON *wire_grid(const struct partition *p)
{
	const struct crc_grid_count *grid = &p->grid;
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (p->kind != PARTITION_CODE)
		return cJSON_CreateNull();
	if (o && json_int(o, "valid", grid->valid) && json_int(o, "erased", grid->erased) &&
	    json_int(o, "bad", grid->bad) &&
	    json_int_or_null(o, "first_bad", grid->bad ? (int64_t)grid->first_bad : -1))
		return TAKE(o);
	return NULL;
}

static cJSON *wire_place(const struct partition *p)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_text(o, "name", p->name) && json_int(o, "offset", p->offset) &&
	    json_int(o, "length", p->length))
		return TAKE(o);
	return NULL;
}

static cJSON *wire_partition(const struct analysis *a, size_t i)
{
	const struct partition *p = &a->partition[i];
	AUTO(auto_json) cJSON *o = wire_place(p);

	if (o && json_text(o, "kind", partition_kind_name(p->kind)) &&
	    json_text(o, "from", place_name(p->place)) &&
	    json_text_or_null(o, "sure", sure_name(p->fact.sure)) &&
	    json_int(o, "present", p->present) && json_int(o, "used_sectors", p->used) &&
	    json_proof(o, "ok", p->ok) && json_child(o, "crc_blocks", wire_grid(p)))
		return TAKE(o);
	return NULL;
}

static cJSON *wire_container(const struct analysis *a, size_t i)
{
	const struct rbl *rbl = &a->container[i];
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_int(o, "offset", rbl->at) &&
	    json_text(o, "form", rbl->installed ? "trailer" : "file") &&
	    json_text(o, "name", rbl->name) && json_text(o, "version", rbl->version) &&
	    json_time(o, "packed_at", (int64_t)rbl->time * 1000) &&
	    json_text(o, "encryption", rbl_cipher_name(rbl->cipher)) &&
	    json_text(o, "compression", rbl_packing_name(rbl->packing)) &&
	    json_int(o, "size", rbl->plain_size) && json_int(o, "packed_size", rbl->body_size) &&
	    json_crc32(o, "body_crc32", rbl->body_crc32) &&
	    json_crc32(o, "fnv1a", rbl->plain_hash) && json_bool(o, "header_ok", true) &&
	    json_rbl_proof(o, "body_ok", rbl->body) && json_rbl_proof(o, "hash_ok", rbl->plain) &&
	    json_text_or_null(o, "note", rbl->why ? rbl->why : ""))
		return TAKE(o);
	return NULL;
}

/* ---- firmware */

static cJSON *wire_firmware(const struct analysis *a)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();
	const struct fact fact = { a->firmware_sure,
				   (uint32_t)(a->name.text[0] ? a->name.at : a->version.at) };

	if (a->firmware == BANNER_UNKNOWN)
		return cJSON_CreateNull();
	if (o && json_text(o, "kind", banner_kind_name(a->firmware)) &&
	    json_text_or_null(o, "name", a->name.text) &&
	    json_text_or_null(o, "version", a->version.text) &&
	    json_text_or_null(o, "sdk", a->sdk.text) &&
	    json_text_or_null(o, "built", a->built.text) &&
	    json_text_or_null(o, "platform", a->platform.text) && json_fact(o, &fact))
		return TAKE(o);
	return NULL;
}

static cJSON *wire_versions(const struct analysis *a)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_text_or_null(o, "firmware", a->version.text) &&
	    json_text_or_null(o, "bootloader", a->loader.version) &&
	    json_text_or_null(o, "sdk", a->sdk.text))
		return TAKE(o);
	return NULL;
}

/* ---- configuration */

static cJSON *wire_setting(const struct analysis *a, const struct setting *s,
			   enum analysis_secrets secrets)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();
	const bool masked = secrets == SECRETS_MASKED && !privacy_is_open(s->privacy) && s->length;
	cJSON *value =
		masked ? cJSON_CreateNull() : cJSON_CreateString(settings_value(&a->settings, s));

	if (o && json_text(o, "store", s->store) && json_text(o, "name", s->name) &&
	    json_child(o, "value", TAKE(value)) && json_bool(o, "masked", masked) &&
	    json_int(o, "length", s->length) && json_text(o, "class", privacy_name(s->privacy)) &&
	    json_fact(o, &s->fact))
		return TAKE(o);
	cJSON_Delete(value);
	return NULL;
}

static cJSON *wire_settings(const struct analysis *a, enum analysis_secrets secrets)
{
	AUTO(auto_json) cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < a->settings.n; i++)
		if (!array || !json_push(array, wire_setting(a, &a->settings.setting[i], secrets)))
			return NULL;
	return TAKE(array);
}

/* The network that it joins, by the store that its firmware uses first. */
static const char *ssid_of(const struct analysis *a)
{
	static const char *const places[][2] = { { "tuya", "gw_wsm.ssid" },
						 { "openbeken", "ssid" },
						 { "openbeken", "ssid2" },
						 { "fast-connect", "ssid" } };

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const struct setting *s = settings_find(&a->settings, places[i][0], places[i][1]);

		if (s && s->length)
			return settings_value(&a->settings, s);
	}
	return "";
}

static cJSON *wire_configuration(const struct analysis *a, enum analysis_secrets secrets)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_text_or_null(o, "ssid", ssid_of(a)) &&
	    json_bool(o, "secrets_shown", secrets == SECRETS_SHOWN) &&
	    json_child(o, "settings", wire_settings(a, secrets)) &&
	    json_bool(o, "truncated", a->settings.cut))
		return TAKE(o);
	return NULL;
}

/* ---- all of it */

static cJSON *wire_warning(const struct analysis *a, size_t i)
{
	return cJSON_CreateString(a->warning[i]);
}

static bool json_head(cJSON *o, const struct analysis *a)
{
	char summary[ANALYSIS_SUMMARY];

	analysis_summary(a, summary);
	return json_int(o, "version", ANALYSIS_VERSION) && json_text(o, "summary", summary) &&
	       json_text(o, "kind", a->kind) && json_int(o, "offset", a->first) &&
	       json_int(o, "size", a->end - a->first) && json_bool(o, "rotated", a->rotated) &&
	       json_int(o, "sectors", a->sectors) && json_int(o, "erased_sectors", a->erased);
}

static bool json_mac(cJSON *o, const struct analysis *a)
{
	char mac[RF_MAC_TEXT] = "";

	(void)analysis_mac_text(a, mac);
	return json_text_or_null(o, "mac", mac) &&
	       json_int_or_null(o, "mac_offset", a->has_mac ? (int64_t)a->mac_at : -1);
}

static cJSON *wire_verdict(const struct analysis_board *board)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (!board->target[0])
		return cJSON_CreateNull();
	if (o && json_text(o, "target", board->target) && json_int(o, "at", board->at) &&
	    json_text(o, "suits", suit_name(board->verdict.suit)) &&
	    json_text_or_null(o, "why", board->verdict.why) &&
	    json_text_or_null(o, "hint", board->verdict.hint))
		return TAKE(o);
	return NULL;
}

static bool json_place(cJSON *o, const struct analysis *a)
{
	uint32_t at = 0;
	const bool told = suit_place(a, &at);

	return json_int_or_null(o, "write_at", told ? (int64_t)at : -1);
}

cJSON *wire_analysis(const struct analysis *a, const struct analysis_view *view)
{
	AUTO(auto_json) cJSON *o = cJSON_CreateObject();

	if (o && json_int(o, view->of, view->id) && json_head(o, a) && json_place(o, a) &&
	    json_child(o, "verdict", wire_verdict(&view->board)) &&
	    json_child(o, "chip", wire_chip_of(a)) &&
	    json_child(o, "scrambling", wire_scrambling(a)) &&
	    json_child(o, "bootloader", wire_loader(&a->loader)) &&
	    json_child(o, "layout", wire_layout(a)) &&
	    json_child(o, "partitions", wire_each(a, a->partitions, wire_partition)) &&
	    json_child(o, "containers", wire_each(a, a->containers, wire_container)) &&
	    json_child(o, "firmware", wire_firmware(a)) &&
	    json_child(o, "versions", wire_versions(a)) && json_mac(o, a) &&
	    json_child(o, "configuration", wire_configuration(a, view->secrets)) &&
	    json_child(o, "warnings", wire_each(a, a->warnings, wire_warning)))
		return TAKE(o);
	return NULL;
}

/* ---- maps and comparisons */

/* How many differing sectors of the content begin in a partition. */
static int64_t differing(const struct analysis *a, const struct partition *p,
			 const struct diff *diff)
{
	const struct flash place = { .start = a->start,
				     .size = a->end - a->first,
				     .rotated = a->rotated };
	int64_t n = 0;

	for (size_t i = 0; i < diff->n; i++) {
		const struct diff_range *range = &diff->range[i];

		for (uint64_t at = range->offset; at < range->offset + range->length;
		     at += ARCHIVE_BLOCK)
			n += flash_address(&place, at) >= p->offset &&
			     flash_address(&place, at) - p->offset < p->length;
	}
	return n;
}

/* Without a diff: whether it is sound. */
static cJSON *wire_present(const struct analysis *a, const struct partition *p,
			   const struct diff *diff)
{
	AUTO(auto_json) cJSON *o = wire_place(p);

	if (o && (diff ? json_int(o, "differing_sectors", differing(a, p, diff))
		       : json_proof(o, "ok", p->ok)))
		return TAKE(o);
	return NULL;
}

cJSON *wire_map_partitions(const struct analysis *a)
{
	return wire_diff_partitions(a, NULL);
}

cJSON *wire_diff_partitions(const struct analysis *a, const struct diff *diff)
{
	AUTO(auto_json) cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < a->partitions; i++) {
		const struct partition *p = &a->partition[i];

		if (p->present && (!array || !json_push(array, wire_present(a, p, diff))))
			return NULL;
	}
	return TAKE(array);
}
