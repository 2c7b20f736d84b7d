/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The command line. One table of commands and options (cli/table.c) is the only
 * source of parsing, usage, --help and the hints in error messages.
 */
#ifndef KVAS_CLI_H
#define KVAS_CLI_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdio.h>

#include "err.h"
#include "kvas/wire.h"
#include "model/choices.h"

enum cli_command {
	CMD_LIVE = 0, /* also when no command is named */
	CMD_STAT = 1,
	CMD_RECORD = 2,
	CMD_REPORT = 3,
	CMD_HOOKS = 4,
	CMD_LAYOUT = 5,
	CMD_WALK = 6,
	CMD_PGD = 7,
	CMD_DMAP = 8,
	CMD_CHECK = 9,
	CMD_VMALLOC = 10,
	CMD_EXPLAIN = 11,
	CMD_COUNT = 12,
};

struct cli {
	enum cli_command command;
	double interval_s; /* live, record: -i, default 1; 0.05 .. 3600 */
	int count; /* live: -n intervals; 0 until interrupted */
	double duration_s; /* stat, record, live: -d; 0 none */
	int pid; /* -p; 0 none */
	char comm[KVAS_COMM_LEN]; /* -C, at most 15 bytes; "" none */
	const char *cgroup; /* --cgroup: a path or an id; NULL none */
	const char *csv; /* live --csv FILE; NULL none */
	const char *dir; /* record -o DIR, report DIR */
	const char *output; /* stat -o FILE; NULL standard output */
	bool all; /* -a: the whole host while the command runs; pgd: all page tables */
	const char *control; /* stat --control: CTL[,ACK] after "fifo:"; NULL none */
	__u32 avoid; /* --avoid: bit per enum attach_how */
	double kpti_cost_ns; /* --kpti-cost; 0 not given */
	enum format format; /* --format */
	__u32 events; /* --events: bit per enum kvas_kind; 0 = the command's default */
	bool memory; /* -m: KVAS_KIND_MEMORY besides what events says */
	int map_size; /* --map-size; 0 default */
	__u32 ring_bytes; /* --ring-size per CPU, a power of two >= 4096; 0 default */
	int sample_hz; /* -F, samples a second; 0 none */
	int top; /* --top N lines; -1 all */
	bool redact; /* record */
	bool csv_safe; /* --csv-safe */
	bool force; /* report */
	bool json_schema; /* report: print the JSON Schema and exit; dir is not read */
	bool verbose; /* -v: everything, not the digest */
	enum pgd_sort sort; /* pgd -a --sort */
	bool watch; /* dmap --watch */
	const char *topic; /* explain: as given; NULL none */
	char **addresses; /* walk: as given, ends with NULL */
	char **command_argv; /* the program to run and its arguments, ends with NULL; NULL none */
};

enum cli_result {
	CLI_RUN = 0,
	CLI_EXIT = 1, /* --help or --version was printed: leave with 0 */
	CLI_ERROR = -1, /* E says what is wrong, with what and what to do; status 2 */
};

/*
 * Parse ARGV into OUT. Help and version go to HELP. Options may stand anywhere before
 * "--"; for stat and record the first operand begins the program to run. Strings point
 * into ARGV, whose places are put in another order.
 */
enum cli_result cli_parse(int argc, char **argv, struct cli *out, FILE *help, struct err *e);

#endif
