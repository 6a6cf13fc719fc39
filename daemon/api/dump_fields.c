#include "dump_fields.h"

#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "json.h"
#include "read.h"

#define AT(member)   offsetof(struct dump, member)
#define SIZE(member) sizeof(((struct dump *)0)->member)

static int read_tag(const cJSON *value, const struct field *field, struct dump *dump, struct err *e)
{
	const char *text = cJSON_IsString(value) ? value->valuestring : "";

	if (!*text || strlen(text) >= DUMP_TAG)
		return err_set(e, ERR_BAD_INPUT, "%s: each is a string of 1 to %d bytes",
			       field->name, DUMP_TAG - 1);
	for (size_t i = 0; i < dump->tags; i++)
		if (!strcmp(dump->tag[i], text))
			return err_set(e, ERR_BAD_INPUT, "%s: \"%s\" is given twice", field->name,
				       text);
	if (dump->tags == DUMP_TAGS)
		return err_set(e, ERR_BAD_INPUT, "%s: at most %d are kept", field->name, DUMP_TAGS);
	snprintf(dump->tag[dump->tags++], DUMP_TAG, "%s", text);
	return 0;
}

static int read_tags(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	struct dump *dump = at;
	const cJSON *tag;

	if (!cJSON_IsArray(value))
		return err_set(e, ERR_BAD_INPUT, "%s: an array of strings is wanted", field->name);
	dump->tags = 0;
	cJSON_ArrayForEach(tag, value) if (read_tag(tag, field, dump, e) < 0) return -1;
	return 0;
}

static const struct field fields[] = {
	{ "label", read_text, AT(label), SIZE(label) },
	{ "notes", read_text, AT(notes), SIZE(notes) },
	{ "tags", read_tags, 0, 0 },
};

int dump_fields_read(const char *text, size_t len, unsigned depth, struct dump *dump, struct err *e)
{
	AUTO(auto_json) cJSON *json = NULL;

	if (read_json(text, len, depth, &json, e) < 0)
		return -1;
	return read_fields(json, fields, ARRAY_LEN(fields), dump, e);
}
