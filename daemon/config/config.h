/*
 * What the configuration says: an INI file becomes one struct, complete with defaults and checked.
 * All that is wrong is reported, not only the first thing, each with file, line and key.
 *
 * The comment at a member names its key, its default and its range. Durations take ms, s, min, h;
 * sizes K, M, G (powers of 1024); booleans yes and no. A comment starts with ; or # at the start
 * of a line, or with " ;" behind something.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "fault.h"
#include "nor_parts.h"
#include "sim_board.h"
#include "target.h"

#define CONFIG_FILE_MAX (1u << 20) /* bytes of a file */
#define CONFIG_LINE_MAX 4000u      /* bytes of a line, comment lines aside */
#define CONFIG_SLOTS    64u        /* slots in one file */
#define CONFIG_NAME     64         /* a name and its NUL */
#define CONFIG_TEXT     512        /* a path or a list, and its NUL */

enum config_board {
	CONFIG_BOARD_NONE, /* never in a config that was loaded */
	CONFIG_LINUX,
	CONFIG_SIM
};

/* What becomes of a simulated board's content: nothing; image_save = yes: written back after each
 * job and at exit; live: also kept over a kill. */
enum config_save { CONFIG_SAVE_NO, CONFIG_SAVE_YES, CONFIG_SAVE_LIVE };
const char *config_save_name(enum config_save save); /* "no", "yes", "live" */

/*
 * [slot NAME]. NAME: letters, digits, - _ . up to 63. Strings are "" where the key is not given.
 * The keys of a real board that are no device paths hold for a simulated one too; where it has
 * nothing to do with them (cen, power, cs name lines of this machine) they are checked, no more.
 */
struct config_slot {
	char name[CONFIG_NAME];
	enum config_board board;     /* board = linux | sim: required */
	const struct target *target; /* target: required, see drivers/target.h */
	uint32_t spi_hz;             /* spi_hz = 8000000, from 1000 to 100000000 */
	uint64_t entry_timeout_ms;   /* entry_timeout = 10min, up to 24h; 0: until cancelled */
	/* A line by name, or CHIP:OFFSET; "!" in front of it: active-low. */
	char cen[CONFIG_NAME];   /* cen: required for a real board that enters SPI mode; none: "" */
	char power[CONFIG_NAME]; /* power */
	char cs[CONFIG_NAME];    /* cs: a GPIO as chip select */

	bool no_cen, no_spi; /* said to be "none": a simulated board would have them */

	/* board = linux */
	char spi[CONFIG_TEXT];    /* spi: /dev/spidev0.0; may be none where there is a uart */
	uint32_t uart_baud;       /* uart_baud = 0, to 3000000: the fastest to try; 0: 921600 */
	uint64_t uart_timeout_ms; /* uart_timeout = 0, to 1h: for a loader to answer; 0: 10 s,
				    * or a minute where a person must reset the board */
	char uart[CONFIG_TEXT];   /* uart: /dev/ttyAMA1; of a simulated board: "sim" */
	char log[CONFIG_TEXT];    /* log: /dev/ttyAMA2; a simulated UART has a log too */

	/* board = sim */
	const struct nor_part *chip; /* chip: required, a part name or a JEDEC ID */
	char image[CONFIG_TEXT];     /* image: content at start; whether it can be read is not
				      * looked at here */
	enum config_save image_save; /* image_save = no; what is not no needs image */
	bool demo_content;           /* no key: content is to be generated (config_demo) */
	double entry_success;        /* entry_success = 1, from 0 to 1 */
	uint32_t speed;              /* speed = 0: virtual time; 1: real time */
	struct fault_plan faults;    /* faults = seed=.. flip=.. ..: those named; seed by default
				      * from the slot's name */
	char bus[CONFIG_NAME];       /* bus: shared by all slots that name it; "": its own */
	bool has_unique_id;
	uint8_t unique_id[8]; /* unique_id: 16 hex digits */
	uint8_t protect;      /* protect = 0, to 0xff: SR1 at start */
};

/* host:port to listen on. IPv6 addresses are written in brackets, and stored without. */
struct config_listen {
	char host[256];
	uint16_t port; /* 0: any free one */
};

/* [http] */
struct config_http {
	struct config_listen listen; /* listen = 127.0.0.1:8471 */
	char tls_cert[CONFIG_TEXT];  /* tls_cert, tls_key: both (HTTPS) or none */
	char tls_key[CONFIG_TEXT];
	char names[CONFIG_TEXT];  /* names: hosts it also answers to; here one space between */
	char proxy[CONFIG_TEXT];  /* proxy: addresses of reverse proxies whose X-Forwarded-For and
				   * -Proto are believed; here one space between */
	bool require_token;       /* require_token = no: on a loopback address */
	uint64_t max_upload;      /* max_upload = 64M, 4K to 4G */
	uint64_t max_json_body;   /* max_json_body = 64K, 1K to 16M */
	uint32_t json_depth;      /* json_depth = 32, 2 to 1000 */
	uint64_t max_headers;     /* max_headers = 32K, 1K to 1M */
	uint32_t max_connections; /* max_connections = 512, 1 to 65535 */
	uint32_t max_per_address; /* max_connections_per_address = 128, 1 to 65535 */
	uint32_t max_streams;     /* max_streams = 256, 1 to 65535 */
	uint64_t head_timeout_ms; /* head_timeout = 30s, 1s to 1h */
	uint64_t min_body_rate;   /* min_body_rate = 1K bytes a second, to 1G; 0: any */
};

struct config {
	/* [rig] */
	char name[CONFIG_NAME]; /* name = flashrig */
	uint32_t max_queued;    /* max_queued = 64 jobs a slot, 1 to 10000 */
	uint64_t job_log;       /* job_log = 1M, 4K to 1G: bytes a job */

	struct config_http http;

	/* [archive] */
	char archive[CONFIG_TEXT]; /* path = /var/lib/flashrig/archive.db */
	uint64_t check_every_ms;   /* check_every = 168h, 1s to 8760h; 0: never */

	struct config_slot *slots; /* owned, in the order of the file */
	size_t n_slots;
};

/* What is wrong, a line each: `FILE:LINE: [slot left] spi_hz: "8 apples" is no whole number ...`. */
#define CONFIG_PROBLEMS 200
struct config_problems {
	char *text[CONFIG_PROBLEMS]; /* owned; the first `kept` are there */
	size_t kept;
	size_t n; /* all that were found; may be more than were kept */
};

void config_problems_done(struct config_problems *problems);

/* All defaults, no slots. */
void config_default(struct config *config);

/*
 * Reads a file. problems must be initialised ({ 0 }) and gets a line for each mistake; a file that
 * cannot be read is one. On -1 *config is untouched. Call it before the first thread: it sets
 * options of the INI library, which has them as globals.
 */
int config_load(const char *path, struct config *config, struct config_problems *problems)
	MUST_CHECK;

/* The same for a file's content; file is its name for the problems. */
int config_parse(const char *file, const char *text, size_t len, struct config *config,
		 struct config_problems *problems) MUST_CHECK;

/* The rig of --demo: four simulated boards, of which one has a wiring fault. ERR_MEMORY. */
int config_demo(struct config *config, struct err *e) MUST_CHECK;

/* Accepts what config_default() made, and a second call. */
void config_done(struct config *config);

/* "HOST:PORT", "[::1]:PORT". ERR_BAD_INPUT. */
int config_listen_parse(const char *text, struct config_listen *listen, struct err *e) MUST_CHECK;

/* The simulated board of a slot with board = sim; strings are borrowed from the slot, bus is left
 * NULL: who opens the boards knows which of them share one. */
void config_sim_board(const struct config_slot *slot, struct sim_board_config *sim);
