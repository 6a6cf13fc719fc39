/* Logging in and out, with the page. */
#include <stddef.h>

#include "api_impl.h"
#include "auto.h"
#include "handlers.h"
#include "json.h"
#include "read.h"

struct login {
	char token[128];
};

static int read_login(const struct request *req, struct login *login, struct err *e)
{
	static const struct field fields[] = {
		{ "token", read_text, offsetof(struct login, token), sizeof login->token },
	};
	AUTO(auto_json) cJSON *json = NULL;

	if (read_json(req->body, req->body_len, api_of(req)->info.json_depth, &json, e) < 0 ||
	    read_fields(json, fields, ARRAY_LEN(fields), login, e) < 0)
		return -1;
	return login->token[0] ? 0 : err_set(e, ERR_BAD_INPUT, "token: missing");
}

int session_post(struct request *req, struct reply *reply, struct err *e)
{
	struct login login = { .token = "" };

	if (read_login(req, &login, e) < 0 ||
	    door_log_in(&api_of(req)->door, req, login.token, reply, e) < 0)
		return -1;
	request_note(req, "login");
	reply_empty(reply, HTTP_NO_CONTENT);
	return 0;
}

int session_delete(struct request *req, struct reply *reply, struct err *e)
{
	if (door_look(&api_of(req)->door, req, &req->grant, e) < 0)
		return -1;
	if (req->grant.token)
		request_note(req, "logout");
	door_log_out(&api_of(req)->door, req, reply);
	reply_empty(reply, HTTP_NO_CONTENT);
	return 0;
}
