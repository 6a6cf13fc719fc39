#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "follow.h"
#include "option_words.h"
#include "table.h"

#define INTERRUPTED 130 /* what shells say of Ctrl-C */

static const char *allowed(const char *name)
{
	const struct command *command = command_by_name(name);

	return command ? command->options : NULL;
}

/* ---- help */

static void print_option(const char *name, size_t len)
{
	const struct option_word *word = option_word(name, len);
	char left[60];

	snprintf(left, sizeof left, "%s%.*s%s%s", len == 1 ? "-" : "--", (int)len, name,
		 word && word->value ? " " : "", word && word->value ? word->value : "");
	printf("  %-28s %s\n", left, word ? word->help : "");
}

static void print_options(const char *options)
{
	while (options && *options) {
		const size_t word = strcspn(options, " ");

		print_option(options, word - (options[word - 1] == '='));
		options += word + strspn(options + word, " ");
	}
}

static void help_command(const struct command *command)
{
	printf("usage: flashrig %s %s\n%s\n", command->name, command->words, command->help);
	if (command->options)
		printf("options:\n");
	print_options(command->options);
	printf("everywhere: --url URL --token TOKEN --cacert FILE --insecure --json --quiet\n");
}

static void help_all(FILE *to)
{
	const struct command *c;

	fputs("usage: flashrig [--url URL] [--token TOKEN] [--json] [--quiet] COMMAND ...\n\n", to);
	for (size_t i = 0; (c = command_at(i)) != NULL; i++)
		fprintf(to, "  %-14s %s\n", c->name, c->help);
	fputs("\nflashrig COMMAND --help tells more. SOURCE is a FILE (uploaded, unless the daemon "
	      "has it),\n"
	      "an image's number, image:N or dump:N. Numbers may be 4096, 0x1000 or 4K.\n"
	      "  --url URL      where the daemon is; else FLASHRIG_URL; else " CLIENT_URL "\n"
	      "  --token TOKEN  else FLASHRIG_TOKEN\n"
	      "  --cacert FILE  what to trust over https; --insecure trusts anything\n"
	      "  --json         the API's own objects, one a line\n"
	      "  --quiet        no progress, no remarks\n"
	      "exit status: 0 done, 1 the job failed or the daemon refused, 2 usage, 3 cannot "
	      "reach the "
	      "daemon\n",
	      to);
}

/* ---- running */

static void complain_json(const struct err *e)
{
	AUTO(auto_cjson) cJSON *o = cJSON_CreateObject();
	cJSON *error = cJSON_AddObjectToObject(o, "error");

	cJSON_AddStringToObject(error, "code", err_name(e->code));
	cJSON_AddStringToObject(error, "message", e->text);
	if (e->hint[0])
		cJSON_AddStringToObject(error, "hint", e->hint);
	table_json(o, stderr);
}

static void complain(const struct cli *cli, const struct err *e, const char *code)
{
	if (cli->json) {
		complain_json(e);
		return;
	}
	fprintf(stderr, "flashrig: %s%s%s\n", code, *code ? ": " : "", e->text);
	if (e->hint[0])
		fprintf(stderr, "  %s\n", e->hint);
}

int cli_fail(const struct cli *cli, const struct err *e)
{
	const bool interrupted = e->code == ERR_INTERRUPTED;

	complain(cli, e, interrupted ? "" : err_name(e->code));
	return interrupted ? INTERRUPTED : CLI_FAILED;
}

static int unreachable(const struct cli *cli, const struct err *e)
{
	(void)cli_fail(cli, e);
	return CLI_UNREACHABLE;
}

static int usage(const struct cli *cli, const struct err *e)
{
	complain(cli, e, "");
	return CLI_USAGE;
}

static const char *option_or_env(const struct args *args, const char *option, const char *env)
{
	const char *value = args_get(args, option);

	return value ? value : getenv(env); /* NOLINT(concurrency-mt-unsafe): one thread */
}

static bool is_stopped(void *nothing)
{
	(void)nothing;
	return follow_stopped();
}

static int run(struct cli *cli, const struct command *command)
{
	const struct client_config config = {
		.url = option_or_env(&cli->args, "url", "FLASHRIG_URL"),
		.token = option_or_env(&cli->args, "token", "FLASHRIG_TOKEN"),
		.cacert = args_get(&cli->args, "cacert"),
		.insecure = args_has(&cli->args, "insecure"),
	};
	AUTO(auto_client_free) struct client *client = NULL;
	struct err e = { .code = ERR_NONE };
	int status;

	client = client_new(&config, &e);
	if (!client)
		return e.code == ERR_BAD_INPUT ? usage(cli, &e) : cli_fail(cli, &e);
	follow_catch();
	client_set_stop(client, is_stopped, NULL);
	cli->client = client;
	status = command->run(cli, &e);
	if (status >= 0 && fflush(stdout) == 0)
		return status;
	if (status >= 0)
		err_set(&e, ERR_IO, "standard output cannot be written: %s",
			strerrordesc_np(errno));
	if (client_was_refused(client)) /* the daemon's words, also about slots that are offline */
		return cli_fail(cli, &e);
	if (e.code == ERR_OFFLINE)
		return unreachable(cli, &e);
	return e.code == ERR_BAD_INPUT ? usage(cli, &e) : cli_fail(cli, &e);
}

static int check_words(const struct command *command, const struct args *args, struct err *e)
{
	if (args->words >= command->min && args->words <= command->max)
		return 0;
	err_set(e, ERR_BAD_INPUT, "usage: flashrig %s %s", command->name, command->words);
	return err_hint(e, "see flashrig %s --help", command->name);
}

/* NULL when none is near. */
static const char *near_command(const char *name)
{
	const struct command *c, *found = NULL;
	size_t best = 3;

	for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
		const size_t far = option_distance(name, strlen(name), c->name);

		if (far < best) {
			best = far;
			found = c;
		}
	}
	return found ? found->name : NULL;
}

static int run_named(struct cli *cli, struct err *e)
{
	const struct command *command = command_by_name(cli->args.command);

	if (!command) {
		err_set(e, ERR_BAD_INPUT, "%.60s: no such command", cli->args.command);
		if (near_command(cli->args.command))
			err_hint(e, "Did you mean %s?", near_command(cli->args.command));
		else
			err_hint(e, "see flashrig --help");
		return usage(cli, e);
	}
	if (args_has(&cli->args, "help")) {
		help_command(command);
		return CLI_DONE;
	}
	if (check_words(command, &cli->args, e) < 0)
		return usage(cli, e);
	return run(cli, command);
}

int cli_main(int argc, char **argv)
{
	struct cli cli = { .client = NULL };
	struct err e;

	if (args_parse(argc, argv, allowed, &cli.args, &e) < 0)
		return usage(&cli, &e);
	cli.json = args_has(&cli.args, "json");
	cli.quiet = args_has(&cli.args, "quiet");
	if (args_has(&cli.args, "version")) {
		puts("flashrig " FLASHRIG_VERSION);
		return CLI_DONE;
	}
	if (cli.args.command)
		return run_named(&cli, &e);
	help_all(args_has(&cli.args, "help") ? stdout : stderr);
	return args_has(&cli.args, "help") ? CLI_DONE : CLI_USAGE;
}
