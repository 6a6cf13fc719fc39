#include "limits.h"

struct http_limits http_limits_default(void)
{
	return (struct http_limits){
		.json_body = 64u << 10,
		.upload = 64u << 20,
		.uploads = 4,
		.headers = 32u << 10,
		.connections = 512,
		.per_address = 128,
		.streams = 256,
		.errands = 64,
		.head_ms = 30000,
		.idle_s = 30,
		.body_rate = 1024,
		.body_grace_ms = 5000,
		.heartbeat_ms = 15000,
	};
}
