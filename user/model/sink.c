/* SPDX-License-Identifier: GPL-2.0 */
#include "model/sink.h"

static void tee_event(void *ctx, const union kvas_record *ev)
{
	const struct tee *t = ctx;

	for (unsigned int i = 0; i < t->nr; i++)
		sink_event(&t->to[i], ev);
}

static void tee_counter(void *ctx, __u64 time_ns, __u32 cpu, unsigned int c, __u64 delta)
{
	const struct tee *t = ctx;

	for (unsigned int i = 0; i < t->nr; i++)
		sink_counter(&t->to[i], time_ns, cpu, c, delta);
}

static void tee_process(void *ctx, __u64 time_ns, struct process_id id, const char comm[KVAS_COMM_LEN],
			unsigned int counter, __u64 delta)
{
	const struct tee *t = ctx;

	for (unsigned int i = 0; i < t->nr; i++)
		sink_process(&t->to[i], time_ns, id, comm, counter, delta);
}

static int tee_interval(void *ctx, __u64 time_ns, __u64 length_ns, struct err *e)
{
	const struct tee *t = ctx;
	int end = 0, ret;

	for (unsigned int i = 0; i < t->nr; i++) {
		ret = sink_interval(&t->to[i], time_ns, length_ns, e);
		if (ret < 0)
			return ret;
		end |= ret;
	}
	return end;
}

static void tee_tick(void *ctx)
{
	const struct tee *t = ctx;

	for (unsigned int i = 0; i < t->nr; i++)
		sink_tick(&t->to[i]);
}

struct sink sink_tee(struct tee *t)
{
	return (struct sink){ t, tee_event, tee_counter, tee_process, tee_interval, tee_tick };
}
