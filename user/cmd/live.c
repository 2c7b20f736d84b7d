/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "event/interval_csv.h"
#include "view/view.h"
#include "trace/ending.h"
#include "trace/tracer.h"

/* Counts come from the kernel's counters; records only of what is rare or sampled. */
#define LIVE_EMIT                                                                        \
	(1u << KVAS_KIND_TASK | 1u << KVAS_KIND_PGD | 1u << KVAS_KIND_VMALLOC |          \
	 1u << KVAS_KIND_ACCESS)

/* Places in the tee: the aggregators before what is shown of them. */
enum {
	LIVE_TOTAL = 0,
	LIVE_INTERVAL = 1,
};

/* The run as a whole, and the interval under way. */
struct live {
	const struct cli *cli;
	const struct meta *meta;
	struct agg *total;
	struct agg *interval;
	struct interval_csv *csv; /* NULL without --csv */
	struct figures now, before; /* of the intervals; BEFORE once one was shown */
	__u64 cpu_ns; /* kvas's own time at the end of the last one */
	struct tee tee; /* LIVE_* and, with --csv, the file */
	long shown;
};

static int show(struct live *l, __u64 length_ns, struct err *e)
{
	const struct view_opts o = { .top = l->cli->top };
	struct view_out v = { .f = stdout, .g = &l->now, .o = &o,
			      .before = l->shown ? &l->before : NULL };
	struct access_summary so_far;
	time_t now = time(NULL);
	struct summary s;
	char clock[16];
	struct tm tm;

	strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&now, &tm));
	v.clock = clock;
	agg_summary(l->interval, &s);
	/* A second of samples meets a handful of accesses: those of the run so far say more. */
	agg_accesses(l->total, &so_far);
	s.accesses = so_far;
	s.accesses_so_far = true;
	s.run = agg_counters(l->total);
	s.kpti_cost_ns = l->cli->kpti_cost_ns;
	s.length_ns = length_ns;
	s.self_cpu_ns = l->meta->self.cpu_ns - l->cpu_ns;
	l->cpu_ns = l->meta->self.cpu_ns;
	figures_of(&s, &l->now);
	view_walk(&view_interval, &v);
	l->before = l->now;
	l->before.summary = NULL; /* it ends with this function */
	if (fflush(stdout) || ferror(stdout))
		return cmd_stdout_error(e);
	return 0;
}

static int on_interval(void *ctx, __u64 time_ns, __u64 length_ns, struct err *e)
{
	struct live *l = ctx;
	struct agg *next;

	(void)time_ns;
	/* What is left when the window is shut is a fraction of an interval: it is
	 * in the final summary. */
	if (l->meta->end_ns)
		return 0;
	if (show(l, length_ns, e))
		return -1;
	/* The tee goes on with the old one when there is no memory for another. */
	next = agg_create(l->meta);
	if (!next)
		return err_set(e, "out of memory");
	agg_destroy(l->interval);
	l->interval = next;
	l->tee.to[LIVE_INTERVAL] = agg_sink(l->interval);
	l->shown++;
	return l->cli->count && l->shown >= l->cli->count;
}

static int live_run(struct live *l, struct tracer *t, struct err *e)
{
	struct sink sink = sink_tee(&l->tee);

	l->tee.to[LIVE_TOTAL] = agg_sink(l->total);
	l->tee.to[LIVE_INTERVAL] = agg_sink(l->interval);
	l->tee.nr = 2;
	if (l->csv)
		l->tee.to[l->tee.nr++] = interval_csv_sink(l->csv);
	l->tee.to[l->tee.nr++] = (struct sink){ .ctx = l, .interval = on_interval };
	view_header(stdout, l->meta, l->cli->verbose);
	if (isatty(STDOUT_FILENO))
		printf("Every %g s; Ctrl-C ends with a summary.\n", l->cli->interval_s);
	if (tracer_run(t, &sink, e))
		return err_print(e);
	printf("\n");
	cmd_print_summary(stdout, l->cli, l->total);
	return KVAS_EXIT_OK;
}

int cmd_live(const struct cli *cli)
{
	struct meta *meta = calloc(1, sizeof(*meta));
	struct live l = { .cli = cli, .meta = meta };
	struct run_opts opts = cmd_run_opts(cli, LIVE_EMIT);
	struct tracer *t = NULL;
	struct err e = { 0 };
	int status;

	if (meta) {
		l.total = agg_create(meta);
		l.interval = agg_create(meta);
	}
	if (!l.total || !l.interval) {
		err_set(&e, "out of memory");
		status = err_print(&e);
	} else if (ending_stdout(&e) ||
		   (cli->csv && interval_csv_create(&l.csv, AT_FDCWD, cli->csv, cli->csv_safe, &e)) ||
		   tracer_create(&t, &opts, meta, &e)) {
		status = err_print(&e);
	} else {
		status = live_run(&l, t, &e);
	}
	/* The first error is the one to tell. */
	if (l.csv && interval_csv_finish(l.csv, &e) && !status)
		status = err_print(&e);
	tracer_destroy(t);
	agg_destroy(l.total);
	agg_destroy(l.interval);
	free(meta);
	return cmd_flush_stdout(status);
}
