/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a run goes, event by event, live or replayed: the aggregator, a recording, a view. A
 * sink is a context and operations on it. It is passed by value and owns nothing.
 */
#ifndef KVAS_MODEL_SINK_H
#define KVAS_MODEL_SINK_H

#include <linux/types.h>
#include <stddef.h>

#include "err.h"
#include "kvas/wire.h"

/* A process: a pid is given again when it is free. Without padding, so that it is a key. */
struct process_id {
	__u64 start_ns; /* CLOCK_MONOTONIC; 0 not known */
	__u32 pid;
	__u32 zero;
};

/* Each operation may be NULL: the sink does not care. TIME_NS is CLOCK_MONOTONIC. Operations
 * are called in the order in which things happened; a live run's rings may deliver single
 * events late (losses "reader_late"). */
struct sink {
	void *ctx;
	void (*event)(void *ctx, const union kvas_record *ev);
	/* Per-CPU counter C (enum kvas_counter) of CPU grew by DELTA until TIME_NS. */
	void (*counter)(void *ctx, __u64 time_ns, __u32 cpu, unsigned int c, __u64 delta);
	/* Per-task counter T (enum kvas_task_counter) of process ID grew by DELTA. */
	void (*process)(void *ctx, __u64 time_ns, struct process_id id, const char comm[KVAS_COMM_LEN],
			unsigned int t, __u64 delta);
	/* An interval of LENGTH_NS ends. Nonzero ends the run: E says why when it is negative. */
	int (*interval)(void *ctx, __u64 time_ns, __u64 length_ns, struct err *e);
	/* Called a few times a second of a live run, for progress. */
	void (*tick)(void *ctx);
};

static inline void sink_event(const struct sink *s, const union kvas_record *ev)
{
	if (s->event)
		s->event(s->ctx, ev);
}

static inline void sink_counter(const struct sink *s, __u64 time_ns, __u32 cpu, unsigned int c,
				__u64 delta)
{
	if (s->counter)
		s->counter(s->ctx, time_ns, cpu, c, delta);
}

static inline void sink_process(const struct sink *s, __u64 time_ns, struct process_id id,
				const char comm[KVAS_COMM_LEN], unsigned int t, __u64 delta)
{
	if (s->process)
		s->process(s->ctx, time_ns, id, comm, t, delta);
}

static inline int sink_interval(const struct sink *s, __u64 time_ns, __u64 length_ns, struct err *e)
{
	return s->interval ? s->interval(s->ctx, time_ns, length_ns, e) : 0;
}

static inline void sink_tick(const struct sink *s)
{
	if (s->tick)
		s->tick(s->ctx);
}

#define TEE_MAX 4

/* Sinks that all get everything, in their order. A sink may be replaced while the tee is used. */
struct tee {
	struct sink to[TEE_MAX];
	unsigned int nr;
};

/* The tee as a sink; T is borrowed. Its interval fails with the first sink that does, which
 * leaves out those behind it; a sink that ends the run without an error leaves out none. */
struct sink sink_tee(struct tee *t);

#endif
