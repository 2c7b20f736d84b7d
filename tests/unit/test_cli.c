/* SPDX-License-Identifier: GPL-2.0 */
/* The command line: what is understood, what is refused and what is said then. */
#include "test.h"
#include "cli/cli.h"
#include "cli/table.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

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

static void describe_words(FILE *f, const char *name, char **words)
{
	if (!words)
		return;
	fprintf(f, " %s", name);
	for (; *words; words++)
		fprintf(f, " [%s]", *words);
}

/* Every member of the parsed command line that is not as kvas COMMAND alone sets it. */
static const char *described(void)
{
	static char buf[512];
	FILE *f = fmemopen(buf, sizeof(buf), "w");
	const struct {
		const char *name;
		double is, plain;
	} numbers[] = {
		{ "interval", c.interval_s, 1 },
		{ "count", c.count, 0 },
		{ "duration", c.duration_s, 0 },
		{ "pid", c.pid, 0 },
		{ "all", c.all, 0 },
		{ "avoid", c.avoid, 0 },
		{ "cost", c.kpti_cost_ns, 0 },
		{ "format", c.format, 0 },
		{ "events", c.events, 0 },
		{ "memory", c.memory, 0 },
		{ "ring", c.ring_bytes, 0 },
		{ "hz", c.sample_hz, 99 },
		{ "top", c.top, c.command == CMD_LIVE ? 5 : c.command == CMD_PGD ? -1 : 10 },
		{ "redact", c.redact, 0 },
		{ "safe", c.csv_safe, 0 },
		{ "map", c.map_size, 0 },
		{ "force", c.force, 0 },
		{ "sort", c.sort, 0 },
		{ "watch", c.watch, 0 },
		{ "verbose", c.verbose, 0 },
		{ "schema", c.json_schema, 0 },
	};
	const struct {
		const char *name, *is, *plain;
	} texts[] = {
		{ "comm", c.comm, "" },
		{ "cgroup", c.cgroup, NULL },
		{ "csv", c.csv, NULL },
		{ "dir", c.dir, "kvas.rec" },
		{ "output", c.output, NULL },
		{ "control", c.control, NULL },
		{ "topic", c.topic, NULL },
	};

	fprintf(f, "%d", c.command);
	for (size_t i = 0; i < COUNT(numbers); i++)
		if (numbers[i].is != numbers[i].plain)
			fprintf(f, " %s=%g", numbers[i].name, numbers[i].is);
	for (size_t i = 0; i < COUNT(texts); i++)
		if (texts[i].is && (!texts[i].plain || strcmp(texts[i].is, texts[i].plain)))
			fprintf(f, " %s=%s", texts[i].name, texts[i].is);
	describe_words(f, "at", c.addresses);
	describe_words(f, "run", c.command_argv);
	fclose(f);
	return buf;
}

struct taken {
	enum cli_command command;
	const char *line, *members;
};

static const struct taken taken[] = {
	{ CMD_LIVE, "", "" },
	{ CMD_LIVE, "-i 0.5 -n 3 -p 17", " interval=0.5 count=3 pid=17" },
	{ CMD_LIVE, "live -C abcdefghijklmno", " comm=abcdefghijklmno" },
	{ CMD_LIVE, "live --cgroup /system.slice", " cgroup=/system.slice" },
	{ CMD_LIVE, "live --kpti-cost 150.5 --csv f", " cost=150.5 csv=f" },
	{ CMD_LIVE, "live -v -m -F 0", " memory=1 hz=0 verbose=1" },
	{ CMD_STAT, "stat --format json -- make -j2", " format=1 run [make] [-j2]" },
	{ CMD_STAT, "stat --form=csv", " format=2" },
	{ CMD_STAT, "stat -o file -d 2", " duration=2 output=file" },
	{ CMD_STAT, "stat -va -- ls", " all=1 verbose=1 run [ls]" },
	{ CMD_STAT, "stat -a --control fifo:/tmp/c,/tmp/a -- ls",
	  " all=1 control=/tmp/c,/tmp/a run [ls]" },
	/* enum attach_how: fexit 2, kprobe 3 */
	{ CMD_STAT, "stat --avoid kprobe,fexit -d 1", " duration=1 avoid=12" },
	/* As in perf and strace, the first operand begins the program. */
	{ CMD_STAT, "stat make -j2", " run [make] [-j2]" },
	{ CMD_STAT, "stat -v make -v -- -d", " verbose=1 run [make] [-v] [--] [-d]" },
	{ CMD_RECORD, "record -o d ls --redact", " dir=d run [ls] [--redact]" },
	{ CMD_RECORD, "record -- --odd", " run [--odd]" },
	/* enum kvas_kind: task 1, fault 5; all but the sums of -m */
	{ CMD_RECORD, "record -o d --events task,fault --ring-size 4K --redact",
	  " events=34 ring=4096 redact=1 dir=d" },
	{ CMD_RECORD, "record --events=all --ring-size=2M", " events=254 ring=2.09715e+06" },
	{ CMD_REPORT, "report --force some/dir", " force=1 dir=some/dir" },
	{ CMD_REPORT, "report dir --format json -v", " format=1 verbose=1 dir=dir" },
	{ CMD_REPORT, "report --json-schema", " schema=1" },
	{ CMD_REPORT, "report -- some/dir", " dir=some/dir" },
	{ CMD_REPORT, "report -v -- -dir", " verbose=1 dir=-dir" },
	{ CMD_WALK, "walk -p 17 stack 0xffff888000000000", " pid=17 at [stack] [0xffff888000000000]" },
	{ CMD_WALK, "walk stack -p 17 mm --format json pgd",
	  " pid=17 format=1 at [stack] [mm] [pgd]" },
	{ CMD_WALK, "walk schedule -p 1", " pid=1 at [schedule]" },
	{ CMD_WALK, "walk a -- -p b", " at [a] [-p] [b]" },
	{ CMD_PGD, "pgd -a --sort bytes --top 3", " all=1 top=3 sort=1" },
	{ CMD_PGD, "pgd -p 1 --format json", " pid=1 format=1" },
	{ CMD_PGD, "pgd --all --sort comm", " all=1 sort=2" },
	{ CMD_DMAP, "dmap --watch -d 3 --avoid fentry", " duration=3 avoid=2 watch=1" },
	{ CMD_LAYOUT, "layout --format json", " format=1" },
	{ CMD_HOOKS, "hooks --avoid kretprobe", " avoid=16" },
	{ CMD_CHECK, "check", "" },
};

TEST(lines_are_understood)
{
	char want[256];

	for (size_t i = 0; i < COUNT(taken); i++) {
		snprintf(want, sizeof(want), "%d%s", taken[i].command, taken[i].members);
		if (parse(taken[i].line) != CLI_RUN)
			fail_msg("'%s' is refused: %s", taken[i].line, e.text);
		if (strcmp(described(), want))
			fail_msg("'%s' is '%s', not '%s'", taken[i].line, described(), want);
	}
}

static const char *const refused[][2] = {
	/* slips get a hint */
	{ "recrod", "did you mean 'record'" },
	{ "reprot dir", "did you mean 'report'" },
	{ "laoyut", "did you mean 'layout'" },
	{ "help stat extra", "'extra' is one argument too many: 'kvas help'" },
	{ "help xyzzy extra", "'extra' is one" },
	{ "xyzzy", "unknown command 'xyzzy'; 'kvas --help'" },
	{ "help xyzzy", "unknown command 'xyzzy'" },
	{ "-v stat", "'stat' is a command: it goes first" },
	{ "stat --fromat json", "did you mean '--format'" },
	{ "stat --frobnicate", "unknown option '--frobnicate'; 'kvas stat --help'" },
	{ "live -z", "unknown option '-z'" },
	{ "stat --redact", "belongs to 'kvas record'" },
	{ "live -o x", "'-o' is no option of 'kvas live'" },
	{ "live -a", "'kvas stat'" },
	{ "report -p 1", "'-p' is no option of 'kvas report'" },
	{ "walk -d 1 stack", "'-d' is no option of 'kvas walk'" },
	{ "layout -p 1", "'-p' is no option of 'kvas layout'" },
	{ "pgd --all-cpus", "'--all-cpus' is no option of 'kvas pgd'" },
	{ "check -v", "'-v' is no option of 'kvas check'" },
	{ "stat --json-schema", "belongs to 'kvas report'" },
	{ "live --verbose=1", "'--verbose' takes no argument" },
	/* the same behind operands */
	{ "report dir --frobnicate", "unknown option '--frobnicate'" },
	{ "report dir --fromat json", "did you mean '--format'" },
	{ "report dir -p 1", "'-p' is no option of 'kvas report'" },
	{ "report dir --format", "'--format' needs an argument" },
	{ "walk stack -z", "unknown option '-z'" },
	{ "walk stack -p", "'-p' needs an argument" },
	{ "walk stack -p bash", "'bash'" },
	/* bad values are named */
	{ "live -i 0", "'0' is not a number of seconds from 0.05 to 3600" },
	{ "live -i 1x", "'1x'" },
	{ "live -i nan", "from 0.05 to 3600" },
	{ "live -n 0", "'0'" },
	{ "live -n", "'-n' needs an argument: COUNT" },
	{ "live --interval", "'--interval' needs an argument: SEC" },
	{ "live -p -5", "'-5'" },
	{ "live -p 99999999", "4194304" },
	{ "live -C abcdefghijklmnop", "15 bytes" },
	{ "live --top x", "--top: 'x'" },
	{ "live -F -1", "0 to 10000" },
	{ "record --events faults", "task, pgd, switch, crossing, fault, vmalloc, access or all" },
	{ "record --events task,", "'task,'" },
	{ "record --events memory", "'memory'" },
	{ "record --ring-size 5000", "try 4K" },
	{ "record --ring-size 100K", "try 64K" },
	{ "record --ring-size 1", "try 4K" },
	{ "record --ring-size -4K", "'-4K'" },
	/* what strtod() and strtol() would take */
	{ "live -i +5", "'+5' is not a number of seconds from 0.05 to 3600: leave the sign out" },
	{ "live -i 0x10", "from 0.05 to 3600: it is hexadecimal" },
	{ "live -p 0x10", "'0x10' is not a process ID from 1 to 4194304: it is hexadecimal" },
	{ "live -p -0x10", "it is hexadecimal" },
	{ "live -n +5", "whole number of intervals from 1 to 1000000000: leave the sign out" },
	{ "record --ring-size +4K", "a size from 4K to 1024M: leave the sign out" },
	{ "record --ring-size 0x1000", "a size from 4K to 1024M: it is hexadecimal" },
	/* 2^64 bytes and a MiB */
	{ "record --ring-size 17592186044417M", "is not a size from 4K to 1024M" },
	{ "record --ring-size 18014398509481988K", "is not a size from 4K to 1024M" },
	{ "record --ring-size 2048M", "'2048M' is not a size from 4K to 1024M" },
	{ "stat --format xml", "'xml' is not text, json, csv or markdown" },
	{ "hooks --format csv", "'csv' is not text or json" },
	{ "walk --format csv stack", "text or json" },
	{ "check --format csv", "text or json" },
	{ "pgd --sort size", "pid, bytes or comm" },
	{ "stat -d 1e99", "from 0.001 to 10000000" },
	{ "stat -d x", "-d: 'x'" },
	{ "stat --avoid fentry,tp_btf -d 1", "of fentry, fexit, kprobe or kretprobe" },
	{ "stat --avoid , -d 1", "--avoid" },
	{ "stat --control fifo: -- ls", "fifo:CTL" },
	{ "stat --control fifo:,ack -- ls", "fifo:CTL" },
	{ "stat --control pipe:x -- ls", "fifo:CTL" },
	{ "stat --kpti-cost 0 -d 1", "nanoseconds" },
	{ "record -o", "'-o' needs an argument: DIR" },
	{ "stat -o", "'-o' needs an argument: FILE" },
	/* what does not go together */
	{ "live -p 1 -C x", "-p and -C exclude each other: give one" },
	{ "stat -p 1 -- true", "-p and a program to run exclude each other" },
	{ "stat -C x true", "-C and a program to run exclude each other" },
	{ "stat -d 1 -- true", "-d and a program to run exclude each other: the program ends" },
	{ "record -d 1 true", "-d and a program" },
	{ "stat -a -p 1", "-a and -p exclude each other" },
	{ "record -a -C x", "-a and -C exclude each other" },
	{ "pgd -a -p 1", "-p and -a exclude each other" },
	{ "stat --control fifo:/tmp/c", "--control needs a program to run" },
	{ "dmap -d 3", "-d needs --watch" },
	{ "dmap --avoid fentry", "--avoid needs --watch" },
	/* operands */
	{ "live extra", "'extra'" },
	{ "live extra -i 1", "'extra'" },
	{ "live -- extra", "'extra'" },
	{ "report a b", "'b'" },
	{ "report a -v b", "'b'" },
	{ "hooks x", "'x'" },
	{ "walk", "needs an address" },
	{ "walk -p 1", "needs an address" },
};

/* No message names an option that does not exist. */
static void options_named_exist(const char *line)
{
	for (char *w = strtok(e.text, " ':;,()?"); w; w = strtok(NULL, " ':;,()?")) {
		bool known = w[0] != '-' || !strcmp(w, "--") || strstr(line, w);

		for (unsigned int o = 0; o < cli_option_count; o++)
			known |= (w[1] == '-' && !strcmp(w + 2, cli_options[o].name)) ||
				 (w[2] == '\0' && w[1] == cli_options[o].letter);
		if (!known)
			fail_msg("'%s' names the option %s", line, w);
	}
}

/* In an argument of its own, as a shell quotes it. */
static void blanks_are_refused(void)
{
	static char *const options[][2] = { { "-d", " 5" }, { "-d", "5\n" }, { "-p", "\t5" },
					    { "--ring-size", " 4K" } };

	for (size_t i = 0; i < COUNT(options); i++) {
		char *argv[] = { "kvas", "stat", options[i][0], options[i][1], NULL };

		assert_int_equal(cli_parse(4, argv, &c, stderr, &e), CLI_ERROR);
		assert_non_null(strstr(e.text, " (there is a blank in it)"));
	}
}

TEST(lines_are_refused)
{
	for (size_t i = 0; i < COUNT(refused); i++) {
		const char *line = refused[i][0];

		if (parse(line) != CLI_ERROR)
			fail_msg("'%s' was taken", line);
		assert_int_equal(e.status, KVAS_EXIT_USAGE);
		if (!strstr(e.text, refused[i][1]))
			fail_msg("'%s' says '%s', no '%s'", line, e.text, refused[i][1]);
		options_named_exist(line);
	}
	blanks_are_refused();
	/* A letter inside a bundle is named alone. */
	assert_int_equal(parse("live -vz"), CLI_ERROR);
	assert_non_null(strstr(e.text, "unknown option '-z'"));
}

/* The option as one could give it, with a value that is no default. */
static void option_example(const struct cli_option *o, char *buf, size_t size)
{
	static const char *const values[] = { [OPT_NUMBER] = " 7", [OPT_INTEGER] = " 7",
					      [OPT_SIZE] = " 8K",  [OPT_TEXT] = " fifo:seven",
					      [OPT_NAME] = " seven", [OPT_VERSION] = NULL };
	const char *value = values[o->kind];

	if (o->word)
		snprintf(buf, size, "--%s %s", o->name, o->word(31 - __builtin_clz(o->values)));
	else
		snprintf(buf, size, "--%s%s", o->name, value ? value : "");
}

/* Each option of each command does the same before and behind operands, and does something. */
TEST(options_stand_anywhere)
{
	static const char *const operands[OPERANDS_COUNT] = {
		[OPERANDS_NONE] = "", [OPERANDS_DIR] = "d", [OPERANDS_ADDRESSES] = "a b", [OPERANDS_TOPIC] = "t",
		[OPERANDS_PROGRAM] = "",
	};
	char option[64], line[128], first[sizeof(e.text)];

	for (unsigned int i = 0; i < cli_option_count * CMD_COUNT; i++) {
		const struct cli_option *o = &cli_options[i / CMD_COUNT];
		const struct cli_command_row *cmd = &cli_commands[i % CMD_COUNT];
		enum cli_result before, behind;
		const char *operand = operands[cmd->operands];

		if (!(o->commands & ON(i % CMD_COUNT)))
			continue;
		option_example(o, option, sizeof(option));
		snprintf(line, sizeof(line), "%s %s", cmd->name, operand);
		assert_int_equal(parse(line), CLI_RUN);
		snprintf(first, sizeof(first), "%s", described());
		snprintf(line, sizeof(line), "%s %s %s", cmd->name, option, operand);
		before = parse(line);
		if (before == CLI_RUN && !strcmp(first, described()))
			fail_msg("'%s' does nothing", line);
		snprintf(first, sizeof(first), "%s", before == CLI_RUN ? described() : e.text);
		snprintf(line, sizeof(line), "%s %s %s", cmd->name, operand, option);
		behind = parse(line);
		assert_int_equal(before, behind);
		assert_string_equal(behind == CLI_RUN ? described() : e.text, first);
	}
}

/* Whether the words of TEXT stand in HELP one after the other, blanks and lines apart. */
static bool has_words(const char *help, const char *text)
{
	char flat[2][4096];
	const char *in[2] = { help, text };

	for (int i = 0; i < 2; i++) {
		size_t n = 0;

		flat[i][n++] = ' ';
		for (const char *p = in[i]; *p && n < sizeof(flat[i]) - 2; p++)
			if (*p != ' ' && *p != '\n')
				flat[i][n++] = *p;
			else if (flat[i][n - 1] != ' ')
				flat[i][n++] = ' ';
		if (flat[i][n - 1] != ' ')
			flat[i][n++] = ' ';
		flat[i][n] = '\0';
	}
	return strstr(flat[0], flat[1]);
}

TEST(help_has_every_word)
{
	char line[64], text[CLI_HELP_SIZE];

	for (int cmd = 0; cmd < CMD_COUNT; cmd++) {
		snprintf(line, sizeof(line), "%s --help", cli_commands[cmd].name);
		assert_int_equal(parse(line), CLI_EXIT);
		assert_true(has_words(help_text, cli_commands[cmd].more));
		assert_true(has_words(help_text, cli_operands[cli_commands[cmd].operands].help));
		for (unsigned int o = 0; o < cli_option_count; o++) {
			if (!(cli_options[o].commands & ON(cmd)))
				continue;
			cli_option_help(&cli_options[o], text, sizeof(text));
			assert_true(strlen(text) < sizeof(text) - 1);
			if (!has_words(help_text, text))
				fail_msg("'%s' has no '%s'", line, text);
		}
	}
	assert_int_equal(parse("help stat"), CLI_EXIT);
	assert_true(has_words(help_text, "read from CTL;"));
	assert_true(has_words(help_text, "kvas's own options go before it."));
	assert_true(has_words(help_text, "task, pgd, switch, crossing, fault, vmalloc, access or all;"));
	assert_int_equal(parse("--help"), CLI_EXIT);
	assert_true(has_words(help_text, cli_statuses));
	assert_int_equal(parse("report d --version"), CLI_EXIT);
	assert_true(has_words(help_text, "kvas " KVAS_VERSION));
}

TEST(help_fits_a_terminal)
{
	char line[64];

	for (int cmd = -1; cmd < CMD_COUNT; cmd++) {
		snprintf(line, sizeof(line), "%s --help", cmd < 0 ? "" : cli_commands[cmd].name);
		assert_int_equal(parse(line), CLI_EXIT);
		assert_non_null(strstr(help_text, "usage: kvas"));
		for (char *l = strtok(help_text, "\n"); l; l = strtok(NULL, "\n"))
			if (strlen(l) > 80 || l[strlen(l) - 1] == ' ')
				fail_msg("%zu columns, or a blank at the end: '%s'", strlen(l), l);
	}
}

/* The groups, their order and their commands; one without commands has no heading. */
TEST(commands_stand_in_groups)
{
	char seen[512] = "", word[16];

	assert_int_equal(parse("--help"), CLI_EXIT);
	for (char *l = strtok(strstr(help_text, "usage"), "\n"); l; l = strtok(NULL, "\n")) {
		if (strstr(l, "  -h,"))
			break;
		if (l[0] != ' ' && l[strlen(l) - 1] == ':')
			snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%.5s: ", l);
		else if (sscanf(l, "  %15s", word) == 1 && l[0] == ' ')
			snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%s ", word);
	}
	assert_string_equal(seen, "watch: live stat record report hooks look : layout walk pgd dmap "
				  "check vmalloc explain ");
}

/* A command has each name and letter once, and rules are about options it has. */
TEST(rows_agree)
{
	for (unsigned int a = 0; a < cli_option_count; a++) {
		assert_true(cli_options[a].commands != 0);
		assert_true(!cli_options[a].arg ==
			    (cli_options[a].kind == OPT_SWITCH || cli_options[a].kind >= OPT_HELP));
		for (unsigned int b = a + 1; b < cli_option_count; b++) {
			if (!(cli_options[a].commands & cli_options[b].commands))
				continue;
			assert_string_not_equal(cli_options[a].name, cli_options[b].name);
			assert_true(!cli_options[a].letter ||
				    cli_options[a].letter != cli_options[b].letter);
		}
	}
	for (unsigned int r = 0; r < cli_rule_count; r++) {
		unsigned int has = 0, has_other = cli_rules[r].other ? 0 : ~0u;

		for (unsigned int o = 0; o < cli_option_count; o++) {
			if (!strcmp(cli_options[o].name, cli_rules[r].option))
				has |= cli_options[o].commands;
			if (cli_rules[r].other && !strcmp(cli_options[o].name, cli_rules[r].other))
				has_other |= cli_options[o].commands;
		}
		assert_int_equal(cli_rules[r].commands & ~(has & has_other), 0);
	}
}

/* Damerau's distance, counted by hand. */
TEST(distances)
{
	static const struct {
		const char *a, *b;
		unsigned int edits;
	} rows[] = {
		{ "record", "record", 0 }, { "recrod", "record", 1 }, { "recor", "record", 1 },
		{ "rexord", "record", 1 }, { "", "stat", 4 },	     { "kitten", "sitting", 3 },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(cli_distance(rows[i].a, rows[i].b), rows[i].edits);
}

TESTS_RUN(NULL, NULL)
