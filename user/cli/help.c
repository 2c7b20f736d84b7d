/* SPDX-License-Identifier: GPL-2.0 */
#include <string.h>

#include "cli/table.h"

#define WIDTH 79
#define INDENT 24

/* TEXT from column INDENT on, wrapped before WIDTH. */
static void wrapped(FILE *f, const char *text)
{
	int column = INDENT;

	while (*text) {
		int len = strcspn(text, " ");

		if (column > INDENT && column + len > WIDTH) {
			fprintf(f, "\n%*s", INDENT, "");
			column = INDENT;
		}
		column += fprintf(f, "%.*s", len, text);
		text += len;
		if (*text == ' ') {
			text++;
			column += fprintf(f, column + (int)strcspn(text, " ") < WIDTH ? " " : "");
		}
	}
	fputc('\n', f);
}

static void option_line(FILE *f, const struct cli_option *o)
{
	char left[64], letter[8] = "   ";

	if (o->letter)
		snprintf(letter, sizeof(letter), "-%c,", o->letter);
	snprintf(left, sizeof(left), "  %s --%s%s%s", letter, o->name, o->arg ? " " : "",
		 o->arg ? o->arg : "");
	fprintf(f, "%-*s", INDENT, left);
	if (strlen(left) >= INDENT)
		fprintf(f, "\n%*s", INDENT, "");
	wrapped(f, o->help);
}

void cli_help(FILE *f)
{
	fprintf(f, "kvas: how the kernel uses its virtual address space, live\n\n"
		   "usage: kvas [COMMAND] [OPTIONS] [-- PROGRAM ...]\n\n");
	for (int i = 0; i < CMD_COUNT; i++)
		fprintf(f, "  %-8s %s\n", cli_commands[i].name, cli_commands[i].help);
	fprintf(f, "\n  -h, --help     this, or after a command that command's options\n"
		   "  -V, --version  the version\n\n"
		   "Exit status: 0 done, 1 failed, 2 usage, 3 the host refuses; stat and record\n"
		   "with a program end with its status.\n\nexamples:\n");
	for (int i = 0; i < CMD_COUNT; i++)
		fprintf(f, "  %s\n", cli_commands[i].example);
}

void cli_help_command(FILE *f, enum cli_command cmd)
{
	const struct cli_command_row *c = &cli_commands[cmd];

	fprintf(f, "usage: kvas %s [OPTIONS]%s%s\n\n%s\n\n", c->name, *c->args ? " " : "", c->args,
		c->more);
	for (unsigned int i = 0; i < cli_option_count; i++)
		if (cli_options[i].commands & ON(cmd))
			option_line(f, &cli_options[i]);
	fprintf(f, "  -h, --help            this\n\nexample: %s\n", c->example);
}
