/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One run of a session: the loop that live, stat and record share. What it
 * produces goes to a sink of the same shape a replayed recording has.
 */
#ifndef KVAS_TRACER_H
#define KVAS_TRACER_H

#include <linux/types.h>
#include <stdbool.h>

#include "agg/meta.h"
#include "cli/cli.h"
#include "err.h"
#include "kvas/wire.h"

struct tracer_sink {
	void *ctx;
	void (*event)(void *ctx, const union kvas_record *ev);
	void (*counter)(void *ctx, __u64 time_ns, __u32 cpu, unsigned int c, __u64 delta);
	void (*process)(void *ctx, __u64 time_ns, __u32 pid, const char comm[KVAS_COMM_LEN],
			unsigned int t, __u64 delta);
	/* End of an interval of LENGTH_NS. Nonzero ends the run: E says why when it
	 * is negative. */
	int (*interval)(void *ctx, __u64 time_ns, __u64 length_ns, struct err *e);
	/* Called a few times a second, for progress; may be NULL. */
	void (*tick)(void *ctx);
};

struct tracer;

/* Read the host, make the plan, load and attach for the command line CLI and the
 * records EMIT. META is filled and must outlive the tracer. When CLI has a
 * command, it is started and held before its exec. */
int tracer_create(struct tracer **out, const struct cli *cli, __u32 emit, struct meta *meta,
		  struct err *e);
void tracer_destroy(struct tracer *t);

/* Open the window (or let --control open it), run until the command ends, the duration or count is over or
 * SIGINT or SIGTERM comes, shut it, hand on the rest, and put all losses into
 * META. INTERVAL_S is the time between intervals; 0: only one, at the end, and kvas
 * sleeps till then. 0, or -1 with E. */
int tracer_run(struct tracer *t, double interval_s, const struct tracer_sink *sink,
	       struct err *e);

/* Of the command: its exit status (128 + signal); 0 when there was none. */
int tracer_command_status(const struct tracer *t);

#endif
