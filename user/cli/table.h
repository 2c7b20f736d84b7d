/* SPDX-License-Identifier: GPL-2.0 */
/* Commands and options as data: what parsing, help and error hints are made from. */
#ifndef KVAS_CLI_TABLE_H
#define KVAS_CLI_TABLE_H

#include "cli/cli.h"

#define ON(cmd) (1u << (cmd))

struct cli_option {
	const char *name; /* long, without dashes */
	char letter; /* 0 none */
	const char *arg; /* metavar; NULL for a switch */
	unsigned int commands; /* ON() bits */
	const char *help;
	/* Put VALUE (NULL for a switch) into C; -1 with E. */
	int (*set)(struct cli *c, const char *value, struct err *e);
};

struct cli_command_row {
	const char *name;
	const char *args; /* after the options, for usage; "" none */
	const char *help; /* one line */
	const char *more; /* for --help of the command */
	const char *example;
};

extern const struct cli_option cli_options[];
extern const unsigned int cli_option_count;
extern const struct cli_command_row cli_commands[CMD_COUNT];

/* help.c */
void cli_help(FILE *f);
void cli_help_command(FILE *f, enum cli_command cmd);

/* suggest.c: edits (insert, delete, replace, swap of neighbours) from A to B. */
unsigned int cli_distance(const char *a, const char *b);
/* The command, or the option of CMD, closest to WORD; NULL when none is near. */
const char *cli_closest_command(const char *word);
const struct cli_option *cli_closest_option(const char *word, enum cli_command cmd);

#endif
