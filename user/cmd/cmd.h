/* SPDX-License-Identifier: GPL-2.0 */
/* One function per command: parse is done; call, print, return the exit status. */
#ifndef KVAS_CMD_H
#define KVAS_CMD_H

#include "agg/summary.h"
#include "cli/cli.h"
#include "trace/tracer.h"
#include "view/document.h"

int cmd_live(const struct cli *cli);
int cmd_stat(const struct cli *cli);
int cmd_record(const struct cli *cli);
int cmd_report(const struct cli *cli);
int cmd_hooks(const struct cli *cli);
int cmd_walk(const struct cli *cli);
int cmd_layout(const struct cli *cli);
int cmd_pgd(const struct cli *cli);
int cmd_dmap(const struct cli *cli);
int cmd_check(const struct cli *cli);
int cmd_vmalloc(const struct cli *cli);
int cmd_explain(const struct cli *cli);

/* What CLI asks a tracer for; records as it says, else PLAIN (bit per enum kvas_kind). */
struct run_opts cmd_run_opts(const struct cli *cli, __u32 plain);
/* Print the closing summary on F in the format asked for. */
void cmd_print_summary(FILE *f, const struct cli *cli, struct agg *agg);
/* Print WHAT, as document D has it, on stdout, as CLI says. */
void cmd_print(const struct document *d, const struct cli *cli, const void *what);
/* Why stdout could not be written (errno); returns -1. */
int cmd_stdout_error(struct err *e);
/* The exit status: STATUS, or KVAS_EXIT_FAILED after saying that memory was short while
 * documents were made. */
int cmd_whole(int status);
/* That, then flush stdout; the exit status: STATUS, or KVAS_EXIT_FAILED after saying that
 * it could not be written, unless cmd_stdout_error() was asked before. */
int cmd_flush_stdout(int status);

#endif
