#include "config.h"

#include <stdlib.h>

#include "auto.h"
#include "check.h"
#include "key.h"
#include "view.h"

/* One problem's worth of text, and what came of it. */
struct parsed {
	struct config config;
	struct config_problems problems;
	int result;
};

static void parsed_done(struct parsed *parsed)
{
	if (parsed->result == 0)
		config_done(&parsed->config);
	config_problems_done(&parsed->problems);
}

static void parse_bytes(struct parsed *parsed, const char *text, size_t len)
{
	*parsed = (struct parsed){ .result = -1 };
	parsed->result = config_parse("rig.conf", text, len, &parsed->config, &parsed->problems);
}

static void parse(struct parsed *parsed, const char *text)
{
	parse_bytes(parsed, text, strlen(text));
}

/* Exactly one problem, and it starts and goes on like this. */
static bool only_problem(const struct parsed *parsed, const char *start, const char *part)
{
	const char *text = parsed->problems.n == 1 ? parsed->problems.text[0] : "";
	const bool same =
		parsed->result == -1 && !strncmp(text, start, strlen(start)) && strstr(text, part);

	for (size_t i = 0; i < parsed->problems.kept && !same; i++)
		fprintf(stderr, "problem: %s\n", parsed->problems.text[i]);
	return same;
}

static const char contract_example[] =
	"[rig]\n"
	"name = bench-1\n"
	"\n"
	"[http]\n"
	"listen = 0.0.0.0:8471\n"
	"; tls_cert, tls_key: serve HTTPS.  max_upload = 64M.\n"
	"; On a loopback address no token is needed unless require_token = yes; on any other "
	"address a token is always needed.\n"
	"\n"
	"[archive]\n"
	"path = /var/lib/flashrig/archive.db\n"
	"\n"
	"[slot left]                      ; a real board\n"
	"board  = linux\n"
	"target = bk7252                  ; bk7252 bk7231t bk7231u bk7231n bk7238 … or nor (a bare "
	"SPI NOR: no entry sequence)\n"
	"spi    = /dev/spidev0.0\n"
	"spi_hz = 8000000                 ; upper limit; the daemon may go slower by itself, never "
	"faster\n"
	"cen    = GPIO22                  ; a line by name, or gpiochip0:22\n"
	"power  = GPIO5                   ; optional; active-low as !GPIO5\n"
	"uart   = /dev/ttyAMA1            ; optional: the UART bootloader\n"
	"log    = /dev/ttyAMA2            ; optional: boot log\n"
	"entry_timeout = 10min            ; optional\n"
	"\n"
	"[slot bench]                     ; a simulated board\n"
	"board  = sim\n"
	"target = bk7252\n"
	"chip   = XT25F32B                ; a part name or a JEDEC ID; decides size and timing\n"
	"image  = /path/to/content.bin    ; initial flash content; the rest is FF\n"
	"image_save = yes                 ; write it back there after each job and at exit "
	"(default "
	"no)\n"
	"entry_success = 0.0025           ; chance that one entry attempt succeeds (1.0 = always)\n"
	"speed  = 0                       ; 0: virtual time, as fast as the machine goes; 1: real "
	"time\n"
	"faults = seed=42 flip=1e-6 short=0 drop=0 stuck=none write_lie=0 die_after=0\n"
	"bus    = a                       ; simulated slots with the same bus name share it\n"
	"unique_id = 0102030405060708     ; answered to 4Bh\n"
	"protect = 0x1c                   ; initial SR1\n"
	"uart = sim                       ; gives the board a simulated UART bootloader and boot "
	"log\n";

static void the_example_of_the_contract_is_understood(void)
{
	AUTO(parsed_done) struct parsed p;

	parse(&p, contract_example);
	CHECK(p.result == 0);
	CHECK(!strcmp(p.config.name, "bench-1"));
	CHECK(!strcmp(p.config.http.listen.host, "0.0.0.0") && p.config.http.listen.port == 8471);
	CHECK(p.config.n_slots == 2);
}

static void a_real_board_has_all_its_wires(void)
{
	AUTO(parsed_done) struct parsed p;
	const struct config_slot *slot;

	parse(&p, contract_example);
	CHECK(p.result == 0);
	slot = &p.config.slots[0];
	CHECK(!strcmp(slot->name, "left") && slot->board == CONFIG_LINUX);
	CHECK(slot->target == target_by_name("bk7252"));
	CHECK(!strcmp(slot->spi, "/dev/spidev0.0") && slot->spi_hz == 8000000);
	CHECK(!strcmp(slot->cen, "GPIO22") && !strcmp(slot->power, "GPIO5"));
	CHECK(!strcmp(slot->uart, "/dev/ttyAMA1") && !strcmp(slot->log, "/dev/ttyAMA2"));
	CHECK(slot->entry_timeout_ms == 600000);
}

static void a_simulated_board_has_all_its_keys(void)
{
	AUTO(parsed_done) struct parsed p;
	const struct config_slot *slot;

	parse(&p, contract_example);
	CHECK(p.result == 0);
	slot = &p.config.slots[1];
	CHECK(slot->board == CONFIG_SIM && slot->chip->jedec_id == 0x0b4016);
	CHECK(!strcmp(slot->image, "/path/to/content.bin") && slot->image_save);
	CHECK(slot->entry_success == 0.0025 && slot->speed == 0);
	CHECK(slot->faults.seed == 42 && slot->faults.flip == 1e-6);
	CHECK(!strcmp(slot->bus, "a") && !strcmp(slot->uart, "sim"));
	CHECK(slot->has_unique_id && !memcmp(slot->unique_id, "\1\2\3\4\5\6\7\10", 8));
	CHECK(slot->protect == 0x1c && !slot->demo_content);
}

static void a_simulated_slot_becomes_a_board_of_the_simulator(void)
{
	AUTO(parsed_done) struct parsed p;
	struct sim_board_config sim;

	parse(&p, contract_example);
	CHECK(p.result == 0);
	config_sim_board(&p.config.slots[1], &sim);
	CHECK(sim.part->jedec_id == 0x0b4016 && !sim.bare && !sim.real_time);
	CHECK(sim.image == p.config.slots[1].image && sim.image_save);
	CHECK(sim.max_hz == 8000000 && sim.entry_success == 0.0025);
	CHECK(sim.faults.seed == 42 && sim.protect == 0x1c && sim.has_unique_id);
	CHECK(!memcmp(sim.unique_id, "\1\2\3\4\5\6\7\10", 8) && !sim.bus);
}

static void an_empty_file_gives_the_defaults(void)
{
	AUTO(parsed_done) struct parsed p;
	const struct config *c = &p.config;

	parse(&p, "");
	CHECK(p.result == 0 && c->n_slots == 0);
	CHECK(!strcmp(c->http.listen.host, "127.0.0.1") && c->http.listen.port == 8471);
	CHECK(c->http.max_json_body == 65536 && c->http.json_depth == 32);
	CHECK(c->http.max_upload == 64u << 20 && c->http.max_headers == 32768);
	CHECK(c->http.max_connections == 512 && c->http.max_per_address == 128);
	CHECK(c->http.max_streams == 256 && c->http.head_timeout_ms == 30000);
	CHECK(c->http.min_body_rate == 1024 && !c->http.require_token);
	CHECK(c->max_queued == 64 && c->job_log == 1u << 20);
	CHECK(!strcmp(c->archive, "/var/lib/flashrig/archive.db"));
}

static void every_limit_can_be_set(void)
{
	AUTO(parsed_done) struct parsed p;
	const struct config *c = &p.config;

	parse(&p, "[http]\nmax_json_body = 1K\njson_depth=3\nmax_upload=4G\nmax_headers=2K\n"
		  "max_connections=4\nmax_connections_per_address=5\nmax_streams=6\n"
		  "head_timeout=2min\nmin_body_rate=0\nrequire_token=yes\n"
		  "[rig]\nmax_queued=7\njob_log=8K\n");
	CHECK(p.result == 0);
	CHECK(c->http.max_json_body == 1024 && c->http.json_depth == 3);
	CHECK(c->http.max_upload == 1ull << 32 && c->http.max_headers == 2048);
	CHECK(c->http.max_connections == 4 && c->http.max_per_address == 5);
	CHECK(c->http.max_streams == 6 && c->http.head_timeout_ms == 120000);
	CHECK(c->http.min_body_rate == 0 && c->http.require_token);
	CHECK(c->max_queued == 7 && c->job_log == 8192);
}

static void three_mistakes_give_three_lines(void)
{
	AUTO(parsed_done) struct parsed p;

	parse(&p, "[rig]\nnmae = x\n[slot left]\nboard = linux\ntarget = bk7252\n"
		  "spi = /dev/spidev0.0\ncen = GPIO22\nspi_hz = 8 apples\n[htpp]\nlisten = 5\n");
	CHECK(p.result == -1 && p.problems.n == 3);
	CHECK(!strncmp(p.problems.text[0], "rig.conf:2: [rig] nmae: unknown key", 35));
	CHECK(!strcmp(p.problems.text[1], "rig.conf:8: [slot left] spi_hz: \"8 apples\" is no "
					  "whole number from 1000 to 100000000"));
	CHECK(!strncmp(p.problems.text[2], "rig.conf:9: [htpp] is no section", 32));
}

#define SIM   "[slot s]\nboard = sim\ntarget = bk7231n\nchip = 1C7015\n"
#define LINUX "[slot s]\nboard = linux\ntarget = bk7231n\nspi = /dev/spidev0.0\ncen = GPIO22\n"

/* One mistake each: where it is said to be, and what is said of it. */
static const struct mistake {
	const char *text, *start, *part;
} mistakes[] = {
	{ "name = x\n", "rig.conf:1: ", "before the first section" },
	{ "[nowhere]\nx = 1\n", "rig.conf:1: [nowhere] ", "slot NAME" },
	{ "[rig left]\n", "rig.conf:1: [rig left] ", "no section" },
	{ "[rig\n", "rig.conf:1: ", "[name]" },
	{ "[rig] name = x\n", "rig.conf:1: ", "behind it" },
	{ "[rig]\nname\n", "rig.conf:2: ", "key = value" },
	{ "[rig]\nname =\n", "rig.conf:2: [rig] name: ", "no value" },
	{ "[rig]\nname = a\nname = b\n", "rig.conf:3: [rig] name: ", "line 2" },
	{ "[rig]\nname = a\n[http]\n[rig]\nname = b\n", "rig.conf:5: [rig] name: ", "line 2" },
	{ "[rig]\nmax_queued = 0\n", "rig.conf:2: [rig] max_queued: \"0\"", "from 1 to 10000" },
	{ "[rig]\njob_log = 1T\n", "rig.conf:2: [rig] job_log: \"1T\"", "from 4K to 1G" },
	{ "[rig]\nspi = x\n", "rig.conf:2: [rig] spi: ", "unknown key" },
	{ "[http]\nlisten = 8471\n", "rig.conf:2: [http] listen: \"8471\"", "HOST:PORT" },
	{ "[http]\nlisten = a:65536\n", "rig.conf:2: [http] listen: ", "port" },
	{ "[http]\nlisten = ::1:80\n", "rig.conf:2: [http] listen: ", "[::1]:8471" },
	{ "[http]\nlisten = [::x]:80\n", "rig.conf:2: [http] listen: ", "HOST:PORT" },
	{ "[http]\nhead_timeout = 30\n", "rig.conf:2: [http] head_timeout: \"30\"", "1s to 1h" },
	{ "[http]\nrequire_token = true\n", "rig.conf:2: [http] require_token: ", "yes nor no" },
	{ "[http]\nnames = a b/c\n", "rig.conf:2: [http] names: ", "host names" },
	{ "[http]\ntls_cert = /c\n", "rig.conf:2: [http] tls_cert: ", "without tls_key" },
	{ "[slot]\nboard = sim\ntarget = nor\nchip = 1C7015\n", "rig.conf:1: [slot] ", "name" },
	{ "[slot a/b]\nboard = sim\ntarget = nor\nchip = 1C7015\n", "rig.conf:1: [slot a/b] ",
	  "letters" },
	{ SIM SIM, "rig.conf:5: [slot s] ", "twice" },
	{ "[slot s]\nboard = simm\ntarget = nor\n",
	  "rig.conf:2: [slot s] board: ", "linux or sim" },
	{ "[slot s]\ntarget = nor\n", "rig.conf:1: [slot s] board: ", "missing" },
	{ "[slot s]\nboard = sim\nchip = 1C7015\n", "rig.conf:1: [slot s] target: ", "missing" },
	{ "[slot s]\nboard = sim\nchip = 1C7015\ntarget = esp32\n",
	  "rig.conf:4: [slot s] target: \"esp32\"", "bk7231n, bk7231m, bk7238, bk7252" },
	{ "[slot s]\nboard = sim\ntarget = nor\n", "rig.conf:1: [slot s] chip: ", "missing" },
	{ "[slot s]\nboard = sim\ntarget = nor\nchip = NE555\n",
	  "rig.conf:4: [slot s] chip: ", "NE555" },
	{ "[slot s]\nboard = linux\ntarget = nor\n", "rig.conf:1: [slot s] spi: ", "missing" },
	{ "[slot s]\nboard = linux\ntarget = bk7238\nspi = /dev/x\n",
	  "rig.conf:1: [slot s] cen: ", "bk7238" },
	{ SIM "spi = /dev/spidev0.0\n", "rig.conf:5: [slot s] spi: ", "board = sim" },
	{ SIM "spi = none\n", "rig.conf:5: [slot s] spi: ", "needs a uart" },
	{ "[slot s]\nboard = linux\ntarget = nor\nspi = none\nuart = /dev/ttyAMA1\n",
	  "rig.conf:4: [slot s] spi: ", "a chip that has one" },
	{ "[slot s]\nboard = linux\ntarget = bk7238\nuart = /dev/x\ncs = GPIO8\n",
	  "rig.conf:5: [slot s] cs: ", "there is none" },
	{ SIM "log = /dev/ttyAMA2\n", "rig.conf:5: [slot s] log: ", "board = sim" },
	{ SIM "uart = /dev/ttyAMA1\n", "rig.conf:5: [slot s] uart: ", "uart = sim" },
	{ LINUX "uart = sim\n", "rig.conf:6: [slot s] uart: ", "/dev/ttyAMA1" },
	{ LINUX "chip = 1C7015\n", "rig.conf:6: [slot s] chip: ", "board = linux" },
	{ LINUX "speed = 1\n", "rig.conf:6: [slot s] speed: ", "board = linux" },
	{ "[slot s]\nspi = /x\nboard = sim\ntarget = nor\nchip = 1C7015\n",
	  "rig.conf:2: [slot s] spi: ", "board = sim" },
	{ SIM "image_save = yes\n", "rig.conf:5: [slot s] image_save: ", "no image" },
	{ SIM "image_save = live\n", "rig.conf:5: [slot s] image_save: ", "no image" },
	{ SIM "image = /x\nimage_save = dead\n", "rig.conf:6: [slot s] image_save: ", "nor live" },
	{ SIM "spi_hz = 999\n", "rig.conf:5: [slot s] spi_hz: ", "from 1000 to 100000000" },
	{ SIM "spi_hz = 100000001\n", "rig.conf:5: [slot s] spi_hz: ", "from 1000" },
	{ SIM "entry_timeout = 25h\n", "rig.conf:5: [slot s] entry_timeout: ", "24h" },
	{ SIM "entry_success = 1.5\n", "rig.conf:5: [slot s] entry_success: ", "0 to 1" },
	{ SIM "speed = 2\n", "rig.conf:5: [slot s] speed: \"2\"", "from 0 to 1" },
	{ SIM "unique_id = 01\n", "rig.conf:5: [slot s] unique_id: ", "16 hex digits" },
	{ SIM "protect = 0x100\n", "rig.conf:5: [slot s] protect: ", "0xff" },
	{ SIM "bus = a b\n", "rig.conf:5: [slot s] bus: ", "letters" },
	{ SIM "cen = gpiochip0:x\n", "rig.conf:5: [slot s] cen: ", "gpiochip0:22" },
	{ SIM "power = !\n", "rig.conf:5: [slot s] power: ", "GPIO line" },
	{ SIM "faults = flop=1\n", "rig.conf:5: [slot s] faults: \"flop=1\"", "die_after" },
	{ SIM "faults = flip\n", "rig.conf:5: [slot s] faults: \"flip\"", "0 to 1" },
	{ SIM "faults = flip=2\n", "rig.conf:5: [slot s] faults: \"flip=2\"", "0 to 1" },
	{ SIM "faults = stuck=up\n", "rig.conf:5: [slot s] faults: \"stuck=up\"", "loop" },
	{ SIM "faults = seed=-1\n", "rig.conf:5: [slot s] faults: \"seed=-1\"", "number" },
	{ SIM "faults = uart_drop=2\n", "rig.conf:5: [slot s] faults: \"uart_drop=2\"", "0 to 1" },
	{ SIM "faults = flip=0 flip=0\n", "rig.conf:5: [slot s] faults: ", "twice" },
	{ "[rig]\nname = \xc3\x28\n", "rig.conf:2: ", "UTF-8" },
	{ "[rig]\n; \xff\n", "rig.conf:2: ", "UTF-8" },
	{ "[rig]\nname = a\x1b[31m\n", "rig.conf:2: ", "control" },
};

static void a_uart_alone_will_do_where_the_pads_are_out_of_reach(void)
{
	AUTO(parsed_done) struct parsed p;
	AUTO(parsed_done) struct parsed q;
	struct sim_board_config sim;

	parse(&p, "[slot s]\nboard = linux\ntarget = bk7231t\nuart = /dev/ttyAMA1\n");
	CHECK(p.result == 0 && !p.config.slots[0].spi[0] && !p.config.slots[0].cen[0]);
	parse(&q, SIM "uart = sim\nspi = none\ncen = none\n");
	CHECK(q.result == 0);
	config_sim_board(&q.config.slots[0], &sim);
	CHECK(sim.uart && sim.no_spi && sim.no_cen);
}

static void each_mistake_names_file_line_and_key(void)
{
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		AUTO(parsed_done) struct parsed p;

		parse(&p, mistakes[i].text);
		if (!only_problem(&p, mistakes[i].start, mistakes[i].part))
			fprintf(stderr, "in: %s\n", mistakes[i].text);
		CHECK(only_problem(&p, mistakes[i].start, mistakes[i].part));
	}
}

static void a_nul_byte_is_a_mistake_of_its_line(void)
{
	static const char text[] = "[rig]\nname = a\0b\n";
	AUTO(parsed_done) struct parsed p;

	parse_bytes(&p, text, sizeof text - 1);
	CHECK(only_problem(&p, "rig.conf:2: ", "NUL"));
}

static void the_output_is_untouched_on_failure(void)
{
	struct config config = { .name = "before" };
	struct config_problems problems = { 0 };

	CHECK(config_parse("f", "[rig]\nname = after\nx = 1\n", 25, &config, &problems) == -1);
	config_problems_done(&problems);
	CHECK(!strcmp(config.name, "before"));
}

static void a_bare_flash_needs_no_reset_line(void)
{
	AUTO(parsed_done) struct parsed p;

	parse(&p, "[slot s]\nboard = linux\ntarget = nor\nspi = /dev/spidev0.0\n");
	CHECK(p.result == 0 && p.config.slots[0].cen[0] == '\0');
}

static void keys_of_a_real_board_hold_for_a_simulated_one(void)
{
	AUTO(parsed_done) struct parsed p;

	parse(&p, SIM "spi_hz = 1000\nentry_timeout = 5s\ncs = GPIO8\ncen = !gpiochip0:22\n"
		      "power = GPIO5\n");
	CHECK(p.result == 0);
	CHECK(p.config.slots[0].spi_hz == 1000 && p.config.slots[0].entry_timeout_ms == 5000);
	CHECK(!strcmp(p.config.slots[0].cs, "GPIO8"));
	CHECK(!strcmp(p.config.slots[0].cen, "!gpiochip0:22"));
}

static void a_seed_comes_from_the_name_and_stays(void)
{
	AUTO(parsed_done) struct parsed p;

	parse(&p, SIM "faults = flip=0.5\n[slot t]\nboard = sim\ntarget = nor\nchip = 1C7015\n");
	CHECK(p.result == 0);
	CHECK(p.config.slots[0].faults.seed == 0xaf63ee4c86020b22); /* FNV-1a 64 of "s" */
	CHECK(p.config.slots[1].faults.seed != p.config.slots[0].faults.seed);
	CHECK(p.config.slots[0].faults.flip == 0.5);
}

static void a_slot_name_may_have_63_characters(void)
{
	static const char name[] =
		"a23456789b123456789c123456789d123456789e123456789f12345678-_.63";
	AUTO(parsed_done) struct parsed p;
	char text[256];

	CHECK(strlen(name) == 63);
	snprintf(text, sizeof text, "[slot %s]\nboard = sim\ntarget = nor\nchip = 1C7015\n", name);
	parse(&p, text);
	CHECK(p.result == 0 && !strcmp(p.config.slots[0].name, name));
}

static void a_slot_name_may_not_have_64(void)
{
	AUTO(parsed_done) struct parsed p;
	char text[256];

	snprintf(text, sizeof text, "[slot %064d]\nboard = sim\ntarget = nor\nchip = 1C7015\n", 0);
	parse(&p, text);
	CHECK(only_problem(&p, "rig.conf:1: [slot 000", "up to 63"));
}

/* "[archive]\npath = /aaa...": a line of len bytes. */
static char *long_path(size_t len)
{
	static const char head[] = "[archive]\n", key[] = "path = /";
	char *text = malloc(sizeof head + len + 1);

	if (!text)
		abort();
	memset(text, 'a', sizeof head + len);
	memcpy(text, head, strlen(head));
	memcpy(text + strlen(head), key, strlen(key));
	text[strlen(head) + len] = '\0';
	return text;
}

static void lines_longer_than_two_hundred_bytes_are_read_whole(void)
{
	AUTO(auto_free) char *text = long_path(500);
	AUTO(parsed_done) struct parsed p;

	parse(&p, text);
	CHECK(p.result == 0 && strlen(p.config.archive) == 500 - strlen("path = "));
}

static void a_path_that_does_not_fit_is_refused(void)
{
	AUTO(auto_free) char *text = long_path(600);
	AUTO(parsed_done) struct parsed p;

	parse(&p, text);
	CHECK(only_problem(&p, "rig.conf:2: [archive] path: \"/aaa", "longer than 511 bytes"));
}

static void a_line_that_is_too_long_is_a_mistake_of_its_line(void)
{
	AUTO(auto_free) char *text = long_path(CONFIG_LINE_MAX);
	AUTO(parsed_done) struct parsed p;

	parse(&p, text);
	CHECK(only_problem(&p, "rig.conf:2: ", "too long"));
}

static void comments_blanks_crlf_and_a_byte_order_mark_are_fine(void)
{
	AUTO(parsed_done) struct parsed p;

	parse(&p, "\xef\xbb\xbf[ rig ] # here\r\n# comment\r\n\r\n  name = a;b ; comment\r\n"
		  "  max_queued = 5\r\n[\tslot \t s ]\r\nboard=sim\r\ntarget=nor\r\nchip: 1C7015");
	CHECK(p.result == 0 && !strcmp(p.config.name, "a;b") && p.config.max_queued == 5);
	CHECK(p.config.n_slots == 1 && !strcmp(p.config.slots[0].name, "s"));
}

static void host_names_are_a_list(void)
{
	AUTO(parsed_done) struct parsed p;

	parse(&p, "[http]\nnames = rig.example,  bench ,lab-2\n");
	CHECK(p.result == 0 && !strcmp(p.config.http.names, "rig.example bench lab-2"));
}

static void an_ipv6_address_stands_in_brackets(void)
{
	struct config_listen listen;
	struct err e;

	CHECK_OK(config_listen_parse("[::1]:0", &listen, &e), e);
	CHECK(!strcmp(listen.host, "::1") && listen.port == 0);
}

static void more_slots_than_there_may_be_are_refused(void)
{
	AUTO(parsed_done) struct parsed p;
	char text[CONFIG_SLOTS * 80];
	size_t used = 0;

	for (unsigned i = 0; i <= CONFIG_SLOTS; i++)
		used += (size_t)snprintf(text + used, sizeof text - used,
					 "[slot s%u]\nboard=sim\ntarget=nor\nchip=1C7015\n", i);
	parse(&p, text);
	CHECK(only_problem(&p, "rig.conf:257: [slot s64] ", "64 slots"));
}

static void a_flood_of_mistakes_is_counted_and_cut(void)
{
	AUTO(auto_free) char *text = malloc(CONFIG_PROBLEMS * 4 + 3);
	AUTO(parsed_done) struct parsed p;

	CHECK(text);
	for (size_t i = 0; i <= CONFIG_PROBLEMS; i++)
		memcpy(text + 2 * i, "x\n", 3);
	parse(&p, text);
	CHECK(p.problems.n == CONFIG_PROBLEMS + 1 && p.problems.kept == CONFIG_PROBLEMS);
}

static void a_file_that_cannot_be_read_is_a_problem(void)
{
	static const char *const paths[] = { "/nonexistent/rig.conf", "/" };

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		AUTO(parsed_done) struct parsed p = { .result = -1 };

		p.result = config_load(paths[i], &p.config, &p.problems);
		CHECK(only_problem(&p, paths[i], i ? "directory" : "No such file"));
	}
}

static void an_endless_file_is_refused(void)
{
	AUTO(parsed_done) struct parsed p = { .result = -1 };

	p.result = config_load("/dev/zero", &p.config, &p.problems);
	CHECK(only_problem(&p, "/dev/zero: ", "1 MiB"));
}

static void the_sample_file_is_valid(void)
{
	AUTO(parsed_done) struct parsed p = { .result = -1 };

	p.result = config_load(SAMPLE_CONFIG, &p.config, &p.problems);
	for (size_t i = 0; i < p.problems.kept; i++)
		fprintf(stderr, "%s\n", p.problems.text[i]);
	CHECK(p.result == 0 && p.config.n_slots == 1);
}

static void the_demo_has_four_boards_and_one_fault(void)
{
	AUTO(config_done) struct config config;
	struct err e;

	config_default(&config);
	CHECK_OK(config_demo(&config, &e), e);
	CHECK(config.n_slots == 4);
	CHECK(!strcmp(config.slots[0].name, "doorbell") && config.slots[0].entry_success == 0.03);
	CHECK(config.slots[0].chip->jedec_id == 0x0b4016 && config.slots[0].speed == 1);
	CHECK(config.slots[1].chip->size == 2u << 20 && config.slots[1].has_unique_id);
	CHECK(config.slots[2].chip->jedec_id == 0xef4018 && config.slots[2].spi_hz == 20000000);
	CHECK(config.slots[3].faults.stuck == FAULT_STUCK_LOW && !config.slots[3].has_unique_id);
	for (size_t i = 0; i < config.n_slots; i++)
		CHECK(config.slots[i].demo_content && config.slots[i].board == CONFIG_SIM);
}

/* What the sample shows behind "; " as key = value, without the semicolon. */
static char *uncommented(const char *path)
{
	AUTO(auto_fclose) FILE *f = fopen(path, "re");
	char line[200], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	while (f && out && fgets(line, sizeof line, f)) {
		const char *key = line + (line[0] == ';' && line[1] == ' ' ? 2 : 0);
		const size_t word = strspn(key, "abcdefghijklmnopqrstuvwxyz_");

		fputs(!strncmp(key + word, " = ", 3) || key[0] == '[' ? key : "\n", out);
	}
	if (out)
		fclose(out);
	return text;
}

static void the_sample_file_is_valid_without_its_comment_marks(void)
{
	AUTO(auto_free) char *text = uncommented(SAMPLE_CONFIG);
	AUTO(parsed_done) struct parsed p;

	CHECK(text);
	parse(&p, text);
	for (size_t i = 0; i < p.problems.kept; i++)
		fprintf(stderr, "%s\n", p.problems.text[i]);
	CHECK(p.result == 0 && p.config.n_slots == 2 && p.config.http.tls_key[0]);
}

/* ---- looked at */

struct seen {
	struct viewer base; /* first */
	size_t n, known;
	char text[4000];
};

static void see(struct viewer *viewer, const struct view *view)
{
	struct seen *seen = (struct seen *)viewer;
	const size_t at = strlen(seen->text);

	seen->n++;
	if (view->kind == VIEW_TEXT)
		snprintf(seen->text + at, sizeof seen->text - at, "%s %s=%s;", view->section,
			 view->key, view->text);
	else if (view->kind != VIEW_NOTHING)
		snprintf(seen->text + at, sizeof seen->text - at, "%s %s=%g;", view->section,
			 view->key, view->number);
}

static void everything_that_is_given_can_be_looked_at(void)
{
	AUTO(parsed_done) struct parsed parsed;
	struct seen seen = { .base.see = see };

	parse(&parsed, "[rig]\nname = bench-1\n[http]\nlisten = [::1]:80\nrequire_token = yes\n"
		       "head_timeout = 90s\nmax_upload = 8M\n[slot a]\nboard = sim\n"
		       "target = bk7252\nchip = XT25F32B\nentry_success = 0.25\n"
		       "faults = seed=7 stuck=low\nunique_id = 0102030405060708\nprotect = 0x1c\n");
	CHECK(parsed.result == 0);
	config_view(&parsed.config, &seen.base);
	CHECK(strstr(seen.text, "rig name=bench-1;"));
	CHECK(strstr(seen.text, "http listen=[::1]:80;") &&
	      strstr(seen.text, "http require_token=1;"));
	CHECK(strstr(seen.text, "http head_timeout=90s;") &&
	      strstr(seen.text, "http max_upload=8M;"));
	CHECK(strstr(seen.text, "slot board=sim;") && strstr(seen.text, "slot target=bk7252;"));
	CHECK(strstr(seen.text, "slot chip=0B4016;") && strstr(seen.text, "slot protect=28;"));
	CHECK(strstr(seen.text, "slot entry_success=0.25;"));
	CHECK(strstr(seen.text, "slot unique_id=0102030405060708;"));
	CHECK(strstr(seen.text, "seed=7 flip=0 short=0 drop=0 stuck=low"));
	CHECK(!strstr(seen.text, "spi=") && !strstr(seen.text, "tls_cert"));
}

/* A kind of value that nobody can look at would show as one that is not given. */
static void every_kind_of_value_has_a_view(void)
{
	size_t n;
	const struct key *table = keys(&n);

	for (size_t i = 0; i < n; i++)
		CHECK(view_knows(table[i].parse));
}

static const struct check all[] = {
	{ "everything that is given can be looked at", everything_that_is_given_can_be_looked_at },
	{ "every kind of value has a view", every_kind_of_value_has_a_view },
	{ "the example of the contract is understood", the_example_of_the_contract_is_understood },
	{ "a real board has all its wires", a_real_board_has_all_its_wires },
	{ "a simulated board has all its keys", a_simulated_board_has_all_its_keys },
	{ "a simulated slot becomes a board of the simulator",
	  a_simulated_slot_becomes_a_board_of_the_simulator },
	{ "an empty file gives the defaults", an_empty_file_gives_the_defaults },
	{ "every limit can be set", every_limit_can_be_set },
	{ "three mistakes give three lines", three_mistakes_give_three_lines },
	{ "a UART alone will do where the pads are out of reach",
	  a_uart_alone_will_do_where_the_pads_are_out_of_reach },
	{ "each mistake names file, line and key", each_mistake_names_file_line_and_key },
	{ "a NUL byte is a mistake of its line", a_nul_byte_is_a_mistake_of_its_line },
	{ "the output is untouched on failure", the_output_is_untouched_on_failure },
	{ "a bare flash needs no reset line", a_bare_flash_needs_no_reset_line },
	{ "keys of a real board hold for a simulated one",
	  keys_of_a_real_board_hold_for_a_simulated_one },
	{ "a seed comes from the name and stays", a_seed_comes_from_the_name_and_stays },
	{ "a slot name may have 63 characters", a_slot_name_may_have_63_characters },
	{ "a slot name may not have 64", a_slot_name_may_not_have_64 },
	{ "lines longer than two hundred bytes are read whole",
	  lines_longer_than_two_hundred_bytes_are_read_whole },
	{ "a path that does not fit is refused", a_path_that_does_not_fit_is_refused },
	{ "a line that is too long is a mistake of its line",
	  a_line_that_is_too_long_is_a_mistake_of_its_line },
	{ "comments, blanks, CRLF and a byte order mark are fine",
	  comments_blanks_crlf_and_a_byte_order_mark_are_fine },
	{ "host names are a list", host_names_are_a_list },
	{ "an IPv6 address stands in brackets", an_ipv6_address_stands_in_brackets },
	{ "more slots than there may be are refused", more_slots_than_there_may_be_are_refused },
	{ "a flood of mistakes is counted and cut", a_flood_of_mistakes_is_counted_and_cut },
	{ "a file that cannot be read is a problem", a_file_that_cannot_be_read_is_a_problem },
	{ "an endless file is refused", an_endless_file_is_refused },
	{ "the sample file is valid", the_sample_file_is_valid },
	{ "the sample file is valid without its comment marks",
	  the_sample_file_is_valid_without_its_comment_marks },
	{ "the demo has four boards and one fault", the_demo_has_four_boards_and_one_fault },
};
CHECK_MAIN(all)
