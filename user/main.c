/* SPDX-License-Identifier: GPL-2.0 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cmd/cmd.h"
#include "outfile.h"

int main(int argc, char **argv)
{
	static int (*const commands[CMD_COUNT])(const struct cli *) = {
		[CMD_LIVE] = cmd_live,	   [CMD_STAT] = cmd_stat,   [CMD_RECORD] = cmd_record,
		[CMD_REPORT] = cmd_report, [CMD_HOOKS] = cmd_hooks, [CMD_WALK] = cmd_walk,
		[CMD_LAYOUT] = cmd_layout, [CMD_PGD] = cmd_pgd,	    [CMD_DMAP] = cmd_dmap,
		[CMD_CHECK] = cmd_check,   [CMD_VMALLOC] = cmd_vmalloc,
		[CMD_EXPLAIN] = cmd_explain,
	};
	struct err e = { 0 };
	struct cli cli;

	/* Past the file's limit a write then fails with EFBIG, which is told as any error is. */
	signal(SIGXFSZ, SIG_IGN);
	if (outfile_guard_std())
		return KVAS_EXIT_FAILED;
	switch (cli_parse(argc, argv, &cli, stdout, &e)) {
	case CLI_EXIT:
		return cmd_flush_stdout(KVAS_EXIT_OK);
	case CLI_ERROR:
		err_print(&e);
		return KVAS_EXIT_USAGE;
	case CLI_RUN:
		break;
	}
	return commands[cli.command](&cli);
}
