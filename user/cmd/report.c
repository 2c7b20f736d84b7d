/* SPDX-License-Identifier: GPL-2.0 */
#include <stdlib.h>

#include "cmd/cmd.h"
#include "event/recording.h"
#include "view/schema.h"

/* The aggregator needs the recording's layout, so it is made when meta is read. */
struct report {
	struct agg *agg;
};

static int on_begin(void *ctx, const struct meta *meta)
{
	struct report *r = ctx;

	r->agg = agg_create(meta);
	return r->agg ? 0 : -1;
}

static void on_event(void *ctx, const union kvas_record *ev)
{
	agg_event(((struct report *)ctx)->agg, ev);
}

static void on_counter(void *ctx, __u32 cpu, unsigned int c, __u64 delta)
{
	agg_counter(((struct report *)ctx)->agg, cpu, c, delta);
}

static void on_process(void *ctx, __u32 pid, const char comm[KVAS_COMM_LEN], unsigned int t,
		       __u64 delta)
{
	agg_process(((struct report *)ctx)->agg, pid, comm, t, delta);
}

static void on_interval(void *ctx)
{
	agg_interval(((struct report *)ctx)->agg);
}

static int report_recording(const struct cli *cli)
{
	struct meta *meta = calloc(1, sizeof(*meta));
	struct replay_opts opts = { .force = cli->force };
	struct report r = { 0 };
	struct replay_sink sink = { &r, on_begin, on_event, on_counter, on_process, on_interval };
	struct err e = { 0 };
	int status = KVAS_EXIT_OK, whole = -1;

	if (meta)
		whole = replay(cli->dir, &opts, meta, &sink, &e);
	else
		err_set(&e, "out of memory");
	if (whole)
		status = err_print(&e);
	if (whole >= 0)
		cmd_print_summary(stdout, cli, r.agg);
	agg_destroy(r.agg);
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
