/* SPDX-License-Identifier: GPL-2.0 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"

#ifndef KVAS_VERSION
#define KVAS_VERSION "0.1.0"
#endif

#define MAX_OPTIONS 32
#define VAL_HELP 1000
#define VAL_VERSION 1001

static int command_by_name(const char *name)
{
	for (int i = 0; i < CMD_COUNT; i++)
		if (!strcmp(cli_commands[i].name, name))
			return i;
	return -1;
}

static const struct cli_option *option_by(const char *name, char letter)
{
	for (unsigned int i = 0; i < cli_option_count; i++)
		if (name ? !strcmp(cli_options[i].name, name) : cli_options[i].letter == letter)
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
		o = option_by(word, 0);
	} else {
		o = option_by(NULL, arg[1]);
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

static int no_argument_given(int letter, const char *arg, struct err *e)
{
	const struct cli_option *o = letter >= 0 && letter < (int)cli_option_count ?
					     &cli_options[letter] :
					     option_by(NULL, letter);

	return err_set_status(e, KVAS_EXIT_USAGE, "'%s' needs an argument: %s", arg,
			      o ? o->arg : "a value");
}

/* getopt's tables for CMD; a long option's val is its row plus 2000. */
static void tables(enum cli_command cmd, char *letters, struct option *longs)
{
	*letters++ = '+';
	*letters++ = ':';
	for (unsigned int i = 0; i < cli_option_count; i++) {
		const struct cli_option *o = &cli_options[i];

		if (!(o->commands & ON(cmd)))
			continue;
		*longs++ = (struct option){ o->name, o->arg ? required_argument : no_argument, NULL,
					    2000 + (int)i };
		if (!o->letter)
			continue;
		*letters++ = o->letter;
		if (o->arg)
			*letters++ = ':';
	}
	*letters++ = 'h';
	*letters++ = 'V';
	*letters = '\0';
	*longs++ = (struct option){ "help", no_argument, NULL, VAL_HELP };
	*longs++ = (struct option){ "version", no_argument, NULL, VAL_VERSION };
	*longs = (struct option){ 0 };
}

static enum cli_result parse_options(int argc, char **argv, struct cli *c, FILE *help,
				     struct err *e)
{
	struct option longs[MAX_OPTIONS];
	char letters[2 * MAX_OPTIONS];
	const struct cli_option *o;
	int v;

	tables(c->command, letters, longs);
	optind = 0;
	opterr = 0;
	for (;;) {
		int at = optind ? optind : 1;

		v = getopt_long(argc, argv, letters, longs, NULL);
		if (v == -1)
			return CLI_RUN;
		if (v == '?') {
			/* A letter inside a bundle is named alone. */
			char one[3] = { '-', (char)optopt, 0 };
			bool is_long = at < argc && !strncmp(argv[at], "--", 2);

			return unknown_option(is_long || !optopt ? argv[at] : one, c->command, e);
		}
		if (v == ':')
			return no_argument_given(optopt >= 2000 ? optopt - 2000 : optopt, argv[at], e);
		if (v == 'h' || v == VAL_HELP) {
			cli_help_command(help, c->command);
			return CLI_EXIT;
		}
		if (v == 'V' || v == VAL_VERSION) {
			fprintf(help, "kvas %s\n", KVAS_VERSION);
			return CLI_EXIT;
		}
		o = v >= 2000 ? &cli_options[v - 2000] : option_by(NULL, v);
		if (o->set(c, o->arg ? optarg : NULL, e))
			return CLI_ERROR;
	}
}

/* What is left after the options, and what does not go together. */
static int finish(int argc, char **argv, struct cli *c, struct err *e)
{
	bool takes_command = c->command == CMD_STAT || c->command == CMD_RECORD;
	bool dashes = optind > 1 && !strcmp(argv[optind - 1], "--");

	if (c->command == CMD_REPORT && optind < argc && !dashes)
		c->dir = argv[optind++];
	if (c->command == CMD_WALK && optind < argc) {
		c->addresses = argv + optind;
		optind = argc;
	}
	if (takes_command && optind < argc) {
		c->command_argv = argv + optind;
		optind = argc;
	}
	if (optind < argc)
		return err_set_status(e, KVAS_EXIT_USAGE,
				      "'%s' is one argument too many; 'kvas %s --help' tells its usage",
				      argv[optind], cli_commands[c->command].name);
	if (c->command == CMD_WALK && !c->addresses)
		return err_set_status(e, KVAS_EXIT_USAGE,
				      "walk needs an address: hexadecimal, a kernel symbol, or task, stack, "
				      "mm, pgd");
	if (c->pid && c->comm[0])
		return err_set_status(e, KVAS_EXIT_USAGE, "-p and -C exclude each other: give one");
	if (c->command == CMD_PGD && c->all && c->pid)
		return err_set_status(e, KVAS_EXIT_USAGE, "-p and -a exclude each other: give one");
	if (c->command_argv && (c->pid || c->comm[0]))
		return err_set_status(e, KVAS_EXIT_USAGE,
				      "%s and a program to run exclude each other: give one",
				      c->pid ? "-p" : "-C");
	if (c->all && (c->pid || c->comm[0]))
		return err_set_status(e, KVAS_EXIT_USAGE,
				      "-a and %s exclude each other: give one", c->pid ? "-p" : "-C");
	if (c->command == CMD_DMAP && c->duration_s > 0 && !c->watch)
		return err_set_status(e, KVAS_EXIT_USAGE,
				      "-d is for how long to watch the direct map: give --watch too");
	if (c->command == CMD_DMAP && c->avoid && !c->watch)
		return err_set_status(e, KVAS_EXIT_USAGE,
				      "--avoid is for the hooks of --watch: give it too");
	if (c->control && !c->command_argv)
		return err_set_status(e, KVAS_EXIT_USAGE,
				      "--control needs a program to run, which opens and shuts the "
				      "window: give it after --");
	if (c->command_argv && c->duration_s > 0)
		return err_set_status(e, KVAS_EXIT_USAGE,
				      "-d and a program to run exclude each other: the program ends "
				      "the run");
	return 0;
}

enum cli_result cli_parse(int argc, char **argv, struct cli *out, FILE *help, struct err *e)
{
	bool named = argc > 1 && argv[1][0] != '-';
	int cmd = CMD_LIVE;
	enum cli_result r;

	*out = (struct cli){ .interval_s = 1, .top = 10, .sample_hz = 99, .dir = "kvas.rec" };
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
			 (argc == 2 && !strcmp(argv[1], "help")))) {
		cli_help(help);
		return CLI_EXIT;
	}
	if (argc == 3 && !strcmp(argv[1], "help")) {
		cmd = command_by_name(argv[2]);
		if (cmd >= 0) {
			cli_help_command(help, cmd);
			return CLI_EXIT;
		}
	} else if (named) {
		cmd = command_by_name(argv[1]);
	}
	if (cmd < 0) {
		const char *word = strcmp(argv[1], "help") ? argv[1] : argv[2];
		const char *near = cli_closest_command(word);

		err_set_status(e, KVAS_EXIT_USAGE,
			       "unknown command '%s'%s%s%s 'kvas --help' lists the commands", word,
			       near ? ": did you mean '" : ";", near ? near : "", near ? "'?" : "");
		return CLI_ERROR;
	}
	out->command = cmd;
	if (cmd == CMD_LIVE)
		out->top = 5;
	if (cmd == CMD_PGD)
		out->top = -1;
	/* getopt sees the command's name as the program's. */
	argc -= named;
	argv += named;
	r = parse_options(argc, argv, out, help, e);
	return r == CLI_RUN && finish(argc, argv, out, e) ? CLI_ERROR : r;
}
