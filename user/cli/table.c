/* SPDX-License-Identifier: GPL-2.0 */
#include "cli/table.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/words.h"

#define MAX_SECONDS 1e7

static int usage(struct err *e, const char *what, const char *value, const char *want)
{
	return err_set_status(e, KVAS_EXIT_USAGE, "%s: '%s' is not %s", what, value, want);
}

static bool number(const char *s, double min, double max, double *out)
{
	char *end;
	double v;

	errno = 0;
	v = strtod(s, &end);
	if (end == s || *end || errno || !isfinite(v) || v < min || v > max)
		return false;
	*out = v;
	return true;
}

static bool integer(const char *s, long min, long max, long *out)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(s, &end, 10);
	if (end == s || *end || errno || v < min || v > max)
		return false;
	*out = v;
	return true;
}

static int set_interval(struct cli *c, const char *value, struct err *e)
{
	if (number(value, 0.05, 3600, &c->interval_s))
		return 0;
	return usage(e, "-i", value, "a number of seconds from 0.05 to 3600");
}

static int set_count(struct cli *c, const char *value, struct err *e)
{
	if (integer(value, 1, 1000000000, &c->count))
		return 0;
	return usage(e, "-n", value, "a whole number of intervals, 1 or more");
}

static int set_duration(struct cli *c, const char *value, struct err *e)
{
	if (number(value, 0.001, MAX_SECONDS, &c->duration_s))
		return 0;
	return usage(e, "-d", value, "a number of seconds from 0.001 to 10000000");
}

static int set_pid(struct cli *c, const char *value, struct err *e)
{
	long pid;

	/* PID_MAX_LIMIT */
	if (!integer(value, 1, 4194304, &pid))
		return usage(e, "-p", value, "a process ID from 1 to 4194304");
	c->pid = pid;
	return 0;
}

static int set_comm(struct cli *c, const char *value, struct err *e)
{
	size_t len = strlen(value);

	if (!len || len >= KVAS_COMM_LEN)
		return usage(e, "-C", value, "a name of 1 to 15 bytes, which is all the kernel keeps");
	memset(c->comm, 0, sizeof(c->comm));
	memcpy(c->comm, value, len);
	return 0;
}

static int set_csv(struct cli *c, const char *value, struct err *e)
{
	(void)e;
	c->csv = value;
	return 0;
}

static int set_output(struct cli *c, const char *value, struct err *e)
{
	if (!*value)
		return usage(e, "-o", value, "a name");
	if (c->command == CMD_RECORD)
		c->dir = value;
	else
		c->output = value;
	return 0;
}

static int set_all(struct cli *c, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	c->all = true;
	return 0;
}

static int set_control(struct cli *c, const char *value, struct err *e)
{
	if (strncmp(value, "fifo:", 5) || !value[5] || value[5] == ',')
		return usage(e, "--control", value, "fifo:CTL or fifo:CTL,ACK");
	c->control = value + 5;
	return 0;
}

static int set_avoid(struct cli *c, const char *value, struct err *e)
{
	static const char *const ways[] = { "fentry", "fexit", "kprobe", "kretprobe" };

	for (const char *p = value;; p++) {
		size_t len = strcspn(p, ","), w = 0;

		while (w < 4 && (strlen(ways[w]) != len || strncmp(ways[w], p, len)))
			w++;
		if (w == 4)
			return usage(e, "--avoid", value,
				     "a list, with commas, of fentry, fexit, kprobe, kretprobe");
		c->avoid |= 1u << (w + 1); /* enum attach_how begins so, and never changes */
		p += len;
		if (!*p)
			return 0;
	}
}

static int set_kpti_cost(struct cli *c, const char *value, struct err *e)
{
	if (number(value, 0.1, 1e6, &c->kpti_cost_ns))
		return 0;
	return usage(e, "--kpti-cost", value, "a number of nanoseconds from 0.1 to 1000000");
}

static int set_format(struct cli *c, const char *value, struct err *e)
{
	bool two = !(ON(c->command) & (ON(CMD_STAT) | ON(CMD_RECORD) | ON(CMD_REPORT)));

	if (!strcmp(value, "text"))
		c->format = FORMAT_TEXT;
	else if (!strcmp(value, "json"))
		c->format = FORMAT_JSON;
	else if (!strcmp(value, "csv") && !two)
		c->format = FORMAT_CSV;
	else
		return usage(e, "--format", value,
			     two ? "text or json" : "text, json or csv");
	return 0;
}

static int set_events(struct cli *c, const char *value, struct err *e)
{
	const char *p = value;

	c->events = 0;
	for (;;) {
		size_t len = strcspn(p, ",");
		int kind = word_kind_by_name(p, len);

		if (len == 3 && !memcmp(p, "all", 3))
			c->events |= (1u << KVAS_KIND_MEMORY) - 2;
		else if (kind > 0 && kind != KVAS_KIND_MEMORY) /* -m: sums, not records */
			c->events |= 1u << kind;
		else
			return usage(e, "--events", value,
				     "a list, with commas, of task, pgd, switch, crossing, fault, "
				     "vmalloc, access, or 'all'");
		if (!p[len])
			return 0;
		p += len + 1;
	}
}

static int set_memory(struct cli *c, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	c->memory = true;
	return 0;
}

static int set_ring(struct cli *c, const char *value, struct err *e)
{
	char *end;
	unsigned long v = strtoul(value, &end, 10), nearest = 4096;

	if (end != value && (*end == 'K' || *end == 'k'))
		v <<= 10, end++;
	else if (end != value && (*end == 'M' || *end == 'm'))
		v <<= 20, end++;
	if (end == value || *end || value[0] == '-' || v > 1ul << 30 || !v)
		return usage(e, "--ring-size", value, "a size from 4K to 1024M");
	if (v >= 4096 && !(v & (v - 1))) {
		c->ring_bytes = v;
		return 0;
	}
	while (nearest * 2 <= v)
		nearest *= 2;
	return err_set_status(e, KVAS_EXIT_USAGE,
			      "--ring-size: '%s' is not a power of two of 4K or more: try %luK", value,
			      nearest >> 10);
}

static int set_frequency(struct cli *c, const char *value, struct err *e)
{
	long hz;

	if (!integer(value, 0, 10000, &hz))
		return usage(e, "-F", value, "a whole number of samples a second, 0 to 10000");
	c->sample_hz = hz;
	return 0;
}

static int set_top(struct cli *c, const char *value, struct err *e)
{
	long n;

	if (!integer(value, 0, 4096, &n))
		return usage(e, "--top", value, "a whole number from 0 to 4096");
	c->top = n;
	return 0;
}

static int set_redact(struct cli *c, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	c->redact = true;
	return 0;
}

static int set_force(struct cli *c, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	c->force = true;
	return 0;
}

static int set_sort(struct cli *c, const char *value, struct err *e)
{
	static const char *const words[] = { [SORT_PID] = "pid", [SORT_BYTES] = "bytes",
					     [SORT_COMM] = "comm" };

	for (int i = 0; i < 3; i++)
		if (!strcmp(value, words[i])) {
			c->sort = i;
			return 0;
		}
	return usage(e, "--sort", value, "pid, bytes or comm");
}

static int set_watch(struct cli *c, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	c->watch = true;
	return 0;
}

#define TRACING (ON(CMD_LIVE) | ON(CMD_STAT) | ON(CMD_RECORD))
#define EXPLORING                                                                             \
	(ON(CMD_WALK) | ON(CMD_LAYOUT) | ON(CMD_PGD) | ON(CMD_DMAP) | ON(CMD_CHECK))
#define SUMMARY (TRACING | ON(CMD_REPORT))

const struct cli_option cli_options[] = {
	{ "interval", 'i', "SEC", ON(CMD_LIVE) | ON(CMD_RECORD),
	  "seconds between summaries (live) or counter rows (record); 1", set_interval },
	{ "count", 'n', "COUNT", ON(CMD_LIVE), "end after COUNT intervals", set_count },
	{ "duration", 'd', "SEC", TRACING | ON(CMD_DMAP), "end after SEC seconds", set_duration },
	{ "pid", 'p', "PID", TRACING | ON(CMD_WALK) | ON(CMD_PGD),
	  "only process PID and what it forks from now on; walk, pgd: its table", set_pid },
	{ "comm", 'C', "COMM", TRACING, "only tasks of this name", set_comm },
	{ "all-cpus", 'a', NULL, ON(CMD_STAT) | ON(CMD_RECORD),
	  "the whole host while the command runs, not the command alone", set_all },
	{ "all", 'a', NULL, ON(CMD_PGD), "every process, a line each", set_all },
	{ "sort", 0, "KEY", ON(CMD_PGD), "order of the lines of -a: pid, bytes or comm", set_sort },
	{ "watch", 0, NULL, ON(CMD_DMAP), "stream splits and collapses as they happen", set_watch },
	{ "control", 0, "fifo:CTL[,ACK]", ON(CMD_STAT),
	  "count only between 'enable' and 'disable' read from CTL; answer 'ack'", set_control },
	{ "avoid", 0, "LIST", TRACING | ON(CMD_HOOKS) | ON(CMD_DMAP),
	  "ways of attaching not to use: fentry,fexit,kprobe,kretprobe", set_avoid },
	{ "kpti-cost", 0, "NS", SUMMARY,
	  "what a pair of KPTI's CR3 writes costs: tell the time they take, or would", set_kpti_cost },
	{ "csv", 0, "FILE", ON(CMD_LIVE), "also write every interval's counters to FILE", set_csv },
	{ "output", 'o', "NAME", ON(CMD_STAT) | ON(CMD_RECORD),
	  "record: the directory to make (kvas.rec); stat: a file for the totals", set_output },
	{ "format", 0, "FORMAT", ON(CMD_STAT) | ON(CMD_RECORD) | ON(CMD_REPORT) | ON(CMD_HOOKS) |
				    EXPLORING,
	  "text, json or csv; hooks, layout, walk, pgd, dmap, check: text or json", set_format },
	{ "events", 0, "LIST", TRACING,
	  "records to keep: task,pgd,switch,crossing,fault,vmalloc,access or all", set_events },
	{ "memory", 'm', NULL, TRACING,
	  "also sum up slab and page allocations and copies to and from user memory", set_memory },
	{ "frequency", 'F', "HZ", TRACING,
	  "sample the kernel's memory accesses HZ times a second and CPU; 99, 0 not", set_frequency },
	{ "ring-size", 0, "SIZE", TRACING, "bytes of ring buffer per CPU, as 512K or 4M", set_ring },
	{ "top", 0, "N", SUMMARY | ON(CMD_PGD) | ON(CMD_DMAP),
	  "how many lines to list: processes (5 live, else 10; pgd all), dmap's split ranges",
	  set_top },
	{ "redact", 0, NULL, ON(CMD_RECORD), "write region and offset, not addresses", set_redact },
	{ "force", 0, NULL, ON(CMD_REPORT), "report tables that were changed after recording",
	  set_force },
};
const unsigned int cli_option_count = sizeof(cli_options) / sizeof(cli_options[0]);

const struct cli_command_row cli_commands[CMD_COUNT] = {
	[CMD_LIVE] = { "live", "", "stream a summary per interval (the default)",
		       "Each interval: context switches and what they did to the address space,\n"
		       "kernel entries by cause and the CR3 writes they are or would be, page\n"
		       "faults, PGDs and vmalloc areas, and the processes that did most.",
		       "kvas live -i 5 -p 4711" },
	[CMD_STAT] = { "stat", "[-- COMMAND ...]", "run a command, or watch a while, print totals",
		       "Counts the command and all it creates, or with -d the whole host. Ends\n"
		       "with the command's exit status.",
		       "kvas stat -- make -j2" },
	[CMD_RECORD] = { "record", "[-- COMMAND ...]", "write every event as CSV, and the totals",
			 "Makes a directory of CSV tables and meta.json, readable by root only, and\n"
			 "prints the totals at the end. Crossings (one row a system call) only when\n"
			 "asked for with --events.",
			 "kvas record -o /tmp/boot.rec -d 10" },
	[CMD_REPORT] = { "report", "[DIR]", "print the totals of a recording again",
			 "Needs no root. DIR is kvas.rec unless named. A recording that was cut short\n"
			 "is reported as far as it goes, with exit status 1.",
			 "kvas report --format json /tmp/boot.rec" },
	[CMD_HOOKS] = { "hooks", "", "what can be attached here, and what is missing",
			"Tries every hook on this kernel by attaching, and says which way was chosen\n"
			"and why the better ones do not work.",
			"kvas hooks" },
	[CMD_WALK] = { "walk", "ADDR ...", "the page-table walk of an address, entry by entry",
		       "ADDR is hexadecimal, a symbol of the kernel, a module or a BPF program, or one\n"
		       "of task, stack, mm, pgd: the process's own. The walk goes through the tables of\n"
		       "process -p, of kvas itself without it, and under KPTI through its user table\n"
		       "too. The bad ones of several ADDRs are named, and the others shown.",
		       "kvas walk -p 1 stack" },
	[CMD_LAYOUT] = { "layout", "", "the map of this kernel's address space",
			 "Every region with its place, its size, what it is for, how its place is\n"
			 "known, and by which page sizes it is mapped, read off the page tables.",
			 "kvas layout" },
	[CMD_PGD] = { "pgd", "", "the top-level table, and its kernel half against the others",
		      "Of process -p, or of kvas itself: the 512 entries, what they map and who\n"
		      "shares them, and the tables below. With -a a line per process.",
		      "kvas pgd -a --sort bytes --top 20" },
	[CMD_DMAP] = { "dmap", "", "the direct map by page size, and where it is split",
		       "With --watch: each split and collapse as it happens, with the process and\n"
		       "the kernel's stack, until interrupted or for -d SEC.",
		       "kvas dmap --watch -d 60" },
	[CMD_CHECK] = { "check", "", "the facts about this kernel, each proved or refuted",
			"Each fact holds, fails or is unknown, with its evidence. Exit status 1 when\n"
			"one fails.",
			"kvas check" },
};
