/* SPDX-License-Identifier: GPL-2.0 */
/* What tracer_open.c makes and tracer.c runs; no one else's. */
#ifndef KVAS_TRACER_IMPL_H
#define KVAS_TRACER_IMPL_H

#include "agg/tasks.h"
#include "trace/child.h"
#include "trace/control.h"
#include "trace/followed.h"
#include "trace/memory.h"
#include "trace/plan.h"
#include "trace/self.h"
#include "trace/tracer.h"

struct features;
struct reader;
struct sampler;
struct session;
struct start_areas;
struct symbols_later;

struct tracer {
	const struct run_opts *opts;
	struct meta *meta;
	struct features *features; /* NULL once all is attached */
	struct reader *reader;
	struct plan plan;
	struct session *session;
	struct sampler *sampler; /* NULL: meta says why */
	struct symbols_later *symbols; /* of the kernel; NULL: nothing needs them */
	struct memory_sums *memory; /* NULL: not asked for */
	struct start_areas *start_areas; /* until they are told; NULL: meta says why */
	__u64 *sampled_lost; /* by CPU, at the end of the last interval */
	struct tasks *tasks;
	struct child child;
	struct control control;
	struct followed followed;
	enum { WINDOW_WAITS, WINDOW_OPEN, WINDOW_SHUT } window;
	const struct sink *sink;
	struct kvas_cpu *last; /* counters at the end of the last interval */
	__u64 interval_ns; /* when the current interval began */
	struct self self;
	bool passed; /* a signal on to the command */
};

#endif
