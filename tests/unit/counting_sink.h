/* SPDX-License-Identifier: GPL-2.0 */
/* A sink for replay() that counts the events and takes no note of anything else. */
#ifndef COUNTING_SINK_H
#define COUNTING_SINK_H

#include "event/recording.h"

static inline int counting_begin(void *ctx, const struct meta *m)
{
	(void)m;
	*(size_t *)ctx = 0;
	return 0;
}

static inline void counting_event(void *ctx, const union kvas_record *ev)
{
	(void)ev;
	++*(size_t *)ctx;
}

static inline void counting_counter(void *ctx, __u32 cpu, unsigned int c, __u64 delta)
{
	(void)ctx, (void)cpu, (void)c, (void)delta;
}

static inline void counting_process(void *ctx, __u32 pid, const char *comm, unsigned int t,
				    __u64 delta)
{
	(void)ctx, (void)pid, (void)comm, (void)t, (void)delta;
}

static inline void counting_interval(void *ctx)
{
	(void)ctx;
}

/* EVENTS is set to 0 when the recording begins. */
static inline struct replay_sink counting_sink(size_t *events)
{
	return (struct replay_sink){ events,	       counting_begin,	 counting_event,
				     counting_counter, counting_process, counting_interval };
}

#endif
