#include "options.h"

#include <getopt.h>
#include <stddef.h>
#include <string.h>

enum {
	OPT_CONFIG = 1000,
	OPT_CHECK,
	OPT_PROBE,
	OPT_DEMO,
	OPT_LISTEN,
	OPT_DATA,
	OPT_LOG,
	OPT_VERSION,
	OPT_SCOPE
};

static const struct option table[] = {
	{ "config", required_argument, NULL, OPT_CONFIG },
	{ "check-config", no_argument, NULL, OPT_CHECK },
	{ "probe", no_argument, NULL, OPT_PROBE },
	{ "demo", no_argument, NULL, OPT_DEMO },
	{ "listen", required_argument, NULL, OPT_LISTEN },
	{ "data", required_argument, NULL, OPT_DATA },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, 'h' },
	{ "scope", required_argument, NULL, OPT_SCOPE },
	{ NULL, 0, NULL, 0 },
};

void options_usage(FILE *to)
{
	fputs("usage: flashrigd [--config FILE] [--check-config [--probe]] [--demo]\n"
	      "                 [--listen HOST:PORT] [--data DIR] [--log LEVEL] [--version] "
	      "[--help]\n"
	      "       flashrigd [--config FILE] [--data DIR] check\n"
	      "       flashrigd [--config FILE] [--data DIR] backup-archive FILE\n"
	      "       flashrigd [--config FILE] [--data DIR] token add NAME --scope SCOPE\n"
	      "       flashrigd [--config FILE] [--data DIR] token list | token revoke NAME\n"
	      "  --config FILE       the configuration; default " OPTIONS_CONFIG "\n"
	      "  --check-config      say everything that is wrong with it, and end\n"
	      "  --probe             with it: look whether every device of every slot is there; "
	      "pulses\n"
	      "                      nothing; status 1 when something is missing\n"
	      "  --demo              four simulated boards, no configuration needed\n"
	      "  --listen HOST:PORT  instead of what the configuration says; port 0: a free one\n"
	      "  --data DIR          the archive is DIR/archive.db\n"
	      "  --log LEVEL         error, warning, info (default) or debug\n"
	      "  check               reads the whole archive back; status 1 when something is "
	      "damaged\n"
	      "  backup-archive      copies the archive to FILE, which must not be there yet\n"
	      "  token               access tokens; SCOPE is read, operate (jobs, uploads, labels) "
	      "or admin;\n"
	      "                      add prints the new one, which cannot be shown again\n"
	      "                      (all of these work beside a daemon that runs)\n"
	      "exit status: 0 after SIGTERM or SIGINT, 2 for a bad command line or "
	      "configuration, 1 otherwise\n",
	      to);
}

static int take(int opt, struct options *o, struct err *e)
{
	switch (opt) {
	case OPT_CONFIG: o->config = optarg; return 0;
	case OPT_CHECK: o->check_config = true; return 0;
	case OPT_PROBE: o->probe = true; return 0;
	case OPT_DEMO: o->demo = true; return 0;
	case OPT_LISTEN: o->listen = optarg; return 0;
	case OPT_DATA: o->data = optarg; return 0;
	case OPT_SCOPE: o->scope = optarg; return 0;
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

/* What stands behind the options: nothing, or a tool and its argument. */
static int take_tool(char **words, int n, struct options *o, struct err *e)
{
	const struct tool *tool = n > 0 ? tool_by_name(words[0]) : NULL;
	const int wanted = tool && tool->argument ? 2 : 1;

	if (n > 0 && !tool)
		return err_set(e, ERR_BAD_INPUT, "%s: what is that? see flashrigd --help",
			       words[0]);
	if (tool && n != wanted)
		return err_set(e, ERR_BAD_INPUT, "usage: flashrigd %s %s", tool->name,
			       tool->argument ? tool->argument : "");
	o->tool = tool;
	o->argument = n > 1 ? words[1] : NULL;
	return 0;
}

static int take_words(char **words, int n, struct options *o, struct err *e)
{
	if (n > 0 && !strcmp(words[0], "token"))
		return token_cmd_parse(words + 1, n - 1, o->scope, &o->token, e);
	if (o->scope)
		return err_set(e, ERR_BAD_INPUT, "--scope is for token add");
	return take_tool(words, n, o, e);
}

int options_parse(int argc, char **argv, struct options *options, struct err *e)
{
	struct options o = { .log = LOG_INFO };

	/* NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread */
	for (int opt; (opt = getopt_long(argc, argv, "h", table, NULL)) != -1;)
		if (take(opt, &o, e) < 0)
			return -1;
	if (take_words(argv + optind, argc - optind, &o, e) < 0)
		return -1;
	if (o.probe && !o.check_config)
		return err_set(e, ERR_BAD_INPUT, "--probe goes with --check-config");
	if (o.demo && o.config)
		return err_set(e, ERR_BAD_INPUT,
			       "--demo brings its own configuration: leave out "
			       "--config");
	*options = o;
	return 0;
}
