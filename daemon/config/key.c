#include "key.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "config.h"

static_assert(KEY_LINUX == 1u << CONFIG_LINUX && KEY_SIM == 1u << CONFIG_SIM, "bits are boards");

#define RIG(member)  .section = KEY_RIG, .offset = offsetof(struct config, member)
#define HTTP(member) .section = KEY_HTTP, .offset = offsetof(struct config, http.member)
#define ARCH(member) .section = KEY_ARCHIVE, .offset = offsetof(struct config, member)
#define SLOT(member) .section = KEY_SLOT, .offset = offsetof(struct config_slot, member)
#define RANGE(a, b)  .min = (a), .max = (b)

#define K      (1ull << 10)
#define M      (1ull << 20)
#define G      (1ull << 30)
#define SECOND 1000ull
#define HOUR   (3600 * SECOND)

static const struct key table[] = {
	{ "name", value_text, RIG(name), .max = CONFIG_NAME },
	{ "max_queued", value_count, RIG(max_queued), RANGE(1, 10000) },
	{ "job_log", value_size, RIG(job_log), RANGE(4 * K, G) },

	{ "listen", value_listen, HTTP(listen) },
	{ "tls_cert", value_path, HTTP(tls_cert) },
	{ "tls_key", value_path, HTTP(tls_key) },
	{ "names", value_hosts, HTTP(names) },
	{ "proxy", value_addresses, HTTP(proxy) },
	{ "require_token", value_bool, HTTP(require_token) },
	{ "max_upload", value_size, HTTP(max_upload), RANGE(4 * K, 4 * G) },
	{ "max_json_body", value_size, HTTP(max_json_body), RANGE(K, 16 * M) },
	{ "json_depth", value_count, HTTP(json_depth), RANGE(2, 1000) },
	{ "max_headers", value_size, HTTP(max_headers), RANGE(K, M) },
	{ "max_connections", value_count, HTTP(max_connections), RANGE(1, 65535) },
	{ "max_connections_per_address", value_count, HTTP(max_per_address), RANGE(1, 65535) },
	{ "max_streams", value_count, HTTP(max_streams), RANGE(1, 65535) },
	{ "head_timeout", value_duration, HTTP(head_timeout_ms), RANGE(SECOND, HOUR) },
	{ "min_body_rate", value_size, HTTP(min_body_rate), RANGE(0, G) },

	{ "path", value_path, ARCH(archive) },
	{ "check_every", value_duration, ARCH(check_every_ms), RANGE(0, 8760 * HOUR) },

	{ "board", value_board, SLOT(board), .boards = KEY_BOTH, .required = KEY_BOTH },
	{ "target", value_target, SLOT(target), .boards = KEY_BOTH, .required = KEY_BOTH },
	{ "spi_hz", value_count, SLOT(spi_hz), RANGE(1000, 100000000), .boards = KEY_BOTH },
	{ "entry_timeout", value_duration, SLOT(entry_timeout_ms), RANGE(0, 24 * HOUR),
	  .boards = KEY_BOTH },
	{ "cen", value_line, SLOT(cen), .boards = KEY_BOTH },
	{ "power", value_line, SLOT(power), .boards = KEY_BOTH },
	{ "cs", value_line, SLOT(cs), .boards = KEY_BOTH },
	{ "uart", value_path, SLOT(uart), .boards = KEY_BOTH },
	{ "uart_baud", value_count, SLOT(uart_baud), RANGE(0, 3000000), .boards = KEY_BOTH },
	{ "uart_timeout", value_duration, SLOT(uart_timeout_ms), RANGE(0, HOUR),
	  .boards = KEY_BOTH },
	{ "spi", value_path, SLOT(spi), .boards = KEY_BOTH },
	{ "log", value_path, SLOT(log), .boards = KEY_LINUX },
	{ "chip", value_chip, SLOT(chip), .boards = KEY_SIM, .required = KEY_SIM },
	{ "image", value_path, SLOT(image), .boards = KEY_SIM },
	{ "image_save", value_save, SLOT(image_save), .boards = KEY_SIM },
	{ "entry_success", value_chance, SLOT(entry_success), .boards = KEY_SIM },
	{ "speed", value_count, SLOT(speed), RANGE(0, 1), .boards = KEY_SIM },
	{ "faults", value_faults, SLOT(faults), .boards = KEY_SIM },
	{ "bus", value_name, SLOT(bus), .boards = KEY_SIM },
	{ "unique_id", value_unique_id, SLOT(unique_id), .boards = KEY_SIM },
	{ "protect", value_byte, SLOT(protect), RANGE(0, 0xff), .boards = KEY_SIM },
};

static_assert(ARRAY_LEN(table) <= KEY_MAX, "readers keep a mark for each key");

static const struct {
	const char *name;
	enum key_section section;
} sections[] = {
	{ "rig", KEY_RIG },
	{ "http", KEY_HTTP },
	{ "archive", KEY_ARCHIVE },
	{ "slot", KEY_SLOT },
};

const struct key *keys(size_t *n)
{
	*n = ARRAY_LEN(table);
	return table;
}

enum key_section key_section(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		if (!strcmp(sections[i].name, name))
			return sections[i].section;
	return KEY_NOWHERE;
}

const char *key_section_name(enum key_section section)
{
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		if (sections[i].section == section)
			return sections[i].name;
	return "";
}

const struct key *key_find(enum key_section section, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (table[i].section == section && !strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}

void key_names(enum key_section section, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(table) && used < size; i++)
		if (table[i].section == section)
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
						 table[i].name);
}
