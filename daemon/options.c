#include "options.h"

#include <getopt.h>
#include <stddef.h>

enum { OPT_CONFIG = 1000, OPT_CHECK, OPT_DEMO, OPT_LISTEN, OPT_DATA, OPT_LOG, OPT_VERSION };

static const struct option table[] = {
	{ "config", required_argument, NULL, OPT_CONFIG },
	{ "check-config", no_argument, NULL, OPT_CHECK },
	{ "demo", no_argument, NULL, OPT_DEMO },
	{ "listen", required_argument, NULL, OPT_LISTEN },
	{ "data", required_argument, NULL, OPT_DATA },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

void options_usage(FILE *to)
{
	fputs("usage: flashrigd [--config FILE] [--check-config] [--demo] [--listen HOST:PORT]\n"
	      "                 [--data DIR] [--log LEVEL] [--version] [--help]\n"
	      "  --config FILE       the configuration; default " OPTIONS_CONFIG "\n"
	      "  --check-config      say everything that is wrong with it, and end\n"
	      "  --demo              four simulated boards, no configuration needed\n"
	      "  --listen HOST:PORT  instead of what the configuration says; port 0: a free one\n"
	      "  --data DIR          the archive is DIR/archive.db\n"
	      "  --log LEVEL         error, warning, info (default) or debug\n"
	      "exit status: 0 after SIGTERM or SIGINT, 2 for a bad command line or "
	      "configuration, 1 otherwise\n",
	      to);
}

static int take(int opt, struct options *o, struct err *e)
{
	switch (opt) {
	case OPT_CONFIG: o->config = optarg; return 0;
	case OPT_CHECK: o->check_config = true; return 0;
	case OPT_DEMO: o->demo = true; return 0;
	case OPT_LISTEN: o->listen = optarg; return 0;
	case OPT_DATA: o->data = optarg; return 0;
	case OPT_VERSION: o->version = true; return 0;
	case 'h': o->help = true; return 0;
	case OPT_LOG:
		if (log_level_parse(optarg, &o->log) == 0)
			return 0;
		return err_set(e, ERR_BAD_INPUT,
			       "--log %s: the levels are error, warning, info, debug", optarg);
	}
	return err_set(e, ERR_BAD_INPUT, "see flashrigd --help"); /* getopt has said why */
}

int options_parse(int argc, char **argv, struct options *options, struct err *e)
{
	struct options o = { .log = LOG_INFO };

	/* NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread */
	for (int opt; (opt = getopt_long(argc, argv, "h", table, NULL)) != -1;)
		if (take(opt, &o, e) < 0)
			return -1;
	if (optind < argc)
		return err_set(e, ERR_BAD_INPUT, "%s: what is that? see flashrigd --help",
			       argv[optind]);
	if (o.demo && o.config)
		return err_set(e, ERR_BAD_INPUT,
			       "--demo brings its own configuration: leave out "
			       "--config");
	*options = o;
	return 0;
}
