#include "read.h"

#include <stddef.h>
#include <stdlib.h>

#include "auto.h"
#include "check.h"
#include "dump_fields.h"
#include "job_body.h"
#include "json.h"
#include "strict.h"

static struct err e;
static struct job_request request;
static uint8_t fingerprint[HASH_SHA256_LEN];

static int job(const char *body)
{
	e = (struct err){ 0 };
	return job_body_read(body, strlen(body), STRICT_DEPTH, &request, fingerprint, &e);
}

/* True when body is refused with this code, by a text or hint that has the word in it. */
static bool job_refused(const char *body, enum err_code code, const char *word)
{
	const bool refused =
		job(body) < 0 && e.code == code && (strstr(e.text, word) || strstr(e.hint, word));

	if (!refused)
		fprintf(stderr, "%.100s: %s: %s\n", body, err_name(e.code), e.text);
	return refused;
}

static void job_with_everything_is_read(void)
{
	CHECK_OK(job("{\"type\": \"backup\", \"slot\": \"left\", \"offset\": 4096, "
		     "\"length\": \"0x11000\", \"label\": \"T\\u00fcr\", \"transport\": \"spi\"}"),
		 e);
	CHECK(request.type == JOB_BACKUP);
	CHECK(!strcmp(request.slot, "left"));
	CHECK(request.offset == 4096);
	CHECK(request.length == 0x11000);
	CHECK(!strcmp(request.label, "T\xc3\xbcr"));
}

static void job_with_little_has_the_rest_empty(void)
{
	CHECK_OK(job("{\"slot\":\"left\",\"type\":\"identify\"}"), e);
	CHECK(request.type == JOB_IDENTIFY);
	CHECK(request.offset == JOB_NONE && request.length == JOB_NONE);
	CHECK(!request.label[0]);
}

static void what_is_no_json_is_refused(void)
{
	static const char *const bad[] = {
		"",
		" ",
		"{",
		"}",
		"{\"type\":\"backup\",\"slot\":\"left\"",
		"{\"type\":\"backup\",\"slot\":\"left\"}}",
		"{\"type\":\"backup\",\"slot\":\"left\"} x",
		"{\"type\":\"backup\",\"slot\":\"left\",}",
		"{\"type\":\"backup\" \"slot\":\"left\"}",
		"{type:\"backup\",\"slot\":\"left\"}",
		"{'type':'backup','slot':'left'}",
		"{\"type\":\"backup\",\"slot\":\"left\",\"offset\":01}",
		"{\"type\":\"backup\",\"slot\":\"left\",\"offset\":1.}",
		"{\"type\":\"backup\",\"slot\":\"left\",\"offset\":.5}",
		"{\"type\":\"backup\",\"slot\":\"left\",\"offset\":+1}",
		"{\"type\":\"backup\",\"slot\":\"left\",\"offset\":-}",
		"{\"type\":\"backup\",\"slot\":\"left\",\"offset\":1e}",
		"{\"type\":\"backup\",\"slot\":\"left\",\"offset\":0x10}",
		"{\"type\":\"backup\",\"slot\":\"left\",\"offset\":NaN}",
		"{\"type\":\"backup\",\"slot\":\"left\",\"label\":\"\\u0000\"}",
		"{\"type\":\"backup\",\"slot\":\"left\\u0000\"}",
		"{\"type\":\"backup\",\"slot\":\"left\",\"label\":\"\\ud800\"}",
		"{\"type\":\"backup\",\"slot\":\"left\",\"label\":\"\\x41\"}",
		"{\"type\":\"backup\",\"slot\":\"left\",\"label\":\"a\nb\"}",
		"\x01{\"type\":\"backup\",\"slot\":\"left\"}",
		"{\"type\":\"backup\",\"slot\":\"left\",\"label\":\"\xff\"}",
		"{\"type\":\"backup\",\"slot\":\"left\",\"label\":\"\xc0\x80\"}",
		"{\"type\":\"backup\",\"slot\":\"left\",\"label\":\"\xed\xa0\x80\"}",
		"{\"type\":\"backup\",\"slot\":\"left\",\"label\":\"\xe2\x82\"}",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK(job_refused(bad[i], ERR_BAD_INPUT, ""));
}

static void nul_byte_is_refused(void)
{
	static const char body[] = "{\"type\":\"backup\",\"slot\":\"left\"}\0,";

	CHECK(job_body_read(body, sizeof body - 1, STRICT_DEPTH, &request, fingerprint, &e) < 0);
	CHECK(e.code == ERR_BAD_INPUT && strstr(e.text, "NUL at byte 31"));
}

static void body_that_is_no_object_is_refused(void)
{
	CHECK(job_refused("[]", ERR_BAD_INPUT, "an array"));
	CHECK(job_refused("null", ERR_BAD_INPUT, "null"));
	CHECK(job_refused("7", ERR_BAD_INPUT, "a number"));
	CHECK(job_refused("\"backup\"", ERR_BAD_INPUT, "a string"));
}

static void misspelt_field_is_refused_by_name(void)
{
	CHECK(job_refused("{\"type\":\"backup\",\"slot\":\"left\",\"lable\":\"x\"}", ERR_BAD_INPUT,
			  "\"lable\""));
	CHECK(job_refused("{\"type\":\"backup\",\"slot\":\"left\",\"lable\":\"x\"}", ERR_BAD_INPUT,
			  "type, slot, transport, offset, length, label"));
	CHECK(job_refused("{\"type\":\"backup\",\"slot\":\"left\",\"Label\":\"x\"}", ERR_BAD_INPUT,
			  "\"Label\""));
	CHECK(job_refused("{\"type\":\"backup\",\"slot\":\"left\",\"\":\"x\"}", ERR_BAD_INPUT,
			  "\"\""));
}

static void field_of_another_type_of_job_is_refused(void)
{
	CHECK(job_refused("{\"type\":\"identify\",\"slot\":\"left\",\"offset\":0}", ERR_BAD_INPUT,
			  "\"offset\""));
	CHECK(job_refused("{\"type\":\"identify\",\"slot\":\"left\",\"label\":\"x\"}",
			  ERR_BAD_INPUT, "\"label\""));
}

static void field_given_twice_is_refused(void)
{
	CHECK(job_refused("{\"type\":\"backup\",\"slot\":\"left\",\"slot\":\"right\"}",
			  ERR_BAD_INPUT, "slot: given twice"));
	CHECK(job_refused("{\"type\":\"backup\",\"slot\":\"left\",\"type\":\"backup\"}",
			  ERR_BAD_INPUT, "type: given twice"));
}

static void missing_field_is_named(void)
{
	CHECK(job_refused("{\"slot\":\"left\"}", ERR_BAD_INPUT, "type: missing"));
	CHECK(job_refused("{\"type\":\"backup\"}", ERR_BAD_INPUT, "slot: missing"));
	CHECK(job_refused("{\"type\":\"backup\",\"slot\":\"\"}", ERR_BAD_INPUT, "slot: missing"));
}

static void wrong_type_is_refused_by_name(void)
{
	CHECK(job_refused("{\"type\":7,\"slot\":\"left\"}", ERR_BAD_INPUT, "type:"));
	CHECK(job_refused("{\"type\":\"flash\",\"slot\":\"left\"}", ERR_BAD_INPUT, "\"flash\""));
	CHECK(job_refused("{\"type\":\"backup\",\"slot\":2}", ERR_BAD_INPUT, "slot:"));
	CHECK(job_refused("{\"type\":\"backup\",\"slot\":null}", ERR_BAD_INPUT, "slot:"));
	CHECK(job_refused("{\"type\":\"backup\",\"slot\":\"left\",\"label\":[]}", ERR_BAD_INPUT,
			  "label:"));
	CHECK(job_refused("{\"type\":\"backup\",\"slot\":\"left\",\"offset\":true}", ERR_BAD_INPUT,
			  "offset:"));
	CHECK(job_refused("{\"type\":\"backup\",\"slot\":\"left\",\"offset\":{}}", ERR_BAD_INPUT,
			  "offset:"));
}

static void number_that_is_no_size_is_refused(void)
{
	static const char *const bad[] = {
		"-1",
		"-0.5",
		"0.5",
		"4096.1",
		"9007199254740992",
		"1e400",
		"-1e400",
		"\"\"",
		"\"4096\"",
		"\"0x\"",
		"\"0xg\"",
		"\"0x 1\"",
		"\" 0x1\"",
		"\"0x1 \"",
		"\"-0x1\"",
		"\"0x20000000000000\"",
		"\"0xffffffffffffffffff\"",
	};
	char body[128];

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		snprintf(body, sizeof body, "{\"type\":\"backup\",\"slot\":\"left\",\"length\":%s}",
			 bad[i]);
		CHECK(job_refused(body, ERR_BAD_INPUT, "length:"));
	}
}

static void numbers_are_read_exactly(void)
{
	static const struct {
		const char *text;
		int64_t value;
	} cases[] = {
		{ "0", 0 },
		{ "4194304", 4194304 },
		{ "4096.0", 4096 },
		{ "1e3", 1000 },
		{ "9007199254740991", 9007199254740991 },
		{ "\"0x0\"", 0 },
		{ "\"0x11000\"", 0x11000 },
		{ "\"0xABCDEF\"", 0xabcdef },
		{ "\"0x1fffffffffffff\"", 9007199254740991 },
	};
	char body[128];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		snprintf(body, sizeof body, "{\"type\":\"backup\",\"slot\":\"left\",\"offset\":%s}",
			 cases[i].text);
		CHECK_OK(job(body), e);
		CHECK(request.offset == cases[i].value);
	}
}

static void text_that_is_too_long_is_refused(void)
{
	char body[512], label[JOB_LABEL + 1];

	memset(label, 'x', sizeof label);
	snprintf(body, sizeof body, "{\"type\":\"backup\",\"slot\":\"left\",\"label\":\"%.*s\"}",
		 JOB_LABEL - 1, label);
	CHECK_OK(job(body), e);
	CHECK(strlen(request.label) == JOB_LABEL - 1);
	snprintf(body, sizeof body, "{\"type\":\"backup\",\"slot\":\"left\",\"label\":\"%.*s\"}",
		 JOB_LABEL, label);
	CHECK(job_refused(body, ERR_BAD_INPUT, "label: at most 200 bytes"));
}

static void transport_must_be_one_that_is_there(void)
{
	CHECK_OK(job("{\"type\":\"backup\",\"slot\":\"left\",\"transport\":\"uart\"}"), e);
	CHECK(request.transport == JOB_BY_UART);
	CHECK(job_refused("{\"type\":\"backup\",\"slot\":\"left\",\"transport\":\"jtag\"}",
			  ERR_BAD_INPUT, "transport:"));
}

static void nesting_has_a_limit(void)
{
	char body[200];
	cJSON *json = NULL;

	for (int depth = 1; depth <= 60; depth++) {
		memset(body, '[', (size_t)depth);
		memset(body + depth, ']', (size_t)depth);
		body[2 * depth] = '\0';
		CHECK((read_json(body, strlen(body), STRICT_DEPTH, &json, &e) == 0) ==
		      (depth <= 32));
		if (depth <= 32)
			cJSON_Delete(json);
		else
			CHECK(strstr(e.text, "deeper than 32"));
	}
	strcpy(body, "\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"");
	CHECK_OK(read_json(body, strlen(body), STRICT_DEPTH, &json, &e), e);
	cJSON_Delete(json);
}

static void fingerprint_knows_content_not_spaces(void)
{
	uint8_t first[HASH_SHA256_LEN];

	CHECK_OK(job("{\"type\":\"backup\",\"slot\":\"left\"}"), e);
	memcpy(first, fingerprint, sizeof first);
	CHECK_OK(job(" {\n\t\"type\" : \"backup\", \"slot\":\"l\\u0065ft\"\r\n} "), e);
	CHECK(!memcmp(first, fingerprint, sizeof first));
	CHECK_OK(job("{\"type\":\"backup\",\"slot\":\"right\"}"), e);
	CHECK(memcmp(first, fingerprint, sizeof first) != 0);
}

/* ---- what of a dump can be changed */

static struct dump dump;

static int patch(const char *body)
{
	return dump_fields_read(body, strlen(body), STRICT_DEPTH, &dump, &e);
}

static void patch_changes_what_it_names(void)
{
	dump = (struct dump){ .label = "old", .notes = "kept", .tags = 1, .tag = { "a" } };
	CHECK_OK(patch("{\"label\":\"new\"}"), e);
	CHECK(!strcmp(dump.label, "new") && !strcmp(dump.notes, "kept") && dump.tags == 1);
	CHECK_OK(patch("{\"tags\":[\"x\",\"y\"],\"notes\":\"\"}"), e);
	CHECK(dump.tags == 2 && !strcmp(dump.tag[0], "x") && !strcmp(dump.tag[1], "y"));
	CHECK(!dump.notes[0]);
	CHECK_OK(patch("{\"tags\":[]}"), e);
	CHECK(dump.tags == 0);
	CHECK_OK(patch("{}"), e);
}

static void tags_that_make_no_sense_are_refused(void)
{
	static const char too_many[] =
		"{\"tags\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\","
		"\"12\",\"13\",\"14\",\"15\",\"16\",\"17\"]}";
	static const char *const bad[] = {
		too_many,
		"{\"tags\":\"x\"}",
		"{\"tags\":[7]}",
		"{\"tags\":[\"\"]}",
		"{\"tags\":[\"x\",\"x\"]}",
		"{\"tags\":[[\"x\"]]}",
		"{\"tags\":[\"12345678901234567890123456789012345678901\"]}",
		"{\"sha256\":\"x\"}",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK(patch(bad[i]) < 0 && e.code == ERR_BAD_INPUT);
}

static void request_that_needs_no_body_takes_an_empty_object(void)
{
	struct request req = { .body = "{}", .body_len = 2 };

	CHECK_OK(read_nothing(&req, &e), e);
	req.body_len = 0;
	CHECK_OK(read_nothing(&req, &e), e);
	req.body = "{\"force\":true}";
	req.body_len = strlen(req.body);
	CHECK(read_nothing(&req, &e) < 0 && strstr(e.text, "\"force\""));
}

static const struct check all[] = {
	{ "job with everything is read", job_with_everything_is_read },
	{ "job with little has the rest empty", job_with_little_has_the_rest_empty },
	{ "what is no json is refused", what_is_no_json_is_refused },
	{ "nul byte is refused", nul_byte_is_refused },
	{ "body that is no object is refused", body_that_is_no_object_is_refused },
	{ "misspelt field is refused by name", misspelt_field_is_refused_by_name },
	{ "field of another type of job is refused", field_of_another_type_of_job_is_refused },
	{ "field given twice is refused", field_given_twice_is_refused },
	{ "missing field is named", missing_field_is_named },
	{ "wrong type is refused by name", wrong_type_is_refused_by_name },
	{ "number that is no size is refused", number_that_is_no_size_is_refused },
	{ "numbers are read exactly", numbers_are_read_exactly },
	{ "text that is too long is refused", text_that_is_too_long_is_refused },
	{ "transport must be one that is there", transport_must_be_one_that_is_there },
	{ "nesting has a limit", nesting_has_a_limit },
	{ "fingerprint knows content, not spaces", fingerprint_knows_content_not_spaces },
	{ "patch changes what it names", patch_changes_what_it_names },
	{ "tags that make no sense are refused", tags_that_make_no_sense_are_refused },
	{ "request that needs no body takes an empty object",
	  request_that_needs_no_body_takes_an_empty_object },
};

CHECK_MAIN(all)
