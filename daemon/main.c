/* flashrigd: reads what is wanted, makes the house, waits for a signal, tears it down. */

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include "auto.h"
#include "config.h"
#include "house.h"
#include "log.h"
#include "options.h"
#include "probe.h"
#include "server.h"

enum { EXIT_OK = 0, EXIT_TROUBLE = 1, EXIT_USAGE = 2 };

static void print_problems(const struct config_problems *problems)
{
	for (size_t i = 0; i < problems->kept; i++)
		fprintf(stderr, "%s\n", problems->text[i]);
	if (problems->n > problems->kept)
		fprintf(stderr, "... and %zu more\n", problems->n - problems->kept);
}

static int read_config(const struct options *o, struct config *config, struct err *e)
{
	struct config_problems problems = { .n = 0 };
	const char *path = o->config ? o->config : OPTIONS_CONFIG;
	int result;

	if (o->demo)
		return config_demo(config, e);
	result = config_load(path, config, &problems);
	print_problems(&problems);
	if (result < 0)
		err_set(e, ERR_BAD_INPUT, "%s: %zu mistake%s", path, problems.n,
			problems.n == 1 ? "" : "s");
	config_problems_done(&problems);
	return result;
}

/* Before anything is opened: a certificate that is no good is a mistake in the configuration. */
static int check_door(const struct config_http *http, struct err *e)
{
	return http->tls_cert[0] ? http_check_tls(http->tls_cert, http->tls_key, e) : 0;
}

static int settle(const struct options *o, struct config *config, struct err *e)
{
	if (o->listen && config_listen_parse(o->listen, &config->http.listen, e) < 0)
		return err_prefix(e, "--listen: ");
	return check_door(&config->http, e);
}

/* Where the demo keeps its archive. */
static const char *demo_data(char *path, size_t size)
{
	const char *base = getenv("XDG_DATA_HOME"); /* NOLINT(concurrency-mt-unsafe) */
	const char *home = getenv("HOME");          /* NOLINT(concurrency-mt-unsafe) */

	if (base && base[0] == '/')
		snprintf(path, size, "%s/flashrig-demo", base);
	else
		snprintf(path, size, "%s/.local/share/flashrig-demo", home ? home : "");
	return path;
}

/* Every folder on the way to path, and path itself. */
static int make_folders(const char *path, struct err *e)
{
	char part[1000];

	snprintf(part, sizeof part, "%s", path);
	for (char *at = part + 1;; at++) {
		const char end = *at;

		if (end != '/' && end != '\0')
			continue;
		*at = '\0';
		if (mkdir(part, 0750) != 0 && errno != EEXIST)
			return err_set(e, ERR_IO, "%s: %s", part, strerrordesc_np(errno));
		if (end == '\0')
			return 0;
		*at = end;
	}
}

/* Blocks until somebody wants the daemon to end. */
static void wait_for_signal(const sigset_t *set)
{
	int sig = 0;

	sigwait(set, &sig);
	log_info("stopping: %s", sig == SIGTERM ? "SIGTERM" : "SIGINT");
}

static int serve(const struct config *config, const char *data, bool demo, struct err *e)
{
	struct house *house;
	sigset_t set;

	/* Blocked in every thread to come; only main takes them. A closed socket or a file size
	 * limit are errors of a call, not the end of the daemon. */
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);

	house = house_open(config, data, demo, e);
	if (!house)
		return -1;
	printf("listening on http%s://%s\n", config->http.tls_cert[0] ? "s" : "",
	       house_address(house));
	fflush(stdout);
	sd_notify(0, "READY=1");
	wait_for_signal(&set);
	sd_notify(0, "STOPPING=1");
	house_close(house);
	return 0;
}

static int run_tool(const struct options *o, const struct config *config, const char *data)
{
	char path[HOUSE_PATH];

	house_archive(config, data, path);
	return o->tool->run(path, o->argument);
}

/* --data alone says all that is needed, so that it works without a configuration. */
static int run_token(const struct options *o, struct config *config)
{
	char folder[1000], path[HOUSE_PATH];
	const char *data = !o->data && o->demo ? demo_data(folder, sizeof folder) : o->data;
	struct err e;

	if ((o->config || !data) && read_config(o, config, &e) < 0) {
		log_error("%s", e.text);
		return EXIT_USAGE;
	}
	house_archive(config, data, path);
	if (token_cmd_run(&o->token, path, &e) == 0)
		return EXIT_OK;
	log_error("%s%s%s", e.text, e.hint[0] ? "; " : "", e.hint);
	return EXIT_TROUBLE;
}

static const char *counted(char *text, size_t size, size_t n, const char *noun)
{
	snprintf(text, size, "%zu %s%s", n, noun, n == 1 ? "" : "s");
	return text;
}

static int check_config(const struct options *o, const struct config *config)
{
	char text[60];
	size_t missing;

	printf("%s: %s, no mistakes\n", o->demo ? "demo" : (o->config ? o->config : OPTIONS_CONFIG),
	       counted(text, sizeof text, config->n_slots, "slot"));
	if (!o->probe)
		return EXIT_OK;
	missing = probe_slots(config, stdout);
	if (missing)
		printf("%zu missing\n", missing);
	else
		puts("everything is there");
	return missing ? EXIT_TROUBLE : EXIT_OK;
}

static int run(const struct options *o, struct config *config)
{
	char path[1000];
	const char *data = o->data;
	struct err e;

	/* A tool opens no door: what is wrong with it is not its business. */
	if (read_config(o, config, &e) < 0 || (!o->tool && settle(o, config, &e) < 0)) {
		log_error("%s%s%s", e.text, e.hint[0] ? "; " : "", e.hint);
		return EXIT_USAGE;
	}
	if (o->check_config)
		return check_config(o, config);
	if (!data && o->demo)
		data = demo_data(path, sizeof path);
	if (o->tool)
		return run_tool(o, config, data);
	if ((data && make_folders(data, &e) < 0) || serve(config, data, o->demo, &e) < 0) {
		log_error("%s%s%s", e.text, e.hint[0] ? "; " : "", e.hint);
		return EXIT_TROUBLE;
	}
	return EXIT_OK;
}

/* One heap for each thread would keep what each has ever freed: 1 MiB a slot. */
static void share_heaps(void)
{
	(void)mallopt(M_ARENA_MAX, 2); /* NOLINT(concurrency-mt-unsafe) */
}

int main(int argc, char **argv)
{
	AUTO(config_done) struct config config;
	struct options o;
	struct err e;

	share_heaps();
	config_default(&config);
	if (options_parse(argc, argv, &o, &e) < 0) {
		fprintf(stderr, "flashrigd: %s\n", e.text);
		return EXIT_USAGE;
	}
	log_setup(o.log);
	if (o.help) {
		options_usage(stdout);
		return EXIT_OK;
	}
	if (o.version) {
		puts("flashrigd " FLASHRIG_VERSION);
		return EXIT_OK;
	}
	return o.token.verb == TOKEN_CMD_NONE ? run(&o, &config) : run_token(&o, &config);
}
