/* SPDX-License-Identifier: GPL-2.0 */
#include <string.h>

#include "cli/table.h"
#include "model/wrap.h"

#define OPTION_INDENT 24

static void option_line(FILE *f, const struct cli_option *o)
{
	struct wrap w = { f, OPTION_INDENT, 0 };
	char letter[8] = "   ", text[CLI_HELP_SIZE];

	if (o->letter)
		snprintf(letter, sizeof(letter), "-%c,", o->letter);
	w.column = fprintf(f, "  %s --%s%s%s", letter, o->name, o->arg ? " " : "",
			   o->arg ? o->arg : "");
	if (w.column >= OPTION_INDENT)
		wrap_end(&w);
	cli_option_help(o, text, sizeof(text));
	wrap_text(&w, text);
	wrap_end(&w);
}

static void group_of_commands(FILE *f, enum cli_group group)
{
	bool headed = false;

	for (int i = 0; i < CMD_COUNT; i++) {
		if (cli_commands[i].group != group)
			continue;
		if (!headed)
			fprintf(f, "%s:\n", cli_groups[group]);
		headed = true;
		fprintf(f, "  %-8s %s\n", cli_commands[i].name, cli_commands[i].help);
	}
	if (headed)
		fputc('\n', f);
}

void cli_help(FILE *f)
{
	fprintf(f, "%s\n\nusage: %s\n\n", cli_about, cli_usage);
	for (int g = 0; g < GROUP_COUNT; g++)
		group_of_commands(f, g);
	for (unsigned int i = 0; i < cli_option_count; i++)
		if (cli_options[i].kind == OPT_HELP || cli_options[i].kind == OPT_VERSION)
			option_line(f, &cli_options[i]);
	fprintf(f, "\n'kvas COMMAND --help' lists the options of a command.\n\n");
	wrap_paragraph(f, 0, cli_statuses);
	fprintf(f, "\nexamples:\n");
	for (int i = 0; i < CMD_COUNT; i++)
		fprintf(f, "  %s\n", cli_commands[i].example);
}

void cli_help_command(FILE *f, enum cli_command cmd)
{
	const struct cli_command_row *c = &cli_commands[cmd];
	const struct cli_operands_row *operands = &cli_operands[c->operands];

	fprintf(f, "usage: kvas %s [OPTIONS]%s%s\n\n", c->name, *operands->args ? " " : "",
		operands->args);
	wrap_paragraph(f, 0, c->more);
	wrap_paragraph(f, 0, operands->help);
	fputc('\n', f);
	for (unsigned int i = 0; i < cli_option_count; i++)
		if (cli_options[i].commands & ON(cmd))
			option_line(f, &cli_options[i]);
	fprintf(f, "\nexample: %s\n", c->example);
}
