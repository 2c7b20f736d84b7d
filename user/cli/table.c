/* SPDX-License-Identifier: GPL-2.0 */
#include "cli/table.h"

#include "model/hooks.h"
#include "model/words.h"

#define TRACING (ON(CMD_LIVE) | ON(CMD_STAT) | ON(CMD_RECORD))
#define PRINTING (ON(CMD_STAT) | ON(CMD_RECORD) | ON(CMD_REPORT))
#define EXPLORING                                                                             \
	(ON(CMD_HOOKS) | ON(CMD_WALK) | ON(CMD_LAYOUT) | ON(CMD_PGD) | ON(CMD_DMAP) |         \
	 ON(CMD_CHECK) | ON(CMD_VMALLOC) | ON(CMD_EXPLAIN))
#define SUMMARY (TRACING | ON(CMD_REPORT))
#define EVERY (ON(CMD_COUNT) - 1)

/* The offset of a member of struct cli, which must be of this type. */
#define AT(type, member)                                                                      \
	(offsetof(struct cli, member) +                                                       \
	 0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((struct cli *)0)->member),  \
						      type) ? 1 : -1]))
#define SWITCH(member) .kind = OPT_SWITCH, .offset = AT(bool, member)
#define NUMBER(member, from, to, noun)                                                        \
	.kind = OPT_NUMBER, .offset = AT(double, member), .min = from, .max = to, .want = noun
#define INTEGER(member, from, to, noun)                                                       \
	.kind = OPT_INTEGER, .offset = AT(int, member), .min = from, .max = to, .want = noun
#define SIZE(member, from, to)                                                                \
	.kind = OPT_SIZE, .offset = AT(__u32, member), .min = from, .max = to
#define TEXT(member, noun) .kind = OPT_TEXT, .offset = AT(const char *, member), .want = noun
#define NAME(member, noun)                                                                    \
	.kind = OPT_NAME, .offset = offsetof(struct cli, member), .min = 1,                   \
	.max = sizeof(((struct cli *)0)->member) - 1, .want = noun
#define CHOICE(type, member, names, some)                                                     \
	.kind = OPT_CHOICE, .offset = AT(type, member), .word = names, .values = some
#define LIST(member, names, some)                                                             \
	.kind = OPT_LIST, .offset = AT(__u32, member), .word = names, .values = some

/* -m makes sums, not records: its kind is not among those of --events. */
#define RECORDED ((1u << KVAS_KIND_END) - 2 - (1u << KVAS_KIND_MEMORY))
#define AVOIDABLE (1u << HOW_FENTRY | 1u << HOW_FEXIT | 1u << HOW_KPROBE | 1u << HOW_KRETPROBE)

static const char *way_name(unsigned int how)
{
	return attach_how_name(how);
}

const struct cli_option cli_options[] = {
	{ "interval", 'i', "SEC", ON(CMD_LIVE) | ON(CMD_RECORD),
	  "seconds between two summaries (live) or two rows of counters (record); 1 by default",
	  NUMBER(interval_s, 0.05, 3600, "a number of seconds") },
	{ "count", 'n', "COUNT", ON(CMD_LIVE), "end after COUNT intervals",
	  INTEGER(count, 1, 1000000000, "a whole number of intervals") },
	{ "duration", 'd', "SEC", TRACING | ON(CMD_DMAP), "end after SEC seconds",
	  NUMBER(duration_s, 0.001, 1e7, "a number of seconds") },
	{ "pid", 'p', "PID", TRACING, "only process PID and what it forks from now on; the run ends with them",
	  INTEGER(pid, 1, 4194304 /* PID_MAX_LIMIT */, "a process ID") },
	{ "pid", 'p', "PID", ON(CMD_WALK) | ON(CMD_PGD),
	  "read the tables of process PID instead of kvas's own",
	  INTEGER(pid, 1, 4194304, "a process ID") },
	{ "comm", 'C', "COMM", TRACING, "only tasks of this name",
	  NAME(comm, "a name of 1 to 15 bytes, which is all that the kernel keeps") },
	{ "cgroup", 0, "PATH", TRACING,
	  "only tasks in the cgroup (v2) PATH and those below it, as its directory, as /proc/PID/cgroup names it, "
	  "or by its id",
	  TEXT(cgroup, "a path or an id") },
	{ "all-cpus", 'a', NULL, ON(CMD_STAT) | ON(CMD_RECORD),
	  "count the whole host while the program runs, not the program alone", SWITCH(all) },
	{ "all", 'a', NULL, ON(CMD_PGD), "show every process, one line each", SWITCH(all) },
	{ "sort", 0, "KEY", ON(CMD_PGD), "order of the lines of -a",
	  CHOICE(enum pgd_sort, sort, pgd_sort_name, (1u << SORT_COUNT) - 1) },
	{ "watch", 0, NULL, ON(CMD_DMAP), "print splits and collapses as they happen",
	  SWITCH(watch) },
	{ "control", 0, "fifo:CTL[,ACK]", ON(CMD_STAT),
	  "count only between the lines 'enable' and 'disable' read from CTL; each is answered "
	  "by 'ack' in ACK",
	  TEXT(control, "fifo:CTL or fifo:CTL,ACK"), .prefix = "fifo:" },
	{ "avoid", 0, "LIST", TRACING | ON(CMD_HOOKS) | ON(CMD_DMAP),
	  "ways of attaching that kvas must not use", LIST(avoid, way_name, AVOIDABLE) },
	{ "kpti-cost", 0, "NS", SUMMARY,
	  "nanoseconds that a pair of KPTI's CR3 writes costs: kvas then tells the time that KPTI "
	  "takes, or would take",
	  NUMBER(kpti_cost_ns, 0.1, 1e6, "a number of nanoseconds") },
	{ "csv", 0, "FILE", ON(CMD_LIVE), "also write the counters of every interval to FILE",
	  TEXT(csv, "a file name") },
	{ "output", 'o', "FILE", ON(CMD_STAT), "write the totals to FILE",
	  TEXT(output, "a file name") },
	{ "output", 'o', "DIR", ON(CMD_RECORD), "the directory to make; kvas.rec by default",
	  TEXT(dir, "a directory name") },
	{ "format", 0, "FORMAT", PRINTING, "how to print the totals",
	  CHOICE(enum format, format, format_name, (1u << FORMAT_COUNT) - 1) },
	{ "format", 0, "FORMAT", EXPLORING, "how to print the answer",
	  CHOICE(enum format, format, format_name, 1u << FORMAT_TEXT | 1u << FORMAT_JSON) },
	{ "verbose", 'v', NULL, SUMMARY, "print everything, not the digest", SWITCH(verbose) },
	{ "events", 0, "LIST", TRACING, "kinds of records to keep",
	  LIST(events, word_kind_name, RECORDED), .all = "all" },
	{ "memory", 'm', NULL, TRACING,
	  "also sum up slab and page allocations, and copies to and from user memory",
	  SWITCH(memory) },
	{ "frequency", 'F', "HZ", TRACING,
	  "sample the kernel's memory accesses HZ times a second on each CPU; 99 by default, 0 for "
	  "no samples",
	  INTEGER(sample_hz, 0, 10000, "a whole number of samples a second") },
	{ "ring-size", 0, "SIZE", TRACING, "bytes of ring buffer for each CPU, as 512K or 4M",
	  SIZE(ring_bytes, 4096, 1 << 30) },
	{ "map-size", 0, "N", TRACING,
	  "how many tasks, PGDs and vmalloc areas kvas keeps note of, each: 32768, 16384 and 32768 by "
	  "default; a map_full among the losses asks for more, a small machine for fewer",
	  INTEGER(map_size, 1, 1 << 22, "a whole number") },
	{ "top", 0, "N", SUMMARY, "how many processes to list: 5 by default, 10 with -v",
	  INTEGER(top, 0, 4096, "a whole number") },
	{ "top", 0, "N", ON(CMD_PGD), "how many lines of -a to print; all by default",
	  INTEGER(top, 0, 4096, "a whole number") },
	{ "top", 0, "N", ON(CMD_DMAP), "how many split ranges to list; 10 by default",
	  INTEGER(top, 0, 4096, "a whole number") },
	{ "top", 0, "N", ON(CMD_VMALLOC), "how many callers to list; 10 by default",
	  INTEGER(top, 0, 4096, "a whole number") },
	{ "redact", 0, NULL, ON(CMD_RECORD), "write region and offset instead of addresses",
	  SWITCH(redact) },
	{ "csv-safe", 0, NULL, SUMMARY,
	  "put a ' before names in CSV that a spreadsheet would run: those that begin with = + - @ "
	  "tab or carriage return", SWITCH(csv_safe) },
	{ "force", 0, NULL, ON(CMD_REPORT), "report tables that were changed after recording",
	  SWITCH(force) },
	{ "json-schema", 0, NULL, ON(CMD_REPORT),
	  "print the JSON Schema of kvas's JSON output and exit; DIR is not read",
	  SWITCH(json_schema) },
	{ "help", 'h', NULL, EVERY, "print this help", .kind = OPT_HELP },
	{ "version", 'V', NULL, EVERY, "print the version", .kind = OPT_VERSION },
};
const unsigned int cli_option_count = sizeof(cli_options) / sizeof(cli_options[0]);

#define WITH_PROGRAM (ON(CMD_STAT) | ON(CMD_RECORD))

const struct cli_rule cli_rules[] = {
	{ TRACING, "pid", "comm", false, "give one" },
	{ TRACING, "cgroup", "pid", false, "give one" },
	{ TRACING, "cgroup", "comm", false, "give one" },
	{ ON(CMD_PGD), "pid", "all", false, "give one" },
	{ WITH_PROGRAM, "all-cpus", "pid", false, "give one" },
	{ WITH_PROGRAM, "all-cpus", "comm", false, "give one" },
	{ WITH_PROGRAM, "all-cpus", "cgroup", false, "give one" },
	{ WITH_PROGRAM, "pid", NULL, false, "give one" },
	{ WITH_PROGRAM, "comm", NULL, false, "give one" },
	{ WITH_PROGRAM, "cgroup", NULL, false, "give one" },
	{ WITH_PROGRAM, "duration", NULL, false, "the program ends the run" },
	{ ON(CMD_STAT), "control", NULL, true,
	  "the program opens and shuts the window; give it after --" },
	{ ON(CMD_DMAP), "duration", "watch", true, "it says how long to watch the direct map" },
	{ ON(CMD_DMAP), "avoid", "watch", true, "only then does kvas attach hooks" },
};
const unsigned int cli_rule_count = sizeof(cli_rules) / sizeof(cli_rules[0]);

const struct cli_operands_row cli_operands[OPERANDS_COUNT] = {
	[OPERANDS_NONE] = { "", "", NULL },
	[OPERANDS_DIR] = { "[DIR]", "Options may stand before and after DIR.", NULL },
	[OPERANDS_ADDRESSES] = { "ADDR ...", "Options may stand before, between and after ADDRs.",
				 "walk needs an address: hexadecimal, a kernel symbol, or task, "
				 "stack, mm, pgd" },
	[OPERANDS_TOPIC] = { "[TOPIC]", "Options may stand before and after TOPIC.", NULL },
	[OPERANDS_PROGRAM] = { "[[--] PROGRAM ...]",
			       "The first word that is no option begins PROGRAM. All that follows "
			       "belongs to it: kvas's own options go before it.",
			       NULL },
};

const char *const cli_groups[GROUP_COUNT] = {
	[GROUP_WATCH] = "watch the kernel at work",
	[GROUP_LOOK] = "look at the kernel as it is now",
	[GROUP_COMPARE] = "compare runs",
};

const char cli_about[] = "kvas: how the kernel uses its virtual address space, live";
const char cli_usage[] = "kvas [COMMAND] [OPTIONS] [OPERANDS]";
const char cli_statuses[] =
	"Exit status: 0 done, 1 failed, 2 usage, 3 the host refuses. stat and record with a program "
	"end with the program's status, 127 when it is not there, 126 when it cannot be run, and 128 "
	"and the signal's number after a signal.";

const struct cli_command_row cli_commands[CMD_COUNT] = {
	[CMD_LIVE] = { "live", GROUP_WATCH, OPERANDS_NONE, 5,
		       "print a summary of each interval (the default)",
		       "Each interval shows context switches and what they did to the address "
		       "space, kernel entries by cause and the CR3 writes that they are or would "
		       "be, page faults, PGDs, vmalloc areas, and the busiest processes.",
		       "kvas live -i 5 -p 4711" },
	[CMD_STAT] = { "stat", GROUP_WATCH, OPERANDS_PROGRAM, 10,
		       "run a program, or watch for a while, and print totals",
		       "Counts PROGRAM and all that it creates or, without PROGRAM, the whole host. "
		       "Ends with the program's exit status. A signal is passed on to the "
		       "program and kvas waits for it; a second one ends kvas alone. The totals go to standard output, after "
		       "the program's own output; -o FILE keeps them apart.",
		       "kvas stat -- make -j2" },
	[CMD_RECORD] = { "record", GROUP_WATCH, OPERANDS_PROGRAM, 10,
			 "write every event as CSV, and the totals",
			 "Makes a directory of CSV tables and meta.json, readable by root only, and "
			 "prints the totals to standard output at the end, after the program's own "
			 "output. Rows of kernel entries (one for each system call) are written only "
			 "with --events crossing.",
			 "kvas record -o /tmp/boot.rec -d 10" },
	[CMD_REPORT] = { "report", GROUP_WATCH, OPERANDS_DIR, 10,
			 "print the totals of a recording again",
			 "Needs no root. DIR is kvas.rec unless named. A recording that was cut "
			 "short is reported as far as it goes, with exit status 1.",
			 "kvas report /tmp/boot.rec --format json" },
	[CMD_HOOKS] = { "hooks", GROUP_WATCH, OPERANDS_NONE, 10,
			"what can be attached here, and what is missing",
			"Attaches every hook to this kernel to try it, and says which way was chosen "
			"and why the better ones do not work.",
			"kvas hooks" },
	[CMD_WALK] = { "walk", GROUP_LOOK, OPERANDS_ADDRESSES, 10,
		       "the page-table walk of an address, entry by entry",
		       "ADDR is hexadecimal, or one of task, stack, mm, pgd: these are the process's "
		       "own; or a symbol as oopses have it, [MODULE:]NAME[#N][+OFFSET]: #N picks one "
		       "of several that share a name. The "
		       "walk goes through the tables of process -p, or of kvas itself, and under "
		       "KPTI through its user table too. An ADDR that is wrong is named, and the "
		       "others are shown.",
		       "kvas walk stack schedule+0x10 -p 1" },
	[CMD_LAYOUT] = { "layout", GROUP_LOOK, OPERANDS_NONE, 10,
			 "the map of this kernel's address space",
			 "Shows for every region its place, its size, its use, how kvas knows its "
			 "place, and which page sizes map it. All is read off the page tables.",
			 "kvas layout" },
	[CMD_PGD] = { "pgd", GROUP_LOOK, OPERANDS_NONE, -1,
		      "the top-level table, and its kernel half against the others",
		      "Shows the 512 entries of process -p, or of kvas itself: what they map, who "
		      "shares them, and the tables below. With -a it prints a line for each process.",
		      "kvas pgd -a --sort bytes --top 20" },
	[CMD_DMAP] = { "dmap", GROUP_LOOK, OPERANDS_NONE, 10,
		       "the direct map by page size, and where it is split",
		       "With --watch it prints each split and collapse as it happens, with the "
		       "process and the kernel's stack, until interrupted or for -d SEC.",
		       "kvas dmap --watch -d 60" },
	[CMD_VMALLOC] = { "vmalloc", GROUP_LOOK, OPERANDS_NONE, 10,
			  "every vmalloc area there is now, by type and caller",
			  "Whose is VmallocUsed? Areas of vmalloc, vmap, ioremap, kernel stacks, BPF, modules "
			  "and per-CPU chunks: how many, their addresses and pages, whether the pages lie in "
			  "one piece, and the largest gap between areas. They are read off the kernel's own "
			  "lists by BPF, or from /proc/vmallocinfo.",
			  "kvas vmalloc --top 30" },
	[CMD_EXPLAIN] = { "explain", GROUP_LOOK, OPERANDS_TOPIC, 10,
			  "questions about address spaces, answered with this machine's figures",
			  "Without TOPIC it lists the questions. An answer ends with the command that shows more.",
			  "kvas explain kernel-table" },
	[CMD_CHECK] = { "check", GROUP_LOOK, OPERANDS_NONE, 10,
			"facts about this kernel, each proved or refuted",
			"Each fact holds, fails or is unknown, with its evidence. Exit status 1 when "
			"one fails.",
			"kvas check" },
};
