/* SPDX-License-Identifier: GPL-2.0 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"

#ifndef KVAS_VERSION
#define KVAS_VERSION "0.1.0"
#endif

#define MAX_OPTIONS 64 /* rows of cli_options: a bit each in struct parsing */
#define OPERAND 1 /* getopt's value for an operand */
#define LONG_OPTION 2000 /* getopt's value for a long option is this and its row's number */

static int command_by_name(const char *name)
{
	for (int i = 0; i < CMD_COUNT; i++)
		if (!strcmp(cli_commands[i].name, name))
			return i;
	return -1;
}

/* The option of this NAME, or of LETTER where NAME is NULL, among those of COMMANDS. */
static const struct cli_option *option_by(const char *name, char letter, unsigned int commands)
{
	for (unsigned int i = 0; i < cli_option_count; i++)
		if (cli_options[i].commands & commands &&
		    (name ? !strcmp(cli_options[i].name, name) : cli_options[i].letter == letter))
			return &cli_options[i];
	return NULL;
}

static const char *first_command_of(const struct cli_option *o)
{
	for (int i = 0; i < CMD_COUNT; i++)
		if (o->commands & ON(i))
			return cli_commands[i].name;
	return "";
}

/* Say what is wrong with the argument getopt stopped at. */
static int unknown_option(const char *arg, enum cli_command cmd, struct err *e)
{
	const char *us = cli_commands[cmd].name;
	char word[64] = "";
	const struct cli_option *o, *near;

	if (arg[0] == '-' && arg[1] == '-') {
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(arg + 2, "="), arg + 2);
		o = option_by(word, 0, ON(cmd));
		if (o)
			return err_set_status(e, KVAS_EXIT_USAGE, "'--%s' takes no argument", word);
		o = option_by(word, 0, ~0u);
	} else {
		o = option_by(NULL, arg[1], ~0u);
	}
	if (o)
		return err_set_status(e, KVAS_EXIT_USAGE,
				      "'%s' is no option of 'kvas %s', it belongs to 'kvas %s'; 'kvas "
				      "%s --help' lists the options",
				      arg, us, first_command_of(o), us);
	near = word[0] ? cli_closest_option(word, cmd) : NULL;
	if (near)
		return err_set_status(e, KVAS_EXIT_USAGE,
				      "unknown option '%s': did you mean '--%s'? 'kvas %s --help' lists "
				      "the options", arg, near->name, us);
	return err_set_status(e, KVAS_EXIT_USAGE,
			      "unknown option '%s'; 'kvas %s --help' lists the options", arg, us);
}

/* What getopt returned as an option: a row's number behind LONG_OPTION, or a letter. */
static const struct cli_option *option_of(int v, enum cli_command cmd)
{
	return v >= LONG_OPTION ? &cli_options[v - LONG_OPTION] : option_by(NULL, v, ON(cmd));
}

/*
 * getopt's tables for CMD. '-' has getopt hand on operands in their order, so that
 * options are found behind them too; '+' ends options at the first operand.
 */
static void getopt_tables(enum cli_command cmd, char *letters, struct option *longs)
{
	*letters++ = cli_commands[cmd].operands == OPERANDS_PROGRAM ? '+' : '-';
	*letters++ = ':';
	for (unsigned int i = 0; i < cli_option_count; i++) {
		const struct cli_option *o = &cli_options[i];

		if (!(o->commands & ON(cmd)))
			continue;
		*longs++ = (struct option){ o->name, o->arg ? required_argument : no_argument, NULL,
					    LONG_OPTION + (int)i };
		if (!o->letter)
			continue;
		*letters++ = o->letter;
		if (o->arg)
			*letters++ = ':';
	}
	*letters = '\0';
	*longs = (struct option){ 0 };
}

/* A command line while it is parsed. */
struct parsing {
	struct cli *c;
	char **operands; /* argv's own first places, which getopt is done with */
	int nr_operands;
	__u64 given; /* a bit per row of cli_options */
	FILE *help;
	struct err *e;
};

static enum cli_result take_option(struct parsing *p, const struct cli_option *o)
{
	if (o->kind == OPT_HELP) {
		cli_help_command(p->help, p->c->command);
		return CLI_EXIT;
	}
	if (o->kind == OPT_VERSION) {
		fprintf(p->help, "kvas %s\n", KVAS_VERSION);
		return CLI_EXIT;
	}
	p->given |= 1ull << (o - cli_options);
	return cli_set(o, p->c, o->arg ? optarg : NULL, p->e) ? CLI_ERROR : CLI_RUN;
}

static enum cli_result parse_options(int argc, char **argv, struct parsing *p)
{
	enum cli_command cmd = p->c->command;
	struct option longs[MAX_OPTIONS + 1];
	char letters[2 * MAX_OPTIONS + 3];
	enum cli_result r = CLI_RUN;

	getopt_tables(cmd, letters, longs);
	optind = 0;
	opterr = 0;
	while (r == CLI_RUN) {
		int at = optind ? optind : 1, v = getopt_long(argc, argv, letters, longs, NULL);
		/* A letter inside a bundle is named alone. */
		char one[3] = { '-', (char)optopt, 0 };
		bool is_long = at < argc && !strncmp(argv[at], "--", 2);

		if (v == -1)
			break;
		if (v == '?')
			return unknown_option(is_long || !optopt ? argv[at] : one, cmd, p->e);
		if (v == ':')
			return err_set_status(p->e, KVAS_EXIT_USAGE, "'%s' needs an argument: %s",
					      argv[at], option_of(optopt, cmd)->arg);
		if (v == OPERAND)
			p->operands[p->nr_operands++] = optarg;
		else
			r = take_option(p, option_of(v, cmd));
	}
	while (r == CLI_RUN && optind < argc)
		p->operands[p->nr_operands++] = argv[optind++];
	if (p->nr_operands)
		p->operands[p->nr_operands] = NULL;
	return r;
}

static int check_rule(const struct parsing *p, const struct cli_rule *rule)
{
	const struct cli_option *o = option_by(rule->option, 0, rule->commands), *other = NULL;
	bool given = p->given & (1ull << (o - cli_options)), other_given = p->c->command_argv;
	char shown[CLI_SHOWN_SIZE], other_shown[CLI_SHOWN_SIZE] = "a program to run";

	if (rule->other) {
		other = option_by(rule->other, 0, rule->commands);
		other_given = p->given & (1ull << (other - cli_options));
		cli_shown(other, other_shown);
	}
	if (!given || other_given == rule->needs)
		return 0;
	return err_set_status(p->e, KVAS_EXIT_USAGE,
			      rule->needs ? "%s needs %s: %s" : "%s and %s exclude each other: %s",
			      cli_shown(o, shown), other_shown, rule->why);
}

/* Put operands where the command's row says, and hold options against each other. */
static int finish(struct parsing *p)
{
	const struct cli_command_row *us = &cli_commands[p->c->command];
	const char *missing = cli_operands[us->operands].missing;
	int most = 0;

	if (p->nr_operands) {
		most = p->nr_operands;
		if (us->operands == OPERANDS_PROGRAM)
			p->c->command_argv = p->operands;
		else if (us->operands == OPERANDS_ADDRESSES)
			p->c->addresses = p->operands;
		else if (us->operands == OPERANDS_DIR)
			p->c->dir = p->operands[0], most = 1;
		else if (us->operands == OPERANDS_TOPIC)
			p->c->topic = p->operands[0], most = 1;
		else
			most = 0;
	}
	if (p->nr_operands > most && command_by_name(p->operands[most]) >= 0)
		return err_set_status(p->e, KVAS_EXIT_USAGE,
				      "'%s' is a command: it goes first, before all options",
				      p->operands[most]);
	if (p->nr_operands > most)
		return err_set_status(p->e, KVAS_EXIT_USAGE,
				      "'%s' is one argument too many; 'kvas %s --help' tells its usage",
				      p->operands[most], us->name);
	if (missing && !p->nr_operands)
		return err_set_status(p->e, KVAS_EXIT_USAGE, "%s", missing);
	for (unsigned int i = 0; i < cli_rule_count; i++)
		if (cli_rules[i].commands & ON(p->c->command) && check_rule(p, &cli_rules[i]))
			return -1;
	return 0;
}

static int unknown_command(const char *word, struct err *e)
{
	const char *near = cli_closest_command(word);

	return err_set_status(e, KVAS_EXIT_USAGE,
			      "unknown command '%s'%s%s%s 'kvas --help' lists the commands", word,
			      near ? ": did you mean '" : ";", near ? near : "", near ? "'?" : "");
}

enum cli_result cli_parse(int argc, char **argv, struct cli *out, FILE *help, struct err *e)
{
	bool named = argc > 1 && argv[1][0] != '-';
	bool help_named = argc == 3 && !strcmp(argv[1], "help");
	const char *word = help_named ? argv[2] : named ? argv[1] : cli_commands[CMD_LIVE].name;
	int cmd = command_by_name(word);
	struct parsing p = { .c = out, .help = help, .e = e };
	enum cli_result r;

	*out = (struct cli){ .interval_s = 1, .sample_hz = 99, .dir = "kvas.rec" };
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
			 (argc == 2 && !strcmp(argv[1], "help")))) {
		cli_help(help);
		return CLI_EXIT;
	}
	if (argc > 3 && !strcmp(argv[1], "help"))
		return err_set_status(e, KVAS_EXIT_USAGE, "'%s' is one argument too many: 'kvas help' takes "
				      "the name of one command", argv[3]);
	if (cmd < 0)
		return unknown_command(word, e);
	if (help_named) {
		cli_help_command(help, cmd);
		return CLI_EXIT;
	}
	out->command = cmd;
	out->top = cli_commands[cmd].top;
	/* getopt sees the command's name as the program's. */
	argc -= named;
	argv += named;
	p.operands = argv + 1;
	r = parse_options(argc, argv, &p);
	return r == CLI_RUN && finish(&p) ? CLI_ERROR : r;
}
