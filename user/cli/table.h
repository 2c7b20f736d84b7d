/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands and options as data: parsing, help and error hints are made from these
 * rows and from nothing else.
 */
#ifndef KVAS_CLI_TABLE_H
#define KVAS_CLI_TABLE_H

#include <stddef.h>

#include "cli/cli.h"

#define ON(cmd) (1u << (cmd))

/* How an option's value is read, and the type of the member of struct cli it goes to. */
enum cli_kind {
	OPT_SWITCH, /* bool; takes no value */
	OPT_NUMBER, /* double, min to max */
	OPT_INTEGER, /* int, min to max, decimal */
	OPT_SIZE, /* __u32 of bytes: a power of two, min to max, with K or M behind it */
	OPT_TEXT, /* const char *, not empty, what stands behind the prefix */
	OPT_NAME, /* char [max + 1], min to max bytes, zeros behind them */
	OPT_CHOICE, /* an enum: one of the words */
	OPT_LIST, /* __u32: a bit per value, words with commas between them */
	OPT_HELP, /* prints the help and ends */
	OPT_VERSION, /* prints the version and ends */
};

struct cli_option {
	const char *name; /* long, without dashes */
	char letter; /* 0 none */
	const char *arg; /* metavar; NULL for a switch */
	unsigned int commands; /* ON() bits */
	const char *help; /* of a choice or a list without the words, which are appended */
	enum cli_kind kind;
	size_t offset; /* in struct cli */
	double min, max;
	const char *want; /* noun phrase for the error: "a number of seconds" */
	const char *prefix; /* OPT_TEXT: what a value begins with; NULL none */
	/* OPT_CHOICE, OPT_LIST: the word of a value, and a bit for each value to offer */
	const char *(*word)(unsigned int value);
	__u32 values;
	const char *all; /* OPT_LIST: the word for all values; NULL none */
};

/* Two options that exclude each other, or one that has no use without the other. */
struct cli_rule {
	unsigned int commands; /* ON() bits */
	const char *option; /* its long name */
	const char *other; /* its long name; NULL: a program to run */
	bool needs; /* else they exclude each other */
	const char *why; /* the end of the error's sentence */
};

enum cli_group { GROUP_WATCH, GROUP_LOOK, GROUP_COMPARE, GROUP_COUNT };

/* What may stand on the command line besides options. */
enum cli_operands {
	OPERANDS_NONE,
	OPERANDS_DIR, /* one at most */
	OPERANDS_ADDRESSES, /* one or more */
	OPERANDS_TOPIC, /* one, or none */
	OPERANDS_PROGRAM, /* from the first on all is the program's */
	OPERANDS_COUNT,
};

struct cli_operands_row {
	const char *args; /* after the options, for usage; "" none */
	const char *help; /* where options may stand; "" none */
	const char *missing; /* the error where one is needed and not there; NULL none needed */
};

struct cli_command_row {
	const char *name;
	enum cli_group group;
	enum cli_operands operands;
	int top; /* default of --top */
	const char *help; /* one line */
	const char *more; /* for --help of the command */
	const char *example;
};

extern const struct cli_option cli_options[];
extern const unsigned int cli_option_count;
extern const struct cli_rule cli_rules[];
extern const unsigned int cli_rule_count;
extern const struct cli_command_row cli_commands[CMD_COUNT];
extern const struct cli_operands_row cli_operands[OPERANDS_COUNT];
extern const char *const cli_groups[GROUP_COUNT]; /* headings */
extern const char cli_about[], cli_usage[], cli_statuses[];

/* value.c */
/* Put VALUE (NULL for a switch) where option O, no OPT_HELP or OPT_VERSION, says in C;
 * -1 with E. */
int cli_set(const struct cli_option *o, struct cli *c, const char *value, struct err *e);
/* How an error names an option: "-p" or "--format". Returns BUF, which holds 32 bytes. */
#define CLI_SHOWN_SIZE 32
const char *cli_shown(const struct cli_option *o, char *buf);
/* The option's help as one sentence, words of a choice included, to BUF of SIZE bytes. */
#define CLI_HELP_SIZE 256
void cli_option_help(const struct cli_option *o, char *buf, size_t size);

/* help.c */
void cli_help(FILE *f);
void cli_help_command(FILE *f, enum cli_command cmd);

/* suggest.c: edits (insert, delete, replace, swap of neighbours) from A to B. */
unsigned int cli_distance(const char *a, const char *b);
/* The command, or the option of CMD, closest to WORD; NULL when none is near. */
const char *cli_closest_command(const char *word);
const struct cli_option *cli_closest_option(const char *word, enum cli_command cmd);

#endif
