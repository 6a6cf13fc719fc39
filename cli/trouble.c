#include "trouble.h"

#include "auto.h"
#include "client.h"
#include "plain.h"

static const char *member(const cJSON *o, const char *name)
{
	const cJSON *m = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsString(m) ? m->valuestring : "";
}

int trouble_refused(const char *root, long status, const char *text, struct err *e)
{
	AUTO(auto_cjson) cJSON *json = text ? cJSON_Parse(text) : NULL;
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(json, "error");
	const char *code = member(error, "code");

	if (!cJSON_IsObject(error)) {
		err_set(e, ERR_IO, "%s answered with status %ld, and nothing more", root, status);
		return err_hint(e, "Is that a flashrig? See --url.");
	}
	err_set(e, err_from_name(code), "%s", member(error, "message"));
	if (e->code == ERR_NONE)
		err_set(e, ERR_INTERNAL, "%s: %s", code, member(error, "message"));
	if (*member(error, "hint"))
		err_hint(e, "%s", member(error, "hint"));
	plain_clean(e->text);
	plain_clean(e->hint);
	return -1;
}

int trouble_broken(const char *root, CURLcode rc, struct err *e)
{
	err_set(e, ERR_IO, "%s: %s", root, curl_easy_strerror(rc));
	return err_hint(e,
			"The connection was cut in the middle. The daemon does that when what it "
			"sends is damaged: \"flashrig check\" finds out.");
}

static const struct {
	CURLcode rc;
	const char *hint;
} hints[] = {
	{ CURLE_PEER_FAILED_VERIFICATION,
	  "Its certificate is not trusted. --cacert FILE names one that is, such as the daemon's "
	  "tls_cert; and --url must use a name that stands in it." },
	{ CURLE_SSL_CACERT_BADFILE, "--cacert wants a PEM file with the certificates to trust." },
	{ CURLE_SSL_CONNECT_ERROR, "Does it speak plain HTTP? Then --url begins with http://" },
	{ CURLE_GOT_NOTHING, "Does it speak HTTPS? Then --url begins with https://" },
};

static const char *hint_of(CURLcode rc)
{
	for (size_t i = 0; i < ARRAY_LEN(hints); i++)
		if (hints[i].rc == rc)
			return hints[i].hint;
	return "Does flashrigd run there? --url or FLASHRIG_URL says where it is.";
}

int trouble_unreachable(const char *root, CURLcode rc, const char *said, struct err *e)
{
	if (rc == CURLE_ABORTED_BY_CALLBACK)
		return err_set(e, ERR_INTERRUPTED, "interrupted");
	err_set(e, ERR_OFFLINE, "%s cannot be reached: %s", root,
		*said ? said : curl_easy_strerror(rc));
	plain_clean(e->text);
	return err_hint(e, "%s", hint_of(rc));
}
