#include "tuya_settings.h"

#include <nettle/base64.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "flat.h"

/* "x.*": all members of x. What stands in no row is a secret. */
static const struct {
	const char *name;
	enum privacy privacy;
} classes[] = {
	{ "user_param_key.*", PRIVACY_FREE },  { "gw_di.swv", PRIVACY_FREE },
	{ "gw_di.bv", PRIVACY_FREE },          { "gw_di.pv", PRIVACY_FREE },
	{ "gw_di.lpv", PRIVACY_FREE },         { "gw_di.pk", PRIVACY_FREE },
	{ "gw_di.firmk", PRIVACY_FREE },       { "gw_di.cadv", PRIVACY_FREE },
	{ "gw_di.cdv", PRIVACY_FREE },         { "gw_di.dev_swv", PRIVACY_FREE },
	{ "gw_di.s_id", PRIVACY_FREE },        { "gw_bi.country_code", PRIVACY_FREE },
	{ "gw_bi.prod_test", PRIVACY_FREE },   { "gw_wsm.nc_tp", PRIVACY_FREE },
	{ "gw_wsm.md", PRIVACY_FREE },         { "gw_wsm.stat", PRIVACY_FREE },
	{ "gw_wsm.dns_prio", PRIVACY_FREE },   { "gw_wsm.wfb64", PRIVACY_FREE },
	{ "em_sys_env", PRIVACY_FREE },        { "wf_start_md", PRIVACY_FREE },
	{ "is_stride", PRIVACY_FREE },         { "tls_ca_cnt", PRIVACY_FREE },
	{ "mf_test_close", PRIVACY_FREE },     { "baud_cfg.*", PRIVACY_FREE },
	{ "baud_cfg", PRIVACY_FREE },          { "save_off_stat", PRIVACY_FREE },
	{ "save_off_stat.*", PRIVACY_FREE },   { "trace_time_save", PRIVACY_FREE },
	{ "moniter_time_save", PRIVACY_FREE }, { "gw_wsm.ssid", PRIVACY_NETWORK },
	{ "gw_bi.ap_ssid", PRIVACY_NETWORK },  { "gw_bi.uuid", PRIVACY_PERSONAL },
	{ "gw_bi.bt_mac", PRIVACY_PERSONAL },  { "gw_di.id", PRIVACY_PERSONAL },
	{ "gw_wsm.region", PRIVACY_PERSONAL }, { "timer_arr", PRIVACY_PERSONAL },
};

static bool matches(const char *pattern, const char *name)
{
	const size_t len = strlen(pattern);

	if (pattern[len - 1] == '*')
		return !strncmp(pattern, name, len - 1);
	return !strcmp(pattern, name);
}

/* A product's list of what it can do, under the product's own name: ten letters and digits. */
static bool is_schema(const char *name, const uint8_t *value, size_t len)
{
	return strlen(name) == 10 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789") == 10 &&
	       len > 1 && value[0] == '[' && value[1] == '{';
}

static enum privacy privacy_of(const char *name, const uint8_t *value, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (matches(classes[i].name, name))
			return classes[i].privacy;
	return is_schema(name, value, len) ? PRIVACY_FREE : PRIVACY_SECRET;
}

struct members {
	struct flat base; /* first */
	struct settings *settings;
	const struct tuya_value *value;
	bool base64; /* the network's name and password are */
};

static void add(struct settings *settings, const struct tuya_value *from, const char *name,
		const uint8_t *value, size_t len)
{
	struct setting setting = { .store = "tuya",
				   .privacy = privacy_of(name, value, len),
				   .fact = { from->right ? SURE_CHECKED : SURE_PATTERN,
					     from->at } };

	snprintf(setting.name, sizeof setting.name, "%s", name);
	settings_add(settings, &setting, value, len);
}

static size_t decode(const uint8_t *text, size_t len, uint8_t *out)
{
	struct base64_decode_ctx ctx;
	size_t done = FLAT_VALUE;

	base64_decode_init(&ctx);
	if (!base64_decode_update(&ctx, &done, out, len, (const char *)text) ||
	    !base64_decode_final(&ctx))
		return 0;
	return done;
}

static void on_member(struct flat *flat, const char *member, const uint8_t *value, size_t len)
{
	struct members *m = (struct members *)flat;
	uint8_t decoded[BASE64_DECODE_LENGTH(FLAT_VALUE) + 1];
	char name[SETTING_NAME];
	size_t n;

	snprintf(name, sizeof name, "%.31s.%.63s", m->value->name, member);
	if (m->base64 && (!strcmp(name, "gw_wsm.ssid") || !strcmp(name, "gw_wsm.passwd"))) {
		n = decode(value, len, decoded);
		if (n > 0 || len == 0) {
			add(m->settings, m->value, name, decoded, n);
			return;
		}
	}
	add(m->settings, m->value, name, value, len);
}

static bool says_base64(const struct tuya_value *value)
{
	return memmem(value->bytes, value->len, "\"wfb64\":1", 9) ||
	       memmem(value->bytes, value->len, "\"wfb64\":true", 12);
}

/* A text's NUL is no part of it. */
static size_t text_length(const struct tuya_value *value)
{
	size_t len = value->len;

	while (len > 0 && value->bytes[len - 1] == 0)
		len--;
	return len;
}

void tuya_settings_add(struct settings *settings, const struct tuya_value *value)
{
	struct members m = { .base.member = on_member,
			     .settings = settings,
			     .value = value,
			     .base64 = says_base64(value) };
	const size_t len = text_length(value);

	if (flat_walk(&m.base, value->bytes, len) == 0)
		add(settings, value, value->name, value->bytes, len);
}

struct collector {
	struct tuya_visitor base; /* first */
	struct settings *settings;
};

static void on_value(struct tuya_visitor *visitor, const struct tuya_value *value)
{
	tuya_settings_add(((struct collector *)visitor)->settings, value);
}

int tuya_settings(struct flash *flash, const struct tuya_vault *vault, struct settings *settings,
		  struct err *e)
{
	struct collector collector = { { on_value }, settings };
	bool found;

	if (tuya_vault_each(vault, &collector.base, e) < 0)
		return -1;
	if (vault->at < FLASH_SECTOR)
		return 0;
	return tuya_protected_each(flash, vault->at - FLASH_SECTOR, &found, &collector.base, e);
}
