/* SPDX-License-Identifier: GPL-2.0 */
#include <stdlib.h>

#include "cmd/cmd.h"
#include "event/recording.h"
#include "view/schema.h"

static int report_recording(const struct cli *cli)
{
	struct meta *meta = calloc(1, sizeof(*meta));
	struct replay_opts opts = { .force = cli->force };
	struct agg *agg = meta ? agg_create(meta) : NULL;
	struct sink sink = agg_sink(agg);
	struct err e = { 0 };
	int status = KVAS_EXIT_OK, whole = -1;

	if (agg)
		whole = replay(cli->dir, &opts, meta, &sink, &e);
	else
		err_set(&e, "out of memory");
	if (whole)
		status = err_print(&e);
	if (whole >= 0)
		cmd_print_summary(stdout, cli, agg);
	agg_destroy(agg);
	free(meta);
	return status;
}

int cmd_report(const struct cli *cli)
{
	if (!cli->json_schema)
		return cmd_flush_stdout(report_recording(cli));
	view_schema(stdout);
	return cmd_flush_stdout(KVAS_EXIT_OK);
}
