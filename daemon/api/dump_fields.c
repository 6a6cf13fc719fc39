#include "dump_fields.h"

#include "auto.h"
#include "json.h"
#include "read.h"
#include "tag_list.h"

#define AT(member)   offsetof(struct dump, member)
#define SIZE(member) sizeof(((struct dump *)0)->member)

static int read_tags(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	struct dump *dump = at;

	return read_tag_list(value, field, dump->tag, &dump->tags, e);
}

/* null: nobody's. */
static int read_device(const cJSON *value, const struct field *field, void *at, struct err *e)
{
	if (!cJSON_IsNull(value))
		return read_size(value, field, at, e);
	*(int64_t *)at = -1;
	return 0;
}

static const struct field fields[] = {
	{ "label", read_text, AT(label), SIZE(label) },
	{ "notes", read_text, AT(notes), SIZE(notes) },
	{ "tags", read_tags, 0, 0 },
	{ "device", read_device, AT(device), 0 },
};

int dump_fields_read(const char *text, size_t len, unsigned depth, struct dump *dump, struct err *e)
{
	AUTO(auto_json) cJSON *json = NULL;

	if (read_json(text, len, depth, &json, e) < 0)
		return -1;
	return read_fields(json, fields, ARRAY_LEN(fields), dump, e);
}
