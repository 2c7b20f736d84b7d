/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One run of a session: the loop that live, stat and record share. What it
 * produces goes to a sink, as what a replayed recording holds does.
 */
#ifndef KVAS_TRACER_H
#define KVAS_TRACER_H

#include <linux/types.h>
#include <stdbool.h>

#include "model/meta.h"
#include "model/sink.h"
#include "err.h"
#include "kernel/confine.h"
#include "kvas/wire.h"

/* What a run counts and records. Strings and lists are borrowed for its life. */
struct run_opts {
	__u32 emit; /* bit per enum kvas_kind: records wanted */
	char **command; /* to run and follow, ends with NULL; NULL none */
	int pid; /* the process to follow; 0 none */
	char comm[KVAS_COMM_LEN]; /* only tasks of this name; "" all */
	const char *cgroup; /* only tasks in it, or in one below it: a path or an id; NULL all */
	bool all; /* the whole host, though there is a command */
	double duration_s; /* 0: until the command ends or a signal comes */
	double interval_s; /* between intervals; 0: one, at the end, and kvas sleeps till then */
	const char *control; /* CTL[,ACK], fifos that open and shut the window; NULL none */
	unsigned int avoid; /* bit per enum attach_how: ways of attaching not to use */
	__u32 ring_bytes; /* of each ring; 0 fit for the number of CPUs */
	__u32 map_size; /* tasks, PGDs and vmalloc areas to keep note of, each; 0 KVAS_MAX_* */
	__u32 sample_hz; /* of the access sampler; 0 none */
	enum confine confine; /* what to give up once all is attached */
};

struct tracer;

/* Read the host, make the plan, load and attach as OPTS says, which is borrowed. META is
 * filled and must outlive the tracer. A command is started and held before its exec. */
int tracer_create(struct tracer **out, const struct run_opts *opts, struct meta *meta,
		  struct err *e);
void tracer_destroy(struct tracer *t);

/* Give up what opts.confine says, open the window (or let the control fifo open it), run until
 * the command ends, the duration is over, the sink says so or a signal asks to end
 * (trace/ending.h), shut it, hand on the rest, and put all losses into META. A command gets the
 * first signal, and is waited for. 0, or -1 with E. */
int tracer_run(struct tracer *t, const struct sink *sink, struct err *e);

/* Of the command: its exit status, 128 + the signal that ended it or that came to kvas; 0 when
 * there was none. */
int tracer_command_status(const struct tracer *t);

#endif
