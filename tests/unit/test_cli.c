/* SPDX-License-Identifier: GPL-2.0 */
/* The command line: what is understood, what is refused and what is said then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/cli.h"
#include "cli/table.h"
#include "model/hooks.h"

static struct err e;
static struct cli c;
static char *help_text;

/* Parse a command line given as one string, split at blanks. */
static enum cli_result parse(const char *line)
{
	static char copy[512];
	static char *argv[32];
	size_t len;
	FILE *help;
	int argc = 0;
	enum cli_result r;

	snprintf(copy, sizeof(copy), "kvas %s", line);
	for (char *w = strtok(copy, " "); w; w = strtok(NULL, " "))
		argv[argc++] = w;
	argv[argc] = NULL;
	memset(&e, 0, sizeof(e));
	free(help_text);
	help = open_memstream(&help_text, &len);
	r = cli_parse(argc, argv, &c, help, &e);
	fclose(help);
	return r;
}

static void refused(const char *line, const char *words)
{
	if (parse(line) != CLI_ERROR)
		fail_msg("'%s' was taken", line);
	assert_int_equal(e.status, KVAS_EXIT_USAGE);
	if (!strstr(e.text, words))
		fail_msg("'%s' says '%s', no '%s'", line, e.text, words);
}

static void live_is_the_default(void **state)
{
	(void)state;
	assert_int_equal(parse(""), CLI_RUN);
	assert_int_equal(c.command, CMD_LIVE);
	assert_true(c.interval_s == 1.0);
	assert_int_equal(parse("-i 0.5 -n 3 -p 17"), CLI_RUN);
	assert_int_equal(c.command, CMD_LIVE);
	assert_true(c.interval_s == 0.5);
	assert_int_equal(c.count, 3);
	assert_int_equal(c.pid, 17);
}

static void commands_and_their_arguments(void **state)
{
	(void)state;
	assert_int_equal(parse("stat --format json -- make -j2"), CLI_RUN);
	assert_int_equal(c.command, CMD_STAT);
	assert_int_equal(c.format, FORMAT_JSON);
	assert_string_equal(c.command_argv[0], "make");
	assert_string_equal(c.command_argv[1], "-j2");
	assert_null(c.command_argv[2]);
	/* As in perf, options end where the program begins. */
	assert_int_equal(parse("stat make -j2"), CLI_RUN);
	assert_string_equal(c.command_argv[1], "-j2");
	assert_int_equal(parse("record -o d --events task,fault --ring-size 4K --redact"), CLI_RUN);
	assert_string_equal(c.dir, "d");
	assert_int_equal(c.events, 1 << KVAS_KIND_TASK | 1 << KVAS_KIND_FAULT);
	assert_int_equal(c.ring_bytes, 4096);
	assert_true(c.redact);
	assert_int_equal(parse("record --events=all --ring-size=2M"), CLI_RUN);
	assert_int_equal(c.events, 0xfe);
	assert_int_equal(c.ring_bytes, 2 << 20);
	assert_string_equal(c.dir, "kvas.rec");
	assert_int_equal(parse("report --force some/dir"), CLI_RUN);
	assert_string_equal(c.dir, "some/dir");
	assert_true(c.force);
	assert_int_equal(parse("stat -o file -d 2"), CLI_RUN);
	assert_string_equal(c.output, "file");
	assert_true(c.duration_s == 2.0);
	assert_int_equal(parse("live -C abcdefghijklmno"), CLI_RUN);
	assert_string_equal(c.comm, "abcdefghijklmno");
}

static void slips_get_a_hint(void **state)
{
	(void)state;
	refused("recrod", "did you mean 'record'");
	refused("reprot dir", "did you mean 'report'");
	refused("xyzzy", "unknown command 'xyzzy'; 'kvas --help'");
	refused("stat --fromat json", "did you mean '--format'");
	refused("stat --frobnicate", "unknown option '--frobnicate'; 'kvas stat --help'");
	refused("live -z", "unknown option '-z'");
	refused("stat --redact", "belongs to 'kvas record'");
	refused("live -o x", "'-o' is no option of 'kvas live'");
	refused("report -p 1", "'-p' is no option of 'kvas report'");
}

static void bad_values_are_named(void **state)
{
	(void)state;
	refused("live -i 0", "'0'");
	refused("live -i 1x", "'1x'");
	refused("live -i nan", "from 0.05 to 3600");
	refused("live -n 0", "'0'");
	refused("live -n", "'-n' needs an argument");
	refused("live --interval", "'--interval' needs an argument");
	refused("live -p -5", "'-5'");
	refused("live -p bash", "'bash'");
	refused("live -p 99999999", "4194304");
	refused("live -C abcdefghijklmnop", "15 bytes");
	refused("record --events faults", "'faults'");
	refused("record --events task,", "'task,'");
	refused("record --ring-size 5000", "try 4K");
	refused("record --ring-size 100K", "try 64K");
	refused("record --ring-size -4K", "'-4K'");
	refused("record --ring-size 2048M", "'2048M'");
	refused("stat --format xml", "text, json or csv");
	refused("hooks --format csv", "text or json");
	refused("stat -d 1e99", "'1e99'");
}

static void contradictions_are_refused(void **state)
{
	(void)state;
	refused("live -p 1 -C x", "-p and -C");
	refused("stat -p 1 -- true", "-p and a program");
	refused("stat -d 1 -- true", "-d and a program");
	refused("live extra", "'extra'");
	refused("report a b", "'b'");
	refused("hooks x", "'x'");
}

/* No message names an option that does not exist. */
static void options_named_exist(void **state)
{
	static const char *const lines[] = {
		"recrod",	 "stat --frob",	   "live -o x",	    "live -i 0", "live -n 0",
		"live -p x",	 "live -C abcdefghijklmnop",	    "record --events x",
		"record --ring-size 5", "stat --format x", "live -p 1 -C x", "stat -p 1 -- true",
		"stat -d 1 -- true", "report a b", "stat -d x", "live --top x", "record -o",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(parse(lines[i]), CLI_ERROR);
		for (char *w = strtok(e.text, " ':;,()?"); w; w = strtok(NULL, " ':;,()?")) {
			bool known = !strcmp(w, "--help") || strstr(lines[i], w);

			if (w[0] != '-')
				continue;
			for (unsigned int o = 0; o < cli_option_count; o++)
				known |= (w[1] == '-' && !strcmp(w + 2, cli_options[o].name)) ||
					 (w[2] == '\0' && w[1] == cli_options[o].letter);
			if (!known)
				fail_msg("'%s' names the option %s", lines[i], w);
		}
	}
}

static void the_ledgers_options(void **state)
{
	(void)state;
	assert_int_equal(parse("stat -a --control fifo:/tmp/c,/tmp/a -- ls"), CLI_RUN);
	assert_true(c.all);
	assert_string_equal(c.control, "/tmp/c,/tmp/a");
	assert_int_equal(parse("live --kpti-cost 150.5"), CLI_RUN);
	assert_true(c.kpti_cost_ns == 150.5);
	assert_int_equal(parse("stat --avoid kprobe,fexit -d 1"), CLI_RUN);
	assert_int_equal(c.avoid, 1u << HOW_KPROBE | 1u << HOW_FEXIT);
	refused("stat --avoid fentry,tp_btf -d 1", "fentry, fexit, kprobe, kretprobe");
	refused("stat --avoid , -d 1", "--avoid");
	refused("stat --control fifo: -- ls", "fifo:CTL");
	refused("stat --control fifo:/tmp/c", "program");
	refused("stat --kpti-cost 0 -d 1", "nanoseconds");
	refused("stat -a -p 1", "-a");
	refused("live -a", "'kvas stat'");
}

static void walk_takes_addresses(void **state)
{
	(void)state;
	assert_int_equal(parse("walk -p 17 stack 0xffff888000000000"), CLI_RUN);
	assert_int_equal(c.command, CMD_WALK);
	assert_int_equal(c.pid, 17);
	assert_string_equal(c.addresses[0], "stack");
	assert_string_equal(c.addresses[1], "0xffff888000000000");
	assert_null(c.addresses[2]);
	refused("walk", "needs an address");
	refused("walk --format csv stack", "text or json");
	refused("walk -d 1 stack", "'-d' is no option of 'kvas walk'");
}

static void the_explorers_options(void **state)
{
	(void)state;
	assert_int_equal(parse("pgd -a --sort bytes --top 3"), CLI_RUN);
	assert_int_equal(c.command, CMD_PGD);
	assert_true(c.all);
	assert_int_equal(c.sort, SORT_BYTES);
	assert_int_equal(c.top, 3);
	assert_int_equal(parse("pgd -p 1 --format json"), CLI_RUN);
	assert_int_equal(c.top, -1); /* all */
	assert_int_equal(parse("pgd --all"), CLI_RUN);
	assert_int_equal(parse("dmap --watch -d 3 --avoid fentry"), CLI_RUN);
	assert_true(c.watch);
	assert_int_equal(c.top, 10);
	assert_int_equal(parse("layout --format json"), CLI_RUN);
	assert_int_equal(parse("check"), CLI_RUN);
	refused("pgd -a -p 1", "exclude each other");
	refused("pgd --sort size", "pid, bytes or comm");
	refused("dmap -d 3", "--watch");
	refused("dmap --avoid fentry", "--watch");
	refused("layout -p 1", "'-p' is no option of 'kvas layout'");
	refused("check --format csv", "text or json");
	refused("pgd --all-cpus", "'--all-cpus' is no option of 'kvas pgd'");
	refused("laoyut", "did you mean 'layout'");
}

static void help_fits_a_terminal(void **state)
{
	char line[64];

	(void)state;
	for (int cmd = -1; cmd < CMD_COUNT; cmd++) {
		snprintf(line, sizeof(line), "%s --help", cmd < 0 ? "" : cli_commands[cmd].name);
		assert_int_equal(parse(line), CLI_EXIT);
		assert_non_null(strstr(help_text, "usage: kvas"));
		for (char *l = strtok(help_text, "\n"); l; l = strtok(NULL, "\n"))
			if (strlen(l) > 80)
				fail_msg("%zu columns: %s", strlen(l), l);
	}
	assert_int_equal(parse("help record"), CLI_EXIT);
	assert_non_null(strstr(help_text, "--redact"));
	assert_int_equal(parse("--version"), CLI_EXIT);
	assert_non_null(strstr(help_text, "kvas "));
}

static void every_option_has_a_command_and_help(void **state)
{
	(void)state;
	for (unsigned int o = 0; o < cli_option_count; o++) {
		assert_true(cli_options[o].commands != 0);
		assert_true(strlen(cli_options[o].help) > 5);
	}
}

/* Damerau's distance, counted by hand. */
static void distances(void **state)
{
	(void)state;
	assert_int_equal(cli_distance("record", "record"), 0);
	assert_int_equal(cli_distance("recrod", "record"), 1);
	assert_int_equal(cli_distance("recor", "record"), 1);
	assert_int_equal(cli_distance("rexord", "record"), 1);
	assert_int_equal(cli_distance("", "stat"), 4);
	assert_int_equal(cli_distance("kitten", "sitting"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(live_is_the_default),
		cmocka_unit_test(commands_and_their_arguments),
		cmocka_unit_test(slips_get_a_hint),
		cmocka_unit_test(bad_values_are_named),
		cmocka_unit_test(contradictions_are_refused),
		cmocka_unit_test(options_named_exist),
		cmocka_unit_test(the_ledgers_options),
		cmocka_unit_test(walk_takes_addresses),
		cmocka_unit_test(the_explorers_options),
		cmocka_unit_test(help_fits_a_terminal),
		cmocka_unit_test(every_option_has_a_command_and_help),
		cmocka_unit_test(distances),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	free(help_text);
	return r;
}
