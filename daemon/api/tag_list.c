#include "tag_list.h"

#include <stdio.h>
#include <string.h>

static int read_tag(const cJSON *value, const struct field *field, char (*tag)[DUMP_TAG], size_t *n,
		    struct err *e)
{
	const char *text = cJSON_IsString(value) ? value->valuestring : "";

	if (!*text || strlen(text) >= DUMP_TAG)
		return err_set(e, ERR_BAD_INPUT, "%s: each is a string of 1 to %d bytes",
			       field->name, DUMP_TAG - 1);
	for (size_t i = 0; i < *n; i++)
		if (!strcmp(tag[i], text))
			return err_set(e, ERR_BAD_INPUT, "%s: \"%s\" is given twice", field->name,
				       text);
	if (*n == DUMP_TAGS)
		return err_set(e, ERR_BAD_INPUT, "%s: at most %d are kept", field->name, DUMP_TAGS);
	snprintf(tag[(*n)++], DUMP_TAG, "%s", text);
	return 0;
}

int read_tag_list(const cJSON *value, const struct field *field, char (*tag)[DUMP_TAG], size_t *n,
		  struct err *e)
{
	const cJSON *one;

	if (!cJSON_IsArray(value))
		return err_set(e, ERR_BAD_INPUT, "%s: an array of strings is wanted", field->name);
	*n = 0;
	cJSON_ArrayForEach(one, value) if (read_tag(one, field, tag, n, e) < 0) return -1;
	return 0;
}
