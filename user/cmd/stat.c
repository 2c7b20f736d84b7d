/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "view/view.h"
#include "trace/tracer.h"

/* Counts come from the kernel's counters; records only of what is rare or sampled. */
#define STAT_EMIT                                                                        \
	(1u << KVAS_KIND_TASK | 1u << KVAS_KIND_PGD | 1u << KVAS_KIND_VMALLOC |          \
	 1u << KVAS_KIND_ACCESS)

static void on_event(void *ctx, const union kvas_record *ev)
{
	agg_event(ctx, ev);
}

static void on_counter(void *ctx, __u64 time_ns, __u32 cpu, unsigned int c, __u64 delta)
{
	(void)time_ns;
	agg_counter(ctx, cpu, c, delta);
}

static void on_process(void *ctx, __u64 time_ns, __u32 pid, const char comm[KVAS_COMM_LEN],
		       unsigned int c, __u64 delta)
{
	(void)time_ns;
	agg_process(ctx, pid, comm, c, delta);
}

static int on_interval(void *ctx, __u64 time_ns, __u64 length_ns, struct err *e)
{
	(void)time_ns;
	(void)length_ns;
	(void)e;
	agg_interval(ctx);
	return 0;
}

static FILE *open_output(const struct cli *cli, struct err *e)
{
	FILE *f = cli->output ? fopen(cli->output, "we") : stdout;

	if (!f)
		err_set(e, "'%s' (-o) cannot be written: %s", cli->output, strerror(errno));
	return f;
}

static int close_output(const struct cli *cli, FILE *f, int status)
{
	struct err e;

	if (f == stdout)
		return cmd_flush_stdout(status);
	if (!fclose(f))
		return status;
	err_set(&e, "'%s' (-o) cannot be written: %s", cli->output, strerror(errno));
	return err_print(&e);
}

int cmd_stat(const struct cli *cli)
{
	struct meta *meta = calloc(1, sizeof(*meta));
	struct agg *agg = meta ? agg_create(meta) : NULL;
	struct tracer_sink sink = { agg, on_event, on_counter, on_process, on_interval, NULL };
	struct run_opts opts = cmd_run_opts(cli, STAT_EMIT);
	struct tracer *t = NULL;
	struct err e = { 0 };
	FILE *f = NULL;
	int status;

	opts.interval_s = 0;
	if (!agg)
		err_set(&e, "out of memory");
	else
		f = open_output(cli, &e);
	if (!f || tracer_create(&t, &opts, meta, &e) || tracer_run(t, &sink, &e)) {
		status = err_print(&e);
	} else {
		cmd_print_summary(f, cli, agg);
		status = close_output(cli, f, tracer_command_status(t));
		f = NULL;
	}
	if (f && f != stdout)
		fclose(f);
	tracer_destroy(t);
	agg_destroy(agg);
	free(meta);
	return status;
}
